/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/text.h"

/* libyaml's tree takes time quadratic in depth and in the number of anchors, and an alias makes a few lines stand for
 * millions of values. So the text goes by as events first, one at a time, and ends where one of these comes. */
#define DEPTH_MAX 8 /* a configuration has four */

static bool is_marked(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return ev->data.scalar.anchor || ev->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return ev->data.sequence_start.anchor || ev->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return ev->data.mapping_start.anchor || ev->data.mapping_start.tag;
	default:
		return ev->type == YAML_ALIAS_EVENT;
	}
}

static int check_event(const struct config_text *t, const yaml_event_t *ev, int *depth, unsigned *documents,
		       struct err *e)
{
	unsigned line = (unsigned)ev->start_mark.line + 1;
	if (is_marked(ev))
		return config_text_refuse(
		    t, line, e, "a YAML anchor (&), alias (*) or tag (!); write the value out, or quote it");
	if (ev->type == YAML_DOCUMENT_START_EVENT && ++*documents == 2)
		return config_text_refuse(t, line, e,
					  "a second document; remove it and the \"---\" in front of it");
	*depth += ev->type == YAML_SEQUENCE_START_EVENT || ev->type == YAML_MAPPING_START_EVENT;
	*depth -= ev->type == YAML_SEQUENCE_END_EVENT || ev->type == YAML_MAPPING_END_EVENT;
	return *depth > DEPTH_MAX
		   ? config_text_refuse(t, line, e,
					"lists and mappings in each other, deeper than %d; see %s", DEPTH_MAX,
					t->program->manual)
		   : 0;
}

int config_text_gate(const struct config_text *t, yaml_parser_t *p, struct err *e)
{
	int err = 0, depth = 0;
	unsigned documents = 0;
	for (bool more = true; !err && more;) {
		yaml_event_t ev;
		if (!yaml_parser_parse(p, &ev))
			return config_text_syntax_error(t, p, e);
		err = check_event(t, &ev, &depth, &documents, e);
		more = ev.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	return err;
}
