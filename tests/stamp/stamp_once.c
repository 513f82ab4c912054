/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp_once FOLDER URL CA EVERY_S TOTAL_S POLICY: asks once for a time stamp of FOLDER/checkpoint, and prints what came of it as JSON. */
#include <jansson.h>
#include <stdlib.h>

#include "control/audit/stamp_ask.h"
#include "control/feed/fetch.h"

int main(int argc, char **argv)
{
	struct err e = {""};
	struct stamp_answer a = {0};
	if (argc != 7 || fetch_init(&e))
		return 2;
	const struct stamp_ask q = {.folder = argv[1],
				    .url = argv[2],
				    .ca_file = argv[3],
				    .every_s = (uint32_t)atoi(argv[4]),
				    .total_s = (unsigned)atoi(argv[5]),
				    .policy = argv[6]};
	int r = stamp_ask(&q, &a, &e);
	json_t *o = json_pack("{s:i, s:s, s:I, s:b, s:I, s:I, s:s, s:s, s:s}", "r", r, "sentence", e.text,
			      "size", (json_int_t)a.size, "stamped", a.stamped, "due_s", (json_int_t)a.due_s,
			      "time", (json_int_t)a.stamp.time_s, "serial", a.stamp.serial, "tsa",
			      a.stamp.tsa, "policy", a.stamp.policy);
	json_dumpf(o, stdout, 0);
	json_decref(o);
	fetch_fini();
	return 0;
}
