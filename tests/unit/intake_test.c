/* SPDX-License-Identifier: Apache-2.0 */
/* intake: from bytes to a judged message. The register holds one enterprise and one service
 * organisation that may report for it. */
#include "pipe/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "pipe/receipt.h"

#define USCC       "91410411MA45ABCD6Y"
#define OTHER      "91410411MA9G00016W"
#define TOPIC      "dp/v1/410411/hazchem/" USCC "/up/hazard"
#define TEN_LEVELS "//////////"
#define HAZARD                                                                                                \
    "{\"id\":\"5f0c0000000000000000000000000001\",\"name\":\"报警器失效\",\"level\":\"GENERAL\","        \
    "\"registered_at\":\"2020-11-02T09:00:00+08:00\",\"registrant\":\"李建国\","                           \
    "\"source\":\"DAILY\",\"manage_type\":\"DEADLINE\",\"discipline\":\"INSTRUMENT\","                        \
    "\"description\":\"储罐区报警器失效\",\"resp_person\":\"张建国\",\"deadline\":\"2020-11-05\"," \
    "\"accept_person\":\"王敏\",\"state\":\"RECTIFYING\"}"
#define REPORT                                                                         \
    "{\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\",\"schema\":\"dualgate.v1\"," \
    "\"record\":\"hazard\",\"op\":\"UPSERT\",\"uscc\":\"" USCC "\",\"unit\":\"\","     \
    "\"division\":\"410411001\",\"sector\":\"hazchem\","                               \
    "\"observed_at\":\"2020-11-02T09:00:00+08:00\",\"body\":" HAZARD "}"

static struct schema *schema;
static struct registry *registry;
static struct clock_fake now;
static struct intake intake;
static struct {
    char adapter[32], charset[32];
    size_t calls;
} native;

static enum err fake_native(void *ctx, struct span adapter, struct span payload,
                            struct span charset, const struct reg_publisher *publisher,
                            const struct registry *reg, int64_t received_us, struct arena *arena,
                            struct report_set *out)
{
    (void)ctx, (void)payload, (void)publisher, (void)reg, (void)received_us, (void)arena;
    native.calls++;
    snprintf(native.adapter, sizeof native.adapter, "%.*s", SPAN_ARG(adapter));
    snprintf(native.charset, sizeof native.charset, "%.*s", SPAN_ARG(charset));
    out->problem.reason = REASON_BAD_ENVELOPE;
    return ERR_OK;
}

static void fake_blame(void *ctx, struct span adapter, struct report *r, struct arena *arena)
{
    (void)ctx, (void)adapter, (void)r, (void)arena;
}

static const struct native_ops native_ops = {NULL, fake_native, fake_blame};

