/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "control/feed/spool.h"
#include "tests/unit/harness.h"

#define MAX_GOT (SPOOL_MAX_FILES + 8)

static char folder[] = "/tmp/roja-spool-XXXXXX";
static struct spool *spool;
static struct spool_seen seen;
static struct spool_file got[MAX_GOT];
static unsigned n_got;
static struct err why;

static const char *at(const char *name)
{
	static char paths[4][512];
	static unsigned i;
	snprintf(paths[i = (i + 1) % 4], sizeof(*paths), "%s/%s", folder, name);
	return paths[i];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

static bool holds(const char *name, const char *text)
{
	char bytes[256] = "";
	FILE *f = fopen(at(name), "r");
	if (!f)
		return false;
	bytes[fread(bytes, 1, sizeof(bytes) - 1, f)] = 0;
	fclose(f);
	return !strcmp(bytes, text);
}

static bool is_there(const char *name)
{
	struct stat st;
	return !lstat(at(name), &st);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void begin(const struct spool_options *options)
{
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	CU_ASSERT_EQUAL_FATAL(spool_new(folder, options, &spool, &why), 0);
}

static void end(void)
{
	spool_free(spool);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void keep(void *ctx, const struct spool_file *f)
{
	(void)ctx;
	got[n_got++ % MAX_GOT] = *f;
}

/* Seconds from now on; returns how many are offered. */
static unsigned scan(int64_t later_s)
{
	n_got = 0;
	CU_ASSERT_EQUAL(spool_scan(spool, (int64_t)time(NULL) + later_s, keep, NULL, &seen, &why), 0);
	CU_ASSERT_EQUAL(seen.offered, n_got);
	return n_got;
}

static int take(const struct spool_file *f, char *text, char *signature)
{
	uint8_t *sig = NULL;
	size_t n = 0;
	int fd = -1;
	int r = spool_take(spool, f, NULL, 100, NULL, &fd, &sig, &n, &why);
	text[r ? 0 : read(fd, text, 100)] = 0;
	if (sig)
		memcpy(signature, sig, n);
	signature[n] = 0;
	free(sig);
	if (fd >= 0)
		close(fd);
	return r;
}

static void test_spool_offers_what_has_settled(void)
{
	begin(&(struct spool_options){.settle_s = 60});
	put("list.txt", "a.test\n");
	CU_ASSERT_EQUAL(scan(0), 0);
	CU_ASSERT_EQUAL(seen.waiting, 1);
	CU_ASSERT_EQUAL(scan(58), 0);
	CU_ASSERT_EQUAL(scan(62), 1);
	CU_ASSERT_EQUAL(seen.waiting, 0);
	CU_ASSERT_STRING_EQUAL(got[0].name, "list.txt");
	CU_ASSERT_EQUAL(got[0].file.bytes, 7);
	CU_ASSERT_FALSE(got[0].has_signature);
	CU_ASSERT_EQUAL(scan(62), 1); /* until it is done */
	end();
}

static void test_spool_offers_at_once_what_was_renamed(void)
{
	begin(&(struct spool_options){.settle_s = 60});
	struct pollfd p = {.fd = spool_fd(spool), .events = POLLIN};
	CU_ASSERT(p.fd >= 0);
	CU_ASSERT_EQUAL(poll(&p, 1, 0), 0);
	put(".list.part", "a.test\n");
	CU_ASSERT_EQUAL(scan(0), 0);
	CU_ASSERT_EQUAL(seen.waiting, 0);
	CU_ASSERT_EQUAL(rename(at(".list.part"), at("list.txt")), 0);
	CU_ASSERT_EQUAL(poll(&p, 1, 0), 1);
	CU_ASSERT_EQUAL(scan(0), 1);
	CU_ASSERT_EQUAL(poll(&p, 1, 0), 0);
	CU_ASSERT_EQUAL(scan(0), 1);
	put("list.txt", "a.test\nb.test\n"); /* from now on it is one that is written */
	CU_ASSERT_EQUAL(scan(0), 0);
	CU_ASSERT_EQUAL(scan(62), 1);
	end();
}

static void test_spool_waits_for_the_signature(void)
{
	begin(&(struct spool_options){.settle_s = 10, .signature_wait_s = 100});
	put("list.txt", "a.test\n");
	CU_ASSERT_EQUAL(scan(50), 0);
	CU_ASSERT_EQUAL(seen.waiting, 1);
	CU_ASSERT_EQUAL(scan(102), 1);
	CU_ASSERT_FALSE(got[0].has_signature);
	put("list.txt.p7s", "sig");
	CU_ASSERT_EQUAL(scan(8), 0); /* it has not settled either */
	CU_ASSERT_EQUAL(scan(50), 1);
	CU_ASSERT(got[0].has_signature);
	CU_ASSERT_EQUAL(got[0].signature.bytes, 3);
	put("other.txt.p7s", "sig");
	put("x.p7s.p7s", "sig");
	CU_ASSERT_EQUAL(scan(50), 1);
	CU_ASSERT_EQUAL(seen.signatures, 2);
	end();
}

static void test_spool_offers_only_regular_files_of_good_names(void)
{
	char longest[SPOOL_MAX_NAME + 8];
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	begin(&(struct spool_options){0});
	put("good.txt", "a.test\n");
	put(".hidden", "a.test\n");
	put("bad\nname", "a.test\n");
	put("bad\xff", "a.test\n");
	memset(longest, 'x', sizeof(longest));
	longest[SPOOL_MAX_NAME + 1] = 0;
	put(longest, "a.test\n");
	longest[SPOOL_MAX_NAME] = 0;
	put(longest, "a.test\n");
	CU_ASSERT_EQUAL(symlink("good.txt", at("link")), 0);
	CU_ASSERT_EQUAL(symlink("/etc/passwd", at("outside")), 0);
	CU_ASSERT_EQUAL(mkfifo(at("fifo"), 0600), 0);
	CU_ASSERT_EQUAL(mkdir(at("folder"), 0700), 0);
	put("hard", "a.test\n");
	CU_ASSERT_EQUAL(link(at("hard"), at(".other")), 0);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", at("socket"));
	CU_ASSERT_EQUAL(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	close(s);
	CU_ASSERT_EQUAL(scan(0), 2);
	CU_ASSERT_EQUAL(seen.bad_names, 3);
	CU_ASSERT_EQUAL(seen.not_regular, 5);
	CU_ASSERT_EQUAL(seen.waiting, 0);
	for (unsigned i = 0; i < n_got; i++)
		CU_ASSERT(!strcmp(got[i].name, "good.txt") || !strcmp(got[i].name, longest));
	/* a link is no signature */
	CU_ASSERT_EQUAL(symlink("good.txt", at("good.txt.p7s")), 0);
	CU_ASSERT_EQUAL(scan(0), 2);
	CU_ASSERT_EQUAL(seen.not_regular, 6);
	CU_ASSERT(!got[0].has_signature && !got[1].has_signature);
	end();
}

static void test_spool_offers_the_oldest_first_and_the_rest_later(void)
{
	char name[32];
	begin(&(struct spool_options){0});
	for (unsigned i = 0; i < SPOOL_MAX_FILES + 3; i++) {
		snprintf(name, sizeof(name), "list%u", i);
		put(name, "a.test\n");
	}
	CU_ASSERT_EQUAL(scan(0), SPOOL_MAX_FILES);
	CU_ASSERT_EQUAL(seen.waiting, 3);
	for (unsigned i = 1; i < n_got; i++)
		CU_ASSERT(got[i - 1].file.changed_ns <= got[i].file.changed_ns);
	for (unsigned i = 0; i < SPOOL_MAX_FILES; i++)
		CU_ASSERT_EQUAL(spool_done(spool, &got[i], &why), 0);
	CU_ASSERT_EQUAL(scan(0), 3);
	CU_ASSERT_EQUAL(seen.waiting, 0);
	end();
}

static void test_spool_takes_what_was_seen_and_nothing_else(void)
{
	char text[128], sig[128];
	struct spool_file f;
	begin(&(struct spool_options){0});
	put("list.txt", "a.test\n");
	put("list.txt.p7s", "sig");
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	f = got[0];
	CU_ASSERT_EQUAL(take(&f, text, sig), 0);
	CU_ASSERT_STRING_EQUAL(text, "a.test\n");
	CU_ASSERT_STRING_EQUAL(sig, "sig");
	put("list.txt", "a.test\nb.test\n");
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	CU_ASSERT_EQUAL(spool_done(spool, &f, &why), -ESTALE);
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	f = got[0];
	put("list.txt.p7s", "another");
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	unlink(at("list.txt.p7s"));
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	f = got[0];
	CU_ASSERT_EQUAL(take(&f, text, sig), 0);
	CU_ASSERT_STRING_EQUAL(sig, "");
	put("list.txt.p7s", "late");
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	unlink(at("list.txt.p7s"));
	unlink(at("list.txt"));
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	CU_ASSERT_EQUAL(symlink("/etc/passwd", at("list.txt")), 0);
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE);
	unlink(at("list.txt"));
	CU_ASSERT_EQUAL(mkfifo(at("list.txt"), 0600), 0);
	CU_ASSERT_EQUAL(take(&f, text, sig), -ESTALE); /* and does not wait */
	CU_ASSERT_EQUAL(spool_refuse(spool, &f, "x", &why), -ESTALE);
	CU_ASSERT_FALSE(is_there("refused/list.txt.why"));
	end();
}

static void test_spool_takes_no_more_than_the_limits(void)
{
	char text[128], sig[128], big[102];
	begin(&(struct spool_options){0});
	memset(big, 'x', sizeof(big));
	big[101] = 0;
	put("list.txt", big);
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	CU_ASSERT_EQUAL(take(&got[0], text, sig), -EFBIG);
	put("list.txt", big + 1);
	put("list.txt.p7s", "");
	CU_ASSERT_EQUAL(truncate(at("list.txt.p7s"), 1024 * 1024 + 1), 0);
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	CU_ASSERT_EQUAL(take(&got[0], text, sig), -EFBIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "list.txt.p7s"));
	atomic_bool cancel = true;
	uint8_t *bytes;
	size_t n;
	int fd;
	CU_ASSERT_EQUAL(spool_take(spool, &got[0], NULL, 100, &cancel, &fd, &bytes, &n, &why), -ECANCELED);
	end();
}

static void test_spool_puts_away_what_is_done(void)
{
	begin(&(struct spool_options){0});
	static const char *const wanted[] = {"done/list.txt", "done/list.txt.2", "done/list.txt.3"};
	static const char *const sigs[] = {"done/list.txt.p7s", "done/list.txt.2.p7s", "done/list.txt.3.p7s"};
	for (unsigned i = 0; i < 3; i++) {
		char text[32], sig[32];
		snprintf(text, sizeof(text), "list %u", i);
		snprintf(sig, sizeof(sig), "signature %u", i);
		put("list.txt", text);
		put("list.txt.p7s", sig);
		CU_ASSERT_EQUAL_FATAL(scan(0), 1);
		CU_ASSERT_EQUAL(spool_done(spool, &got[0], &why), 0);
		CU_ASSERT(holds(wanted[i], text));
		CU_ASSERT(holds(sigs[i], sig));
		CU_ASSERT(!is_there("list.txt") && !is_there("list.txt.p7s"));
		CU_ASSERT_EQUAL(scan(0), 0);
	}
	end();
}

static void test_spool_removes_what_is_done_where_it_is_told_to(void)
{
	begin(&(struct spool_options){.remove_done = true});
	put("list.txt", "a.test\n");
	put("list.txt.p7s", "sig");
	put("done/list.txt", "an older one");
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	CU_ASSERT_EQUAL(spool_done(spool, &got[0], &why), 0);
	CU_ASSERT(!is_there("list.txt") && !is_there("list.txt.p7s"));
	CU_ASSERT(!is_there("done/list.txt.2") && !is_there("done/list.txt.2.p7s"));
	CU_ASSERT(holds("done/list.txt", "an older one"));
	end();
}

static void test_spool_says_why_it_refused(void)
{
	begin(&(struct spool_options){.remove_done = true});
	put("list.txt", "a.test\n");
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	CU_ASSERT_EQUAL(spool_refuse(spool, &got[0], "It is empty.", &why), 0);
	CU_ASSERT(holds("refused/list.txt", "a.test\n") && holds("refused/list.txt.why", "It is empty.\n"));
	CU_ASSERT_FALSE(is_there("list.txt"));
	put("list.txt", "b.test\n");
	put("list.txt.p7s", "sig");
	CU_ASSERT_EQUAL_FATAL(scan(0), 1);
	CU_ASSERT_EQUAL(spool_refuse(spool, &got[0], "Again.", &why), 0);
	CU_ASSERT(holds("refused/list.txt.2", "b.test\n") && holds("refused/list.txt.2.p7s", "sig"));
	CU_ASSERT(holds("refused/list.txt.2.why", "Again.\n"));
	CU_ASSERT(holds("refused/list.txt", "a.test\n"));
	end();
}

static void test_spool_never_leaves_its_folder(void)
{
	struct spool *s;
	struct spool_options o = {0};
	begin(&o);
	CU_ASSERT_EQUAL(spool_new(at("none"), &o, &s, &why), -ENOENT);
	put("file", "");
	CU_ASSERT_EQUAL(spool_new(at("file"), &o, &s, &why), -ENOTDIR);
	CU_ASSERT_EQUAL(mkdir(at("inner"), 0700), 0);
	CU_ASSERT_EQUAL(symlink("/tmp", at("inner/done")), 0);
	CU_ASSERT(spool_new(at("inner"), &o, &s, &why) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "inner/done: must be a folder, not a link"));
	end();
}

static const struct test tests[] = {
    TEST(test_spool_offers_what_has_settled),
    TEST(test_spool_offers_at_once_what_was_renamed),
    TEST(test_spool_waits_for_the_signature),
    TEST(test_spool_offers_only_regular_files_of_good_names),
    TEST(test_spool_offers_the_oldest_first_and_the_rest_later),
    TEST(test_spool_takes_what_was_seen_and_nothing_else),
    TEST(test_spool_takes_no_more_than_the_limits),
    TEST(test_spool_puts_away_what_is_done),
    TEST(test_spool_removes_what_is_done_where_it_is_told_to),
    TEST(test_spool_says_why_it_refused),
    TEST(test_spool_never_leaves_its_folder),
};
HARNESS_MAIN("spool", tests)
