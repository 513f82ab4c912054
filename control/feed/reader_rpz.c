/* SPDX-License-Identifier: BSD-3-Clause */
/* DNS response policy zones: which names and addresses a zone blocks, and which it lets pass. A name is that host alone, *.name its
 * subdomains. Policies that are no plain block (answers of the zone's own) are rejected: the order says what a block looks like. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/feed/zone.h"

#define NO_ZONE \
	"rpz.invalid" /* stands for the zone where nothing says its name; everything is relative then */
#define LABELS_MAX 10 /* of an address: a length, eight groups */

struct rpz {
	struct zone zone;
	char apex[ZONE_NAME_BYTES]; /* "": not known yet */
};

/* What a CNAME says. */
static const struct {
	const char *target;
	bool exception;
	const char *why; /* NULL: it blocks, or lets pass */
} policies[] = {
    {".", false, NULL},
    {"*.", false, NULL},
    {"rpz-drop.", false, NULL},
    {"rpz-passthru.", true, NULL},
    {"rpz-tcp-only.", false, "rpz-tcp-only neither blocks a name nor lets it pass"},
};

/* Triggers by their last label. */
static const struct {
	const char *label, *why; /* NULL: an address in answers */
} triggers[] = {
    {"rpz-ip", NULL},
    {"rpz-client-ip", "rpz-client-ip is about who asks, not about what is blocked"},
    {"rpz-nsdname", "rpz-nsdname would block every name of a name server: write the names that were ordered"},
    {"rpz-nsip", "rpz-nsip would block every name of a name server: write the names that were ordered"},
};

/* Types that say nothing of policies. */
static const char *const ignored[] = {"RRSIG",	"NSEC", "NSEC3",   "NSEC3PARAM",
				      "DNSKEY", "CDS",	"CDNSKEY", "ZONEMD"};

/* The owner without the zone's name and its dot. NULL: *ret_why. */
static const char *relative_name(const struct rpz *p, const char *owner, char ret[ZONE_NAME_BYTES],
				 const char **ret_why)
{
	size_t n = strlen(owner), apex = strlen(p->apex);
	*ret_why =
	    "the name is not below the zone's own: give the option zone, or write names without a last dot";
	if (n < apex + 1 || strcmp(owner + n - apex, p->apex) || owner[n - apex - 1] != '.')
		return NULL;
	memcpy(ret, owner, n - apex - 1);
	ret[n - apex - 1] = 0;
	*ret_why =
	    "a byte that no host name holds, or an escape: names are letters, digits, '-', '_' and '.'";
	return ret[strspn(ret, "abcdefghijklmnopqrstuvwxyz0123456789-_.*")] ? NULL : ret;
}

/* "24.0.2.0.192" -> "192.0.2.0/24", "48.zz.1.db8.2001" -> "2001:db8:1::/48" */
static const char *write_address(char *labels, char *to)
{
	const char *parts[LABELS_MAX];
	unsigned n = 0;
	char *rest, *label = strtok_r(labels, ".", &rest), *p = to;
	for (; label; label = strtok_r(NULL, ".", &rest)) {
		if (n == LABELS_MAX || strlen(label) > 4)
			return "an address of rpz-ip is such as 24.0.2.0.192.rpz-ip or 32.zz.db8.2001.rpz-ip";
		parts[n++] = label;
	}
	if (n < 2)
		return "an address of rpz-ip is such as 24.0.2.0.192.rpz-ip or 32.zz.db8.2001.rpz-ip";
	bool is4 = n == 5 && strspn(parts[1], "0123456789") == strlen(parts[1]);
	for (unsigned i = 1; i < n && is4; i++)
		is4 = parts[i][strspn(parts[i], "0123456789")] == 0;
	for (unsigned i = n - 1; i > 0; i--) {
		if (!strcmp(parts[i], "zz"))
			p = stpcpy(p, i == n - 1 ? "::" : ":");
		else
			p = stpcpy(stpcpy(p, parts[i]), i == 1 ? "" : is4 ? "." : ":");
	}
	sprintf(p, "/%s", parts[0]);
	return NULL;
}

/* The trigger as a line of a plain list, without '!'. */
static const char *write_trigger(char *name, char *to)
{
	char *last = strrchr(name, '.');
	for (unsigned i = 0; last && i < sizeof(triggers) / sizeof(*triggers); i++) {
		if (strcmp(last + 1, triggers[i].label))
			continue;
		*last = 0;
		return triggers[i].why ? triggers[i].why : write_address(name, to);
	}
	if (!strcmp(name, "*"))
		return "a bare '*' would match every name: write the names that were ordered";
	bool wildcard = !strncmp(name, "*.", 2);
	if (strchr(name + wildcard, '*'))
		return "a '*' is the first label of a name, or stands nowhere";
	stpcpy(stpcpy(to, wildcard ? "" : "="), name);
	return NULL;
}

