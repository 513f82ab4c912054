/* SPDX-License-Identifier: BSD-3-Clause */
/* reports: what the daemon reports, printed or put into a folder.
 *
 * Model:    -o FOLDER is made where it is missing; a file that is there already is not touched, and ends the command.
 */
#ifndef CONTROL_CTL_REPORTS_H
#define CONTROL_CTL_REPORTS_H

#include "control/ctl/request.h"

int report_confirm_run(struct request *q);
/* Reports that come as many files: the daemon writes them into one, which is unpacked into the folder. */
int report_folder_run(struct request *q);

#endif
