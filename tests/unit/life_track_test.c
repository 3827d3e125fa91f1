/* SPDX-License-Identifier: Apache-2.0 */
/* A life follows from what was said, in whatever order it came. Sequences are drawn at random and
 * then played in every order, as a gateway hears them: what it has committed stands in a database
 * from time to time, what it refused is gone. */
#include "pg/life_track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "codes.pb-c.h"
#include "pg/decide.h"

#define EVENTS    5
#define SEQUENCES 400
#define UNIT      "91410411MA45ABCD6Y"
#define ARENA     ((size_t)1 << 20)

static const int states[] = {
    DUALGATE__V1__HAZARD_STATE__CODE__REGISTERED, DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING,
    DUALGATE__V1__HAZARD_STATE__CODE__RECTIFIED,  DUALGATE__V1__HAZARD_STATE__CODE__REJECTED,
    DUALGATE__V1__HAZARD_STATE__CODE__ACCEPTED,   DUALGATE__V1__HAZARD_STATE__CODE__CLOSED,
    DUALGATE__V1__HAZARD_STATE__CODE__VOID,
};

static bool life_equal(const struct hazard_life *a, const struct hazard_life *b)
{
    return a->known == b->known && a->deleted == b->deleted && a->state == b->state &&
           a->level == b->level && a->found_by == b->found_by && a->supervision == b->supervision &&
           a->round == b->round && a->deadline == b->deadline &&
           a->rectified_at == b->rectified_at && a->accepted_at == b->accepted_at &&
           a->closed_at == b->closed_at && strcmp(a->lister, b->lister) == 0 &&
           a->escalated == b->escalated && a->withdrawal == b->withdrawal &&
           a->withdrawal_at == b->withdrawal_at &&
           strcmp(a->withdrawal_by, b->withdrawal_by) == 0 && a->denied == b->denied &&
           a->reported_state == b->reported_state && a->reported_level == b->reported_level &&
           a->reported_deadline == b->reported_deadline && a->rejections == b->rejections &&
           a->reopenings == b->reopenings && a->self_extensions == b->self_extensions &&
           a->extensions == b->extensions && a->extended_by == b->extended_by &&
           a->deadline_before == b->deadline_before;
}

/* ---- random events ---- */

static uint32_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *drawn_publisher(void)
{
    static const char *const all[] = {UNIT, UNIT, "yjj", "zjj"};
    return all[draw(4)];
}

static void draw_event(struct life_said *s, int place)
{
    struct life_event *e = &s->event;
    *s = (struct life_said){
        .event = {.kind = draw(3) ? LIFE_VERSION : (enum life_kind)draw(LIFE_KINDS),
                  .by = drawn_publisher()},
        .order = {.observed_us = (int64_t)draw(EVENTS), .source_system = ""},
        .tie = place + 1};
    e->authority = strcmp(e->by, UNIT) != 0;
    e->at = s->order.observed_us;
    e->state = states[draw(sizeof states / sizeof states[0])];
    e->level = 1 + (int)draw(2);
    e->found_by = draw(4) ? 0 : 3;
    e->deadline = draw(4) ? 100 + (int64_t)draw(3) : LIFE_NO_DAY;
    e->rectified_at = e->accepted_at = e->closed_at = e->asked_at = LIFE_NO_TIME;
    e->act = (enum life_act)draw(LIFE_ACT_ESCALATES + 1);
    e->n = 1 + (int)draw(2);
    e->what = (enum life_request)(1 + draw(3));
    s->order.state_rank = e->kind == LIFE_VERSION ? e->state : 0;
}

/* ---- a gateway and its database ---- */

struct history {
    struct life_said *said[EVENTS];
    size_t n;
    bool refused;
};

static int by_order(const void *a, const void *b)
{
    const struct life_said *x = *(struct life_said *const *)a;
    const struct life_said *y = *(struct life_said *const *)b;
    return decide_order(&x->order, x->tie, &y->order, y->tie);
}

static struct hazard_life life_of(const struct history *h)
{
    struct life_said *sorted[EVENTS];
    struct hazard_life life = life_none();
    memcpy(sorted, h->said, sizeof sorted);
    qsort(sorted, h->n, sizeof sorted[0], by_order);
    for (size_t i = 0; i < h->n; i++) {
        life_step(&life, &sorted[i]->event, &life, NULL, NULL);
    }
    return life;
}

/* Hears the events in the order given; a bit of `commits` set: they stand in the database after
 * that one, and the next begins from there. */
static struct hazard_life heard(struct life_said *const *events, const int *order, unsigned commits,
                                struct arena *arena, struct history *h)
{
    struct life_track t;
    *h = (struct history){.n = 0};
    life_track_begin(&t);
    for (size_t i = 0; i < EVENTS; i++) {
        struct life_said *s = events[order[i]];
        enum reason refused = REASON_NONE;
        if (life_track_is_past(&t, &s->order, s->tie)) {
            struct life_said **past = arena_alloc(arena, sizeof h->said);
            assert_non_null(past);
            memcpy(past, h->said, sizeof h->said);
            qsort(past, h->n, sizeof past[0], by_order);
            life_track_past(&t, past, h->n);
        }
        assert_int_equal(life_track_add(&t, arena, s, NULL, &refused), ERR_OK);
        if (refused != REASON_NONE) {
            h->refused = true;
            continue;
        }
        h->said[h->n++] = s;
        if (commits & 1u << i) {
            struct order_key newest;
            int64_t tie = 0;
            struct hazard_life stored = t.now;
            assert_true(life_track_newest(&t, &newest, &tie));
            life_track_begin(&t);
            life_track_base(&t, &stored, &newest, tie);
        }
    }
    return t.now;
}

