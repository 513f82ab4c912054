/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "audit/note.h"
#include "tests/unit/harness.h"

#define EACH(i, table) for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++)

/* The Go project, x/mod, sumdb/note/note_test.go. */
#define PETER	   "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_SEED "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM="
#define ENOCH	   "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                         \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define PETER_LINE                                                                                              \
	"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ry" \
	"yBwJnAM=\n"
#define ENOCH_LINE                                                                                           \
	"— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1" \
	"RvMc+QQ=\n"
/* C2SP signed-note.md. */
#define POEM                                     \
	"Ognuno sta solo sul cuor della terra\n" \
	"trafitto da un raggio di sole:\n\ned è subito sera.\n"
#define POEM_LINE                          \
	"— quasimodo.example/salvatore " \
	"NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
/* C2SP tlog-checkpoint.md and tlog-cosignature.md. */
#define SOFA                            \
	"example.com/behind-the-sofa\n" \
	"20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define SOFA_LINES                                                                                            \
	"— example.com/behind-the-sofa "                                                                    \
	"Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"      \
	"— witness.example.com/w1 "                                                                         \
	"jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+" \
	"qnA==\n"

static struct err why;
static char folder[] = "/tmp/test_note.XXXXXX";

static struct note *parse(const char *text, size_t n, int *ret_err)
{
	static struct note note;
	static uint8_t *g;
	static size_t len;
	if (g)
		guarded_free(g, len);
	g = guarded(text, len = n);
	why.text[0] = 0;
	*ret_err = note_parse((struct span){g, n}, &note, &why);
	CU_ASSERT_EQUAL(*ret_err != 0, *why.text != 0);
	return &note;
}

static struct verifier key(const char *vkey)
{
	struct verifier v = {.id = 0};
	CU_ASSERT_EQUAL(verifier_parse(vkey, &v, &why), 0);
	return v;
}

/* The masks of keys, or the error. */
static int64_t open_note(const char *text, const struct verifier *v, unsigned n)
{
	int err;
	uint64_t mask = 0;
	struct note *note = parse(text, strlen(text), &err);
	if (!err)
		err = note_verify(note, v, n, &mask, NULL, &why);
	CU_ASSERT_EQUAL(ERR_peek_error() != 0 && !err, 0);
	ERR_clear_error();
	return err ? err : (int64_t)mask;
}

static bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* The examples of the specifications, byte for byte. */
static void test_note_parses_the_specifications_examples(void)
{
	int err;
	struct checkpoint c;
	struct note *note = parse(POEM "\n" POEM_LINE, strlen(POEM "\n" POEM_LINE), &err);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_TRUE(span_is(note->text, POEM)); /* the last empty line parts, with one in the text */
	CU_ASSERT_EQUAL(note->n, 1);
	CU_ASSERT_TRUE(span_is(note->signatures[0].name, "quasimodo.example/salvatore"));
	CU_ASSERT_EQUAL(note->signatures[0].id, 0x367ba04b);
	CU_ASSERT_EQUAL(note->signatures[0].bytes, 64);
	CU_ASSERT_EQUAL(checkpoint_parse(note->text, &c, &why), -EBADMSG);

	note = parse(SOFA "\n" SOFA_LINES, strlen(SOFA "\n" SOFA_LINES), &err);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_EQUAL(note->n, 2);
	CU_ASSERT_EQUAL(note->signatures[1].bytes, 72);
	CU_ASSERT_EQUAL(be64(note->signatures[1].p), 1679315147);
	CU_ASSERT_EQUAL_FATAL(checkpoint_parse(note->text, &c, &why), 0);
	CU_ASSERT_TRUE(span_is(c.origin, "example.com/behind-the-sofa"));
	CU_ASSERT_EQUAL(c.size, 20852163);
	char text[NOTE_NAME_MAX + 96];
	CU_ASSERT_EQUAL(checkpoint_print("example.com/behind-the-sofa", c.size, &c.root, text), strlen(SOFA));
	CU_ASSERT_STRING_EQUAL(text, SOFA);
}

