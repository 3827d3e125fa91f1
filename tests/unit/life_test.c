/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a hazard as a specification: every move of the state by everybody, what waits for the
 * authority, deadlines, listing. */
#include "model/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codes.pb-c.h"
#include "model/civil_time.h"
#include "model/life_move.h"

#define STATE(name) DUALGATE__V1__HAZARD_STATE__CODE__##name
#define GENERAL     DUALGATE__V1__HAZARD_LEVEL__CODE__GENERAL
#define MAJOR       DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR
#define SELF        DUALGATE__V1__HAZARD_FINDER__CODE__SELF
#define AUTHORITY   DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY
#define LISTED      DUALGATE__V1__SUPERVISION_STATE__CODE__LISTED
#define NINE        INT64_C(1604278800000000) /* 2020-11-02T09:00:00+08:00 */
#define UNIT        "91410411MA45ABCD6Y"
#define DEPARTMENT  "yjj"
#define OTHER       "zjj"

static int64_t day(const char *text)
{
    struct civil_date d = {0, 0, 0};
    assert_true(date_parse(span_of(text), &d));
    return date_days(d);
}

/* ---- given ---- */

static struct life_event event(enum life_kind kind, const char *by)
{
    return (struct life_event){.kind = kind,
                               .by = by,
                               .authority = strcmp(by, UNIT) != 0,
                               .at = NINE,
                               .deadline = LIFE_NO_DAY,
                               .rectified_at = LIFE_NO_TIME,
                               .accepted_at = LIFE_NO_TIME,
                               .closed_at = LIFE_NO_TIME,
                               .asked_at = LIFE_NO_TIME};
}

static struct life_event version(int state, int level, const char *by)
{
    struct life_event e = event(LIFE_VERSION, by);
    e.state = state;
    e.level = level;
    e.found_by = SELF;
    e.deadline = day("2020-11-10");
    return e;
}

static struct life_event step_to(int state, const char *by)
{
    struct life_event e = event(LIFE_TRANSITION, by);
    e.state = state;
    return e;
}

static struct life_event act(enum life_kind kind, enum life_act what, const char *by)
{
    struct life_event e = event(kind, by);
    e.act = what;
    return e;
}

static struct life_event extension(int n, enum life_act what, const char *to, const char *by)
{
    struct life_event e = act(LIFE_EXTENSION, what, by);
    e.n = n;
    e.deadline = day(to);
    return e;
}

static struct life_event decision(enum life_request about, enum life_act what)
{
    struct life_event e = act(LIFE_DECISION, what, DEPARTMENT);
    e.what = about;
    return e;
}

/* A hazard in that state, put there by a department that did not list it. */
static struct hazard_life hazard(int state, int level)
{
    struct hazard_life life = life_none();
    struct life_event e = version(state, level, DEPARTMENT);
    life_step(&life, &e, &life, NULL, NULL);
    return life;
}

static struct life_findings found;
static enum reason refused;

static void take(struct hazard_life *life, struct life_event e)
{
    found.n = 0;
    life_step(life, &e, life, &found, &refused);
}

static void taken(struct hazard_life *life, struct life_event e)
{
    take(life, e);
    assert_int_equal(refused, REASON_NONE);
}

static bool finds(enum finding_code code)
{
    for (size_t i = 0; i < found.n; i++) {
        if (found.at[i].code == code) {
            return true;
        }
    }
    return false;
}

/* ---- moves ---- */

static const int states[] = {
    STATE(REGISTERED), STATE(ASSESSED),     STATE(RECTIFYING), STATE(EXTENSION_REQUESTED),
    STATE(RECTIFIED),  STATE(REINSPECTING), STATE(REJECTED),   STATE(ACCEPTED),
    STATE(CLOSED),     STATE(VOID),
};
#define STATES (sizeof states / sizeof states[0])

/* From the row to the column: . stays, u usual, s skips, r not accepted, o opened again, b back,
 * v void, l leaves void. */
