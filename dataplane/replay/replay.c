/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/replay.h"

#include <inttypes.h>

#include "dataplane/replay/capture_in.h"

#define BURST	       32
#define PROGRESS_EVERY 4096 /* bursts */

static void write_burst(struct replay *r, const struct packet *pkts, const uint64_t *times_ns, unsigned n,
			const struct pipeline_out *o)
{
	unsigned a = 0; /* answers come in the order of the frames that caused them */
	for (unsigned i = 0; i < n; i++) {
		if (pkts[i].verdict == VERDICT_PASS)
			capture_out_frame(r->out, pkts[i].data, pkts[i].len, (enum link)pkts[i].link,
					  times_ns[i], false);
		for (; a < o->n_answers && o->answers[a].packet == i; a++)
			capture_out_frame(r->out, o->answers[a].data, o->answers[a].len,
					  (enum link)pkts[i].link, times_ns[i], true);
	}
}

static void show_progress(const char *path, const struct capture_in *c, bool last)
{
	struct capture_in_stats s;
	capture_in_stats(c, &s);
	if (s.file_bytes)
		fprintf(stderr, "\r%s: %3.0f %%, %" PRIu64 " frames%s", path,
			100.0 * (double)s.file_pos / (double)s.file_bytes, s.frames, last ? "\n" : "");
	else
		fprintf(stderr, "\r%s: %" PRIu64 " frames%s", path, s.frames, last ? "\n" : "");
}

int replay_capture(struct replay *r, const char *path, struct err *e)
{
	struct capture_in *c;
	struct packet pkts[BURST];
	uint64_t times_ns[BURST];
	int err = capture_in_open(path, &c, e);
	if (err)
		return err;
	unsigned n, bursts = 0;
	while ((n = capture_in_burst(c, pkts, times_ns, BURST))) {
		const struct pipeline_out *o = pipeline_burst(r->pipeline, pkts, n, times_ns[0]);
		for (unsigned i = 0; i < o->n_hits; i++)
			hits_add(r->hits, &o->hits[i], times_ns[o->hits[i].packet]);
		if (r->out)
			write_burst(r, pkts, times_ns, n, o);
		if (r->progress && ++bursts % PROGRESS_EVERY == 0)
			show_progress(path, c, false);
	}
	if (r->progress && bursts >= PROGRESS_EVERY)
		show_progress(path, c, true);
	struct capture_in_stats s;
	capture_in_stats(c, &s);
	r->frames += s.frames;
	r->bytes += s.bytes;
	r->skipped += s.skipped_link;
	if (s.truncated) {
		fprintf(stderr, "roja-replay: %s\n", s.truncated);
		r->truncated++;
	}
	capture_in_close(c);
	return 0;
}
