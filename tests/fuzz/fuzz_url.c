/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_url: a canonical URL is its own canonical form, the same from text and from request, and the path
 * equals what a plain implementation with endless memory makes of it, up to the cut. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rules/url.h"

#define PAD_MAX (URL_MAX_BYTES + 64)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Dot segments of an already escaped path, by an array of segments. Returns the new length. */
static size_t plain_path(char *path, size_t len)
{
	size_t *starts = malloc((len + 1) * sizeof(*starts)), n = 0, out = 0;
	assert(starts);
	for (size_t i = 0; i < len;) { /* path[i] is a '/' */
		const char *slash = memchr(path + i + 1, '/', len - i - 1);
		size_t end = slash ? (size_t)(slash - path) : len, bytes = end - i - 1;
		bool dots = bytes && bytes <= 2 && !strncmp(path + i + 1, "..", bytes);
		if (dots && bytes == 2 && n)
			out = starts[--n];
		if (!dots && bytes) {
			starts[n++] = out;
			memmove(path + out, path + i, bytes + 1);
			out += bytes + 1;
		}
		if (end == len && (dots || !bytes))
			path[out++] = '/';
		i = end;
	}
	free(starts);
	return out;
}

/* Any text of a host in front of the path gives the same path: so a request of `target` against a long path.
 */
static void check_cut(const struct url *u, const uint8_t *target, size_t len, size_t pad)
{
	/* Only plain bytes, so that escapes need no second implementation. */
	static const char bytes[] = "/./..a/b.";
	char *full = malloc(pad + len + 2), *in = malloc(pad + len + 2);
	static struct url long_url;
	assert(full && in);
	in[0] = '/';
	memset(in + 1, 'p', pad);
	for (size_t i = 0; i < len; i++)
		in[1 + pad + i] = bytes[target[i] % (sizeof(bytes) - 1)];
	memcpy(full, in, 1 + pad + len);
	size_t n = plain_path(full, 1 + pad + len);
	url_from_request(&u->host, u->port, (const uint8_t *)in, 1 + pad + len, &long_url);
	size_t room = (size_t)(URL_MAX_BYTES - long_url.host_len),
	       got = (size_t)(long_url.len - long_url.host_len);
	assert(long_url.cut == (n > room));
	assert(got == (n > room ? room : n) && !memcmp(long_url.text + long_url.host_len, full, got));
	free(full);
	free(in);
}

static void check_same(const struct url *a, const struct url *b)
{
	assert(!strcmp(a->text, b->text) && a->len == b->len && a->host_len == b->host_len &&
	       a->port == b->port);
}

static void check(const struct url *u)
{
	static struct url again;
	assert(u->len == strlen(u->text) && u->len <= URL_MAX_BYTES && u->host_len < u->len);
	assert(u->text[u->host_len] == '/' && !strncmp(u->text, u->host.text, u->host.len));
	for (size_t i = u->host_len; i < u->len; i++)
		assert(u->text[i] > ' ' && u->text[i] <= '~' && !strchr("#\"'<>\\^`{|}[]", u->text[i]));
	if (u->cut) /* the cut may have left "/." or "?" at the end */
		return;
	assert(url_from_text((const uint8_t *)u->text, u->len, &again) == NAME_OK);
	check_same(u, &again);
	url_from_request(&u->host, u->port, (const uint8_t *)u->text + u->host_len,
			 (size_t)(u->len - u->host_len), &again);
	check_same(u, &again);
	url_set_port(&again, 8080);
	url_set_port(&again, u->port);
	if (!again.cut)
		check_same(u, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct url u, v;
	if (len < 2 || url_from_text(p + 2, len - 2, &u))
		return 0;
	check(&u);
	url_from_request(&u.host, u.port, p + 2, len - 2, &v);
	check(&v);
	check_cut(&u, p + 2, len - 2, (size_t)be16(p) % PAD_MAX);
	return 0;
}
