/* SPDX-License-Identifier: BSD-3-Clause */
/* config-pages md|man: docs/control-configuration.md or the man page roja-control.yaml(5). scripts/man runs it. */
#include <string.h>

#include "control/config.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "md"))
		return control_config_page(stdout), 0;
	if (argc == 2 && !strcmp(argv[1], "man"))
		return control_config_man(stdout), 0;
	fputs("usage: config-pages md|man\n", stderr);
	return 2;
}
