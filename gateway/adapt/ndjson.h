/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines into a tree: an array with a node for each line that is not blank, each with its
 * number. */
#ifndef ADAPT_NDJSON_H
#define ADAPT_NDJSON_H

#include "adapt/node.h"
#include "base/err.h"

/* text is valid UTF-8 and must outlive the tree. A line that is no JSON, or nested deeper than
 * depth_max, is a row with `bad` set: it spoils no other. No more than rows_max lines are read.
 * ERR_NOMEM only. */
MUST_CHECK enum err ndjson_rows(struct span text, unsigned depth_max, size_t rows_max,
                                struct arena *arena, struct node **out);

#endif
