/* SPDX-License-Identifier: Apache-2.0 */
/* The judging of one report: field rules, register, permission, rules across fields; what is
 * normalised, what becomes a finding. Reports are given as JSON, as senders write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/civil_time.h"
#include "model/json_read.h"
#include "model/rules.h"

#define FACTORY "91410411MA45ABCD6Y"
#define SCHOOL  "12410411417060017A"
#define OTHER   "91410411MA9G00016W"
#define MSG     "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"
#define ID      "5f0c0192f3c48a107d319f6e2b6f5a1c"
#define NOW     "2020-11-02T09:00:00+08:00"

static struct schema *schema;
static struct registry *registry;

struct judging {
    struct arena arena;
    struct report_set set;
    struct report *r;
    enum err e;
};

static enum err add_unit(const char *uscc, const char *unit, const char *sector,
                         const char *division)
{
    struct reg_unit row = {.uscc = uscc,
                           .unit = unit,
                           .division = division,
                           .company_code = "012345678",
                           .name = "registered"};
    return registry_add_unit(registry, &row, sector);
}

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    const struct reg_sector sectors[] = {{.code = "hazchem", .profile = "hazchem"},
                                         {.code = "education", .profile = "core"}};
    const struct reg_division divisions[] = {{"410411", NULL, false},
                                             {"410411001", NULL, false},
                                             {"410411007", NULL, false},
                                             {"410411100", "410411007", true}};
    const struct reg_publisher platform = {.code = "edu", .kind = "PLATFORM", .active = true};
    enum err e = schema_load(&schema, &why);
    e = e != ERR_OK ? e : registry_new(&registry);
    for (size_t i = 0; i < 2 && e == ERR_OK; i++) {
        e = registry_add_sector(registry, &sectors[i]);
    }
    for (size_t i = 0; i < 4 && e == ERR_OK; i++) {
        e = registry_add_division(registry, &divisions[i]);
    }
    e = e != ERR_OK ? e : add_unit(FACTORY, "", "hazchem", "410411001");
    e = e != ERR_OK ? e : add_unit(FACTORY, "canteen", "education", "410411007");
    e = e != ERR_OK ? e : add_unit(SCHOOL, "", "education", "410411001");
    e = e != ERR_OK ? e : registry_add_publisher(registry, &platform);
    e = e != ERR_OK ? e : registry_add_authorisation(registry, "edu", "*", "education");
    return e == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    registry_free(registry);
    schema_free(schema);
    return 0;
}

static enum err judge_as(struct judging *g, const char *text, const char *record,
                         const char *publisher, const char *sector)
{
    const struct read_limits limits = {
        .reports_max = 1, .report_bytes_max = 65536, .depth_max = 16};
    const struct principal who = {.publisher = registry_publisher(registry, span_of(publisher))};
    struct rules_context ctx = {.schema = schema,
                                .registry = registry,
                                .node = "410411",
                                .publisher = &who,
                                .topic_sector = span_of(sector),
                                .future_tolerance_us = INT64_C(600) * 1000000};
    assert_true(time_parse(span_of(NOW), &ctx.received_us));
    enum err e = json_read(schema, span_of(text), schema_record(schema, span_of(record)), &limits,
                           &g->arena, &g->set);
    if (e != ERR_OK) {
        return e;
    }
    assert_int_equal(g->set.count, 1);
    g->r = &g->set.items[0];
    if (g->r->problem.reason != REASON_NONE) {
        fail_msg("not read: %s at %s", reason_word(g->r->problem.reason), g->r->problem.field);
    }
    return rules_judge(&ctx, g->r, &g->arena);
}

static void judge(struct judging *g, const char *text, const char *record)
{
    arena_init(&g->arena, 1 << 20);
    assert_int_equal(judge_as(g, text, record, SCHOOL, "education"), ERR_OK);
}

static void done(struct judging *g)
{
    arena_free(&g->arena);
}

static void expect(const struct judging *g, const char *text, enum reason reason, const char *field)
{
    const struct problem *p = &g->r->problem;
    const char *got = p->field ? p->field : "";
    if (p->reason != reason || strcmp(got, field ? field : "") != 0) {
        fail_msg("%s: %s at %s", text, reason_word(p->reason), got);
    }
}

/* One without a code where there is none. */
static const struct finding *finding_in(const struct report *r, const char *code)
{
    static const struct finding none = {.code = "", .field = "", .reported = "", .expected = ""};
    for (const struct finding *f = r->findings; f; f = f->next) {
        if (strcmp(f->code, code) == 0) {
            return f;
        }
    }
    return &none;
}

#define ENVELOPE "\"msg_id\":\"" MSG "\",\"uscc\":\"" SCHOOL "\""
#define HAZARD                                                                   \
    "\"id\":\"" ID "\",\"name\":\"n\",\"level\":\"GENERAL\",\"found_at\":\"" NOW \
    "\",\"manage_type\":\"ON_THE_SPOT\""

