/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_tcp: turns of a conversation as segments of a connection. */
#include "perf/gen.h"

#define ACK_EVERY 4 /* segments, as a receiver whose NIC joins them */

enum tcp_phase { OPEN, OPEN_BACK, OPENED, TALK, END, END_BACK, ENDED, OVER };

static void send_flags(struct gen *g, struct gen_flow *f, enum gen_dir dir, uint8_t flags)
{
	struct gen_tcp_header h = {flags, f->seq[dir], f->seq[!dir]};
	gen_out_payload(&g->out, &f->ends, true, flags);
	gen_out_tcp(&g->out, &f->ends, dir == TO_CLIENT, &h, 0);
	if (flags & (TCP_SYN | TCP_FIN))
		f->seq[dir]++;
}

static void send_bytes(struct gen *g, struct gen_flow *f, uint32_t off, uint32_t len)
{
	enum gen_dir dir = (enum gen_dir)f->turn_dir;
	bool last = off + len == f->turn_len;
	struct gen_tcp_header h = {(uint8_t)(TCP_ACK | (last ? TCP_PSH : 0)), f->seq[dir] + off,
				   f->seq[!dir]};
	uint8_t *p = gen_out_payload(&g->out, &f->ends, true, TCP_ACK);
	f->kind->bytes(g, f, f->turn, off, len, p);
	gen_out_tcp(&g->out, &f->ends, dir == TO_CLIENT, &h, len);
}

/* The next piece of the turn. First words are cut as a client's stack cuts them; content shrinks when frames
 * would get too large in the mean. */
static void send_segment(struct gen *g, struct gen_flow *f)
{
	uint32_t mss = gen_mss(&f->ends), left = f->turn_len - f->off, len = left < mss ? left : mss;
	uint32_t off = f->off;
	if (f->turn == 0 && f->swapped && f->turn_len > mss) {
		len = f->off ? mss : f->turn_len - mss;
		off = f->off ? 0 : mss;
	} else if (g->small && f->turn > 1 && len == mss) {
		len = 100 + (uint32_t)(gen_mix(f->seed + f->off) % 800);
	}
	send_bytes(g, f, off, len);
	f->off += len;
	f->unacked++;
	if (f->off >= f->turn_len) {
		f->seq[f->turn_dir] += f->turn_len;
		f->turn++;
		f->turn_len = f->off = 0;
	}
}

static bool talk(struct gen *g, struct gen_flow *f)
{
	bool hole = f->turn == 0 && f->swapped;
	if (f->unacked >= (g->small ? 1 : ACK_EVERY) && !hole) {
		/* seq[] moves on at the end of a turn; within one, what was sent so far is acknowledged. */
		struct gen_tcp_header h = {TCP_ACK, f->seq[!f->turn_dir], f->seq[f->turn_dir] + f->off};
		gen_out_payload(&g->out, &f->ends, true, TCP_ACK);
		gen_out_tcp(&g->out, &f->ends, f->turn_dir == TO_SERVER, &h, 0);
		f->unacked = 0;
		return true;
	}
	if (!f->turn_len) {
		enum gen_dir dir;
		if (!f->kind->turn(g, f, f->turn, &dir, &f->turn_len))
			return false;
		if (dir != f->turn_dir)
			f->unacked = 0;
		f->turn_dir = (uint8_t)dir;
	}
	send_segment(g, f);
	return true;
}

bool gen_tcp_next(struct gen *g, struct gen_flow *f)
{
	static const struct {
		enum gen_dir dir;
		uint8_t flags;
	} steps[] = {
	    [OPEN] = {TO_SERVER, TCP_SYN},
	    [OPEN_BACK] = {TO_CLIENT, TCP_SYN | TCP_ACK},
	    [OPENED] = {TO_SERVER, TCP_ACK},
	    [END] = {TO_SERVER, TCP_FIN | TCP_ACK},
	    [END_BACK] = {TO_CLIENT, TCP_FIN | TCP_ACK},
	    [ENDED] = {TO_SERVER, TCP_ACK},
	};
	if (f->phase == TALK) {
		if (talk(g, f))
			return true;
		f->phase = END;
	}
	if (f->phase == OVER)
		return false;
	send_flags(g, f, steps[f->phase].dir, steps[f->phase].flags);
	return ++f->phase != OVER;
}

bool gen_udp_next(struct gen *g, struct gen_flow *f)
{
	enum gen_dir dir;
	uint8_t *p = gen_out_payload(&g->out, &f->ends, false, 0);
	size_t len = f->kind->datagram(g, f, &dir, p);
	if (!len)
		return false;
	gen_out_udp(&g->out, &f->ends, dir == TO_CLIENT, len);
	return true;
}
