/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one table as one binary array of its row type, for `unnest($1::table[])`. The buffer is
 * kept from batch to batch. An allocation that failed shows in rows_param(). */
#ifndef PG_ROWS_H
#define PG_ROWS_H

#include "base/buf.h"
#include "base/digest.h"
#include "pg/binary.h"
#include "pg/layout.h"

struct rows {
    struct buf buf;
    const struct layout *layout;
    struct binary_array array;
    size_t n;
    struct buf json; /* scratch */
};

/* What a column takes: text, empty for NULL; the bytes of a hash. */
struct span rows_text(const char *s);
struct span rows_digest(const uint8_t hash[DIGEST_BYTES]);

void rows_init(struct rows *r, size_t max_bytes);
void rows_free(struct rows *r);
/* Gives back what a large batch has needed; what was written is gone. */
void rows_rest(struct rows *r);
/* Empties it. */
void rows_begin(struct rows *r, const struct layout *layout);
/* row: the struct whose members the layout knows; body: of the layout's record, or NULL. */
void rows_add(struct rows *r, const void *row, const ProtobufCMessage *body);
/* Ends the array. ERR_NOMEM when something did not fit. */
MUST_CHECK enum err rows_param(struct rows *r, struct pg_param *out);

#endif
