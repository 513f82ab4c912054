/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "audit/stamp.h"
#include "tests/unit/harness.h"
#include "tests/unit/stamp_fixture.h"

#define NOTE "roja.example/audit\n3\nAAAA\n\n"

static struct party root, other_root, middle, tsa, below, short_lived, weak, stranger;
static struct stamp_trust *trust, *other_trust;
static struct stamp_request asked;
static struct stamp got;
static struct err why;

static struct span note(void)
{
	return (struct span){(const uint8_t *)NOTE, strlen(NOTE)};
}

static int check_bytes(const uint8_t *p, size_t n, const struct stamp_request *q, const struct stamp_trust *t)
{
	uint8_t *g = guarded(p, n);
	memset(&got, 0, sizeof(got));
	why.text[0] = 0;
	int r = stamp_check((struct span){g, n}, note(), q, NULL, t, &got, &why);
	guarded_free(g, n);
	CU_ASSERT_EQUAL(r != 0, *why.text != 0);
	if (r)
		CU_ASSERT_EQUAL(*got.serial, 0);
	CU_ASSERT_EQUAL(ERR_peek_error(), 0);
	return r;
}

static int check(const struct tsa_wish *w)
{
	size_t n;
	uint8_t *der = tsa_reply(&asked, w, &n);
	int r = check_bytes(der, n, &asked, trust);
	free(der);
	return r;
}

static void expect(int r, int wanted, const char *sentence)
{
	if (r != wanted || !strstr(why.text, sentence))
		printf("# %d, not %d: %s\n", r, wanted, why.text);
	CU_ASSERT_EQUAL(r, wanted);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, sentence));
}

static void test_stamp_tells_time_serial_and_authority(void)
{
	expect(check(&(struct tsa_wish){.signer = &tsa}), 0, "");
	CU_ASSERT_EQUAL(got.time_s, FIXTURE_NOW);
	CU_ASSERT_STRING_EQUAL(got.serial, "1234ABCD");
	CU_ASSERT_STRING_EQUAL(got.tsa, "Example Stamps");
	CU_ASSERT_STRING_EQUAL(got.policy, TSA_POLICY);
	expect(check(&(struct tsa_wish){.signer = &tsa, .md = EVP_sha512()}), 0, "");
	expect(check(&(struct tsa_wish){.signer = &below, .extra = &middle}), 0, "");
	CU_ASSERT_STRING_EQUAL(got.tsa, "Below\\x0a");
}

static void test_stamp_request_is_what_the_standard_says(void)
{
	struct stamp_request a, b;
	const unsigned char *p = a.der;
	CU_ASSERT_EQUAL(stamp_request(note(), FIXTURE_NOW, &a, &why), 0);
	CU_ASSERT_EQUAL(stamp_request(note(), FIXTURE_NOW, &b, &why), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.nonce, b.nonce, STAMP_NONCE_BYTES), 0);
	TS_REQ *q = d2i_TS_REQ(NULL, &p, (long)a.bytes);
	CU_ASSERT_PTR_NOT_NULL_FATAL(q);
	CU_ASSERT_TRUE(p == a.der + a.bytes);
	CU_ASSERT_EQUAL(TS_REQ_get_version(q), 1);
	CU_ASSERT_TRUE(TS_REQ_get_cert_req(q));
	CU_ASSERT_PTR_NULL(TS_REQ_get_policy_id(q));
	const ASN1_INTEGER *nonce = TS_REQ_get_nonce(q);
	CU_ASSERT_EQUAL(ASN1_STRING_type(nonce), V_ASN1_INTEGER);
	CU_ASSERT_EQUAL(ASN1_STRING_length(nonce), STAMP_NONCE_BYTES);
	CU_ASSERT_EQUAL(memcmp(ASN1_STRING_get0_data(nonce), a.nonce, STAMP_NONCE_BYTES), 0);
	CU_ASSERT_EQUAL(OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(TS_REQ_get_msg_imprint(q))->algorithm),
			NID_sha256);
	TS_REQ_free(q);
}

static void test_stamp_of_others_is_refused(void)
{
	expect(check(&(struct tsa_wish){.signer = &stranger}), -EKEYREJECTED,
	       "certificate signature failure");
	expect(check(&(struct tsa_wish){.signer = &below}), -EKEYREJECTED, "unable to get local issuer");
	expect(check(&(struct tsa_wish){.signer = &tsa, .no_certs = true}), -EKEYREJECTED,
	       "does not hold the certificate");
	/* its own root is trusted there */
	size_t n;
	uint8_t *der = tsa_reply(&asked, &(struct tsa_wish){.signer = &tsa}, &n);
	expect(check_bytes(der, n, &asked, other_trust), -EKEYREJECTED, "certificate signature failure");
	free(der);
}

