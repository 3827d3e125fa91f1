/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the register's code systems in reports: what is rejected, what is a finding, and that
 * nothing a sender wrote is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/civil_time.h"
#include "model/json_read.h"
#include "model/rules.h"

#define FACTORY "91410411MA45ABCD6Y"
#define SCHOOL  "12410411417060017A"
#define MSG     "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"
#define ID      "5f0c0192f3c48a107d319f6e2b6f5a1c"
#define NOW     "2026-11-02T09:00:00+08:00"

static struct schema *schema;
static struct registry *full, *bare;

static const struct {
    const char *system, *version, *from, *to;
    bool complete;
} editions[] = {{"gbt4754", "2011", "2011-11-01", "2017-09-30", true},
                {"gbt4754", "2017", "2017-10-01", NULL, false},
                {"gb6441", "1986", "1987-02-01", "2026-06-30", true},
                {"gb6441", "2025", "2026-07-01", NULL, false}};

static const struct {
    const char *system, *version, *code, *name, *parent;
} codes[] = {
    {"gbt4754", "2011", "P", "教育", ""},
    {"gbt4754", "2011", "P82", "教育", "P"},
    {"gbt4754", "2011", "P8231", "普通初中教育", "P82"},
    {"gbt4754", "2017", "C", "制造业", ""},
    {"gbt4754", "2017", "C26", "化学原料", "C"},
    {"gbt4754", "2017", "C261", "基础化学", "C26"},
    {"gbt4754", "2017", "C2614", "有机化学", "C261"},
    {"gbt4754", "2017", "C2710", "原料药", "C"},
    {"gbt4754", "2017", "P83", "教育", "P"},
    {"gbt4754", "2017", "O8111", "汽车修理与维护", "O"},
    {"gb6441", "1986", "05", "触电", ""},
    {"gb6441", "1986", "11", "冒顶片帮", ""},
    {"gb6441", "2025", "触电", "触电", ""},
};

static int64_t day_of(const char *text)
{
    struct civil_date d;
    return text && date_parse(span_of(text), &d) ? date_days(d) : INT64_MAX;
}

static enum err fill_codes(struct code_book *b)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof editions / sizeof editions[0] && e == ERR_OK; i++) {
        const struct code_edition row = {.system = editions[i].system,
                                         .version = editions[i].version,
                                         .first_day = day_of(editions[i].from),
                                         .last_day = day_of(editions[i].to),
                                         .complete = editions[i].complete};
        e = code_book_add_edition(b, &row);
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && e == ERR_OK; i++) {
        e = code_book_add_code(b, codes[i].system, codes[i].version, codes[i].code, codes[i].name,
                               codes[i].parent);
    }
    e = e == ERR_OK ? code_book_add_map(b, "gbt4754", "2011", "P82", "2017", "P83") : e;
    return e == ERR_OK ? code_book_add_map(b, "gb6441", "1986", "05", "2025", "触电") : e;
}

static enum err make_register(struct registry **out)
{
    const struct reg_sector sector = {.code = "hazchem", .profile = "core"};
    const struct reg_division town = {.code = "410411001"};
    struct reg_unit unit = {.uscc = FACTORY,
                            .unit = "",
                            .division = "410411001",
                            .name = "n",
                            .company_code = "",
                            .industry = "2614"};
    enum err e = registry_new(out);
    e = e == ERR_OK ? registry_add_sector(*out, &sector) : e;
    e = e == ERR_OK ? registry_add_division(*out, &town) : e;
    e = e == ERR_OK ? registry_add_unit(*out, &unit, "hazchem") : e;
    unit.uscc = SCHOOL;
    unit.industry = "P83";
    return e == ERR_OK ? registry_add_unit(*out, &unit, "hazchem") : e;
}

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    enum err e = schema_load(&schema, &why);
    e = e == ERR_OK ? make_register(&full) : e;
    e = e == ERR_OK ? make_register(&bare) : e;
    return e == ERR_OK && fill_codes(registry_codes_mutable(full)) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    registry_free(full);
    registry_free(bare);
    schema_free(schema);
    return 0;
}

struct judging {
    struct arena arena;
    struct report_set set;
    struct report *r;
};

