/* SPDX-License-Identifier: BSD-3-Clause */
/* config-pages md|man: docs/configuration.md or the man page roja-dataplane.yaml(5), from the tables of config_keys.h.
 * scripts/man runs it. */
#include "common/config/pages.h"

#include <string.h>

#include "dataplane/dpdk/config_rows.h"

/* share/roja-dataplane-lab.yaml */
extern const unsigned char example_lab[];
extern const size_t example_lab_bytes;

int main(int argc, char **argv)
{
	const struct config_page page = {
	    .program = &config_dataplane,
	    .title = "Configuration",
	    .use =
		"`roja-dataplane FILE` reads one file; `roja-dataplane --check FILE` checks it, prints it with every "
		"default and ends.",
	    .keys = "dataplane/dpdk/config_keys.h",
	    .must = "Only ports and pairs (mode mirror: mirrors) must be there",
	    .error =
		"lab.yaml:14: ports[1].driver: \"afxdp\" is none of pci, af_xdp, af_packet, tap, memif, pcap, vhost, vdev",
	    .example_about =
		"Example: a lab\n\nshare/roja-dataplane-lab.yaml; for production there is share/roja-dataplane.yaml.",
	    .example = example_lab,
	    .example_bytes = example_lab_bytes,
	};
	if (argc == 2 && !strcmp(argv[1], "md"))
		return config_page_md(&page, stdout), 0;
	if (argc == 2 && !strcmp(argv[1], "man"))
		return config_page_man(&page, stdout), 0;
	fputs("usage: config-pages md|man\n", stderr);
	return 2;
}