static void test_note_keys_have_the_published_ids(void)
{
	static const char *const vkeys[] = {
	    PETER, ENOCH,
	    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", /* C2SP signed-note.md */
	    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6", /* transparency-dev/formats, note_cosigv1_test.go: base64 with a "+" */
	};
	EACH(i, vkeys)
	{
		char text[NOTE_VKEY_BYTES];
		struct verifier v = key(vkeys[i]);
		verifier_print(&v, text);
		CU_ASSERT_STRING_EQUAL(text, vkeys[i]);
		v.type = NOTE_COSIGNATURE;
		uint32_t id = v.id;
		verifier_identify(&v);
		CU_ASSERT_NOT_EQUAL(v.id, id);
		verifier_print(&v, text);
		struct verifier again = key(text);
		CU_ASSERT_EQUAL(again.type, NOTE_COSIGNATURE);
		CU_ASSERT_EQUAL(again.id, v.id);
	}
}

/* As sumdb/note's TestNewVerifier mangles it. */
static void test_note_mangled_keys_are_refused(void)
{
	char b[] = PETER;
	struct verifier v = {.id = 77};
	size_t len = strlen(b);
	for (size_t i = 0; i <= len; i++)
		for (size_t j = i + 1; j <= len; j++) {
			char part[sizeof(b)] = "";
			memcpy(part, b + i, j - i);
			if (i || j != len)
				CU_ASSERT_EQUAL(verifier_parse(part, &v, &why), -EINVAL);
		}
	for (size_t i = 0; i < len; i++) {
		b[i]++;
		CU_ASSERT_EQUAL(verifier_parse(b, &v, &why), -EINVAL);
		b[i]--;
	}
	static const char *const bad[] = {
	    "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", /* long, with its id */
	    "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* unknown type, with its id */
	    "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "PeterNeumann+0c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    PETER "\n",
	    (" " PETER),
	    "",
	    "+",
	    "++",
	};
	EACH(i, bad)
	CU_ASSERT_EQUAL(verifier_parse(bad[i], &v, &why), -EINVAL);
	CU_ASSERT_EQUAL(v.id, 77);
}

static void test_note_verifies_as_the_go_library_does(void)
{
	struct verifier both[2] = {key(PETER), key(ENOCH)};
	char cut[] = TEXT "\n" PETER_LINE;
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE ENOCH_LINE, both, 1), 1);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE ENOCH_LINE, both, 2), 3);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE ENOCH_LINE, both + 1, 1), 1);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE ENOCH_LINE, both, 0), -ENOKEY);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" ENOCH_LINE, both, 1), -ENOKEY);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE PETER_LINE, both, 1), 1);
	/* a wrong one by a known key refuses the note, whatever else is right; by an unknown key it is ignored */
	CU_ASSERT_EQUAL(open_note("x" TEXT "\n" PETER_LINE, both, 1), -EKEYREJECTED);
	CU_ASSERT_EQUAL(open_note(TEXT TEXT "\n" PETER_LINE, both, 1), -EKEYREJECTED);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE "— EnochRoot rwz+eAAA\n", both, 2), -EKEYREJECTED);
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE "— EnochRoot rwz+eAAA\n", both, 1), 1);
	/* a key is its name and its id */
	struct verifier other = both[0];
	other.id++;
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE, &other, 1), -ENOKEY);
	other = both[0];
	strcpy(other.name, "CarmenSandiego");
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE, &other, 1), -ENOKEY);
	other = both[0];
	other.type = NOTE_COSIGNATURE; /* its id is not that of the type: the form decides */
	CU_ASSERT_EQUAL(open_note(TEXT "\n" PETER_LINE, &other, 1), -EKEYREJECTED);
	for (size_t i = 0; i < sizeof(cut) - 1; i++) { /* each cut is noticed */
		char c = cut[i];
		cut[i] = 0;
		CU_ASSERT_EQUAL(open_note(cut, both, 1), -EBADMSG);
		cut[i] = c;
	}
}

/* Every bit of a note whose only key is known: none can change unseen. */
static void test_note_every_bit_counts(void)
{
	char note[] = TEXT "\n" PETER_LINE;
	struct verifier peter = key(PETER);
	size_t n = strlen(note);
	for (size_t i = 0; i < n * 8; i++) {
		int err;
		uint64_t mask;
		note[i / 8] ^= (char)(1 << i % 8);
		struct note *parsed = parse(note, n, &err);
		if (!err)
			err = note_verify(parsed, &peter, 1, &mask, NULL, &why);
		CU_ASSERT_TRUE(err == -EBADMSG || err == -EKEYREJECTED || err == -ENOKEY);
		note[i / 8] ^= (char)(1 << i % 8);
	}
}

