/* SPDX-License-Identifier: BSD-3-Clause */
/* metric_rows: the metrics as a table, from which come what /metrics says, docs/metrics.md and the check of dashboards and alerts.
 *
 * X(name, TYPE, labels, source, help). A source is one of
 *   SQL(text)            a row of it a series: the labels' values, then the value; null: none
 *   ENGINE(field)        of struct engine_counts; ENGINE_NS: nanoseconds, shown as seconds
 *   LOG(field), LOG_NS   of struct metrics_log; LOG_NS: 0 is none
 *   LINK(field), LINK_NS of each data plane's struct link_status
 *   FIGURE(field), FIGURE_REAL(field, scale)  of its struct link_figures, while it answers
 *   PROCESS(function)    double function(void); NAN: not known
 *   HEAP(name)           of jemalloc's mallctl, where the program runs with it
 *   OWN(function)        writes its series itself
 */
#ifndef CONTROL_HTTP_METRIC_ROWS_H
#define CONTROL_HTTP_METRIC_ROWS_H

#define METRIC_ACTIVE \
	" FROM versions v WHERE v.id = (SELECT version_id FROM activations ORDER BY id DESC LIMIT 1)"

#define METRIC_PROBES(what)                \
	"SELECT p.dataplane, sum(p." #what \
	") FROM probes p JOIN orders o ON o.id = p.order_id WHERE o.state = 'approved' GROUP BY 1"

