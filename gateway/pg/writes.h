/* SPDX-License-Identifier: Apache-2.0 */
/* From a decided and numbered plan to the steps of one pipelined request: every row the transaction
 * writes, the batch row last. For: filling rows. Not for: deciding, sending, BEGIN and COMMIT.
 * Promises: keys stand sorted within each statement; buffers are kept from batch to batch, bounded.
 */
#ifndef PG_WRITES_H
#define PG_WRITES_H

#include "base/arena.h"
#include "pg/plan.h"
#include "pg/rows.h"
#include "pg/statements.h"
#include "pipe/batch.h"

/* A place in the chain of a lane. */
struct chain_link {
    int64_t no;
    uint8_t hash[DIGEST_BYTES];
    size_t hash_len; /* 0 before the first batch */
};

struct write_context {
    const struct statements *statements;
    const struct plan *plan;
    const char *node;
    int32_t lane;
    struct chain_link last; /* the batch before */
    int64_t accepted_us;    /* time of the database */
    int64_t parked_keep_us;
};

struct writes {
    struct arena arena; /* packed reports, small parameters; until the next writes_make */
    struct rows fixed[TABLE_KINDS];
    struct rows *fresh, *newer, *past, *patch; /* by type index */
    size_t n_records;
    struct buf scratch;
    struct pg_step *steps;
    size_t n_steps;
    struct chain_link link; /* what the batch row says */
    size_t batch_step;      /* index of the batch row's step */
};

MUST_CHECK enum err writes_init(struct writes *w, const struct schema *schema, size_t max_bytes);
void writes_free(struct writes *w);
/* Fills w->steps; w->steps has room for one more (COMMIT or ROLLBACK). ERR_NOMEM. */
MUST_CHECK enum err writes_make(struct writes *w, const struct write_context *c);

#endif