static const char *const table[STATES] = {
    /* 10 20 30 35 40 50 55 60 70 90 */
    ".usssssssv", /* registered */
    "b.ussssssv", /* assessed */
    "bb.uussssv", /* being rectified */
    "bbu.sssssv", /* extension requested */
    "bbrb.urusv", /* rectified */
    "bbrbb.rusv", /* being reinspected */
    "bbusss.ssv", /* not accepted */
    "bbobbbb.uv", /* accepted */
    "bbobbbbb.v", /* closed */
    "lllllllll.", /* void */
};

static void every_move_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        char letter;
        enum life_move move;
    } kinds[] = {{'.', LIFE_MOVE_STAYS},   {'u', LIFE_MOVE_USUAL},      {'s', LIFE_MOVE_SKIPS},
                 {'r', LIFE_MOVE_REJECTS}, {'o', LIFE_MOVE_REOPENS},    {'b', LIFE_MOVE_BACK},
                 {'v', LIFE_MOVE_VOIDS},   {'l', LIFE_MOVE_LEAVES_VOID}};
    for (size_t from = 0; from < STATES; from++) {
        for (size_t to = 0; to < STATES; to++) {
            for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
                if (kinds[k].letter == table[from][to]) {
                    assert_int_equal(life_move_of(states[from], states[to], false), kinds[k].move);
                }
            }
        }
    }
    assert_int_equal(life_move_of(STATE(REGISTERED), STATE(ACCEPTED), true), LIFE_MOVE_USUAL);
    assert_int_equal(life_move_of(0, STATE(CLOSED), false), LIFE_MOVE_ENTERS);
    assert_int_equal(life_move_of(0, STATE(VOID), false), LIFE_MOVE_VOIDS);
}

/* One cell of: every move, general or major, by the unit or a department, listed or not, as a
 * version or a transition. */
struct cell {
    size_t from, to;
    int level;
    bool unit, listed, whole;
};

static size_t column_of(int wanted)
{
    size_t i = 0;
    while (states[i] != wanted) {
        i++;
    }
    return i;
}

static void expect(const struct cell *c, const struct hazard_life *life)
{
    int from = states[c->from];
    int to = states[c->to];
    bool closing = to == STATE(CLOSED) && from != to;
    bool voiding = to == STATE(VOID) && from != to;
    bool major_by_unit = c->unit && c->level == MAJOR;
    if ((from == STATE(VOID) && from != to) || (closing && c->listed)) {
        assert_int_equal(refused, closing && c->listed && from != STATE(VOID) ? REASON_HAZARD_LISTED
                                                                              : REASON_HAZARD_VOID);
        return;
    }
    assert_int_equal(refused, REASON_NONE);
    if (voiding && major_by_unit) {
        assert_int_equal(life->state, from);
        assert_int_equal(life->withdrawal, LIFE_VOID);
        assert_true(finds(FINDING_WITHDRAWAL_PENDING) && !finds(FINDING_WITHDRAWN));
        return;
    }
    int then = closing && major_by_unit ? STATE(ACCEPTED) : to;
    if (c->whole && major_by_unit && from == STATE(CLOSED) && to == STATE(ACCEPTED)) {
        then = STATE(CLOSED);
    }
    char kind = table[c->from][column_of(then)];
    assert_int_equal(life->state, then);
    assert_int_equal(life->withdrawal, LIFE_KEEPS);
    assert_int_equal(finds(FINDING_CLOSED_BY_UNIT), closing && major_by_unit);
    assert_int_equal(finds(FINDING_WITHDRAWN), voiding && c->unit);
    assert_int_equal(finds(FINDING_STATE_SKIPPED), kind == 's');
    assert_int_equal(finds(FINDING_STATE_MOVED_BACK), kind == 'b');
    assert_int_equal(finds(FINDING_REOPENED), kind == 'o');
    assert_int_equal(life->reopenings, kind == 'o');
    assert_int_equal(life->round, kind == 'o' ? 2 : 1);
    assert_int_equal(life->rejections, kind == 'r' || (then == STATE(REJECTED) && from != then));
    if (then != STATE(VOID)) {
        bool done = then == STATE(ACCEPTED) || then == STATE(CLOSED);
        assert_int_equal(life->accepted_at != LIFE_NO_TIME, done);
        assert_int_equal(life->closed_at != LIFE_NO_TIME,
                         then == STATE(CLOSED) || (done && c->level == GENERAL));
        assert_true(then != STATE(RECTIFIED) || life->rectified_at != LIFE_NO_TIME);
        assert_true((then >= STATE(RECTIFIED) && then != STATE(REJECTED)) ||
                    life->rectified_at == LIFE_NO_TIME);
    }
}

