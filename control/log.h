/* SPDX-License-Identifier: BSD-3-Clause */
/* log: lines for whoever reads the journal, on stderr, with the priority that systemd reads (sd-daemon(3)).
 *
 * Model:    a line says what happened and what to do; never a list's entry, a name, a URL or an address of traffic.
 * Threads:  any; a line is one write.
 */
#ifndef CONTROL_LOG_H
#define CONTROL_LOG_H

__attribute__((format(printf, 1, 2))) void log_note(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warn(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);

#endif
