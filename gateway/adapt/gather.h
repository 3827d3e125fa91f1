/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a source and the texts that each target finds in it. Between gather.c and translate.c;
 * of no use to anyone else. */
#ifndef ADAPT_GATHER_H
#define ADAPT_GATHER_H

#include "adapt/origin.h"
#include "adapt/translate.h"
#include "base/buf.h"

#define GATHER_ITEMS_MAX 100

/* A row on its way. */
struct row {
    const struct translation *t;
    const struct record_map *record;
    struct node *node;
    uint32_t line;     /* of the node, or 0 */
    const char *place; /* before its fields in problems, or NULL */
    struct report *report;
    struct origin *origin;
    size_t attached, slashes; /* characters of the attachments in it, and slashes among them */
};

/* The texts of one target. */
struct texts {
    struct span at[GATHER_ITEMS_MAX];
    size_t n;
    const struct source *source; /* where they came from, or NULL */
    bool said;                   /* the row says them: neither constant nor default */
};

/* The row's problem, unless it has one; name is the source's field. */
void gather_reject(struct row *r, enum reason reason, struct span name,
                   const struct field_type *field, struct span value);
/* What no object may be: crowded, or with two members of one name. */
void gather_check(struct row *r);
/* Each value of the source; items: an array is visited item by item. ERR_NOMEM only. */
MUST_CHECK enum err gather_walk(struct row *r, const struct source *source, bool items,
                                bool (*visit)(void *ctx, struct node *node), void *ctx);
/* The value itself, NULL when it is not there or is null. A text that should be JSON and is not is
 * the row's problem. ERR_NOMEM only. */
MUST_CHECK enum err gather_find(struct row *r, const struct source *source, struct node **out);
/* The canonical texts of a target; none when it is absent. What is wrong is the row's problem. */
MUST_CHECK enum err gather(struct row *r, const struct target *t, struct texts *texts);
/* A part of the seed of an id, ended so that ("ab", "c") is not ("a", "bc"). */
void gather_seed(struct buf *seed, struct span part);
/* UUIDv8 of a seed, which is freed; in the arena. */
MUST_CHECK enum err gather_uuid(struct row *r, struct buf *seed, struct span *out);

#endif