static void every_move_by_everybody(void **state)
{
    (void)state;
    for (unsigned n = 0; n < STATES * STATES * 16; n++) {
        struct cell c = {n / 16 / STATES, n / 16 % STATES, n & 1 ? MAJOR : GENERAL,
                         (n & 2) != 0,    (n & 4) != 0,    (n & 8) != 0};
        struct hazard_life life = hazard(states[c.from], c.level);
        if (c.listed) {
            taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, DEPARTMENT));
        }
        const char *by = c.unit ? UNIT : DEPARTMENT;
        take(&life, c.whole ? version(states[c.to], c.level, by) : step_to(states[c.to], by));
        expect(&c, &life);
    }
}

static void the_usual_life_of_a_general_hazard_finds_nothing(void **state)
{
    (void)state;
    static const int usual[] = {STATE(REGISTERED),          STATE(ASSESSED),   STATE(RECTIFYING),
                                STATE(EXTENSION_REQUESTED), STATE(RECTIFYING), STATE(RECTIFIED),
                                STATE(REINSPECTING),        STATE(ACCEPTED),   STATE(CLOSED)};
    struct hazard_life life = life_none();
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        taken(&life, version(usual[i], GENERAL, UNIT));
        assert_int_equal(found.n, 0);
    }
    assert_int_equal(life.state, STATE(CLOSED));
    assert_int_equal(life.round, 1);
}

static void a_reopened_hazard_is_closed_again_in_its_second_round(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), GENERAL);
    taken(&life, step_to(STATE(RECTIFIED), UNIT));
    taken(&life, step_to(STATE(ACCEPTED), UNIT));
    assert_true(life.closed_at != LIFE_NO_TIME);
    taken(&life, step_to(STATE(RECTIFYING), UNIT));
    assert_int_equal(life.round, 2);
    assert_true(life.closed_at == LIFE_NO_TIME && life.accepted_at == LIFE_NO_TIME &&
                life.rectified_at == LIFE_NO_TIME);
    taken(&life, version(STATE(RECTIFIED), GENERAL, UNIT));
    assert_int_equal(life.round, 2);
}

/* ---- withdrawals ---- */

static struct life_event deletion(const char *by)
{
    return event(LIFE_TOMBSTONE, by);
}

static void a_unit_cannot_withdraw_a_major_hazard_alone(void **state)
{
    (void)state;
    static const enum life_request all[] = {LIFE_VOID, LIFE_DELETE, LIFE_REGRADE};
    for (size_t i = 0; i < 3; i++) {
        struct life_event asks = all[i] == LIFE_VOID ? version(STATE(VOID), MAJOR, UNIT)
                                 : all[i] == LIFE_DELETE
                                     ? deletion(UNIT)
                                     : version(STATE(RECTIFYING), GENERAL, UNIT);
        struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
        taken(&life, asks);
        assert_true(finds(FINDING_WITHDRAWAL_PENDING));
        assert_int_equal(life.withdrawal, all[i]);
        assert_string_equal(life.withdrawal_by, UNIT);
        assert_int_equal(life.state, STATE(RECTIFYING));
        assert_int_equal(life.level, MAJOR);
        assert_false(life.deleted);

        struct hazard_life granted = life;
        taken(&granted, decision(all[i], LIFE_ACT_APPROVES));
        assert_int_equal(granted.withdrawal, LIFE_KEEPS);
        assert_int_equal(granted.state, all[i] == LIFE_VOID ? STATE(VOID) : STATE(RECTIFYING));
        assert_int_equal(granted.level, all[i] == LIFE_REGRADE ? GENERAL : MAJOR);
        assert_int_equal(granted.deleted, all[i] == LIFE_DELETE);

        struct hazard_life denied = life;
        taken(&denied, decision(all[i], LIFE_ACT_REFUSES));
        assert_int_equal(denied.withdrawal, LIFE_KEEPS);
        assert_int_equal(denied.state, STATE(RECTIFYING));
        assert_int_equal(denied.level, MAJOR);
        assert_false(denied.deleted);

        struct hazard_life at_once = hazard(STATE(RECTIFYING), MAJOR);
        asks.by = DEPARTMENT;
        asks.authority = true;
        taken(&at_once, asks);
        assert_int_equal(at_once.withdrawal, LIFE_KEEPS);
        assert_int_equal(at_once.state, granted.state);
        assert_int_equal(at_once.level, granted.level);
        assert_int_equal(at_once.deleted, granted.deleted);
    }
}

