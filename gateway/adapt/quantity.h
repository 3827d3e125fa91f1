/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people write them, with thousands separators and a unit, into plain decimal text in
 * the unit of the schema. Where units differ by a power of ten nothing is rounded; where they do
 * not (亩 is 2000/3 m²) the last digit that the field keeps is, half away from zero. "约3" is no
 * number. */
#ifndef ADAPT_QUANTITY_H
#define ADAPT_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

struct unit {
    struct span word;   /* 万元; empty for a number without a word */
    int shift;          /* multiply by ten to this */
    uint32_t times, by; /* or, where by is not 0, by times/by */
    unsigned scale;     /* then: digits kept after the point */
};

#define UNIT_SHIFT_MAX 12
#define UNIT_RATIO_MAX 1000000
#define UNIT_SCALE_MAX 8

/* The longest unit word that the text ends with applies; one with an empty word applies to bare
 * numbers, without it they are refused. ERR_SYNTAX when it is no number or has an unknown unit;
 * ERR_NOMEM. */
MUST_CHECK enum err quantity_read(struct span text, const struct unit *units, size_t n_units,
                                  struct arena *arena, struct span *out);

#endif
