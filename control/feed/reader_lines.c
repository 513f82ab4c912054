/* SPDX-License-Identifier: BSD-3-Clause */
/* Formats of one text a line: URLs as the IWF gives them, domains as INTERPOL does. */
#include "control/feed/reader.h"

static int read_lines(struct reading *r, enum reader_take take)
{
	struct input_line line;
	int got;
	while ((got = reading_line(r, &line)) > 0) {
		if (reading_is_blank(line.text, "#"))
			continue;
		int err = reading_take(r, take, line.number, line.text);
		if (err)
			return err;
	}
	return got;
}

static int read_urls(struct reading *r)
{
	return read_lines(r, TAKE_URL);
}

static int read_domains(struct reading *r)
{
	return read_lines(r, TAKE_DOMAIN);
}

static const struct reader_option url_options[] = {READER_URL_OPTIONS, {0}};

const struct reader reader_urls = {
    .format = {.name = "urls",
	       .help = "a URL a line, with or without http://, as the IWF's list has them",
	       .options = READER_URL_WORDS},
    .options = url_options,
    .read = read_urls,
};

const struct reader reader_domains = {
    .format = {.name = "domains",
	       .help = "a domain a line, which is the name and its subdomains, as INTERPOL's list has them"},
    .read = read_domains,
};