static void judge(struct judging *g, const struct registry *registry, const char *record,
                  const char *uscc, const char *observed, const char *body)
{
    const struct read_limits limits = {
        .reports_max = 1, .report_bytes_max = 65536, .depth_max = 16};
    const struct principal who = {.publisher = registry_publisher(registry, span_of(uscc))};
    struct rules_context ctx = {.schema = schema,
                                .registry = registry,
                                .node = "410411",
                                .publisher = &who,
                                .topic_sector = SPAN_LIT("hazchem")};
    char text[1500];
    snprintf(text, sizeof text,
             "{\"msg_id\":\"" MSG "\",\"uscc\":\"%s\",\"observed_at\":\"%s\",\"body\":{%s}}", uscc,
             observed, body);
    arena_init(&g->arena, 1 << 20);
    assert_true(time_parse(SPAN_LIT(NOW), &ctx.received_us));
    assert_int_equal(json_read(schema, span_of(text), schema_record(schema, span_of(record)),
                               &limits, &g->arena, &g->set),
                     ERR_OK);
    g->r = &g->set.items[0];
    assert_int_equal(g->r->problem.reason, REASON_NONE);
    assert_int_equal(rules_judge(&ctx, g->r, &g->arena), ERR_OK);
}

struct expectation {
    const char *uscc, *observed, *body;
    const char *code, *field, *expected; /* of the one finding; code "" for none */
};

static void expect_all(const struct registry *registry, const char *record,
                       const struct expectation *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct judging g;
        judge(&g, registry, record, cases[i].uscc, cases[i].observed, cases[i].body);
        const struct finding *f = g.r->findings;
        if (g.r->problem.reason != REASON_NONE || strcmp(f ? f->code : "", cases[i].code) != 0) {
            fail_msg("%s: %s %s", cases[i].body, reason_word(g.r->problem.reason),
                     f ? f->code : "no finding");
        }
        if (f) {
            assert_string_equal(f->field, cases[i].field);
            assert_string_equal(f->expected ? f->expected : "", cases[i].expected);
            assert_null(f->next);
        }
        arena_free(&g.arena);
    }
}

#define ENTITY(industry)          "\"name\":\"n\",\"industry\":\"" industry "\""
#define ENTITY_OF(industry, year) ENTITY(industry) ",\"industry_version\":\"" year "\""

static void industries_are_checked_against_their_edition(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {FACTORY, NOW, ENTITY("C2614"), "", "", ""},
        {FACTORY, NOW, ENTITY("2614"), "", "", ""},
        {FACTORY, NOW, ENTITY("c2614"), "", "", ""},
        {FACTORY, NOW, ENTITY("C26"), "", "", ""},
        {FACTORY, NOW, ENTITY("C2600"), "", "", ""},
        {FACTORY, NOW, ENTITY_OF("C2614", "2017"), "", "", ""},
        {SCHOOL, NOW, ENTITY("P82"), "edition_differs", "body.industry", "P83"},
        {SCHOOL, NOW, ENTITY("P8231"), "edition_differs", "body.industry", ""},
        {SCHOOL, NOW, ENTITY_OF("P82", "2011"), "code_retired", "body.industry", "P83"},
        {SCHOOL, "2016-05-01T08:00:00+08:00", ENTITY("P82"), "", "", ""},
        {SCHOOL, "2016-05-01T08:00:00+08:00", ENTITY_OF("P82", "2011"), "", "", ""},
        {FACTORY, NOW, ENTITY("C2618"), "code_unverified", "body.industry", "2017"},
        {FACTORY, NOW, ENTITY_OF("C2614", "2002"), "code_system_unknown", "body.industry", ""},
        {FACTORY, NOW, ENTITY("C2710"), "industry_differs", "body.industry", "2614"},
        {FACTORY, NOW, ENTITY("O8111") ",\"staff\":12,\"size_class\":\"SMALL\"", "industry_differs",
         "body.industry", "2614"},
    };
    expect_all(full, "entity", cases, sizeof cases / sizeof cases[0]);
}

static void a_code_that_is_in_no_edition_is_rejected_by_field_and_value(void **state)
{
    (void)state;
    static const char *const unknown[] = {ENTITY("C9999"),
                                          ENTITY("Z26"),
                                          ENTITY("化工"),
                                          ENTITY_OF("P82", "2017"),
                                          ENTITY_OF("C2614", "2011"),
                                          ENTITY_OF("P8299", "2011")};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct judging g;
        judge(&g, full, "entity", FACTORY, NOW, unknown[i]);
        if (g.r->problem.reason != REASON_UNKNOWN_CODE) {
            fail_msg("%s: %s", unknown[i], reason_word(g.r->problem.reason));
        }
        assert_string_equal(g.r->problem.field, "body.industry");
        assert_string_equal(g.r->problem.value, g.r->env->entity->industry);
        arena_free(&g.arena);
    }
}

