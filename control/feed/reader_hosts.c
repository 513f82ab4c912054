/* SPDX-License-Identifier: BSD-3-Clause */
/* Hosts files: "0.0.0.0 name.test other.test # comment". A name is that host alone, as a resolver reads it. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "control/feed/reader.h"

/* What every hosts file has of its own machine. */
static const char *const local_names[] = {
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
    "localhost4",
    "localhost6",
    "localhost4.localdomain4",
    "localhost6.localdomain6",
};

/* Addresses that stand for "nowhere". */
static const char *const nowhere[] = {"0.0.0.0", "127.0.0.1", "::", "::1", "0", "::0", "127.1", "127.0.1.1"};

static bool is_one_of(struct span s, const char *const *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (s.len == strlen(words[i]) && !strncasecmp((const char *)s.p, words[i], s.len))
			return true;
	return false;
}

static struct span next_word(struct span *s)
{
	*s = reading_trim(*s);
	struct span word = {s->p, 0};
	while (word.len < s->len && s->p[word.len] != ' ' && s->p[word.len] != '\t')
		word.len++;
	*s = (struct span){s->p + word.len, s->len - word.len};
	return word;
}

static bool is_address(struct span s)
{
	char text[INET6_ADDRSTRLEN + 20];
	uint8_t a[16];
	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = 0;
	text[strcspn(text, "%")] = 0; /* fe80::1%lo0 */
	return inet_pton(AF_INET, text, a) == 1 || inet_pton(AF_INET6, text, a) == 1;
}

static const char *check_address(struct span s, const char *also)
{
	if (is_one_of(s, nowhere, sizeof(nowhere) / sizeof(*nowhere)) || is_one_of(s, &also, 1))
		return NULL;
	if (is_address(s))
		return "the address is not 0.0.0.0, 127.0.0.1, :: or ::1: the line says where a name is, not that it is "
		       "blocked. If it is the authority's own page, give the option address";
	return "no address in front: a line of a hosts file is such as 0.0.0.0 name.test";
}

static bool is_local(struct span word)
{
	return is_one_of(word, local_names, sizeof(local_names) / sizeof(*local_names));
}

/* NULL, or why nothing of the line is kept; *ret_err: -errno. */
static const char *take_names(struct reading *r, uint32_t line, struct span address, struct span rest,
			      const char *also, int *ret_err)
{
	const char *why = NULL;
	struct span word = next_word(&rest);
	if (!word.len)
		why = "an address without a name: a line of a hosts file is such as 0.0.0.0 name.test";
	for (; !why && word.len && !*ret_err; word = next_word(&rest)) {
		if (is_local(word))
			continue;
		why = check_address(address, also);
		int got = why ? 0 : reading_try(r, TAKE_HOST, line, word, &why);
		*ret_err = got < 0 ? got : 0;
	}
	return why;
}

/* All names of a line, or none of them. */
static int take_line(struct reading *r, const struct input_line *line, const char *also)
{
	const uint8_t *hash = memchr(line->text.p, '#', line->text.len);
	struct span rest = {line->text.p, hash ? (size_t)(hash - line->text.p) : line->text.len};
	struct span address = next_word(&rest);
	uint64_t before = r->set->n;
	int err = 0;
	const char *why = address.len ? take_names(r, line->number, address, rest, also, &err) : NULL;
	if (err || !why)
		return err;
	entry_set_cut(r->set, before);
	return reading_reject(r, line->number, why, line->text);
}

static int read_hosts(struct reading *r)
{
	const char *also = reading_option(r, "address");
	struct input_line line;
	int got;
	while ((got = reading_line(r, &line)) > 0) {
		int err = line.cut ? reading_reject(r, line.number, "the line is longer than 65536 bytes",
						    line.text)
				   : take_line(r, &line, also);
		if (err)
			return err;
	}
	return got;
}

static const char *check_also(const char *value)
{
	return is_address((struct span){(const uint8_t *)value, strlen(value)})
		   ? NULL
		   : "an address, such as 192.0.2.1";
}

static const struct reader_option options[] = {
    {"address", "ADDRESS", "", "an address that stands for a blocked name too, as that of a block page",
     check_also},
    {0},
};

const struct reader reader_hosts = {
    .format =
	{.name = "hosts",
	 .help = "a hosts file: 0.0.0.0 (or 127.0.0.1, ::, ::1) and names, each of which is that host alone",
	 .options = "address=ADDRESS"},
    .options = options,
    .read = read_hosts,
};
