/* SPDX-License-Identifier: Apache-2.0 */
/* The request being made: its steps, their parameters, and the rows of the tables that every record
 * shares. For: memory that lasts until the request is answered, and putting steps one after the
 * other. Not for: knowing what is written (pg/writes.h and those it asks). Promises: an allocation
 * that failed, here or in the rows, makes steps_add fail at the latest; buffers are kept from batch
 * to batch, bounded. */
#ifndef PG_STEPS_H
#define PG_STEPS_H

#include "base/arena.h"
#include "pg/chain.h"
#include "pg/plan.h"
#include "pg/rows.h"
#include "pg/statements.h"

/* What the rows of one batch are made from. */
struct write_context {
    const struct statements *statements;
    const struct plan *plan;
    const char *node;
    int32_t lane;
    int64_t batch_no;
    struct chain_link last; /* the batch before */
    int64_t accepted_us;    /* time of the database */
    int64_t parked_keep_us;
};

struct steps {
    struct arena arena; /* packed reports, small parameters; until the next steps_begin */
    struct buf scratch;
    struct rows rows[TABLE_KINDS];
    struct pg_step *at;
    size_t n;
};

/* room: how many steps at most. */
MUST_CHECK enum err steps_init(struct steps *s, size_t room, size_t max_bytes);
void steps_free(struct steps *s);
/* Nothing of the last request is needed any more. */
void steps_rest(struct steps *s);
void steps_begin(struct steps *s, const struct statements *statements);

/* The parameters are copied, what they point at is not. ERR_NOMEM, also when one of them has none.
 */
MUST_CHECK enum err steps_add(struct steps *s, const struct pg_statement *statement,
                              const struct pg_param *params, size_t n);
/* The rows, if any, as $1; steps_counted_rows: and their number as $2. */
MUST_CHECK enum err steps_rows(struct steps *s, const struct pg_statement *statement,
                               struct rows *rows);
MUST_CHECK enum err steps_counted_rows(struct steps *s, const struct pg_statement *statement,
                                       struct rows *rows);
/* The rows gathered for a shared table. */
MUST_CHECK enum err steps_table(struct steps *s, const struct write_context *c,
                                enum table_kind kind);

/* A number of 4 or 8 bytes in the arena; data NULL when exhausted, which steps_add finds. */
struct pg_param steps_number(struct steps *s, int64_t v, size_t len);
/* Packed into the arena; at NULL when exhausted. */
struct span steps_pack(struct steps *s, const ProtobufCMessage *m);

#endif
