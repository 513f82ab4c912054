/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "rules/seal_crypt.h"
#include "tests/unit/seal_fixture.h"

#define HEAD   sizeof(struct seal_head)
#define SEALED (SEAL_CHUNK + SEAL_TAG)

static uint8_t plain[3 * SEAL_CHUNK + 100];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 2654435761u >> 13);
}

static void write_sealed(const char *path, const struct seal_key *k, size_t n, size_t step)
{
	struct seal_writer *w;
	struct err e = {""};
	CU_ASSERT_EQUAL_FATAL(seal_create(path, k, &w, &e), 0);
	for (size_t at = 0; at < n; at += step)
		CU_ASSERT_EQUAL_FATAL(seal_write(w, plain + at, n - at < step ? n - at : step, &e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_commit(w, &e), 0);
}

/* 0 and *ret_n bytes that are those of plain, or the error. */
static int read_sealed(const char *path, const struct seal_key *k, size_t *ret_n, struct err *e)
{
	static uint8_t got[sizeof(plain) + 1];
	struct seal_reader *r;
	size_t at = 0;
	ssize_t n;
	int err = seal_open(path, k, &r, e);
	if (err)
		return err;
	while ((n = seal_read(r, got + at, sizeof(got) - at < 40000 ? sizeof(got) - at : 40000, e)) > 0)
		at += (size_t)n;
	if (n < 0) /* what failed never comes to an end */
		CU_ASSERT(seal_read(r, got, 1, NULL) < 0);
	CU_ASSERT(n < 0 || at == seal_plain_bytes(r));
	CU_ASSERT(!memcmp(got, plain, at));
	seal_close(r);
	*ret_n = at;
	return (int)n;
}

static void test_seal_what_was_written_is_read(void)
{
	static const size_t sizes[] = {0,
				       1,
				       15,
				       SEAL_CHUNK - 1,
				       SEAL_CHUNK,
				       SEAL_CHUNK + 1,
				       2 * SEAL_CHUNK - 1,
				       2 * SEAL_CHUNK,
				       2 * SEAL_CHUNK + 1,
				       sizeof(plain)};
	static const size_t steps[] = {777, SEAL_CHUNK, sizeof(plain)};
	const struct seal_key k = key_of(1);
	struct folder f;
	folder_open(&f);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (unsigned s = 0; s < 3; s++) {
			struct stat st;
			struct err e = {""};
			size_t n = SIZE_MAX, chunks = sizes[i] ? (sizes[i] + SEAL_CHUNK - 1) / SEAL_CHUNK : 1;
			write_sealed(f.file, &k, sizes[i], steps[s]);
			CU_ASSERT_EQUAL(read_sealed(f.file, &k, &n, &e), 0);
			CU_ASSERT_EQUAL(n, sizes[i]);
			CU_ASSERT_EQUAL_FATAL(stat(f.file, &st), 0);
			CU_ASSERT_EQUAL((size_t)st.st_size, HEAD + sizes[i] + chunks * SEAL_TAG);
			CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
			CU_ASSERT_EQUAL(folder_files(f.path), 1);
		}
	folder_close(&f);
}

static void test_seal_nothing_of_the_text_is_in_the_file(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	size_t n, again_n;
	folder_open(&f);
	write_sealed(f.file, &k, 1000, 1000);
	uint8_t *p = get_file(f.file, &n);
	for (size_t i = 0; i + 8 <= 1000; i++)
		CU_ASSERT_PTR_NULL(memmem(p, n, plain + i, 8));
	write_sealed(f.file, &k, 1000, 1000);
	uint8_t *again = get_file(f.file, &again_n);
	CU_ASSERT(n == again_n && memcmp(p + HEAD, again + HEAD, n - HEAD));
	free(p);
	free(again);
	folder_close(&f);
}

static void expect(const struct folder *f, const uint8_t *p, size_t n, const struct seal_key *k, int want)
{
	struct err e = {""};
	size_t got;
	put_file(f->file, p, n);
	int err = read_sealed(f->file, k, &got, &e);
	if (err != want)
		printf("# %zu bytes: %d, not %d (%s)\n", n, err, want, e.text);
	CU_ASSERT_EQUAL(err, want);
	if (want)
		CU_ASSERT_PTR_NOT_NULL(strstr(e.text, f->file));
}

static void test_seal_a_cut_file_is_refused(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	size_t n;
	folder_open(&f);
	write_sealed(f.file, &k, sizeof(plain), 1 << 20);
	uint8_t *p = get_file(f.file, &n);
	static const size_t chunks[] = {HEAD, HEAD + SEALED, HEAD + 2 * SEALED, HEAD + 3 * SEALED};
	for (unsigned i = 0; i < 4; i++)
		for (int d = -17; d <= 17; d++)
			if (chunks[i] + (size_t)d < n)
				expect(&f, p, chunks[i] + (size_t)d, &k, -EBADMSG);
	for (size_t i = 0; i < HEAD; i++)
		expect(&f, p, i, &k, i < 8 ? -EPROTO : -EBADMSG);
	expect(&f, p, n - 1, &k, -EBADMSG);
	expect(&f, p, n, &k, 0);
	free(p);
	write_sealed(f.file, &k, 2 * SEAL_CHUNK, 1 << 20); /* all its chunks are full */
	p = get_file(f.file, &n);
	expect(&f, p, HEAD + SEALED, &k, -EBADMSG);
	free(p);
	folder_close(&f);
}

static void test_seal_a_changed_file_is_refused(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	size_t n;
	folder_open(&f);
	write_sealed(f.file, &k, sizeof(plain), 1 << 20);
	uint8_t *p = get_file(f.file, &n);
	for (size_t i = 0; i < n; i += i < HEAD + 20 || n - i < 40 ? 1 : 4093) {
		const int want = i < 8	  ? -EPROTO
				 : i < 16 ? -EPROTONOSUPPORT
				 : i < 24 ? -EKEYREJECTED
					  : -EBADMSG;
		p[i] ^= 0x10;
		expect(&f, p, n, &k, want);
		p[i] ^= 0x10;
	}
	p = realloc(p, n + 100);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p + n, 0, 100);
	for (unsigned more = 1; more < 100; more += 7)
		expect(&f, p, n + more, &k, -EBADMSG);
	free(p);
	folder_close(&f);
}

