/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http.h"
#include "dataplane/core/http_lex.h"

/* One head being read: [p, end) are the bytes at hand, at most HTTP_HEAD_MAX. */
struct head {
	const uint8_t *end;
	struct http_request *r;
	struct http_framing framing;
	size_t carriage_returns; /* that are part of a line end */
	bool hosts_full;
};

static const uint8_t *line_end(const uint8_t *p, const uint8_t *end)
{
	return memchr(p, '\n', (size_t)(end - p));
}

/* Where more Host fields come than there is room for, the first ones and the last one are kept: servers that
 * do not refuse take one of these. */
static void add_host(struct head *h, const uint8_t *p, const uint8_t *end)
{
	struct http_request *r = h->r;
	struct span v = lex_trim(p, end);
	if (v.len == 0)
		return;
	for (unsigned i = 0; i < r->n_hosts; i++)
		if (r->hosts[i].len == v.len && !memcmp(r->hosts[i].p, v.p, v.len))
			return;
	if (r->n_hosts == HTTP_MAX_HOSTS)
		h->hosts_full = true;
	else
		r->n_hosts++;
	r->hosts[r->n_hosts - 1] = v;
}

/* A value with a fold, a bare CR or a NUL inside is read whole by some servers and cut by others. */
static void host_value(struct head *h, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *cut = p;
	while (cut < end && *cut != '\r' && *cut != '\n' && *cut != 0)
		cut++;
	add_host(h, p, cut);
	if (cut < end)
		add_host(h, p, end);
}

/* Which field a line is; *ret_value is what follows its colon. Blanks before the colon are tolerated. */
static enum http_field field_of(const uint8_t *p, const uint8_t *end, const uint8_t **ret_value)
{
	/* clang-format off */
	static const struct {
		const char *name;
		uint8_t len, field;
	} fields[] = {
		{"host", 4, HTTP_FIELD_HOST},
		{"accept-language", 15, HTTP_FIELD_ACCEPT_LANGUAGE},
		{"content-length", 14, HTTP_FIELD_CONTENT_LENGTH},
		{"connection", 10, HTTP_FIELD_CONNECTION},
		{"transfer-encoding", 17, HTTP_FIELD_TRANSFER_ENCODING},
		{"upgrade", 7, HTTP_FIELD_UPGRADE},
	};
	/* clang-format on */
	unsigned first, last;
	switch (p < end ? *p | 0x20 : 0) {
	case 'h':
		first = last = 0;
		break;
	case 'a':
		first = last = 1;
		break;
	case 'c':
		first = 2, last = 3;
		break;
	case 't':
		first = last = 4;
		break;
	case 'u':
		first = last = 5;
		break;
	default:
		return HTTP_FIELD_OTHER;
	}
	for (unsigned i = first; i <= last; i++) {
		if (!lex_word(p, end, fields[i].name, fields[i].len))
			continue;
		const uint8_t *v = p + fields[i].len;
		while (v < end && lex_blank(*v))
			v++;
		if (v == end || *v != ':')
			continue;
		*ret_value = v + 1;
		return fields[i].field;
	}
	return HTTP_FIELD_OTHER;
}

/* One field line [p, end) without its line end; `whole` ends its last continuation line. */
static void field_line(struct head *h, const uint8_t *p, const uint8_t *end, const uint8_t *whole)
{
	const uint8_t *value = p;
	enum http_field field = field_of(p, end, &value);
	if (field == HTTP_FIELD_HOST)
		host_value(h, value, whole);
	else if (field == HTTP_FIELD_ACCEPT_LANGUAGE && h->r->accept_language.len == 0)
		h->r->accept_language = lex_trim(value, whole);
	else if (field != HTTP_FIELD_OTHER)
		http_framing_field(&h->framing, field, lex_trim(value, whole));
}

/* What a server reads that takes a line, or what follows a bare CR, for a field though it should be content.
 */
static void field_in_other_reading(struct head *h, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *value = p;
	struct span line = lex_trim(p, end);
	enum http_field field = field_of(line.p, line.p + line.len, &value);
	if (field == HTTP_FIELD_HOST)
		host_value(h, value, end);
	h->r->ambiguous |= field == HTTP_FIELD_CONTENT_LENGTH || field == HTTP_FIELD_TRANSFER_ENCODING;
}

static inline bool interesting(uint8_t c)
{
	c |= 0x20;
	return c == 'h' || c == 'c' || c == 'a' || c == 't' || c == 'u';
}

/* Reads field lines from p up to the empty line. What follows it, or NULL where it is not at hand; *ret_last
 * is then the beginning of the unfinished line. */
static const uint8_t *read_fields(struct head *h, const uint8_t *p, const uint8_t **ret_last)
{
	for (;;) {
		const uint8_t *lf = line_end(p, h->end);
		*ret_last = p;
		if (!lf)
			return NULL;
		const uint8_t *stop = lf;
		if (stop > p && stop[-1] == '\r') {
			stop--;
			h->carriage_returns++;
		}
		if (stop == p)
			return lf + 1;
		if (lex_blank(*p)) {
			field_in_other_reading(h, p, stop);
		} else if (interesting(*p)) {
			const uint8_t *whole = stop, *next = lf;
			while (next && next + 1 < h->end && lex_blank(next[1])) {
				next = line_end(next + 1, h->end);
				whole = next ? next : whole;
			}
			field_line(h, p, stop, whole);
		}
		p = lf + 1;
	}
}

