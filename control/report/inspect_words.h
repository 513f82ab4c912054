/* SPDX-License-Identifier: BSD-3-Clause */
/* inspect_words: what an inspector is told in README.en.txt and README.sq.txt: %s when it was made, from when, to when. */
#ifndef CONTROL_REPORT_INSPECT_WORDS_H
#define CONTROL_REPORT_INSPECT_WORDS_H

#include "control/report/language.h"

/* clang-format off */
static const char *const readmes[LANGUAGES_N] = {
    [ENGLISH] =
"FOR AN INSPECTION\n"
"\n"
"Made %s, for the time from %s to %s (not included). All times are in UTC.\n"
"\n"
"log/          the audit log as it is published, at one checkpoint: each hit and each act is a leaf of a Merkle tree\n"
"log.vkey      the key with which the log began, as its first leaf has it. Compare it with the one that you were given before.\n"
"orders.json   orders that were there in this time: what the authority said, who proposed and approved, where in force from when to when\n"
"lists.json    each reading of their lists: SHA-256 of the original and of its entries, counts, who signed or vouched, who approved\n"
"journal.csv   who did what and what was refused, in this time (RFC 4180)\n"
"SHA256SUMS    the SHA-256 of each file\n"
"\n"
"No entry of a list is in any of these files. An original that you hold is the one that was imported if its SHA-256 is the same.\n"
"\n"
"HOW TO VERIFY IT, on a computer of your own, without a network\n"
"\n"
"1. That nothing was changed on the way:        sha256sum -c SHA256SUMS\n"
"2. That the log was not changed:               roja-audit verify --key \"$(cat log.vkey)\" .\n"
"   It recomputes the tree from all leaves, checks the signatures, and names the first leaf that is wrong.\n"
"   Any other program that knows docs/audit-format.md or the C2SP formats tlog-tiles and tlog-checkpoint will do as well.\n"
"3. That the log tells the same story as before: keep its last checkpoint, log/checkpoint, and compare next time:\n"
"                                               roja-audit diff OLD-CHECKPOINT log/checkpoint log\n"
"4. That the files tell what the log does: each order, import and act in the files is a leaf of the log, with the same numbers.\n"
"\n"
"That these files were handed over is an act in the journal as well, with the SHA-256 of SHA256SUMS: in the log as it goes on.\n",
    [ALBANIAN] =
"PËR NJË INSPEKTIM\n"
"\n"
"Hartuar më %s, për kohën nga %s deri më %s (pa e përfshirë). Të gjitha kohët janë në UTC.\n"
"\n"
"log/          regjistri i auditimit ashtu si publikohet, në një pikë kontrolli: çdo goditje dhe çdo veprim është një gjethe e një peme Merkle\n"
"log.vkey      çelësi me të cilin filloi regjistri, siç e ka gjethja e parë. Krahasojeni me atë që ju është dhënë më parë.\n"
"orders.json   urdhrat që ishin në këtë kohë: çfarë tha autoriteti, kush propozoi dhe kush miratoi, ku ishte në fuqi nga kur deri kur\n"
"lists.json    çdo lexim i listave të tyre: SHA-256 e origjinalit dhe e zërave, numrat, kush nënshkroi ose garantoi, kush miratoi\n"
"journal.csv   kush çfarë bëri dhe çfarë u refuzua, në këtë kohë (RFC 4180)\n"
"SHA256SUMS    SHA-256 e çdo skedari\n"
"\n"
"Në asnjë nga këta skedarë nuk ka zëra të listave. Një origjinal që e keni ju është ai që u importua nëse SHA-256 e tij është e njëjtë.\n"
"\n"
"SI TË VERIFIKOHET, në një kompjuter tuajin, pa rrjet\n"
"\n"
"1. Që asgjë nuk u ndryshua rrugës:             sha256sum -c SHA256SUMS\n"
"2. Që regjistri nuk u ndryshua:                roja-audit verify --key \"$(cat log.vkey)\" .\n"
"   Programi e llogarit sërish pemën nga të gjitha gjethet, kontrollon nënshkrimet dhe emërton gjethen e parë të gabuar.\n"
"   Po ashtu vlen çdo program tjetër që njeh docs/audit-format.md ose formatet C2SP tlog-tiles dhe tlog-checkpoint.\n"
"3. Që regjistri tregon të njëjtën histori si më parë: ruajeni pikën e fundit, log/checkpoint, dhe krahasojeni herën tjetër:\n"
"                                               roja-audit diff PIKA-E-VJETËR log/checkpoint log\n"
"4. Që skedarët tregojnë atë që tregon regjistri: çdo urdhër, importim dhe veprim në skedarë është një gjethe e regjistrit, me të njëjtët numra.\n"
"\n"
"Edhe dorëzimi i këtyre skedarëve është një veprim në ditar, me SHA-256 të SHA256SUMS: në regjistrin që vazhdon.\n",
};
/* clang-format on */

#endif
