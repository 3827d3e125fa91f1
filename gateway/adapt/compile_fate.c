/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a row are used, so that what is left is known to be unknown. Rows inside rows
 * use members of the rows around them too. */
#include "adapt/compile.h"

static void set_one(struct compiler *c, struct record_map *r, struct span path, enum fate fate)
{
    static const enum fate fates[] = {FATE_UNKNOWN, FATE_KEEP, FATE_INSIDE, FATE_KNOWN};
    union {
        const enum fate *read_only;
        void *plain;
    } value = {.read_only = &fates[fate]};
    if (mapping_fate(r, path) < fate && map_put(&r->known, path, value.plain) != ERR_OK) {
        c->why.nomem = true;
    }
}

void fate_set(struct compiler *c, struct record_map *r, struct words path, enum fate fate)
{
    size_t len = 0;
    for (size_t i = 0; i < path.n; i++) {
        len += path.at[i].len + 1;
    }
    char *joined = compile_alloc(c, len + 1);
    size_t at = 0;
    for (size_t i = 0; joined && i < path.n; i++) {
        if (i > 0) {
            joined[at++] = FATE_JOINT;
        }
        memcpy(joined + at, path.at[i].at, path.at[i].len);
        at += path.at[i].len;
        set_one(c, r, (struct span){joined, at}, i + 1 < path.n ? FATE_INSIDE : fate);
    }
}

static bool begins(struct words path, struct words head)
{
    for (size_t i = 0; i < head.n; i++) {
        if (i >= path.n || !span_eq(path.at[i], head.at[i])) {
            return false;
        }
    }
    return path.n >= head.n;
}

/* The record whose rows are the objects `up` out of those of `inner`, or NULL. */
static bool stands_around(const struct mapping *m, const struct record_map *outer,
                          const struct record_map *inner, unsigned up)
{
    bool of_one = &m->records[inner->base] == outer || (outer->inner && outer->base == inner->base);
    return inner->inner && of_one && up <= inner->each.path.n &&
           outer->each.path.n == inner->each.path.n - up &&
           begins(inner->each.path, outer->each.path);
}

static void use(struct compiler *c, struct record_map *r, const struct source *source)
{
    struct mapping *m = c->m;
    if (source->up == 0) {
        fate_set(c, r, source->path, FATE_KNOWN);
        if (r->inner && r->each.path.n == 0) {
            fate_set(c, &m->records[r->base], source->path, FATE_KNOWN);
        }
        return;
    }
    for (size_t i = 0; i < m->n_records; i++) {
        if (stands_around(m, &m->records[i], r, source->up)) {
            fate_set(c, &m->records[i], source->path, FATE_KNOWN);
        }
    }
}

static void use_all(struct compiler *c, struct record_map *r)
{
    struct mapping *m = c->m;
    for (size_t i = 0; i < r->n_targets; i++) {
        for (size_t k = 0; k < r->targets[i].n_sources; k++) {
            use(c, r, &r->targets[i].sources[k]);
        }
    }
    if (r->deletable) {
        use(c, r, &r->deleted);
    }
    /* That a column is there tells the record; what stands in it is a value like any other. */
    for (size_t i = 0; i < r->n_keys && m->find != FIND_HEADER; i++) {
        use(c, r, &r->keys[i]);
    }
    if (m->find == FIND_FIELD) {
        use(c, r, &m->find_source);
    }
    for (size_t i = 0; i < m->secret.n; i++) {
        fate_set(c, r, (struct words){&m->secret.at[i], 1}, FATE_KNOWN);
    }
    /* The rows inside these. */
    for (size_t i = 0; i < m->n_records; i++) {
        const struct words each = m->records[i].each.path;
        for (unsigned up = 1; up <= each.n; up++) {
            if (stands_around(m, r, &m->records[i], up)) {
                fate_set(c, r, (struct words){each.at + each.n - up, up}, FATE_KNOWN);
            }
        }
    }
}

/* A form's keys are judged by the whole mapping: one that no record knows is a torn text. */
static void collect_keys(struct compiler *c)
{
    struct mapping *m = c->m;
    for (size_t i = 0; i < m->n_records; i++) {
        size_t at = 0;
        for (const struct map_slot *slot; (slot = map_next(&m->records[i].known, &at)) != NULL;) {
            if (map_put(&m->keys, slot->key, m) != ERR_OK) {
                c->why.nomem = true;
            }
        }
        for (size_t k = 0; k < m->records[i].n_targets; k++) {
            const struct target *t = &m->records[i].targets[k];
            for (size_t s = 0; s < t->n_sources; s++) {
                if (map_put(&m->keys, t->sources[s].path.at[0], m) != ERR_OK) {
                    c->why.nomem = true;
                }
            }
        }
    }
    if (m->find_source.path.n > 0 && map_put(&m->keys, m->find_source.path.at[0], m) != ERR_OK) {
        c->why.nomem = true;
    }
}

void fates_compile(struct compiler *c)
{
    for (size_t i = 0; i < c->m->n_records; i++) {
        use_all(c, &c->m->records[i]);
    }
    if (c->m->container == CONTAINER_FORM) {
        collect_keys(c);
    }
}
