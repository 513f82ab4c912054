/* SPDX-License-Identifier: BSD-3-Clause */
/* config_lines: on which line of a YAML text a key stands.
 *
 * Model:    a second, light pass over a text that libcyaml has accepted, for complaints about what a value means.
 * Owner:    the caller's; nothing is kept.
 * Cost:     O(text) a call; only on the way to an error.
 */
#ifndef DATAPLANE_DPDK_CONFIG_LINES_H
#define DATAPLANE_DPDK_CONFIG_LINES_H

#include <stddef.h>
#include <stdint.h>

/* The line, from 1, of a path such as "ports[1].queues"; where there is none, of the nearest key above it. */
unsigned config_line(const uint8_t *text, size_t n, const char *path);

#endif
