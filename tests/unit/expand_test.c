/* SPDX-License-Identifier: Apache-2.0 */
/* Inspections through intake: what the node makes of their findings, and what becomes of that in a
 * plan. */
#include "pipe/expand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "pg/decide.h"
#include "pg/lives.h"
#include "pipe/batch.h"
#include "pipe/intake.h"
#include "pipe/receipt.h"

#define USCC              "91410411MA45ABCD6Y"
#define TOPIC             "dp/v1/410411/org/yjglj/up/inspection"
#define INSPECTED_AT      "2020-11-02T09:00:00+08:00"
#define TEXT_MAX          4096
#define FINDING(no, more) "{\"no\":" #no ",\"text\":\"t" #no "\"" more "}"
#define WHOLE             ",\"level\":\"GENERAL\",\"due_on\":\"2020-11-12\""

static struct schema *schema;
static struct registry *registry;
static struct clock_fake now;
static struct intake intake;
static struct plan plan;

static int given_a_register(void **state)
{
    (void)state;
    const char *why = NULL;
    const struct reg_unit unit = {
        .uscc = USCC, .unit = "", .division = "410411001", .company_code = "", .name = "甲"};
    const struct reg_sector sector = {.code = "hazchem", .profile = "hazchem"};
    const struct reg_division town = {.code = "410411001"};
    const struct reg_org org = {.code = "yjglj",
                                .kind = ORG_DEPARTMENT,
                                .division = "410411",
                                .sectors = "hazchem",
                                .active = true};
    clock_fake_init(&now, 1604300000000000); /* 2020-11-02T14:53:20+08:00 */
    bool ok = schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK &&
              registry_add_sector(registry, &sector) == ERR_OK &&
              registry_add_division(registry, &town) == ERR_OK &&
              registry_add_org(registry, &org) == ERR_OK &&
              registry_add_unit(registry, &unit, "hazchem") == ERR_OK &&
              plan_init(&plan, schema, 1 << 24) == ERR_OK;
    intake = (struct intake){
        .schema = schema,
        .registry = registry,
        .clock = &now.clock,
        .node = "410411",
        .limits = {.reports_max = 10, .report_bytes_max = 65536, .depth_max = 16},
        .message_bytes_max = 1 << 20,
        .arena_bytes_max = 1 << 20,
        .correlation_bytes_max = 16,
        .response_topic_bytes_max = 256,
        .future_tolerance_us = 600000000,
        .rules = {33, 35, 112, 115, true},
    };
    return ok ? 0 : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    plan_free(&plan);
    registry_free(registry);
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

/* ---- given ---- */

static const char *report_of(char text[TEXT_MAX], int msg, const char *op, int minute,
                             const char *findings)
{
    (void)snprintf(text, TEXT_MAX,
                   "{\"msg_id\":\"00000000-0000-7000-8000-%012d\",\"op\":\"%s\",\"uscc\":\"" USCC
                   "\",\"observed_at\":\"2020-11-02T09:%02d:00+08:00\",\"body\":{"
                   "\"doc_no\":\"7\",\"kind\":\"ROUTINE\",\"inspected_at\":\"" INSPECTED_AT "\","
                   "\"checked_dual_prevention\":true,\"inspectors\":[\"王敏\"],"
                   "\"findings\":[%s]}}",
                   msg, op, minute, findings);
    return text;
}

static struct message *take(const char *payload)
{
    const struct incoming in = {.topic = SPAN_LIT(TOPIC), .payload = span_of(payload)};
    struct message *m = intake_take(&intake, &in);
    assert_non_null(m);
    return m;
}

static struct message *inspection(int msg, int minute, const char *findings)
{
    char text[TEXT_MAX];
    return take(report_of(text, msg, "UPSERT", minute, findings));
}

static void expect_problem(const char *findings, enum reason reason, const char *field)
{
    struct message *m = inspection(1, 0, findings);
    const struct problem *p = &m->entries[0].report.problem;
    assert_string_equal(reason_word(p->reason), reason_word(reason));
    assert_string_equal(p->field, field);
    assert_int_equal(m->n_entries, 1);
    message_free(m);
}

/* ---- what is made ---- */

static void each_finding_becomes_a_hazard_behind_its_inspection(void **state)
{
    (void)state;
    struct message *m = inspection(
        1, 0,
        FINDING(1, WHOLE ",\"place\":\"x\"") "," FINDING(2, WHOLE ",\"done_on\":\"2020-11-02\""));
    assert_int_equal(m->entries[0].report.problem.reason, REASON_NONE);
    assert_int_equal(m->n_entries, 3);
    const struct report *r = &m->entries[1].report;
    const Dualgate__V1__Hazard *h = r->env->hazard;
    assert_string_equal(h->name, "t1");
    assert_string_equal(h->description, "t1");
    assert_string_equal(h->place, "x");
    assert_string_equal(h->enforcement_no, "7");
    assert_string_equal(h->registrant, "王敏");
    assert_string_equal(h->deadline, "2020-11-12");
    assert_string_equal(h->found_at, INSPECTED_AT);
    assert_int_equal(h->found_by, DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
    assert_int_equal(h->state, DUALGATE__V1__HAZARD_STATE__CODE__REGISTERED);
    assert_string_equal(r->env->sector, "hazchem");
    assert_string_equal(r->township, "410411001");
    assert_int_equal(strlen(r->id), 32);
    assert_memory_equal(r->raw_hash, r->hash, DIGEST_BYTES);
    assert_true(r->by_org && m->entries[1].only_new);
    assert_ptr_equal(m->entries[1].source, &m->entries[0]);
    h = m->entries[2].report.env->hazard;
    assert_int_equal(h->state, DUALGATE__V1__HAZARD_STATE__CODE__RECTIFIED);
    assert_string_equal(h->rectified_at, "2020-11-02T00:00:00+08:00");
    message_free(m);
}

static void the_same_finding_is_the_same_hazard_and_another_is_not(void **state)
{
    (void)state;
    struct message *a = inspection(1, 0, FINDING(1, WHOLE) "," FINDING(2, WHOLE));
    struct message *b = inspection(2, 5, FINDING(2, WHOLE ",\"place\":\"x\""));
    assert_string_equal(a->entries[2].report.id, b->entries[1].report.id);
    assert_string_equal(a->entries[2].report.msg_id, b->entries[1].report.msg_id);
    assert_string_not_equal(a->entries[1].report.id, a->entries[2].report.id);
    assert_string_not_equal(a->entries[1].report.msg_id, a->entries[2].report.msg_id);
    message_free(a);
    message_free(b);
}

static void a_long_text_is_cut_for_the_name_alone(void **state)
{
    (void)state;
    char finding[1500] = "{\"no\":1,\"text\":\"";
    for (int i = 0; i < 301; i++) {
        (void)strncat(finding, "隐", sizeof finding - strlen(finding) - 1);
    }
    (void)strncat(finding, "\"" WHOLE "}", sizeof finding - strlen(finding) - 1);
    struct message *m = inspection(1, 0, finding);
    assert_int_equal(m->n_entries, 2);
    assert_int_equal(strlen(m->entries[1].report.env->hazard->name), 900);
    assert_int_equal(strlen(m->entries[1].report.env->hazard->description), 903);
    message_free(m);
}

static void nothing_is_made_of_what_names_its_hazard_or_is_taken_back(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct message *m =
        inspection(1, 0, FINDING(1, ",\"hazard_id\":\"5f0c0000000000000000000000000001\""));
    assert_int_equal(m->n_entries, 1);
    assert_int_equal(m->entries[0].report.problem.reason, REASON_NONE);
    message_free(m);
    m = take(report_of(text, 1, "DELETE", 0, FINDING(1, WHOLE)));
    assert_int_equal(m->n_entries, 1);
    message_free(m);
}

static void what_is_wrong_with_a_hazard_is_said_of_its_finding(void **state)
{
    (void)state;
    expect_problem(FINDING(1, WHOLE) "," FINDING(2, ",\"due_on\":\"2020-11-12\""),
                   REASON_MISSING_FIELD, "body.findings[1].level");
    expect_problem(FINDING(1, ",\"level\":\"GENERAL\""), REASON_DEADLINE_MISSING,
                   "body.findings[0].due_on");
    expect_problem(FINDING(1, ",\"level\":\"GENERAL\",\"due_on\":\"2020-11-01\""),
                   REASON_DEADLINE_BEFORE_REGISTERED, "body.findings[0].due_on");
    expect_problem(FINDING(1, WHOLE) "," FINDING(1, WHOLE), REASON_DUPLICATE_MEMBER,
                   "body.findings[1].no");
}

static void a_receipt_has_no_item_of_what_the_node_made(void **state)
{
    (void)state;
    char one[TEXT_MAX];
    char two[TEXT_MAX];
    char payload[2 * TEXT_MAX + 3];
    (void)snprintf(payload, sizeof payload, "[%s,%s]",
                   report_of(one, 1, "UPSERT", 0, FINDING(1, WHOLE)),
                   report_of(two, 2, "UPSERT", 1, FINDING(1, WHOLE)));
    struct message *m = take(payload);
    struct batch batch;
    struct buf out;
    batch_init(&batch);
    buf_init(&out, 0);
    assert_int_equal(m->n_entries, 4);
    receipt_write("410411", &batch, m, &out);
    assert_null(strstr(buf_text(&out), "hazard"));
    assert_non_null(strstr(buf_text(&out), "},{\"index\":1"));
    assert_null(strstr(buf_text(&out), ",,"));
    buf_free(&out);
    message_free(m);
}

static void memory_that_runs_out_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    report_of(text, 1, "UPSERT", 0, FINDING(1, WHOLE) "," FINDING(2, WHOLE));
    const struct incoming in = {.topic = SPAN_LIT(TOPIC), .payload = span_of(text)};
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        mem_fail_at(n);
        struct message *m = intake_take(&intake, &in);
        size_t asked = mem_fail_at(0);
        bool whole = m && m->n_entries == 3;
        message_free(m);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_true(whole);
            return;
        }
    }
}

