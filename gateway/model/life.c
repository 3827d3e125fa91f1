/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of event. What a unit says of a hazard that is protected is taken as
 * far as it does not make the hazard smaller; the rest is a request. A deadline that a unit brings
 * forward is taken even there: else a version dated back before the first would put off the
 * deadline that the first one named. */
#include "model/life.h"

#include <stdio.h>
#include <string.h>

#include "codes.pb-c.h"
#include "model/civil_time.h"
#include "model/life_move.h"

#define STATE(name)  DUALGATE__V1__HAZARD_STATE__CODE__##name
#define LEVEL(name)  DUALGATE__V1__HAZARD_LEVEL__CODE__##name
#define LISTED(name) DUALGATE__V1__SUPERVISION_STATE__CODE__##name

#define DAY_US      INT64_C(86400000000)
#define SHANGHAI_US INT64_C(28800000000)

/* One event being taken. */
struct step {
    const struct hazard_life *before;
    const struct life_event *e;
    struct hazard_life *life; /* after */
    struct life_findings *found;
    enum reason refused;
};

/* ---- words ---- */

static const char *state_name(int state)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__hazard_state__code__descriptor, state);
    return v ? v->name : "";
}

static const char *level_name(int level)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__hazard_level__code__descriptor, level);
    return v ? v->name : "";
}

static const char *finder_name(int finder)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__hazard_finder__code__descriptor, finder);
    return v ? v->name : "";
}

static const char *supervision_name(int supervision)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__supervision_state__code__descriptor, supervision);
    return v ? v->name : "";
}

static const char *request_name(enum life_request what)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__withdrawal_kind__code__descriptor, (int)what);
    return v ? v->name : "";
}

static const char *day_text(int64_t day, char out[LIFE_TEXT_MAX])
{
    out[0] = '\0';
    if (day != LIFE_NO_DAY) {
        struct civil_date d = date_of_days(day);
        (void)snprintf(out, LIFE_TEXT_MAX, "%04d-%02d-%02d", d.year, d.month, d.day);
    }
    return out;
}

static void find(struct step *s, enum finding_code code, const char *field, const char *reported,
                 const char *expected)
{
    if (!s->found || s->found->n == LIFE_FINDINGS_MAX) {
        return;
    }
    struct life_finding *f = &s->found->at[s->found->n++];
    f->code = code;
    f->field = field;
    (void)snprintf(f->reported, sizeof f->reported, "%s", reported);
    (void)snprintf(f->expected, sizeof f->expected, "%s", expected);
}

static void find_days(struct step *s, enum finding_code code, const char *field, int64_t reported,
                      int64_t expected)
{
    char one[LIFE_TEXT_MAX];
    char two[LIFE_TEXT_MAX];
    find(s, code, field, day_text(reported, one), day_text(expected, two));
}

/* ---- requests ---- */

