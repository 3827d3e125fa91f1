/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes into a tree, by what the mapping says of encoding, frames, envelope and container; and the
 * rows in it. Which record a row is and what it says is not known here. */
#ifndef ADAPT_CONTAINER_H
#define ADAPT_CONTAINER_H

#include "adapt/translate.h"

/* What one payload, or one frame of it, holds. */
struct contents {
    struct node *root;   /* the paths of rows begin here */
    struct node *outer;  /* the object whose member may name the record, or NULL */
    struct node *header; /* of CSV: the column names; or NULL */
};

/* A native message being read. */
struct reading {
    const struct mapping *m;
    const struct translation *t;
    enum charset charset;
    struct report_set *out; /* its problem is the message's */
};

struct row_list {
    struct node **at; /* in the arena; beyond the limit of reports they are only counted */
    size_t n;
};

/* All readers: ERR_OK with out->problem set when the bytes are not what they should be. */
MUST_CHECK enum err container_read(struct reading *r, struct span payload,
                                   enum err (*take)(void *ctx, struct contents *contents),
                                   void *ctx);
/* The rows of it, in the order of the mapping's paths and of the payload. */
MUST_CHECK enum err container_rows(struct reading *r, const struct contents *contents,
                                   struct row_list *out);
bool reading_refused(const struct reading *r);
void reading_refuse(struct reading *r, enum reason reason, const char *label, struct span field,
                    struct span value);

#endif
