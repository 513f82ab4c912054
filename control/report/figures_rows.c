/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/report/figures.h"

/* clang-format off */
#define AUTHORITY "coalesce(o.fields ->> 'authority', 'unknown')"
#define CATEGORY  "coalesce(o.fields ->> 'category', 'unknown')"
/* In force at ?2. */
#define IN_FORCE  "(o.approved < ?2 AND o.starts < ?2 AND o.expires >= ?2 AND (o.ended IS NULL OR o.ended >= ?2)" \
		  " AND coalesce(o.fields ->> 'mode', 'enforce') <> 'shadow')"
/* Of the import of each list that was approved last before ?2. */
#define ENTRIES   "coalesce((SELECT sum((SELECT i.entries - i.skipped FROM imports i WHERE i.list_id = l.id AND i.state = 'approved'" \
		  " AND i.approved < ?2 ORDER BY i.approved DESC, i.id DESC LIMIT 1)) FROM lists l WHERE l.order_id = o.id), 0)"
#define ENDED(how) "sum(o.state = '" how "' AND o.ended >= ?1 AND o.ended < ?2)"

/* Pairs that can be, so that a nought is a count and not a gap. */
#define HITS_BY_CATEGORY                                                                                       \
	"SELECT authority, category, sum(n) FROM ("                                                                  \
	"SELECT " AUTHORITY " authority, " CATEGORY " category, 0 n FROM orders o WHERE o.approved < ?2"             \
	" UNION ALL SELECT " AUTHORITY ", " CATEGORY ", c.n FROM audit.hit_counts c LEFT JOIN orders o ON o.id = c.order_id" \
	" WHERE c.hour >= ?1 AND c.hour < ?2) GROUP BY 1, 2 ORDER BY 1, 2"
/* An order's actions (rules/meta.h) and shadow mode's. */
#define ACTIONS                                                                                                      \
	"VALUES('http','page'),('http','redirect'),('http','reset'),('http','drop'),('http','count'),"               \
	"('tls','alert'),('tls','reset'),('tls','drop'),('tls','count'),('quic','close'),('quic','drop'),('quic','count')," \
	"('dns','nxdomain'),('dns','address'),('dns','drop'),('dns','count'),('ip','icmp'),('ip','drop'),('ip','count')"
#define HITS_BY_PROTOCOL                                                                                       \
	"WITH a(protocol, action) AS (" ACTIONS ")"                                                                  \
	" SELECT protocol, action, sum(n) FROM (SELECT protocol, action, 0 n FROM a"                                 \
	" UNION ALL SELECT c.protocol, c.action, c.n FROM audit.hit_counts c WHERE c.hour >= ?1 AND c.hour < ?2)"            \
	" GROUP BY 1, 2 ORDER BY 1, 2"
/* Of what lies within the period. */
#define OVERLAP   "(min(o.ended_ns, ?2 * 1000000000) - max(o.began_ns, ?1 * 1000000000)) / 1000000"
#define OUTAGES                                                                                             \
	"SELECT o.dataplane, o.reason, count(*), coalesce(sum(" OVERLAP ") FILTER (WHERE NOT o.closed), 0),"         \
	" coalesce(sum(" OVERLAP ") FILTER (WHERE o.closed), 0) FROM audit.outages o"                                  \
	" WHERE o.began_ns < ?2 * 1000000000 AND o.ended_ns > ?1 * 1000000000 GROUP BY 1, 2 ORDER BY 1, 2"

/* When an order came into force first on the last of the data planes that were there then: those which had taken any version within a day of the
   order's first one. A data plane that is added later does not make old orders late. */
#define ENFORCED                                                                                                     \
	"WITH first AS (SELECT order_id, dataplane, min(enforced_ns) ns FROM order_times GROUP BY 1, 2),"            \
	" known AS (SELECT dataplane, min(acked_ns) ns FROM acks WHERE dataplane IN (SELECT value FROM json_each(?3)) GROUP BY 1)," \
	" span AS (SELECT order_id, min(ns) begun, max(ns) ns FROM first GROUP BY 1),"                               \
	" done AS (SELECT s.order_id, s.ns FROM span s WHERE NOT EXISTS (SELECT 1 FROM known k"                      \
	"  WHERE k.ns < s.begun + 86400000000000"                                                                    \
	"  AND NOT EXISTS (SELECT 1 FROM first g WHERE g.order_id = s.order_id AND g.dataplane = k.dataplane)))"
#define TIME_TO_BLOCK                                                                                                \
	ENFORCED " SELECT 'from-approval', max(0, (d.ns - max(coalesce(o.approved_ns, o.approved * 1000000000),"     \
	" o.starts * 1000000000)) / 1000000) FROM done d JOIN orders o ON o.id = d.order_id"                         \
	" WHERE d.ns >= ?1 * 1000000000 AND d.ns < ?2 * 1000000000"                                                  \
	" UNION ALL SELECT 'from-receipt', max(0, (d.ns - o.received * 1000000000) / 1000000)"                       \
	" FROM done d JOIN orders o ON o.id = d.order_id WHERE d.ns >= ?1 * 1000000000 AND d.ns < ?2 * 1000000000 ORDER BY 1"

