/* SPDX-License-Identifier: BSD-3-Clause */
/* confirmation_words: what the letter says, by language. */
#ifndef CONTROL_API_CONFIRMATION_WORDS_H
#define CONTROL_API_CONFIRMATION_WORDS_H

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
	X(SKIPPED,       "Entries left out, as they would have blocked others", "Zëra të lënë jashtë, pasi do të kishin bllokuar të tjerë") \
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

enum language { ENGLISH, ALBANIAN, LANGUAGES_N };
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