static const char *const no_notes[] = {
    "",
    "\n",
    "\n\n",
    TEXT,
    TEXT "\n",
    TEXT "\n\n",
    TEXT PETER_LINE,		 /* no empty line */
    TEXT "\n" PETER_LINE "\n",	 /* an empty line at the end is the last one */
    "\n" PETER_LINE,		 /* no text */
    "\x01" TEXT "\n" PETER_LINE, /* control characters */
    "a\tb\n\n" PETER_LINE,
    "a\r\n\n" PETER_LINE,
    "\xff" TEXT "\n" PETER_LINE, /* no UTF-8 */
    "\xc0\x8a" TEXT "\n" PETER_LINE,
    TEXT "\n" PETER_LINE "Unexpected line.\n",
    TEXT "\n" PETER_LINE " \n",
    TEXT "\n- PeterNeumann x08goAAA\n", /* no em dash */
    TEXT "\n—PeterNeumann x08goAAA\n",
    TEXT "\n—  x08goAAA\n", /* no name */
    TEXT "\n— x08goAAA\n",
    TEXT "\n— Bad Name x08goAAA\n",
    TEXT "\n— Bad\xc2\xa0Name x08goAAA\n", /* a blank of Unicode */
    TEXT "\n— Bad\xe3\x80\x80Name x08goAAA\n",
    TEXT "\n— a+b x08goAAA\n",
    TEXT "\n— PeterNeumann\n",
    TEXT "\n— PeterNeumann \n",
    TEXT "\n— PeterNeumann  x08goAAA\n",
    TEXT "\n— PeterNeumann x08goAAA \n",
    TEXT "\n— PeterNeumann x08goA==\n", /* an id alone */
    TEXT "\n— PeterNeumann x08g\n",
    TEXT "\n— PeterNeumann x08goAAAA\n", /* base64 of no whole group */
    TEXT "\n— PeterNeumann x08goAB=\n",	 /* bits behind the last byte */
    TEXT "\n— PeterNeumann x08goAA=AAAA\n",
    TEXT "\n— PeterNeumann x08goA-_\n", /* the other alphabet */
};

static void test_note_malformed_is_no_note(void)
{
	EACH(i, no_notes)
	{
		int err;
		parse(no_notes[i], strlen(no_notes[i]), &err);
		if (err != -EBADMSG)
			printf("# %zu: %d\n", i, err);
		CU_ASSERT_EQUAL(err, -EBADMSG);
	}
	int err;
	parse(TEXT "\0\n\n" PETER_LINE, sizeof(TEXT "\0\n\n" PETER_LINE) - 1, &err);
	CU_ASSERT_EQUAL(err, -EBADMSG);
	parse(TEXT "\n" PETER_LINE "junk\n", strlen(TEXT "\n" PETER_LINE "junk\n"), &err);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "line 5")); /* says where */
}

