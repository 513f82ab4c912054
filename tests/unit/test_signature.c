/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/feed/signature.h"
#include "tests/unit/harness.h"
#include "tests/unit/signature_fixture.h"

#define CA_BASIC "critical,CA:TRUE"
#define CA_USAGE "critical,keyCertSign,cRLSign"

static struct party own, other, root, issued, middle, below;

static struct signature_result result;
static struct err why;

static enum signature_verdict check_bytes(const uint8_t *p, size_t n, const char *content,
					  const struct signature_policy *wanted)
{
	struct signature_policy policy = wanted ? *wanted : (struct signature_policy){0};
	if (!policy.trusted)
		policy.trusted = fixture_pem("own.pem", (const struct party *const[]){&own}, 1);
	if (!policy.now_s)
		policy.now_s = FIXTURE_NOW;
	int fd = fixture_content(content);
	lseek(fd, 3, SEEK_SET);
	why.text[0] = 0;
	uint8_t *g = guarded(p, n);
	int r = signature_check(fd, "list.txt", g, n, &policy, &result, &why);
	guarded_free(g, n);
	CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_CUR), 3);
	close(fd);
	CU_ASSERT_EQUAL(r == 0, result.verdict == SIGNATURE_GOOD);
	CU_ASSERT_EQUAL(*why.text != 0, r != 0);
	if (result.verdict == SIGNATURE_POLICY)
		CU_ASSERT_EQUAL(r, -EINVAL)
	else if (r)
		CU_ASSERT_EQUAL(r, -EBADMSG);
	return result.verdict;
}

static enum signature_verdict check(const struct sign_wish *wish, const struct signature_policy *policy)
{
	size_t n;
	uint8_t *der = fixture_der(fixture_sign(wish), &n);
	enum signature_verdict v = check_bytes(der, n, FIXTURE_LIST, policy);
	free(der);
	return v;
}

static void expect(enum signature_verdict got, enum signature_verdict wanted, const char *sentence)
{
	if (got != wanted || !strstr(why.text, sentence))
		printf("# %s, not %s: %s\n", signature_verdict_name(got), signature_verdict_name(wanted),
		       why.text);
	CU_ASSERT_EQUAL(got, wanted);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, sentence));
}

static void test_signature_of_a_pinned_signer_is_good(void)
{
	expect(check(&(struct sign_wish){.signers = {&own}}, NULL), SIGNATURE_GOOD, "");
	CU_ASSERT_STRING_EQUAL(result.signer, "Authority of Example");
	CU_ASSERT_STRING_EQUAL(result.issuer, "Authority of Example");
	CU_ASSERT_STRING_EQUAL(result.digest, "SHA256");
	CU_ASSERT_EQUAL(strlen(result.fingerprint), 64);
	CU_ASSERT_EQUAL(result.signed_s, FIXTURE_NOW);
	CU_ASSERT_EQUAL(result.valid_from_s, FIXTURE_NOW - 183 * FIXTURE_DAY);
	CU_ASSERT_EQUAL(result.valid_until_s, FIXTURE_NOW + 183 * FIXTURE_DAY);
	expect(check(&(struct sign_wish){.signers = {&own}, .md = EVP_sha512()}, NULL), SIGNATURE_GOOD, "");
	CU_ASSERT_STRING_EQUAL(result.digest, "SHA512");
	expect(check(&(struct sign_wish){.signers = {&own}, .flags = CMS_NOCERTS}, NULL), SIGNATURE_GOOD, "");
	expect(check(&(struct sign_wish){.signers = {&own}, .flags = CMS_USE_KEYID | CMS_NOSMIMECAP}, NULL),
	       SIGNATURE_GOOD, "");
}

