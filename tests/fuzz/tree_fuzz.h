/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every tree that a container's reader makes. */
#ifndef TESTS_FUZZ_TREE_FUZZ_H
#define TESTS_FUZZ_TREE_FUZZ_H

#include <stdlib.h>

#include "adapt/node.h"
#include "base/utf8.h"

static inline void tree_require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static inline void tree_utf8(struct span text)
{
    tree_require(text.len == 0 || (text.at && utf8_valid_prefix(text) == text.len));
}

/* depth is bounded by the reader's own limit. */
static inline void tree_holds(const struct node *node, struct span text, unsigned depth)
{
    size_t n = 0;
    tree_require(depth < 80);
    tree_utf8(node->name);
    tree_utf8(node->text);
    if (node->raw.at) {
        tree_require(node->raw.at >= text.at && node->raw.at + node->raw.len <= text.at + text.len);
    }
    for (const struct node *it = node->first; it; it = it->next) {
        tree_require(it->parent == node);
        tree_require(node->kind == NODE_ARRAY || (node->kind == NODE_OBJECT && it->name.at));
        tree_require(it->next || it == node->last);
        tree_holds(it, text, depth + 1);
        n++;
    }
    tree_require(n == node->count);
}

/* A reader's outcome: a tree, or a problem with a reason. */
static inline void tree_outcome(enum err err, const struct node *root,
                                const struct problem *problem, struct span text,
                                const struct arena *arena)
{
    tree_require(err == ERR_OK || err == ERR_SYNTAX || (err == ERR_NOMEM && arena->capped));
    tree_require((err == ERR_SYNTAX) == (problem->reason != REASON_NONE));
    if (err == ERR_OK) {
        tree_holds(root, text, 0);
    }
}

#endif