static void what_an_authority_found_is_protected_too(void **state)
{
    (void)state;
    struct hazard_life life = life_none();
    struct life_event first = version(STATE(RECTIFYING), GENERAL, DEPARTMENT);
    first.found_by = AUTHORITY;
    taken(&life, first);
    taken(&life, version(STATE(RECTIFYING), GENERAL, UNIT)); /* says SELF */
    assert_true(finds(FINDING_FINDER_KEPT));
    assert_int_equal(life.found_by, AUTHORITY);
    taken(&life, deletion(UNIT));
    assert_int_equal(life.withdrawal, LIFE_DELETE);
    assert_false(life.deleted);
}

static void an_unknown_level_is_a_lower_one(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, version(STATE(RECTIFYING), 0, UNIT));
    assert_int_equal(life.level, MAJOR);
    assert_int_equal(life.withdrawal, LIFE_REGRADE);
}

static void a_general_hazard_is_withdrawn_at_once_and_listed(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), GENERAL);
    taken(&life, deletion(UNIT));
    assert_true(life.deleted && finds(FINDING_WITHDRAWN));
    taken(&life, version(STATE(RECTIFYING), GENERAL, UNIT));
    assert_false(life.deleted);
}

static void a_request_is_taken_back_by_reporting_the_hazard_as_it_was(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, deletion(UNIT));
    taken(&life, version(STATE(RECTIFIED), MAJOR, UNIT));
    assert_int_equal(life.withdrawal, LIFE_KEEPS);
    taken(&life, decision(LIFE_DELETE, LIFE_ACT_APPROVES));
    assert_true(finds(FINDING_NOTHING_TO_DECIDE));
    assert_false(life.deleted);
}

static void a_decision_is_about_the_request_it_names(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, deletion(UNIT));
    taken(&life, decision(LIFE_REGRADE, LIFE_ACT_APPROVES));
    assert_true(finds(FINDING_NOTHING_TO_DECIDE));
    assert_int_equal(life.withdrawal, LIFE_DELETE);
}

static void what_was_refused_is_not_asked_again_by_repeating_it(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, version(STATE(RECTIFYING), GENERAL, UNIT));
    taken(&life, decision(LIFE_REGRADE, LIFE_ACT_REFUSES));
    taken(&life, version(STATE(RECTIFIED), GENERAL, UNIT));
    assert_int_equal(life.withdrawal, LIFE_KEEPS);
    assert_int_equal(life.level, MAJOR);
    taken(&life, version(STATE(RECTIFIED), MAJOR, UNIT));
    taken(&life, version(STATE(RECTIFIED), GENERAL, UNIT));
    assert_int_equal(life.withdrawal, LIFE_REGRADE);
}

static void a_unit_decides_on_no_request(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, deletion(UNIT));
    struct life_event own = decision(LIFE_DELETE, LIFE_ACT_APPROVES);
    own.by = UNIT;
    own.authority = false;
    take(&life, own);
    assert_int_equal(refused, REASON_NOT_AUTHORISED);
    assert_false(life.deleted);
}

