/* SPDX-License-Identifier: Apache-2.0 */
/* Where the values of a report came from, so that what is wrong with it can be said in the words of
 * those who sent it. */
#ifndef ADAPT_ORIGIN_H
#define ADAPT_ORIGIN_H

#include "adapt/mapping.h"
#include "model/report.h"

/* One item of a list of messages. */
struct item_origin {
    const struct item_map *map;
    const char *place;        /* before its fields: "works[1].", or NULL */
    const struct span *names; /* as those of an origin */
};

struct item_origins {
    struct item_origin *at; /* in the order of the items */
    size_t n;
};

struct origin {
    const struct record_map *record;
    uint32_t line;      /* or 0 */
    const char *place;  /* before the fields: "units[1].", or NULL */
    struct span *names; /* of each target: the source whose value it took; at NULL for none */
    const struct item_origins *items; /* of each target: its items, where it makes some */
};

/* How problems name a field of a row: "[line 5].name", "units[1].name", "[line 5].units[1].name",
 * "name"; NULL for nothing. */
const char *origin_place(uint32_t line, const char *place, struct span name, struct arena *arena);
/* A problem that names a canonical field ("body.level", "uscc") is made to name the source's, by
 * the spelling that was used, and its place. */
void origin_blame(const struct origin *origin, struct report *r, struct arena *arena);

#endif