static void test_signature_of_a_long_list_is_good_and_one_byte_matters(void)
{
	size_t len = 300 * 1000, n;
	char *list = malloc(len + 1);
	memset(list, 'x', len);
	list[len] = 0;
	struct sign_wish wish = {.signers = {&own}, .content = list};
	uint8_t *der = fixture_der(fixture_sign(&wish), &n);
	expect(check_bytes(der, n, list, NULL), SIGNATURE_GOOD, "");
	list[len - 1] = 'y';
	expect(check_bytes(der, n, list, NULL), SIGNATURE_WRONG, "it was changed after it was signed");
	list[len - 1] = 0;
	expect(check_bytes(der, n, list, NULL), SIGNATURE_WRONG, "");
	free(list);
	free(der);
}

static void test_signature_of_another_list_is_wrong(void)
{
	static const char *const rows[] = {"", "a.test\n", "a.test\nb.test", "a.test\r\nb.test\r\n",
					   "a.test\nb.test\nc.test\n"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(check(&(struct sign_wish){.signers = {&own}, .content = rows[i]}, NULL),
		       SIGNATURE_WRONG, "the signature of Authority of Example is not of this file");
}

/* Each byte of it that is changed makes it refused, or was of no matter: never of another signer or time. */
static void test_signature_with_a_changed_byte_proves_nothing_else(void)
{
	size_t n;
	struct sign_wish wish = {.signers = {&own}};
	uint8_t *der = fixture_der(fixture_sign(&wish), &n);
	unsigned refused = 0;
	for (size_t i = 0; i < n; i++) {
		der[i] ^= 1;
		if (check_bytes(der, n, FIXTURE_LIST, NULL) == SIGNATURE_GOOD) {
			CU_ASSERT_STRING_EQUAL(result.signer, "Authority of Example");
			CU_ASSERT_EQUAL(result.signed_s, FIXTURE_NOW);
		} else {
			refused++;
		}
		der[i] ^= 1;
	}
	CU_ASSERT(refused > n / 4);
	for (size_t i = 0; i < n; i++)
		CU_ASSERT_NOT_EQUAL(check_bytes(der, i, FIXTURE_LIST, NULL), SIGNATURE_GOOD);
	free(der);
}

static void test_signature_of_somebody_else_is_refused(void)
{
	struct party twin = party_make(&(struct party_wish){.name = "Authority of Example"});
	expect(check(&(struct sign_wish){.signers = {&other}}, NULL), SIGNATURE_OTHER_SIGNER,
	       "signed by Somebody Else, who may not sign for this authority");
	expect(check(&(struct sign_wish){.signers = {&twin}}, NULL), SIGNATURE_OTHER_SIGNER, "");
	struct signature_policy named = {.signer_name = "Authority of Example"};
	expect(check(&(struct sign_wish){.signers = {&twin}}, &named), SIGNATURE_OTHER_SIGNER, "");
	expect(check(&(struct sign_wish){.signers = {&own}}, &named), SIGNATURE_GOOD, "");
	named.signer_name = "Authority";
	expect(check(&(struct sign_wish){.signers = {&own}}, &named), SIGNATURE_OTHER_SIGNER, "another name");
	/* with the right certificate beside the wrong one */
	expect(check(&(struct sign_wish){.signers = {&other}, .extra = &own, .n_extra = 1}, NULL),
	       SIGNATURE_OTHER_SIGNER, "");
	party_free(&twin);
}

static void test_signature_counts_only_within_the_certificates_dates(void)
{
	struct signature_policy p = {.now_s = FIXTURE_NOW + 183 * FIXTURE_DAY};
	struct sign_wish wish = {.signers = {&own}};
	expect(check(&wish, &p), SIGNATURE_GOOD, "");
	p.now_s++;
	expect(check(&wish, &p), SIGNATURE_EXPIRED, "expired at 2026-12-01 07:46 UTC");
	p.now_s = FIXTURE_NOW - 183 * FIXTURE_DAY;
	wish.at = p.now_s;
	expect(check(&wish, &p), SIGNATURE_GOOD, "");
	p.now_s--;
	expect(check(&wish, &p), SIGNATURE_NOT_YET, "is not valid before 2025-11-30 07:46 UTC");
}

static void test_signature_must_be_strong(void)
{
	struct party rsa = party_make(&(struct party_wish){.name = "RSA", .rsa_bits = 2048});
	struct party small = party_make(&(struct party_wish){.name = "Small", .rsa_bits = 1024});
	const struct party *const all[] = {&rsa, &small, &own};
	struct signature_policy p = {.trusted = fixture_pem("strength.pem", all, 3)};
	expect(check(&(struct sign_wish){.signers = {&rsa}}, &p), SIGNATURE_GOOD, "");
	expect(check(&(struct sign_wish){.signers = {&rsa}, .flags = CMS_KEY_PARAM}, &p), SIGNATURE_GOOD, "");
	expect(check(&(struct sign_wish){.signers = {&small}}, &p), SIGNATURE_WEAK,
	       "the key of Small has 1024 bits, fewer than 2048");
	p.min_rsa_bits = 3072;
	expect(check(&(struct sign_wish){.signers = {&rsa}}, &p), SIGNATURE_WEAK, "fewer than 3072");
	expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_GOOD, "");
	expect(check(&(struct sign_wish){.signers = {&own}, .md = EVP_sha1()}, &p), SIGNATURE_WEAK,
	       "the digest sha1, which is too weak");
	expect(check(&(struct sign_wish){.signers = {&rsa}, .md = EVP_md5()}, &p), SIGNATURE_WEAK, "md5");
	expect(check(&(struct sign_wish){.signers = {&own}, .flags = CMS_NOATTR}, &p), SIGNATURE_WEAK,
	       "-noattr");
	p.min_rsa_bits = 1024;
	expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_POLICY, "too weak");
	party_free(&rsa);
	party_free(&small);
}