static void a_good_report_is_given_its_canonical_form(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{\"msg_id\":\"0192F3C4-8A10-7D31-9F6E-2B6F5A1C9E01\",\"uscc\":\"" SCHOOL
          "\",\"observed_at\":\"2020-11-02T00:30:00Z\",\"body\":{"
          "\"id\":\"5F0C0192-F3C4-8A10-7D31-9F6E2B6F5A1C\",\"name\":\"n\",\"level\":\"GENERAL\","
          "\"measure_id\":\"6F0C0192-F3C4-8A10-7D31-9F6E2B6F5A1C\","
          "\"found_at\":\"2020-11-02T01:00:00Z\",\"manage_type\":\"ON_THE_SPOT\","
          "\"state\":\"RECTIFYING\"}}",
          "hazard");
    expect(&g, "good", REASON_NONE, NULL);
    const Dualgate__V1__Report *env = g.r->env;
    assert_string_equal(env->msg_id, MSG);
    assert_string_equal(env->schema, "dualgate.v1");
    assert_string_equal(env->record, "hazard");
    assert_true(env->has_op && env->op == DUALGATE__V1__OP__CODE__UPSERT);
    assert_string_equal(env->division, "410411001");
    assert_string_equal(env->sector, "education");
    assert_string_equal(env->observed_at, "2020-11-02T08:30:00+08:00");
    assert_string_equal(env->hazard->id, ID);
    assert_string_equal(env->hazard->measure_id, "6f0c0192f3c48a107d319f6e2b6f5a1c");
    assert_string_equal(env->hazard->found_at, NOW);
    assert_string_equal(g.r->id_as_sent, "5F0C0192-F3C4-8A10-7D31-9F6E2B6F5A1C");
    assert_string_equal(g.r->township, "410411001");
    assert_null(g.r->findings);
    done(&g);
}

