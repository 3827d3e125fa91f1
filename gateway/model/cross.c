/* SPDX-License-Identifier: Apache-2.0 */
/* Rules across fields. A rule is a function and a row of the table; the reasons and findings it
 * gives stand in model/reason.h and model/finding.h. */
#include "model/cross.h"

#include <stdio.h>

#include "model/civil_time.h"
#include "model/code_rules.h"
#include "model/cross_entity.h"
#include "model/cross_risk.h"
#include "model/cross_rule.h"
#include "model/decimal.h"

/* Numbers of MeasureSubclass: the tens are the first class. */
#define SUBCLASSES_PER_CLASS 10

/* ---- hazard ---- */

static const Dualgate__V1__Hazard *hazard_of(const struct cross *c)
{
    return (const Dualgate__V1__Hazard *)(const void *)c->report->body;
}

static void hazard_has_a_beginning(const struct cross *c)
{
    const Dualgate__V1__Hazard *h = hazard_of(c);
    if (!cross_given(h->found_at) && !cross_given(h->registered_at)) {
        cross_reject(c, REASON_MISSING_FIELD, "registered_at", NULL);
    }
}

/* An inspection need not know who is responsible: that is for the unit to name. */
static void hazard_has_a_deadline_unless_put_right_on_the_spot(const struct cross *c)
{
    const Dualgate__V1__Hazard *h = hazard_of(c);
    if (h->has_manage_type && h->manage_type == DUALGATE__V1__MANAGE_TYPE__CODE__ON_THE_SPOT) {
        return;
    }
    if (!cross_given(h->deadline)) {
        cross_reject(c, REASON_DEADLINE_MISSING, "deadline", NULL);
    } else if (!cross_given(h->resp_person) && !c->by_node) {
        cross_reject(c, REASON_DEADLINE_MISSING, "resp_person", NULL);
    }
}

static void hazard_deadline_is_not_before_its_beginning(const struct cross *c)
{
    const Dualgate__V1__Hazard *h = hazard_of(c);
    const char *begun = cross_given(h->registered_at) ? h->registered_at : h->found_at;
    struct civil_date deadline;
    int64_t us = 0;
    if (cross_given(h->deadline) && cross_given(begun) &&
        date_parse(span_of(h->deadline), &deadline) && time_parse(span_of(begun), &us) &&
        date_days(deadline) < date_days(date_of_time(us))) {
        cross_reject(c, REASON_DEADLINE_BEFORE_REGISTERED, "deadline", h->deadline);
    }
}

static bool is_accepted(const Dualgate__V1__Hazard *h)
{
    return h->has_state && (h->state == DUALGATE__V1__HAZARD_STATE__CODE__ACCEPTED ||
                            h->state == DUALGATE__V1__HAZARD_STATE__CODE__CLOSED);
}

/* Some receivers force an acceptance time on hazards that are still open: it is invented. */
static void hazard_acceptance_fits_its_state(const struct cross *c)
{
    Dualgate__V1__Hazard *h = (Dualgate__V1__Hazard *)(void *)c->report->body;
    if (!is_accepted(h)) {
        if (h->accept_time) {
            cross_find(c, FINDING_ACCEPTED_WHILE_OPEN, "accept_time", h->accept_time, NULL);
            h->accept_time = NULL;
        }
    } else if (!cross_given(h->accept_time)) {
        cross_reject(c, REASON_ACCEPT_MISSING, "accept_time", NULL);
    } else if (!cross_given(h->accept_person)) {
        cross_reject(c, REASON_ACCEPT_MISSING, "accept_person", NULL);
    }
}

static void major_hazard_names_its_criterion(const struct cross *c)
{
    const Dualgate__V1__Hazard *h = hazard_of(c);
    if (h->has_level && h->level == DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR && !h->major_basis) {
        cross_find(c, FINDING_MAJOR_WITHOUT_BASIS, "major_basis", NULL, NULL);
    }
}

/* ---- the rest of the chain ---- */