/* ---- what becomes of it ---- */

/* The items of a message in a plan that is decided; known: the life of the hazard of the first
 * finding, or NULL. */
static struct plan_item **planned(struct message *m, const struct hazard_life *known)
{
    plan_reset(&plan);
    for (size_t i = 0; i < m->n_entries; i++) {
        assert_int_equal(plan_add(&plan, &m->entries[i], NULL, NULL), ERR_OK);
    }
    if (known) {
        struct order_key order = {.observed_us = 1, .source_system = ""};
        struct life_stored stored = {.life = *known, .order = order, .tie = 5, .token = "1"};
        assert_int_equal(plan_head_found(&plan, plan.items[1]->head, &order, 5), ERR_OK);
        lives_found(plan.items[1]->life, &stored);
    }
    assert_int_equal(decide_plan(&plan, 10), ERR_OK);
    plan_number(&plan, 100, 1000);
    return plan.items;
}

static uint64_t counted(void)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        sum += plan.counts[i];
    }
    return sum;
}

static void what_is_new_is_stored_and_counted(void **state)
{
    (void)state;
    struct message *m = inspection(1, 0, FINDING(1, WHOLE) "," FINDING(2, WHOLE));
    struct plan_item **items = planned(m, NULL);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(items[i]->verdict, VERDICT_STORED);
        assert_int_equal(items[i]->ledger_no, 101 + (int64_t)i);
    }
    assert_int_equal(plan.received, 3);
    assert_int_equal(counted(), 3);
    message_free(m);
}

