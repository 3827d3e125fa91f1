/* SPDX-License-Identifier: Apache-2.0 */
/* The second receipt of a report that was parked: written by the transaction that released or
 * expired it, published by the owner of that lane, deleted after the broker's PUBACK. Here: reading
 * rows of dg.late_receipt. When to read and delete is the lane's business. */
#ifndef PG_LATE_H
#define PG_LATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/pipeline.h"
#include "pipe/receipt.h"

/* Everything borrowed. item.problem and item.hash are set by late_point() once the struct lies
 * where it stays. */
struct late_receipt {
    int64_t no;
    int32_t lane;
    int64_t batch_no;
    struct span topic, correlation;
    int64_t received_us, committed_us;
    struct receipt_item item;
    struct problem problem;
    uint8_t hash[DIGEST_BYTES];
};

/* $1 lane integer, $2 no bigint: after this one, $3 how many integer. */
extern const struct pg_statement late_select;
/* $1 bigint[] no. */
extern const struct pg_statement late_delete;

/* Row of late_select's result; texts are copied into the arena. ERR_NOMEM, or ERR_FATAL when the
 * row is not of the expected shape. */
MUST_CHECK enum err late_take(const struct pg_result *result, size_t row, struct arena *arena,
                              struct late_receipt *out);
/* Points item at problem and hash of the same struct. */
void late_point(struct late_receipt *r);

#endif
