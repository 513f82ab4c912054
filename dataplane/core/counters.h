/* SPDX-License-Identifier: BSD-3-Clause */
/* counters: what a pipeline counts, as a table from which the struct, --stats, --json, docs and metrics come.
 */
#ifndef DATAPLANE_CORE_COUNTERS_H
#define DATAPLANE_CORE_COUNTERS_H

#include <stdint.h>

/*      name                    what it counts */
/* clang-format off */
#define COUNTERS(X)                                                                                        \
	X(packets,              "frames judged")                                                           \
	X(bytes,                "bytes of frames judged")                                                  \
	X(not_ip,               "frames that hold no IP packet; forwarded")                                \
	X(bad_frame,            "frames whose headers are malformed or too deep; forwarded")               \
	X(tunneled,             "packets found inside another IP packet")                                  \
	X(tcp,                  "TCP segments")                                                            \
	X(udp,                  "UDP datagrams")                                                           \
	X(other_ip,             "IP packets of other transports")                                          \
	X(fragments,            "IP fragments")                                                            \
	X(fragments_whole,      "datagrams put together from fragments")                                   \
	X(fragments_refused,    "fragments dropped because they overlap or have impossible lengths")       \
	X(fragments_full,       "fragments forwarded without inspection: cut by the snap length, or too deep in headers") \
	X(flows,                "flows taken under inspection")                                            \
	X(flows_midstream,      "of these, flows picked up after their beginning")                         \
	X(flows_evicted,        "undecided flows pushed out of a full table; forwarded without inspection") \
	X(streams_evicted,      "buffers taken from undecided flows; forwarded without inspection")        \
	X(stream_conflicts,     "segments dropped because their bytes differ from those sent before")      \
	X(stream_beyond,        "segments dropped because they lie too far ahead of a hole")               \
	X(stream_full,          "segments forwarded without inspection: no buffer large enough")           \
	X(stream_gaps,          "streams resumed behind bytes that the server had and the pipeline never saw") \
	X(unacked_old,          "segments dropped because they repeat bytes judged, released and not yet acknowledged") \
	X(unacked_released,     "streams whose judged bytes were released before they were acknowledged")  \
	X(checksum_bad,         "segments not inspected because every receiver drops them: bad checksum")  \
	X(urgent,               "segments with urgent data in an inspected stream; both readings judged")  \
	X(epochs,               "connections that claimed a 5-tuple in use")                               \
	X(tls_hellos,           "ClientHellos read over TCP")                                              \
	X(tls_ech,              "ClientHellos with an encrypted_client_hello extension, real or GREASE")   \
	X(tls_bad,              "ClientHellos malformed or beyond a limit; forwarded")                     \
	X(http_requests,        "HTTP/1.x requests read")                                                  \
	X(http_bad,             "HTTP/1.x requests malformed or beyond a limit; forwarded")                \
	X(http_ambiguous,       "HTTP/1.x requests whose body length servers may read differently")        \
	X(http2_requests,       "cleartext HTTP/2 requests read")                                          \
	X(http2_bad,            "cleartext HTTP/2 connections malformed or beyond a limit; forwarded")     \
	X(http2_full,           "cleartext HTTP/2 connections that lost their decoder to a newer one; forwarded")               \
	X(quic_initials,        "client Initial packets opened")                                           \
	X(quic_unopened,        "Initial packets that no key opens; forwarded")                            \
	X(quic_hellos,          "ClientHellos read over QUIC")                                             \
	X(quic_bad,             "QUIC packets or hellos malformed or beyond a limit; forwarded")           \
	X(quic_crowded,         "Initials dropped: too many unfinished connections on one 5-tuple")        \
	X(dns_queries,          "DNS questions read")                                                      \
	X(names,                "names and URLs looked up")                                                \
	X(names_bad,            "names no rule can match: not a host name")                                \
	X(hits,                 "hits reported")                                                           \
	X(hits_lost,            "hits enforced but not reported: no room in the burst")                    \
	X(excepted,             "matches let pass by an exception")                                        \
	X(blocked_addresses,    "frames dropped (in mode monitor: seen) because an address is blocked for a time") \
	X(dropped,              "frames not forwarded")                                                    \
	X(answers,              "frames injected")                                                         \
	X(answers_lost,         "frames not injected: no room in the burst, or no way back")               \
	X(limit_drops,          "frames dropped because a limit is configured to fail closed")             \
	X(no_ruleset,           "packets judged without a ruleset; forwarded unless that limit fails closed")
/* clang-format on */

struct counters {
#define X(name, help) uint64_t name;
	COUNTERS(X)
#undef X
};

struct counter_row {
	const char *name, *help;
};
extern const struct counter_row counter_rows[];
extern const unsigned counter_rows_n;

/* The value of row i. */
uint64_t counter_value(const struct counters *c, unsigned i);

#endif
