/* SPDX-License-Identifier: BSD-3-Clause */
/* period_words: what the transparency report says, by language. */
#ifndef CONTROL_REPORT_PERIOD_WORDS_H
#define CONTROL_REPORT_PERIOD_WORDS_H

#include "control/report/language.h"

/* clang-format off */
/* X(NAME, English, Albanian) */
#define PERIOD_WORDS(X)                                                                                      \
	X(TITLE,       "Transparency report: blocking of content by order", "Raport transparence: bllokimi i përmbajtjes me urdhër") \
	X(TITLE_INTERNAL, "Internal report: blocking of content by order (not for publication)", \
		       "Raport i brendshëm: bllokimi i përmbajtjes me urdhër (jo për publikim)")             \
	X(FROM,        "From",               "Nga")                                                          \
	X(TO,          "To (not included)",  "Deri më (pa e përfshirë)")                                     \
	X(MADE,        "Made",               "Hartuar më")                                                   \
	X(ABOUT,       "This operator blocks what competent authorities have ordered, and nothing else. No figure here was made by recording who asked for what.", \
		       "Ky operator bllokon atë që kanë urdhëruar autoritetet kompetente, dhe asgjë tjetër. Asnjë shifër këtu nuk është nxjerrë duke regjistruar se kush çfarë kërkoi.") \
	X(SUPPRESSED,  "Counts below 10 are shown as <10. Where a reader could still compute one of them from the rest, another count is withheld as well.", \
		       "Numrat nën 10 tregohen si <10. Kur lexuesi mund ta llogariste njërin prej tyre nga të tjerët, nuk jepet edhe një numër tjetër.") \
	X(WITHHELD,    "withheld",           "nuk jepet")                                                    \
	X(NOTHING,     "nothing in this period", "asgjë në këtë periudhë")                                   \
	X(TOTAL,       "Total",              "Gjithsej")                                                     \
	X(LOG,         "Audit log, number of records and root hash at the end", "Regjistri i auditimit, numri i regjistrimeve dhe vlera hash e rrënjës në fund") \
	X(UTC,         "All times are in UTC. An hour belongs to the period in which it begins.", \
		       "Të gjitha kohët janë në UTC. Një orë i përket periudhës në të cilën fillon.")        \
	X(OLD_HITS,    "Counts of hits are kept for a limited time: those of the beginning of this period are no longer there.", \
		       "Numrat e goditjeve ruhen për një kohë të kufizuar: ata të fillimit të kësaj periudhe nuk janë më.") \
	X(ORDERS,      "Orders by authority and category", "Urdhrat sipas autoritetit dhe kategorisë")       \
	X(RECEIVED,    "received",           "të marrë")                                                     \
	X(ACTIVE,      "in force at the end", "në fuqi në fund")                                             \
	X(EXPIRED,     "expired",            "të skaduar")                                                   \
	X(REVOKED,     "revoked",            "të revokuar")                                                  \
	X(ENTRIES,     "entries in force",   "zëra në fuqi")                                                 \
	X(TIME_TO_BLOCK, "Time until an order was in force on the last data plane, in seconds", \
		       "Koha derisa një urdhër hyri në fuqi në pajisjen e fundit, në sekonda")               \
	X(ORDERS_N,    "orders",             "urdhra")                                                       \
	X(MEDIAN,      "median",             "mediana")                                                      \
	X(P95,         "95th percentile",    "percentili i 95-të")                                           \
	X(HITS_BY_CATEGORY, "Requests that matched an order, by authority and category", "Kërkesa që i përgjigjeshin një urdhri, sipas autoritetit dhe kategorisë") \
	X(HITS_BY_PROTOCOL, "Requests that matched an order, by protocol and action (count: let pass and only counted)", "Kërkesa që i përgjigjeshin një urdhri, sipas protokollit dhe veprimit (count: u lejua dhe vetëm u numërua)") \
	X(APPEALS,     "Appeals received, and what had become of them at the end", "Ankesa të marra, dhe si qëndronin në fund") \
	X(APPEALS_N,   "appeals",            "ankesa")                                                       \
	X(TIME_TO_DECISION, "Time until an appeal was decided, in seconds", "Koha deri në vendimin për një ankesë, në sekonda") \
	X(CORRECTIONS, "Over-blocks corrected beside upheld appeals", "Bllokime të tepërta të korrigjuara krahas ankesave të pranuara") \
	X(TIMES,       "times",              "herë")                                                         \
	X(UNPROTECTED, "Time in which traffic was not inspected, by data plane and reason", "Koha kur trafiku nuk u inspektua, sipas pajisjes dhe arsyes") \
	X(PASSED_S,    "seconds, traffic passed", "sekonda, trafiku kaloi")                                  \
	X(CLOSED_S,    "seconds, traffic was dropped", "sekonda, trafiku u ndal")                            \
	X(ALARMS,      "Alarms by kind",     "Alarme sipas llojit")                                          \
	X(RAISED,      "raised",             "të ngritura")                                                  \
	X(STOPS,       "Emergency stops",    "Ndalime emergjente")                                           \
	X(SECONDS,     "seconds",            "sekonda")                                                      \
	X(PROBES,      "Tests of the filter with made-up requests, by data plane: an order is one test", \
		       "Teste të filtrit me kërkesa të sajuara, sipas pajisjes: një urdhër është një test")  \
	X(RUN,         "run",                "të kryera")                                                    \
	X(FAILED,      "failed",             "të dështuara")

/* X(key of a row, English, Albanian): keys that are the program's words, where they are shown in another language; others are shown as they are. */
#define PERIOD_KEYS(X)                                                                                       \
	X("csam",      "sexual abuse of children", "abuzim seksual i fëmijëve")                              \
	X("gambling",  "gambling",           "lojëra fati")                                                  \
	X("court",     "court order",        "urdhër gjykate")                                               \
	X("cyber",     "cyber security",     "siguri kibernetike")                                           \
	X("media",     "media",              "media")                                                        \
	X("other",     "other",              "të tjera")                                                     \
	X("unknown",   "not known",          "e panjohur")                                                   \
	X("upheld",    "upheld (the block was wrong)", "të pranuara (bllokimi ishte i gabuar)")              \
	X("rejected",  "rejected",           "të rrëzuara")                                                  \
	X("open",      "not decided yet",    "ende pa vendim")                                               \
	X("from-approval", "from its approval", "nga miratimi")                                              \
	X("from-receipt", "from its receipt", "nga marrja")                                                  \
	X("exceptions", "exceptions made (never blocked, whatever a list says)", "përjashtime (nuk bllokohen kurrë, çfarëdo që thotë lista)") \
	X("all",       "everything",         "gjithçka")                                                     \
	X("list",      "a list",             "një listë")                                                    \
	X("order",     "an order",           "një urdhër")                                                   \
	X("authority", "authority",          "autoriteti")                                                   \
	X("category",  "category",           "kategoria")                                                    \
	X("protocol",  "protocol",           "protokolli")                                                   \
	X("outcome",   "outcome",            "vendimi")                                                      \
	X("measured",  "measured",           "matur")                                                        \
	X("how",       "how",                "si")                                                           \
	X("dataplane", "data plane",         "pajisja")                                                      \
	X("reason",    "reason",             "arsyeja")                                                      \
	X("kind",      "kind",               "lloji")                                                        \
	X("what",      "what",               "çfarë")                                                        \
	X("total",     "Total",              "Gjithsej")
/* clang-format on */

enum period_word {
#define X(id, en, sq) PERIOD_##id,
	PERIOD_WORDS(X)
#undef X
	    PERIOD_WORDS_N
};

#endif
