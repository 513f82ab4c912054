/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "audit/export.h"
#include "common/hex.h"

static const char *text_of(const json_t *m, const char *name)
{
	return json_string_value(json_object_get(m, name));
}

static bool number_of(const json_t *m, const char *name, uint64_t *ret)
{
	const json_t *v = json_object_get(m, name);
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

/* Names of files below the folder: nothing that leads out of it. */
static bool is_name(const char *name)
{
	return name[0] && name[0] != '/' && strlen(name) < VERIFY_FILE_BYTES && !strstr(name, "..") &&
	       !strstr(name, "//");
}

/* A vkey, or "": not signed. Exports of before the member was there do not have it. */
static bool signer_of(const json_t *m, const char **ret)
{
	const json_t *v = json_object_get(m, "signer");
	struct verifier key;
	*ret = v ? json_string_value(v) : "";
	return *ret && (!**ret || !verifier_parse(*ret, &key, NULL));
}

static int check_files(json_t *files, struct err *e)
{
	const char *name;
	json_t *sum;
	uint8_t digest[32];
	json_object_foreach(
	    files, name,
	    sum) if (!is_name(name) ||
		     !hex_read(
			 json_string_value(sum), digest,
			 sizeof(digest))) return err_set(e, -EBADMSG,
							 "\"files\": not a file's name and its SHA-256");
	return 0;
}

int export_manifest_parse(struct span bytes, struct export_manifest *ret, struct err *e)
{
	json_error_t why;
	uint8_t root[32];
	if (bytes.len > EXPORT_MANIFEST_MAX)
		return err_set(e, -EBADMSG, "it is too long");
	json_t *m = json_loadb((const char *)bytes.p, bytes.len, JSON_REJECT_DUPLICATES, &why);
	if (!m)
		return err_set(e, -EBADMSG, "line %d: %s", why.line, why.text);
	struct export_manifest r = {
	    .json = m,
	    .origin = text_of(m, "origin"),
	    .reference = text_of(m, "reference"),
	    .files = json_object_get(m, "files"),
	};
	const char *format = text_of(m, "format");
	int err = 0;
	if (!format || strcmp(format, EXPORT_FORMAT))
		err = err_set(e, -EBADMSG, "its \"format\" is not %s", EXPORT_FORMAT);
	else if (!signer_of(m, &r.signer))
		err = err_set(e, -EBADMSG, "its \"signer\" is no key");
	else if (!r.origin || !r.reference || !json_is_object(r.files) ||
		 !json_is_object(json_object_get(m, "entries")) ||
		 !hex_read(text_of(m, "root"), root, sizeof(root)) || !number_of(m, "order", &r.order) ||
		 !number_of(m, "size", &r.size) || !number_of(m, "leaves", &r.leaves))
		err = err_set(e, -EBADMSG, "a member is missing, or of another type");
	else
		err = check_files(r.files, e);
	if (err)
		json_decref(m);
	else
		*ret = r;
	return err;
}
