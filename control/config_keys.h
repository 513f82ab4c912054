/* SPDX-License-Identifier: BSD-3-Clause */
/* config_keys: every key of roja-control's configuration, as tables; one a mapping.
 *
 * Model:    from a row come the schema, the checks with their sentences, --check's output, docs/control-configuration.md and
 *           the man page (common/config/define.h says how rows are written). To add a key, add a row, and a member to the
 *           struct in config.h.
 */
#ifndef CONTROL_CONFIG_KEYS_H
#define CONTROL_CONFIG_KEYS_H

#define CONTROL_ROLES_MAX	 16
#define CONTROL_MEMBERS_MAX	 256 /* users of a role; groups of a role */
#define CONTROL_DATAPLANES_MAX	 64
#define CONTROL_AUTHORITIES_MAX	 256
#define CONTROL_CATEGORIES_MAX	 16
#define CONTROL_WITNESSES_MAX	 16
#define CONTROL_CATEGORIES	 "csam, gambling, court, cyber, media, other" /* as orders have them */
#define CONTROL_TESTS_MAX	 64
#define CONTROL_GUARD_FILES_MAX	 64
#define CONTROL_METRICS_FROM_MAX 64
#define CONTROL_SINKS_MAX	 16
#define CONTROL_SINK_KINDS_MAX	 64
#define CONTROL_GUARD_MAX	 1024 /* entries of a list of the guard */

/* clang-format off */
/* What a string must be. X(FORM, least and most bytes, prefix, what may stand in it, what it is) */
#define CONTROL_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
#define CONTROL_FORMS(X)                                                                                    \
	X(TEXT,        0, 1023, "",  NULL,                  "a line of at most 1023 bytes")                 \
	X(NAME,        1, 32,   "",  CONTROL_LETTERS,       "1 to 32 letters, digits, - or _")              \
	X(USER,        0, 32,   "",  CONTROL_LETTERS ".",   "the name of a user or group, or \"\"")         \
	X(MEMBER,      1, 64,   "",  CONTROL_LETTERS ".@$", "a name or number of a user or group")          \
	X(PATH,        0, 1023, "/", NULL,                  "an absolute path, or \"\"")                    \
	X(FILE,        1, 1023, "/", NULL,                  "an absolute path")                             \
	X(SOCKET,      1, 107,  "/", NULL,                  "an absolute path of at most 107 bytes")        \
	X(ADDRESS,     0, 45,   "",  "0123456789abcdefABCDEF.:", "an IP address, or \"\"")                  \
	X(ORIGIN,      0, 200,  "",  CONTROL_LETTERS "./:", "at most 200 letters, digits, -, _, ., / or :, or \"\"") \
	X(AUTHORITY,   1, 400,  "",  NULL,                  "a line of 1 to 400 bytes")                     \
	X(FINGERPRINT, 0, 95,   "",  "0123456789abcdefABCDEF:", "a SHA-256 in hexadecimal, or \"\"")        \
	X(URL,         0, 1023, "",  NULL,                  "a URL of at most 1023 bytes, or \"\"")        \
	X(HOST,        0, 253,  "",  CONTROL_LETTERS ".:",  "a host's name or address, or \"\"")           \
	X(OID,         0, 79,   "",  "0123456789.",         "dotted numbers, or \"\"")                    \
	X(VKEY,        12, 399, "",  NULL,                  "a C2SP vkey, NAME+HASH+KEY")                   \
	X(ENTRY,       1, 1023, "",  NULL,                  "an entry of at most 1023 bytes")

#define CONTROL_SINK_FORMATS(X)                                                                             \
	X(JSONL,  "jsonl",  "a file of JSON lines, at `path`")                                              \
	X(SYSLOG, "syslog", "a syslog server (RFC 5424), at `host` and `port`")
#define CONTROL_SINK_TRANSPORTS(X)                                                                          \
	X(TLS,    "tls",    "RFC 5425; the server shows a certificate for `host`")                          \
	X(TCP,    "tcp",    "RFC 6587 with counted octets; to this machine alone")                          \
	X(UDP,    "udp",    "RFC 5426; to this machine alone, and nothing tells what was lost")