static int given_a_register(void **state)
{
    (void)state;
    const char *why = NULL;
    memset(&native, 0, sizeof native);
    clock_fake_init(&now, 1604300000000000); /* 2020-11-02T14:53:20+08:00 */
    const struct reg_unit unit = {
        .uscc = USCC, .unit = "", .division = "410411001", .company_code = "", .name = "甲"};
    const struct reg_publisher agent = {.code = "agent",
                                        .kind = "SERVICE_ORG",
                                        .adapters = "csv hazchem",
                                        .charset = "GB18030",
                                        .key = "",
                                        .company_code = "",
                                        .active = true};
    bool ok = schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK &&
              registry_add_sector(registry, &(struct reg_sector){.code = "hazchem",
                                                                 .profile = "hazchem"}) == ERR_OK &&
              registry_add_division(registry, &(struct reg_division){"410411001", NULL, false}) ==
                  ERR_OK &&
              registry_add_unit(registry, &unit, "hazchem") == ERR_OK &&
              registry_add_publisher(registry, &agent) == ERR_OK &&
              registry_add_authorisation(registry, "agent", USCC, "") == ERR_OK;
    intake = (struct intake){
        .schema = schema,
        .registry = registry,
        .clock = &now.clock,
        .node = "410411",
        .limits = {.reports_max = 3, .report_bytes_max = 4096, .depth_max = 16},
        .message_bytes_max = 16384,
        .arena_bytes_max = 1 << 20,
        .correlation_bytes_max = 16,
        .response_topic_bytes_max = 256,
        .future_tolerance_us = 600000000,
        .rules = {33, 35, 112, 115, true},
        .native = &native_ops,
    };
    return ok ? 0 : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    registry_free(registry);
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

static struct message *take(const char *topic, const char *payload)
{
    const struct incoming in = {.topic = span_of(topic), .payload = span_of(payload)};
    struct message *m = intake_take(&intake, &in);
    assert_non_null(m);
    assert_true(m->n_entries >= 1);
    return m;
}

static void assert_reason(const char *topic, const char *payload, enum reason reason)
{
    struct message *m = take(topic, payload);
    assert_string_equal(reason_word(m->entries[0].report.problem.reason), reason_word(reason));
    message_free(m);
}

static void good_report_has_no_problem_and_an_identity(void **state)
{
    (void)state;
    struct message *m = take(TOPIC, REPORT);
    const struct report *r = &m->entries[0].report;
    assert_string_equal(reason_word(r->problem.reason), "");
    assert_string_equal(r->id, "5f0c0000000000000000000000000001");
    assert_string_equal(r->msg_id, "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01");
    assert_string_equal(r->township, "410411001");
    assert_string_equal(m->publisher, USCC);
    message_free(m);
}

static void every_report_of_an_array_is_judged_alone(void **state)
{
    (void)state;
    struct message *m = take(TOPIC, "[" REPORT ",7," REPORT "]");
    assert_int_equal(m->n_entries, 3);
    assert_int_equal(m->entries[0].report.problem.reason, REASON_NONE);
    assert_int_equal(m->entries[1].report.problem.reason, REASON_NOT_AN_OBJECT);
    assert_int_equal(m->entries[2].report.problem.reason, REASON_NONE);
    message_free(m);
}

static void what_is_wrong_with_the_message_is_said(void **state)
{
    (void)state;
    assert_reason("dp/v1/410411/hazchem/" USCC "/up", REPORT, REASON_BAD_TOPIC);
    assert_reason(TOPIC "/more", REPORT, REASON_BAD_TOPIC);
    assert_reason("dp/v1/410402/hazchem/" USCC "/up/hazard", REPORT, REASON_WRONG_NODE);
    assert_reason(TOPIC, "", REASON_EMPTY_MESSAGE);
    assert_reason(TOPIC, "{", REASON_UNREADABLE);
    assert_reason(TOPIC, "[]", REASON_EMPTY_MESSAGE);
    assert_reason(TOPIC, "\xC0\xAF", REASON_BAD_ENCODING);
    assert_reason(TOPIC, "[{},{},{},{}]", REASON_ARRAY_TOO_LARGE);
    assert_reason("dp/v1/410411/hazchem/" USCC "/up/nothing", REPORT, REASON_UNKNOWN_RECORD);
    assert_reason("dp/v1/410411/hazchem/" USCC "/up/hazard_transition", REPORT,
                  REASON_UNKNOWN_RECORD);
}

static void message_over_the_limit_is_refused_with_its_size(void **state)
{
    (void)state;
    char big[20001];
    memset(big, ' ', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    struct message *m = take(TOPIC, big);
    assert_int_equal(m->problem.reason, REASON_MESSAGE_TOO_LARGE);
    assert_string_equal(m->problem.value, "20000");
    message_free(m);
}

static void message_that_exhausts_its_arena_is_refused_not_lost(void **state)
{
    (void)state;
    size_t refused = 0, taken = 0;
    /* From just enough for the message itself to enough for its reports. */
    for (size_t cap = 8192; cap <= 32768; cap += 256) {
        intake.arena_bytes_max = cap;
        struct message *m = take(TOPIC, "[" REPORT "," REPORT "," REPORT "]");
        if (m->problem.reason == REASON_NONE) {
            taken++;
            assert_int_equal(m->n_entries, 3);
        } else {
            refused++;
            assert_int_equal(m->problem.reason, REASON_MESSAGE_TOO_LARGE);
            assert_int_equal(m->n_entries, 1);
        }
        message_free(m);
    }
    assert_true(refused > 0);
    assert_true(taken > 0);
}

static void message_larger_than_its_arena_is_refused_not_lost(void **state)
{
    (void)state;
    size_t len = (size_t)3 << 20; /* the arena's cap is 1 MiB */
    char *payload = mem_alloc(len);
    memset(payload, 'x', len);
    const struct incoming in = {.topic = SPAN_LIT(TOPIC), .payload = {payload, len}};
    struct message *m = intake_take(&intake, &in);
    assert_non_null(m);
    assert_string_equal(reason_word(m->problem.reason), reason_word(REASON_MESSAGE_TOO_LARGE));
    assert_string_equal(m->problem.value, "3145728");
    assert_int_equal(m->payload.len, intake.message_bytes_max);
    uint8_t whole[DIGEST_BYTES];
    digest_of(in.payload, whole);
    assert_memory_equal(m->payload_hash, whole, DIGEST_BYTES);
    message_free(m);
    intake.message_bytes_max = len;
    m = intake_take(&intake, &in);
    assert_non_null(m);
    assert_int_equal(m->payload.len, len);
    message_free(m);
    mem_free(payload);
}

static void retained_message_is_refused(void **state)
{
    (void)state;
    const struct incoming in = {
        .topic = SPAN_LIT(TOPIC), .payload = SPAN_LIT(REPORT), .retained = true};
    struct message *m = intake_take(&intake, &in);
    assert_int_equal(m->problem.reason, REASON_RETAINED_MESSAGE);
    message_free(m);
}

static void unknown_content_type_is_refused_and_charset_must_be_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum reason reason;
    } cases[] = {
        {"application/json", REASON_NONE},
        {"Application/JSON; charset=UTF-8", REASON_NONE},
        {"application/json; charset=GB18030", REASON_UNKNOWN_CONTENT_TYPE},
        {"text/csv", REASON_UNKNOWN_CONTENT_TYPE},
        {"application/x-protobuf", REASON_UNREADABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct incoming in = {.topic = SPAN_LIT(TOPIC),
                                    .payload = SPAN_LIT(REPORT),
                                    .content_type = span_of(cases[i].type)};
        struct message *m = intake_take(&intake, &in);
        assert_string_equal(reason_word(m->entries[0].report.problem.reason),
                            reason_word(cases[i].reason));
        message_free(m);
    }
}

static void response_topic_must_lie_below_the_publishers_own_down(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        bool allowed;
    } cases[] = {
        {"dp/v1/410411/hazchem/" USCC "/down/receipt/7", true},
        {"dp/v1/410411/hazchem/" OTHER "/down/receipt", false},
        {"dp/v1/410411/hazchem/" USCC "/down", false},
        {"dp/v1/410411/hazchem/" USCC "/down/+", false},
        {"dp/v1/410411/hazchem/" USCC "/down/#", false},
        {"dp/v1/410411/hazchem/" USCC "/down/" TEN_LEVELS TEN_LEVELS "receipt", true},
        {"dp/v1/410411/hazchem/" USCC "/down/" TEN_LEVELS TEN_LEVELS TEN_LEVELS TEN_LEVELS
             TEN_LEVELS TEN_LEVELS TEN_LEVELS TEN_LEVELS TEN_LEVELS TEN_LEVELS,
         false},
        {"dp/v1/410411/hazchem/" USCC "/up/hazard", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct incoming in = {.topic = SPAN_LIT(TOPIC),
                                    .payload = SPAN_LIT(REPORT),
                                    .response_topic = span_of(cases[i].asked),
                                    .correlation = SPAN_LIT("abc")};
        struct message *m = intake_take(&intake, &in);
        struct buf topic;
        buf_init(&topic, 0);
        receipt_topic(m, &topic);
        assert_string_equal(buf_text(&topic), cases[i].allowed ? cases[i].asked
                                                               : "dp/v1/410411/hazchem/" USCC
                                                                 "/down/receipt");
        assert_int_equal(m->response_topic_refused, !cases[i].allowed);
        assert_true(span_is(m->correlation, "abc"));
        buf_free(&topic);
        message_free(m);
    }
}

static void nobody_reports_for_another_without_authorisation(void **state)
{
    (void)state;
    assert_reason("dp/v1/410411/hazchem/agent/up/hazard", REPORT, REASON_NONE);
    assert_reason("dp/v1/410411/hazchem/" OTHER "/up/hazard", REPORT, REASON_NOT_AUTHORISED);
}

static void native_message_goes_to_the_adapter_named_or_the_first(void **state)
{
    (void)state;
    static const struct {
        const char *type, *adapter, *charset;
        enum reason reason;
    } cases[] = {
        {"", "csv", "GB18030", REASON_BAD_ENVELOPE},
        {"application/vnd.dualgate.hazchem", "hazchem", "GB18030", REASON_BAD_ENVELOPE},
        {"application/vnd.dualgate.csv; charset=UTF-8", "csv", "UTF-8", REASON_BAD_ENVELOPE},
        {"application/vnd.dualgate.xml", "", "", REASON_NO_ADAPTER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(&native, 0, sizeof native);
        const struct incoming in = {.topic = SPAN_LIT("dp/v1/410411/hazchem/agent/up/native"),
                                    .payload = SPAN_LIT("x"),
                                    .content_type = span_of(cases[i].type)};
        struct message *m = intake_take(&intake, &in);
        assert_string_equal(reason_word(m->problem.reason), reason_word(cases[i].reason));
        assert_string_equal(native.adapter, cases[i].adapter);
        assert_string_equal(native.charset, cases[i].charset);
        message_free(m);
    }
    assert_reason("dp/v1/410411/hazchem/stranger/up/native", "x", REASON_UNKNOWN_PUBLISHER);
}

static void failing_allocations_give_no_message_and_no_leak(void **state)
{
    (void)state;
    const struct incoming in = {.topic = SPAN_LIT(TOPIC), .payload = SPAN_LIT(REPORT)};
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        mem_fail_at(n);
        struct message *m = intake_take(&intake, &in);
        bool done = mem_fail_at(0) < n;
        message_free(m);
        assert_int_equal(mem_live(), before);
        if (done) {
            assert_non_null(m);
            return;
        }
        assert_null(m);
    }
}

int main(void)
{
#define WITH_REGISTER(test) cmocka_unit_test_setup_teardown(test, given_a_register, and_no_leak)
    const struct CMUnitTest tests[] = {
        WITH_REGISTER(good_report_has_no_problem_and_an_identity),
        WITH_REGISTER(every_report_of_an_array_is_judged_alone),
        WITH_REGISTER(what_is_wrong_with_the_message_is_said),
        WITH_REGISTER(message_over_the_limit_is_refused_with_its_size),
        WITH_REGISTER(message_that_exhausts_its_arena_is_refused_not_lost),
        WITH_REGISTER(message_larger_than_its_arena_is_refused_not_lost),
        WITH_REGISTER(retained_message_is_refused),
        WITH_REGISTER(unknown_content_type_is_refused_and_charset_must_be_utf8),
        WITH_REGISTER(response_topic_must_lie_below_the_publishers_own_down),
        WITH_REGISTER(nobody_reports_for_another_without_authorisation),
        WITH_REGISTER(native_message_goes_to_the_adapter_named_or_the_first),
        WITH_REGISTER(failing_allocations_give_no_message_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