static struct hazard_life found_by(int finder)
{
    struct hazard_life life = life_none();
    life.known = true;
    life.state = life.reported_state = DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING;
    life.level = life.reported_level = DUALGATE__V1__HAZARD_LEVEL__CODE__GENERAL;
    life.found_by = finder;
    return life;
}

static void a_hazard_that_is_known_is_left_as_it_is(void **state)
{
    (void)state;
    const struct hazard_life known = found_by(DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
    struct message *m = inspection(1, 0, FINDING(1, WHOLE) "," FINDING(2, WHOLE));
    struct plan_item **items = planned(m, &known);
    assert_int_equal(items[1]->verdict, VERDICT_NONE);
    assert_null(items[1]->head->winner);
    assert_int_equal(items[2]->verdict, VERDICT_STORED);
    assert_int_equal(items[2]->ledger_no, 102);
    assert_int_equal(plan.received, 2);
    assert_int_equal(counted(), 2);
    message_free(m);
}

static void a_unit_that_was_faster_with_less_does_not_keep_it_out(void **state)
{
    (void)state;
    const struct hazard_life own = found_by(DUALGATE__V1__HAZARD_FINDER__CODE__SELF);
    const struct hazard_life low = found_by(DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
    struct message *m = inspection(1, 0, FINDING(1, WHOLE));
    struct plan_item **items = planned(m, &own);
    assert_int_equal(items[1]->verdict, VERDICT_STORED);
    assert_int_equal(items[1]->life->track.now.found_by,
                     DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY);
    message_free(m);
    m = inspection(1, 0, FINDING(1, ",\"level\":\"MAJOR\",\"due_on\":\"2020-11-12\""));
    items = planned(m, &low);
    assert_int_equal(items[1]->verdict, VERDICT_STORED);
    assert_int_equal(items[1]->life->track.now.level, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    message_free(m);
}

static void nothing_is_made_of_an_inspection_that_is_not_stored(void **state)
{
    (void)state;
    struct message *m = inspection(1, 0, FINDING(1, WHOLE));
    plan_reset(&plan);
    for (size_t i = 0; i < m->n_entries; i++) {
        assert_int_equal(plan_add(&plan, &m->entries[i], NULL, NULL), ERR_OK);
    }
    const uint8_t other[DIGEST_BYTES] = {1};
    plan_msg_found(plan.items[0]->msg, other, other, 5);
    assert_int_equal(decide_plan(&plan, 10), ERR_OK);
    assert_int_equal(plan.items[0]->verdict, VERDICT_CONFLICT);
    assert_int_equal(plan.items[1]->verdict, VERDICT_NONE);
    assert_int_equal(plan.claims.n, 0);
    assert_int_equal(plan.received, 1);
    message_free(m);
}

static void what_comes_without_its_inspection_is_passed_over(void **state)
{
    (void)state;
    struct message *m = inspection(1, 0, FINDING(1, WHOLE));
    plan_reset(&plan);
    assert_int_equal(plan_add(&plan, &m->entries[1], NULL, NULL), ERR_OK);
    assert_int_equal(decide_plan(&plan, 10), ERR_OK);
    assert_int_equal(plan.items[0]->verdict, VERDICT_NONE);
    assert_int_equal(plan.received, 0);
    message_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_finding_becomes_a_hazard_behind_its_inspection),
        cmocka_unit_test(the_same_finding_is_the_same_hazard_and_another_is_not),
        cmocka_unit_test(a_long_text_is_cut_for_the_name_alone),
        cmocka_unit_test(nothing_is_made_of_what_names_its_hazard_or_is_taken_back),
        cmocka_unit_test(what_is_wrong_with_a_hazard_is_said_of_its_finding),
        cmocka_unit_test(a_receipt_has_no_item_of_what_the_node_made),
        cmocka_unit_test(memory_that_runs_out_is_told_and_nothing_leaks),
        cmocka_unit_test(what_is_new_is_stored_and_counted),
        cmocka_unit_test(a_hazard_that_is_known_is_left_as_it_is),
        cmocka_unit_test(a_unit_that_was_faster_with_less_does_not_keep_it_out),
        cmocka_unit_test(nothing_is_made_of_an_inspection_that_is_not_stored),
        cmocka_unit_test(what_comes_without_its_inspection_is_passed_over),
    };
    return cmocka_run_group_tests(tests, given_a_register, and_no_leak);
}
