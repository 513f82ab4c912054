/* SPDX-License-Identifier: BSD-3-Clause */
/* page_words: what pages say that no list says: whom to ask for help, and categories by name. For page.c.
 *
 * X(language, what for, contact, link, when the contact was last checked in a public source). None of them was telephoned. */
#ifndef RULES_PAGE_WORDS_H
#define RULES_PAGE_WORDS_H

/* clang-format off */
#define HELPLINES(X)                                                                                                  \
	X(sq, "Për fëmijë e prindër", "ALO 116 111", "tel:116111", "2026-11")                                         \
	X(sq, "Për fëmijë e prindër, në internet", "alo116.al", "https://alo116.al/", "2026-11")                      \
	X(sq, "Për të njoftuar përmbajtje të paligjshme", "isigurt.al", "https://isigurt.al/", "2026-11")             \
	X(sq, "Autoriteti i komunikimeve (AKEP)", "+355 4 2259571", "tel:+35542259571", "2026-11")                    \
	X(en, "For children and parents in Albania", "ALO 116 111", "tel:116111", "2026-11")                          \
	X(en, "For children and parents in Albania, online", "alo116.al", "https://alo116.al/", "2026-11")            \
	X(en, "To report illegal content in Albania", "isigurt.al", "https://isigurt.al/", "2026-11")                 \
	X(en, "Communications authority of Albania (AKEP)", "+355 4 2259571", "tel:+35542259571", "2026-11")          \
	X(sr, "Bezbednost dece na internetu", "19833", "tel:19833", "2026-11")                                        \
	X(sr, "Za prijavu nezakonitog sadržaja", "netpatrola.rs", "https://netpatrola.rs/", "2026-11")                \
	X(mk, "За деца и родители: Ало Бушавко", "070 390 632", "tel:+38970390632", "2026-11")                        \
	X(mk, "За деца и родители, на интернет", "alobushavko.mk", "https://alobushavko.mk/", "2026-11")

/* X(language, before the date) */
#define HELPLINE_CHECKED(X) X(sq, "kontrolluar") X(en, "checked") X(sr, "provereno") X(mk, "проверено")

/* in the order of page_languages */
#define APPEAL_FORM "formulari i ankesës", "the form for appeals", "obrazac za žalbe", "образец за жалби"

/* X(category, sq, en, sr, mk) */
#define CATEGORY_NAMES(X)                                                                                             \
	X(csam,     "material i abuzimit seksual të fëmijëve", "child sexual abuse material",                         \
	            "materijal seksualnog zlostavljanja dece", "материјал со сексуална злоупотреба на деца")          \
	X(gambling, "lojëra fati të palicencuara", "unlicensed gambling", "nelicencirane igre na sreću",              \
	            "нелиценцирани игри на среќа")                                                                    \
	X(court,    "vendim gjykate", "court decision", "sudska odluka", "судска одлука")                             \
	X(cyber,    "siguria kibernetike", "cyber security", "sajber bezbednost", "сајбер безбедност")                \
	X(media,    "media audiovizive", "audiovisual media", "audiovizuelni mediji", "аудиовизуелни медиуми")        \
	X(other,    "tjetër", "other", "drugo", "друго")
/* clang-format on */

#endif
