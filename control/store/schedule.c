/* SPDX-License-Identifier: BSD-3-Clause */
/* Weekly windows, as minutes of a week: "Mon-Fri 08:00-20:00, Sat 00:00-24:00". */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/store/order_fields.h"

#define DAY  1440
#define WEEK (7 * DAY)

static const char days[] = "MonTueWedThuFriSatSun";

struct window {
	int first_day, last_day, from, to;
};

static int day(const char **p)
{
	for (int i = 0; i < 7; i++)
		if (!strncmp(*p, days + 3 * i, 3)) {
			*p += 3;
			return i;
		}
	return -1;
}

static int minutes(const char **p)
{
	const char *s = *p;
	for (int i = 0; i < 5; i++)
		if (i == 2 ? s[i] != ':' : !isdigit((unsigned char)s[i]))
			return -1;
	int h = (s[0] - '0') * 10 + s[1] - '0', m = (s[3] - '0') * 10 + s[4] - '0';
	*p += 5;
	return m < 60 && h * 60 + m <= DAY ? h * 60 + m : -1;
}

static void blanks(const char **p)
{
	while (**p == ' ')
		(*p)++;
}

/* One window at *p, with the comma behind it. */
static const char *next(const char **p, struct window *w)
{
	blanks(p);
	if ((w->first_day = w->last_day = day(p)) < 0)
		return "a window begins with Mon, Tue, Wed, Thu, Fri, Sat or Sun";
	if (**p == '-') {
		(*p)++;
		if ((w->last_day = day(p)) < 0)
			return "behind the - a day such as Fri is missing";
	}
	blanks(p);
	if ((w->from = minutes(p)) < 0 || **p != '-')
		return "the hours are written 08:00-20:00, UTC";
	(*p)++;
	if ((w->to = minutes(p)) < 0)
		return "the hours are written 08:00-20:00, UTC";
	if (w->to <= w->from)
		return "a window ends after it begins, on the same day: split it at 24:00";
	blanks(p);
	if (**p == ',')
		(*p)++;
	else if (**p)
		return "windows are separated by commas";
	blanks(p);
	return NULL;
}

const char *schedule_check(const char *schedule)
{
	struct window w;
	const char *why = NULL;
	for (const char *p = schedule; !why && *p;)
		why = next(&p, &w);
	return why;
}

static bool on_day(const struct window *w, int d)
{
	return w->first_day <= w->last_day ? d >= w->first_day && d <= w->last_day
					   : d >= w->first_day || d <= w->last_day;
}

static bool holds(const char *schedule, int minute)
{
	struct window w;
	for (const char *p = schedule; *p && !next(&p, &w);)
		if (on_day(&w, minute / DAY) && minute % DAY >= w.from && minute % DAY < w.to)
			return true;
	return false;
}

/* Of the week that begins on Monday; 1970-01-01 was a Thursday. */
static int minute_of_week(int64_t at)
{
	return (int)((at / 60 + 3 * DAY) % WEEK);
}

bool schedule_holds(const char *schedule, int64_t at)
{
	return !schedule || !*schedule || holds(schedule, minute_of_week(at));
}

int64_t schedule_changes(const char *schedule, int64_t at)
{
	if (!schedule || !*schedule)
		return 0;
	int begin = minute_of_week(at);
	bool now = holds(schedule, begin);
	for (int i = 1; i <= WEEK; i++)
		if (holds(schedule, (begin + i) % WEEK) != now)
			return (at / 60 + i) * 60;
	return 0;
}
