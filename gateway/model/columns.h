/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a record's tables, exchange.<record> and exchange.<record>_history, by descriptor:
 * those that every record has, and one for each field of its body. Used by the writer of rows and
 * by the draft of a migration, so that the two cannot differ. Knows no SQL beyond names of types.
 */
#ifndef MODEL_COLUMNS_H
#define MODEL_COLUMNS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/schema.h"

enum column_type {
    COLUMN_TEXT,        /* strings, names of enum values */
    COLUMN_TIMESTAMPTZ, /* strings of format TIMESTAMP */
    COLUMN_DATE,        /* strings of format DATE */
    COLUMN_NUMERIC,     /* strings of format DECIMAL; uint64, which a bigint could not hold */
    COLUMN_JSONB,       /* repeated fields, submessages, strings of format JSON */
    COLUMN_INTEGER,
    COLUMN_BIGINT, /* uint32 too */
    COLUMN_BOOLEAN,
    COLUMN_TYPES
};

/* A column of a field of the body. */
struct column {
    const char *name; /* the field's, unless a column of every record has it: see columns_of() */
    enum column_type type;
    unsigned precision; /* of COLUMN_NUMERIC; 0: any */
    unsigned scale;
    const struct field_type *field;
};

struct column_list {
    const struct column *items; /* in the order of the fields; in the arena */
    size_t n;
};

/* A column that every record has. */
struct head_column {
    const char *name;
    enum column_type type;
    unsigned precision;
    bool in_head; /* else only in the history */
    bool not_null;
    const char *zh;
};

/* What stands before the columns of the body and what after. */
extern const struct head_column columns_before[];
extern const size_t columns_before_n;
extern const struct head_column columns_after[];
extern const size_t columns_after_n;

/* The columns of the body. The field `id` has none when it is the record's id, which every record
 * has. A field that bears the name of a column of every record is called <parent>_<name> if it
 * names a parent (hazard_id of a transition), else body_<name> (body_division of an entity).
 * ERR_NOMEM. */
MUST_CHECK enum err columns_of(const struct record_type *record, struct arena *arena,
                               struct column_list *out);
/* "timestamptz"; for casts of parameters. */
const char *column_type_name(enum column_type type);

#endif
