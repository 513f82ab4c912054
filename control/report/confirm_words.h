/* SPDX-License-Identifier: BSD-3-Clause */
/* confirm_words: what the letter says, by language. */
#ifndef CONTROL_REPORT_CONFIRM_WORDS_H
#define CONTROL_REPORT_CONFIRM_WORDS_H

#include "control/report/language.h"

/* clang-format off */
/* X(NAME, English, Albanian) */
#define WORDS(X)                                                                                             \
	X(TITLE,         "CONFIRMATION: THE BLOCK IS IN FORCE", "KONFIRMIM: BLLOKIMI ËSHTË NË FUQI")         \
	X(TITLE_ENDED,   "CONFIRMATION: THE BLOCK HAS ENDED",   "KONFIRMIM: BLLOKIMI KA PËRFUNDUAR")         \
	X(TO,            "To",                   "Drejtuar")                                                 \
	X(REFERENCE,     "Your reference",       "Referenca juaj")                                           \
	X(LEGAL_BASIS,   "Legal basis",          "Baza ligjore")                                             \
	X(NUMBER,        "Our number",           "Numri ynë")                                                \
	X(DATE,          "Date",                 "Data")                                                     \
	X(SAYS,          "We confirm that the block that you ordered is in force in our network.",           \
			 "Konfirmojmë se bllokimi që keni urdhëruar është në fuqi në rrjetin tonë.")         \
	X(SAYS_PART,     "We confirm that the block that you ordered is in force in a part of our network.", \
			 "Konfirmojmë se bllokimi që keni urdhëruar është në fuqi në një pjesë të rrjetit tonë.") \
	X(SAYS_ENDED,    "We confirm that the block that you ordered is no longer in force in our network.", \
			 "Konfirmojmë se bllokimi që kishit urdhëruar nuk është më në fuqi në rrjetin tonë.") \
	X(SAYS_ENDED_PART, "We confirm that the block that you ordered is no longer in force in a part of our network.", \
			 "Konfirmojmë se bllokimi që kishit urdhëruar nuk është më në fuqi në një pjesë të rrjetit tonë.") \
	X(RECEIVED,      "Order received",       "Urdhri u mor")                                             \
	X(APPROVED,      "Order approved",       "Urdhri u miratua")                                         \
	X(DEADLINE,      "Deadline",             "Afati")                                                    \
	X(EXPIRES,       "Order expires",        "Urdhri skadon")                                            \
	X(REVOKED,       "Order revoked",        "Urdhri u revokua")                                         \
	X(EXPIRED,       "Order expired",        "Urdhri skadoi")                                            \
	X(SCHEDULE,      "Acts only at (UTC)",   "Vepron vetëm në (UTC)")                                    \
	X(ENTRIES,       "Entries blocked",      "Zëra të bllokuar")                                         \
	X(ENTRIES_ENDED, "Entries that were blocked", "Zëra që ishin të bllokuar")                           \
	X(PART_ENTRIES,  "What is enforced",     "Çfarë zbatohet")                                          \
	X(BY_NAME,       "Of these, enforced in HTTP, TLS, QUIC and DNS", "Prej tyre, të zbatuar në HTTP, TLS, QUIC dhe DNS") \
	X(BY_URL,        "Of these, enforced on plain HTTP alone", "Prej tyre, të zbatuar vetëm në HTTP të pakriptuar") \
	X(BY_URL_WHY,    "Entries that are enforced on plain HTTP alone name a page: on HTTPS its name is encrypted, and the whole site is not blocked for it.", \
			 "Zërat që zbatohen vetëm në HTTP të pakriptuar emërtojnë një faqe: në HTTPS emri i saj është i kriptuar, dhe për të nuk bllokohet e gjithë faqja e internetit.") \
	X(SKIPPED,       "Entries left out, as they would have blocked others", "Zëra të lënë jashtë, pasi do të kishin bllokuar të tjerë") \
	X(REJECTED,      "Lines that are no entry that can be enforced: please look at them with us", \
			 "Rreshta që nuk janë zëra të zbatueshëm: ju lutemi t'i shqyrtojmë së bashku")       \
	X(EXCEPTIONS,    "Exceptions of ours that hold for all orders", "Përjashtime tona që vlejnë për të gjithë urdhrat") \
	X(OVERRIDES,     "Entries blocked after a written assessment", "Zëra të bllokuar pas një vlerësimi me shkrim") \
	X(LIMITS,        "No filter in the network sees names that a browser encrypts (ECH, DNS over HTTPS, VPN).", \
			 "Asnjë filtër në rrjet nuk i sheh emrat që shfletuesi i kripton (ECH, DNS mbi HTTPS, VPN).") \
	X(PART_TIMES,    "Where and since when", "Ku dhe që kur")                                            \
	X(PART_PROOF,    "Proof",                "Prova")                                                    \
	X(PROBE,         "Last test of the filter", "Testi i fundit i filtrit")                              \
	X(PROBE_NONE,    "not probed",           "nuk është kryer")                                          \
	X(PROBE_TRIED,   "entries tried",        "zëra të provuar")                                          \
	X(PROBE_ENFORCED, "would be stopped",    "do të ndaleshin")                                          \
	X(PROBE_MISSED,  "would pass",           "do të kalonin")                                            \
	X(PROBE_UNENFORCEABLE, "cannot be enforced as they stand", "nuk mund të zbatohen ashtu siç janë")    \
	X(PROBE_NEIGHBOURS, "neighbours tried, which must pass", "fqinjë të provuar, që duhet të kalojnë")   \
	X(PROBE_HARMED,  "would be stopped by mistake", "do të ndaleshin gabimisht")                         \
	X(LOG,           "Audit log",            "Regjistri i auditimit")                                    \
	X(LOG_SIZE,      "Checkpoint, number of records", "Pika e kontrollit, numri i regjistrimeve")        \
	X(LOG_ROOT,      "Root hash (RFC 6962, SHA-256)", "Vlera hash e rrënjës (RFC 6962, SHA-256)")        \
	X(LOG_AT,        "Signed at",            "Nënshkruar më")                                            \
	X(LOG_SAYS,      "Whoever keeps these figures can check later that the records of this order were not changed since.", \
			 "Kush i ruan këto shifra mund të kontrollojë më vonë që regjistrimet e këtij urdhri nuk janë ndryshuar që atëherë.") \
	X(LOG_BEFORE,    "The last checkpoint is older than what this letter confirms: draft it again in a minute.", \
			 "Pika e fundit e kontrollit është më e vjetër se ajo që konfirmon kjo letër: hartojeni sërish pas një minute.") \
	X(COMPILED,      "compiled",             "përgatitur")                                               \
	X(SINCE,         "in force since",       "në fuqi që nga")                                           \
	X(AGAIN,         "again since",          "sërish që nga")                                            \
	X(AFTER,         "seconds after approval", "sekonda pas miratimit")                                  \
	X(WAS,           "in force from",        "në fuqi nga")                                              \
	X(UNTIL,         "until",                "deri më")                                                  \
	X(PENDING,       "Not in force on",      "Jo në fuqi në")                                            \
	X(PENDING_ENDED, "Still in force on",    "Ende në fuqi në")                                          \
	X(UTC,           "All times are in UTC.", "Të gjitha kohët janë në UTC.")
/* clang-format on */

enum word {
#define X(id, en, sq) WORD_##id,
	WORDS(X)
#undef X
	    WORDS_N
};
static const char *const words[WORDS_N][LANGUAGES_N] = {
#define X(id, en, sq) [WORD_##id] = {en, sq},
    WORDS(X)
#undef X
};

#endif
