/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions, supervision, and decisions on requests: what is said beside a hazard and moves its
 * life. */
#include "model/life_taking.h"

#include <string.h>

#include "model/civil_time.h"

#define STATE(name)  DUALGATE__V1__HAZARD_STATE__CODE__##name
#define LISTED(name) DUALGATE__V1__SUPERVISION_STATE__CODE__##name

#define DAY_US      INT64_C(86400000000)
#define SHANGHAI_US INT64_C(28800000000)

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

static void approve_extension(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    if (!s->e->authority) {
        life_find_days(s, FINDING_DEADLINE_MOVED, "body.new_deadline", s->e->deadline,
                       life->deadline);
        life->self_extensions++;
    } else {
        life->extensions++;
        life->extended_by = s->e->n;
        life->deadline_before = life->deadline;
    }
    life->deadline = s->e->deadline;
}

void life_take_extension(struct life_taking *s)
{
    struct hazard_life *life = s->life;
    int64_t asked = s->e->asked_at != LIFE_NO_TIME ? s->e->asked_at : s->e->at;
    if (s->e->act == LIFE_ACT_ASKS && has_expired(life->deadline, asked)) {
        life_find_days(s, FINDING_EXTENSION_AFTER_EXPIRY, "body.requested_at",
                       date_days(date_of_time(asked)), life->deadline);
    }
    bool approves = s->e->act == LIFE_ACT_APPROVES && s->e->deadline != LIFE_NO_DAY;
    if (approves && life_needs_authority(s)) {
        life_find_days(s, FINDING_DEADLINE_NOT_MOVED, "body.new_deadline", s->e->deadline,
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

static bool is_lister(const struct life_taking *s)
{
    return strcmp(s->life->lister, s->e->by) == 0;
}

static bool is_listed(const struct hazard_life *life)
{
    return life->supervision == LISTED(LISTED) || life->supervision == LISTED(EXTENDED);
}

void life_take_supervision(struct life_taking *s)
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
        life_find(s, FINDING_SUPERVISION_DIFFERS, "body.state", "",
                  life_supervision_name(life->supervision));
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

void life_take_decision(struct life_taking *s)
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
        life_find(s, FINDING_NOTHING_TO_DECIDE, "body.kind", life_request_name(s->e->what),
                  life_request_name(life->withdrawal));
        return;
    }
    if (s->e->act == LIFE_ACT_APPROVES) {
        grant_request(life);
        life->denied = LIFE_KEEPS;
    } else {
        life->denied = life->withdrawal;
    }
    life_drop_request(life);
    life_settle_times(life);
}
