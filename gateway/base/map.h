/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map from byte strings to pointers; seeded (SipHash-1-3), open addressing. The map copies no
 * keys: a key must live as long as its entry (usually inside the value). */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct map_slot {
    struct span key;
    void *value;
    uint64_t hash;
};

struct map {
    struct map_slot *slots;
    size_t cap; /* power of two, or 0 */
    size_t count;
    uint64_t seed[2]; /* drawn with the first slots, so that no sender can choose colliding keys */
};

void map_init(struct map *m);
void map_free(struct map *m);
void map_clear(struct map *m);
/* Value of the key, or NULL. */
void *map_get(const struct map *m, struct span key);
/* Sets or replaces (the old key stays if there was one). value is not NULL. */
MUST_CHECK enum err map_put(struct map *m, struct span key, void *value);
/* Removes; returns the value it had, or NULL. */
void *map_take(struct map *m, struct span key);
/* Walks: start with *at = 0; returns NULL at the end. The map must not change meanwhile. */
const struct map_slot *map_next(const struct map *m, size_t *at);

#endif