static bool next_order(int *order)
{
    int i = EVENTS - 2;
    while (i >= 0 && order[i] > order[i + 1]) {
        i--;
    }
    if (i < 0) {
        return false;
    }
    int j = EVENTS - 1;
    while (order[j] < order[i]) {
        j--;
    }
    int swap = order[i];
    order[i] = order[j];
    order[j] = swap;
    for (int a = i + 1, b = EVENTS - 1; a < b; a++, b--) {
        swap = order[a];
        order[a] = order[b];
        order[b] = swap;
    }
    return true;
}

/* True when some order of it is taken without a refusal. */
static bool play(struct life_said *const *events, struct arena *arena)
{
    int order[EVENTS] = {0, 1, 2, 3, 4};
    struct hazard_life whole = life_none();
    bool one = false;
    do {
        struct history h;
        struct hazard_life life = heard(events, order, draw(1u << EVENTS), arena, &h);
        struct hazard_life follows = life_of(&h);
        assert_true(life_equal(&life, &follows));
        if (!h.refused) {
            assert_true(!one || life_equal(&life, &whole));
            whole = life;
            one = true;
        }
        arena_reset(arena);
    } while (next_order(order));
    return one;
}

static void a_life_does_not_depend_on_the_order_of_arrival(void **state)
{
    struct life_said said[EVENTS];
    struct life_said *events[EVENTS];
    struct arena arena;
    int whole = 0;
    (void)state;
    arena_init(&arena, ARENA);
    for (uint32_t n = 0; n < SEQUENCES; n++) {
        seed = n;
        for (int i = 0; i < EVENTS; i++) {
            draw_event(&said[i], i);
            events[i] = &said[i];
        }
        whole += play(events, &arena);
    }
    assert_true(whole > SEQUENCES / 4); /* else it says little */
    arena_free(&arena);
}

/* ---- the ways out that must stay shut ---- */

static struct life_said at(int64_t when, int state, int level, int64_t deadline)
{
    struct life_said s = {.event = {.kind = LIFE_VERSION,
                                    .by = UNIT,
                                    .at = when,
                                    .state = state,
                                    .level = level,
                                    .deadline = deadline,
                                    .rectified_at = LIFE_NO_TIME,
                                    .accepted_at = LIFE_NO_TIME,
                                    .closed_at = LIFE_NO_TIME,
                                    .asked_at = LIFE_NO_TIME},
                          .order = {.observed_us = when, .source_system = "", .state_rank = state},
                          .tie = when};
    return s;
}

static struct hazard_life after_both(struct life_said *first, struct life_said *second)
{
    struct life_track t;
    struct arena arena;
    enum reason refused = REASON_NONE;
    arena_init(&arena, ARENA);
    life_track_begin(&t);
    assert_int_equal(life_track_add(&t, &arena, first, NULL, &refused), ERR_OK);
    assert_int_equal(refused, REASON_NONE);
    assert_int_equal(life_track_add(&t, &arena, second, NULL, &refused), ERR_OK);
    assert_int_equal(refused, REASON_NONE);
    struct hazard_life life = t.now;
    arena_free(&arena);
    return life;
}

static void a_major_hazard_that_comes_late_is_major(void **state)
{
    (void)state;
    struct life_said general = at(2, states[1], 1, 100);
    struct life_said major = at(1, states[1], 2, 100);
    struct hazard_life life = after_both(&general, &major);
    assert_int_equal(life.level, 2);
    assert_int_equal(life.withdrawal, LIFE_REGRADE);
}

static void a_withdrawal_dated_back_does_not_take_effect(void **state)
{
    (void)state;
    struct life_said major = at(2, states[1], 2, 100);
    struct life_said gone = at(1, DUALGATE__V1__HAZARD_STATE__CODE__VOID, 1, 100);
    struct hazard_life life = after_both(&major, &gone);
    assert_int_equal(life.state, states[1]);
    assert_int_equal(life.level, 2);
}

static void a_deadline_dated_back_puts_nothing_off(void **state)
{
    (void)state;
    struct life_said major = at(2, states[1], 2, 100);
    struct life_said later = at(1, states[1], 2, 200);
    assert_int_equal(after_both(&major, &later).deadline, 100);
}

static void without_its_past_a_life_takes_it_as_said_last(void **state)
{
    (void)state;
    struct life_track t;
    struct arena arena;
    struct life_said s = at(1, states[2], 2, 100);
    struct order_key newest = {.observed_us = 9, .source_system = ""};
    struct hazard_life stored = life_none();
    enum reason refused = REASON_NONE;
    int64_t tie = 0;
    arena_init(&arena, ARENA);
    life_track_begin(&t);
    life_track_base(&t, &stored, &newest, 9);
    assert_true(life_track_is_past(&t, &s.order, s.tie));
    assert_int_equal(life_track_add(&t, &arena, &s, NULL, &refused), ERR_OK);
    assert_int_equal(t.now.state, states[2]);
    assert_true(life_track_newest(&t, &newest, &tie));
    assert_int_equal(tie, 9);
    arena_free(&arena);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    struct life_track t;
    struct arena arena;
    struct life_said s = at(1, states[1], 1, 100);
    enum reason refused = REASON_NONE;
    arena_init(&arena, ARENA);
    life_track_begin(&t);
    mem_fail_at(1);
    assert_int_equal(life_track_add(&t, &arena, &s, NULL, &refused), ERR_NOMEM);
    mem_fail_at(0);
    assert_int_equal(t.n, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_does_not_depend_on_the_order_of_arrival),
        cmocka_unit_test(a_major_hazard_that_comes_late_is_major),
        cmocka_unit_test(a_withdrawal_dated_back_does_not_take_effect),
        cmocka_unit_test(a_deadline_dated_back_puts_nothing_off),
        cmocka_unit_test(without_its_past_a_life_takes_it_as_said_last),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
