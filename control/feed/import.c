/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/hex.h"
#include "control/feed/reader.h"

#define MAX_BYTES    (UINT64_C(256) << 20)
#define MAX_REJECTED 100000
#define CANCEL_EACH  4096 /* entries written */

void import_result_free(struct import_result *r)
{
	for (unsigned i = 0; i < r->n_notes; i++) {
		explicit_bzero(r->notes[i].text, strlen(r->notes[i].text));
		free(r->notes[i].text);
	}
	free(r->notes);
	*r = (struct import_result){.serial = -1};
}

static const struct reader *find_reader(const char *format)
{
	unsigned i = 0;
	while (strcmp(readers[i]->format.name, format))
		i++;
	return readers[i];
}

/* All of the input through the reader, into the set; the original into `copy`. */
static int read_all(const struct import_request *q, struct seal_writer *copy, struct entry_set *set,
		    struct import_result *ret, struct err *e)
{
	struct reading *r =
	    mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return err_set(e, -ENOMEM, "%s: no memory to read it", q->name);
	madvise(r, sizeof(*r), MADV_DONTDUMP);
	r->reader = find_reader(q->format);
	r->name = q->name;
	r->options = q->options;
	r->set = set;
	r->result = ret;
	r->max_rejected = q->max_rejected ? q->max_rejected : MAX_REJECTED;
	r->e = e;
	struct input_options o = {.fd = q->fd,
				  .name = q->name,
				  .max_bytes = q->max_bytes ? q->max_bytes : MAX_BYTES,
				  .cancel = q->cancel,
				  .copy = copy};
	reading_begin(r);
	int err = input_open(&o, &r->in, e);
	if (!err)
		err = r->reader->read(r);
	uint8_t digest[INPUT_DIGEST];
	if (!err)
		err = input_digest(r->in, digest, e);
	if (!err) {
		ret->bytes = input_bytes(r->in);
		ret->lines = input_lines(r->in);
		hex_write(digest, sizeof(digest), ret->sha256);
	}
	input_close(r->in);
	munmap(r, sizeof(*r));
	return err;
}

static int check_any(const struct import_request *q, const struct entry_set *set,
		     const struct import_result *ret, struct err *e)
{
	if (set->n)
		return 0;
	if (!ret->bytes)
		return err_set(e, -ENODATA, "%s: is empty: an empty file replaces no list", q->name);
	return err_set(e, -ENODATA,
		       "%s: not one entry in its %llu lines, %llu rejected: is it of the format %s?", q->name,
		       (unsigned long long)ret->lines, (unsigned long long)ret->rejected, q->format);
}

static int write_entries(const struct import_request *q, const struct entry_set *set, struct seal_writer *to,
			 struct import_result *ret, struct err *e)
{
	struct entry en;
	int err = 0;
	for (uint64_t at = 0; !err && entry_set_next(set, &at, &en); ret->entries++) {
		char line[16];
		int n = snprintf(line, sizeof(line), "%u\t", en.line);
		if (ret->entries % CANCEL_EACH == 0 && q->cancel && atomic_load(q->cancel))
			return err_set(e, -ECANCELED, "%s: cancelled", q->name);
		err = seal_write(to, line, (size_t)n, e);
		if (!err)
			err = seal_write(to, en.text, en.len, e);
		if (!err)
			err = seal_write(to, "\n", 1, e);
	}
	ret->duplicates = set->n - ret->entries;
	return err;
}

static int commit(const struct import_request *q, struct seal_writer *original, struct seal_writer *object,
		  struct err *e)
{
	int err = seal_commit(original, e);
	if (err) {
		seal_abort(object);
		return err;
	}
	err = seal_commit(object, e);
	if (err)
		unlink(q->original);
	return err;
}

static int run(const struct import_request *q, struct entry_set *set, struct import_result *ret,
	       struct err *e)
{
	struct seal_writer *original = NULL, *object = NULL;
	int err = seal_create(q->original, q->key, &original, e);
	if (!err)
		err = read_all(q, original, set, ret, e);
	if (!err)
		err = check_any(q, set, ret, e);
	if (!err)
		err = seal_create(q->object, q->key, &object, e);
	if (!err) {
		entry_set_sort(set);
		err = write_entries(q, set, object, ret, e);
	}
	if (!err)
		return commit(q, original, object, e);
	seal_abort(original);
	seal_abort(object);
	return err;
}

int import_run(const struct import_request *q, struct import_result *ret, struct err *e)
{
	struct import_result got = {.serial = -1};
	struct entry_set set;
	int err = import_check_format(q->format, q->options, e);
	if (err)
		return err;
	entry_set_init(&set, IMPORT_ENTRIES_MAX);
	err = run(q, &set, &got, e);
	entry_set_fini(&set);
	if (err)
		import_result_free(&got);
	else
		*ret = got;
	return err;
}
