/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a report is about and who may send it, by the options of its record: rules on an
 * organisation's topic and on a sector's. */
#include "model/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/civil_time.h"
#include "model/json_read.h"

#define FACTORY "91410411MA45ABCD6Y"
#define MSG     "\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\""
#define ID      "5f0c0192f3c48a107d319f6e2b6f5a1c"
#define NOW     "2020-11-02T09:00:00+08:00"

#define TRAINING   "\"period\":\"2020-11\",\"sessions\":1,\"persons\":2"
#define ORG_REPORT "\"kind\":\"PLAN\",\"period\":\"2020\",\"text\":\"x\""
#define SUPERVISION                                                       \
    "\"hazard_id\":\"" ID "\",\"n\":1,\"state\":\"LISTED\",\"at\":\"" NOW \
    "\",\"level\":\"DISTRICT\""
#define ABOUT_UNIT MSG ",\"uscc\":\"" FACTORY "\""

static struct schema *schema;
static struct registry *registry;

struct judging {
    struct arena arena;
    struct report_set set;
    struct report *r;
};

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    const struct reg_sector sector = {.code = "hazchem", .profile = ""};
    const struct reg_division divisions[] = {{.code = "410411"}, {.code = "410411001"}};
    const struct reg_unit unit = {.uscc = FACTORY,
                                  .unit = "",
                                  .division = "410411001",
                                  .profile = "strict",
                                  .co_sectors = "school",
                                  .name = "x"};
    const struct reg_org orgs[] = {{"awb", ORG_COMMITTEE, "410411", "", true},
                                   {"town", ORG_TOWNSHIP, "410411001", "", true},
                                   {"jytyj", ORG_DEPARTMENT, "410411", "school", true},
                                   {"gone", ORG_COMMITTEE, "410411", "", false}};
    bool ok = schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK &&
              registry_add_sector(registry, &sector) == ERR_OK &&
              registry_add_unit(registry, &unit, "hazchem") == ERR_OK;
    for (size_t i = 0; i < 2 && ok; i++) {
        ok = registry_add_division(registry, &divisions[i]) == ERR_OK;
    }
    for (size_t i = 0; i < sizeof orgs / sizeof orgs[0] && ok; i++) {
        ok = registry_add_org(registry, &orgs[i]) == ERR_OK;
    }
    return ok ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    registry_free(registry);
    schema_free(schema);
    return 0;
}

/* A report of `record` from `publisher`; on its own topic where that is an organisation. */
static void judge(struct judging *g, const char *publisher, const char *record,
                  const char *envelope, const char *body)
{
    char text[2000];
    const struct read_limits limits = {
        .reports_max = 1, .report_bytes_max = 65536, .depth_max = 16};
    const struct principal who = {.publisher = registry_publisher(registry, span_of(publisher)),
                                  .org = registry_org(registry, span_of(publisher))};
    struct rules_context ctx = {.schema = schema,
                                .registry = registry,
                                .node = "410411",
                                .publisher = &who,
                                .topic_sector = who.org ? SPAN_LIT("org") : SPAN_LIT("hazchem"),
                                .future_tolerance_us = INT64_C(600) * 1000000};
    (void)snprintf(text, sizeof text, "{%s,\"body\":{%s}}", envelope, body);
    assert_true(time_parse(span_of(NOW), &ctx.received_us));
    arena_init(&g->arena, 1 << 20);
    assert_int_equal(json_read(schema, span_of(text), schema_record(schema, span_of(record)),
                               &limits, &g->arena, &g->set),
                     ERR_OK);
    assert_int_equal(g->set.count, 1);
    g->r = &g->set.items[0];
    assert_string_equal(reason_word(g->r->problem.reason), "");
    assert_int_equal(rules_judge(&ctx, g->r, &g->arena), ERR_OK);
    if (g->r->problem.reason == REASON_NONE) {
        assert_int_equal(report_settle_identity(g->r, &g->arena, ctx.received_us), ERR_OK);
    }
}

static void done(struct judging *g)
{
    arena_free(&g->arena);
}

struct refusal {
    const char *publisher, *record, *envelope, *body;
    enum reason reason;
    const char *field;
};

static void expect(const struct refusal *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct judging g;
        judge(&g, cases[i].publisher, cases[i].record, cases[i].envelope, cases[i].body);
        const struct problem *p = &g.r->problem;
        if (p->reason != cases[i].reason ||
            strcmp(p->field ? p->field : "", cases[i].field ? cases[i].field : "") != 0) {
            fail_msg("case %zu (%s, %s): %s at %s", i, cases[i].record, cases[i].body,
                     reason_word(p->reason), p->field ? p->field : "");
        }
        done(&g);
    }
}

#define EXPECT(cases) expect(cases, sizeof(cases) / sizeof((cases)[0]))

static void a_report_about_an_organisation_takes_its_place_from_it(void **state)
{
    (void)state;
    struct judging g;
    judge(&g, "town", "training_summary", MSG ",\"sector\":\"org\"", "\"org\":\"town\"," TRAINING);
    assert_string_equal(reason_word(g.r->problem.reason), "");
    assert_string_equal(g.r->env->sector, "org");
    assert_string_equal(g.r->env->division, "410411001");
    assert_string_equal(g.r->township, "410411001");
    assert_string_equal(g.r->id, "town|2020-11");
    assert_null(g.r->env->uscc);
    assert_true(g.r->by_org);
    done(&g);
}

