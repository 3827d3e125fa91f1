/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's binary format, the writing side: single values with their length in front, and
 * arrays of one dimension for `unnest`. The text forms given are valid already (rules saw to it);
 * one that is not becomes NULL rather than a broken message. Errors stick in the buf. */
#ifndef PG_BINARY_H
#define PG_BINARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* Oids of built-in types: fixed in the server's catalogue for ever. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIMESTAMPTZ = 1184,
    PG_NUMERIC = 1700,
    PG_UUID = 2950,
    PG_JSONB = 3802
};

void binary_null(struct buf *b);
/* text, varchar, bytea: at NULL is NULL. */
void binary_bytes(struct buf *b, struct span s);
/* smallint, integer or bigint, whichever oid says; out of range is NULL. */
void binary_int(struct buf *b, uint32_t oid, int64_t v);
void binary_bool(struct buf *b, bool v);
/* timestamptz from microseconds since 1970 UTC. */
void binary_time(struct buf *b, int64_t us);
/* date from days since 1970-01-01. */
void binary_day(struct buf *b, int64_t days);
void binary_uuid(struct buf *b, struct span text);
void binary_numeric(struct buf *b, struct span decimal);
void binary_jsonb(struct buf *b, struct span json);

/* An array under way: elements are written with the functions above. */
struct binary_array {
    struct buf *buf;
    size_t at;
};

struct binary_array binary_array_begin(struct buf *b, uint32_t element_oid);
void binary_array_end(const struct binary_array *a, size_t n);

/* An integer as a parameter of its own, without the length in front. */
void binary_int4(uint8_t out[4], int32_t v);

#endif