static void test_stamp_signer_must_be_for_time_stamps_alone(void)
{
	static const char *const wrong[] = {"timeStamping", "critical,timeStamping,emailProtection",
					    "critical,emailProtection", ""};
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		expect(check(&(struct tsa_wish){.signer = &tsa, .purpose = wrong[i], .above = &root}),
		       -EKEYREJECTED, "certificate purpose");
	expect(check(&(struct tsa_wish){.signer = &tsa, .purpose = TSA_PURPOSE, .above = &root}), 0, "");
}

static void test_stamp_counts_at_its_own_time(void)
{
	struct stamp_request old;
	size_t n;
	int64_t then = FIXTURE_NOW - 10 * FIXTURE_DAY;
	CU_ASSERT_EQUAL(stamp_request(note(), then, &old, &why), 0);
	uint8_t *der = tsa_reply(&old, &(struct tsa_wish){.signer = &short_lived}, &n);
	expect(check_bytes(der, n, NULL, trust), 0, ""); /* over by now, valid then */
	CU_ASSERT_EQUAL(got.time_s, then);
	expect(check_bytes(der, n, &old, trust), 0, "");
	free(der);
	expect(check(&(struct tsa_wish){.signer = &short_lived}), -EKEYREJECTED, "certificate has expired");
	expect(check(&(struct tsa_wish){.signer = &tsa, .at = FIXTURE_NOW - 300 * FIXTURE_DAY}), -ESTALE,
	       "behind the clock");
}

static void test_stamp_of_another_request_is_refused(void)
{
	struct stamp_request again;
	size_t n;
	CU_ASSERT_EQUAL(stamp_request(note(), FIXTURE_NOW, &again, &why), 0);
	uint8_t *der = tsa_reply(&again, &(struct tsa_wish){.signer = &tsa}, &n);
	expect(check_bytes(der, n, &asked, trust), -ESTALE, "another request");
	expect(check_bytes(der, n, NULL, trust), 0, "");
	free(der);
	const char *text = "roja.example/audit\n4\nAAAA\n\n";
	CU_ASSERT_EQUAL(
	    stamp_request((struct span){(const uint8_t *)text, strlen(text)}, FIXTURE_NOW, &again, &why), 0);
	der = tsa_reply(&again, &(struct tsa_wish){.signer = &tsa}, &n);
	expect(check_bytes(der, n, &asked, trust), -EBADMSG, "other bytes");
	free(der);
	expect(check(&(struct tsa_wish){.signer = &tsa, .at = FIXTURE_NOW + STAMP_CLOCK_S + 1}), -ESTALE,
	       "301 s ahead of the clock");
	expect(check(&(struct tsa_wish){.signer = &tsa, .at = FIXTURE_NOW - STAMP_CLOCK_S - 1}), -ESTALE,
	       "301 s behind the clock");
	expect(check(&(struct tsa_wish){.signer = &tsa, .at = FIXTURE_NOW - STAMP_CLOCK_S}), 0, "");
}

static void test_stamp_weak_or_odd_is_refused(void)
{
	expect(check(&(struct tsa_wish){.signer = &weak}), -EKEYREJECTED, "key too weak");
	expect(check(&(struct tsa_wish){.signer = &tsa, .md = EVP_sha1()}), -EKEYREJECTED, "weak digest");
	expect(check(&(struct tsa_wish){.signer = &tsa, .refuse = true}), -EACCES, "does not know SHA-256");
	expect(check(&(struct tsa_wish){.signer = &tsa, .critical_extension = true}), -EBADMSG,
	       "critical extension");
}

static void test_stamp_policy_can_be_asked_for(void)
{
	size_t n;
	uint8_t *der = tsa_reply(&asked, &(struct tsa_wish){.signer = &tsa}, &n);
	CU_ASSERT_EQUAL(stamp_check((struct span){der, n}, note(), &asked, TSA_POLICY, trust, &got, &why), 0);
	CU_ASSERT_EQUAL(stamp_check((struct span){der, n}, note(), &asked, "", trust, &got, &why), 0);
	CU_ASSERT_EQUAL(stamp_check((struct span){der, n}, note(), &asked, "1.2.3.4.2", trust, &got, &why),
			-EKEYREJECTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "by policy 1.2.3.4.1, not by 1.2.3.4.2"));
	free(der);
}