#define CONTROL_TOP_KEYS(X)                                                                                 \
	X(STR,  instance, NAME, "main", "Names this control process in its journal and its figures.")       \
	X(STR,  state, FILE, "/var/lib/roja-control", "The folder of the store, of lists and originals, and of rulesets.") \
	X(STR,  key_file, PATH, "", "The key that seals lists and rulesets, 32 bytes; \"\": the service's credential roja-key.") \
	X(STR,  socket, SOCKET, "/run/roja/control.sock", "Where rojactl and other programs ask.")           \
	X(STR,  user, USER, "", "Whom the daemon becomes once its files are open; \"\": it stays who it is.") \
	X(STR,  group, USER, "", "The group that may use the socket, and that the daemon gets; \"\": its own.") \
	X(MAPS, roles, role, CONTROL_ROLES_MAX, "Who may do what; root is admin without a row.")            \
	X(MAPS, dataplanes, dataplane, CONTROL_DATAPLANES_MAX, "The data planes that get each ruleset.")    \
	X(MAPS, authorities, authority, CONTROL_AUTHORITIES_MAX, "What each authority's lists must look like; without a row the defaults hold.") \
	X(MAP,  guard, guard, "What may never be blocked as a whole.")                                      \
	X(MAP,  breaker, breaker, "When a ruleset that blocks far too much is taken back by itself.")       \
	X(MAP,  stop, stop, "Stops in an emergency, by one person.")                                        \
	X(MAP,  probe, probe, "The compliance self-test (docs/probe.md).")                                  \
	X(MAP,  http, http, "The HTTP server: figures, block page, appeals.")                               \
	X(MAP,  retention, retention, "How long what is known is kept.")                                    \
	X(MAP,  audit, audit, "The log of hits and acts.")                                                  \
	X(MAPS, sinks, sink, CONTROL_SINKS_MAX, "Where the log's entries are sent besides, such as a SIEM (docs/sinks.md).") \
	X(MAP,  limits, limits, "Bounds of what others can ask for.")                                       \
	X(NUM,  deadline_warn_s, 7200, 0, 2592000, "s", "An order that is not enforced so long before its deadline raises an alarm.") \
	X(NUM,  appeal_days, 15, 1, 365, "days", "An appeal is to be decided within so long.")
#define CONTROL_ROLE_KEYS(X)                                                                                \
	X(STR,  name, NAME, NULL, "viewer, operator, approver, auditor or admin.")                          \
	X(LIST, users, MEMBER, CONTROL_MEMBERS_MAX, "[]", "The users that have the role.")                  \
	X(LIST, groups, MEMBER, CONTROL_MEMBERS_MAX, "[]", "The groups whose members have the role.")
#define CONTROL_DATAPLANE_KEYS(X)                                                                           \
	X(STR,  name, NAME, NULL, "What alarms and figures call it; the instance of its own configuration, unless both paths are set.") \
	X(STR,  socket, SOCKET, "/run/NAME/dataplane.sock", "Its control socket.")                          \
	X(STR,  events, PATH, "/run/NAME/events", "Its events file; \"\": another process reads it.")
#define CONTROL_AUTHORITY_KEYS(X)                                                                           \
	X(STR,  name, AUTHORITY, NULL, "The authority as its orders write it; \"*\" is for all that have no row.") \
	CONTROL_AUTHORITY_RULES(X)
