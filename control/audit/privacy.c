/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/privacy.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "common/bytes.h"
#include "control/store/versions.h"

#define KEY_BYTES  32
#define PAGE_BYTES 4096

struct lists { /* of a version, by their index in its ruleset */
	uint64_t version;
	unsigned n;
	struct privacy_place *places; /* NULL: none is kept here */
};

struct privacy {
	struct store *store;
	struct lists kept[PRIVACY_VERSIONS];
	unsigned next;
	uint8_t *key; /* a page of its own */
	bool has_key;
	int64_t day;
};

static uint8_t *secret_page(void)
{
	void *p = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mlock(p, PAGE_BYTES) || madvise(p, PAGE_BYTES, MADV_DONTDUMP) ||
	    madvise(p, PAGE_BYTES, MADV_WIPEONFORK)) {
		munmap(p, PAGE_BYTES);
		return NULL;
	}
	return p;
}

int privacy_new(struct store *s, struct privacy **ret, struct err *e)
{
	struct privacy *p = calloc(1, sizeof(*p));
	if (!p || !(p->key = secret_page())) {
		free(p);
		return err_set(
		    e, -ENOMEM,
		    "no memory for the key of pseudonyms that stays out of swap: raise LimitMEMLOCK");
	}
	p->store = s;
	*ret = p;
	return 0;
}

void privacy_free(struct privacy *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < PRIVACY_VERSIONS; i++)
		free(p->kept[i].places);
	explicit_bzero(p->key, PAGE_BYTES);
	munmap(p->key, PAGE_BYTES);
	free(p);
}

static enum records records_of(struct store *s, int64_t order)
{
	static const char *const words[] = {
	    [RECORDS_COUNTS] = "counts", [RECORDS_EVENTS] = "events", [RECORDS_PSEUDONYMS] = "pseudonyms"};
	char *word = NULL;
	enum records found = RECORDS_COUNTS;
	/* Orders of before the field say nothing: as its default. */
	if (store_str(s, &word, NULL,
		      "SELECT coalesce(fields ->> 'records', iif(confidential, 'counts', 'events'))"
		      " FROM orders WHERE id = ?",
		      "i", order))
		return RECORDS_COUNTS;
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			found = (enum records)i;
	free(word);
	return found;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static struct lists *load(struct privacy *p, uint64_t version)
{
	json_t *plan;
	if (version_plan(p->store, NULL, (int64_t)version, &plan))
		return NULL;
	const json_t *lists = json_object_get(plan, "lists");
	struct lists *l = &p->kept[p->next++ % PRIVACY_VERSIONS];
	size_t n = json_array_size(lists);
	free(l->places);
	*l = (struct lists){.version = version, .places = calloc(n ? n : 1, sizeof(*l->places))};
	for (; l->places && l->n < n; l->n++) {
		const json_t *list = json_array_get(lists, l->n);
		l->places[l->n] =
		    (struct privacy_place){.order = number(list, "order"), .list = number(list, "list")};
		l->places[l->n].records = records_of(p->store, l->places[l->n].order);
	}
	json_decref(plan);
	return l->places ? l : NULL;
}

struct privacy_place privacy_place(struct privacy *p, uint64_t version, unsigned list)
{
	struct lists *l = NULL;
	for (unsigned i = 0; i < PRIVACY_VERSIONS && !l; i++)
		if (p->kept[i].places && p->kept[i].version == version)
			l = &p->kept[i];
	if (!l)
		l = load(p, version);
	return l && list < l->n ? l->places[list] : (struct privacy_place){.records = RECORDS_COUNTS};
}

bool privacy_forget(struct privacy *p, int64_t day)
{
	if (!p->has_key || p->day == day)
		return false;
	explicit_bzero(p->key, KEY_BYTES);
	p->has_key = false;
	return true;
}

int privacy_pseudonym(struct privacy *p, int64_t day, int64_t order, const uint8_t *address, unsigned bytes,
		      uint8_t ret[PRIVACY_PSEUDONYM_BYTES], bool *ret_fresh)
{
	uint8_t said[8 + 1 + 16], mac[EVP_MAX_MD_SIZE];
	unsigned mac_bytes;
	privacy_forget(p, day);
	*ret_fresh = !p->has_key;
	if (!p->has_key && getrandom(p->key, KEY_BYTES, 0) != KEY_BYTES)
		return -EIO;
	p->has_key = true;
	p->day = day;
	put_be32(said, (uint32_t)((uint64_t)order >> 32));
	put_be32(said + 4, (uint32_t)order);
	said[8] = (uint8_t)bytes;
	memcpy(said + 9, address, bytes);
	if (!HMAC(EVP_sha256(), p->key, KEY_BYTES, said, 9 + bytes, mac, &mac_bytes))
		return -EIO;
	memcpy(ret, mac, PRIVACY_PSEUDONYM_BYTES);
	explicit_bzero(said, sizeof(said));
	explicit_bzero(mac, sizeof(mac));
	return 0;
}