static void test_signature_is_one_persons_and_stands_alone(void)
{
	struct party many[SIGNATURE_MAX_CERTS];
	for (unsigned i = 0; i < SIGNATURE_MAX_CERTS; i++)
		many[i] = party_make(&(struct party_wish){.name = "One of many"});
	struct sign_wish crowd = {.signers = {&own}, .extra = many, .n_extra = SIGNATURE_MAX_CERTS - 1};
	expect(check(&(struct sign_wish){.signers = {&own, &other}}, NULL), SIGNATURE_MULTIPLE,
	       "2 people signed");
	expect(check(&(struct sign_wish){.signers = {&own}, .attached = true}, NULL), SIGNATURE_ATTACHED,
	       "a content of its own");
	expect(check(&(struct sign_wish){.extra = &own, .n_extra = 1}, NULL), SIGNATURE_UNSIGNED,
	       "certificates only");
	expect(check(&(struct sign_wish){.signers = {&other}, .flags = CMS_NOCERTS}, NULL),
	       SIGNATURE_NO_CERTIFICATE, "-nocerts");
	expect(check(&crowd, NULL), SIGNATURE_GOOD, "");
	crowd.n_extra++;
	expect(check(&crowd, NULL), SIGNATURE_NOT_CMS, "more than 32 certificates");
	for (unsigned i = 0; i < SIGNATURE_MAX_CERTS; i++)
		party_free(&many[i]);
}

