/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/fill.h"

#include "adapt/put.h"
#include "model/attachments.h"

enum err fill_room(const struct row *r, struct filling *f)
{
    struct arena *arena = r->t->arena;
    f->values = arena_zalloc(arena, (f->n + 1) * sizeof *f->values);
    f->names = arena_zalloc(arena, (f->n + 1) * sizeof *f->names);
    f->items = arena_zalloc(arena, (f->n + 1) * sizeof *f->items);
    return f->values && f->names && f->items ? ERR_OK : ERR_NOMEM;
}

/* The empty text stands for no value. */
static bool applies(const struct filling *f, const struct target *t)
{
    return t->when == TARGET_ALWAYS || words_hold(t->when_values, f->values[t->when]);
}

size_t fill_count(struct span text, struct span what)
{
    size_t n = 0;
    for (const char *at = text.at;
         (at = memmem(at, (size_t)(text.at + text.len - at), what.at, what.len)); at += what.len) {
        n++;
    }
    return n;
}

static void note_attached(struct row *r, const struct target *t, const struct texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (attachment_inside(target_leaf(t), texts->at[i])) {
            r->attached += texts->at[i].len;
            r->slashes += fill_count(texts->at[i], SPAN_LIT("/"));
        }
    }
}

static enum err fill_plain(struct row *r, struct filling *f, size_t index)
{
    const struct target *t = &f->targets[index];
    struct texts texts = {.n = 0};
    enum err err = gather(r, t, &texts);
    if (err == ERR_OK && texts.n == 0 && t->required) {
        gather_reject(r, REASON_MISSING_FIELD, t->sources[0].name, target_leaf(t), SPAN_NONE);
    }
    if (err != ERR_OK || texts.n == 0) {
        return err;
    }
    enum reason why = REASON_NONE;
    struct span wrong = SPAN_NONE;
    ProtobufCMessage *m = t->of_envelope ? &r->report->env->base : f->message;
    f->values[index] = texts.at[0];
    f->names[index] = texts.source ? texts.source->name : SPAN_NONE;
    f->said = f->said || texts.said;
    note_attached(r, t, &texts);
    err = put_texts(m, t, texts.at, texts.n, r->t->arena, &why, &wrong);
    if (why != REASON_NONE) {
        struct span name = texts.source ? texts.source->name : span_of(t->path);
        gather_reject(r, why, name, target_leaf(t), wrong);
    }
    return err;
}

/* ---- lists of messages ---- */

struct items {
    struct row *r;
    const struct target *t;
    const struct item_map *map; /* whose items are made */
    struct item_origins *origins;
    ProtobufCMessage **at;
    size_t n, cap;
    size_t seen; /* elements of the array */
    enum err err;
};

static enum err grow(struct items *list)
{
    struct arena *arena = list->r->t->arena;
    size_t cap = list->cap > 0 ? 2 * list->cap : 4;
    ProtobufCMessage **at = arena_zalloc(arena, cap * sizeof(ProtobufCMessage *));
    struct item_origin *origins = arena_zalloc(arena, cap * sizeof *origins);
    if (!at || !origins) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < list->n; i++) {
        at[i] = list->at[i];
        origins[i] = list->origins->at[i];
    }
    list->at = at;
    list->origins->at = origins;
    list->cap = cap;
    return ERR_OK;
}

static enum err add(struct items *list, struct row *r, const struct filling *f)
{
    const Dualgate__V1__FieldRule *rule = list->t->field->rule;
    if (list->n == (rule->has_max_items ? rule->max_items : GATHER_ITEMS_MAX)) {
        gather_reject(list->r, REASON_TOO_MANY, list->map->each.name, list->t->field, SPAN_NONE);
        return ERR_OK;
    }
    enum err err = list->n == list->cap ? grow(list) : ERR_OK;
    if (err == ERR_OK) {
        list->origins->at[list->n] = (struct item_origin){list->map, r->place, f->names};
        list->at[list->n++] = f->message;
        list->origins->n = list->n;
    }
    return err;
}

/* One of the row or element r, if that says any of it. */
static enum err make_item(struct items *list, struct row *r)
{
    struct filling f = {.targets = list->map->targets, .n = list->map->n_targets};
    f.message = put_new(list->t->field->message->desc, r->t->arena);
    enum err err = f.message ? fill_room(r, &f) : ERR_NOMEM;
    for (size_t i = 0; i < f.n && err == ERR_OK; i++) {
        err = applies(&f, &f.targets[i]) ? fill_plain(r, &f, i) : ERR_OK;
    }
    return err == ERR_OK && f.said ? add(list, r, &f) : err;
}

static bool take_element(void *ctx, struct node *node)
{
    struct items *list = ctx;
    struct row *outer = list->r;
    struct row r = *outer;
    r.node = node;
    r.place = arena_printf(r.t->arena, "%s%.*s[%zu].", outer->place ? outer->place : "",
                           SPAN_ARG(list->map->each.name), list->seen++);
    if (!r.place) {
        list->err = ERR_NOMEM;
    } else if (node->kind == NODE_OBJECT) {
        gather_check(&r);
        list->err = make_item(list, &r);
    } else {
        gather_reject(&r, REASON_NOT_AN_OBJECT, SPAN_NONE, NULL,
                      node->raw.at ? node->raw : node->text);
    }
    outer->attached = r.attached;
    outer->slashes = r.slashes;
    return list->err == ERR_OK && r.report->problem.reason == REASON_NONE;
}

static enum err fill_items(struct row *r, struct filling *f, size_t index)
{
    const struct target *t = &f->targets[index];
    struct items list = {.r = r, .t = t, .origins = &f->items[index]};
    f->names[index] = t->items[0].each.name;
    for (size_t i = 0; i < t->n_items && list.err == ERR_OK; i++) {
        list.map = &t->items[i];
        list.seen = 0;
        if (list.map->each.path.n == 0) {
            list.err = make_item(&list, r);
            continue;
        }
        enum err err = gather_walk(r, &list.map->each, true, take_element, &list);
        list.err = err != ERR_OK ? err : list.err;
    }
    put_items(f->message, t->field, list.at, list.n);
    f->said = f->said || list.n > 0;
    return list.err;
}

enum err fill(struct row *r, struct filling *f)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < f->n && err == ERR_OK; i++) {
        const struct target *t = &f->targets[i];
        if (applies(f, t)) {
            err = t->from == TARGET_ITEMS ? fill_items(r, f, i) : fill_plain(r, f, i);
        }
    }
    return err;
}
