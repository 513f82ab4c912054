/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/pages.h"
#include "control/config.h"
#include "control/config_rows.h"

/* share/control.yaml */
extern const unsigned char example_control[];
extern const size_t example_control_bytes;

static struct config_page page(void)
{
	return (struct config_page){
	    .program = &config_control,
	    .title = "Configuration of roja-control",
	    .use = "`roja-control` reads one file, by default " CONTROL_CONFIG_FILE
		   "; `roja-control --check FILE` checks it, prints it with every default and ends.",
	    .keys = "control/config_keys.h",
	    .must = "No key must be there, but an empty file is refused",
	    .error =
		"control.yaml:9: roles[1].name: there is no role \"aprover\"; did you mean \"approver\"?",
	    .example_about = "Example\n\nshare/control.yaml.",
	    .example = example_control,
	    .example_bytes = example_control_bytes,
	};
}

void control_config_page(FILE *out)
{
	const struct config_page p = page();
	config_page_md(&p, out);
}

void control_config_man(FILE *out)
{
	const struct config_page p = page();
	config_page_man(&p, out);
}