static void test_signature_in_another_form_is_named(void)
{
	size_t n;
	struct sign_wish wish = {.signers = {&own}};
	uint8_t *der = fixture_der(fixture_sign(&wish), &n);
	uint8_t *more = calloc(1, SIGNATURE_MAX_BYTES + 1);
	memcpy(more, der, n);
	expect(check_bytes(more, n + 1, FIXTURE_LIST, NULL), SIGNATURE_NOT_CMS,
	       "1 bytes stand behind the signature");
	expect(check_bytes(more, SIGNATURE_MAX_BYTES + 1, FIXTURE_LIST, NULL), SIGNATURE_NOT_CMS,
	       "more than 1048576 bytes");
	expect(check_bytes(der, n - 1, FIXTURE_LIST, NULL), SIGNATURE_NOT_CMS, "cut short");
	expect(check_bytes(der, 0, FIXTURE_LIST, NULL), SIGNATURE_EMPTY, "the signature is empty");
	expect(check_bytes(der, n, "", NULL), SIGNATURE_EMPTY, "the file is empty");
	static const struct {
		const char *text, *sentence;
		enum signature_verdict v;
	} rows[] = {
	    {"MIME-Version: 1.0\nContent-Type: multipart/signed", "an S/MIME message", SIGNATURE_SMIME},
	    {"content-type: application/pkcs7-mime\n\nMIIB", "an S/MIME message", SIGNATURE_SMIME},
	    {"-----BEGIN CMS-----\nMIIB\n", "in PEM form", SIGNATURE_NOT_CMS},
	    {"-----BEGIN PGP SIGNATURE-----\n", "OpenPGP", SIGNATURE_NOT_CMS},
	    {"a.test\n", "not in the form CMS", SIGNATURE_NOT_CMS},
	    {"0", "damaged or cut short", SIGNATURE_NOT_CMS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(check_bytes((const uint8_t *)rows[i].text, strlen(rows[i].text), FIXTURE_LIST, NULL),
		       rows[i].v, rows[i].sentence);
	free(more);
	free(der);
}

static void test_signature_is_no_encrypted_message(void)
{
	size_t n;
	STACK_OF(X509) *to = sk_X509_new_null();
	sk_X509_push(to, own.cert);
	BIO *in = BIO_new_mem_buf(FIXTURE_LIST, -1);
	uint8_t *der = fixture_der(CMS_encrypt(to, in, EVP_aes_256_cbc(), CMS_BINARY), &n);
	expect(check_bytes(der, n, FIXTURE_LIST, NULL), SIGNATURE_NOT_CMS, "encrypted");
	sk_X509_free(to);
	BIO_free(in);
	free(der);
}

static void test_signature_is_not_older_than_what_is_in_use_nor_of_tomorrow(void)
{
	struct signature_policy p = {.signed_after_s = FIXTURE_NOW - 100};
	expect(check(&(struct sign_wish){.signers = {&own}, .at = FIXTURE_NOW - 100}, &p), SIGNATURE_GOOD,
	       "");
	expect(check(&(struct sign_wish){.signers = {&own}, .at = FIXTURE_NOW - 101}, &p), SIGNATURE_REPLAYED,
	       "signed before the list that is in use");
	expect(check(&(struct sign_wish){.signers = {&own}, .at = FIXTURE_NOW + SIGNATURE_CLOCK_SKEW_S}, &p),
	       SIGNATURE_GOOD, "");
	expect(
	    check(&(struct sign_wish){.signers = {&own}, .at = FIXTURE_NOW + SIGNATURE_CLOCK_SKEW_S + 1}, &p),
	    SIGNATURE_FUTURE, "set the clock");
}

static void test_signature_issued_below_an_authority_needs_the_name(void)
{
	struct signature_policy p = {.trusted =
					 fixture_pem("root.pem", (const struct party *const[]){&root}, 1),
				     .signer_name = "Lists Office"};
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_GOOD, "");
	CU_ASSERT_STRING_EQUAL(result.issuer, "Example Root");
	p.signer_name = "lists@example.com";
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_GOOD, "");
	p.signer_name = "Lists";
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_OTHER_SIGNER, "another name");
	p.signer_name = "lists@example.org";
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_OTHER_SIGNER, "");
	p.signer_name = "Somebody Else";
	expect(check(&(struct sign_wish){.signers = {&other}}, &p), SIGNATURE_OTHER_SIGNER, "");
	p.signer_name = NULL;
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_POLICY, "is an authority's");
	p.signer_name = "";
	expect(check(&(struct sign_wish){.signers = {&issued}}, &p), SIGNATURE_POLICY, "is an authority's");
}