static void swap(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t t = a[i];
		a[i] = b[i];
		b[i] = t;
	}
}

static void test_seal_chunks_stay_in_their_place_and_file(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	size_t n, other_n;
	folder_open(&f);
	write_sealed(f.file, &k, sizeof(plain), 1 << 20);
	uint8_t *p = get_file(f.file, &n);
	swap(p + HEAD, p + HEAD + SEALED, SEALED);
	expect(&f, p, n, &k, -EBADMSG);
	swap(p + HEAD, p + HEAD + SEALED, SEALED);
	memmove(p + HEAD + SEALED, p + HEAD + 2 * SEALED, n - HEAD - 2 * SEALED); /* one is left out */
	expect(&f, p, n - SEALED, &k, -EBADMSG);
	write_sealed(f.file, &k, sizeof(plain), 1 << 20);
	uint8_t *other = get_file(f.file, &other_n);
	memcpy(p, other, HEAD + SEALED);
	memcpy(other + HEAD + SEALED, p + HEAD + SEALED, SEALED); /* another file's, in the same place */
	expect(&f, other, other_n, &k, -EBADMSG);
	free(p);
	free(other);
	folder_close(&f);
}

static void test_seal_another_key_is_said(void)
{
	const struct seal_key k = key_of(1), other = key_of(2);
	struct seal_key disguised = key_of(2);
	struct folder f;
	struct err e;
	size_t n;
	folder_open(&f);
	write_sealed(f.file, &k, 100, 100);
	CU_ASSERT_EQUAL(read_sealed(f.file, &other, &n, &e), -EKEYREJECTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "another key"));
	memcpy(disguised.id, k.id, sizeof(k.id));
	CU_ASSERT_EQUAL(read_sealed(f.file, &disguised, &n, &e), -EBADMSG);
	put_file(f.file, "name.test\n", 10);
	CU_ASSERT_EQUAL(read_sealed(f.file, &k, &n, &e), -EPROTO);
	unlink(f.file);
	CU_ASSERT_EQUAL(read_sealed(f.file, &k, &n, &e), -ENOENT);
	CU_ASSERT_EQUAL(read_sealed(f.path, &k, &n, &e), -EISDIR);
	folder_close(&f);
}

static void test_seal_abort_leaves_what_was_there(void)
{
	const struct seal_key k = key_of(1);
	struct seal_writer *w;
	struct folder f;
	struct err e;
	size_t n = 0;
	folder_open(&f);
	CU_ASSERT_EQUAL_FATAL(seal_create(f.file, &k, &w, &e), 0);
	CU_ASSERT_EQUAL(seal_write(w, plain, sizeof(plain), &e), 0);
	seal_abort(w);
	CU_ASSERT_EQUAL(folder_files(f.path), 0);
	write_sealed(f.file, &k, 10, 10);
	CU_ASSERT_EQUAL_FATAL(seal_create(f.file, &k, &w, &e), 0);
	seal_abort(w);
	CU_ASSERT_EQUAL(read_sealed(f.file, &k, &n, &e), 0);
	CU_ASSERT(n == 10 && folder_files(f.path) == 1);
	seal_abort(NULL);
	folder_close(&f);
}