static void a_key_is_joined_without_what_is_absent(void **state)
{
    (void)state;
    struct judging g;
    judge(&g, FACTORY, "training_summary", ABOUT_UNIT, TRAINING);
    assert_string_equal(g.r->id, "2020-11");
    assert_false(g.r->by_org);
    done(&g);
    judge(&g, FACTORY, "training_summary", ABOUT_UNIT, TRAINING ",\"layer\":\"ALL\"");
    assert_string_equal(g.r->id, "2020-11|ALL");
    done(&g);
    judge(&g, "awb", "training_summary", MSG, "\"org\":\"awb\"," TRAINING ",\"layer\":\"ALL\"");
    assert_string_equal(g.r->id, "awb|2020-11|ALL");
    done(&g);
}

static void a_report_has_one_subject(void **state)
{
    (void)state;
    const struct refusal cases[] = {
        {"awb", "training_summary", MSG, TRAINING, REASON_SUBJECT_MISSING, "uscc"},
        {"awb", "training_summary", MSG ",\"uscc\":\"\"", TRAINING, REASON_SUBJECT_MISSING, "uscc"},
        {"awb", "org_report", MSG, ORG_REPORT, REASON_SUBJECT_MISSING, "body.org"},
        {"awb", "supervision", MSG, SUPERVISION, REASON_MISSING_FIELD, "uscc"},
        {"awb", "training_summary", ABOUT_UNIT, "\"org\":\"awb\"," TRAINING,
         REASON_SUBJECT_AMBIGUOUS, "body.org"},
        {"awb", "org_report", ABOUT_UNIT, "\"org\":\"awb\"," ORG_REPORT, REASON_SUBJECT_AMBIGUOUS,
         "uscc"},
        {"awb", "training_summary", MSG ",\"unit\":\"u\"", "\"org\":\"awb\"," TRAINING,
         REASON_SUBJECT_AMBIGUOUS, "unit"},
        {"awb", "org_report", MSG, "\"org\":\"nobody\"," ORG_REPORT, REASON_UNKNOWN_ORG,
         "body.org"},
        {"awb", "org_report", MSG, "\"org\":\"gone\"," ORG_REPORT, REASON_UNKNOWN_ORG, "body.org"},
        {"awb", "org_report", MSG ",\"sector\":\"hazchem\"", "\"org\":\"awb\"," ORG_REPORT,
         REASON_WRONG_SECTOR, "sector"},
        {"awb", "supervision", ABOUT_UNIT ",\"sector\":\"org\"", SUPERVISION, REASON_UNKNOWN_CODE,
         "sector"},
        {"awb", "org_report", MSG, "\"org\":\"awb\",\"to_org\":\"nobody\"," ORG_REPORT,
         REASON_UNKNOWN_ORG, "body.to_org"},
    };
    EXPECT(cases);
}

static void who_may_send_a_record_follows_from_its_options(void **state)
{
    (void)state;
    const struct refusal cases[] = {
        {FACTORY, "supervision", ABOUT_UNIT, SUPERVISION, REASON_WRONG_PUBLISHER, "record"},
        {"awb", "supervision", ABOUT_UNIT, SUPERVISION, REASON_NONE, NULL},
        {"town", "supervision", ABOUT_UNIT, SUPERVISION, REASON_NONE, NULL},
        {"jytyj", "supervision", ABOUT_UNIT, SUPERVISION, REASON_NONE, NULL},
        {"gone", "supervision", ABOUT_UNIT, SUPERVISION, REASON_NOT_AUTHORISED, "uscc"},
        {"awb", "org_report", MSG, "\"org\":\"town\"," ORG_REPORT, REASON_NONE, NULL},
        {"town", "org_report", MSG, "\"org\":\"awb\"," ORG_REPORT, REASON_NOT_AUTHORISED,
         "body.org"},
        {FACTORY, "training_summary", MSG, "\"org\":\"awb\"," TRAINING, REASON_NOT_AUTHORISED,
         "body.org"},
    };
    EXPECT(cases);
}

static void only_an_organisation_says_that_a_unit_stands_still(void **state)
{
    (void)state;
#define STANDS "\"from_date\":\"2020-11-01\",\"reason\":\"OVERHAUL\""
    const struct refusal cases[] = {
        {FACTORY, "suspension", ABOUT_UNIT, STANDS, REASON_NONE, NULL},
        {FACTORY, "suspension", ABOUT_UNIT, STANDS ",\"confirmed_by\":\"awb\"",
         REASON_NOT_AUTHORISED, "body.confirmed_by"},
        {FACTORY, "suspension", ABOUT_UNIT, STANDS ",\"confirmed_on\":\"2020-11-02\"",
         REASON_NOT_AUTHORISED, "body.confirmed_on"},
        {"town", "suspension", ABOUT_UNIT, STANDS ",\"confirmed_by\":\"town\"", REASON_NONE, NULL},
    };
    EXPECT(cases);
}

static void a_unit_may_have_a_profile_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(registry_unit(registry, SPAN_LIT(FACTORY), SPAN_NONE)->profile, "strict");
    assert_string_equal(registry_sector(registry, SPAN_LIT("hazchem"))->profile, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_about_an_organisation_takes_its_place_from_it),
        cmocka_unit_test(a_key_is_joined_without_what_is_absent),
        cmocka_unit_test(a_report_has_one_subject),
        cmocka_unit_test(who_may_send_a_record_follows_from_its_options),
        cmocka_unit_test(only_an_organisation_says_that_a_unit_stands_still),
        cmocka_unit_test(a_unit_may_have_a_profile_of_its_own),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