static void a_major_hazard_first_heard_of_as_void_counts(void **state)
{
    (void)state;
    struct hazard_life life = life_none();
    taken(&life, version(STATE(VOID), MAJOR, UNIT));
    assert_int_equal(life.state, STATE(REGISTERED));
    assert_int_equal(life.withdrawal, LIFE_VOID);
}

/* ---- deadlines ---- */

static struct life_event with_deadline(int level, const char *text, const char *by)
{
    struct life_event e = version(STATE(RECTIFYING), level, by);
    e.deadline = day(text);
    return e;
}

static void a_unit_puts_off_the_deadline_of_a_general_hazard(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), GENERAL);
    taken(&life, with_deadline(GENERAL, "2020-11-20", UNIT));
    assert_true(finds(FINDING_DEADLINE_MOVED));
    assert_true(life.deadline == day("2020-11-20"));
    assert_int_equal(life.self_extensions, 1);
    taken(&life, with_deadline(GENERAL, "2020-11-20", UNIT));
    assert_int_equal(found.n, 0);
}

static void only_an_approved_extension_puts_off_that_of_a_major_one(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, with_deadline(MAJOR, "2020-11-20", UNIT));
    assert_true(finds(FINDING_DEADLINE_NOT_MOVED));
    struct life_event none = version(STATE(RECTIFYING), MAJOR, UNIT);
    none.deadline = LIFE_NO_DAY;
    taken(&life, none);
    assert_true(finds(FINDING_DEADLINE_NOT_MOVED));
    taken(&life, extension(1, LIFE_ACT_ASKS, "2020-11-20", UNIT));
    taken(&life, extension(1, LIFE_ACT_APPROVES, "2020-11-20", UNIT));
    assert_true(finds(FINDING_DEADLINE_NOT_MOVED));
    assert_true(life.deadline == day("2020-11-10"));
    taken(&life, extension(1, LIFE_ACT_APPROVES, "2020-11-20", DEPARTMENT));
    assert_true(life.deadline == day("2020-11-20"));
    assert_int_equal(life.extensions, 1);
    assert_int_equal(life.self_extensions, 0);
}

static void an_approved_deadline_stays_while_the_unit_repeats_the_old_one(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, extension(1, LIFE_ACT_APPROVES, "2020-11-20", DEPARTMENT));
    taken(&life, with_deadline(MAJOR, "2020-11-10", UNIT));
    assert_int_equal(found.n, 0);
    assert_true(life.deadline == day("2020-11-20"));
}

static void an_approval_may_be_taken_back_by_its_next_version(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, extension(1, LIFE_ACT_APPROVES, "2020-11-20", DEPARTMENT));
    taken(&life, extension(1, LIFE_ACT_APPROVES, "2020-11-20", DEPARTMENT));
    assert_int_equal(life.extensions, 1);
    taken(&life, extension(1, LIFE_ACT_REFUSES, "2020-11-20", DEPARTMENT));
    assert_int_equal(life.extensions, 0);
    assert_true(life.deadline == day("2020-11-10"));
}

static void a_deadline_may_be_brought_forward(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, with_deadline(MAJOR, "2020-11-08", UNIT));
    assert_true(life.deadline == day("2020-11-08"));
}

static void a_deadline_ends_at_midnight_in_shanghai(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR); /* 2020-11-10 */
    struct life_event e = extension(1, LIFE_ACT_ASKS, "2020-11-20", UNIT);
    int64_t midnight = 0;
    assert_true(time_parse(SPAN_LIT("2020-11-11T00:00:00+08:00"), &midnight));
    e.asked_at = midnight - 1;
    taken(&life, e);
    assert_int_equal(found.n, 0);
    e.asked_at = midnight;
    taken(&life, e);
    assert_true(finds(FINDING_EXTENSION_AFTER_EXPIRY));
}

/* ---- listing ---- */

