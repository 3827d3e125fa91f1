/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cross_entity.h"

#include "model/size_class.h"

static const Dualgate__V1__Entity *entity_of(const struct cross *c)
{
    return (const Dualgate__V1__Entity *)(const void *)c->report->body;
}

/* Enterprises and individual businesses; schools, hospitals and homes have a tier. */
static bool has_size(const Dualgate__V1__Entity *e)
{
    if (cross_given(e->tier)) {
        return false;
    }
    return !e->has_kind || e->kind == DUALGATE__V1__ENTITY_KIND__CODE__ENTERPRISE ||
           e->kind == DUALGATE__V1__ENTITY_KIND__CODE__INDIVIDUAL ||
           e->kind == DUALGATE__V1__ENTITY_KIND__CODE__COOPERATIVE;
}

void cross_entity_size(const struct cross *c)
{
    const ProtobufCEnumDescriptor *classes = &dualgate__v1__size_class__code__descriptor;
    const Dualgate__V1__Entity *e = entity_of(c);
    bool above = false;
    if (!has_size(e) || !cross_given(e->industry)) {
        return;
    }
    const struct size_input in = {
        .industry = e->industry,
        .has_staff = e->has_staff,
        .staff = e->staff,
        .revenue = cross_text(c, "revenue"),
        .assets = cross_text(c, "assets"),
    };
    Dualgate__V1__SizeClass__Code computed = size_class_of(&in);
    if (e->has_size_class && e->size_class != DUALGATE__V1__SIZE_CLASS__CODE__UNKNOWN &&
        computed != DUALGATE__V1__SIZE_CLASS__CODE__UNKNOWN) {
        cross_compare(c, FINDING_SIZE_CLASS_DIFFERS, "size_class",
                      cross_code_text(classes, (int)e->size_class),
                      cross_code_text(classes, (int)computed));
    }
    if (e->has_above_scale && size_above_scale(&in, &above) && above != (e->above_scale != 0)) {
        cross_find(c, FINDING_SCALE_DIFFERS, "above_scale", e->above_scale ? "true" : "false",
                   above ? "true" : "false");
    }
}
