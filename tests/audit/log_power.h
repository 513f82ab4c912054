/* SPDX-License-Identifier: BSD-3-Clause */
/* log_power: what a power cut leaves of published files that were not synced: those beyond the checkpoint, lost, empty or cut at random. */
#ifndef TESTS_AUDIT_LOG_POWER_H
#define TESTS_AUDIT_LOG_POWER_H

/* Of FOLDER/audit/log. Returns how many files. */
unsigned power_cut(const char *folder, unsigned seed);

#endif