static size_t count_carriage_returns(const uint8_t *p, const uint8_t *end)
{
	size_t total = 0;
	while (p < end) {
		size_t n = (size_t)(end - p) < 128 ? (size_t)(end - p) : 128;
		uint8_t some = 0;
		for (size_t i = 0; i < n; i++)
			some = (uint8_t)(some + (p[i] == '\r'));
		total += some;
		p += n;
	}
	return total;
}

/* Servers that take a bare CR for a line end see fields that others see as content. */
static void read_bare_carriage_returns(struct head *h, const uint8_t *p, const uint8_t *end)
{
	while ((p = memchr(p, '\r', (size_t)(end - p)))) {
		p++;
		if (p == end)
			return;
		const uint8_t *stop = p;
		while (stop < end && *stop != '\r' && *stop != '\n')
			stop++;
		field_in_other_reading(h, p, stop);
	}
}

/* The blank before the version that ends a request line, NULL where there is none: HTTP/0.9. It is the last
 * " HTTP/", or else (*ret_named false) the last blank between words: some servers take any third word for a
 * version. */
static const uint8_t *find_version(const uint8_t *p, const uint8_t *end, bool *ret_named)
{
	*ret_named = true;
	for (const uint8_t *v = end; v-- > p;)
		if (lex_blank(*v) && lex_word(v + 1, end, "http/", 5))
			return v;
	*ret_named = false;
	struct span words = lex_trim(p, end);
	for (const uint8_t *v = words.p + words.len; v-- > words.p;)
		if (lex_blank(*v))
			return v;
	return NULL;
}

static bool is_absolute(struct span target)
{
	const uint8_t *p = target.p, *end = target.p + target.len;
	if (p == end || !lex_alpha(*p))
		return false;
	while (p < end && (lex_alpha(*p) || lex_digit(*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	return end - p >= 3 && !memcmp(p, "://", 3);
}

/* The request line [p, end); http_probe has found a method, a blank and a target in it or the line's end too
 * early. *ret_fields: whether a version says that fields follow. */
static enum parse read_request_line(const uint8_t *p, const uint8_t *end, struct http_request *r,
				    bool *ret_fields)
{
	const uint8_t *method = p;
	while (p < end && !lex_blank(*p))
		p++;
	r->method = (struct span){method, (size_t)(p - method)};
	bool named;
	const uint8_t *version = find_version(p, end, &named);
	r->target = lex_trim(p, version ? version : end);
	if (r->target.len == 0)
		return PARSE_NOT_MINE;
	bool connect = r->method.len == 7 && !memcmp(r->method.p, "CONNECT", 7);
	r->absolute = connect || is_absolute(r->target);
	*ret_fields = version != NULL;
	/* Without the word HTTP many line protocols look alike: "USER name". */
	if (!named && r->target.p[0] != '/' && !r->absolute)
		return PARSE_NOT_MINE;
	return PARSE_OK;
}

/* Where to search next time for the empty line that [p, end) does not hold; `last` begins its unfinished
 * line. */
static size_t resume_at(const uint8_t *p, const uint8_t *last, const uint8_t *end)
{
	bool undecided = last == end || (end - last == 1 && *last == '\r');
	return (size_t)((undecided ? last - 1 : end) - p);
}

/* Whether an empty line follows a line end at or after `from`. */
static bool ends(const uint8_t *p, const uint8_t *from, const uint8_t *end, size_t *ret_from)
{
	const uint8_t *lf, *last = from;
	while ((lf = line_end(last, end))) {
		last = lf + 1;
		if (last < end && *last == '\n')
			return true;
		if (end - last >= 2 && last[0] == '\r' && last[1] == '\n')
			return true;
	}
	*ret_from = last == from ? (size_t)(end - p) : resume_at(p, last, end);
	return false;
}

enum parse http_request_parse(const uint8_t *p, size_t len, size_t from, struct http_request *ret,
			      size_t *ret_from)
{
	size_t n = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	struct head h = {.end = p + n, .r = ret};
	memset(ret, 0, sizeof(*ret));
	*ret_from = 0;
	enum parse probe = http_probe(p, n, false);
	if (probe != PARSE_OK)
		return probe;

	const uint8_t *line = p + http_leading(p, n), *last;
	const uint8_t *lf = line_end(line, h.end), *stop = lf;
	bool fields = false;
	if (!lf) {
		*ret_from = n;
		return n == HTTP_HEAD_MAX ? PARSE_BAD : PARSE_MORE;
	}
	if (stop[-1] == '\r') {
		stop--;
		h.carriage_returns++;
	}
	enum parse answer = read_request_line(line, stop, ret, &fields);
	if (answer != PARSE_OK)
		return answer;
	if (!fields) {
		ret->head_bytes = (size_t)(lf + 1 - p);
		http_framing_result(&h.framing, ret);
		return PARSE_OK;
	}
	/* The empty line may follow at once: the search begins with the line end before it. */
	if (from > (size_t)(lf - p) && n < HTTP_HEAD_MAX && !ends(p, p + from, h.end, ret_from))
		return PARSE_MORE;
	const uint8_t *rest = read_fields(&h, lf + 1, &last);
	if (!rest && n < HTTP_HEAD_MAX) {
		*ret_from = resume_at(p, last, h.end);
		return PARSE_MORE;
	}
	const uint8_t *end = rest ? rest : last;
	if (count_carriage_returns(line, end) != h.carriage_returns)
		read_bare_carriage_returns(&h, line, end);
	http_framing_result(&h.framing, ret);
	ret->head_bytes = (size_t)(end - p);
	return rest && !h.hosts_full ? PARSE_OK : PARSE_BAD;
}
