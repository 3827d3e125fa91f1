/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/origin.h"

#include <stdlib.h>

#include "adapt/put.h"

const char *origin_place(uint32_t line, const char *place, struct span name, struct arena *arena)
{
    if (line > 0) {
        return arena_printf(arena, "[line %u]%s%.*s", line, name.len > 0 ? "." : "",
                            SPAN_ARG(name));
    }
    if (place) {
        /* Without a name the place itself, without the point at its end. */
        size_t len = strlen(place) - (name.len > 0 ? 0 : 1);
        return arena_printf(arena, "%.*s%.*s", (int)len, place, SPAN_ARG(name));
    }
    return name.len > 0 ? arena_strndup(arena, name.at, name.len) : NULL;
}

/* "identifiers[1].value" is "identifiers.SCHOOL_CODE.value" if that is the code of its item. */
static bool is_item(const struct target *t, const char *path, const struct report *r)
{
    size_t list = strcspn(path, "[");
    const char *member = strstr(path, "].");
    if (!t->kind || !r->body || !member || strncmp(t->path, path, list) != 0 ||
        t->path[list] != '.' || strcmp(t->inner->desc->name, member + 2) != 0) {
        return false;
    }
    return put_item(r->body, t, strtoul(path + list + 1, NULL, 10)) != NULL;
}

/* The target of a canonical field as problems name it: "body.level", "uscc". */
static const struct target *target_of(const struct origin *origin, const struct report *r,
                                      const char *field, size_t *index)
{
    static const char body[] = "body.";
    bool of_envelope = strncmp(field, body, sizeof body - 1) != 0;
    const char *path = of_envelope ? field : field + sizeof body - 1;
    size_t len = strcspn(path, "["); /* of a list the source names no items */
    for (size_t i = 0; i < origin->record->n_targets; i++) {
        const struct target *t = &origin->record->targets[i];
        bool named = strlen(t->path) == len && strncmp(t->path, path, len) == 0;
        if (t->of_envelope == of_envelope && (named || is_item(t, path, r))) {
            *index = i;
            return t;
        }
    }
    return NULL;
}

void origin_blame(const struct origin *origin, struct report *r, struct arena *arena)
{
    size_t i = 0;
    const char *field = r->problem.field ? r->problem.field : "";
    const struct target *t = target_of(origin, r, field, &i);
    struct span name = span_of(field);
    if (t && (origin->names[i].at || t->n_sources > 0)) {
        name = origin->names[i].at ? origin->names[i] : t->sources[0].name;
    }
    r->problem.field = origin_place(origin->line, origin->place, name, arena);
}
