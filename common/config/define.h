/* SPDX-License-Identifier: BSD-3-Clause */
/* config define: makes rows and libcyaml's schema of a program's X-lists of keys. Included by the one file that defines them.
 *
 * Keys:
 *   X(NUM,  key, default, least, most, unit, help)          an unsigned integer
 *   X(STR,  key, form, default or NULL: required, help)     char *
 *   X(WORD, key, enumeration, default, help)                unsigned: CONFIG_ENUMERATION_DEFAULT ...
 *   X(FLAG, key, default, help)                             bool
 *   X(PORT, key, help)                                      char *key_name, required; key is the program's to set
 *   X(NUMS, key, type, at most, least, most, default, help) type key[]; unsigned n_key
 *   X(STRS, key, at most, help)                             char *key[], form TEXT; unsigned n_key
 *   X(LIST, key, form, at most, default, help)              char *key[]; unsigned n_key; the default, in words
 *   X(MAP,  key, struct, help)                              the mapping's struct
 *   X(MAPS, key, struct, at most, help)                     the mapping's struct[]; unsigned n_key
 * key[] is an array or a pointer. A STR's or LIST's form is CONFIG_FORM(id, least, most, begin, charset, what it is).
 * An enumeration E is written CONFIG_ENUM(E, X-list of (NAME, word, help)), with a macro CONFIG_VALUE_E(NAME, word, help) that
 * is {word, CONFIG_E_NAME},.
 *
 * A mapping is written so, behind those that it holds, for no macro may define another's OF:
 *   #define OF struct NAME
 *   CONFIG_MAPPING(NAME, X-LIST)
 *   #undef OF
 * and the top one with CONFIG_TOP(X-LIST) in its place.
 */
#ifndef COMMON_CONFIG_DEFINE_H
#define COMMON_CONFIG_DEFINE_H

#include <cyaml/cyaml.h>

#include "common/config/rows.h"

#define CONFIG_COUNT(array) (sizeof(array) / sizeof(*(array)))

#define CONFIG_FORM(id, least, most, begins, chars, says) \
	static const struct config_form form_##id = {least, most, begins, chars, says};

#define CONFIG_ENTRY(id, text, about) {text, about},
#define CONFIG_ENUM(E, LIST)                                                                   \
	static const struct config_word entries_##E[] = {LIST(CONFIG_ENTRY)};                  \
	static const struct config_words words_##E = {CONFIG_COUNT(entries_##E), entries_##E}; \
	static const cyaml_strval_t values_##E[] = {LIST(CONFIG_VALUE_##E)};

/* Rows. */
#define CONFIG_IS_POINTER(name) \
	__builtin_types_compatible_p(__typeof__(((OF *)0)->name), __typeof__(&((OF *)0)->name[0]))
