/* SPDX-License-Identifier: Apache-2.0 */
/* Each message is a story of its own, freed with its receipt. A few hazards are kept in mind and
 * moved on; when there are too many, the oldest are left as they are: overdue, as in life. */
#include "cli/simulate_live.h"

#include <string.h>

#include "base/alloc.h"
#include "base/list.h"
#include "cli/simulate_hazard.h"
#include "model/civil_time.h"

#define OPEN_MAX      128
#define NEW_PERCENT   35
#define MAJOR_PERCENT 5
#define WRONG_PERCENT 2
#define TRIES         32

struct item {
    struct list link;
    struct story story;
};

struct sim_live {
    const struct district *district;
    const struct sim_native *native;
    const struct clock *clock;
    struct dice dice;
    uint64_t seq;
    struct list items;
    struct sim_hazard open[OPEN_MAX];
    size_t n_open;
};

enum err sim_live_new(struct sim_live **out, const struct district *d,
                      const struct sim_native *native, const struct clock *clock)
{
    struct sim_live *l = mem_zalloc(sizeof *l);
    if (l == NULL) {
        return ERR_NOMEM;
    }
    l->district = d;
    l->native = native;
    l->clock = clock;
    list_init(&l->items);
    /* The time is in it: started again, it must not say the same again. */
    dice_seed(&l->dice, d->seed, "live", (uint64_t)clock_wall_us(clock), 0);
    l->seq = (uint64_t)clock_wall_us(clock) / 1000;
    *out = l;
    return ERR_OK;
}

static void free_item(struct item *item)
{
    list_remove(&item->link);
    story_free(&item->story);
    mem_free(item);
}

void sim_live_free(struct sim_live *l)
{
    while (l != NULL && !list_empty(&l->items)) {
        free_item(LIST_ITEM(l->items.next, struct item, link));
    }
    mem_free(l);
}

static const struct district_unit *some_unit(struct sim_live *l)
{
    for (int i = 0; i < TRIES; i++) {
        const struct district_entity *e =
            &l->district->entities[dice_below(&l->dice, l->district->n_entities)];
        if (e->habit == HABIT_FULL) {
            size_t n = e->n_units - e->reporting_from;
            return &e->units[e->reporting_from + dice_below(&l->dice, n)];
        }
    }
    return &l->district->entities[0].units[l->district->entities[0].reporting_from];
}

static void forget(struct sim_live *l, size_t i)
{
    memmove(&l->open[i], &l->open[i + 1], (l->n_open - i - 1) * sizeof l->open[0]);
    l->n_open--;
}

static const char *state_after(const char *state)
{
    static const char *const way[] = {"REGISTERED", "RECTIFYING", "RECTIFIED", "ACCEPTED",
                                      "CLOSED"};
    size_t n = sizeof way / sizeof way[0];
    for (size_t i = 0; i + 1 < n; i++) {
        if (strcmp(way[i], state) == 0) {
            return way[i + 1];
        }
    }
    return NULL;
}

static struct teller teller_of(struct sim_live *l, struct story *s,
                               const struct district_unit *unit, int64_t now_us)
{
    struct teller t;
    const struct sim_days today = {date_days(date_of_time(now_us)), 1};
    teller_init(&t, s, unit, today);
    t.dice = l->dice;
    t.seq = l->seq;
    return t;
}

static void tell_new(struct sim_live *l, struct story *s, int64_t now_us)
{
    struct teller t = teller_of(l, s, some_unit(l), now_us);
    bool wrong = t.unit->entity->adapter == NULL && dice_chance(&t.dice, WRONG_PERCENT);
    struct sim_hazard h;
    sim_hazard_make(&t, &h, now_us, dice_chance(&t.dice, MAJOR_PERCENT));
    if (wrong) {
        struct sim_report r;
        sim_hazard_report(&t, &h, "REGISTERED", now_us, &r);
        sim_change(&r, "level", "9");
        story_open(s, t.unit, "hazard");
        story_add(s, &r);
        struct sim_message *m = story_close(s, now_us);
        if (m != NULL) {
            m->reason = REASON_UNKNOWN_CODE;
        }
    } else {
        sim_hazard_tell(&t, &h, t.unit->entity->adapter ? "RECTIFYING" : "REGISTERED", now_us,
                        now_us);
        if (l->n_open == OPEN_MAX) {
            forget(l, 0);
        }
        l->open[l->n_open++] = h;
    }
    l->dice = t.dice;
    l->seq = t.seq;
}

static void tell_next_step(struct sim_live *l, struct story *s, int64_t now_us)
{
    size_t i = (size_t)dice_below(&l->dice, l->n_open);
    struct sim_hazard *h = &l->open[i];
    struct teller t = teller_of(l, s, h->unit, now_us);
    const char *state = state_after(h->state);
    if (state != NULL) {
        sim_hazard_tell(&t, h, state, now_us, now_us);
    }
    l->dice = t.dice;
    l->seq = t.seq;
    if (state == NULL || state_after(state) == NULL || s->count == 0) {
        forget(l, i);
    }
}

static const struct sim_message *next(void *ctx)
{
    struct sim_live *l = ctx;
    struct item *item = mem_zalloc(sizeof *item);
    if (item == NULL) {
        return NULL;
    }
    int64_t now_us = clock_wall_us(l->clock) / 1000 * 1000;
    story_init(&item->story, l->district, l->native);
    list_append(&l->items, &item->link);
    if (l->n_open == 0 || dice_chance(&l->dice, NEW_PERCENT)) {
        tell_new(l, &item->story, now_us);
    } else {
        tell_next_step(l, &item->story, now_us);
    }
    if (item->story.failed || item->story.count == 0) {
        free_item(item);
        return NULL;
    }
    return item->story.messages;
}

static void done(void *ctx, const struct sim_message *m)
{
    struct sim_live *l = ctx;
    LIST_EACH (it, &l->items) {
        struct item *item = LIST_ITEM(it, struct item, link);
        if (item->story.messages == m) {
            free_item(item);
            return;
        }
    }
}

struct sim_source sim_live_source(struct sim_live *l)
{
    return (struct sim_source){.next = next, .done = done, .endless = true, .ctx = l};
}