/* A disk that is full, at each chunk: nothing new is there, and a caller who goes on regardless commits nothing. */
static void test_seal_a_failed_write_commits_nothing(void)
{
	const struct seal_key k = key_of(1);
	struct rlimit old, small;
	struct folder f;
	struct err e;
	size_t n = 0;
	folder_open(&f);
	write_sealed(f.file, &k, 10, 10);
	signal(SIGXFSZ, SIG_IGN);
	CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (unsigned chunks = 0; chunks < 4; chunks++) {
		struct seal_writer *w;
		small = old;
		small.rlim_cur = HEAD + chunks * SEALED + 50;
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
		CU_ASSERT_EQUAL_FATAL(seal_create(f.file, &k, &w, &e), 0);
		int err = seal_write(w, plain, sizeof(plain), &e);
		CU_ASSERT_EQUAL(err, chunks < 3 ? -EFBIG : 0);
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, chunks < 3 ? &old : &small), 0);
		CU_ASSERT_EQUAL(seal_commit(w, &e), -EFBIG);
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
		CU_ASSERT_EQUAL(folder_files(f.path), 1);
	}
	CU_ASSERT_EQUAL(read_sealed(f.file, &k, &n, &e), 0);
	CU_ASSERT_EQUAL(n, 10);
	signal(SIGXFSZ, SIG_DFL);
	folder_close(&f);
}

