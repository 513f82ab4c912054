/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/audit/cosign.h"
#include "tests/unit/harness.h"

#define ORIGIN "log.example/audit"

static char folder[64];
static struct signer *log_key, *witness, *other;
static struct verifier known[2];
static struct err e;

static void put(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

static const char *get(const char *name)
{
	static char text[NOTE_MAX_BYTES];
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = 0;
	if (f)
		fclose(f);
	return text;
}

/* A checkpoint, signed by the log, and cosigned by `by` where that is not NULL. */
static char *checkpoint(uint64_t size, const struct signer *by)
{
	char *note = calloc(1, NOTE_MAX_BYTES);
	struct hash root = {{(uint8_t)size}};
	size_t len = checkpoint_print(ORIGIN, size, &root, note);
	CU_ASSERT_EQUAL_FATAL(note_sign(note, &len, NOTE_MAX_BYTES, log_key, &e), 0);
	if (by)
		CU_ASSERT_EQUAL_FATAL(note_cosign(note, &len, NOTE_MAX_BYTES, by, 1790000000, &e), 0);
	return note;
}

static void publish(uint64_t size)
{
	char *note = checkpoint(size, NULL);
	put("checkpoint", note);
	free(note);
}

static struct signer *key(const char *name, struct verifier *ret)
{
	struct signer *s;
	CU_ASSERT_EQUAL_FATAL(signer_new(name, &s, &e), 0);
	struct verifier v = *signer_verifier(s);
	v.type = NOTE_COSIGNATURE;
	verifier_identify(&v);
	if (ret)
		*ret = v;
	return s;
}

static void begin(void)
{
	strcpy(folder, "/tmp/roja-cosign.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	CU_ASSERT_EQUAL_FATAL(signer_new(ORIGIN, &log_key, &e), 0);
	witness = key("witness.example", &known[0]);
	other = key("other.example", NULL);
	publish(17);
}

static void end(void)
{
	char command[96];
	signer_free(log_key);
	signer_free(witness);
	signer_free(other);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static int add(uint64_t size, const char *said, uint64_t *ret_size, unsigned *ret_n)
{
	return cosign_add(folder, size, said, known, 1, ret_size, ret_n, &(uint64_t){0}, &e);
}

static void test_a_witness_is_kept_once(void)
{
	uint64_t size = 0;
	unsigned n = 9;
	begin();
	char *note = checkpoint(17, witness);
	const char *lines = strstr(note, "\n\n") + 2;
	const char *last = strstr(lines, "\n") + 1; /* the witness's line alone */
	CU_ASSERT_EQUAL(add(0, last, &size, &n), 0);
	CU_ASSERT(size == 17 && n == 1);
	CU_ASSERT_STRING_EQUAL(get("stamps/17.checkpoint"), note);
	CU_ASSERT_EQUAL(add(17, note, &size, &n), 0);
	CU_ASSERT_EQUAL(n, 0);
	CU_ASSERT_STRING_EQUAL(get("stamps/17.checkpoint"), note);
	/* the log went on: the copy can still be cosigned, by its size or by the note */
	publish(30);
	known[0] = *signer_verifier(other);
	known[0].type = NOTE_COSIGNATURE;
	verifier_identify(&known[0]);
	char *again = checkpoint(17, other);
	CU_ASSERT_EQUAL(add(0, again, &size, &n), 0);
	CU_ASSERT(size == 17 && n == 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(get("stamps/17.checkpoint"), "witness.example"));
	CU_ASSERT_PTR_NOT_NULL(strstr(get("stamps/17.checkpoint"), "other.example"));
	free(again);
	free(note);
	end();
}

static void test_what_no_known_witness_says_is_not_kept(void)
{
	uint64_t size;
	unsigned n;
	begin();
	char *note = checkpoint(17, other), *wrong = checkpoint(18, witness),
	     *forged = checkpoint(17, witness);
	CU_ASSERT_EQUAL(add(0, note, &size, &n), -ENOKEY);
	/* a line over another checkpoint */
	CU_ASSERT_EQUAL(add(0, strstr(strstr(wrong, "\n\n") + 2, "\n") + 1, &size, &n), -EKEYREJECTED);
	CU_ASSERT_EQUAL(add(0, wrong, &size, &n), -ENOENT);
	CU_ASSERT_EQUAL(add(18, note, &size, &n), -EBADMSG);
	CU_ASSERT_EQUAL(add(0, "no signature at all\n", &size, &n), -EBADMSG);
	CU_ASSERT_EQUAL(add(0, "", &size, &n), -ENOKEY);
	forged[strlen(ORIGIN) + 1] = '2'; /* "27" */
	CU_ASSERT(add(0, forged, &size, &n) < 0);
	CU_ASSERT_STRING_EQUAL(get("stamps/17.checkpoint"), "");
	free(note);
	free(wrong);
	free(forged);
	end();
}

static void test_a_time_stamp_is_not_made_wrong(void)
{
	uint64_t size;
	unsigned n;
	char path[128];
	begin();
	char *note = checkpoint(17, witness), *bare = checkpoint(17, NULL);
	snprintf(path, sizeof(path), "%s/stamps", folder);
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0755), 0);
	put("stamps/17.checkpoint", bare);
	CU_ASSERT_EQUAL(add(0, note, &size, &n), -EBUSY); /* it may be on its way */
	put("stamps/17.tsr", "a stamp");
	CU_ASSERT_EQUAL(add(0, note, &size, &n), -EBUSY);
	CU_ASSERT_STRING_EQUAL(get("stamps/17.checkpoint"), bare);
	free(note);
	free(bare);
	end();
}

static const struct test tests[] = {
    TEST(test_a_witness_is_kept_once),
    TEST(test_what_no_known_witness_says_is_not_kept),
    TEST(test_a_time_stamp_is_not_made_wrong),
};

HARNESS_MAIN("cosign", tests)
