/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/origin.h"

#include <stdlib.h>

#include "adapt/put.h"

const char *origin_place(uint32_t line, const char *place, struct span name, struct arena *arena)
{
    /* Without a name the place itself, without the point at its end. */
    int len = place ? (int)strlen(place) - (name.len > 0 ? 0 : 1) : 0;
    if (line > 0) {
        return arena_printf(arena, "[line %u]%s%.*s%.*s", line, place || name.len > 0 ? "." : "",
                            len, place ? place : "", SPAN_ARG(name));
    }
    if (place) {
        return arena_printf(arena, "%.*s%.*s", len, place, SPAN_ARG(name));
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

/* The source's name of a target, or SPAN_NONE. */
static struct span name_of(const struct target *t, struct span taken)
{
    return taken.at ? taken : t->n_sources > 0 ? t->sources[0].name : SPAN_NONE;
}

/* What follows "special_work[1]" of a field's name: "" or ".kind"; *item is that item. */
static const char *find_item(const struct item_origins *items, const char *field,
                             const struct item_origin **item)
{
    const char *index = strchr(field, '[');
    char *end = NULL;
    size_t i = index ? strtoul(index + 1, &end, 10) : items->n;
    *item = i < items->n ? &items->at[i] : NULL;
    return end && *end == ']' ? end + 1 : "";
}

/* A field of an item, by its own place. */
static const char *blame_item(const struct origin *origin, const struct item_origin *item,
                              const char *rest, struct arena *arena)
{
    struct span name = SPAN_NONE;
    size_t len = rest[0] == '.' ? strcspn(++rest, "[") : 0;
    for (size_t i = 0; i < item->map->n_targets; i++) {
        const struct target *t = &item->map->targets[i];
        if (len > 0 && strlen(t->path) == len && strncmp(t->path, rest, len) == 0) {
            name = name_of(t, item->names[i]);
        }
    }
    return origin_place(origin->line, item->place, name, arena);
}

void origin_blame(const struct origin *origin, struct report *r, struct arena *arena)
{
    size_t i = 0;
    const char *field = r->problem.field ? r->problem.field : "";
    const struct target *t = target_of(origin, r, field, &i);
    const struct item_origin *item = NULL;
    const char *rest = t && t->n_items > 0 ? find_item(&origin->items[i], field, &item) : "";
    if (item) {
        r->problem.field = blame_item(origin, item, rest, arena);
        return;
    }
    struct span name = t ? name_of(t, origin->names[i]) : SPAN_NONE;
    r->problem.field =
        origin_place(origin->line, origin->place, name.at ? name : span_of(field), arena);
}
