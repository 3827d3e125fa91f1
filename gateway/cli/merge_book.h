/* SPDX-License-Identifier: Apache-2.0 */
/* All current lists of the organisations beside the register as it is, judged: one unit per code
 * (and reporting unit) that a list names, with its verdict, and what there is to tell of every row.
 * Reads only. */
#ifndef CLI_MERGE_BOOK_H
#define CLI_MERGE_BOOK_H

#include "base/arena.h"
#include "base/map.h"
#include "cli/register_kind.h"
#include "cli/register_names.h"
#include "model/merge.h"

/* What there may be to tell. */
enum merge_code {
    MERGE_NO_USCC,
    MERGE_BAD_USCC,
    MERGE_UNREAD, /* the line or a cell */
    MERGE_UNKNOWN_TOWNSHIP,
    MERGE_DOUBLED,
    MERGE_DIFFERS,
    MERGE_MISSING,
    MERGE_ONE_LIST,
    MERGE_NO_ENTITY,
    MERGE_SAME_NAME,
    MERGE_IN_NO_LIST,
    MERGE_REFUSED, /* by the database, when it was applied */
    MERGE_CODES,
};
const char *merge_code_name(enum merge_code code);

struct merge_list {
    const char *id, *name, *imported_at, *rows, *bad;
    struct merge_org org;
    const struct register_kind *kind;
};

struct merge_unit;

struct merge_row {
    struct merge_row *next; /* of the whole book, by kind, code, list and line */
    const struct merge_list *list;
    const char *line;
    const char *name;    /* "" */
    const char *problem; /* what was told at the import, or "" */
    const char *const *values;
    uint64_t bad;
    uint32_t why;            /* bit per merge_code */
    struct merge_unit *unit; /* NULL: it has no code to be known by */
};

struct merge_unit {
    struct merge_unit *next; /* entities before units */
    const struct merge_rules *rules;
    const struct register_kind *kind;
    const char *uscc, *unit, *key;
    struct merge_row **rows;
    size_t n;
    const char *const *current; /* NULL: not in the register */
    struct merge_verdict verdict;
    uint32_t why;
    const char *refusal; /* of the database, or NULL */
};

/* In the register, valid, and in no list. */
struct merge_left {
    struct merge_left *next;
    const struct register_kind *kind;
    const char *const *current;
};

#define MERGE_KINDS 2 /* entity, unit */

struct merge_book {
    struct arena arena;
    struct register_names names;
    struct pg_result *lists, *precedence, *rows[MERGE_KINDS], *current[MERGE_KINDS];
    const struct register_kind *kinds[MERGE_KINDS];
    struct merge_rules rules[MERGE_KINDS];
    struct merge_list *list;
    size_t n_lists;
    struct merge_row *row, *last_row;
    struct merge_unit *unit, *last_unit;
    struct merge_left *left, *last_left;
    struct map units;                /* by key */
    struct map by_name;              /* the first entity of a name */
    struct map known[MERGE_KINDS];   /* rows of the register by key */
    size_t n_resolved, n_unresolved; /* rows */
};

void merge_book_init(struct merge_book *b);
void merge_book_free(struct merge_book *b);
/* In a transaction of the caller's. Errors: sync_error(), or ERR_NOMEM. */
MUST_CHECK enum err merge_book_load(struct merge_book *b, struct sync *db);
/* Verdicts and everything that is to tell. */
MUST_CHECK enum err merge_book_judge(struct merge_book *b);
/* Counts rows anew: resolved are those whose unit is, and was not refused. */
void merge_book_count(struct merge_book *b);
bool merge_unit_resolved(const struct merge_unit *unit);
/* The register would change by it. */
bool merge_unit_changes(const struct merge_unit *unit);
size_t merge_column(const struct register_kind *kind, const char *name);

#endif
