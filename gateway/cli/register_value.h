/* SPDX-License-Identifier: Apache-2.0 */
/* Judges one cell of a register file and gives it the form that the database takes. */
#ifndef CLI_REGISTER_VALUE_H
#define CLI_REGISTER_VALUE_H

#include "base/buf.h"
#include "cli/register_kind.h"
#include "model/schema.h"
#include "pg/sync.h"

/* What cells are judged by. */
struct register_names {
    const struct schema *schema;
    struct pg_result *divisions; /* code, name of the register as it is */
    struct pg_result *sectors;
};

MUST_CHECK enum err register_names_load(struct register_names *names, struct sync *db,
                                        const struct schema *schema);
void register_names_free(struct register_names *names);

/* Appends the canonical text of a cell that is not empty. False with a phrase in why, the cell's
 * problem. A code UNKNOWN appends nothing: it is no value. */
bool register_value(const struct register_names *names, const struct register_column *column,
                    struct span cell, struct buf *out, struct buf *why);

#endif
