/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of event. What a unit says of a hazard that is protected is taken as
 * far as it does not make the hazard smaller; the rest is a request. A deadline that a unit brings
 * forward is taken even there: else a version dated back before the first would put off the
 * deadline that the first one named. */
#include "model/life.h"

#include <string.h>

#include "model/life_move.h"
#include "model/life_taking.h"

#define STATE(name)  DUALGATE__V1__HAZARD_STATE__CODE__##name
#define LEVEL(name)  DUALGATE__V1__HAZARD_LEVEL__CODE__##name
#define LISTED(name) DUALGATE__V1__SUPERVISION_STATE__CODE__##name

/* ---- requests ---- */

static void ask_for(struct life_taking *s, enum life_request what, const char *field,
                    const char *reported, const char *expected)
{
    struct hazard_life *life = s->life;
    life_find(s, FINDING_WITHDRAWAL_PENDING, field, reported, expected);
    if (life->withdrawal != what) {
        life->withdrawal = what;
        life->withdrawal_at = s->e->at;
        life->withdrawal_by = s->e->by;
    }
}

/* ---- state ---- */

static void take_times(struct hazard_life *life, const struct life_event *e)
{
    if (e->rectified_at != LIFE_NO_TIME) {
        life->rectified_at = e->rectified_at;
    } else if (life->state == STATE(RECTIFIED) && life->rectified_at == LIFE_NO_TIME) {
        life->rectified_at = e->at;
    }
    if (life_is_done(life->state) &&
        (e->accepted_at != LIFE_NO_TIME || life->accepted_at == LIFE_NO_TIME)) {
        life->accepted_at = e->accepted_at != LIFE_NO_TIME ? e->accepted_at : e->at;
    }
    if (e->closed_at != LIFE_NO_TIME) {
        life->closed_at = e->closed_at;
    } else if (life->state == STATE(CLOSED) && life->closed_at == LIFE_NO_TIME) {
        life->closed_at = e->at;
    }
    life_settle_times(life);
}

static void note_move(struct life_taking *s, int to, const char *field)
{
    struct hazard_life *life = s->life;
    enum life_move move = life_move_of(life->state, to, s->e->on_the_spot);
    bool says_so = to == STATE(REJECTED) && life->state != to && life->state != 0;
    life->rejections += says_so || move == LIFE_MOVE_REJECTS;
    switch (move) {
    case LIFE_MOVE_SKIPS:
        life_find(s, FINDING_STATE_SKIPPED, field, life_state_name(to),
                  life_state_name(life->state));
        break;
    case LIFE_MOVE_BACK:
    case LIFE_MOVE_LEAVES_VOID:
        life_find(s, FINDING_STATE_MOVED_BACK, field, life_state_name(to),
                  life_state_name(life->state));
        break;
    case LIFE_MOVE_REOPENS:
        life_find(s, FINDING_REOPENED, field, life_state_name(to), life_state_name(life->state));
        life->reopenings++;
        life->round++;
        break;
    case LIFE_MOVE_ENTERS:
    case LIFE_MOVE_STAYS:
    case LIFE_MOVE_USUAL:
    case LIFE_MOVE_REJECTS:
    case LIFE_MOVE_VOIDS:
        break;
    }
    life->state = to;
}

/* Who closes: not the unit where the hazard is major, nobody while it is listed. */
static int closes(struct life_taking *s, int to, const char *field)
{
    const struct hazard_life *life = s->life;
    if (to == STATE(CLOSED) && life->state != STATE(CLOSED)) {
        if (life->supervision == LISTED(LISTED) || life->supervision == LISTED(EXTENDED)) {
            s->refused = s->refused ? s->refused : REASON_HAZARD_LISTED;
            return STATE(ACCEPTED);
        }
        if (!s->e->authority && life->level == LEVEL(MAJOR)) {
            life_find(s, FINDING_CLOSED_BY_UNIT, field, life_state_name(to),
                      life_state_name(STATE(ACCEPTED)));
            return STATE(ACCEPTED);
        }
    }
    /* A unit's own system knows no more than "accepted". */
    if (to == STATE(ACCEPTED) && life->state == STATE(CLOSED) && !s->e->authority &&
        life->level == LEVEL(MAJOR) && s->e->kind == LIFE_VERSION) {
        return STATE(CLOSED);
    }
    return to;
}

static void move_state(struct life_taking *s, const char *field)
{
    struct hazard_life *life = s->life;
    int to = s->e->state;
    if (life->state == STATE(VOID) && to != STATE(VOID)) {
        s->refused = REASON_HAZARD_VOID;
    } else if (to == STATE(VOID) && life->state != to && !s->e->authority) {
        life_find(s, FINDING_WITHDRAWN, field, life_state_name(to), life_state_name(life->state));
    }
    note_move(s, closes(s, to, field), field);
    life->round = s->e->round > life->round ? s->e->round : life->round;
    take_times(life, s->e);
}

/* ---- a version ---- */

/* It asks anew unless it only repeats what was refused before. */
static bool asks(const struct life_taking *s, enum life_request what)
{
    const struct hazard_life *b = s->before;
    if (b->withdrawal == what || b->denied != what) {
        return true;
    }
    return what == LIFE_VOID ? b->reported_state != STATE(VOID) : b->reported_level != s->e->level;
}

