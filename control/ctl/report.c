/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "common/quote.h"
#include "control/ctl/ctl.h"

static const char *const note_help[NOTE_KINDS_N] = {
    [NOTE_REJECTED] = "lines are not enforced",
    [NOTE_DUPLICATE] = "entries stand twice; the first one is enforced",
    [NOTE_SHADOWED] = "entries are held by a wider one; they are enforced all the same",
    [NOTE_HTTP_ONLY] = "entries are enforced on plain HTTP only: HTTPS encrypts the path",
};

static void print_kinds(const struct report *r, FILE *out)
{
	fprintf(out, "%" PRIu64 " lines, %" PRIu64 " entries\n\n", r->lines, r->entries);
	fprintf(out, "  %-12s %12s %12s\n", "kind", "blocks", "exceptions");
	for (unsigned k = 0; k < RULE_KINDS_N; k++)
		if (r->by_kind[k][0] || r->by_kind[k][1])
			fprintf(out, "  %-12s %12" PRIu64 " %12" PRIu64 "\n", rule_kind_names[k],
				r->by_kind[k][0], r->by_kind[k][1]);
}

static void print_place(const char *file, uint32_t line, FILE *out)
{
	quote_plain(out, file);
	fprintf(out, ":%u", line);
}

static void print_note(char *const *files, const struct report_note *n, FILE *out)
{
	fputs("  ", out);
	print_place(files[n->list], n->line, out);
	fputs(": ", out);
	quote_plain(out, n->text);
	if (n->other_line) {
		fputs(" (", out);
		print_place(files[n->other_list], n->other_line, out);
		fputc(')', out);
	}
	fputc('\n', out);
}

void ctl_report_print(const struct compiler *c, char *const *files, FILE *out)
{
	const struct report *r = compiler_report(c);
	print_kinds(r, out);
	for (unsigned k = 0; k < NOTE_KINDS_N; k++) {
		uint64_t shown = 0;
		if (!r->notes_total[k])
			continue;
		fprintf(out, "\n%s: %" PRIu64 " %s\n", note_kind_names[k], r->notes_total[k], note_help[k]);
		for (uint32_t i = 0; i < r->n_notes; i++)
			if (r->notes[i].kind == k) {
				print_note(files, &r->notes[i], out);
				shown++;
			}
		if (shown < r->notes_total[k])
			fprintf(out, "  and %" PRIu64 " more\n", r->notes_total[k] - shown);
	}
}

static void print_note_json(const struct compiler *c, char *const *files, const struct report_note *n,
			    FILE *out)
{
	fprintf(out, "{\"kind\":\"%s\",\"file\":", note_kind_names[n->kind]);
	quote_json(out, files[n->list]);
	fputs(",\"list\":", out);
	quote_json(out, compiler_list_name(c, n->list));
	fprintf(out, ",\"line\":%u,\"text\":", n->line);
	quote_json(out, n->text);
	if (n->other_line) {
		fputs(",\"other_file\":", out);
		quote_json(out, files[n->other_list]);
		fprintf(out, ",\"other_line\":%u", n->other_line);
	}
	fputc('}', out);
}

void ctl_report_json(const struct compiler *c, char *const *files, FILE *out)
{
	const struct report *r = compiler_report(c);
	fprintf(out, "\"lines\":%" PRIu64 ",\"entries\":%" PRIu64 ",\"kinds\":{", r->lines, r->entries);
	for (unsigned k = 0; k < RULE_KINDS_N; k++)
		fprintf(out, "%s\"%s\":{\"blocks\":%" PRIu64 ",\"exceptions\":%" PRIu64 "}", k ? "," : "",
			rule_kind_names[k], r->by_kind[k][0], r->by_kind[k][1]);
	fputs("},\"totals\":{", out);
	for (unsigned k = 0; k < NOTE_KINDS_N; k++)
		fprintf(out, "%s\"%s\":%" PRIu64, k ? "," : "", note_kind_names[k], r->notes_total[k]);
	fputs("},\"notes\":[", out);
	for (uint32_t i = 0; i < r->n_notes; i++) {
		if (i)
			fputc(',', out);
		print_note_json(c, files, &r->notes[i], out);
	}
	fputc(']', out);
}
