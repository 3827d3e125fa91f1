/* SPDX-License-Identifier: Apache-2.0 */
/* Judged rows into their table of the register: one transaction, kept only when every row was taken
 * (or bad ones may be skipped) and it is no dry run. */
#ifndef CLI_REGISTER_WRITE_H
#define CLI_REGISTER_WRITE_H

#include "cli/register_rows.h"

struct register_counts {
    size_t inserted, changed, same;
};

/* What the database refuses is added to the rows' complaints. Other errors: sync_error(). */
MUST_CHECK enum err register_write(struct sync *db, struct register_rows *r, bool dry_run,
                                   bool skip_bad, struct register_counts *counts);
/* The same in a transaction of the caller's: what the database refuses is complained of and left
 * out, the others are written. */
MUST_CHECK enum err register_write_each(struct sync *db, struct register_rows *r,
                                        struct register_counts *counts);

#endif
