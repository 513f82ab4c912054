/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_http: HTTP/1.1 connections that stay open for several requests. */
#include <stdio.h>
#include <string.h>

#include "perf/gen.h"

enum { TAG_REQUESTS = 300, TAG_METHOD, TAG_PATH, TAG_AGENT, TAG_BODY, TAG_ANSWER, TAG_TYPE };

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "curl/8.17.0",
    "okhttp/5.3.0",
};
static const char *const paths[] = {"/",
				    "/index.html",
				    "/img/logo.png",
				    "/api/v1/items?page=2",
				    "/a/b/c/d.js?v=12",
				    "/video/seg-00017.ts",
				    "/search?q=tirana",
				    "/feed.xml"};
static const char *const types[] = {"text/html; charset=utf-8", "application/json", "text/plain", "text/css"};
#define PICK(list, f, tag) ((list)[gen_rnd(f, tag, sizeof(list) / sizeof(*(list)))])

static unsigned requests(const struct gen_flow *f)
{
	return 1 + gen_rnd(f, TAG_REQUESTS, GEN_REQUESTS);
}

static bool is_post(const struct gen_flow *f, unsigned k)
{
	return gen_rnd(f, TAG_METHOD + 1000 * k, 8) == 0;
}

static uint32_t upload_len(const struct gen_flow *f, unsigned k)
{
	return is_post(f, k) ? 20 + gen_rnd(f, TAG_BODY + 1000 * k, 600) : 0;
}

static uint32_t body_len(const struct gen_flow *f, unsigned k)
{
	uint32_t share = f->budget / requests(f);
	return share / 2 + gen_rnd(f, TAG_ANSWER + 1000 * k, share + 1);
}

static uint32_t request_head(const struct gen *g, const struct gen_flow *f, unsigned k, char *out)
{
	char name[GEN_NAME_MAX], port[16] = "", length[96] = "";
	bool listed;
	gen_flow_name(g, f, k, name, &listed);
	if (f->ends.port[1] != 80)
		snprintf(port, sizeof(port), ":%u", f->ends.port[1]);
	if (is_post(f, k))
		snprintf(length, sizeof(length),
			 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %u\r\n",
			 upload_len(f, k));
	return (uint32_t)snprintf(out, GEN_PAYLOAD_MAX,
				  "%s %s HTTP/1.1\r\nHost: %s%s\r\nConnection: keep-alive\r\n%s"
				  "User-Agent: %s\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
				  "Accept-Language: sq-AL,sq;q=0.9,en;q=0.8\r\n\r\n",
				  is_post(f, k) ? "POST" : "GET", PICK(paths, f, TAG_PATH + 1000 * k), name,
				  port, length, PICK(agents, f, TAG_AGENT));
}

static uint32_t answer_head(const struct gen_flow *f, unsigned k, char *out)
{
	return (uint32_t)snprintf(
	    out, GEN_PAYLOAD_MAX,
	    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Wed, 25 Nov 2026 10:00:00 GMT\r\n"
	    "Content-Type: %s\r\nContent-Length: %u\r\nConnection: keep-alive\r\n\r\n",
	    PICK(types, f, TAG_TYPE + 1000 * k), body_len(f, k));
}

static bool http_turn(struct gen *g, const struct gen_flow *f, unsigned t, enum gen_dir *ret_dir,
		      uint32_t *ret_len)
{
	char head[GEN_PAYLOAD_MAX];
	*ret_dir = t & 1 ? TO_CLIENT : TO_SERVER;
	*ret_len = t & 1 ? answer_head(f, t / 2, head) + body_len(f, t / 2)
			 : request_head(g, f, t / 2, head) + upload_len(f, t / 2);
	return t / 2 < requests(f);
}

static void http_bytes(struct gen *g, const struct gen_flow *f, unsigned t, uint32_t off, uint32_t len,
		       uint8_t *out)
{
	char head[GEN_PAYLOAD_MAX];
	uint32_t n = 0, from_head = 0;
	if (off < GEN_PAYLOAD_MAX)
		n = t & 1 ? answer_head(f, t / 2, head) : request_head(g, f, t / 2, head);
	if (off < n) {
		from_head = n - off < len ? n - off : len;
		memcpy(out, head + off, from_head);
	}
	memcpy(out + from_head, g->text + gen_rnd(f, TAG_BODY + t + 1000 * (off & 0xffff), GEN_POOL),
	       len - from_head);
}

const struct gen_kind gen_http = {
    .label = "HTTP",
    .proto = "http",
    .per_mille = 100,
    .ip_proto = 6,
    .port = 80,
    .other_port = 8080,
    .servers = 500,
    .least = 2500,
    .bulk = true,
    .names = requests,
    .turn = http_turn,
    .bytes = http_bytes,
};