/* TLOG.md 3: many signatures, also ones that are larger than any known type's, do not hide the known one. */
static void test_note_limits(void)
{
	struct verifier peter = key(PETER);
	char *text = malloc(NOTE_MAX_BYTES + 4096), *p = stpcpy(text, TEXT "\n");
	for (int i = 0; i < 8; i++) { /* post-quantum: 5,000 bytes */
		p = stpcpy(p, "— big.example ");
		memset(p, 'A', 6668);
		p = stpcpy(p + 6668, "\n");
	}
	for (int i = 8; i < NOTE_SIGNATURES_MAX - 1; i++)
		p = stpcpy(p, ENOCH_LINE);
	p = stpcpy(p, PETER_LINE);
	int err;
	struct note *note = parse(text, strlen(text), &err);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_EQUAL(note->n, NOTE_SIGNATURES_MAX);
	CU_ASSERT_PTR_NULL(note->signatures[0].p);
	CU_ASSERT_EQUAL(note->signatures[0].bytes, 6668 / 4 * 3 - 4);
	CU_ASSERT_EQUAL(open_note(text, &peter, 1), 1);
	struct verifier big = {.name = "big.example",
			       .type = NOTE_ED25519}; /* id 0, known: its length is wrong */
	CU_ASSERT_EQUAL(open_note(text, &big, 1), -EKEYREJECTED);
	big.type = NOTE_COSIGNATURE;
	CU_ASSERT_EQUAL(open_note(text, &big, 1), -EKEYREJECTED);
	stpcpy(p, ENOCH_LINE);
	CU_ASSERT_EQUAL(open_note(text, &peter, 1), -EBADMSG);

	memset(text, 'a', NOTE_MAX_BYTES);
	p = stpcpy(text + NOTE_MAX_BYTES - strlen("\n\n" PETER_LINE), "\n\n" PETER_LINE);
	parse(text, NOTE_MAX_BYTES, &err);
	CU_ASSERT_EQUAL(err, 0);
	memmove(text + 1, text, NOTE_MAX_BYTES);
	parse(text, NOTE_MAX_BYTES + 1, &err);
	CU_ASSERT_EQUAL(err, -EBADMSG);
	free(text);
	struct verifier many[65] = {0};
	uint64_t mask;
	CU_ASSERT_EQUAL(note_verify(note, many, 65, &mask, NULL, &why), -EINVAL);
}

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_pem(const char *path, const char *seed_base64)
{
	uint8_t der[48];
	char text[65] = "";
	size_t n;
	CU_ASSERT_EQUAL(unhex("302e020100300506032b657004220420", der, 16), 16);
	CU_ASSERT_TRUE(base64_take(seed_base64, strlen(seed_base64), der + 16, 32, &n) && n == 32);
	base64_put(der, sizeof(der), text);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FILE *f = fdopen(fd, "w");
	fprintf(f, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", text);
	fclose(f);
	OPENSSL_cleanse(der, sizeof(der));
	OPENSSL_cleanse(text, sizeof(text));
}

static void test_note_signs_as_the_go_library_does(void)
{
	char note[1024] = TEXT, before[1024];
	size_t len = strlen(note);
	struct signer *peter;
	write_pem(path_of("peter.pem"), PETER_SEED);
	CU_ASSERT_EQUAL_FATAL(signer_load(path_of("peter.pem"), "PeterNeumann", &peter, &why), 0);
	char vkey[NOTE_VKEY_BYTES];
	verifier_print(signer_verifier(peter), vkey);
	CU_ASSERT_STRING_EQUAL(vkey, PETER);
	for (size_t room = 0; room < strlen(TEXT "\n" PETER_LINE); room++) {
		memcpy(before, note, sizeof(note));
		CU_ASSERT_EQUAL(note_sign(note, &len, room, peter, &why), -ENOBUFS);
		CU_ASSERT_TRUE(len == strlen(TEXT) && !memcmp(before, note, sizeof(note)));
	}
	CU_ASSERT_EQUAL(note_sign(note, &len, strlen(TEXT "\n" PETER_LINE), peter, &why), 0);
	note[len] = 0;
	CU_ASSERT_STRING_EQUAL(note, TEXT "\n" PETER_LINE);
	strcpy(note, TEXT "\n" ENOCH_LINE); /* a note: no second empty line, and the text alone is signed */
	len = strlen(note);
	CU_ASSERT_EQUAL(note_sign(note, &len, sizeof(note), peter, &why), 0);
	note[len] = 0;
	CU_ASSERT_STRING_EQUAL(note, TEXT "\n" ENOCH_LINE PETER_LINE);
	static const char *const bad[] = {"", "no newline", "a\001\n", "\xff\n"};
	EACH(i, bad)
	{
		strcpy(note, bad[i]);
		len = strlen(note);
		CU_ASSERT_EQUAL(note_sign(note, &len, sizeof(note), peter, &why), -EBADMSG);
	}
	signer_free(peter);
}

/* By the words of tlog-cosignature.md: what is signed, and where the time stands. */
static void test_note_cosigns(void)
{
	static const char head[] = "cosignature/v1\ntime 1679315147\n";
	char note[2048] = SOFA "\n" SOFA_LINES, message[512];
	size_t len = strlen(note);
	uint64_t mask, times[2] = {7, 7};
	struct signer *s;
	int err;
	CU_ASSERT_EQUAL_FATAL(signer_new("witness.example/2", &s, &why), 0);
	CU_ASSERT_EQUAL(note_cosign(note, &len, sizeof(note), s, 1679315147, &why), 0);
	struct verifier v[2] = {*signer_verifier(s), *signer_verifier(s)};
	v[1].type = NOTE_COSIGNATURE;
	verifier_identify(&v[1]);
	struct note *n = parse(note, len, &err);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_EQUAL_FATAL(n->n, 3);
	CU_ASSERT_EQUAL(note_verify(n, v, 2, &mask, times, &why), 0);
	CU_ASSERT_TRUE(mask == 2 && times[0] == 0 && times[1] == 1679315147);
	CU_ASSERT_EQUAL(n->signatures[2].bytes, 72);
	CU_ASSERT_EQUAL(be64(n->signatures[2].p), 1679315147);
	size_t m = (size_t)(stpcpy(stpcpy(message, head), SOFA) - message);
	CU_ASSERT_TRUE(verifier_check(&v[0], message, m, n->signatures[2].p + 8));
	n->signatures[2].room[4 + 7] ^= 1; /* another time */
	CU_ASSERT_EQUAL(note_verify(n, v, 2, &mask, times, &why), -EKEYREJECTED);
	n->signatures[2].room[4 + 7] ^= 1;
	n->signatures[2].room[4] |= 0x80;
	CU_ASSERT_EQUAL(note_verify(n, v, 2, &mask, times, &why), -EKEYREJECTED);
	CU_ASSERT_EQUAL(note_cosign(note, &len, sizeof(note), s, 1679315148, &why), 0);
	n = parse(note, len, &err);
	CU_ASSERT_EQUAL(note_verify(n, v, 2, &mask, times, &why), 0);
	CU_ASSERT_EQUAL(times[1], 1679315148); /* the latest */
	CU_ASSERT_EQUAL(note_cosign(note, &len, sizeof(note), s, UINT64_MAX, &why), -EINVAL);
	strcpy(note, TEXT);
	len = strlen(note);
	CU_ASSERT_EQUAL(note_cosign(note, &len, sizeof(note), s, 1, &why), -EBADMSG); /* no checkpoint */
	signer_free(s);
}

static void test_note_keys_are_kept_in_files_of_their_own(void)
{
	struct signer *a, *b = NULL;
	struct stat st;
	uint8_t signature[64];
	char path[256];
	snprintf(path, sizeof(path), "%s", path_of("key.pem"));
	CU_ASSERT_EQUAL_FATAL(signer_new("roja.example/audit", &a, &why), 0);
	CU_ASSERT_EQUAL(signer_save(a, path, &why), 0);
	CU_ASSERT_EQUAL(signer_save(a, path, &why), -EEXIST);
	CU_ASSERT_TRUE(!stat(path, &st) && (st.st_mode & 07777) == 0600);
	CU_ASSERT_EQUAL_FATAL(signer_load(path, "roja.example/audit", &b, &why), 0);
	CU_ASSERT_EQUAL(signer_verifier(a)->id, signer_verifier(b)->id);
	CU_ASSERT_EQUAL(signer_sign(b, "abc", 3, signature, &why), 0);
	CU_ASSERT_TRUE(verifier_check(signer_verifier(a), "abc", 3, signature));
	CU_ASSERT_FALSE(verifier_check(signer_verifier(a), "abd", 3, signature));
	CU_ASSERT_FALSE(verifier_check(signer_verifier(a), "ab", 2, signature));
	/* OpenSSL's own tool's file of the same key is this file */
	FILE *f = fopen(path, "r");
	char ours[256] = "", theirs[256] = "", command[512];
	CU_ASSERT_TRUE(fread(ours, 1, sizeof(ours) - 1, f) > 0);
	fclose(f);
	snprintf(command, sizeof(command), "openssl pkey -in %s", path);
	f = popen(command, "r");
	CU_ASSERT_TRUE(fread(theirs, 1, sizeof(theirs) - 1, f) > 0);
	CU_ASSERT_EQUAL(pclose(f), 0);
	CU_ASSERT_STRING_EQUAL(ours, theirs);
	signer_free(b);
	b = NULL;
	CU_ASSERT_EQUAL(signer_load(path, "has blanks", &b, &why), -EINVAL);
	CU_ASSERT_EQUAL(chmod(path, 0640), 0);
	CU_ASSERT_EQUAL(signer_load(path, "k", &b, &why), -EPERM);
	CU_ASSERT_EQUAL(chmod(path, 0600), 0);
	CU_ASSERT_EQUAL(symlink(path, path_of("link.pem")), 0);
	CU_ASSERT_EQUAL(signer_load(path_of("link.pem"), "k", &b, &why), -ELOOP);
	CU_ASSERT_EQUAL(signer_load(path_of("none.pem"), "k", &b, &why), -ENOENT);
	CU_ASSERT_EQUAL(signer_save(a, path_of("none/key.pem"), &why), -ENOENT);
	CU_ASSERT_EQUAL(truncate(path, 118), 0);
	CU_ASSERT_EQUAL(signer_load(path, "k", &b, &why), -EBADMSG);
	CU_ASSERT_EQUAL(truncate(path, 5000), 0);
	CU_ASSERT_EQUAL(signer_load(path, "k", &b, &why), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, path));
	CU_ASSERT_PTR_NULL(b);
	CU_ASSERT_EQUAL(signer_new("a+b", &b, &why), -EINVAL);
	CU_ASSERT_EQUAL(signer_new("", &b, &why), -EINVAL);
	signer_free(a);
	signer_free(NULL);
}