static void what_is_wrong_in_an_envelope_is_named(void **state)
{
    (void)state;
    static const char body[] = "\"body\":{" HAZARD ",\"state\":\"RECTIFYING\"}";
    static const struct {
        const char *envelope;
        enum reason reason;
        const char *field;
    } cases[] = {
        {"\"uscc\":\"" SCHOOL "\"", REASON_MISSING_FIELD, "msg_id"},
        {"\"msg_id\":\"\",\"uscc\":\"" SCHOOL "\"", REASON_MISSING_FIELD, "msg_id"},
        {"\"msg_id\":\"x\",\"uscc\":\"" SCHOOL "\"", REASON_BAD_MSG_ID, "msg_id"},
        {"\"msg_id\":\"" MSG "\"", REASON_MISSING_FIELD, "uscc"},
        {"\"msg_id\":\"" MSG "\",\"uscc\":\"12410411417060017B\"", REASON_BAD_USCC, "uscc"},
        {"\"msg_id\":\"" MSG "\",\"uscc\":\"" OTHER "\"", REASON_UNKNOWN_ENTITY, "uscc"},
        {"\"msg_id\":\"" MSG "\",\"uscc\":\"" FACTORY "\"", REASON_WRONG_SECTOR, "sector"},
        {"\"msg_id\":\"" MSG "\",\"uscc\":\"" FACTORY "\",\"unit\":\"canteen\"",
         REASON_NOT_AUTHORISED, "uscc"},
        {ENVELOPE ",\"unit\":\"x\"", REASON_UNKNOWN_UNIT, "unit"},
        {ENVELOPE ",\"sector\":\"hazchem\"", REASON_WRONG_SECTOR, "sector"},
        {ENVELOPE ",\"sector\":\"mining\"", REASON_UNKNOWN_CODE, "sector"},
        {ENVELOPE ",\"schema\":\"dualgate.v2\"", REASON_UNSUPPORTED_SCHEMA, "schema"},
        {ENVELOPE ",\"schema\":\"\"", REASON_UNSUPPORTED_SCHEMA, "schema"},
        {ENVELOPE ",\"division\":\"410402001\"", REASON_WRONG_DIVISION, "division"},
        {ENVELOPE ",\"division\":\"41041100\"", REASON_BAD_FORMAT, "division"},
        {ENVELOPE ",\"division\":\"41041100x\"", REASON_BAD_FORMAT, "division"},
        {ENVELOPE ",\"observed_at\":\"2020-11-02T09:10:00.000001+08:00\"", REASON_TIME_IN_FUTURE,
         "observed_at"},
        {ENVELOPE ",\"observed_at\":\"2020-11-02 09:00:00\"", REASON_BAD_DATE, "observed_at"},
        {ENVELOPE ",\"sent_at\":\"yesterday\"", REASON_BAD_DATE, "sent_at"},
        {ENVELOPE ",\"period\":\"2020-13\"", REASON_BAD_DATE, "period"},
        {ENVELOPE ",\"on_behalf_of\":\"x\"", REASON_BAD_USCC, "on_behalf_of"},
        {ENVELOPE ",\"source_system\":\"a\\u0007\"", REASON_CONTROL_CHARACTER, "source_system"},
        {ENVELOPE ",\"source_system\":\"a\\ufffe\"", REASON_CONTROL_CHARACTER, "source_system"},
        {ENVELOPE ",\"observed_at\":\"2020-11-02T09:10:00+08:00\"", REASON_NONE, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct judging g;
        char text[1000];
        snprintf(text, sizeof text, "{%s,%s}", cases[i].envelope, body);
        judge(&g, text, "hazard");
        expect(&g, cases[i].envelope, cases[i].reason, cases[i].field);
        done(&g);
    }
    struct judging g;
    judge(&g, "{" ENVELOPE "}", "hazard");
    expect(&g, "no body", REASON_MISSING_FIELD, "body");
    done(&g);
}

static void what_is_wrong_in_a_body_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *record, *body;
        enum reason reason;
        const char *field;
    } cases[] = {
        {"hazard", HAZARD, REASON_MISSING_FIELD, "body.state"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"photo_before\":[\"a\",\"b\\u0001\"]",
         REASON_CONTROL_CHARACTER, "body.photo_before[1]"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"round\":0", REASON_OUT_OF_RANGE,
         "body.round"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"round\":1001", REASON_OUT_OF_RANGE,
         "body.round"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"cost\":\"2.5\xE4\xB8\x87\"",
         REASON_BAD_FORMAT, "body.cost"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"cost\":\"-1\"", REASON_OUT_OF_RANGE,
         "body.cost"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"cost\":\"0.00001\"", REASON_OUT_OF_RANGE,
         "body.cost"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"cost\":\"99999999999999.9999\"", REASON_NONE,
         NULL},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"deadline\":\"2021-02-29\"", REASON_BAD_DATE,
         "body.deadline"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"deadline\":\"\"", REASON_BAD_DATE,
         "body.deadline"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"deadline\":\"2020-11-01\"",
         REASON_DEADLINE_BEFORE_REGISTERED, "body.deadline"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"deadline\":\"2020-11-02\"", REASON_NONE,
         NULL},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"measure_id\":\"x\"", REASON_BAD_FORMAT,
         "body.measure_id"},
        {"hazard", HAZARD ",\"state\":\"RECTIFYING\",\"major_basis\":{\"clause\":\"\\u0002\"}",
         REASON_CONTROL_CHARACTER, "body.major_basis.clause"},
        {"hazard",
         "\"id\":\"" ID "\",\"name\":\"\",\"level\":\"GENERAL\",\"found_at\":\"" NOW
         "\",\"state\":\"RECTIFYING\"",
         REASON_MISSING_FIELD, "body.name"},
        {"hazard",
         "\"id\":\"" ID "\",\"name\":\"n\",\"level\":\"GENERAL\",\"state\":\"RECTIFYING\","
         "\"manage_type\":\"ON_THE_SPOT\"",
         REASON_MISSING_FIELD, "body.registered_at"},
        {"hazard",
         "\"id\":\"" ID "\",\"name\":\"n\",\"level\":\"GENERAL\",\"found_at\":\"" NOW
         "\",\"state\":\"RECTIFYING\"",
         REASON_DEADLINE_MISSING, "body.deadline"},
        {"hazard",
         "\"id\":\"" ID "\",\"name\":\"n\",\"level\":\"GENERAL\",\"found_at\":\"" NOW
         "\",\"state\":\"RECTIFYING\",\"manage_type\":\"DEADLINE\",\"deadline\":\"2020-11-05\"",
         REASON_DEADLINE_MISSING, "body.resp_person"},
        {"hazard", HAZARD ",\"state\":\"ACCEPTED\"", REASON_ACCEPT_MISSING, "body.accept_time"},
        {"hazard", HAZARD ",\"state\":\"CLOSED\",\"accept_time\":\"" NOW "\"",
         REASON_ACCEPT_MISSING, "body.accept_person"},
        {"hazard",
         HAZARD ",\"state\":\"CLOSED\",\"accept_time\":\"" NOW "\",\"accept_person\":\"p\"",
         REASON_NONE, NULL},
        {"measure",
         "\"id\":\"" ID "\",\"risk_event_id\":\"" ID "\",\"description\":\"d\",\"class1\":"
         "\"MAINTENANCE\",\"class2\":\"PROCESS_CONTROL\"",
         REASON_CLASS2_MISMATCH, "body.class2"},
        {"measure",
         "\"id\":\"" ID "\",\"risk_event_id\":\"" ID "\",\"description\":\"d\",\"class1\":"
         "\"ENGINEERING\",\"class2\":\"PROCESS_CONTROL\"",
         REASON_NONE, NULL},
        {"measure", "\"id\":\"" ID "\",\"description\":\"d\"", REASON_MISSING_FIELD,
         "body.risk_event_id"},
        {"check_task", "\"id\":\"" ID "\",\"content\":\"c\",\"task_type\":\"PRINCIPAL\"",
         REASON_TASK_NO_MISSING, "body.task_no"},
        {"check_task",
         "\"id\":\"" ID "\",\"content\":\"c\",\"task_type\":\"PRINCIPAL\",\"task_no\":10",
         REASON_TASK_NO_MISSING, "body.task_no"},
        {"check_task",
         "\"id\":\"" ID "\",\"content\":\"c\",\"task_type\":\"OPERATIONAL\",\"task_no\":10",
         REASON_NONE, NULL},
        {"check_task", "\"id\":\"" ID "\",\"content\":\"c\",\"cycle_unit\":\"HOUR\"",
         REASON_WORK_HOURS_MISSING, "body.work_start"},
        {"check_task",
         "\"id\":\"" ID "\",\"content\":\"c\",\"cycle_unit\":\"HOUR\",\"work_start\":\"8:00\"",
         REASON_WORK_HOURS_MISSING, "body.work_end"},
        {"check_task", "\"id\":\"" ID "\",\"content\":\"c\",\"work_start\":\"24:00\"",
         REASON_BAD_DATE, "body.work_start"},
        {"check_task", "\"id\":\"" ID "\",\"content\":\"c\",\"work_start\":\"8:0\"",
         REASON_BAD_DATE, "body.work_start"},
        {"check_task", "\"id\":\"" ID "\",\"content\":\"c\",\"cycle\":\"100\"", REASON_OUT_OF_RANGE,
         "body.cycle"},
        {"entity", "\"name\":\"n\",\"lat\":\"113.27\",\"lon\":\"33.70\"", REASON_COORDINATE_OUTSIDE,
         "body.lat"},
        {"entity", "\"name\":\"n\",\"lat\":\"33.70\",\"lon\":\"33.70\"", REASON_COORDINATE_OUTSIDE,
         "body.lon"},
        {"entity", "\"name\":\"n\",\"lat\":\"36\",\"lon\":\"113.27\"", REASON_COORDINATE_OUTSIDE,
         "body.lat"},
        {"entity", "\"name\":\"n\",\"id\":\"x\"", REASON_KEY_MISMATCH, "body.id"},
        {"entity", "\"name\":\"n\",\"id\":\"" SCHOOL "\"", REASON_NONE, NULL},
        {"entity", "\"name\":\"n\",\"company_code\":\"12345678\"", REASON_TOO_SHORT,
         "body.company_code"},
        {"entity", "\"name\":\"n\",\"company_code\":\"12345678x\"", REASON_BAD_FORMAT,
         "body.company_code"},
        {"entity", "\"name\":\"n\",\"company_code\":\"1234567890\"", REASON_TOO_LONG,
         "body.company_code"},
        {"entity", "\"name\":\"n\",\"division\":\"110101001\"", REASON_WRONG_DIVISION,
         "body.division"},
        {"entity", "\"name\":\"n\",\"sector\":\"mining\"", REASON_UNKNOWN_CODE, "body.sector"},
        {"entity", "\"name\":\"n\",\"co_sectors\":[\"hazchem\",\"mining\"]", REASON_UNKNOWN_CODE,
         "body.co_sectors[1]"},
        {"entity", "\"name\":\"n\",\"principal\":{\"phone\":\"123456789012345678901\"}",
         REASON_TOO_LONG, "body.principal.phone"},
        {"zero_report", "\"period\":\"2020-11\"", REASON_MISSING_FIELD, "body.kind"},
        {"zero_report", "\"period\":\"2020-11\",\"kind\":\"HAZARD\",\"id\":\"2020-11|HAZARD\"",
         REASON_NONE, NULL},
        {"zero_report", "\"period\":\"2020-11\",\"kind\":\"HAZARD\",\"id\":\"2020-11\"",
         REASON_KEY_MISMATCH, "body.id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct judging g;
        char text[1000];
        snprintf(text, sizeof text, "{" ENVELOPE ",\"body\":{%s}}", cases[i].body);
        judge(&g, text, cases[i].record);
        expect(&g, cases[i].body, cases[i].reason, cases[i].field);
        done(&g);
    }
}