#define CONTROL_AUTHORITY_RULES(X)                                                                          \
	X(STR,  trusted, PATH, "", "PEM: the certificates that may have issued its signer's; \"\": its lists are not signed.") \
	X(STR,  signer_name, TEXT, "", "The name in the signer's certificate; \"\": the signer is a certificate of trusted itself.") \
	X(STR,  fingerprint, FINGERPRINT, "", "SHA-256 of the signer's certificate, colons allowed; \"\": any.") \
	X(STR,  ca_file, PATH, "", "PEM: the only authorities that https servers of its lists may have; \"\": the system's.") \
	X(STR,  client_cert, PATH, "", "PEM: the certificate that is shown to its servers.")                \
	X(STR,  client_key, PATH, "", "PEM: the certificate's private key.")                                \
	X(STR,  authorization_file, PATH, "", "A file whose content is sent as the Authorization header.")  \
	X(FLAG, skip_guarded, false, "Leave guarded entries out, instead of refusing the whole list.")      \
	X(FLAG, allow_http, false, "Take its lists from http: URLs too, where anybody on the way can change them.") \
	X(NUM,  min_entries, 1, 0, 20000000, "", "Fewer entries are refused.")                              \
	X(NUM,  max_entries, 10000000, 1, 20000000, "", "More entries are refused.")                        \
	X(NUM,  max_removed_percent, 20, 0, 100, "%", "Of the list in force; when more would go, the new one is refused (docs/safety.md).") \
	X(NUM,  max_added_percent, 100, 0, 1000000, "%", "Of the list in force; when more would come, the new one is refused (docs/safety.md).") \
	X(NUM,  max_rejected_percent, 5, 0, 100, "%", "Of the lines; when more are no entries, the list is refused.") \
	X(NUM,  max_bytes, 268435456, 1, 1099511627776, "bytes", "A larger file is refused.")               \
	X(LIST, tests, ENTRY, CONTROL_TESTS_MAX, "[]", "Entries that each list of the authority holds.")
#define CONTROL_GUARD_KEYS(X)                                                                               \
	X(LIST, files, FILE, CONTROL_GUARD_FILES_MAX, "those that are installed", "Files of guarded names and networks (docs/safety.md).") \
	X(LIST, operators, ENTRY, CONTROL_GUARD_MAX, "[]", "The operator's own names, addresses and prefixes.") \
	X(LIST, emergencies, ENTRY, CONTROL_GUARD_MAX, "[]", "Names, addresses and prefixes that help depends on, besides those of the files.")
#define CONTROL_BREAKER_KEYS(X)                                                                             \
	X(NUM,  window_s, 60, 0, 86400, "s", "For so long after a ruleset was published its hits are watched; 0: never.") \
	X(NUM,  max_percent, 20, 1, 1000, "%", "Of the new flows, of one data plane or of all; when more are hit, the ruleset before it comes back.") \
	X(NUM,  min_flows, 1000, 1, 1000000000000, "flows", "Fewer tell nothing.")
#define CONTROL_STOP_KEYS(X)                                                                                \
	X(NUM,  confirm_s, 14400, 60, 604800, "s", "A stop ends by itself unless a second person confirms it within so long.")
#define CONTROL_PROBE_KEYS(X)                                                                               \
	X(NUM,  every_s, 86400, 0, 31536000, "s", "How often every entry is asked of every worker; 0: only once a version is in force everywhere, and by command.")
#define CONTROL_HTTP_KEYS(X)                                                                                \
	X(STR,  address, ADDRESS, "", "The address to listen at; \"\": there is no HTTP server.")            \
	X(NUM,  port, 9464, 1, 65535, "", "The port to listen at.")                                         \
	X(STR,  pages, PATH, "", "A folder of own templates of pages; \"\": those built in.")               \
	X(FLAG, appeals, false, "Offer the form by which anybody can appeal.")                              \
	X(LIST, metrics_from, ADDRESS, CONTROL_METRICS_FROM_MAX, "[]", "Addresses that may ask for the figures, besides this machine's own.")
#define CONTROL_CATEGORY_KEYS(X)                                                                            \
	X(STR,  category, NAME, NULL, "One of " CONTROL_CATEGORIES ".")                                     \
	X(NUM,  hits_days, 30, 1, 3650, "days", "As retention.hits_days, for hits of its orders.")
#define CONTROL_RETENTION_KEYS(X)                                                                           \
	X(NUM,  hits_days, 30, 1, 3650, "days", "What the log says of hits: single ones, without addresses of subscribers, and counts of a minute.") \
	X(MAPS, categories, category, CONTROL_CATEGORIES_MAX, "Categories of orders of whose hits it is kept for another time.") \
	X(NUM,  counts_days, 400, 1, 3650, "days", "Counts of hits by hour and order, in the log's index.") \
	X(NUM,  acts_days, 3650, 365, 36500, "days", "What the log says of acts of people and of alarms.")  \
	X(NUM,  versions, 20, 2, 1000, "", "Rulesets to go back to, the one in force included.")
