/* SPDX-License-Identifier: Apache-2.0 */
/* What the merge asks the database: the lists, their rows, the register, and whose word counts. */
#ifndef CLI_MERGE_ASK_H
#define CLI_MERGE_ASK_H

#include "cli/merge_book.h"

/* Before the columns of the kind. */
#define MERGE_ROW_COLUMNS     7 /* list, line, uscc, unit, bad, problem, name */
#define MERGE_CURRENT_COLUMNS 3 /* uscc, unit, valid */

/* Fills the book's results; rows of one unit stand together. */
MUST_CHECK enum err merge_ask(struct merge_book *b, struct sync *db);

#endif
