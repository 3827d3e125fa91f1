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

/* rows: an array. record: of every row; NULL when each row names its own. out->count is
 * rows->count. ERR_NOMEM only. */
MUST_CHECK enum err translate_rows(const struct translation *t, const struct record_map *record,
                                   const struct node *rows, struct report_set *out);
/* The record that a value names, or NULL. */
const struct record_map *translate_find(const struct mapping *m, struct span value);

#endif
