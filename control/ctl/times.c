/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/times.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_FIRST 1970
#define YEAR_LAST  9999

/* Exactly n digits at *at; moves it. -1: others stand there. */
static int digits(const char **at, unsigned n)
{
	int v = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!isdigit((unsigned char)**at))
			return -1;
		v = 10 * v + *(*at)++ - '0';
	}
	return v;
}

static bool past(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* "", "Z", "+01:00": seconds east of UTC. */
static bool read_offset(const char *at, long *ret)
{
	int sign = *at == '-' ? -1 : 1, hours, minutes;
	*ret = 0;
	if (!*at || !strcmp(at, "Z") || !strcmp(at, "z"))
		return true;
	if (*at != '+' && *at != '-')
		return false;
	at++;
	hours = digits(&at, 2);
	past(&at, ':');
	minutes = digits(&at, 2);
	*ret = sign * (hours * 3600L + minutes * 60L);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && !*at;
}

static bool read_date(const char *at, time_t *ret)
{
	struct tm t = {0};
	long east;
	int year = digits(&at, 4), month, day;
	month = past(&at, '-') ? digits(&at, 2) : -1;
	day = past(&at, '-') ? digits(&at, 2) : -1;
	if (past(&at, 'T') || past(&at, 't') || past(&at, ' ')) {
		t.tm_hour = digits(&at, 2);
		t.tm_min = past(&at, ':') ? digits(&at, 2) : -1;
		t.tm_sec = past(&at, ':') ? digits(&at, 2) : 0;
	}
	if (!read_offset(at, &east) || year < YEAR_FIRST || month < 1 || day < 1 || t.tm_hour < 0 ||
	    t.tm_hour > 23 || t.tm_min < 0 || t.tm_min > 59 || t.tm_sec < 0 || t.tm_sec > 59)
		return false;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	t.tm_mday = day;
	struct tm given = t;
	time_t v = timegm(&t);
	*ret = v - east;
	return t.tm_mday == given.tm_mday && t.tm_mon == given.tm_mon; /* no 30th of February */
}

static bool read_distance(const char *text, time_t now, time_t *ret)
{
	static const struct {
		char unit;
		time_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
	char *end;
	if ((*text != '+' && *text != '-') || !isdigit((unsigned char)text[1]))
		return false;
	errno = 0;
	long n = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!errno && n < 1000000000 && n > -1000000000 && end[0] == units[i].unit && !end[1]) {
			*ret = now + n * units[i].seconds;
			return true;
		}
	return false;
}

int times_read(const char *label, const char *text, time_t now, char ret[TIMES_BYTES], struct err *e)
{
	time_t v;
	struct tm t;
	if (!strcmp(text, "now"))
		v = now;
	else if (!read_distance(text, now, &v) && !read_date(text, &v))
		return err_set(e, -EINVAL,
			       "%s: \"%s\" is no time: write 2026-11-26, 2026-11-26T06:00 (UTC), "
			       "2026-11-26T06:00+01:00, now, or +90d",
			       label, text);
	if (!gmtime_r(&v, &t) || t.tm_year + 1900 < YEAR_FIRST || t.tm_year + 1900 > YEAR_LAST)
		return err_set(e, -EINVAL, "%s: \"%s\" is not in the years %d to %d", label, text, YEAR_FIRST,
			       YEAR_LAST);
	strftime(ret, TIMES_BYTES, "%Y-%m-%dT%H:%M:%SZ", &t);
	return 0;
}