#define CONTROL_AUDIT_KEYS(X)                                                                               \
	X(STR,  origin, ORIGIN, "", "The log's name in its checkpoints, for ever: a name of yours such as roja.isp.example/audit; \"\": roja/INSTANCE.") \
	X(NUM,  checkpoint_ms, 1000, 10, 3600000, "ms", "How long after a leaf the tree is signed at the latest, and how often at most.") \
	X(STR,  stamp_url, URL, "", "The RFC 3161 time-stamp authority that dates the log's checkpoints, http: or https:; \"\": none.") \
	X(STR,  stamp_ca, PATH, "", "PEM: the certificates that issue the time-stamp authority's, or its own.") \
	X(STR,  stamp_policy, OID, "", "The policy that its stamps must name, as dotted numbers; \"\": any.") \
	X(NUM,  stamp_every_s, 3600, 1, 2592000, "s", "How often a checkpoint is stamped, where the log has grown.") \
	X(LIST, witnesses, VKEY, CONTROL_WITNESSES_MAX, "[]", "Keys of witnesses, as C2SP vkeys, whose cosignatures rojactl audit cosign takes.")
#define CONTROL_SINK_KEYS(X)                                                                                \
	X(STR,  name, NAME, NULL, "What figures and alarms call it; another name is another sink, which begins anew.") \
	X(WORD, format, SINK_FORMAT, JSONL, "What it is.")                                                  \
	X(STR,  path, PATH, "", "jsonl: the file; it is opened anew where somebody moved it away.")         \
	X(NUM,  rotate_bytes, 0, 0, 1099511627776, "bytes", "jsonl: a larger file becomes PATH.1, that one PATH.2 ...; 0: never.") \
	X(NUM,  rotate_files, 10, 1, 1000, "", "jsonl: so many of them are kept.")                          \
	X(STR,  host, HOST, "", "syslog: the server's name or address.")                                    \
	X(NUM,  port, 6514, 1, 65535, "", "syslog: its port.")                                              \
	X(WORD, transport, SINK_TRANSPORT, TLS, "syslog: how it is reached.")                               \
	X(STR,  ca_file, PATH, "", "tls: PEM: the only authorities that the server may have; \"\": the system's.") \
	X(STR,  client_cert, PATH, "", "tls: PEM: the certificate that is shown to the server.")            \
	X(STR,  client_key, PATH, "", "tls: PEM: the certificate's private key.")                           \
	X(NUM,  confirm_s, 60, 0, 86400, "s", "tls, tcp: the connection is renewed so often, which proves that the server read everything; 0: never (docs/sinks.md).") \
	X(NUM,  enterprise, 32473, 1, 4294967295, "", "syslog: the private enterprise number in the SD-ID roja@NUMBER; 32473 is the one for documentation.") \
	X(LIST, kinds, NAME, CONTROL_SINK_KINDS_MAX, "[]", "The kinds of entries to send (docs/audit-format.md); []: all.") \
	X(FLAG, pseudonyms, false, "Send the clients' pseudonyms where an entry has one.")                  \
	X(FLAG, history, false, "A new sink begins with the log's first entry, not with the next one.")     \
	X(NUM,  behind_s, 600, 1, 2592000, "s", "When an entry was not taken for so long, an alarm is raised.")
#define CONTROL_LIMITS_KEYS(X)                                                                              \
	X(STR,  file_root, PATH, "", "The folder below which file: URLs of lists may be; \"\": there are none.") \
	X(STR,  temp, PATH, "", "A folder for lists on their way, in clear: never on a disk; \"\": memory.") \
	X(NUM,  connections, 256, 8, 4096, "", "Connections to the socket.")                                \
	X(NUM,  connections_per_user, 32, 1, 4096, "", "Of them, of one user.")                             \
	X(NUM,  jobs_per_user, 4, 1, 256, "", "Jobs of one user that run or wait.")
/* clang-format on */

#endif