static void test_signature_below_an_authority_needs_every_step(void)
{
	struct signature_policy p = {.trusted =
					 fixture_pem("root.pem", (const struct party *const[]){&root}, 1),
				     .signer_name = "Far Below"};
	struct sign_wish wish = {.signers = {&below}};
	expect(check(&wish, &p), SIGNATURE_OTHER_SIGNER, "unable to get local issuer");
	wish.extra = &middle, wish.n_extra = 1;
	expect(check(&wish, &p), SIGNATURE_GOOD, "");
	/* an authority without its root is trusted as it is */
	p.trusted = fixture_pem("middle.pem", (const struct party *const[]){&middle}, 1);
	wish.n_extra = 0;
	expect(check(&wish, &p), SIGNATURE_GOOD, "");
	/* one that is no authority issues nothing */
	struct party child = party_make(&(struct party_wish){.name = "Child", .above = &issued});
	p.trusted = fixture_pem("issued.pem", (const struct party *const[]){&issued}, 1);
	p.signer_name = "Child";
	expect(check(&(struct sign_wish){.signers = {&child}}, &p), SIGNATURE_OTHER_SIGNER, "");
	/* nor does an own certificate where no name is asked for, even if it could */
	struct party able = party_make(&(struct party_wish){.name = "Able", .basic = "CA:TRUE"});
	struct party forged = party_make(&(struct party_wish){.name = "Able", .above = &able});
	p.trusted = fixture_pem("able.pem", (const struct party *const[]){&able}, 1);
	p.signer_name = NULL;
	expect(check(&(struct sign_wish){.signers = {&able}}, &p), SIGNATURE_GOOD, "");
	expect(check(&(struct sign_wish){.signers = {&forged}}, &p), SIGNATURE_OTHER_SIGNER, "");
	party_free(&child);
	party_free(&able);
	party_free(&forged);
}

static void test_signature_below_an_authority_has_dates_strength_and_use_as_well(void)
{
	struct party late = party_make(&(struct party_wish){
	    .name = "Late", .above = &root, .until = FIXTURE_NOW - 1, .from = FIXTURE_NOW - FIXTURE_DAY});
	struct party early =
	    party_make(&(struct party_wish){.name = "Early", .above = &root, .from = FIXTURE_NOW + 1});
	struct party weak =
	    party_make(&(struct party_wish){.name = "Weak", .above = &root, .md = EVP_sha1()});
	struct party server =
	    party_make(&(struct party_wish){.name = "Server", .above = &root, .purpose = "serverAuth"});
	struct party cipher =
	    party_make(&(struct party_wish){.name = "Cipher", .above = &root, .usage = "keyAgreement"});
	struct party mail = party_make(&(struct party_wish){
	    .name = "Mail", .above = &root, .purpose = "emailProtection", .usage = "nonRepudiation"});
	const struct {
		struct party *who;
		enum signature_verdict v;
	} rows[] = {{&late, SIGNATURE_EXPIRED}, {&early, SIGNATURE_NOT_YET}, {&weak, SIGNATURE_WEAK},
		    {&server, SIGNATURE_USAGE}, {&cipher, SIGNATURE_USAGE},  {&mail, SIGNATURE_GOOD}};
	static const char *const names[] = {"Late", "Early", "Weak", "Server", "Cipher", "Mail"};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct signature_policy p = {
		    .trusted = fixture_pem("root.pem", (const struct party *const[]){&root}, 1),
		    .signer_name = names[i]};
		expect(check(&(struct sign_wish){.signers = {rows[i].who}}, &p), rows[i].v, "");
		p.trusted = fixture_pem("pinned.pem", (const struct party *const[]){rows[i].who}, 1);
		p.signer_name = NULL; /* pinned: who signed the certificate is of no matter */
		expect(check(&(struct sign_wish){.signers = {rows[i].who}}, &p),
		       rows[i].who == &weak ? SIGNATURE_GOOD : rows[i].v, "");
		party_free(rows[i].who);
	}
}