static void what_was_reported_stays_as_it_was(void **state)
{
    (void)state;
    struct judging g;
    judge(&g, full, "entity", SCHOOL, NOW, ENTITY("p82"));
    assert_string_equal(g.r->findings->code, "edition_differs");
    assert_string_equal(g.r->env->entity->industry, "p82");
    assert_null(g.r->env->entity->industry_version);
    arena_free(&g.arena);
}

static void a_register_without_codes_judges_none(void **state)
{
    (void)state;
    static const struct expectation cases[] = {{FACTORY, NOW, ENTITY("C9999"), "", "", ""},
                                               {FACTORY, NOW, ENTITY_OF("x", "1999"), "", "", ""}};
    expect_all(bare, "entity", cases, 2);
}

#define EVENT          "\"id\":\"" ID "\",\"risk_unit_id\":\"" ID "\",\"name\":\"n\","
#define CLASSES(value) EVENT "\"accident_classes\":[{" value "}]"
#define OF_1986        "\"system\":\"gb6441\",\"version\":\"1986\","
#define OF_2025        "\"system\":\"gb6441\",\"version\":\"2025\","

static void coded_values_name_their_system_themselves(void **state)
{
    (void)state;
    static const char last_day[] = "2026-06-30T23:59:59+08:00";
    static const char first_day[] = "2026-07-01T00:00:00+08:00";
    static const char at[] = "body.accident_classes[0].code";
    const struct expectation cases[] = {
        {FACTORY, last_day, CLASSES(OF_1986 "\"code\":\"05\""), "", "", ""},
        {FACTORY, last_day, CLASSES(OF_1986 "\"code\":\"050\""), "", "", ""},
        {FACTORY, first_day, CLASSES(OF_1986 "\"code\":\"05\""), "code_retired", at, "触电"},
        {FACTORY, first_day, CLASSES(OF_1986 "\"code\":\"11\""), "code_retired", at, ""},
        {FACTORY, first_day, CLASSES(OF_2025 "\"code\":\"触电\""), "", "", ""},
        {FACTORY, first_day, CLASSES(OF_2025 "\"name\":\"触电\""), "", "", ""},
        {FACTORY, first_day, CLASSES(OF_2025 "\"code\":\"雷击\""), "code_unverified", at, "2025"},
        {FACTORY, first_day, CLASSES("\"system\":\"gb6441\",\"code\":\"11\""), "edition_differs",
         at, ""},
        {FACTORY, NOW, CLASSES("\"system\":\"own\",\"code\":\"1\""), "code_system_unknown", at, ""},
        {FACTORY, NOW, CLASSES("\"system\":\"own\""), "", "", ""},
    };
    expect_all(full, "risk_event", cases, sizeof cases / sizeof cases[0]);
    struct judging g;
    judge(&g, full, "risk_event", FACTORY, last_day, CLASSES(OF_1986 "\"code\":\"21\""));
    assert_int_equal(g.r->problem.reason, REASON_UNKNOWN_CODE);
    assert_string_equal(g.r->problem.field, at);
    arena_free(&g.arena);
}

static void classes_of_1986_that_are_gone_are_told(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {FACTORY, "2026-06-30T12:00:00+08:00", EVENT "\"accident_types\":[\"ROOF_FALL\"]", "", "",
         ""},
        {FACTORY, NOW, EVENT "\"accident_types\":[\"ELECTRIC_SHOCK\",\"ROOF_FALL\"]",
         "code_retired", "body.accident_types[1]", ""},
        {FACTORY, NOW, EVENT "\"accident_types\":[\"ELECTRIC_SHOCK\"]", "", "", ""},
    };
    expect_all(full, "risk_event", cases, sizeof cases / sizeof cases[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(industries_are_checked_against_their_edition),
        cmocka_unit_test(a_code_that_is_in_no_edition_is_rejected_by_field_and_value),
        cmocka_unit_test(what_was_reported_stays_as_it_was),
        cmocka_unit_test(a_register_without_codes_judges_none),
        cmocka_unit_test(coded_values_name_their_system_themselves),
        cmocka_unit_test(classes_of_1986_that_are_gone_are_told),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