static void only_the_lister_extends_and_delists(void **state)
{
    (void)state;
    static const enum life_act all[] = {LIFE_ACT_EXTENDS, LIFE_ACT_DELISTS, LIFE_ACT_ESCALATES};
    for (size_t i = 0; i < 3; i++) {
        struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
        taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, DEPARTMENT));
        assert_int_equal(life.supervision, LISTED);
        take(&life, act(LIFE_SUPERVISION, all[i], OTHER));
        assert_int_equal(refused, REASON_NOT_AUTHORISED);
        take(&life, act(LIFE_SUPERVISION, all[i], UNIT));
        assert_int_equal(refused, REASON_NOT_AUTHORISED);
        taken(&life, act(LIFE_SUPERVISION, all[i], DEPARTMENT));
    }
}

static void a_listed_hazard_is_closed_after_it_was_delisted(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(ACCEPTED), MAJOR);
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, DEPARTMENT));
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_EXTENDS, DEPARTMENT));
    take(&life, step_to(STATE(CLOSED), DEPARTMENT));
    assert_int_equal(refused, REASON_HAZARD_LISTED);
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_DELISTS, DEPARTMENT));
    taken(&life, step_to(STATE(CLOSED), DEPARTMENT));
    assert_int_equal(life.state, STATE(CLOSED));
}

static void what_was_escalated_is_taken_over_by_the_level_above(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, DEPARTMENT));
    take(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, OTHER));
    assert_int_equal(refused, REASON_NOT_AUTHORISED);
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_ESCALATES, DEPARTMENT));
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_LISTS, OTHER));
    take(&life, act(LIFE_SUPERVISION, LIFE_ACT_DELISTS, DEPARTMENT));
    assert_int_equal(refused, REASON_NOT_AUTHORISED);
    taken(&life, act(LIFE_SUPERVISION, LIFE_ACT_DELISTS, OTHER));
}

static void a_senders_own_word_about_listing_is_compared_not_taken(void **state)
{
    (void)state;
    struct hazard_life life = hazard(STATE(RECTIFYING), MAJOR);
    struct life_event e = version(STATE(RECTIFYING), MAJOR, UNIT);
    e.supervision = LISTED;
    taken(&life, e);
    assert_true(finds(FINDING_SUPERVISION_DIFFERS));
    assert_int_equal(life.supervision, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_has_its_kind),
        cmocka_unit_test(every_move_by_everybody),
        cmocka_unit_test(the_usual_life_of_a_general_hazard_finds_nothing),
        cmocka_unit_test(a_reopened_hazard_is_closed_again_in_its_second_round),
        cmocka_unit_test(a_unit_cannot_withdraw_a_major_hazard_alone),
        cmocka_unit_test(what_an_authority_found_is_protected_too),
        cmocka_unit_test(an_unknown_level_is_a_lower_one),
        cmocka_unit_test(a_general_hazard_is_withdrawn_at_once_and_listed),
        cmocka_unit_test(a_request_is_taken_back_by_reporting_the_hazard_as_it_was),
        cmocka_unit_test(a_decision_is_about_the_request_it_names),
        cmocka_unit_test(what_was_refused_is_not_asked_again_by_repeating_it),
        cmocka_unit_test(a_unit_decides_on_no_request),
        cmocka_unit_test(a_major_hazard_first_heard_of_as_void_counts),
        cmocka_unit_test(a_unit_puts_off_the_deadline_of_a_general_hazard),
        cmocka_unit_test(only_an_approved_extension_puts_off_that_of_a_major_one),
        cmocka_unit_test(an_approved_deadline_stays_while_the_unit_repeats_the_old_one),
        cmocka_unit_test(an_approval_may_be_taken_back_by_its_next_version),
        cmocka_unit_test(a_deadline_may_be_brought_forward),
        cmocka_unit_test(a_deadline_ends_at_midnight_in_shanghai),
        cmocka_unit_test(only_the_lister_extends_and_delists),
        cmocka_unit_test(a_listed_hazard_is_closed_after_it_was_delisted),
        cmocka_unit_test(what_was_escalated_is_taken_over_by_the_level_above),
        cmocka_unit_test(a_senders_own_word_about_listing_is_compared_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
