/* SPDX-License-Identifier: BSD-3-Clause */
/* log_power: what a power cut leaves: of published files that were not synced, those beyond the checkpoint: lost, empty or cut at random; of the
 * write-ahead files, any of the blocks, names and removals that were not synced. Whoever links log_disk_model.c has its syncs played by it: none reaches
 * the real disk, and what each of them makes durable is known, over deaths of the process. */
#ifndef TESTS_AUDIT_LOG_POWER_H
#define TESTS_AUDIT_LOG_POWER_H

#include <stdbool.h>

/* Of FOLDER/audit/log. Returns how many files. */
unsigned power_cut(const char *folder, unsigned seed);

/* The log of FOLDER/audit is on such a disk from now on. may_fail: now and then a sync of a write-ahead file fails, and what it had is not there. */
void disk_begin(const char *folder, bool may_fail);
/* The power goes, and comes back. No process may have the log open. Returns how many write-ahead files there were. */
unsigned disk_cut(void);

#endif
