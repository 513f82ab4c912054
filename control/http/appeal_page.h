/* SPDX-License-Identifier: BSD-3-Clause */
/* appeal_page: the pages of appeals as HTML, for appeal.c: one column, no script, labels, what is wrong said in words. */
#ifndef CONTROL_HTTP_APPEAL_PAGE_H
#define CONTROL_HTTP_APPEAL_PAGE_H

#include "control/http/appeal_words.h"
#include "control/http/http_state.h"

enum appeal_word {
#define X(word, ...) WORD_##word,
	APPEAL_WORDS(X)
#undef X
	    WORDS_N
};

/* The form, with what was sent; wrong WORDS_N: nothing is. */
enum MHD_Result appeal_form_page(struct request *r, unsigned l, unsigned status, enum appeal_word wrong);
enum MHD_Result appeal_done_page(struct request *r, unsigned l, const char *ticket);
/* state: as appeal_state (store/appeals.h) gives it. */
enum MHD_Result appeal_state_page(struct request *r, unsigned l, const json_t *state);

#endif