#define EVENT "\"id\":\"" ID "\",\"risk_unit_id\":\"" ID "\",\"name\":\"n\","
#define LEC(l, e, c) \
    "\"method\":\"LEC\",\"likelihood\":\"" l "\",\"exposure\":\"" e "\",\"consequence\":\"" c "\""
#define LS(l, s) "\"method\":\"LS\",\"likelihood\":\"" l "\",\"severity\":\"" s "\""
#define OBJECT   "\"id\":\"" ID "\",\"name\":\"n\","

/* The reported value stays; what its own inputs give stands beside it. */
static void what_the_figures_give_stands_beside_what_was_reported(void **state)
{
    (void)state;
    static const struct {
        const char *record, *body, *finding, *field, *expected;
    } cases[] = {
        {"risk_event",
         EVENT LEC("3", "6", "7") ",\"risk_value\":\"126\",\"risk_level\":\"GENERAL\"", "", "", ""},
        {"risk_event", EVENT LEC("3", "6", "7") ",\"risk_value\":\"126.00\"", "", "", ""},
        {"risk_event", EVENT LEC("0.2", "6", "100") ",\"risk_value\":\"120\"", "", "", ""},
        {"risk_event", EVENT LEC("3", "6", "7") ",\"risk_value\":\"125\"", "risk_value_differs",
         "body.risk_value", "126"},
        {"risk_event", EVENT LEC("6", "6", "15") ",\"risk_level\":\"GENERAL\"",
         "risk_level_differs", "body.risk_level", "MAJOR"},
        {"risk_event", EVENT LEC("10", "1", "7") ",\"risk_level\":\"LOW\"", "risk_level_differs",
         "body.risk_level", "GENERAL"},
        {"risk_event", EVENT LEC("4", "6", "7") ",\"risk_level\":\"LOW\"", "input_not_in_table",
         "body.likelihood", ""},
        {"risk_event",
         EVENT LS("3", "5") ",\"method_version\":\"15/9/4\",\"risk_level\":\"CONSIDERABLE\"",
         "risk_level_differs", "body.risk_level", "MAJOR"},
        {"risk_event", EVENT LS("3", "5") ",\"method_version\":\"51/20/9\"", "level_unreachable",
         "body.method_version", ""},
        /* The matrices of schools are named, not published: nothing is computed. */
        {"risk_event", EVENT LS("3", "5") ",\"risk_level\":\"LOW\"", "method_unknown",
         "body.method_version", ""},
        {"risk_object", OBJECT "\"r_value\":\"50\",\"grade\":\"SECOND\"", "", "", ""},
        {"risk_object", OBJECT "\"r_value\":\"50\",\"grade\":\"THIRD\"", "grade_differs",
         "body.grade", "SECOND"},
        {"risk_object", OBJECT "\"r_value\":\"50\",\"grade\":\"NONE\"", "", "", ""},
        {"entity",
         "\"name\":\"registered\",\"industry\":\"C2614\",\"staff\":19,\"size_class\":\"SMALL\"",
         "size_class_differs", "body.size_class", "MICRO"},
        {"entity",
         "\"name\":\"registered\",\"industry\":\"O8111\",\"staff\":12,\"size_class\":\"SMALL\"", "",
         "", ""},
        {"entity",
         "\"name\":\"registered\",\"industry\":\"O8111\",\"staff\":9,\"size_class\":\"SMALL\","
         "\"tier\":\"三级\"",
         "", "", ""},
        {"entity",
         "\"name\":\"registered\",\"industry\":\"O8111\",\"staff\":9,\"size_class\":\"SMALL\","
         "\"kind\":\"INSTITUTION\"",
         "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct judging g;
        char text[1000];
        snprintf(text, sizeof text, "{" ENVELOPE ",\"body\":{%s}}", cases[i].body);
        judge(&g, text, cases[i].record);
        expect(&g, cases[i].body, REASON_NONE, NULL);
        const struct finding *f = g.r->findings;
        if (strcmp(f ? f->code : "", cases[i].finding) != 0) {
            fail_msg("%s: %s", cases[i].body, f ? f->code : "no finding");
        }
        if (f) {
            assert_string_equal(f->field, cases[i].field);
            assert_string_equal(f->expected ? f->expected : "", cases[i].expected);
            assert_null(f->next);
        }
        done(&g);
    }
}

static void computed_values_never_replace_reported_ones(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{" ENVELOPE
          ",\"body\":{" EVENT LEC("6", "6", "15") ",\"risk_value\":\"1\",\"risk_level\":\"LOW\"}}",
          "risk_event");
    expect(&g, "reported", REASON_NONE, NULL);
    assert_string_equal(g.r->env->risk_event->risk_value, "1");
    assert_int_equal(g.r->env->risk_event->risk_level, DUALGATE__V1__RISK_LEVEL__CODE__LOW);
    assert_string_equal(finding_in(g.r, "risk_value_differs")->expected, "540");
    assert_string_equal(finding_in(g.r, "risk_level_differs")->expected, "MAJOR");
    done(&g);
}

static void exchanged_coordinates_are_told_as_such(void **state)
{
    (void)state;
    struct judging g;
    judge(&g, "{" ENVELOPE ",\"body\":{" OBJECT "\"lat\":\"113.27\",\"lon\":\"33.70\"}}",
          "risk_object");
    expect(&g, "swapped", REASON_COORDINATE_OUTSIDE, "body.lat");
    assert_string_equal(finding_in(g.r, "coordinate_swapped")->reported, "113.27");
    done(&g);
    judge(&g, "{" ENVELOPE ",\"body\":{" OBJECT "\"lat\":\"39.9\",\"lon\":\"116.4\"}}",
          "risk_object");
    expect(&g, "elsewhere", REASON_COORDINATE_OUTSIDE, "body.lat");
    assert_null(g.r->findings);
    done(&g);
}

static void lengths_are_counted_in_characters(void **state)
{
    (void)state;
    char name[301 * 3 + 1];
    char text[2000];
    for (size_t i = 0; i < 301; i++) {
        memcpy(name + 3 * i, "\xE9\x9A\x90", 3);
    }
    for (size_t n = 300; n <= 301; n++) {
        struct judging g;
        snprintf(text, sizeof text,
                 "{" ENVELOPE ",\"body\":{\"id\":\"" ID
                 "\",\"name\":\"%.*s\",\"level\":\"GENERAL\",\"found_at\":\"" NOW
                 "\",\"manage_type\":\"ON_THE_SPOT\",\"state\":\"RECTIFYING\"}}",
                 (int)(3 * n), name);
        judge(&g, text, "hazard");
        expect(&g, "name", n > 300 ? REASON_TOO_LONG : REASON_NONE, n > 300 ? "body.name" : NULL);
        if (n > 300) {
            assert_string_equal(g.r->problem.label_zh, "隐患名称");
            assert_int_equal(strlen(g.r->problem.value), 200 * 3);
        }
        done(&g);
    }
}

static void a_sector_requires_what_its_profile_says(void **state)
{
    (void)state;
    struct judging g;
    arena_init(&g.arena, 1 << 20);
    static const char text[] = "{\"msg_id\":\"" MSG "\",\"uscc\":\"" FACTORY "\",\"body\":{" HAZARD
                               ",\"state\":\"RECTIFYING\"}}";
    assert_int_equal(judge_as(&g, text, "hazard", FACTORY, "hazchem"), ERR_OK);
    expect(&g, "hazchem", REASON_MISSING_FIELD, "body.registered_at");
    done(&g);
}

static void a_delete_needs_only_the_key(void **state)
{
    (void)state;
    struct judging g;
    judge(&g, "{" ENVELOPE ",\"op\":\"DELETE\",\"body\":{\"id\":\"" ID "\"}}", "hazard");
    expect(&g, "delete", REASON_NONE, NULL);
    done(&g);
    judge(&g, "{" ENVELOPE ",\"op\":\"DELETE\",\"body\":{\"name\":\"n\"}}", "hazard");
    expect(&g, "delete", REASON_MISSING_FIELD, "body.id");
    done(&g);
}

static void a_transition_must_change_the_state(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{" ENVELOPE ",\"op\":\"TRANSITION\",\"body\":{\"id\":\"" ID "\",\"to\":\"CLOSED\","
          "\"from\":\"CLOSED\",\"by\":\"b\",\"reason\":\"r\",\"at\":\"" NOW "\"}}",
          "hazard");
    expect(&g, "same", REASON_SAME_STATE, "body.to");
    done(&g);
    judge(&g,
          "{" ENVELOPE ",\"op\":\"TRANSITION\",\"body\":{\"id\":\"" ID "\",\"to\":\"CLOSED\","
          "\"from\":\"ACCEPTED\",\"by\":\"b\",\"reason\":\"r\",\"at\":\"2020-11-02T01:00:00Z\"}}",
          "hazard");
    expect(&g, "other", REASON_NONE, NULL);
    assert_string_equal(g.r->env->record, "hazard");
    assert_int_equal(report_settle_identity(g.r, &g.arena, 0), ERR_OK);
    assert_string_equal(g.r->id, ID "|" NOW "|CLOSED");
    done(&g);
}

static void divisions_are_mapped_with_a_finding(void **state)
{
    (void)state;
    static const struct {
        const char *sent, *taken, *finding, *expected;
    } cases[] = {
        {"410411001", "410411001", NULL, NULL},
        {"410411", "410411", NULL, NULL},
        {"410411001003", "410411001003", NULL, NULL},
        {"410411100", "410411007", "division_mapped", "410411007"},
        {"410411100", "410411007", "division_differs", "410411001"},
        {"410411007", "410411007", "division_differs", "410411001"},
        {"410411999", "410411001", "division_unknown", "410411001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct judging g;
        char text[600];
        snprintf(text, sizeof text,
                 "{" ENVELOPE ",\"division\":\"%s\",\"body\":{" HAZARD
                 ",\"state\":\"RECTIFYING\"}}",
                 cases[i].sent);
        judge(&g, text, "hazard");
        expect(&g, cases[i].sent, REASON_NONE, NULL);
        assert_string_equal(g.r->env->division, cases[i].taken);
        assert_string_equal(g.r->township, "410411001");
        if (cases[i].finding) {
            const struct finding *f = finding_in(g.r, cases[i].finding);
            assert_string_equal(f->code, cases[i].finding);
            assert_string_equal(f->field, "division");
            assert_string_equal(f->expected, cases[i].expected);
        } else {
            assert_null(g.r->findings);
        }
        done(&g);
    }
}

static void what_disagrees_but_does_not_hinder_is_a_finding(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{" ENVELOPE ",\"body\":{" HAZARD ",\"state\":\"RECTIFYING\",\"accept_time\":\"" NOW
          "\",\"rectified_at\":\"1970-01-01T00:00:00Z\"}}",
          "hazard");
    expect(&g, "open", REASON_NONE, NULL);
    assert_null(g.r->env->hazard->accept_time);
    assert_string_equal(finding_in(g.r, "accepted_while_open")->reported, NOW);
    assert_string_equal(finding_in(g.r, "date_placeholder")->field, "body.rectified_at");
    done(&g);
    judge(&g,
          "{" ENVELOPE ",\"body\":{\"name\":\"other\",\"sector\":\"hazchem\","
          "\"division\":\"410411007\",\"company_code\":\"999999999\"}}",
          "entity");
    expect(&g, "entity", REASON_NONE, NULL);
    assert_string_equal(finding_in(g.r, "name_differs")->expected, "registered");
    assert_string_equal(finding_in(g.r, "sector_differs")->code, "sector_differs");
    assert_string_equal(finding_in(g.r, "division_differs")->code, "division_differs");
    assert_string_equal(finding_in(g.r, "company_code_differs")->code, "company_code_differs");
    done(&g);
}

static void a_platform_reports_for_the_sector_it_is_authorised_for(void **state)
{
    (void)state;
    struct judging g;
    static const char text[] = "{" ENVELOPE ",\"body\":{" HAZARD ",\"state\":\"RECTIFYING\"}}";
    arena_init(&g.arena, 1 << 20);
    assert_int_equal(judge_as(&g, text, "hazard", "edu", "education"), ERR_OK);
    expect(&g, "edu", REASON_NONE, NULL);
    assert_int_equal(judge_as(&g, text, "hazard", FACTORY, "education"), ERR_OK);
    expect(&g, "factory", REASON_NOT_AUTHORISED, "uscc");
    assert_int_equal(judge_as(&g, text, "hazard", "nobody", "education"), ERR_OK);
    expect(&g, "nobody", REASON_NOT_AUTHORISED, "uscc");
    assert_int_equal(judge_as(&g, text, "hazard", "edu", "org"), ERR_OK);
    expect(&g, "a platform is no organisation", REASON_UNKNOWN_ORG, NULL);
    done(&g);
}

static void what_the_node_alone_sets_is_taken_out_with_a_warning(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{" ENVELOPE ",\"body\":{" HAZARD ",\"state\":\"RECTIFYING\",\"withdrawal\":\"VOID\"}}",
          "hazard");
    expect(&g, "withdrawal", REASON_NONE, NULL);
    assert_false(g.r->env->hazard->has_withdrawal);
    assert_non_null(g.r->warnings);
    assert_string_equal(g.r->warnings->text, "body.withdrawal");
    assert_null(g.r->warnings->next);
    done(&g);
}

static void hours_are_written_with_two_digits(void **state)
{
    (void)state;
    struct judging g;
    judge(&g,
          "{" ENVELOPE ",\"body\":{\"id\":\"" ID "\",\"content\":\"c\",\"work_start\":\"8:00:00\","
          "\"work_end\":\"18:30\"}}",
          "check_task");
    expect(&g, "hours", REASON_NONE, NULL);
    assert_string_equal(g.r->env->check_task->work_start, "08:00:00");
    assert_string_equal(g.r->env->check_task->work_end, "18:30:00");
    done(&g);
}

static void settled(struct judging *g, const char *text, const char *record)
{
    judge(g, text, record);
    expect(g, text, REASON_NONE, NULL);
    assert_int_equal(report_settle_identity(g->r, &g->arena, 77), ERR_OK);
}

static bool same_hash(const char *a, const char *b, const char *record)
{
    struct judging x;
    struct judging y;
    settled(&x, a, record);
    settled(&y, b, record);
    bool same = memcmp(x.r->hash, y.r->hash, DIGEST_BYTES) == 0;
    done(&x);
    done(&y);
    return same;
}

#define OPEN_HAZARD "\"body\":{" HAZARD ",\"state\":\"RECTIFYING\""

static void the_content_hash_is_of_the_content(void **state)
{
    (void)state;
    static const char plain[] = "{" ENVELOPE "," OPEN_HAZARD "}}";
    static const char *const same[] = {
        "{\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e02\",\"uscc\":\"" SCHOOL "\"," OPEN_HAZARD
        "}}",
        "{" ENVELOPE ",\"op\":\"UPSERT\",\"record\":\"hazard\",\"sector\":\"education\","
        "\"division\":\"410411001\",\"unit\":\"\",\"schema\":\"dualgate.v1\"," OPEN_HAZARD "}}",
        "{" OPEN_HAZARD "}," ENVELOPE ",\"sent_at\":\"" NOW "\",\"client_channel\":\"PC\",\"x\":1}",
        "{" ENVELOPE ",\"body\":{\"state\":30," HAZARD "}}",
    };
    static const char *const other[] = {
        "{" ENVELOPE "," OPEN_HAZARD ",\"round\":1}}",
        "{" ENVELOPE "," OPEN_HAZARD ",\"cause\":\"\"}}",
        "{" ENVELOPE "," OPEN_HAZARD ",\"x\":1}}",
        "{" ENVELOPE ",\"source_seq\":0," OPEN_HAZARD "}}",
        "{" ENVELOPE ",\"observed_at\":\"" NOW "\"," OPEN_HAZARD "}}",
        "{" ENVELOPE ",\"op\":\"DELETE\"," OPEN_HAZARD "}}",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(same_hash(plain, same[i], "hazard"));
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        assert_false(same_hash(plain, other[i], "hazard"));
    }
    assert_true(same_hash("{" ENVELOPE "," OPEN_HAZARD ",\"x\":1,\"y\":2}}",
                          "{" ENVELOPE "," OPEN_HAZARD ",\"y\":2,\"x\":1}}", "hazard"));
    assert_true(same_hash("{" ENVELOPE ",\"observed_at\":\"2020-11-02T01:00:00Z\"," OPEN_HAZARD
                          "}}",
                          "{" ENVELOPE ",\"observed_at\":\"" NOW "\"," OPEN_HAZARD "}}", "hazard"));
}

static void versions_are_ordered_by_time_source_and_state(void **state)
{
    (void)state;
    struct judging g;
    settled(&g, "{" ENVELOPE "," OPEN_HAZARD "}}", "hazard");
    assert_int_equal(g.r->order.observed_us, 77);
    assert_string_equal(g.r->order.source_system, "");
    assert_int_equal(g.r->order.source_seq, 0);
    assert_int_equal(g.r->order.state_rank, 30);
    assert_string_equal(g.r->id, ID);
    assert_string_equal(g.r->msg_id, MSG);
    done(&g);
    settled(&g,
            "{" ENVELOPE ",\"observed_at\":\"1970-01-01T08:00:01+08:00\",\"source_system\":\"s\","
            "\"source_seq\":9,\"body\":{\"name\":\"n\"}}",
            "entity");
    assert_int_equal(g.r->order.observed_us, 1000000);
    assert_string_equal(g.r->order.source_system, "s");
    assert_int_equal(g.r->order.source_seq, 9);
    assert_int_equal(g.r->order.state_rank, 0);
    assert_string_equal(g.r->id, SCHOOL);
    assert_string_equal(g.r->id_as_sent, SCHOOL);
    done(&g);
}

static void a_joined_key_begins_with_the_unit(void **state)
{
    (void)state;
    struct judging g;
    static const char text[] = "{\"msg_id\":\"" MSG "\",\"uscc\":\"" FACTORY
                               "\",\"unit\":\"canteen\",\"body\":{\"period\":\"2020-11\","
                               "\"kind\":\"HAZARD\"}}";
    arena_init(&g.arena, 1 << 20);
    assert_int_equal(judge_as(&g, text, "zero_report", FACTORY, "education"), ERR_OK);
    expect(&g, text, REASON_NONE, NULL);
    assert_int_equal(report_settle_identity(g.r, &g.arena, 0), ERR_OK);
    assert_string_equal(g.r->id, "canteen|2020-11|HAZARD");
    done(&g);
}

static void an_exhausted_heap_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    static const char text[] =
        "{\"msg_id\":\"" MSG "\",\"uscc\":\"" SCHOOL "\",\"division\":\"410411100\"," OPEN_HAZARD
        ",\"accept_time\":\"2020-11-02T01:00:00Z\",\"x\":[1]}}";
    size_t live = mem_live();
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        struct judging g;
        arena_init(&g.arena, 1 << 20);
        (void)mem_fail_at(n);
        e = judge_as(&g, text, "hazard", SCHOOL, "education");
        e = e == ERR_OK ? report_settle_identity(g.r, &g.arena, 0) : e;
        (void)mem_fail_at(0);
        done(&g);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(e, ERR_OK);
    for (size_t max = 0; max < 6000; max += 64) {
        struct judging g;
        arena_init(&g.arena, max);
        e = judge_as(&g, text, "hazard", SCHOOL, "education");
        e = e == ERR_OK ? report_settle_identity(g.r, &g.arena, 0) : e;
        assert_true(e == ERR_OK || e == ERR_NOMEM);
        done(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_report_is_given_its_canonical_form),
        cmocka_unit_test(what_is_wrong_in_an_envelope_is_named),
        cmocka_unit_test(what_is_wrong_in_a_body_is_named),
        cmocka_unit_test(what_the_figures_give_stands_beside_what_was_reported),
        cmocka_unit_test(computed_values_never_replace_reported_ones),
        cmocka_unit_test(exchanged_coordinates_are_told_as_such),
        cmocka_unit_test(lengths_are_counted_in_characters),
        cmocka_unit_test(a_sector_requires_what_its_profile_says),
        cmocka_unit_test(a_delete_needs_only_the_key),
        cmocka_unit_test(a_transition_must_change_the_state),
        cmocka_unit_test(divisions_are_mapped_with_a_finding),
        cmocka_unit_test(what_disagrees_but_does_not_hinder_is_a_finding),
        cmocka_unit_test(a_platform_reports_for_the_sector_it_is_authorised_for),
        cmocka_unit_test(what_the_node_alone_sets_is_taken_out_with_a_warning),
        cmocka_unit_test(hours_are_written_with_two_digits),
        cmocka_unit_test(the_content_hash_is_of_the_content),
        cmocka_unit_test(versions_are_ordered_by_time_source_and_state),
        cmocka_unit_test(a_joined_key_begins_with_the_unit),
        cmocka_unit_test(an_exhausted_heap_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
