/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people write them, with thousands separators and a unit, into plain decimal text in
 * the unit of the schema. Units differ by powers of ten only, so nothing is rounded. "约3" is no
 * number. */
#ifndef ADAPT_QUANTITY_H
#define ADAPT_QUANTITY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

struct unit {
    struct span word; /* 万元; empty for a number without a word */
    int shift;        /* multiply by ten to this */
};

#define UNIT_SHIFT_MAX 12

/* The longest unit word that the text ends with applies; one with an empty word applies to bare
 * numbers, without it they are refused. ERR_SYNTAX when it is no number or has an unknown unit;
 * ERR_NOMEM. */
MUST_CHECK enum err quantity_read(struct span text, const struct unit *units, size_t n_units,
                                  struct arena *arena, struct span *out);

#endif
