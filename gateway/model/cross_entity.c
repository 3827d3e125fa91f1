/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cross_entity.h"

#include "model/size_class.h"

#define INDUSTRIES SPAN_LIT("gbt4754")
/* Of the industries in the method of size classes. */
#define INDUSTRIES_OF_SIZES SPAN_LIT("2017")

static const Dualgate__V1__Entity *entity_of(const struct cross *c)
{
    return (const Dualgate__V1__Entity *)(const void *)c->report->body;
}

/* The code of another edition that a text means; NULL when it is none there. version: what the text
 * is said to be of, or NULL. */
static const char *industry_in(const struct cross *c, const struct code_edition *to,
                               const char *version, const char *text)
{
    const struct code_book *book = registry_codes(c->registry);
    const struct code_edition *from = cross_given(version)
                                          ? code_book_edition(book, INDUSTRIES, span_of(version))
                                          : code_book_edition_on(book, INDUSTRIES, c->day);
    if (!to || !from || !cross_given(text)) {
        return NULL;
    }
    const struct code_row *row = code_book_find(book, from, span_of(text));
    if (!row && !cross_given(version)) {
        row = code_book_find_elsewhere(book, from, span_of(text));
    }
    row = row ? code_book_map(book, row, to) : NULL;
    return row ? row->code : NULL;
}

void cross_entity_industry(const struct cross *c)
{
    const Dualgate__V1__Entity *e = entity_of(c);
    const struct code_edition *now =
        code_book_edition_on(registry_codes(c->registry), INDUSTRIES, c->day);
    const char *reported = industry_in(c, now, e->industry_version, e->industry);
    const char *registered = c->unit ? industry_in(c, now, NULL, c->unit->industry) : NULL;
    if (reported && registered && !span_starts(span_of(reported), span_of(registered)) &&
        !span_starts(span_of(registered), span_of(reported))) {
        cross_find(c, FINDING_INDUSTRY_DIFFERS, "industry", e->industry, c->unit->industry);
    }
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
    const char *industry = industry_in(
        c, code_book_edition(registry_codes(c->registry), INDUSTRIES, INDUSTRIES_OF_SIZES),
        e->industry_version, e->industry);
    const struct size_input in = {
        .industry = industry ? industry : e->industry,
        .has_staff = e->has_staff,
        .staff = e->staff,
        .revenue = cross_given(e->revenue) ? e->revenue : NULL,
        .assets = cross_given(e->assets) ? e->assets : NULL,
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
