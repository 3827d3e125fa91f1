/* SPDX-License-Identifier: Apache-2.0 */
/* The statements made once per session from the columns that the tables have. For: their texts. Not
 * for: those that are always the same (pg/statement.h), deciding what to write (pg/decide.h).
 * Promises: a table that does not fit the schema is named before anything is written; texts live
 * until statements_free. */
#ifndef PG_STATEMENTS_H
#define PG_STATEMENTS_H

#include "pg/layout.h"
#include "pg/row_shape.h"

struct record_statements {
    struct layout history;     /* rows of versions and past */
    struct layout head;        /* rows of heads alone */
    struct pg_statement probe; /* $1 uscc, $2 id text[] */
    struct pg_statement fresh; /* new heads, and history; $1 rows */
    struct pg_statement newer; /* heads that are there, and history; $1 rows, $2 how many */
    struct pg_statement past;  /* history alone; $1 rows */
    /* Of a record that has a life, else sql NULL; $1 rows of the head, and but for the first $2 how
     * many, $3 text[]: the state of the row that they replace. */
    struct pg_statement place; /* new heads alone */
    struct pg_statement move;  /* every field of heads that are there */
    struct pg_statement touch; /* what is the life's alone */
};

struct statements {
    struct arena arena;
    struct tables tables;
    struct layout layouts[TABLE_KINDS];
    struct pg_statement insert[TABLE_KINDS]; /* $1 rows */
    struct record_statements *records;       /* by the index of the record type */
    struct pg_statement sweep; /* $1 after this ledger_no, $2 rows: those whose parent is there */
};

void statements_init(struct statements *s, size_t arena_max_bytes);
void statements_free(struct statements *s);
/* catalogue: the result of tables_select. ERR_NOMEM, ERR_FATAL; ERR_INVALID with *why, which lives
 * until statements_free. Once after statements_init. */
MUST_CHECK enum err statements_make(struct statements *s, const struct schema *schema,
                                    const struct pg_result *catalogue, const char **why);

#endif