/* Whatever byte is flipped, it either tells the same or is refused; cut anywhere, it is refused. */
static void test_stamp_damaged_is_refused(void)
{
	size_t n;
	unsigned same = 0;
	uint8_t *der = tsa_reply(&asked, &(struct tsa_wish){.signer = &tsa}, &n);
	for (size_t i = 0; i < n; i++) {
		der[i] ^= 0x10;
		if (!check_bytes(der, n, &asked, trust)) {
			same++;
			CU_ASSERT_EQUAL(got.time_s, FIXTURE_NOW);
			CU_ASSERT_STRING_EQUAL(got.serial, "1234ABCD");
		}
		der[i] ^= 0x10;
		CU_ASSERT_NOT_EQUAL(check_bytes(der, i, &asked, trust), 0);
	}
	CU_ASSERT_TRUE(same < 40); /* texts and parameters that nobody signs */
	uint8_t *more = malloc(n + 1);
	memcpy(more, der, n);
	more[n] = 0;
	expect(check_bytes(more, n + 1, &asked, trust), -EBADMSG, "1 bytes are behind");
	free(more);
	free(der);
	static uint8_t large[STAMP_REPLY_MAX + 1];
	expect(check_bytes(large, sizeof(large), &asked, trust), -EBADMSG, "more than 65536 bytes");
	expect(check_bytes(large, 0, &asked, trust), -EBADMSG, "no time-stamp reply");
	expect(check_bytes((const uint8_t *)"<html>", 6, &asked, trust), -EBADMSG, "no time-stamp reply");
}

static void test_stamp_trust_says_what_is_wrong_with_its_file(void)
{
	struct stamp_trust *t = NULL;
	static const struct {
		const char *text, *why;
	} rows[] = {
	    {"", "no certificate in PEM form"},
	    {"hello\n", "no certificate in PEM form"},
	    {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1 is damaged"},
	    {"-----BEGIN CERTIFICATE-----\nAAAA\n", "certificate 1 is damaged"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span pem = {(const uint8_t *)rows[i].text, strlen(rows[i].text)};
		expect(stamp_trust_read(pem, "ca.pem", &t, &why), -EINVAL, rows[i].why);
		CU_ASSERT_PTR_NULL(t);
	}
	expect(stamp_trust_load("/nonexistent.test", &t, &why), -EINVAL, "No such file");
	expect(stamp_trust_load("/", &t, &why), -EINVAL, "no regular file");
	expect(stamp_trust_load("/dev/zero", &t, &why), -EINVAL, "no regular file");
}

static struct stamp_trust *trust_in(const struct party *p)
{
	struct stamp_trust *t = NULL;
	char *pem = tsa_pem(&p, 1);
	if (stamp_trust_read((struct span){(const uint8_t *)pem, strlen(pem)}, "ca.pem", &t, &why))
		abort();
	free(pem);
	return t;
}

static struct party authority(const char *name, const struct party *above)
{
	return party_make(&(struct party_wish){.name = name,
					       .above = above,
					       .basic = "critical,CA:TRUE",
					       .usage = "critical,keyCertSign,cRLSign"});
}

static struct party stamper(const char *name, const struct party *above)
{
	return party_make(
	    &(struct party_wish){.name = name, .above = above, .usage = TSA_USAGE, .purpose = TSA_PURPOSE});
}

int main(void)
{
	static const struct test tests[] = {
	    TEST(test_stamp_tells_time_serial_and_authority),
	    TEST(test_stamp_request_is_what_the_standard_says),
	    TEST(test_stamp_of_others_is_refused),
	    TEST(test_stamp_signer_must_be_for_time_stamps_alone),
	    TEST(test_stamp_counts_at_its_own_time),
	    TEST(test_stamp_of_another_request_is_refused),
	    TEST(test_stamp_weak_or_odd_is_refused),
	    TEST(test_stamp_policy_can_be_asked_for),
	    TEST(test_stamp_damaged_is_refused),
	    TEST(test_stamp_trust_says_what_is_wrong_with_its_file),
	};
	root = authority("Example Root", NULL);
	other_root = authority("Example Root", NULL);
	middle = authority("Example Middle", &root);
	tsa = stamper("Example Stamps", &root);
	below = stamper("Below\n", &middle);
	stranger = stamper("Stranger", &other_root);
	weak = party_make(&(struct party_wish){
	    .name = "Weak", .rsa_bits = 1024, .above = &root, .usage = TSA_USAGE, .purpose = TSA_PURPOSE});
	short_lived = party_make(&(struct party_wish){.name = "Old",
						      .above = &root,
						      .until = FIXTURE_NOW - 5 * FIXTURE_DAY,
						      .usage = TSA_USAGE,
						      .purpose = TSA_PURPOSE});
	trust = trust_in(&root);
	other_trust = trust_in(&other_root);
	stamp_request(note(), FIXTURE_NOW, &asked, &why);
	int r = harness_run("stamp", tests, sizeof(tests) / sizeof(*tests));
	struct party *all[] = {&root, &other_root, &middle, &tsa, &below, &short_lived, &weak, &stranger};
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		party_free(all[i]);
	stamp_trust_free(trust);
	stamp_trust_free(other_trust);
	return r;
}
