/* SPDX-License-Identifier: Apache-2.0 */
/* The merge report: what there is to tell of the lists, and what would change in the register, as
 * text for people or as JSON. */
#ifndef CLI_MERGE_TELL_H
#define CLI_MERGE_TELL_H

#include "cli/merge_book.h"

/* To stdout. applied: the changes were made. */
void merge_tell(const struct merge_book *b, bool json, bool applied);

#endif
