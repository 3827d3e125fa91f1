/* SPDX-License-Identifier: Apache-2.0 */
/* Where something stands in a payload: a path of member names, maybe out of the row first, maybe
 * through a text that is JSON itself. The same for a field's value, for the rows of a message and
 * for the rows inside a row. */
#ifndef ADAPT_SOURCE_H
#define ADAPT_SOURCE_H

#include "adapt/mapping.h"
#include "adapt/node.h"

struct source_walk {
    struct arena *arena;
    unsigned depth_max; /* of JSON inside a text */
    bool items;         /* an array that the path ends at is visited item by item */
    /* Visited in the order of the payload. False stops the walk. */
    bool (*visit)(void *ctx, struct node *node);
    void *ctx;

    const struct node *broken; /* out: a text that should be JSON and is not */
    bool met;                  /* out: the path's first step exists */
    bool stopped;
};

/* Arrays on the way are walked through; null and what is not there are no visit. ERR_NOMEM only. */
MUST_CHECK enum err source_walk(const struct source *source, struct node *from,
                                struct source_walk *walk);
/* The value, if it is one; NULL when it is not there, is null, or cannot be reached. */
MUST_CHECK enum err source_find(const struct source *source, struct node *from, struct arena *arena,
                                struct node **out);

#endif