static void test_signature_fingerprint_names_one_certificate(void)
{
	char colons[96], upper[65];
	expect(check(&(struct sign_wish){.signers = {&own}}, NULL), SIGNATURE_GOOD, "");
	for (unsigned i = 0; i < 32; i++)
		snprintf(colons + 3 * i, 4, "%.2s%s", result.fingerprint + 2 * i, i < 31 ? ":" : "");
	for (unsigned i = 0; i < 65; i++)
		upper[i] =
		    (char)(result.fingerprint[i] >= 'a' ? result.fingerprint[i] - 32 : result.fingerprint[i]);
	struct signature_policy p = {.fingerprint = colons};
	expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_GOOD, "");
	p.fingerprint = upper;
	expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_GOOD, "");
	const struct party *const both[] = {&own, &other};
	p.trusted = fixture_pem("both.pem", both, 2);
	expect(check(&(struct sign_wish){.signers = {&other}}, &p), SIGNATURE_OTHER_SIGNER, "fingerprint");
	static const char *const bad[] = {"00", "x", "::"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		p.fingerprint = bad[i];
		expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_POLICY, "64 hexadecimal");
	}
	upper[63] = 0;
	p.fingerprint = upper;
	expect(check(&(struct sign_wish){.signers = {&own}}, &p), SIGNATURE_POLICY, "64 hexadecimal");
}

static void test_signature_policy_is_checked_alone(void)
{
	static const char damaged[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
	static const char locked[] =
	    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
	    "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nMIIBMIIBMIIBMIIBMIIBMA==\n"
	    "-----END CERTIFICATE-----\n";
	struct signature_policy p = {.trusted =
					 fixture_pem("own.pem", (const struct party *const[]){&own}, 1)};
	struct err e;
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), 0);
	p.signer_name = p.fingerprint = "";
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), 0);
	p.fingerprint = "x";
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), -EINVAL);
	p.fingerprint = NULL;
	p.signer_name = NULL;
	const struct {
		const char *file, *sentence;
	} rows[] = {
	    {NULL, "nobody could sign"},
	    {"/nowhere/at/all.pem", "No such file"},
	    {"/tmp", "no regular file"},
	    {fixture_file("none.pem", "text\n", 5), "holds no certificate"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		p.trusted = rows[i].file;
		CU_ASSERT_EQUAL(signature_check_policy(&p, &e), -EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(e.text, rows[i].sentence));
	}
	p.trusted = fixture_file("damaged.pem", damaged, sizeof(damaged) - 1);
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "certificate 1 is damaged"));
	p.trusted = fixture_file("locked.pem", locked, sizeof(locked) - 1);
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), -EINVAL);
	const struct party *all[SIGNATURE_MAX_CERTS + 1];
	for (unsigned i = 0; i <= SIGNATURE_MAX_CERTS; i++)
		all[i] = &own;
	p.trusted = fixture_pem("many.pem", all, SIGNATURE_MAX_CERTS + 1);
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), -EINVAL);
	p.trusted = fixture_pem("many.pem", all, SIGNATURE_MAX_CERTS);
	CU_ASSERT_EQUAL(signature_check_policy(&p, &e), 0);
}

static void test_signature_of_what_cannot_be_read_is_no_verdict_on_it(void)
{
	size_t n;
	struct sign_wish wish = {.signers = {&own}};
	uint8_t *der = fixture_der(fixture_sign(&wish), &n);
	struct signature_policy p = {
	    .trusted = fixture_pem("own.pem", (const struct party *const[]){&own}, 1), .now_s = FIXTURE_NOW};
	int fd = open("/dev/null", O_WRONLY);
	CU_ASSERT_EQUAL(signature_check(fd, "list.txt", der, n, &p, &result, &why), -EBADF);
	CU_ASSERT_EQUAL(result.verdict, SIGNATURE_IO);
	CU_ASSERT_STRING_EQUAL(why.text, "list.txt: cannot be read: Bad file descriptor.");
	close(fd);
	free(der);
}

static void test_signature_names_move_no_cursor(void)
{
	struct party odd = party_make(&(struct party_wish){.name = "A\x1b[2JB"});
	expect(check(&(struct sign_wish){.signers = {&odd}}, NULL), SIGNATURE_OTHER_SIGNER, "A\\x1b[2JB");
	CU_ASSERT_STRING_EQUAL(result.signer, "A\\x1b[2JB");
	party_free(&odd);
}

static unsigned long allocations, failing;

static bool fails(void)
{
	return ++allocations == failing;
}

static void *fail_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : malloc(n);
}

static void *fail_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : realloc(p, n);
}