static void measure_classes_agree(const struct cross *c)
{
    const Dualgate__V1__Measure *m = (const Dualgate__V1__Measure *)(const void *)c->report->body;
    if (!m->has_class1 || !m->has_class2 ||
        m->class2 == DUALGATE__V1__MEASURE_SUBCLASS__CODE__UNKNOWN) {
        return;
    }
    if ((int)m->class2 / SUBCLASSES_PER_CLASS != (int)m->class1) {
        cross_reject(
            c, REASON_CLASS2_MISMATCH, "class2",
            cross_code_text(&dualgate__v1__measure_subclass__code__descriptor, (int)m->class2));
    }
}

static const Dualgate__V1__CheckTask *task_of(const struct cross *c)
{
    return (const Dualgate__V1__CheckTask *)(const void *)c->report->body;
}

/* The duties of the three responsible persons are numbered 1 to 9, 9 and 10. */
static void responsibility_task_has_its_number(const struct cross *c)
{
    const Dualgate__V1__CheckTask *t = task_of(c);
    if (!t->has_task_type || t->task_type == DUALGATE__V1__TASK_TYPE__CODE__DAILY) {
        return;
    }
    int max = t->task_type == DUALGATE__V1__TASK_TYPE__CODE__OPERATIONAL ? 10 : 9;
    if (!t->has_task_no || t->task_no < 1 || t->task_no > max) {
        char number[16];
        snprintf(number, sizeof number, "%d", t->task_no);
        cross_reject(c, REASON_TASK_NO_MISSING, "task_no", t->has_task_no ? number : NULL);
    }
}

static void task_by_the_hour_has_working_hours(const struct cross *c)
{
    const Dualgate__V1__CheckTask *t = task_of(c);
    if (!t->has_cycle_unit || t->cycle_unit != DUALGATE__V1__CYCLE_UNIT__CODE__HOUR) {
        return;
    }
    if (!cross_given(t->work_start)) {
        cross_reject(c, REASON_WORK_HOURS_MISSING, "work_start", NULL);
    } else if (!cross_given(t->work_end)) {
        cross_reject(c, REASON_WORK_HOURS_MISSING, "work_end", NULL);
    }
}

static void transition_changes_the_state(const struct cross *c)
{
    const Dualgate__V1__HazardTransition *t =
        (const Dualgate__V1__HazardTransition *)(const void *)c->report->body;
    if (t->has_from && t->has_to && t->from == t->to) {
        cross_reject(c, REASON_SAME_STATE, "to",
                     cross_code_text(&dualgate__v1__hazard_state__code__descriptor, (int)t->to));
    }
}

/* ---- places and the register ---- */

static bool within(const char *value, double min, double max)
{
    char low[32];
    char high[32];
    snprintf(low, sizeof low, "%.8f", min);
    snprintf(high, sizeof high, "%.8f", max);
    return decimal_compare(span_of(value), span_of(low)) >= 0 &&
           decimal_compare(span_of(value), span_of(high)) <= 0;
}

/* A pair whose names were exchanged is not put right, but it is said. */
static void judge_place(const struct cross *c, const char *lat, const char *lon)
{
    const struct rule_limits *l = c->limits;
    if (!cross_given(lat) || !cross_given(lon)) {
        return;
    }
    bool lat_fits = within(lat, l->lat_min, l->lat_max);
    if (lat_fits && within(lon, l->lon_min, l->lon_max)) {
        return;
    }
    if (within(lon, l->lat_min, l->lat_max) && within(lat, l->lon_min, l->lon_max)) {
        cross_find(c, FINDING_COORDINATE_SWAPPED, "lat", lat, lon);
    }
    cross_reject(c, REASON_COORDINATE_OUTSIDE, lat_fits ? "lon" : "lat", lat_fits ? lon : lat);
}

static void body_lies_in_the_district(const struct cross *c)
{
    judge_place(c, cross_text(c, "lat"), cross_text(c, "lon"));
}

static const Dualgate__V1__Entity *entity_of(const struct cross *c)
{
    return (const Dualgate__V1__Entity *)(const void *)c->report->body;
}