bool life_protected(const struct hazard_life *life)
{
    return life->state != STATE(VOID) &&
           (life->level == LEVEL(MAJOR) ||
            life->found_by == DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
}

static bool needs_authority(const struct step *s)
{
    return !s->e->authority && life_protected(s->life);
}

static void drop_request(struct hazard_life *life)
{
    life->withdrawal = LIFE_KEEPS;
    life->withdrawal_at = LIFE_NO_TIME;
    life->withdrawal_by = "";
}

static void ask_for(struct step *s, enum life_request what, const char *field, const char *reported,
                    const char *expected)
{
    struct hazard_life *life = s->life;
    find(s, FINDING_WITHDRAWAL_PENDING, field, reported, expected);
    if (life->withdrawal != what) {
        life->withdrawal = what;
        life->withdrawal_at = s->e->at;
        life->withdrawal_by = s->e->by;
    }
}

/* ---- state ---- */

static bool is_done(int state)
{
    return state == STATE(ACCEPTED) || state == STATE(CLOSED);
}

/* Times that belong to the state in force; what belongs to a later one goes when the hazard falls
 * back. A general hazard that is accepted counts as closed. */
static void settle_times(struct hazard_life *life)
{
    if (life->state == STATE(VOID)) {
        return;
    }
    if (life->state < STATE(RECTIFIED) || life->state == STATE(REJECTED)) {
        life->rectified_at = LIFE_NO_TIME;
    }
    if (!is_done(life->state)) {
        life->accepted_at = life->closed_at = LIFE_NO_TIME;
    } else if (life->state == STATE(ACCEPTED)) {
        bool major = life->level == LEVEL(MAJOR);
        life->closed_at = major                             ? LIFE_NO_TIME
                          : life->closed_at == LIFE_NO_TIME ? life->accepted_at
                                                            : life->closed_at;
    }
}

static void take_times(struct hazard_life *life, const struct life_event *e)
{
    if (e->rectified_at != LIFE_NO_TIME) {
        life->rectified_at = e->rectified_at;
    } else if (life->state == STATE(RECTIFIED) && life->rectified_at == LIFE_NO_TIME) {
        life->rectified_at = e->at;
    }
    if (is_done(life->state) &&
        (e->accepted_at != LIFE_NO_TIME || life->accepted_at == LIFE_NO_TIME)) {
        life->accepted_at = e->accepted_at != LIFE_NO_TIME ? e->accepted_at : e->at;
    }
    if (e->closed_at != LIFE_NO_TIME) {
        life->closed_at = e->closed_at;
    } else if (life->state == STATE(CLOSED) && life->closed_at == LIFE_NO_TIME) {
        life->closed_at = e->at;
    }
    settle_times(life);
}

static void note_move(struct step *s, int to, const char *field)
{
    struct hazard_life *life = s->life;
    enum life_move move = life_move_of(life->state, to, s->e->on_the_spot);
    if (to == STATE(REJECTED) && life->state != to && life->state != 0) {
        life->rejections++;
    } else if (move == LIFE_MOVE_REJECTS) {
        life->rejections++;
    }
    switch (move) {
    case LIFE_MOVE_SKIPS:
        find(s, FINDING_STATE_SKIPPED, field, state_name(to), state_name(life->state));
        break;
    case LIFE_MOVE_BACK:
    case LIFE_MOVE_LEAVES_VOID:
        find(s, FINDING_STATE_MOVED_BACK, field, state_name(to), state_name(life->state));
        break;
    case LIFE_MOVE_REOPENS:
        find(s, FINDING_REOPENED, field, state_name(to), state_name(life->state));
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
static int closes(struct step *s, int to, const char *field)
{
    const struct hazard_life *life = s->life;
    if (to == STATE(CLOSED) && life->state != STATE(CLOSED)) {
        if (life->supervision == LISTED(LISTED) || life->supervision == LISTED(EXTENDED)) {
            s->refused = s->refused ? s->refused : REASON_HAZARD_LISTED;
            return STATE(ACCEPTED);
        }
        if (!s->e->authority && life->level == LEVEL(MAJOR)) {
            find(s, FINDING_CLOSED_BY_UNIT, field, state_name(to), state_name(STATE(ACCEPTED)));
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

static void move_state(struct step *s, const char *field)
{
    struct hazard_life *life = s->life;
    int to = s->e->state;
    if (life->state == STATE(VOID) && to != STATE(VOID)) {
        s->refused = REASON_HAZARD_VOID;
    } else if (to == STATE(VOID) && life->state != to && !s->e->authority) {
        find(s, FINDING_WITHDRAWN, field, state_name(to), state_name(life->state));
    }
    note_move(s, closes(s, to, field), field);
    life->round = s->e->round > life->round ? s->e->round : life->round;
    take_times(life, s->e);
}

/* ---- a version ---- */

/* It asks anew unless it only repeats what was refused before. */
static bool asks(const struct step *s, enum life_request what)
{
    const struct hazard_life *b = s->before;
    if (b->withdrawal == what || b->denied != what) {
        return true;
    }
    return what == LIFE_VOID ? b->reported_state != STATE(VOID) : b->reported_level != s->e->level;
}

static void take_finder(struct step *s)
{
    struct hazard_life *life = s->life;
    int authority = DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY;
    if (life->found_by == authority && s->e->found_by != authority && !s->e->authority) {
        if (s->e->found_by != 0) {
            find(s, FINDING_FINDER_KEPT, "body.found_by", finder_name(s->e->found_by),
                 finder_name(authority));
        }
        return;
    }
    life->found_by = s->e->found_by;
}

/* True when the level is left as it is and the lower one asked for. */
static bool asks_for_lower_level(struct step *s)
{
    struct hazard_life *life = s->life;
    if (life->level != LEVEL(MAJOR) || s->e->level == LEVEL(MAJOR) || !needs_authority(s)) {
        life->level = s->e->level;
        return false;
    }
    return true;
}

static void take_deadline(struct step *s)
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
    if (b->reported_state == 0 || s->e->authority || (earlier && was == LIFE_NO_DAY)) {
        life->deadline = day;
    } else if (b->level != LEVEL(MAJOR)) {
        find_days(s, FINDING_DEADLINE_MOVED, "body.deadline", day, was);
        life->self_extensions += !earlier;
        life->deadline = day;
    } else if (earlier) {
        life->deadline = day;
    } else {
        find_days(s, FINDING_DEADLINE_NOT_MOVED, "body.deadline", day, was);
    }
}

static void compare_supervision(struct step *s)
{
    if (s->e->supervision != 0 && s->e->supervision != s->life->supervision) {
        find(s, FINDING_SUPERVISION_DIFFERS, "body.supervision_state",
             supervision_name(s->e->supervision), supervision_name(s->life->supervision));
    }
}

static void take_version(struct step *s)
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
    if (s->e->state == STATE(VOID) && needs_authority(s)) {
        wanted = LIFE_VOID;
        life->state = life->state ? life->state : STATE(REGISTERED);
    } else {
        wanted = lower ? LIFE_REGRADE : LIFE_KEEPS;
        move_state(s, "body.state");
    }
    if (wanted == LIFE_KEEPS) {
        drop_request(life);
        life->denied = LIFE_KEEPS;
    } else if (!asks(s, wanted)) {
        drop_request(life);
    } else if (wanted == LIFE_VOID) {
        ask_for(s, wanted, "body.state", state_name(s->e->state), state_name(life->state));
    } else {
        ask_for(s, wanted, "body.level", level_name(s->e->level), level_name(life->level));
    }
    life->reported_state = s->e->state;
    life->reported_level = s->e->level;
    settle_times(life);
}

static void take_tombstone(struct step *s)
{
    struct hazard_life *life = s->life;
    if (life->deleted) {
        return;
    }
    if (needs_authority(s)) {
        ask_for(s, LIFE_DELETE, "op", "DELETE", state_name(life->state));
        return;
    }
    if (s->before->reported_state != 0 && !s->e->authority) {
        find(s, FINDING_WITHDRAWN, "op", "DELETE", state_name(life->state));
    }
    life->known = true;
    life->deleted = true;
    drop_request(life);
}

/* ---- what stands beside ---- */

static void take_transition(struct step *s)
{
    struct hazard_life *life = s->life;
    if (s->e->from != 0 && s->e->from != life->state && s->e->from != life->reported_state) {
        find(s, FINDING_FROM_DIFFERS, "body.from", state_name(s->e->from), state_name(life->state));
    }
    life->reported_state = s->e->state;
    if (s->e->state == STATE(VOID) && needs_authority(s)) {
        ask_for(s, LIFE_VOID, "body.to", state_name(s->e->state), state_name(life->state));
        return;
    }
    move_state(s, "body.to");
    if (life->withdrawal == LIFE_VOID) {
        drop_request(life);
    }
}

/* The deadline's day ends at 24:00 in Shanghai. */
static bool has_expired(int64_t deadline, int64_t at)
{
    return deadline != LIFE_NO_DAY && at >= (deadline + 1) * DAY_US - SHANGHAI_US;
}

/* What an approved extension says later replaces what it said before. */
static void take_back_extension(struct hazard_life *life)
{
    life->deadline = life->deadline_before;
    life->deadline_before = LIFE_NO_DAY;
    life->extended_by = 0;
    life->extensions--;
}

static void approve_extension(struct step *s)
{
    struct hazard_life *life = s->life;
    if (!s->e->authority) {
        find_days(s, FINDING_DEADLINE_MOVED, "body.new_deadline", s->e->deadline, life->deadline);
        life->self_extensions++;
    } else {
        life->extensions++;
        life->extended_by = s->e->n;
        life->deadline_before = life->deadline;
    }
    life->deadline = s->e->deadline;
}

static void take_extension(struct step *s)
{
    struct hazard_life *life = s->life;
    int64_t asked = s->e->asked_at != LIFE_NO_TIME ? s->e->asked_at : s->e->at;
    if (s->e->act == LIFE_ACT_ASKS && has_expired(life->deadline, asked)) {
        find_days(s, FINDING_EXTENSION_AFTER_EXPIRY, "body.requested_at",
                  date_days(date_of_time(asked)), life->deadline);
    }
    bool approves = s->e->act == LIFE_ACT_APPROVES && s->e->deadline != LIFE_NO_DAY;
    if (approves && needs_authority(s)) {
        find_days(s, FINDING_DEADLINE_NOT_MOVED, "body.new_deadline", s->e->deadline,
                  life->deadline);
        return;
    }
    if (s->e->authority && s->e->n != 0 && s->e->n == life->extended_by) {
        take_back_extension(life);
    }
    if (approves) {
        approve_extension(s);
    }
}

static bool is_lister(const struct step *s)
{
    return strcmp(s->life->lister, s->e->by) == 0;
}

static bool is_listed(const struct hazard_life *life)
{
    return life->supervision == LISTED(LISTED) || life->supervision == LISTED(EXTENDED);
}

static void take_supervision(struct step *s)
{
    struct hazard_life *life = s->life;
    bool listed = is_listed(life);
    if (s->e->act == LIFE_ACT_NOTES || s->e->act == LIFE_ACT_REFUSES) {
        return;
    }
    /* Taking over what was handed up is the one thing that another may do to a list. */
    bool takes_over = s->e->act == LIFE_ACT_LISTS && (!listed || life->escalated);
    if (!s->e->authority || (listed && !is_lister(s) && !takes_over)) {
        s->refused = REASON_NOT_AUTHORISED;
        return;
    }
    if (!listed && s->e->act != LIFE_ACT_LISTS) {
        find(s, FINDING_SUPERVISION_DIFFERS, "body.state", "", supervision_name(life->supervision));
        return;
    }
    if (s->e->act == LIFE_ACT_LISTS) {
        life->supervision = LISTED(LISTED);
        life->lister = s->e->by;
        life->escalated = false;
    } else if (s->e->act == LIFE_ACT_EXTENDS) {
        life->supervision = LISTED(EXTENDED);
    } else if (s->e->act == LIFE_ACT_DELISTS) {
        life->supervision = LISTED(DELISTED);
        life->escalated = false;
    } else if (s->e->act == LIFE_ACT_ESCALATES) {
        life->escalated = true;
    }
}

static void grant_request(struct hazard_life *life)
{
    if (life->withdrawal == LIFE_REGRADE) {
        life->level = life->reported_level;
    } else if (life->withdrawal == LIFE_VOID) {
        life->state = STATE(VOID);
    } else {
        life->deleted = true;
    }
}

static void take_decision(struct step *s)
{
    struct hazard_life *life = s->life;
    if (!s->e->authority) {
        s->refused = REASON_NOT_AUTHORISED;
        return;
    }
    if (s->e->act != LIFE_ACT_APPROVES && s->e->act != LIFE_ACT_REFUSES) {
        return;
    }
    if (life->withdrawal == LIFE_KEEPS || life->withdrawal != s->e->what) {
        find(s, FINDING_NOTHING_TO_DECIDE, "body.kind", request_name(s->e->what),
             request_name(life->withdrawal));
        return;
    }
    if (s->e->act == LIFE_ACT_APPROVES) {
        grant_request(life);
        life->denied = LIFE_KEEPS;
    } else {
        life->denied = life->withdrawal;
    }
    drop_request(life);
    settle_times(life);
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

static void (*const takes[LIFE_KINDS])(struct step *s) = {
    [LIFE_VERSION] = take_version,         [LIFE_TOMBSTONE] = take_tombstone,
    [LIFE_TRANSITION] = take_transition,   [LIFE_EXTENSION] = take_extension,
    [LIFE_SUPERVISION] = take_supervision, [LIFE_DECISION] = take_decision,
};

void life_step(const struct hazard_life *before, const struct life_event *e,
               struct hazard_life *after, struct life_findings *found, enum reason *refused)
{
    struct hazard_life was = *before;
    struct step s = {.before = &was, .e = e, .life = after, .found = found};
    *after = was;
    takes[e->kind](&s);
    if (refused) {
        *refused = s.refused;
    }
}

bool life_equal(const struct hazard_life *a, const struct hazard_life *b)
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