#define AT(id, name, says) .key = #name, .kind = CONFIG_KIND_##id, .off = offsetof(OF, name), .help = says
#define ITEMS(name, most_n) \
	.n_off = offsetof(OF, n_##name), .n_max = most_n, .is_pointer = CONFIG_IS_POINTER(name)
#define ROW(kind, name, ...) ROW_##kind(name, __VA_ARGS__)
#define ROW_NUM(name, d, least, most, in, says)                                                     \
	{AT(NUM, name, says), .size = sizeof(((OF *)0)->name), .def = d, .min = least, .max = most, \
	 .unit = in},
#define ROW_STR(name, f, d, says)  {AT(STR, name, says), .def_text = d, .form = &form_##f},
#define ROW_WORD(name, E, d, says) {AT(WORD, name, says), .def = CONFIG_##E##_##d, .words = &words_##E},
#define ROW_FLAG(name, d, says)	   {AT(FLAG, name, says), .def = d},
#define ROW_PORT(name, says)	   {AT(PORT, name, says), .form = &form_NAME},
#define ROW_NUMS(name, type, most_n, least, most, d, says) \
	{AT(NUMS, name, says), ITEMS(name, most_n), .min = least, .max = most, .def_text = d},
#define ROW_STRS(name, most_n, says) {AT(STRS, name, says), ITEMS(name, most_n), .form = &form_TEXT},
#define ROW_LIST(name, f, most_n, d, says) \
	{AT(STRS, name, says), ITEMS(name, most_n), .form = &form_##f, .def_text = d},
#define ROW_MAP(name, what, says)	   {AT(MAP, name, says), .of = &rows_##what},
#define ROW_MAPS(name, what, most_n, says) {AT(MAPS, name, says), ITEMS(name, most_n), .of = &rows_##what},

/* libcyaml's fields. */
#define QUOTED (CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_DOUBLE)
#define MAY    CYAML_FLAG_OPTIONAL
__attribute__((unused)) static const cyaml_schema_value_t entry_unsigned = {
    CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};
__attribute__((unused)) static const cyaml_schema_value_t entry_uint16_t = {
    CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint16_t)};
__attribute__((unused)) static const cyaml_schema_value_t entry_text = {
    CYAML_VALUE_STRING(QUOTED, char, 0, CYAML_UNLIMITED)};

#define SEQUENCE(key, entry, style, most)                                                                   \
	CYAML_FIELD_SEQUENCE_COUNT(#key, MAY | (style) | (CONFIG_IS_POINTER(key) ? CYAML_FLAG_POINTER : 0), \
				   OF, key, n_##key, entry, 0, most),
#define FIELD(kind, key, ...) FIELD_##kind(key, __VA_ARGS__)
#define FIELD_NUM(key, ...)   CYAML_FIELD_UINT(#key, MAY, OF, key),
#define FIELD_STR(key, ...)   CYAML_FIELD_STRING_PTR(#key, MAY | QUOTED, OF, key, 0, CYAML_UNLIMITED),
#define FIELD_WORD(key, E, ...) \
	CYAML_FIELD_ENUM(#key, MAY | CYAML_FLAG_STRICT, OF, key, values_##E, CONFIG_COUNT(values_##E)),
#define FIELD_FLAG(key, ...)		 CYAML_FIELD_BOOL(#key, MAY, OF, key),
#define FIELD_PORT(key, ...)		 CYAML_FIELD_STRING_PTR(#key, QUOTED, OF, key##_name, 0, CYAML_UNLIMITED),
#define FIELD_NUMS(key, type, most, ...) SEQUENCE(key, &entry_##type, CYAML_FLAG_FLOW, most)
#define FIELD_STRS(key, most, ...)	 SEQUENCE(key, &entry_text, CYAML_FLAG_FLOW, most)
#define FIELD_LIST(key, form, most, ...) SEQUENCE(key, &entry_text, CYAML_FLAG_FLOW, most)
#define FIELD_MAP(key, of, ...)		 CYAML_FIELD_MAPPING(#key, MAY, OF, key, fields_##of),
#define FIELD_MAPS(key, of, most, ...)	 SEQUENCE(key, &entry_##of, 0, most)

#define CONFIG_MAPPING(name, LIST)                                                                    \
	static const struct config_row v_##name[] = {LIST(ROW)};                                      \
	_Static_assert(CONFIG_COUNT(v_##name) <= CONFIG_KEYS_MAX, "too many keys");                   \
	static const struct config_rows rows_##name = {CONFIG_COUNT(v_##name), v_##name, sizeof(OF)}; \
	static const cyaml_schema_field_t fields_##name[] = {LIST(FIELD) CYAML_FIELD_END};            \
	__attribute__((unused)) static const cyaml_schema_value_t entry_##name = {                    \
	    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, OF, fields_##name)};
/* rows_top and schema_top */
#define CONFIG_TOP(LIST)                                 \
	CONFIG_MAPPING(top, LIST)                        \
	static const cyaml_schema_value_t schema_top = { \
	    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, OF, fields_top)};

#endif
