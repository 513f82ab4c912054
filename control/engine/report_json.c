/* SPDX-License-Identifier: BSD-3-Clause */
/* What an import's checks found, as JSON for the store, for callers and for the compile (skipped). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "control/engine/digest.h"
#include "control/engine/import_job.h"
#include "control/store/clock.h"

#define FINDINGS_SHOWN 200 /* so that an answer stays below RPC_ANSWER_MAX */
#define NOTES_SHOWN    1000

static json_t *finding_json(const struct safety_finding *f, bool reveal)
{
	const struct safety_class_row *c = &safety_classes[f->class];
	char text[1024];
	safety_finding_text(f, reveal, text, sizeof(text));
	json_t *o = json_pack("{sssssosssbsb}", "severity", safety_severity_names[c->severity], "class",
			      c->word, "text", rpc_string(text), "advice", c->advice, "accepted", f->accepted,
			      "skipped", f->skipped);
	if (o && f->line)
		json_object_set_new(o, "line", json_integer(f->line));
	if (o && reveal && f->entry)
		json_object_set_new(o, "entry", rpc_string(f->entry));
	return o;
}

static json_t *findings_json(const struct safety_report *r, bool reveal)
{
	json_t *all = json_array();
	for (unsigned i = 0; all && i < r->n_findings && i < FINDINGS_SHOWN; i++)
		json_array_append_new(all, finding_json(&r->findings[i], reveal));
	return all;
}

static json_t *totals_json(const struct safety_report *r)
{
	json_t *o = json_object();
	for (unsigned i = 0; o && i < SAFETY_CLASSES_N; i++)
		if (r->total[i])
			json_object_set_new(o, safety_classes[i].word, json_integer((json_int_t)r->total[i]));
	return o;
}

static int add(json_t *o, const char *key, uint64_t v)
{
	return json_object_set_new(o, key, json_integer((json_int_t)v));
}

int safety_json(json_t *to, const struct safety_report *r, bool reveal)
{
	return add(to, "added", r->added) || add(to, "removed", r->removed) || add(to, "kept", r->kept) ||
	       add(to, "previous", r->previous) || add(to, "skipped", r->n_skipped) ||
	       json_object_set_new(to, "findings", findings_json(r, reveal)) ||
	       json_object_set_new(to, "totals", totals_json(r));
}

/* Lines that were no entries: their text is as secret as the list. */
static json_t *notes_json(const struct import_result *r, bool reveal)
{
	json_t *all = json_array();
	for (unsigned i = 0; all && i < r->n_notes && i < NOTES_SHOWN; i++) {
		json_t *o = json_pack("{sIss}", "line", (json_int_t)r->notes[i].line, "why", r->notes[i].why);
		if (o && reveal && r->notes[i].text)
			json_object_set_new(o, "text", rpc_string(r->notes[i].text));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *skipped_json(const struct safety_report *r)
{
	json_t *all = json_array();
	for (unsigned i = 0; all && i < r->n_skipped; i++)
		json_array_append_new(all, json_integer(r->skipped[i]));
	return all;
}

json_t *import_job_report(const struct import_job *j)
{
	char digest[65];
	digest_hex(j->safety.digest, digest);
	json_t *o = json_object();
	if (!o || safety_json(o, &j->safety, !j->confidential) ||
	    json_object_set_new(o, "skipped", skipped_json(&j->safety)) ||
	    json_object_set_new(o, "notes", notes_json(&j->read, !j->confidential)) ||
	    json_object_set_new(o, "digest", json_string(digest)) ||
	    json_object_set_new(o, "time", json_integer(j->read.time))) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *time_json(int64_t at)
{
	char text[CLOCK_TEXT_BYTES];
	if (!at)
		return json_null();
	clock_text(at, text);
	return json_string(text);
}

json_t *import_job_signature(const struct import_job *j)
{
	const struct signature_result *s = &j->signer;
	if (!j->is_signed)
		return NULL;
	return json_pack("{sosssssosIso}", "signer", rpc_string(s->signer), "issuer", s->issuer,
			 "fingerprint", s->fingerprint, "signed", time_json(s->signed_s), "signed_s",
			 (json_int_t)s->signed_s, "valid_until", time_json(s->valid_until_s));
}
