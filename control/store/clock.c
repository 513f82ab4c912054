/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void clock_text(int64_t at, char ret[CLOCK_TEXT_BYTES])
{
	struct tm tm;
	time_t t = (time_t)at;
	gmtime_r(&t, &tm);
	strftime(ret, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* n digits at *p; advances. */
static bool digits(const char **p, unsigned n, int *ret)
{
	*ret = 0;
	for (; n; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*ret = *ret * 10 + (**p - '0');
	}
	return true;
}

static bool eat(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* "Z" or "+01:00": seconds east of UTC. */
static bool zone(const char **p, int *ret)
{
	int sign = **p == '-' ? -1 : 1, h, m;
	*ret = 0;
	if (eat(p, 'Z'))
		return true;
	if (!eat(p, '+') && !eat(p, '-'))
		return false;
	if (!digits(p, 2, &h) || !eat(p, ':') || !digits(p, 2, &m) || h > 14 || m > 59)
		return false;
	*ret = sign * (h * 3600 + m * 60);
	return true;
}

int64_t clock_parse(const char *text)
{
	const char *p = text;
	struct tm tm = {.tm_isdst = 0}, back;
	int east = 0;
	if (!digits(&p, 4, &tm.tm_year) || !eat(&p, '-') || !digits(&p, 2, &tm.tm_mon) || !eat(&p, '-') ||
	    !digits(&p, 2, &tm.tm_mday))
		return -1;
	if (*p) {
		if (!eat(&p, 'T') || !digits(&p, 2, &tm.tm_hour) || !eat(&p, ':') ||
		    !digits(&p, 2, &tm.tm_min))
			return -1;
		if (eat(&p, ':') && !digits(&p, 2, &tm.tm_sec))
			return -1;
		if (!zone(&p, &east) || *p)
			return -1;
	}
	if (tm.tm_year < 1970)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	struct tm asked = tm;
	time_t t = timegm(&tm);
	gmtime_r(&t, &back);
	if (back.tm_mday != asked.tm_mday || back.tm_mon != asked.tm_mon || back.tm_hour != asked.tm_hour ||
	    back.tm_min != asked.tm_min || back.tm_sec != asked.tm_sec || t - east < 0)
		return -1;
	return (int64_t)t - east;
}
