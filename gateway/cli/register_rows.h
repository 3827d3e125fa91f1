/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a register file after every cell was judged: what will be written, and what is wrong
 * where. Does not write. */
#ifndef CLI_REGISTER_ROWS_H
#define CLI_REGISTER_ROWS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "cli/register_value.h"

/* A line that cannot be taken. */
struct bad_cell {
    struct bad_cell *next;
    size_t line;
    const char *column; /* as the file calls it, or "" for the whole line */
    const char *value;
    const char *why;
};

struct register_row {
    struct register_row *next;
    size_t line;
    const char **values; /* one per column of the kind; NULL: absent */
};

struct register_rows {
    const struct register_kind *kind; /* given, or guessed from the headings */
    const struct register_names *names;
    struct arena arena;
    int *columns; /* of the file, to those of the kind; NULL before the header was read */
    const char **headings;
    size_t n_columns;
    bool *present; /* columns of the kind that the file has */
    struct register_row *first, *last;
    size_t n_rows, n_bad;
    struct bad_cell *bad, *bad_last;
    struct map keys;
    bool headless; /* the headings themselves are wrong: nothing else was read */
};

void register_rows_init(struct register_rows *r, const struct register_kind *kind,
                        const struct register_names *names);
void register_rows_free(struct register_rows *r);
/* text: UTF-8. ERR_OK even when lines are bad; ERR_SYNTAX with the line in r->bad; ERR_NOMEM. */
MUST_CHECK enum err register_rows_read(struct register_rows *r, struct span text);
/* The row lives in r->arena, behind those that are there. */
void register_rows_append(struct register_rows *r, struct register_row *row);
/* What the file calls the column of this name, or "". */
const char *register_rows_heading(const struct register_rows *r, struct span column);
/* Adds a problem; texts are copied. */
void register_rows_complain(struct register_rows *r, size_t line, const char *column,
                            struct span value, const char *why);

#endif
