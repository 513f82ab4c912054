/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/hits.h"

#include <stdlib.h>
#include <time.h>

#define LOOK_MS 200 /* between two looks where nothing new came */

/* The widths of a live table cannot be known: a line a hit, its columns as wide as they mostly are. */
static void print_line(const json_t *hit, const struct style *s)
{
	static const struct {
		const char *member;
		int width;
	} parts[] = {{"time", 24}, {"dataplane", 10}, {"order", 5},  {"reference", 16}, {"list", 16},
		     {"line", 8},  {"protocol", 8},   {"action", 9}, {"hits", 6},	{"version", 0}};
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char *text = text_of_json(json_object_get(hit, parts[i].member));
		size_t used = text ? text_columns(text) : 0;
		fprintf(s->out, "%s%s", i ? " " : "", text ? text : "");
		for (; parts[i].width && used < (size_t)parts[i].width; used++)
			fputc(' ', s->out);
		free(text);
	}
	fputc('\n', s->out);
}

static int64_t number_of(const json_t *hit)
{
	return json_integer_value(json_object_get(hit, "hit"));
}

/* Prints those behind *after, the oldest first, in whichever order they came. */
static size_t print_new(const struct request *q, const json_t *hits, int64_t *after, const struct style *s)
{
	size_t n = json_array_size(hits), shown = 0;
	bool newest_first =
	    n > 1 && number_of(json_array_get(hits, 0)) > number_of(json_array_get(hits, n - 1));
	int64_t last = *after;
	for (size_t i = 0; i < n; i++) {
		const json_t *hit = json_array_get(hits, newest_first ? n - 1 - i : i);
		if (number_of(hit) <= *after)
			continue;
		if (q->ask.json)
			view_json(hit, s->out);
		else
			print_line(hit, s);
		last = number_of(hit) > last ? number_of(hit) : last;
		shown++;
	}
	*after = last;
	return shown;
}

static int follow(struct request *q, struct err *e)
{
	static const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000};
	struct style s = style_of(stdout);
	int64_t after = json_integer_value(json_object_get(q->params, "after"));
	while (!fflush(stdout)) {
		json_t *hits = NULL;
		int err = request_ask(q, "hits.list", q->params, &hits, e);
		if (err)
			return err;
		size_t shown = print_new(q, hits, &after, &s);
		json_decref(hits);
		json_object_set_new(q->params, "after", json_integer(after));
		if (!shown)
			nanosleep(&pause, NULL);
	}
	return 0;
}

int hits_run(struct request *q)
{
	struct err e = {""};
	json_t *hits = NULL;
	int err = request_value(q, "follow")->flag ? follow(q, &e)
						   : request_ask(q, "hits.list", q->params, &hits, &e);
	if (err)
		return request_failed(q, err, &e);
	if (hits)
		request_show(q, hits);
	json_decref(hits);
	return CTL_OK;
}
