/* SPDX-License-Identifier: Apache-2.0 */
/* Something older than the base whose past was not read (there is too much of it) is taken as if it
 * came right after the base: its life is then as it would be had it been said last. */
#include "pg/life_track.h"

#include <string.h>

#include "pg/decide.h"

#define SAID_FIRST ((size_t)4)

void life_track_begin(struct life_track *t)
{
    *t = (struct life_track){.base = life_none(), .now = life_none()};
}

void life_track_base(struct life_track *t, const struct hazard_life *life,
                     const struct order_key *order, int64_t tie)
{
    t->has_base = true;
    t->base = t->now = *life;
    t->base_order = *order;
    t->base_tie = tie;
}

bool life_track_is_past(const struct life_track *t, const struct order_key *order, int64_t tie)
{
    return t->has_base && decide_order(order, tie, &t->base_order, t->base_tie) < 0;
}

static struct hazard_life life_after(const struct life_track *t, size_t n)
{
    struct hazard_life life = t->base;
    for (size_t i = 0; i < n; i++) {
        life_step(&life, &t->said[i]->event, &life, NULL, NULL);
    }
    return life;
}

void life_track_past(struct life_track *t, struct life_said **said, size_t n)
{
    *t = (struct life_track){.base = life_none(), .said = said, .n = n, .cap = n};
    t->now = life_after(t, n);
}

/* How many of those taken come before it. */
static size_t place_of(const struct life_track *t, const struct life_said *s)
{
    size_t at = t->n;
    while (at > 0 &&
           decide_order(&s->order, s->tie, &t->said[at - 1]->order, t->said[at - 1]->tie) < 0) {
        at--;
    }
    return at;
}

static enum err insert(struct life_track *t, struct arena *arena, struct life_said *s, size_t at)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : SAID_FIRST;
        struct life_said **wider = arena_alloc(arena, cap * sizeof(struct life_said *));
        if (!wider) {
            return ERR_NOMEM;
        }
        if (t->n) {
            memcpy(wider, t->said, t->n * sizeof(struct life_said *));
        }
        t->said = wider;
        t->cap = cap;
    }
    memmove(t->said + at + 1, t->said + at, (t->n - at) * sizeof(struct life_said *));
    t->said[at] = s;
    t->n++;
    return ERR_OK;
}

enum err life_track_add(struct life_track *t, struct arena *arena, struct life_said *s,
                        struct life_findings *found, enum reason *refused)
{
    size_t at = place_of(t, s);
    struct hazard_life before = at == t->n ? t->now : life_after(t, at);
    struct hazard_life after;
    life_step(&before, &s->event, &after, found, refused);
    if (*refused != REASON_NONE) {
        return ERR_OK;
    }
    enum err e = insert(t, arena, s, at);
    if (e != ERR_OK) {
        return e;
    }
    for (size_t i = at + 1; i < t->n; i++) {
        life_step(&after, &t->said[i]->event, &after, NULL, NULL);
    }
    t->now = after;
    return ERR_OK;
}

bool life_track_newest(const struct life_track *t, struct order_key *order, int64_t *tie)
{
    const struct life_said *last = t->n > 0 ? t->said[t->n - 1] : NULL;
    if (last && !life_track_is_past(t, &last->order, last->tie)) {
        *order = last->order;
        *tie = last->tie;
    } else if (t->has_base) {
        *order = t->base_order;
        *tie = t->base_tie;
    }
    return last || t->has_base;
}