const struct figures_row figures_rows[] = {
    {"orders", PERIOD_ORDERS, FIGURES_LIST, FIGURES_COUNTS, true, {"authority", "category"},
     {{"received", PERIOD_RECEIVED, false}, {"active", PERIOD_ACTIVE, false}, {"expired", PERIOD_EXPIRED, false},
      {"revoked", PERIOD_REVOKED, false}, {"entries", PERIOD_ENTRIES, false}},
     "SELECT " AUTHORITY ", " CATEGORY ", sum(o.received >= ?1 AND o.received < ?2), coalesce(sum" IN_FORCE ", 0),"
      " coalesce(" ENDED("expired") ", 0), coalesce(" ENDED("revoked") ", 0),"
      " coalesce(sum(iif(" IN_FORCE ", " ENTRIES ", 0)), 0) FROM orders o WHERE o.received < ?2 GROUP BY 1, 2"
      " HAVING sum(o.ended IS NULL OR o.ended >= ?1) ORDER BY 1, 2"},
    {"time_to_block", PERIOD_TIME_TO_BLOCK, FIGURES_TIMES, FIGURES_COUNTS, false, {"measured"},
     {{"orders", PERIOD_ORDERS_N, false}, {"median_s", PERIOD_MEDIAN, true}, {"p95_s", PERIOD_P95, true}}, TIME_TO_BLOCK},
    {"hits_by_authority_and_category", PERIOD_HITS_BY_CATEGORY, FIGURES_CROSS, FIGURES_COUNTS, true, {"authority", "category"}, {{0}},
     HITS_BY_CATEGORY},
    {"hits_by_protocol_and_action", PERIOD_HITS_BY_PROTOCOL, FIGURES_CROSS, FIGURES_COUNTS, true, {"protocol", "action"}, {{0}},
     HITS_BY_PROTOCOL},
    {"appeals", PERIOD_APPEALS, FIGURES_LIST, FIGURES_COUNTS, true, {"outcome"}, {{"appeals", PERIOD_APPEALS_N, false}},
     "WITH k(state, place) AS (VALUES('upheld', 1), ('rejected', 2), ('open', 3))"
      " SELECT k.state, count(a.id) FROM k LEFT JOIN appeals a ON k.state = iif(a.decided < ?2, a.state, 'open')"
      " AND a.created >= ?1 AND a.created < ?2 GROUP BY 1 ORDER BY k.place"},
    {"time_to_decision", PERIOD_TIME_TO_DECISION, FIGURES_TIMES, FIGURES_ALL, false, {"measured"},
     {{"appeals", PERIOD_APPEALS_N, false}, {"median_s", PERIOD_MEDIAN, true}, {"p95_s", PERIOD_P95, true}},
     "SELECT 'from-receipt', (decided - created) * 1000 FROM appeals WHERE decided >= ?1 AND decided < ?2"},
    {"corrections", PERIOD_CORRECTIONS, FIGURES_LIST, FIGURES_COUNTS, false, {"how"}, {{"times", PERIOD_TIMES, false}},
     "SELECT 'exceptions', count(*) FROM proposals WHERE kind = 'exception' AND state = 'approved' AND decided >= ?1 AND decided < ?2"},
    {"probes", PERIOD_PROBES, FIGURES_LIST, FIGURES_OPEN, true, {"dataplane"}, {{"run", PERIOD_RUN, false}, {"failed", PERIOD_FAILED, false}},
     "SELECT dataplane, sum(run), sum(failed) FROM probe_counts WHERE hour >= ?1 AND hour < ?2 GROUP BY 1 ORDER BY 1"},
    {"unprotected", PERIOD_UNPROTECTED, FIGURES_LIST, FIGURES_OPEN, true, {"dataplane", "reason"},
     {{"times", PERIOD_TIMES, false}, {"passed_s", PERIOD_PASSED_S, true}, {"dropped_s", PERIOD_CLOSED_S, true}},
     OUTAGES},
    {"alarms", PERIOD_ALARMS, FIGURES_LIST, FIGURES_OPEN, true, {"kind"}, {{"raised", PERIOD_RAISED, false}},
     "SELECT kind, count(*) FROM alarms WHERE raised >= ?1 AND raised < ?2 GROUP BY 1 ORDER BY 1"},
    {"stops", PERIOD_STOPS, FIGURES_LIST, FIGURES_OPEN, true, {"what"}, {{"times", PERIOD_TIMES, false}, {"seconds", PERIOD_SECONDS, true}},
     "SELECT what, count(*), sum(min(coalesce(ended, ?2), ?2) - max(created, ?1)) * 1000 FROM stops"
      " WHERE created < ?2 AND coalesce(ended, ?2) > ?1 GROUP BY 1 ORDER BY 1"},
};
/* clang-format on */
const unsigned figures_n = sizeof(figures_rows) / sizeof(*figures_rows);

const struct figures_row *figures_find(const char *id)
{
	for (unsigned i = 0; i < figures_n; i++)
		if (!strcmp(figures_rows[i].id, id))
			return &figures_rows[i];
	return NULL;
}
