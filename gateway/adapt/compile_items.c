/* SPDX-License-Identifier: Apache-2.0 */
/* A list of messages in a mapping: [{kind: …, value: …}, …], an item of the row's values for each
 * block, or {each: PATH, fields: {…}}, one for each element of an array in the row. */
#include "adapt/compile_step.h"

struct items_build {
    struct target_build *b;
    struct source each;
    struct fy_node *fields;
};

/* A source of an element as it is seen from the row. */
static struct source seen_from_row(struct compiler *c, const struct source *each,
                                   const struct source *s)
{
    size_t in = s->up < each->path.n ? each->path.n - s->up : 0;
    struct span *path = compile_alloc(c, (in + s->path.n + 1) * sizeof *path);
    struct source out = {.name = s->name, .up = s->up - (unsigned)(each->path.n - in)};
    for (size_t i = 0; path && i < in + s->path.n; i++) {
        path[i] = i < in ? each->path.at[i] : s->path.at[i - in];
    }
    out.path = (struct words){path, path ? in + s->path.n : 0};
    return out;
}

static size_t count_sources(const struct item_map *map)
{
    size_t n = 0;
    for (size_t i = 0; i < map->n_targets; i++) {
        n += map->targets[i].n_sources;
    }
    return n;
}

/* All that the items take: so much of the row is known. */
static void note_sources(struct target_build *b)
{
    size_t most = 1;
    for (size_t i = 0; i < b->t->n_items; i++) {
        most += 1 + count_sources(&b->t->items[i]);
    }
    struct source *sources = compile_alloc(b->c, most * sizeof *sources);
    size_t n = 0;
    for (size_t i = 0; sources && i < b->t->n_items; i++) {
        const struct item_map *map = &b->t->items[i];
        for (size_t k = 0; k < map->n_targets; k++) {
            for (size_t s = 0; s < map->targets[k].n_sources; s++) {
                sources[n++] = seen_from_row(b->c, &map->each, &map->targets[k].sources[s]);
            }
        }
    }
    b->t->sources = sources;
    b->t->n_sources = n;
}

/* The value is the node of the item's fields. */
static void read_item(struct target_build *b, struct source each, struct fy_node *fields,
                      struct item_map *out)
{
    b->c->in_item = true;
    *out = (struct item_map){.each = each};
    compile_item(b->c, b->t, fields, out);
    b->c->in_item = false;
    if (count_sources(out) == 0) {
        yaml_complain(&b->c->why, fields,
                      "“%s”: an item takes nothing from the row; expected a source", b->t->path);
    }
}

static void read_blocks(struct target_build *b, struct fy_node *value, struct item_map *items)
{
    void *at = NULL;
    for (struct fy_node *block; (block = fy_node_sequence_iterate(value, &at)) != NULL;) {
        read_item(b, (struct source){.up = 0}, block, &items[b->t->n_items]);
        b->t->n_items++;
    }
}

static void read_each(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct items_build *i = ctx;
    (void)key;
    i->each = compile_each(i->b->c, value);
}

static void read_fields(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct items_build *i = ctx;
    (void)key;
    i->fields = value;
}

static void read_when(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct items_build *i = ctx;
    (void)key;
    i->b->when = value;
}

static void read_elements(struct target_build *b, struct fy_node *value, struct item_map *items)
{
    static const struct yaml_member members[] = {
        {"each", read_each}, {"fields", read_fields}, {"when", read_when}};
    struct items_build i = {.b = b};
    yaml_members(&b->c->why, value, members, 3, &i);
    if (!i.fields || !fy_node_mapping_lookup_by_string(value, "each", FY_NT)) {
        yaml_complain(&b->c->why, b->key, "“%s”: expected {each: PATH, fields: {…}}", b->t->path);
        return;
    }
    read_item(b, i.each, i.fields, &items[0]);
    b->t->n_items = 1;
}

void compile_items(struct target_build *b, struct fy_node *value)
{
    bool list = fy_node_get_type(value) == FYNT_SEQUENCE;
    int blocks = list ? fy_node_sequence_item_count(value) : 1;
    if (b->c->in_item) {
        yaml_complain(&b->c->why, b->key, "“%s” is a list inside an item; expected a plain field",
                      b->t->path);
        return;
    }
    if ((!list && fy_node_get_type(value) != FYNT_MAPPING) || blocks < 1) {
        yaml_complain(
            &b->c->why, b->key,
            "“%s” is a list; expected [{NAME: SOURCE, …}, …] or {each: PATH, fields: {…}}",
            b->t->path);
        return;
    }
    struct item_map *items = compile_alloc(b->c, (size_t)blocks * sizeof *items);
    b->t->from = TARGET_ITEMS;
    b->t->items = items;
    if (!items) {
        return;
    }
    if (list) {
        read_blocks(b, value, items);
    } else {
        read_elements(b, value, items);
    }
    note_sources(b);
}
