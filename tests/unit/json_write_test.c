/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON comes out of a message exactly as the contract writes it, and masked where asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "model/json_write.h"
#include "unit/with_schema.h"

/* cmocka's strings are not const, nor are protobuf-c's. */
static char *text(const char *s)
{
    union {
        const char *from;
        char *to;
    } u = {.from = s};
    return u.to;
}

static void assert_written(const Dualgate__V1__Report *report, enum json_mask mask,
                           const char *expected)
{
    struct buf out;
    buf_init(&out, 0);
    json_write_report(schema, report, mask, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
}

static void a_hazard_is_written_in_the_form_of_the_contract(void **state)
{
    (void)state;
    Dualgate__V1__Hazard hazard = DUALGATE__V1__HAZARD__INIT;
    hazard.id = text("5f0c");
    hazard.name = text("储罐区\"可燃\"气体\n报警器");
    hazard.has_level = 1;
    hazard.level = DUALGATE__V1__HAZARD_LEVEL__CODE__GENERAL;
    hazard.registered_at = text("2020-11-02T01:00:00Z");
    hazard.deadline = text("2020-11-05");
    hazard.has_state = 1;
    hazard.state = DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING;
    hazard.cost = text("");
    hazard.has_round = 1;
    hazard.round = 0;
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    report.msg_id = text("0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01");
    report.record = text("hazard");
    report.has_op = 1;
    report.op = DUALGATE__V1__OP__CODE__UPSERT;
    report.unit = text("");
    report.has_source_seq = 1;
    report.source_seq = 1042;
    report.observed_at = text("2020-11-02T09:00:00.5+08:00");
    report.content_case = DUALGATE__V1__REPORT__CONTENT_HAZARD;
    report.hazard = &hazard;
    assert_written(&report, JSON_OPEN,
                   "{\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\",\"record\":\"hazard\","
                   "\"op\":\"UPSERT\",\"unit\":\"\",\"source_seq\":1042,"
                   "\"observed_at\":\"2020-11-02T09:00:00.5+08:00\",\"body\":{\"id\":\"5f0c\","
                   "\"name\":\"储罐区\\\"可燃\\\"气体\\n报警器\",\"level\":\"GENERAL\","
                   "\"registered_at\":\"2020-11-02T09:00:00+08:00\",\"cost\":\"\","
                   "\"deadline\":\"2020-11-05\",\"state\":\"RECTIFYING\",\"round\":0}}");
}

static void an_empty_report_is_an_empty_object(void **state)
{
    (void)state;
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    assert_written(&report, JSON_OPEN, "{}");
    Dualgate__V1__ZeroReport zero = DUALGATE__V1__ZERO_REPORT__INIT;
    report.content_case = DUALGATE__V1__REPORT__CONTENT_ZERO_REPORT;
    report.zero_report = &zero;
    assert_written(&report, JSON_OPEN, "{\"body\":{}}");
}

static void integers_above_2_to_the_53_are_strings(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *json;
    } cases[] = {
        {0, "{\"source_seq\":0}"},
        {9007199254740991, "{\"source_seq\":9007199254740991}"},
        {9007199254740992, "{\"source_seq\":\"9007199254740992\"}"},
        {UINT64_MAX, "{\"source_seq\":\"18446744073709551615\"}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
        report.has_source_seq = 1;
        report.source_seq = cases[i].value;
        assert_written(&report, JSON_OPEN, cases[i].json);
    }
}

static void negative_numbers_and_unknown_codes_are_written_as_they_are(void **state)
{
    (void)state;
    Dualgate__V1__ZeroReport zero = DUALGATE__V1__ZERO_REPORT__INIT;
    zero.has_checks_done = 1;
    zero.checks_done = INT32_MIN;
    zero.has_kind = 1;
    zero.kind = (Dualgate__V1__ZeroKind__Code)77;
    struct buf out;
    buf_init(&out, 0);
    json_write_message(schema_record(schema, SPAN_LIT("zero_report"))->message, &zero.base,
                       JSON_OPEN, &out);
    assert_string_equal(buf_text(&out), "{\"kind\":77,\"checks_done\":-2147483648}");
    buf_free(&out);
}

static void repeated_and_nested_fields_are_arrays_and_objects(void **state)
{
    (void)state;
    Dualgate__V1__AccidentType1986__Code types[] = {
        DUALGATE__V1__ACCIDENT_TYPE1986__CODE__FIRE,
        DUALGATE__V1__ACCIDENT_TYPE1986__CODE__ELECTRIC_SHOCK};
    Dualgate__V1__RiskEvent event = DUALGATE__V1__RISK_EVENT__INIT;
    event.n_accident_types = 2;
    event.accident_types = types;
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    report.content_case = DUALGATE__V1__REPORT__CONTENT_RISK_EVENT;
    report.risk_event = &event;
    assert_written(&report, JSON_OPEN,
                   "{\"body\":{\"accident_types\":[\"FIRE\",\"ELECTRIC_SHOCK\"]}}");

    Dualgate__V1__Person person = DUALGATE__V1__PERSON__INIT;
    person.name = text("李建国");
    person.phone = text("13812341234");
    char *tags[] = {text("a"), text("乙")};
    Dualgate__V1__Entity entity = DUALGATE__V1__ENTITY__INIT;
    entity.has_above_scale = 1;
    entity.above_scale = 1;
    entity.principal = &person;
    entity.n_tags = 2;
    entity.tags = tags;
    report.content_case = DUALGATE__V1__REPORT__CONTENT_ENTITY;
    report.entity = &entity;
    assert_written(&report, JSON_OPEN,
                   "{\"body\":{\"above_scale\":true,\"principal\":{\"name\":\"李建国\",\"phone\":"
                   "\"13812341234\"},\"tags\":[\"a\",\"乙\"]}}");
    assert_written(&report, JSON_MASKED,
                   "{\"body\":{\"above_scale\":true,\"principal\":{\"name\":\"李**\",\"phone\":"
                   "\"138****1234\"},\"tags\":[\"a\",\"乙\"]}}");
}

static void names_and_phones_are_hidden_in_feeds(void **state)
{
    (void)state;
    static const struct {
        const char *name, *phone, *name_out, *phone_out;
    } cases[] = {
        {"李建国", "13812341234", "李**", "138****1234"},
        {"王", "", "王**", ""},
        {"", "123", "", "****"},
        {"𠮷田", "2861234", "𠮷**", "286****"},
        {"\"", "+86 138 1234 1234", "\\\"**", "+86****1234"},
        {"Li", "１３８１２３４１２３４", "L**", "１３８****１２３４"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Dualgate__V1__Person person = DUALGATE__V1__PERSON__INIT;
        person.name = text(cases[i].name);
        person.phone = text(cases[i].phone);
        const struct field_type *principal = message_field(
            schema_record(schema, SPAN_LIT("entity"))->message, SPAN_LIT("principal"));
        struct buf out;
        struct buf expected;
        buf_init(&out, 0);
        buf_init(&expected, 0);
        json_write_message(principal->message, &person.base, JSON_MASKED, &out);
        buf_printf(&expected, "{\"name\":\"%s\",\"phone\":\"%s\"}", cases[i].name_out,
                   cases[i].phone_out);
        assert_string_equal(buf_text(&out), buf_text(&expected));
        buf_free(&out);
        buf_free(&expected);
    }
}

static void unknown_members_stand_in_their_places_again(void **state)
{
    (void)state;
    static const char *const members[][2] = {
        {"body.colour", "\"red\""},
        {"extra", "[1,2]"},
        {"body.major_basis.note", "{\"a\":null}"},
        {"body.a.b", "1"},
        {"body.photo_before[0]", "2"},
        {"body.major_basis", NULL},
    };
    Dualgate__V1__UnknownMember unknown[6];
    Dualgate__V1__UnknownMember *list[6];
    for (size_t i = 0; i < 6; i++) {
        unknown[i] = (Dualgate__V1__UnknownMember)DUALGATE__V1__UNKNOWN_MEMBER__INIT;
        unknown[i].path = text(members[i][0]);
        unknown[i].json = text(members[i][1]);
        list[i] = &unknown[i];
    }
    Dualgate__V1__MajorBasis basis = DUALGATE__V1__MAJOR_BASIS__INIT;
    basis.clause = text("3");
    Dualgate__V1__Hazard hazard = DUALGATE__V1__HAZARD__INIT;
    hazard.major_basis = &basis;
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    report.n_unknown_members = 6;
    report.unknown_members = list;
    report.record = text("hazard");
    report.content_case = DUALGATE__V1__REPORT__CONTENT_HAZARD;
    report.hazard = &hazard;
    assert_written(&report, JSON_OPEN,
                   "{\"record\":\"hazard\",\"body\":{\"major_basis\":{\"clause\":\"3\",\"note\":"
                   "{\"a\":null}},\"colour\":\"red\",\"a.b\":1,\"photo_before[0]\":2},"
                   "\"extra\":[1,2]}");
    assert_written(&report, JSON_MASKED,
                   "{\"record\":\"hazard\",\"body\":{\"major_basis\":{\"clause\":\"3\"}}}");
}

static void a_failed_allocation_leaves_a_failed_buffer(void **state)
{
    (void)state;
    char *tags[64];
    for (size_t i = 0; i < 64; i++) {
        tags[i] = text("一个相当长的标签，为了让缓冲区增长");
    }
    Dualgate__V1__Entity entity = DUALGATE__V1__ENTITY__INIT;
    entity.n_tags = 64;
    entity.tags = tags;
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    report.content_case = DUALGATE__V1__REPORT__CONTENT_ENTITY;
    report.entity = &entity;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct buf out;
        buf_init(&out, 0);
        mem_fail_at(n);
        json_write_report(schema, &report, JSON_OPEN, &out);
        size_t asked = mem_fail_at(0);
        bool failed = buf_failed(&out);
        buf_free(&out);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_false(failed);
            break;
        }
        assert_true(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hazard_is_written_in_the_form_of_the_contract),
        cmocka_unit_test(an_empty_report_is_an_empty_object),
        cmocka_unit_test(integers_above_2_to_the_53_are_strings),
        cmocka_unit_test(negative_numbers_and_unknown_codes_are_written_as_they_are),
        cmocka_unit_test(repeated_and_nested_fields_are_arrays_and_objects),
        cmocka_unit_test(names_and_phones_are_hidden_in_feeds),
        cmocka_unit_test(unknown_members_stand_in_their_places_again),
        cmocka_unit_test(a_failed_allocation_leaves_a_failed_buffer),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
