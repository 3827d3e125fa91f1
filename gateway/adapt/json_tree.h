/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text into a tree. For payloads whose members no schema of ours names; canonical JSON goes
 * through model/json_read. A doubled member or a huge integer is a fact of the tree, not an error.
 */
#ifndef ADAPT_JSON_TREE_H
#define ADAPT_JSON_TREE_H

#include "adapt/node.h"
#include "base/err.h"

/* text is valid UTF-8 and must outlive the tree. ERR_SYNTAX with *problem set when it is no JSON,
 * nested deeper than depth_max, or holds too many values; ERR_NOMEM when the arena is exhausted. */
MUST_CHECK enum err json_tree(struct span text, unsigned depth_max, struct arena *arena,
                              struct node **out, struct problem *problem);

#endif
