/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/mapping.h"

#include "base/alloc.h"

bool words_hold(struct words words, struct span text)
{
    for (size_t i = 0; i < words.n; i++) {
        if (span_eq(words.at[i], text)) {
            return true;
        }
    }
    return false;
}

enum fate mapping_fate(const struct record_map *record, struct span path)
{
    const enum fate *fate = map_get(&record->known, path);
    return fate ? *fate : record->inner && record->each.path.n == 0 ? FATE_KNOWN : FATE_UNKNOWN;
}

void mapping_free(struct mapping *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->n_records; i++) {
        map_free(&m->records[i].known);
    }
    map_free(&m->keys);
    struct arena arena = m->arena;
    mem_free(m);
    arena_free(&arena);
}