static const char *find_policy(const struct rpz *p, const struct zone_record *x, const char *name,
			       bool *ret_exception)
{
	char target[ZONE_NAME_BYTES];
	size_t n = strlen(name);
	if (strcasecmp(x->type, "CNAME"))
		return "an answer of the zone's own (local data): what a blocked name shows is said by the order; write "
		       "CNAME . to block it";
	if (x->n_data != 1 || !zone_name(&p->zone, x->data[0], target))
		return "CNAME is followed by one name";
	for (unsigned i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		if (!strcmp(policies[i].target, target)) {
			*ret_exception = policies[i].exception;
			return policies[i].why;
		}
	/* how it was written before there was rpz-passthru */
	*ret_exception = !strncmp(target, name, n) && !strcmp(target + n, ".");
	return *ret_exception
		   ? NULL
		   : "CNAME to a name (a page of the zone's own): what a blocked name shows is said by the "
		     "order; write CNAME . to block it";
}

static int take_policy(struct rpz *p, const struct zone_record *x)
{
	struct reading *r = p->zone.r;
	struct span shown = {(const uint8_t *)x->owner, strlen(x->owner)};
	char name[ZONE_NAME_BYTES], text[2 * ZONE_NAME_BYTES] = "!";
	const char *why = x->bad;
	bool exception = false;
	if (!why && relative_name(p, x->owner, name, &why)) {
		why = find_policy(p, x, name, &exception);
		if (!why)
			why = write_trigger(name, text + 1);
	}
	if (why)
		return reading_reject(r, x->line, why, shown);
	const char *line = text + !exception;
	return reading_take(r, TAKE_PLAIN, x->line, (struct span){(const uint8_t *)line, strlen(line)});
}

static int take_soa(struct rpz *p, const struct zone_record *x)
{
	struct reading *r = p->zone.r;
	if (r->result->serial >= 0)
		return reading_fail(
		    r, x->line, -EBADMSG,
		    "a second SOA: are these two zones in one file, or a zone's changes (IXFR)?");
	if (x->n_data != 7 || !*x->data[2] || strlen(x->data[2]) > 10 ||
	    x->data[2][strspn(x->data[2], "0123456789")])
		return reading_fail(r, x->line, -EBADMSG, "the SOA is not complete: is the zone cut short?");
	if (*p->apex && strcmp(p->apex, x->owner))
		return reading_fail(r, x->line, -EBADMSG,
				    "the SOA is of another name than the records before: put it first");
	r->result->serial = (int64_t)strtoull(x->data[2], NULL, 10);
	strcpy(p->apex, x->owner);
	return 0;
}

static int take_record(struct rpz *p, const struct zone_record *x)
{
	if (!x->bad && !strcasecmp(x->type, "SOA"))
		return take_soa(p, x);
	if (!*p->apex)
		strcpy(p->apex, p->zone.origin);
	for (unsigned i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		if (!x->bad && !strcasecmp(ignored[i], x->type))
			return 0;
	if (!x->bad && !strcmp(x->owner, p->apex))
		return 0; /* of the zone itself: its name servers */
	return take_policy(p, x);
}

static int read_rpz(struct reading *r)
{
	struct rpz *p = calloc(1, sizeof(*p));
	struct zone_record x;
	int err = 0, got = 0;
	if (!p)
		return err_set(r->e, -ENOMEM, "%s: no memory to read it", r->name);
	const char *zone = reading_option(r, "zone");
	zone_init(&p->zone, r, *zone ? zone : NO_ZONE);
	if (*zone)
		strcpy(p->apex, p->zone.origin);
	while (!err && (got = zone_next(&p->zone, &x)) > 0)
		err = take_record(p, &x);
	explicit_bzero(p, sizeof(*p));
	free(p);
	return err ? err : got;
}

static const char *check_zone(const char *value)
{
	bool good =
	    *value && strlen(value) < ZONE_NAME_BYTES - 2 && *value != '.' &&
	    !value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")];
	return good ? NULL : "the zone's name, such as rpz.name.test";
}

static const struct reader_option options[] = {
    {"zone", "NAME", "", "the zone's name, where its file does not say it ($ORIGIN, SOA)", check_zone},
    {0},
};

const struct reader reader_rpz = {
    .format = {.name = "rpz",
	       .help = "a response policy zone of DNS: names and addresses with CNAME . or rpz-passthru.",
	       .options = "zone=NAME"},
    .options = options,
    .read = read_rpz,
};
