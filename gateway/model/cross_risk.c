/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cross_risk.h"

#include "model/decimal.h"
#include "model/field.h"
#include "model/grading.h"

/* Schools name two matrices, LS-1 and LS-2, whose limits were not published. */
#define SECTOR_OF_SCHOOLS "education"

static void compare_with_reported(const struct cross *c, const Dualgate__V1__RiskEvent *e,
                                  const struct grading *g)
{
    const ProtobufCEnumDescriptor *levels = &dualgate__v1__risk_level__code__descriptor;
    if (cross_given(e->risk_value) &&
        decimal_compare(span_of(e->risk_value), span_of(g->value)) != 0) {
        cross_find(c, FINDING_RISK_VALUE_DIFFERS, "risk_value", e->risk_value, g->value);
    }
    if (e->has_risk_level && e->risk_level != DUALGATE__V1__RISK_LEVEL__CODE__UNKNOWN) {
        cross_compare(c, FINDING_RISK_LEVEL_DIFFERS, "risk_level",
                      cross_code_text(levels, (int)e->risk_level),
                      cross_code_text(levels, (int)g->level));
    }
    if (g->major_unreachable) {
        cross_find(c, FINDING_LEVEL_UNREACHABLE, "method_version", e->method_version, NULL);
    }
}

static bool has_matrix_of_schools(const struct cross *c, const Dualgate__V1__RiskEvent *e)
{
    return e->method == DUALGATE__V1__RISK_METHOD__CODE__LS && !cross_given(e->method_version) &&
           c->unit && strcmp(c->unit->sector->code, SECTOR_OF_SCHOOLS) == 0;
}

void cross_risk_event(const struct cross *c)
{
    const Dualgate__V1__RiskEvent *e =
        (const Dualgate__V1__RiskEvent *)(const void *)c->report->body;
    if (!e->has_method) {
        return;
    }
    const struct grading_input in = {
        .method = e->method,
        .method_version = has_matrix_of_schools(c, e) ? "LS-1" : e->method_version,
        .likelihood = cross_text(c, "likelihood"),
        .exposure = cross_text(c, "exposure"),
        .consequence = cross_text(c, "consequence"),
        .severity = cross_text(c, "severity"),
        .lec_70_is_general = c->limits->lec_70_is_general,
    };
    struct grading g = grading_risk(&in);
    if (g.outcome == GRADING_DONE) {
        compare_with_reported(c, e, &g);
    } else if (g.outcome == GRADING_INPUT_UNKNOWN) {
        cross_find(c, FINDING_INPUT_NOT_IN_TABLE, g.input, cross_text(c, g.input), NULL);
    } else if (g.outcome == GRADING_METHOD_UNKNOWN) {
        cross_find(c, FINDING_METHOD_UNKNOWN, "method_version", in.method_version, NULL);
    }
}

void cross_risk_installation(const struct cross *c)
{
    const ProtobufCEnumDescriptor *grades = &dualgate__v1__installation_grade__code__descriptor;
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(c->report->body->descriptor, "grade");
    const char *r = cross_text(c, "r_value");
    if (!r || !f || !field_present(c->report->body, f)) {
        return;
    }
    int64_t grade = field_integer(f, field_item(c->report->body, f, 0));
    if (grade != DUALGATE__V1__INSTALLATION_GRADE__CODE__NONE) {
        cross_compare(c, FINDING_GRADE_DIFFERS, "grade", cross_code_text(grades, (int)grade),
                      cross_code_text(grades, (int)grading_installation(r)));
    }
}