/* A report never changes the register: a disagreement is a finding. */
static void entity_agrees_with_the_register(const struct cross *c)
{
    const Dualgate__V1__Entity *e = entity_of(c);
    cross_compare(c, FINDING_NAME_DIFFERS, "name", e->name, c->unit->name);
    cross_compare(c, FINDING_DIVISION_DIFFERS, "division", e->division, c->unit->division);
    cross_compare(c, FINDING_SECTOR_DIFFERS, "sector", e->sector, c->unit->sector->code);
    cross_compare(c, FINDING_COMPANY_CODE_DIFFERS, "company_code", e->company_code,
                  c->unit->company_code);
}

static void zero_report_is_of_one_period(const struct cross *c)
{
    const Dualgate__V1__ZeroReport *z =
        (const Dualgate__V1__ZeroReport *)(const void *)c->report->body;
    cross_compare(c, FINDING_PERIOD_DIFFERS, "period", z->period, c->report->env->period);
}

/* Who stands still owes nothing: that is for others to say. */
static void suspension_is_confirmed_by_an_organisation(const struct cross *c)
{
    const Dualgate__V1__Suspension *s =
        (const Dualgate__V1__Suspension *)(const void *)c->report->body;
    if (c->report->by_org) {
        return;
    }
    if (cross_given(s->confirmed_by)) {
        cross_reject(c, REASON_NOT_AUTHORISED, "confirmed_by", s->confirmed_by);
    } else if (cross_given(s->confirmed_on)) {
        cross_reject(c, REASON_NOT_AUTHORISED, "confirmed_on", s->confirmed_on);
    }
}

static const struct cross_rule {
    const ProtobufCMessageDescriptor *record;
    void (*judge)(const struct cross *c);
} rules[] = {
    {&dualgate__v1__hazard__descriptor, hazard_has_a_beginning},
    {&dualgate__v1__hazard__descriptor, hazard_has_a_deadline_unless_put_right_on_the_spot},
    {&dualgate__v1__hazard__descriptor, hazard_deadline_is_not_before_its_beginning},
    {&dualgate__v1__hazard__descriptor, hazard_acceptance_fits_its_state},
    {&dualgate__v1__hazard__descriptor, major_hazard_names_its_criterion},
    {&dualgate__v1__hazard_transition__descriptor, transition_changes_the_state},
    {&dualgate__v1__measure__descriptor, measure_classes_agree},
    {&dualgate__v1__check_task__descriptor, responsibility_task_has_its_number},
    {&dualgate__v1__check_task__descriptor, task_by_the_hour_has_working_hours},
    {&dualgate__v1__entity__descriptor, body_lies_in_the_district},
    {&dualgate__v1__entity__descriptor, entity_agrees_with_the_register},
    {&dualgate__v1__entity__descriptor, cross_entity_industry},
    {&dualgate__v1__entity__descriptor, cross_entity_size},
    {&dualgate__v1__risk_object__descriptor, body_lies_in_the_district},
    {&dualgate__v1__risk_object__descriptor, cross_risk_installation},
    {&dualgate__v1__risk_event__descriptor, cross_risk_event},
    {&dualgate__v1__major_installation__descriptor, body_lies_in_the_district},
    {&dualgate__v1__major_installation__descriptor, cross_risk_installation},
    {&dualgate__v1__suspension__descriptor, suspension_is_confirmed_by_an_organisation},
    {&dualgate__v1__zero_report__descriptor, zero_report_is_of_one_period},
};

void cross_judge(const struct rules_context *ctx, const struct reg_unit *unit, struct report *r,
                 struct arena *arena)
{
    static const struct rule_limits usual = {33, 35, 112, 115, true};
    const struct cross c = {.report = r,
                            .arena = arena,
                            .unit = unit,
                            .registry = ctx->registry,
                            .day = code_day(ctx, r),
                            .limits = ctx->limits ? ctx->limits : &usual,
                            .by_node = ctx->by_node};
    if (r->env->op == DUALGATE__V1__OP__CODE__DELETE) {
        return;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].record == r->body->descriptor && r->problem.reason == REASON_NONE) {
            rules[i].judge(&c);
        }
    }
}