static void fail_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* Memory that runs out never makes a bad signature good. */
static void test_signature_without_memory_is_never_good_by_mistake(void)
{
	struct signature_policy p = {.trusted =
					 fixture_pem("root.pem", (const struct party *const[]){&root}, 1),
				     .signer_name = "Lists Office",
				     .now_s = FIXTURE_NOW};
	const struct sign_wish wishes[] = {{.signers = {&issued}, .content = "another"},
					   {.signers = {&other}}};
	int fd = fixture_content(FIXTURE_LIST);
	for (size_t i = 0; i < 2; i++) {
		size_t n;
		uint8_t *der = fixture_der(fixture_sign(&wishes[i]), &n);
		for (unsigned long k = 1;; k++) {
			allocations = 0;
			failing = k;
			CU_ASSERT(signature_check(fd, "list.txt", der, n, &p, &result, &why) < 0);
			CU_ASSERT_NOT_EQUAL(result.verdict, SIGNATURE_GOOD);
			failing = 0;
			if (allocations < k)
				break;
		}
		free(der);
	}
	close(fd);
}

static void test_signature_verdicts_have_names(void)
{
	CU_ASSERT_STRING_EQUAL(signature_verdict_name(SIGNATURE_GOOD), "good");
	CU_ASSERT_STRING_EQUAL(signature_verdict_name(SIGNATURE_FUTURE), "future");
	CU_ASSERT_STRING_EQUAL(signature_verdict_name(SIGNATURE_VERDICT_COUNT), "unknown");
}

int main(void)
{
	static const struct test tests[] = {
	    TEST(test_signature_of_a_pinned_signer_is_good),
	    TEST(test_signature_of_a_long_list_is_good_and_one_byte_matters),
	    TEST(test_signature_of_another_list_is_wrong),
	    TEST(test_signature_with_a_changed_byte_proves_nothing_else),
	    TEST(test_signature_of_somebody_else_is_refused),
	    TEST(test_signature_counts_only_within_the_certificates_dates),
	    TEST(test_signature_must_be_strong),
	    TEST(test_signature_is_one_persons_and_stands_alone),
	    TEST(test_signature_in_another_form_is_named),
	    TEST(test_signature_is_no_encrypted_message),
	    TEST(test_signature_is_not_older_than_what_is_in_use_nor_of_tomorrow),
	    TEST(test_signature_issued_below_an_authority_needs_the_name),
	    TEST(test_signature_below_an_authority_needs_every_step),
	    TEST(test_signature_below_an_authority_has_dates_strength_and_use_as_well),
	    TEST(test_signature_fingerprint_names_one_certificate),
	    TEST(test_signature_policy_is_checked_alone),
	    TEST(test_signature_of_what_cannot_be_read_is_no_verdict_on_it),
	    TEST(test_signature_names_move_no_cursor),
	    TEST(test_signature_without_memory_is_never_good_by_mistake),
	    TEST(test_signature_verdicts_have_names),
	};
	if (!CRYPTO_set_mem_functions(fail_malloc, fail_realloc, fail_free))
		return 1;
	fixture_begin();
	own = party_make(&(struct party_wish){.name = "Authority of Example"});
	other = party_make(&(struct party_wish){.name = "Somebody Else"});
	root = party_make(&(struct party_wish){.name = "Example Root", .basic = CA_BASIC, .usage = CA_USAGE});
	issued = party_make(&(struct party_wish){.name = "Lists Office",
						 .email = "lists@example.com",
						 .above = &root,
						 .basic = "CA:FALSE",
						 .usage = "digitalSignature"});
	middle = party_make(&(struct party_wish){
	    .name = "Example Middle", .basic = CA_BASIC, .usage = CA_USAGE, .above = &root});
	below = party_make(&(struct party_wish){.name = "Far Below", .above = &middle});
	int r = harness_run("signature", tests, sizeof(tests) / sizeof(*tests));
	struct party *const all[] = {&own, &other, &root, &issued, &middle, &below};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		party_free(all[i]);
	fixture_end();
	return r;
}