/* clang-format off */
#define METRICS(X)                                                                                                                    \
	X("roja_build_info", GAUGE, "version", OWN(metric_build), "1; the program's version is its label")                             \
	X("roja_orders", GAUGE, "authority category state", SQL("SELECT fields ->> 'authority', fields ->> 'category', state, count(*) FROM orders GROUP BY 1, 2, 3"), \
	  "orders")                                                                                                                    \
	X("roja_orders_held", GAUGE, "", SQL("SELECT count(*) FROM orders WHERE state = 'approved' AND held"),                         \
	  "approved orders that a rollback holds back")                                                                                \
	X("roja_orders_overdue", GAUGE, "", SQL("SELECT count(*) FROM orders WHERE state IN ('proposed','approved') AND deadline < unixepoch() AND NOT EXISTS (SELECT 1 FROM order_times t WHERE t.order_id = orders.id)"), \
	  "orders past their deadline that no data plane has ever enforced")                                                           \
	X("roja_order_next_expiry_timestamp_seconds", GAUGE, "", SQL("SELECT min(expires) FROM orders WHERE state = 'approved'"),      \
	  "when the next approved order ends by itself")                                                                               \
	X("roja_lists", GAUGE, "state", SQL("SELECT state, count(*) FROM lists GROUP BY 1"), "lists")                                  \
	X("roja_list_entries", GAUGE, "authority category", SQL("SELECT o.fields ->> 'authority', o.fields ->> 'category', sum(i.entries) FROM lists l JOIN imports i ON i.id = l.active_import JOIN orders o ON o.id = l.order_id WHERE l.state = 'approved' AND o.state = 'approved' GROUP BY 1, 2"), \
	  "entries of the active imports of approved orders")                                                                          \
	X("roja_sources_failing", GAUGE, "", SQL("SELECT count(*) FROM lists WHERE failures > 0 AND state = 'approved'"),              \
	  "lists whose source could not be asked the last time")                                                                       \
	X("roja_imports", GAUGE, "state", SQL("SELECT state, count(*) FROM imports GROUP BY 1"), "imports that the store keeps")       \
	X("roja_proposals_open", GAUGE, "kind", SQL("SELECT kind, count(*) FROM proposals WHERE state = 'open' GROUP BY 1"),           \
	  "proposals that wait for a second person")                                                                                   \
	X("roja_proposal_oldest_timestamp_seconds", GAUGE, "", SQL("SELECT min(created) FROM proposals WHERE state = 'open'"),         \
	  "when the oldest open proposal was made")                                                                                    \
	X("roja_exceptions", GAUGE, "state", SQL("SELECT state, count(*) FROM exceptions GROUP BY 1"), "exceptions")                   \
	X("roja_stops_active", GAUGE, "what", SQL("SELECT what, count(*) FROM stops WHERE ended IS NULL GROUP BY 1"),                  \
	  "emergency stops in effect")                                                                                                 \
	X("roja_appeals", GAUGE, "state", SQL("SELECT state, count(*) FROM appeals GROUP BY 1"), "appeals")                            \
	X("roja_appeals_overdue", GAUGE, "", SQL("SELECT count(*) FROM appeals WHERE state = 'open' AND deadline < unixepoch()"),      \
	  "open appeals past their deadline")                                                                                          \
	X("roja_active_version", GAUGE, "", SQL("SELECT coalesce((SELECT version_id FROM activations ORDER BY id DESC LIMIT 1), 0)"),  \
	  "the version that every data plane should judge by; 0: none yet")                                                            \
	X("roja_active_version_timestamp_seconds", GAUGE, "", SQL("SELECT at FROM activations ORDER BY id DESC LIMIT 1"),              \
	  "when it was made active")                                                                                                   \
	X("roja_active_version_rules", GAUGE, "", SQL("SELECT v.rules" METRIC_ACTIVE), "its rules")                                    \
	X("roja_active_version_bytes", GAUGE, "", SQL("SELECT v.bytes" METRIC_ACTIVE), "bytes of its file")                            \
	X("roja_versions", GAUGE, "", SQL("SELECT count(*) FROM versions"), "versions that the store knows")                           \
	X("roja_activations_taken_back", GAUGE, "", SQL("SELECT count(*) FROM activations WHERE tripped IS NOT NULL"),                              \
	  "activations that the circuit breaker took back")                                                                            \
	X("roja_alarms_open", GAUGE, "kind", OWN(metric_alarms_open), "alarms that are not over; each kind has a series")              \
	X("roja_alarms_unacknowledged", GAUGE, "kind", OWN(metric_alarms_unseen), "of these, those that nobody has acknowledged")      \
	X("roja_time_to_block_seconds", HISTOGRAM, "dataplane", OWN(metric_time_to_block),                                             \
	  "from when an order and its first list were approved, or began, to when the data plane enforced it, for each order once")    \
	X("roja_hits_total", COUNTER, "authority category action", SQL("SELECT coalesce(o.fields ->> 'authority', ''), coalesce(o.fields ->> 'category', ''), t.action, sum(t.n) FROM audit.totals t LEFT JOIN orders o ON o.id = t.order_id GROUP BY 1, 2, 3"), \
	  "hits by the order they are of and what was done; count: shadow mode. \"\": of a version that is not known any more")        \
	X("roja_outage_seconds_total", COUNTER, "dataplane reason", SQL("SELECT dataplane, reason, sum(ended_ns - began_ns) / 1e9 FROM audit.outages GROUP BY 1, 2"), \
	  "time that ports went without inspection, as recorded")                                                                      \
	X("roja_outage_frames_total", COUNTER, "dataplane reason closed", SQL("SELECT dataplane, reason, closed, sum(frames) FROM audit.outages GROUP BY 1, 2, 3"), \
	  "frames that passed uninspected then; closed 1: that were dropped")                                                          \
	X("roja_probe_timestamp_seconds", GAUGE, "dataplane", SQL("SELECT dataplane, max(at) FROM probes GROUP BY 1"), "when it was probed last") \
	X("roja_probe_entries", GAUGE, "dataplane", SQL(METRIC_PROBES(entries)), "entries of approved orders that its last probes tried") \
	X("roja_probe_missed", GAUGE, "dataplane", SQL(METRIC_PROBES(missed)), "of these, those that a worker would let pass: must be 0") \
	X("roja_probe_unenforceable", GAUGE, "dataplane", SQL(METRIC_PROBES(unenforceable)), "entries that cannot be enforced as they stand") \
	X("roja_probe_neighbours", GAUGE, "dataplane", SQL(METRIC_PROBES(neighbours)), "requests beside the entries, which must pass") \
	X("roja_probe_harmed", GAUGE, "dataplane", SQL(METRIC_PROBES(harmed)), "of these, those that a worker would block: must be 0") \
	X("roja_compiles_total", COUNTER, "", ENGINE(compiles), "versions compiled")                                                   \
	X("roja_compiles_failed_total", COUNTER, "", ENGINE(compiles_failed), "compiles that failed")                                  \
	X("roja_compile_seconds_total", COUNTER, "", ENGINE_NS(compile_ns), "time that compiles took")                                 \
	X("roja_imports_total", COUNTER, "", ENGINE(imports), "lists read")                                                            \
	X("roja_imports_refused_total", COUNTER, "", ENGINE(imports_refused), "lists refused; the last good one stays")                \
	X("roja_polls_total", COUNTER, "", ENGINE(polls), "times that a source was asked")                                             \
	X("roja_polls_failed_total", COUNTER, "", ENGINE(polls_failed), "times that it gave no answer")                                \
	X("roja_events_hits_total", COUNTER, "", ENGINE(hits), "hits taken from data planes")                                          \
	X("roja_events_lost_total", COUNTER, "", ENGINE(events_lost), "events lost, the ring being full")                              \
	X("roja_events_damaged_total", COUNTER, "", ENGINE(damaged), "events left out as damaged")                                     \
	X("roja_audit_leaves", GAUGE, "", LOG(leaves), "leaves of the log")                                                            \
	X("roja_audit_durable_leaves", GAUGE, "", LOG(durable), "of these, those that survive any death")                              \
	X("roja_audit_published_leaves", GAUGE, "", LOG(published), "of these, those under the last signed checkpoint")                \
	X("roja_audit_published_timestamp_seconds", GAUGE, "", LOG_NS(published_ns), "when that was signed")                           \
	X("roja_audit_staged_bytes", GAUGE, "", LOG(staged_bytes), "bytes that wait for the disk")                                     \
	X("roja_audit_commits_total", COUNTER, "", LOG(commits), "batches written")                                                    \
	X("roja_audit_commits_failed_total", COUNTER, "", LOG(failures), "writes of a batch that the disk did not take")               \
	X("roja_audit_sync_seconds_total", COUNTER, "", LOG_NS(syncs_ns), "time that the log waited for the disk")                     \
	X("roja_audit_indexed_leaves", GAUGE, "", LOG(indexed), "leaves that the log's index has")                                     \
	X("roja_audit_bodies_removed", GAUGE, "", LOG(bodies_removed), "bodies that retention removed from the log, all told")         \
	X("roja_audit_retention_timestamp_seconds", GAUGE, "", LOG_NS(retention_ns), "when the last run of retention ended well, since the start") \
	X("roja_dataplane_up", GAUGE, "dataplane", OWN(metric_up), "1: it answers")                                                    \
	X("roja_dataplane_state_timestamp_seconds", GAUGE, "dataplane", LINK_NS(since_ns), "since when it does, or does not")          \
	X("roja_dataplane_refuses", GAUGE, "dataplane", OWN(metric_refuses), "1: it did not take the wanted version")                  \
	X("roja_dataplane_version", GAUGE, "dataplane", LINK(version), "the version that it judges by; 0: none, or away")              \
	X("roja_dataplane_wanted_version", GAUGE, "dataplane", LINK(wanted), "the version that it should judge by")                    \
	X("roja_dataplane_acknowledged_version", GAUGE, "dataplane", LINK(acknowledged), "the version that all its workers judge by; 0: none, or away") \
	X("roja_dataplane_acknowledged_timestamp_seconds", GAUGE, "dataplane", LINK_NS(acknowledged_ns), "since when they do")         \
	X("roja_dataplane_restarts_total", COUNTER, "dataplane", LINK(restarts), "restarts of it that were seen")                      \
	X("roja_dataplane_events_total", COUNTER, "dataplane", LINK(events), "events taken from it")                                   \
	X("roja_dataplane_events_damaged_total", COUNTER, "dataplane", LINK(events_damaged), "of these, left out as damaged")          \
	X("roja_dataplane_events_lost_total", COUNTER, "dataplane", LINK(events_lost), "events that it lost, its ring being full")     \
	X("roja_dataplane_events_waiting", GAUGE, "dataplane", FIGURE(events_waiting), "events that wait to be taken: the lag")        \
	X("roja_dataplane_uptime_seconds", GAUGE, "dataplane", FIGURE_REAL(uptime_s, 1), "since it started")                           \
	X("roja_dataplane_unprotected_seconds_total", COUNTER, "dataplane", FIGURE_REAL(unprotected_ms, 1e-3), "time that its ports went without inspection") \
	X("roja_dataplane_buffers", GAUGE, "dataplane", FIGURE(mbufs), "packet buffers")                                               \
	X("roja_dataplane_buffers_free", GAUGE, "dataplane", FIGURE(mbufs_free), "of these, not in use")                               \
	X("roja_dataplane_counter_total", COUNTER, "dataplane counter", OWN(metric_counters), "the pipeline's counters, docs/counters.md") \
	X("roja_heap_allocated_bytes", GAUGE, "", HEAP("stats.allocated"), "bytes that the program has allocated")                     \
	X("roja_heap_active_bytes", GAUGE, "", HEAP("stats.active"), "bytes of pages that hold them")                                  \
	X("roja_heap_resident_bytes", GAUGE, "", HEAP("stats.resident"), "bytes of the heap that are in memory")                       \
	X("roja_heap_mapped_bytes", GAUGE, "", HEAP("stats.mapped"), "bytes of address space of the heap")                             \
	X("process_start_time_seconds", GAUGE, "", PROCESS(process_start), "when the program started")                                 \
	X("process_cpu_seconds_total", COUNTER, "", PROCESS(process_cpu), "processor time that it used")                               \
	X("process_resident_memory_bytes", GAUGE, "", PROCESS(process_resident), "its memory")                                         \
	X("process_virtual_memory_bytes", GAUGE, "", PROCESS(process_virtual), "its address space")                                    \
	X("process_open_fds", GAUGE, "", PROCESS(process_fds), "descriptors that it has open")                                         \
	X("process_max_fds", GAUGE, "", PROCESS(process_max_fds), "descriptors that it may have open")                                 \
	X("roja_sink_up", GAUGE, "sink", OWN(metric_sink_up), "1: its file or server takes records")                                   \
	X("roja_sink_lag_leaves", GAUGE, "sink", OWN(metric_sink_lag), "durable entries of the log that were not sent to it yet")      \
	X("roja_sink_unsettled_leaves", GAUGE, "sink", OWN(metric_sink_unsettled), "entries that were sent, and are sent again if its connection fails") \
	X("roja_sink_sent_total", COUNTER, "sink", OWN(metric_sink_sent), "records that were sent, repeated ones too")                 \
	X("roja_sink_failures_total", COUNTER, "sink", OWN(metric_sink_failures), "times that its file or server failed")              \
	X("roja_metrics_left_out", GAUGE, "", OWN(metric_left_out), "series left out of this answer, being too many of one metric")
/* clang-format on */

#endif
