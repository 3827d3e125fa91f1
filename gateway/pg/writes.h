/* SPDX-License-Identifier: Apache-2.0 */
/* From a decided and numbered plan to the steps of one pipelined request: every row the transaction
 * writes, the batch row last. For: filling rows. Not for: deciding, sending, BEGIN and COMMIT.
 * Promises: keys stand sorted within each statement; buffers are kept from batch to batch, bounded.
 */
#ifndef PG_WRITES_H
#define PG_WRITES_H

#include "pg/life_writes.h"
#include "pg/steps.h"
#include "pg/versions.h"
#include "pipe/batch.h"

struct writes {
    struct steps steps;
    struct versions versions;
    struct life_writes lives;
    struct chain_link link; /* what the batch row says */
    size_t batch_step;      /* index of the batch row's step */
    bool counted;           /* the step before it gives counts by adapter and reason */
};

MUST_CHECK enum err writes_init(struct writes *w, const struct schema *schema, size_t max_bytes);
void writes_free(struct writes *w);
/* Fills w->steps, which have room for one more (COMMIT or ROLLBACK). ERR_NOMEM. */
MUST_CHECK enum err writes_make(struct writes *w, const struct write_context *c);

#endif
