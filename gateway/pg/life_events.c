/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/life_events.h"

#include <string.h>

#include "model/civil_time.h"

#define CODE_CHARS_MAX 64

bool life_kept(const struct record_type *type)
{
    return type->message->desc == &dualgate__v1__hazard__descriptor;
}

struct life_event life_event_none(enum life_kind kind)
{
    return (struct life_event){.kind = kind,
                               .by = "",
                               .deadline = LIFE_NO_DAY,
                               .rectified_at = LIFE_NO_TIME,
                               .accepted_at = LIFE_NO_TIME,
                               .closed_at = LIFE_NO_TIME,
                               .asked_at = LIFE_NO_TIME};
}

static int64_t day_of(const char *text)
{
    struct civil_date d;
    return text && date_parse(span_of(text), &d) ? date_days(d) : LIFE_NO_DAY;
}

static int64_t time_of(const char *text)
{
    int64_t us;
    return text && time_parse(span_of(text), &us) ? us : LIFE_NO_TIME;
}

int life_code(const ProtobufCEnumDescriptor *list, struct span name)
{
    char text[CODE_CHARS_MAX];
    if (name.len >= sizeof text) {
        return 0;
    }
    memcpy(text, name.at ? name.at : "", name.len);
    text[name.len] = '\0';
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value_by_name(list, text);
    return v ? v->value : 0;
}

/* Where a source has no word for who found it, the authority's document says so. */
static int finder_of(const Dualgate__V1__Hazard *h)
{
    if (h->has_found_by) {
        return (int)h->found_by;
    }
    return h->enforcement_no && h->enforcement_no[0] ? DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY
                                                     : 0;
}

static void of_hazard(const struct report *r, struct life_event *e)
{
    const Dualgate__V1__Hazard *h = (const Dualgate__V1__Hazard *)(const void *)r->body;
    if (r->env->op == DUALGATE__V1__OP__CODE__DELETE) {
        e->kind = LIFE_TOMBSTONE;
        return;
    }
    e->state = h->has_state ? (int)h->state : 0;
    e->level = h->has_level ? (int)h->level : 0;
    e->found_by = finder_of(h);
    e->supervision = h->has_supervision_state ? (int)h->supervision_state : 0;
    e->on_the_spot =
        h->has_manage_type && h->manage_type == DUALGATE__V1__MANAGE_TYPE__CODE__ON_THE_SPOT;
    e->deadline = day_of(h->deadline);
    e->round = h->has_round ? h->round : 0;
    e->rectified_at = time_of(h->rectified_at);
    e->accepted_at = time_of(h->accept_time);
    e->closed_at = time_of(h->closed_at);
}

static void of_transition(const struct report *r, struct life_event *e)
{
    const Dualgate__V1__HazardTransition *t =
        (const Dualgate__V1__HazardTransition *)(const void *)r->body;
    e->state = (int)t->to;
    e->from = t->has_from ? (int)t->from : 0;
    e->round = t->has_round ? t->round : 0;
}

static const struct {
    enum life_kind kind;
    int code;
    enum life_act act;
} acts[] = {
    {LIFE_EXTENSION, DUALGATE__V1__EXTENSION_DECISION__CODE__REQUESTED, LIFE_ACT_ASKS},
    {LIFE_EXTENSION, DUALGATE__V1__EXTENSION_DECISION__CODE__APPROVED, LIFE_ACT_APPROVES},
    {LIFE_EXTENSION, DUALGATE__V1__EXTENSION_DECISION__CODE__REFUSED, LIFE_ACT_REFUSES},
    {LIFE_SUPERVISION, DUALGATE__V1__SUPERVISION_ACT__CODE__LISTED, LIFE_ACT_LISTS},
    {LIFE_SUPERVISION, DUALGATE__V1__SUPERVISION_ACT__CODE__EXTENDED, LIFE_ACT_EXTENDS},
    {LIFE_SUPERVISION, DUALGATE__V1__SUPERVISION_ACT__CODE__DELISTED, LIFE_ACT_DELISTS},
    {LIFE_SUPERVISION, DUALGATE__V1__SUPERVISION_ACT__CODE__ESCALATED, LIFE_ACT_ESCALATES},
    {LIFE_DECISION, DUALGATE__V1__WITHDRAWAL_VERDICT__CODE__CONFIRMED, LIFE_ACT_APPROVES},
    {LIFE_DECISION, DUALGATE__V1__WITHDRAWAL_VERDICT__CODE__REFUSED, LIFE_ACT_REFUSES},
};

enum life_act life_act_of(enum life_kind kind, int code)
{
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (acts[i].kind == kind && acts[i].code == code) {
            return acts[i].act;
        }
    }
    return LIFE_ACT_NOTES;
}

enum life_act life_act_named(enum life_kind kind, struct span code)
{
    const ProtobufCEnumDescriptor *list =
        kind == LIFE_EXTENSION     ? &dualgate__v1__extension_decision__code__descriptor
        : kind == LIFE_SUPERVISION ? &dualgate__v1__supervision_act__code__descriptor
                                   : &dualgate__v1__withdrawal_verdict__code__descriptor;
    return life_act_of(kind, life_code(list, code));
}

static void of_extension(const struct report *r, struct life_event *e)
{
    const Dualgate__V1__Extension *x = (const Dualgate__V1__Extension *)(const void *)r->body;
    e->act = life_act_of(LIFE_EXTENSION, (int)x->decision);
    e->n = x->n;
    e->deadline = day_of(x->new_deadline);
    e->asked_at = time_of(x->requested_at);
}

static void of_supervision(const struct report *r, struct life_event *e)
{
    const Dualgate__V1__Supervision *x = (const Dualgate__V1__Supervision *)(const void *)r->body;
    e->act = life_act_of(LIFE_SUPERVISION, (int)x->state);
}

static void of_decision(const struct report *r, struct life_event *e)
{
    const Dualgate__V1__WithdrawalDecision *x =
        (const Dualgate__V1__WithdrawalDecision *)(const void *)r->body;
    e->act = life_act_of(LIFE_DECISION, (int)x->decision);
    e->what = (enum life_request)x->kind;
}

static const struct {
    const ProtobufCMessageDescriptor *record;
    enum life_kind kind;
    void (*fill)(const struct report *r, struct life_event *e);
} sources[] = {
    {&dualgate__v1__hazard__descriptor, LIFE_VERSION, of_hazard},
    {&dualgate__v1__hazard_transition__descriptor, LIFE_TRANSITION, of_transition},
    {&dualgate__v1__extension__descriptor, LIFE_EXTENSION, of_extension},
    {&dualgate__v1__supervision__descriptor, LIFE_SUPERVISION, of_supervision},
    {&dualgate__v1__withdrawal_decision__descriptor, LIFE_DECISION, of_decision},
};

bool life_event_of(const struct report *r, bool authority, const char *by, struct life_event *out)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (sources[i].record == r->body->descriptor) {
            *out = life_event_none(sources[i].kind);
            out->authority = authority;
            out->by = by;
            out->at = r->order.observed_us;
            /* Deleting what stands beside a hazard takes nothing back: a newer version of it does.
             */
            if (sources[i].kind == LIFE_VERSION || r->env->op != DUALGATE__V1__OP__CODE__DELETE) {
                sources[i].fill(r, out);
            }
            return true;
        }
    }
    return false;
}
