/* SPDX-License-Identifier: Apache-2.0 */
/* What a merge would change in the register: of every field what it was, what it will be, by whom.
 */
#ifndef CLI_MERGE_CHANGE_H
#define CLI_MERGE_CHANGE_H

#include "base/buf.h"
#include "cli/merge_book.h"

/* Lines, or members of a JSON array; how many. */
size_t merge_tell_changes(const struct merge_book *b, bool json, struct buf *out);
/* The name it has or will have, else one that a list gives; never NULL. */
const char *merge_unit_name(const struct merge_unit *unit);
/* ,"name":"value", null where there is none. */
void merge_put_pair(struct buf *out, const char *name, const char *value);

#endif
