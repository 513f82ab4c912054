/* SPDX-License-Identifier: BSD-3-Clause */
/* Bundles go to workers in their order, and come back in it: the first fault is the first in the log. */
#include <errno.h>
#include <stdlib.h>

#include "audit/verify_run.h"

#define SLOTS_A_THREAD 8

static void *work(void *ctx)
{
	struct verify_run *v = ctx;
	pthread_mutex_lock(&v->lock);
	for (;;) {
		while (!v->stop && v->claimed < v->bundles && v->claimed >= v->taken + v->n_slots)
			pthread_cond_wait(&v->freed, &v->lock);
		if (v->stop || v->claimed == v->bundles)
			break;
		uint64_t n = v->claimed++, left = v->head.size - n * TILE_WIDTH;
		struct verify_slot *s = &v->slots[n % v->n_slots];
		pthread_mutex_unlock(&v->lock);
		s->n = n;
		s->width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
		verify_bundle(v, s);
		pthread_mutex_lock(&v->lock);
		s->ready = true;
		pthread_cond_signal(&v->readied);
	}
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

static int take_all(struct verify_run *v)
{
	int err = 0;
	for (uint64_t n = 0; !err && n < v->bundles; n++) {
		struct verify_slot *s = &v->slots[n % v->n_slots];
		pthread_mutex_lock(&v->lock);
		while (!s->ready)
			pthread_cond_wait(&v->readied, &v->lock);
		pthread_mutex_unlock(&v->lock);
		err = verify_take(v, s);
		pthread_mutex_lock(&v->lock);
		s->ready = false;
		v->taken = n + 1;
		pthread_cond_broadcast(&v->freed);
		pthread_mutex_unlock(&v->lock);
	}
	return err;
}

static int run_threads(struct verify_run *v, pthread_t *threads, unsigned n)
{
	unsigned started = 0;
	int err = 0;
	while (!err && started < n) {
		err = -pthread_create(&threads[started], NULL, work, v);
		started += !err;
	}
	if (!err || started)
		err = take_all(v);
	pthread_mutex_lock(&v->lock);
	v->stop = true;
	pthread_cond_broadcast(&v->freed);
	pthread_mutex_unlock(&v->lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (err < 0 && !v->found.code)
		verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, NULL);
	return err;
}

int verify_walk(struct verify_run *v)
{
	unsigned n = v->o->threads;
	pthread_t *threads = calloc(n, sizeof(*threads));
	v->bundles = (v->head.size + TILE_WIDTH - 1) / TILE_WIDTH;
	v->n_slots = n * SLOTS_A_THREAD;
	if (v->n_slots > v->bundles)
		v->n_slots = (unsigned)v->bundles + 1;
	v->slots = calloc(v->n_slots, sizeof(*v->slots));
	int err = -ENOMEM;
	if (threads && v->slots)
		err = run_threads(v, threads, n);
	else
		verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, NULL);
	for (unsigned i = 0; v->slots && i < v->n_slots; i++) {
		verify_buffer_free(&v->slots[i].file);
		verify_buffer_free(&v->slots[i].tile);
		verify_buffer_free(&v->slots[i].other);
	}
	free(v->slots);
	free(threads);
	v->slots = NULL;
	return err;
}
