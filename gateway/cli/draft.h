/* SPDX-License-Identifier: Apache-2.0 */
/* The draft of a record's migration, from the descriptor: `dualgate migrate --draft RECORD`. Prints
 * SQL, touches no database. A person reads it, names the file and commits it. */
#ifndef CLI_DRAFT_H
#define CLI_DRAFT_H

#include "base/buf.h"
#include "model/schema.h"

/* Tables exchange.<record> and exchange.<record>_history with their comments, opened by
 * dg.record_expose(). out fails when memory does. */
void draft_record(const struct record_type *r, struct buf *out);

#endif
