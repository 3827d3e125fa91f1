/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180, strictly quoted) with a header row into a tree: an array of objects, a member per
 * column, each row with the number of the line on which it begins and its bytes. */
#ifndef ADAPT_CSV_ROWS_H
#define ADAPT_CSV_ROWS_H

#include "adapt/node.h"
#include "base/err.h"

struct csv_table {
    struct node *header; /* an array of strings: the column names, trimmed; its bytes are `raw` */
    struct node *rows;   /* an array of objects; a row of another width is an array of its cells */
};

/* What may stand above the header: up to `max` filled rows, until one of which is_header says so.
 */
struct csv_titles {
    size_t max;
    bool (*is_header)(const void *ctx, const struct node *row);
    const void *ctx;
};

/* text is valid UTF-8 without a byte order mark and must outlive the tree. Rows whose cells are all
 * empty are skipped: spreadsheets leave them behind. ERR_SYNTAX with *problem set when the quoting
 * is broken, the header is empty or names a column twice, or there are too many cells; ERR_NOMEM.
 */
MUST_CHECK enum err csv_rows(struct span text, char delimiter, struct arena *arena,
                             struct csv_table *out, struct problem *problem);

/* The same below titles; NULL is none. Where no row is the header, the fullest of those looked at
 * stands for it: whoever asks for its columns finds out. */
MUST_CHECK enum err csv_rows_below(struct span text, char delimiter,
                                   const struct csv_titles *titles, struct arena *arena,
                                   struct csv_table *out, struct problem *problem);

#endif
