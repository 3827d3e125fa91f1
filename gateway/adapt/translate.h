/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a source into reports, by a compiled mapping. What is wrong with a row is that report's
 * problem and names the source's own field. Knows neither container nor encoding. */
#ifndef ADAPT_TRANSLATE_H
#define ADAPT_TRANSLATE_H

#include "adapt/mapping.h"
#include "adapt/node.h"
#include "model/register.h"
#include "model/report.h"

struct translation {
    const struct mapping *mapping;
    const struct read_limits *limits;
    const struct reg_publisher *publisher;
    const struct registry *registry;
    struct arena *arena;
};

/* One row, and what it is. */
struct job {
    struct node *node;
    const struct record_map *record; /* NULL with bad set, or when the node is no object */
    const char *place;               /* before its fields in problems: "units[1].", or NULL */
    const struct problem *bad;       /* why it cannot be translated, or NULL */
};

struct jobs {
    struct job *at; /* in the arena */
    size_t n, cap;
    const struct node *header; /* of CSV: the column names; or NULL */
    enum charset charset;      /* in which the message came */
};

/* out->count is jobs->n. ERR_NOMEM only. */
MUST_CHECK enum err translate_rows(const struct translation *t, const struct jobs *jobs,
                                   struct report_set *out);

#endif
