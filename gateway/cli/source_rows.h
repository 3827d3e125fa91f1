/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a list that an organisation brought. Unlike a register file (cli/register_rows.h) a
 * list is taken as it comes: a title above the headings, columns of its own, cells that cannot be
 * read. Nothing is lost: every row keeps its cells as they stood, and says what is wrong with them.
 */
#ifndef CLI_SOURCE_ROWS_H
#define CLI_SOURCE_ROWS_H

#include <stdint.h>

#include "base/arena.h"
#include "cli/register_rows.h"

#define SOURCE_COLUMNS_MAX 64

struct source_row {
    struct source_row *next;
    size_t line;
    const char **cells; /* as many as the line has */
    size_t n_cells;
    const char **values; /* one per column of the kind; NULL: says nothing */
    uint64_t bad;        /* bit per column of the kind: says what cannot be read */
    struct bad_cell *bad_first, *bad_last; /* its part of the list's, both NULL when all is well */
};

struct source_rows {
    const struct register_kind *kind; /* entity or unit: given, or by the headings */
    const struct register_names *names;
    struct arena arena;
    const char **headings; /* NULL before they were found */
    int *columns;          /* of the file, to those of the kind; -1: of the list's own */
    size_t n_columns;
    const char *assumed[SOURCE_COLUMNS_MAX]; /* per column of the kind: said of every row */
    struct source_row *first, *last;
    size_t n_rows, n_bad_rows;
    struct bad_cell *bad, *bad_last; /* of all rows, in their order */
    size_t lines_above;              /* lines with text above the headings */
};

/* kind may be NULL. */
void source_rows_init(struct source_rows *r, const struct register_kind *kind,
                      const struct register_names *names);
void source_rows_free(struct source_rows *r);
/* What the list says by whose it is, where it has no such column: the division of a township, the
 * one sector of a department. org: a row of names->orgs. Call after reading. */
void source_rows_assume(struct source_rows *r, long org);
/* text: UTF-8. ERR_OK whatever the rows are; ERR_NOT_FOUND when no headings were found; ERR_SYNTAX
 * at broken quoting (in r->bad), ERR_NOMEM. */
MUST_CHECK enum err source_rows_read(struct source_rows *r, struct span text);

#endif