static void take_finder(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    int authority = DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY;
    if (life->found_by == authority && s->e->found_by != authority && !s->e->authority) {
        if (s->e->found_by != 0) {
            life_find(s, FINDING_FINDER_KEPT, "body.found_by", life_finder_name(s->e->found_by),
                      life_finder_name(authority));
        }
        return;
    }
    life->found_by = s->e->found_by;
}

/* True when the level is left as it is and the lower one asked for. */
static bool asks_for_lower_level(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    if (life->level != LEVEL(MAJOR) || s->e->level == LEVEL(MAJOR) || !life_needs_authority(s)) {
        life->level = s->e->level;
        return false;
    }
    return true;
}

static void take_deadline(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    const struct hazard_life *b = s->before;
    int64_t day = s->e->deadline;
    int64_t was = life->deadline;
    bool said_before = b->reported_state != 0 && day == b->reported_deadline;
    life->reported_deadline = day;
    if (said_before || day == was) {
        return;
    }
    bool earlier = was == LIFE_NO_DAY || (day != LIFE_NO_DAY && day < was);
    bool free_to = b->reported_state == 0 || s->e->authority || was == LIFE_NO_DAY;
    if (!free_to && b->level == LEVEL(MAJOR) && !earlier) {
        life_find_days(s, FINDING_DEADLINE_NOT_MOVED, "body.deadline", day, was);
        return;
    }
    if (!free_to && b->level != LEVEL(MAJOR)) {
        life_find_days(s, FINDING_DEADLINE_MOVED, "body.deadline", day, was);
        life->self_extensions += !earlier;
    }
    life->deadline = day;
}

static void compare_supervision(struct life_taking *s)
{
    if (s->e->supervision != 0 && s->e->supervision != s->life->supervision) {
        life_find(s, FINDING_SUPERVISION_DIFFERS, "body.supervision_state",
                  life_supervision_name(s->e->supervision),
                  life_supervision_name(s->life->supervision));
    }
}

static void take_version(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    bool lower;
    enum life_request wanted = LIFE_KEEPS;
    life->known = true;
    life->deleted = false;
    take_finder(s);
    lower = asks_for_lower_level(s);
    take_deadline(s);
    compare_supervision(s);
    if (s->e->state == STATE(VOID) && life_needs_authority(s)) {
        wanted = LIFE_VOID;
        life->state = life->state ? life->state : STATE(REGISTERED);
    } else {
        wanted = lower ? LIFE_REGRADE : LIFE_KEEPS;
        move_state(s, "body.state");
    }
    if (wanted == LIFE_KEEPS) {
        life_drop_request(life);
        life->denied = LIFE_KEEPS;
    } else if (!asks(s, wanted)) {
        life_drop_request(life);
    } else if (wanted == LIFE_VOID) {
        ask_for(s, wanted, "body.state", life_state_name(s->e->state),
                life_state_name(life->state));
    } else {
        ask_for(s, wanted, "body.level", life_level_name(s->e->level),
                life_level_name(life->level));
    }
    life->reported_state = s->e->state;
    life->reported_level = s->e->level;
    life_settle_times(life);
}

static void take_tombstone(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    if (life->deleted) {
        return;
    }
    if (life_needs_authority(s)) {
        ask_for(s, LIFE_DELETE, "op", "DELETE", life_state_name(life->state));
        return;
    }
    if (s->before->reported_state != 0 && !s->e->authority) {
        life_find(s, FINDING_WITHDRAWN, "op", "DELETE", life_state_name(life->state));
    }
    life->known = true;
    life->deleted = true;
    life_drop_request(life);
}

/* ---- what stands beside ---- */

static void take_transition(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    if (s->e->from != 0 && s->e->from != life->state && s->e->from != life->reported_state) {
        life_find(s, FINDING_FROM_DIFFERS, "body.from", life_state_name(s->e->from),
                  life_state_name(life->state));
    }
    life->reported_state = s->e->state;
    if (s->e->state == STATE(VOID) && life_needs_authority(s)) {
        ask_for(s, LIFE_VOID, "body.to", life_state_name(s->e->state),
                life_state_name(life->state));
        return;
    }
    move_state(s, "body.to");
    if (life->withdrawal == LIFE_VOID) {
        life_drop_request(life);
    }
}

/* ---- steps ---- */

struct hazard_life life_none(void)
{
    return (struct hazard_life){.round = 1,
                                .deadline = LIFE_NO_DAY,
                                .rectified_at = LIFE_NO_TIME,
                                .accepted_at = LIFE_NO_TIME,
                                .closed_at = LIFE_NO_TIME,
                                .lister = "",
                                .withdrawal_at = LIFE_NO_TIME,
                                .withdrawal_by = "",
                                .reported_deadline = LIFE_NO_DAY,
                                .deadline_before = LIFE_NO_DAY};
}

static void (*const takes[LIFE_KINDS])(struct life_taking *s) = {
    [LIFE_VERSION] = take_version,
    [LIFE_TOMBSTONE] = take_tombstone,
    [LIFE_TRANSITION] = take_transition,
    [LIFE_EXTENSION] = life_take_extension,
    [LIFE_SUPERVISION] = life_take_supervision,
    [LIFE_DECISION] = life_take_decision,
};

void life_step(const struct hazard_life *before, const struct life_event *e,
               struct hazard_life *after, struct life_findings *found, enum reason *refused)
{
    struct hazard_life was = *before;
    struct life_taking s = {.before = &was, .e = e, .life = after, .found = found};
    *after = was;
    takes[e->kind](&s);
    if (refused) {
        *refused = s.refused;
    }
}
