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

const char *mapping_source_of(const struct record_map *record, const char *field)
{
    static const char body[] = "body.";
    bool of_envelope = strncmp(field, body, sizeof body - 1) != 0;
    const char *path = of_envelope ? field : field + sizeof body - 1;
    for (size_t i = 0; i < record->n_targets; i++) {
        const struct target *t = &record->targets[i];
        if (t->of_envelope == of_envelope && t->n_sources > 0 && strcmp(t->path, path) == 0) {
            return t->sources[0].name.at;
        }
    }
    return NULL;
}

void mapping_free(struct mapping *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->n_records; i++) {
        map_free(&m->records[i].known);
    }
    struct arena arena = m->arena;
    mem_free(m);
    arena_free(&arena);
}