#define MAPPING_MAX (1ul << 30) /* larger are a sanitizer's shadows alone */

/* How often the 32 bytes, each of them xor 0x5a in `masked`, are in memory that this process may write. */
static unsigned found_in_memory(const uint8_t masked[32])
{
	char line[512];
	unsigned found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[5];
		static uint8_t block[4096 + 31];
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[1] != 'w' ||
		    to - from >= MAPPING_MAX)
			continue;
		for (unsigned long at = from; at < to; at += 4096) {
			size_t want = at + sizeof(block) <= to ? sizeof(block) : to - at;
			ssize_t n = pread(mem, block, want, (off_t)at);
			for (ssize_t i = 0; i + 32 <= n; i++) {
				int k = 0;
				while (k < 32 && (block[i + k] ^ 0x5a) == masked[k])
					k++;
				bool here = at + (unsigned long)i >= (unsigned long)block &&
					    at + (unsigned long)i < (unsigned long)block + sizeof(block);
				found += k == 32 && !here;
			}
			OPENSSL_cleanse(block, sizeof(block));
		}
	}
	close(mem);
	fclose(maps);
	return found;
}

static void test_note_private_key_is_wiped(void)
{
	struct signer *s, *again;
	uint8_t masked[32], pem[256], signature[64];
	const char *path = path_of("wiped.pem");
	CU_ASSERT_EQUAL_FATAL(signer_new("roja.example/wiped", &s, &why), 0);
	CU_ASSERT_EQUAL_FATAL(signer_save(s, path, &why), 0);
	int fd = open(path, O_RDONLY); /* not by stdio, whose buffers keep it */
	ssize_t n = read(fd, pem, sizeof(pem));
	close(fd);
	CU_ASSERT_EQUAL_FATAL(n, 119);
	uint8_t der[48];
	size_t der_bytes;
	CU_ASSERT_TRUE(base64_take(pem + 28, 64, der, sizeof(der), &der_bytes) && der_bytes == 48);
	for (int i = 0; i < 32; i++)
		masked[i] = der[16 + i] ^ 0x5a;
	OPENSSL_cleanse(der, sizeof(der));
	OPENSSL_cleanse(pem, sizeof(pem));
	CU_ASSERT_TRUE(found_in_memory(masked) >= 1); /* the search finds it while it is there */
	CU_ASSERT_EQUAL(signer_load(path, "roja.example/wiped", &again, &why), 0);
	CU_ASSERT_EQUAL(signer_sign(again, "abc", 3, signature, &why), 0);
	signer_free(again);
	signer_free(s);
	CU_ASSERT_EQUAL(found_in_memory(masked), 0);
}

static const struct test tests[] = {
    TEST(test_note_parses_the_specifications_examples),
    TEST(test_note_keys_have_the_published_ids),
    TEST(test_note_mangled_keys_are_refused),
    TEST(test_note_verifies_as_the_go_library_does),
    TEST(test_note_every_bit_counts),
    TEST(test_note_malformed_is_no_note),
    TEST(test_note_limits),
    TEST(test_note_signs_as_the_go_library_does),
    TEST(test_note_cosigns),
    TEST(test_note_keys_are_kept_in_files_of_their_own),
    TEST(test_note_private_key_is_wiped),
};

int main(void)
{
	char command[64];
	if (!mkdtemp(folder))
		return 2;
	int failed = harness_run("note", tests, sizeof(tests) / sizeof(*tests));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) ? 2 : failed;
}
