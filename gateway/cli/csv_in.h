/* SPDX-License-Identifier: Apache-2.0 */
/* CSV files that people prepare, row by row: the quoting is read strictly, every row comes with the
 * line on which it begins, and there is no limit to their number. (Payloads of publishers:
 * adapt/csv_rows.h.) */
#ifndef CLI_CSV_IN_H
#define CLI_CSV_IN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

/* Cells are trimmed and borrowed for the call; a row without any text is left out. False stops the
 * reading. */
typedef bool (*csv_in_row)(void *arg, size_t line, const struct span *cells, size_t n);

/* Both from 1. */
struct csv_in_place {
    size_t line, cell;
};

/* text: UTF-8 without a byte order mark. A quoted cell may go over several lines. ERR_SYNTAX with
 * *where at the broken quoting (of a quote that never ends, where its row begins), ERR_FULL at a
 * row of more than 256 cells, ERR_NOMEM, ERR_CLOSED when row said false. */
MUST_CHECK enum err csv_in_read(struct span text, csv_in_row row, void *arg,
                                struct csv_in_place *where);

#endif
