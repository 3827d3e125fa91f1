/* SPDX-License-Identifier: Apache-2.0 */
/* Judges one cell of a register file and gives it the form that the database takes. */
#ifndef CLI_REGISTER_VALUE_H
#define CLI_REGISTER_VALUE_H

#include "base/buf.h"
#include "cli/register_kind.h"
#include "cli/register_names.h"

/* Appends the canonical text of a cell that is not empty. False with a phrase in why, the cell's
 * problem. Codes, numbers and dates are folded to half width, texts are not. What says that there
 * is no value (a code UNKNOWN, a date 长期) appends nothing. */
bool register_value(const struct register_names *names, const struct register_column *column,
                    struct span cell, struct buf *out, struct buf *why);

#endif
