/* SPDX-License-Identifier: Apache-2.0 */
#include "model/life_taking.h"

#include <stdio.h>

#include "model/civil_time.h"

#define STATE(name) DUALGATE__V1__HAZARD_STATE__CODE__##name
#define LEVEL(name) DUALGATE__V1__HAZARD_LEVEL__CODE__##name

/* ---- words ---- */

const char *life_state_name(int state)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__hazard_state__code__descriptor, state);
    return v ? v->name : "";
}

const char *life_level_name(int level)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__hazard_level__code__descriptor, level);
    return v ? v->name : "";
}

const char *life_finder_name(int finder)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__hazard_finder__code__descriptor, finder);
    return v ? v->name : "";
}

const char *life_supervision_name(int supervision)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__supervision_state__code__descriptor, supervision);
    return v ? v->name : "";
}

const char *life_request_name(enum life_request what)
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

void life_find(struct life_taking *s, enum finding_code code, const char *field,
               const char *reported, const char *expected)
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

void life_find_days(struct life_taking *s, enum finding_code code, const char *field,
                    int64_t reported, int64_t expected)
{
    char one[LIFE_TEXT_MAX];
    char two[LIFE_TEXT_MAX];
    life_find(s, code, field, day_text(reported, one), day_text(expected, two));
}

/* ---- what is protected ---- */

bool life_protected(const struct hazard_life *life)
{
    return life->state != STATE(VOID) &&
           (life->level == LEVEL(MAJOR) ||
            life->found_by == DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
}

bool life_needs_authority(const struct life_taking *s)
{
    return !s->e->authority && life_protected(s->life);
}

void life_drop_request(struct hazard_life *life)
{
    life->withdrawal = LIFE_KEEPS;
    life->withdrawal_at = LIFE_NO_TIME;
    life->withdrawal_by = "";
}

/* ---- times ---- */

bool life_is_done(int state)
{
    return state == STATE(ACCEPTED) || state == STATE(CLOSED);
}

void life_settle_times(struct hazard_life *life)
{
    if (life->state == STATE(VOID)) {
        return;
    }
    if (life->state < STATE(RECTIFIED) || life->state == STATE(REJECTED)) {
        life->rectified_at = LIFE_NO_TIME;
    }
    if (!life_is_done(life->state)) {
        life->accepted_at = life->closed_at = LIFE_NO_TIME;
    } else if (life->state == STATE(ACCEPTED)) {
        bool major = life->level == LEVEL(MAJOR);
        life->closed_at = major                             ? LIFE_NO_TIME
                          : life->closed_at == LIFE_NO_TIME ? life->accepted_at
                                                            : life->closed_at;
    }
}
