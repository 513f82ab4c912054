/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/export_sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/export_files.h"

#define MEMBER ",\"signature\":\""

int export_note(const char *what, const char *digest, const struct signer *s, char ret[EXPORT_NOTE_BYTES],
		size_t *ret_n, struct err *e)
{
	size_t n = (size_t)snprintf(ret, EXPORT_NOTE_BYTES, "%s\n%s\n", what, digest);
	int err = note_sign(ret, &n, EXPORT_NOTE_BYTES - 1, s, e);
	if (err)
		return err;
	ret[n] = 0;
	*ret_n = n;
	return 0;
}

static char *dump(const json_t *line)
{
	return json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
}

char *export_line_sign(json_t *line, const struct signer *s, struct err *e)
{
	char vkey[NOTE_VKEY_BYTES], digest[65], note[EXPORT_NOTE_BYTES];
	size_t n;
	verifier_print(signer_verifier(s), vkey);
	json_object_set_new(line, "signer", json_string(vkey));
	char *bare = dump(line);
	if (!bare)
		return NULL;
	export_sha256(bare, strlen(bare), digest);
	free(bare);
	if (export_note(EXPORT_CUSTODY, digest, s, note, &n, e))
		return NULL;
	note[n - 1] = 0;
	json_object_set_new(line, "signature", json_string(strrchr(note, ' ') + 1));
	return dump(line);
}

bool export_line_note(struct span line, const json_t *json, char ret[EXPORT_NOTE_BYTES], size_t *ret_n)
{
	const json_t *by = json_object_get(json, "signer"), *of = json_object_get(json, "signature");
	const char *vkey = json_string_value(by), *signature = json_string_value(of);
	char digest[65];
	*ret_n = 0;
	if (!by && !of)
		return true;
	if (!vkey || !signature)
		return false;
	size_t tail = strlen(MEMBER) + strlen(signature) + strlen("\"}"), name = strcspn(vkey, "+");
	if (line.len <= tail)
		return false;
	size_t n = line.len - tail;
	const char *p = (const char *)line.p + n;
	if (memcmp(p, MEMBER, strlen(MEMBER)) || memcmp(p + strlen(MEMBER), signature, strlen(signature)) ||
	    memcmp(p + tail - 2, "\"}", 2))
		return false;
	char *bare = malloc(n + 1);
	if (!bare)
		return false;
	memcpy(bare, line.p, n);
	bare[n] = '}';
	export_sha256(bare, n + 1, digest);
	free(bare);
	int len = snprintf(ret, EXPORT_NOTE_BYTES, "%s\n%s\n\n\u2014 %.*s %s\n", EXPORT_CUSTODY, digest,
			   (int)name, vkey, signature);
	if (len >= EXPORT_NOTE_BYTES)
		return false;
	*ret_n = (size_t)len;
	return true;
}
