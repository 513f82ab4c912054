/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_rows.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define FORM(id, least, most, begins, chars, says) \
	static const struct config_form form_##id = {least, most, begins, chars, says};
CONFIG_FORMS(FORM)

#define ENTRY(id, text, about) {text, about},
#define WORDS(E)                                                                \
	static const struct config_word entries_##E[] = {CONFIG_##E##S(ENTRY)}; \
	static const struct config_words words_##E = {COUNT(entries_##E), entries_##E};
WORDS(MODE)
WORDS(FAIL)
WORDS(DRIVER)
WORDS(IDLE)
WORDS(DISTRIBUTION)
WORDS(LIMIT_ACT)

/* OF is the struct whose rows are written. */
#define AT(id, name, says)   .key = #name, .kind = CONFIG_KIND_##id, .off = offsetof(OF, name), .help = says
#define ROW(kind, name, ...) ROW_##kind(name, __VA_ARGS__)
#define ROW_NUM(name, d, least, most, in, says) \
	{AT(NUM, name, says), .def = d, .min = least, .max = most, .unit = in},
#define ROW_STR(name, f, d, says)  {AT(STR, name, says), .def_text = d, .form = &form_##f},
#define ROW_WORD(name, E, d, says) {AT(WORD, name, says), .def = CONFIG_##E##_##d, .words = &words_##E},
#define ROW_FLAG(name, d, says)	   {AT(FLAG, name, says), .def = d},
#define ROW_PORT(name, says)	   {AT(PORT, name, says), .form = &form_NAME},
#define ROW_NUMS(name, type, most_n, least, most, d, says)                                                  \
	{AT(NUMS, name, says), .n_off = offsetof(OF, n_##name), .n_max = most_n, .min = least, .max = most, \
	 .def_text = d},
#define ROW_STRS(name, most_n, says) \
	{AT(STRS, name, says), .n_off = offsetof(OF, n_##name), .n_max = most_n, .form = &form_TEXT},
#define ROW_MAP(name, what, says) {AT(MAP, name, says), .of = &rows_##what},
#define ROW_MAPS(name, what, most_n, says) \
	{AT(MAPS, name, says), .n_off = offsetof(OF, n_##name), .n_max = most_n, .of = &rows_##what},

/* No macro may define another's OF, so that each mapping's is written out. */
#define ROWS(name, TABLE)                                         \
	static const struct config_row v_##name[] = {TABLE(ROW)}; \
	static const struct config_rows rows_##name = {COUNT(v_##name), v_##name, sizeof(OF)};

#define OF struct config_eal
ROWS(eal, CONFIG_EAL_KEYS)
#undef OF
#define OF struct config_port
ROWS(port, CONFIG_PORT_KEYS)
#undef OF
#define OF struct config_pair
ROWS(pair, CONFIG_PAIR_KEYS)
#undef OF
#define OF struct config_mirror
ROWS(mirror, CONFIG_MIRROR_KEYS)
#undef OF
#define OF struct config_workers
ROWS(workers, CONFIG_WORKERS_KEYS)
#undef OF
#define OF struct config_limits
ROWS(limits, CONFIG_LIMITS_KEYS)
#undef OF
#define OF struct config_at_limit
ROWS(at_limit, CONFIG_AT_LIMIT_KEYS)
#undef OF
#define OF struct config_events
ROWS(events, CONFIG_EVENTS_KEYS)
#undef OF
#define OF struct config_bypass
ROWS(bypass, CONFIG_BYPASS_KEYS)
#undef OF
#define OF struct config
static const struct config_row v_top[] = {CONFIG_TOP_KEYS(ROW)};
const struct config_rows config_top = {COUNT(v_top), v_top, sizeof(OF)};

#define WORD_OF(name, E)                             \
	const char *config_##name##_word(unsigned v) \
	{                                            \
		return entries_##E[v].word;          \
	}
WORD_OF(mode, MODE)
WORD_OF(fail, FAIL)
WORD_OF(driver, DRIVER)
WORD_OF(idle, IDLE)
WORD_OF(distribution, DISTRIBUTION)
