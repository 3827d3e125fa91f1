/* SPDX-License-Identifier: Apache-2.0 */
/* How a C struct becomes a row of a table: the table's columns as the server has them are bound by
 * name to members of the struct and, for tables of a record, to fields of its body. For: writing
 * rows as binary arrays of the table's row type (one parameter however many columns, and no casts).
 * Not for: SQL text, values. Promises: a member or field whose column is missing or has a type that
 * cannot hold it is told at once, with a sentence for people; a column that nothing is bound to is
 * sent as NULL. */
#ifndef PG_LAYOUT_H
#define PG_LAYOUT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "model/columns.h"
#include "model/schema.h"
#include "pg/pipeline.h"

enum cell_kind {
    CELL_TEXT,  /* struct span; at NULL is NULL */
    CELL_BYTES, /* struct span; at NULL is NULL */
    CELL_JSON,  /* struct span; at NULL is NULL */
    CELL_UUID,  /* struct span of text */
    CELL_INT,   /* int64_t */
    CELL_COUNT, /* uint64_t */
    CELL_BOOL,  /* bool */
    CELL_TIME,  /* int64_t, microseconds since 1970 UTC; TIME_NONE is NULL */
    CELL_DAY    /* int64_t, days since 1970; DAY_NONE is NULL */
};

#define TIME_NONE INT64_MIN
#define DAY_NONE  INT64_MIN

/* A member of a row struct; the column has its name. */
struct member {
    const char *name;
    enum cell_kind kind;
    size_t offset;
};
#define MEMBER(type, name, kind)          \
    {                                     \
#name, kind, offsetof(type, name) \
    }

struct table_column {
    const char *name;
    uint32_t type; /* oid */
};

/* A table as the server has it. */
struct table {
    const char *name; /* exchange.hazard */
    uint32_t row_type;
    struct table_column *columns; /* in the order of the row type */
    size_t n_columns;
};

struct tables {
    struct arena arena;
    struct map by_name;
};

/* No parameters: columns of all tables of dg and exchange. */
extern const struct pg_statement tables_select;
void tables_init(struct tables *t, size_t arena_max_bytes);
void tables_free(struct tables *t);
MUST_CHECK enum err tables_take(struct tables *t, const struct pg_result *r);
/* NULL when there is no such table. */
const struct table *tables_get(const struct tables *t, const char *name);

struct layout_cell {
    const struct member *member;    /* or */
    const struct field_type *field; /* of the body, or neither: NULL */
};

struct layout {
    const struct table *table;
    struct layout_cell *cells; /* one for each column */
};

/* members must live as long as the layout; body may be NULL. ERR_NOMEM, or ERR_INVALID with *why in
 * the arena. */
MUST_CHECK enum err layout_bind(struct layout *l, struct arena *arena, const struct table *table,
                                const struct member *members, size_t n_members,
                                const struct record_type *body, const char **why);

#endif