static void test_seal_a_number_is_kept_and_guarded(void)
{
	const struct seal_key k = key_of(1);
	struct seal_writer *w;
	struct seal_reader *r;
	struct folder f;
	struct err e;
	size_t n;
	folder_open(&f);
	CU_ASSERT_EQUAL_FATAL(seal_create_numbered(f.file, &k, 0x123456789abull, &w, &e), 0);
	CU_ASSERT_EQUAL(seal_commit_mode(w, 0640, &e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_open(f.file, &k, &r, &e), 0);
	CU_ASSERT_EQUAL(seal_number(r), 0x123456789abull);
	CU_ASSERT_EQUAL(seal_plain_bytes(r), 0);
	seal_close(r);
	uint8_t *p = get_file(f.file, &n);
	p[HEAD - 8] ^= 1;
	expect(&f, p, n, &k, -EBADMSG);
	free(p);
	folder_close(&f);
}

static void test_seal_texts_follow_the_published_vectors(void)
{
	static const struct {
		uint8_t key;
		const char *aad, *sealed;
	} rows[] = {{1, "", "ce546ef63c9cc60765923609 b33a9a1974e96e52daf2fcf7075e2271"},
		    {3,
		     "c2sp"
		     ".org/XAES-256-GCM",
		     "986ec1832593df5443a17943 7fd083bf3fdb41abd740a21f71eb769d"}};
	for (unsigned i = 0; i < 2; i++) {
		const struct seal_key k = key_of(rows[i].key);
		uint8_t text[12 + SEAL_TAG] = "XAES-256-GCM", want[sizeof(text)];
		CU_ASSERT_EQUAL_FATAL(unhex(rows[i].sealed, want, sizeof(want)), sizeof(want));
		CU_ASSERT_EQUAL(seal_xaes(k.bytes, (const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWX", rows[i].aad,
					  strlen(rows[i].aad), text, 12, text + 12, true),
				0);
		CU_ASSERT(!memcmp(text, want, sizeof(want)));
		CU_ASSERT_EQUAL(seal_xaes(k.bytes, (const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWX", rows[i].aad,
					  strlen(rows[i].aad), text, 12, text + 12, false),
				0);
		CU_ASSERT(!memcmp(text, "XAES-256-GCM", 12));
	}
}

static void test_seal_texts_are_bound_to_key_and_context(void)
{
	const struct seal_key k = key_of(1), other = key_of(2);
	struct err e;
	for (size_t len = 0; len < 70; len += 23) {
		uint8_t *sealed, *again, *back = NULL;
		size_t n, back_n = 99, again_n;
		CU_ASSERT_EQUAL_FATAL(seal_text(&k, "hits.subject", plain, len, &sealed, &n, &e), 0);
		CU_ASSERT_EQUAL_FATAL(seal_text(&k, "hits.subject", plain, len, &again, &again_n, &e), 0);
		CU_ASSERT(n == again_n && memcmp(sealed, again, n));
		uint8_t *g = guarded(sealed, n);
		CU_ASSERT_EQUAL_FATAL(unseal_text(&k, "hits.subject", g, n, &back, &back_n, &e), 0);
		CU_ASSERT(back_n == len && !memcmp(back, plain, len));
		free(back);
		CU_ASSERT_EQUAL(unseal_text(&other, "hits.subject", g, n, &back, &back_n, &e), -EBADMSG);
		CU_ASSERT_EQUAL(unseal_text(&k, "hits.port", g, n, &back, &back_n, &e), -EBADMSG);
		for (size_t i = 0; i < n; i++) {
			CU_ASSERT_EQUAL(unseal_text(&k, "hits.subject", sealed, i, &back, &back_n, &e),
					-EBADMSG);
			g[i] ^= 1;
			CU_ASSERT_EQUAL(unseal_text(&k, "hits.subject", g, n, &back, &back_n, &e), -EBADMSG);
			g[i] ^= 1;
		}
		guarded_free(g, n);
		free(sealed);
		free(again);
	}
}

static void test_seal_keys_are_made_and_read(void)
{
	static const struct {
		size_t n;
		mode_t mode;
		int want;
	} rows[] = {{32, 0600, 0},	 {64, 0600, 0},	      {65, 0640, 0},	   {65, 0400, 0},
		    {65, 0644, -EPERM},	 {65, 0660, -EPERM},  {65, 0604, -EPERM},  {31, 0600, -EINVAL},
		    {33, 0600, -EINVAL}, {63, 0600, -EINVAL}, {66, 0600, -EINVAL}, {0, 0600, -EINVAL}};
	struct seal_key made, k;
	struct folder f;
	struct err e;
	size_t n;
	folder_open(&f);
	CU_ASSERT_EQUAL_FATAL(seal_key_make(f.file, &e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_key_load(f.file, &made, &e), 0);
	CU_ASSERT_EQUAL(seal_key_make(f.file, &e), -EEXIST);
	uint8_t *text = get_file(f.file, &n);
	CU_ASSERT(n == 65 && text[64] == '\n');
	text = realloc(text, 66);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	text[65] = '\n';
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put_file(f.file, rows[i].n == 32 ? made.bytes : text, rows[i].n);
		CU_ASSERT_EQUAL(chmod(f.file, rows[i].mode), 0);
		memset(&k, 0xaa, sizeof(k));
		CU_ASSERT_EQUAL(seal_key_load(f.file, &k, &e), rows[i].want);
		CU_ASSERT(rows[i].want ? strstr(e.text, f.file) != NULL : !memcmp(&k, &made, sizeof(k)));
		unlink(f.file);
	}
	text[5] = 'g';
	put_file(f.file, text, 65);
	chmod(f.file, 0600);
	CU_ASSERT_EQUAL(seal_key_load(f.file, &k, &e), -EINVAL);
	CU_ASSERT_EQUAL(seal_key_load(f.path, &k, &e), -EISDIR);
	free(text);
	folder_close(&f);
}

static void test_seal_a_key_comes_from_its_file_or_the_credential(void)
{
	struct seal_key *k = NULL, want;
	char credential[80];
	struct folder f;
	struct err e;
	folder_open(&f);
	unsetenv("CREDENTIALS_DIRECTORY");
	CU_ASSERT(!seal_key_find("", &k, &e) && !k);
	setenv("CREDENTIALS_DIRECTORY", f.path, 1);
	CU_ASSERT(!seal_key_find("", &k, &e) && !k);
	snprintf(credential, sizeof(credential), "%s/" SEAL_CREDENTIAL, f.path);
	CU_ASSERT(!seal_key_make(credential, &e) && !seal_key_make(f.file, &e));
	CU_ASSERT_FATAL(!seal_key_find("", &k, &e) && k);
	CU_ASSERT(!seal_key_load(credential, &want, &e) && !memcmp(k, &want, sizeof(want)));
	seal_key_free(k);
	CU_ASSERT_FATAL(!seal_key_find(f.file, &k, &e) && k);
	CU_ASSERT(!seal_key_load(f.file, &want, &e) && !memcmp(k, &want, sizeof(want)));
	seal_key_free(k);
	chmod(credential, 0644);
	CU_ASSERT(seal_key_find("", &k, &e) == -EPERM && !k);
	unsetenv("CREDENTIALS_DIRECTORY");
	folder_close(&f);
}

static const struct test tests[] = {
    TEST(test_seal_what_was_written_is_read),
    TEST(test_seal_nothing_of_the_text_is_in_the_file),
    TEST(test_seal_a_cut_file_is_refused),
    TEST(test_seal_a_changed_file_is_refused),
    TEST(test_seal_chunks_stay_in_their_place_and_file),
    TEST(test_seal_another_key_is_said),
    TEST(test_seal_abort_leaves_what_was_there),
    TEST(test_seal_a_failed_write_commits_nothing),
    TEST(test_seal_a_number_is_kept_and_guarded),
    TEST(test_seal_texts_follow_the_published_vectors),
    TEST(test_seal_texts_are_bound_to_key_and_context),
    TEST(test_seal_keys_are_made_and_read),
    TEST(test_seal_a_key_comes_from_its_file_or_the_credential),
};

int main(void)
{
	fill();
	return harness_run("seal", tests, sizeof(tests) / sizeof(*tests));
}
