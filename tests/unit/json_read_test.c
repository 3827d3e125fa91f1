/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON into reports: what is read, what is refused and with which reason and field, what
 * is kept although it is unknown, and that the exact bytes of each report are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/json_read.h"
#include "unit/with_schema.h"

#define UUID "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"

struct reading {
    struct arena arena;
    struct report_set set;
};

static const struct read_limits limits = {
    .reports_max = 5, .report_bytes_max = 4096, .depth_max = 12};

static enum err read_span(struct reading *g, struct span payload, const char *record)
{
    const struct record_type *type = record ? schema_record(schema, span_of(record)) : NULL;
    arena_init(&g->arena, 1 << 20);
    return json_read(schema, payload, type, &limits, &g->arena, &g->set);
}

static void read_text(struct reading *g, const char *text, const char *record)
{
    assert_int_equal(read_span(g, span_of(text), record), ERR_OK);
}

static void done(struct reading *g)
{
    arena_free(&g->arena);
}

static const char good_hazard[] =
    "{ \"msg_id\": \"" UUID "\", \"schema\": \"dualgate.v1\", \"record\": \"hazard\","
    " \"op\": \"UPSERT\", \"uscc\": \"91410411MA45ABCD6Y\", \"unit\": \"\","
    " \"division\": \"410411001\", \"sector\": \"hazchem\", \"source_system\": \"ehs 3.2\","
    " \"source_seq\": 1042, \"observed_at\": \"2020-11-02T09:00:00+08:00\","
    " \"sent_at\": \"2020-11-02T09:00:05+08:00\", \"client_channel\": \"MOBILE\","
    " \"origin\": \"ONLINE\", \"body\": { \"id\": \"" UUID "\","
    " \"name\": \"储罐区可燃气体报警器失效\", \"level\": \"GENERAL\", \"state\": \"RECTIFYING\","
    " \"round\": 2, \"cost\": \"2.50\", \"photo_before\": [\"a\", \"b\", \"c\", \"d\", \"e\"],"
    " \"major_basis\": { \"standard_id\": \"S\", \"clause\": \"3.1\" } } }";

static void a_report_is_read_into_its_message(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g, good_hazard, "hazard");
    assert_int_equal(g.set.count, 1);
    const struct report *r = &g.set.items[0];
    assert_int_equal(r->problem.reason, REASON_NONE);
    assert_string_equal(r->env->uscc, "91410411MA45ABCD6Y");
    assert_string_equal(r->env->unit, "");
    assert_true(r->env->has_source_seq && r->env->source_seq == 1042);
    assert_true(r->env->has_client_channel);
    assert_int_equal(r->env->client_channel, DUALGATE__V1__CLIENT_CHANNEL__CODE__MOBILE);
    assert_string_equal(r->type->name, "hazard");
    assert_int_equal(r->env->content_case, DUALGATE__V1__REPORT__CONTENT_HAZARD);
    const Dualgate__V1__Hazard *h = r->env->hazard;
    assert_ptr_equal(r->body, h);
    assert_string_equal(h->name, "储罐区可燃气体报警器失效");
    assert_int_equal(h->state, DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING);
    assert_true(h->has_round && h->round == 2);
    assert_string_equal(h->cost, "2.50");
    assert_int_equal(h->n_photo_before, 5);
    assert_string_equal(h->photo_before[4], "e");
    assert_string_equal(h->major_basis->clause, "3.1");
    assert_null(h->major_basis->version);
    assert_null(h->deadline);
    assert_string_equal(r->msg_id, UUID);
    assert_string_equal(r->id_as_sent, UUID);
    assert_int_equal(r->raw.len, sizeof good_hazard - 1);
    assert_null(r->warnings);
    done(&g);
}

static void the_bytes_of_each_report_of_an_array_are_its_own(void **state)
{
    (void)state;
    struct reading g;
    static const char text[] =
        "\xEF\xBB\xBF \n[ {\"body\":{\"id\":\"a\"}} ,\t7, [1,{}] ,\"x\",{ } ]\n";
    static const char *const raw[] = {"{\"body\":{\"id\":\"a\"}}", "7", "[1,{}]", "\"x\"", "{ }"};
    read_text(&g, text, "hazard");
    assert_int_equal(g.set.count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct report *r = &g.set.items[i];
        assert_int_equal(r->index, i);
        if (!span_is(r->raw, raw[i])) {
            fail_msg("report %zu is <%.*s>", i, SPAN_ARG(r->raw));
        }
        bool object = raw[i][0] == '{';
        assert_int_equal(r->problem.reason, object ? REASON_NONE : REASON_NOT_AN_OBJECT);
        assert_int_equal(r->env != NULL, object);
    }
    done(&g);
}

static void members_may_stand_in_any_order(void **state)
{
    (void)state;
    static const char *const orders[] = {
        "{\"record\":\"hazard\",\"op\":\"TRANSITION\",\"body\":{\"id\":\"a\",\"to\":\"CLOSED\"}}",
        "{\"record\":\"hazard\",\"body\":{\"id\":\"a\",\"to\":\"CLOSED\"},\"op\":\"TRANSITION\"}",
        "{\"op\":\"TRANSITION\",\"body\":{\"id\":\"a\",\"to\":\"CLOSED\"},\"record\":\"hazard\"}",
        "{\"body\":{\"id\":\"a\",\"to\":\"CLOSED\"},\"op\":\"TRANSITION\",\"record\":\"hazard\"}",
    };
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        for (int topic = 0; topic < 2; topic++) {
            struct reading g;
            char text[200];
            snprintf(text, sizeof text, " [ 1, %s ]", orders[i]);
            read_text(&g, text, topic ? "hazard" : NULL);
            const struct report *r = &g.set.items[1];
            assert_int_equal(r->problem.reason, REASON_NONE);
            assert_null(r->warnings);
            assert_string_equal(r->type->name, "hazard_transition");
            assert_string_equal(report_record_name(r), "hazard");
            assert_int_equal(r->env->content_case, DUALGATE__V1__REPORT__CONTENT_HAZARD_TRANSITION);
            assert_int_equal(r->env->hazard_transition->to,
                             DUALGATE__V1__HAZARD_STATE__CODE__CLOSED);
            assert_true(span_is(r->raw, orders[i]));
            assert_int_equal(r->index, 1);
            done(&g);
        }
    }
}

static void a_record_that_takes_only_zero_needs_no_op(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g, "{\"body\":{\"period\":\"2020-11\"}}", "zero_report");
    assert_int_equal(g.set.items[0].problem.reason, REASON_NONE);
    assert_string_equal(g.set.items[0].env->zero_report->period, "2020-11");
    done(&g);
}

static void a_problem_before_the_second_reading_is_not_forgotten(void **state)
{
    (void)state;
    struct reading g;
    read_text(
        &g, "{\"uscc\":1,\"body\":{\"level\":\"CLOSED\",\"x\":1},\"unit\":2,\"op\":\"TRANSITION\"}",
        "hazard");
    const struct report *r = &g.set.items[0];
    assert_int_equal(r->problem.reason, REASON_WRONG_TYPE);
    assert_string_equal(r->problem.field, "uscc");
    done(&g);
    read_text(&g,
              "{\"body\":{\"state\":\"NONE\",\"to\":\"CLOSED\"},\"unit\":2,\"op\":\"TRANSITION\"}",
              "hazard");
    r = &g.set.items[0];
    assert_int_equal(r->problem.reason, REASON_WRONG_TYPE);
    assert_string_equal(r->problem.field, "unit");
    assert_string_equal(r->warnings->text, "body.state");
    assert_null(r->warnings->next);
    done(&g);
}

/* What is wrong with a report: in a hazard's body, in `body` and "body." is put around it. */
static void what_is_wrong_in_a_body_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum reason reason;
        const char *field, *value;
    } cases[] = {
        {"\"level\":\"7\"", REASON_UNKNOWN_CODE, "body.level", "7"},
        {"\"level\":7", REASON_UNKNOWN_CODE, "body.level", "7"},
        {"\"level\":1.5", REASON_UNKNOWN_CODE, "body.level", "1.5"},
        {"\"level\":\"general\"", REASON_UNKNOWN_CODE, "body.level", "general"},
        {"\"level\":\"\"", REASON_UNKNOWN_CODE, "body.level", ""},
        {"\"level\":true", REASON_WRONG_TYPE, "body.level", "true"},
        {"\"level\":99999999999999999999999", REASON_UNKNOWN_CODE, "body.level",
         "99999999999999999999999"},
        {"\"name\":5", REASON_WRONG_TYPE, "body.name", "5"},
        {"\"name\":false", REASON_WRONG_TYPE, "body.name", "false"},
        {"\"name\":{\"a\":[1]}", REASON_WRONG_TYPE, "body.name", "{"},
        {"\"name\":[\"a\"]", REASON_WRONG_TYPE, "body.name", "["},
        {"\"name\":\"a\\u0000b\"", REASON_CONTROL_CHARACTER, "body.name", NULL},
        {"\"name\":\"a\",\"name\":\"b\"", REASON_DUPLICATE_MEMBER, "body.name", NULL},
        {"\"name\":null,\"name\":\"b\"", REASON_DUPLICATE_MEMBER, "body.name", NULL},
        {"\"na\\u006de\":\"a\",\"name\":\"b\"", REASON_DUPLICATE_MEMBER, "body.name", NULL},
        {"\"foo\":1,\"foo\":2", REASON_DUPLICATE_MEMBER, "body.foo", NULL},
        {"\"photo_before\":[],\"photo_before\":[\"x\"]", REASON_DUPLICATE_MEMBER,
         "body.photo_before", NULL},
        {"\"round\":\"x\"", REASON_WRONG_TYPE, "body.round", "x"},
        {"\"round\":\"\"", REASON_WRONG_TYPE, "body.round", ""},
        {"\"round\":1.5", REASON_WRONG_TYPE, "body.round", "1.5"},
        {"\"round\":1e2", REASON_WRONG_TYPE, "body.round", "1e2"},
        {"\"round\":true", REASON_WRONG_TYPE, "body.round", "true"},
        {"\"round\":2147483648", REASON_OUT_OF_RANGE, "body.round", "2147483648"},
        {"\"round\":-2147483649", REASON_OUT_OF_RANGE, "body.round", "-2147483649"},
        {"\"round\":18446744073709551616", REASON_OUT_OF_RANGE, "body.round",
         "18446744073709551616"},
        {"\"cost\":true", REASON_WRONG_TYPE, "body.cost", "true"},
        {"\"photo_before\":\"a\"", REASON_WRONG_TYPE, "body.photo_before", "a"},
        {"\"photo_before\":{}", REASON_WRONG_TYPE, "body.photo_before", "{"},
        {"\"photo_before\":[\"a\",1]", REASON_WRONG_TYPE, "body.photo_before[1]", "1"},
        {"\"photo_before\":[\"a\",null]", REASON_WRONG_TYPE, "body.photo_before[1]", "null"},
        {"\"photo_before\":[[\"a\"]]", REASON_WRONG_TYPE, "body.photo_before[0]", "["},
        {"\"photo_before\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
         "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]",
         REASON_TOO_MANY, "body.photo_before", "22"},
        {"\"major_basis\":1", REASON_WRONG_TYPE, "body.major_basis", "1"},
        {"\"major_basis\":[]", REASON_WRONG_TYPE, "body.major_basis", "["},
        {"\"major_basis\":{\"clause\":1}", REASON_WRONG_TYPE, "body.major_basis.clause", "1"},
        {"\"major_basis\":{\"x\":1,\"x\":1}", REASON_DUPLICATE_MEMBER, "body.major_basis.x", NULL},
        {"\"foo\":\"\\u0000\"", REASON_CONTROL_CHARACTER, "body.foo", NULL},
        {"\"foo\":{\"a\\u0000\":1}", REASON_CONTROL_CHARACTER, "body.foo", NULL},
        {"\"foo\":[1e99999]", REASON_OUT_OF_RANGE, "body.foo", "1e99999"},
        {"\"foo\\u0001\":1", REASON_CONTROL_CHARACTER, "body.foo", NULL},
        {"\"id\\u0000x\":1", REASON_CONTROL_CHARACTER, "body.id", NULL},
        {"\"state\":\"X\",\"level\":\"Y\"", REASON_UNKNOWN_CODE, "body.state", "X"},
        {"\"\":1", REASON_BAD_FORMAT, "body.", NULL},
        {"\"major_basis.clause\":\"1\"", REASON_DUPLICATE_MEMBER, "body.major_basis.clause", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        char text[700];
        snprintf(text, sizeof text, "[{\"body\":{%s},\"msg_id\":\"m\"},{\"body\":{\"id\":\"b\"}}]",
                 cases[i].body);
        read_text(&g, text, "hazard");
        assert_int_equal(g.set.count, 2);
        const struct report *r = &g.set.items[0];
        if (r->problem.reason != cases[i].reason || !r->problem.field ||
            strcmp(r->problem.field, cases[i].field) != 0) {
            fail_msg("%s: %s at %s", cases[i].body, reason_word(r->problem.reason),
                     r->problem.field ? r->problem.field : "-");
        }
        if (cases[i].value) {
            assert_string_equal(r->problem.value, cases[i].value);
        }
        /* The rest of the report is still read, and the one after it is whole. */
        assert_string_equal(r->msg_id, "m");
        assert_int_equal(g.set.items[1].problem.reason, REASON_NONE);
        assert_string_equal(g.set.items[1].env->hazard->id, "b");
        done(&g);
    }
}

static void what_is_wrong_in_an_envelope_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *topic;
        enum reason reason;
        const char *field, *value;
    } cases[] = {
        {"{\"uscc\":1}", "hazard", REASON_WRONG_TYPE, "uscc", "1"},
        {"{\"uscc\":{}}", "hazard", REASON_WRONG_TYPE, "uscc", "{"},
        {"{\"op\":\"INSERT\"}", "hazard", REASON_UNKNOWN_CODE, "op", "INSERT"},
        {"{\"op\":\"ZERO\"}", "hazard", REASON_OP_NOT_ALLOWED, "op", "ZERO"},
        {"{\"op\":\"UPSERT\"}", "zero_report", REASON_OP_NOT_ALLOWED, "op", "UPSERT"},
        {"{\"op\":\"TRANSITION\"}", "measure", REASON_OP_NOT_ALLOWED, "op", "TRANSITION"},
        {"{\"record\":\"hazards\"}", "hazard", REASON_UNKNOWN_RECORD, "record", "hazards"},
        {"{\"record\":\"\"}", "hazard", REASON_UNKNOWN_RECORD, "record", ""},
        {"{\"record\":\"hazard_transition\"}", "hazard", REASON_UNKNOWN_RECORD, "record",
         "hazard_transition"},
        {"{\"record\":\"measure\"}", "hazard", REASON_RECORD_MISMATCH, "record", "measure"},
        {"{\"body\":{}}", NULL, REASON_MISSING_FIELD, "record", NULL},
        {"{\"body\":[]}", "hazard", REASON_WRONG_TYPE, "body", "["},
        {"{\"body\":\"x\"}", "hazard", REASON_WRONG_TYPE, "body", "x"},
        {"{\"body\":{},\"body\":{}}", "hazard", REASON_DUPLICATE_MEMBER, "body", NULL},
        {"{\"source_seq\":-1}", "hazard", REASON_OUT_OF_RANGE, "source_seq", "-1"},
        {"{\"source_seq\":18446744073709551616}", "hazard", REASON_OUT_OF_RANGE, "source_seq",
         "18446744073709551616"},
        {"{\"body.level\":1}", "hazard", REASON_DUPLICATE_MEMBER, "body.level", NULL},
        {"{\"\":1}", "hazard", REASON_BAD_FORMAT, "", NULL},
        {"{\"foo\":1,\"foo\":1}", "hazard", REASON_DUPLICATE_MEMBER, "foo", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        read_text(&g, cases[i].text, cases[i].topic);
        const struct report *r = &g.set.items[0];
        if (r->problem.reason != cases[i].reason || strcmp(r->problem.field, cases[i].field) != 0) {
            fail_msg("%s: %s at %s", cases[i].text, reason_word(r->problem.reason),
                     r->problem.field ? r->problem.field : "-");
        }
        if (cases[i].value) {
            assert_string_equal(r->problem.value, cases[i].value);
        }
        done(&g);
    }
}

static void messages_that_cannot_be_read_are_refused_whole(void **state)
{
    (void)state;
    const struct {
        struct span text;
        enum reason reason;
        const char *value;
    } cases[] = {
        {SPAN_LIT(""), REASON_EMPTY_MESSAGE, NULL},
        {SPAN_LIT(" \r\n\t"), REASON_EMPTY_MESSAGE, NULL},
        {SPAN_LIT("\xEF\xBB\xBF"), REASON_EMPTY_MESSAGE, NULL},
        {SPAN_LIT("[]"), REASON_EMPTY_MESSAGE, NULL},
        {SPAN_LIT("{\"a\":\"\xD2\xBD\xD4\xBA\xFF\"}"), REASON_BAD_ENCODING, "UTF-8, byte 10"},
        {SPAN_LIT("  {\"a\":\"\\ud800\"}"), REASON_BAD_ENCODING, "UTF-8, byte 8"},
        {SPAN_LIT("{\"a\":\"\xC0\x80\"}"), REASON_BAD_ENCODING, "UTF-8, byte 6"},
        {SPAN_LIT("{"), REASON_UNREADABLE, "byte 1: parse error: premature EOF"},
        {SPAN_LIT("[{},"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("[{}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("[7"), REASON_UNREADABLE, "byte 2: parse error: premature EOF"},
        {SPAN_LIT("{\"foo\":7"), REASON_UNREADABLE, "byte 8: parse error: premature EOF"},
        {SPAN_LIT("{\"body\":{\"round\":7"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{}{}"), REASON_UNREADABLE, "byte 3: parse error: trailing garbage"},
        {SPAN_LIT("{} x"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("[{},]"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{\"a\" 1}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{'a':1}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{\"a\":01}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{\"a\":NaN}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{\"a\":\"\t\"}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{\"a\":\"\0\"}"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("{} /* x */"), REASON_UNREADABLE, NULL},
        {SPAN_LIT("[{},{},{},{},{},{},[],7]"), REASON_ARRAY_TOO_LARGE, "8"},
        {SPAN_LIT("[[[[[[[[[[[[[]]]]]]]]]]]]]"), REASON_TOO_DEEP, "12"},
        {SPAN_LIT("{\"x\":[[[[[[[[[[[[0]]]]]]]]]]]]}"), REASON_TOO_DEEP, "12"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        assert_int_equal(read_span(&g, cases[i].text, "hazard"), ERR_OK);
        if (g.set.problem.reason != cases[i].reason) {
            fail_msg("%.*s: %s (%s)", SPAN_ARG(cases[i].text), reason_word(g.set.problem.reason),
                     g.set.problem.value ? g.set.problem.value : "");
        }
        assert_int_equal(g.set.count, 0);
        if (cases[i].value) {
            assert_string_equal(g.set.problem.value, cases[i].value);
        }
        done(&g);
    }
}

static void a_message_that_is_no_object_is_one_bad_report(void **state)
{
    (void)state;
    static const char *const texts[] = {"7", "\"x\"", "null", "true", " 1.5 "};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct reading g;
        read_text(&g, texts[i], "hazard");
        assert_int_equal(g.set.count, 1);
        assert_int_equal(g.set.items[0].problem.reason, REASON_NOT_AN_OBJECT);
        assert_true(g.set.items[0].raw.len > 0);
        done(&g);
    }
}

static void unknown_members_are_kept_as_they_were_sent(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g,
              "{\"foo\" : {\"a\": [1, 2.50]} ,\"hazard\":null,\"unknown_members\":[],"
              "\"body\":{\"bar\":\t\"x\\n\",\"id\":\"a\",\"major_basis\":{\"baz\" :  1e5}}}",
              "hazard");
    const struct report *r = &g.set.items[0];
    static const char *const want[][2] = {
        {"foo", "{\"a\": [1, 2.50]}"},   {"hazard", "null"},
        {"unknown_members", "[]"},       {"body.bar", "\"x\\n\""},
        {"body.major_basis.baz", "1e5"},
    };
    assert_int_equal(r->problem.reason, REASON_NONE);
    assert_int_equal(r->env->n_unknown_members, 5);
    const struct warning *w = r->warnings;
    for (size_t i = 0; i < 5; i++, w = w->next) {
        assert_string_equal(r->env->unknown_members[i]->path, want[i][0]);
        assert_string_equal(r->env->unknown_members[i]->json, want[i][1]);
        assert_string_equal(w->text, want[i][0]);
    }
    assert_null(w);
    assert_string_equal(r->env->hazard->id, "a");
    done(&g);
}

static void too_many_unknown_members_refuse_the_report(void **state)
{
    (void)state;
    struct reading g;
    char text[4000] = "{";
    size_t len = 1;
    for (int i = 0; i <= REPORT_UNKNOWN_MAX; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "\"x%d\":0,", i);
    }
    snprintf(text + len, sizeof text - len, "\"unit\":\"\"}");
    read_text(&g, text, "hazard");
    assert_int_equal(g.set.items[0].problem.reason, REASON_TOO_MANY);
    assert_string_equal(g.set.items[0].problem.field, "x256");
    done(&g);
}

static void null_is_absent_and_empty_and_zero_are_not(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g,
              "[{\"unit\":null,\"source_seq\":null,\"body\":{\"name\":null,\"round\":null,"
              "\"photo_before\":null,\"major_basis\":null,\"level\":null}},"
              "{\"unit\":\"\",\"source_seq\":0,\"body\":{\"name\":\"\",\"round\":0,"
              "\"photo_before\":[],\"major_basis\":{},\"level\":\"UNKNOWN\"}},{\"body\":null}]",
              "hazard");
    const struct report *r = g.set.items;
    assert_null(r[0].env->unit);
    assert_false(r[0].env->has_source_seq);
    assert_null(r[0].env->hazard->name);
    assert_false(r[0].env->hazard->has_round || r[0].env->hazard->has_level);
    assert_null(r[0].env->hazard->major_basis);
    assert_string_equal(r[1].env->unit, "");
    assert_true(r[1].env->has_source_seq);
    assert_string_equal(r[1].env->hazard->name, "");
    assert_true(r[1].env->hazard->has_round && r[1].env->hazard->has_level);
    assert_non_null(r[1].env->hazard->major_basis);
    assert_null(r[2].body);
    assert_string_equal(r[2].type->name, "hazard");
    done(&g);
}

static void integers_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        uint64_t want;
    } cases[] = {{"18446744073709551615", UINT64_MAX},
                 {"\"18446744073709551615\"", UINT64_MAX},
                 {"9007199254740993", UINT64_C(9007199254740993)},
                 {"5.0", 5},
                 {"-0", 0},
                 {"\"0042\"", 42}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        char text[100];
        snprintf(text, sizeof text, "{\"source_seq\":%s}", cases[i].in);
        read_text(&g, text, "hazard");
        assert_int_equal(g.set.items[0].problem.reason, REASON_NONE);
        assert_true(g.set.items[0].env->source_seq == cases[i].want);
        done(&g);
    }
    struct reading g;
    read_text(&g, "{\"body\":{\"round\":-2147483648}}", "hazard");
    assert_int_equal(g.set.items[0].env->hazard->round, INT32_MIN);
    done(&g);
}

static void codes_come_by_name_or_by_number_of_the_list(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g, "{\"body\":{\"state\":30,\"level\":\"MAJOR\",\"cost\":2.50}}", "hazard");
    const Dualgate__V1__Hazard *h = g.set.items[0].env->hazard;
    assert_int_equal(h->state, DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING);
    assert_int_equal(h->level, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    assert_string_equal(h->cost, "2.50");
    done(&g);
}

static void escapes_give_the_characters_they_stand_for(void **state)
{
    (void)state;
    struct reading g;
    read_text(&g, "{\"b\\u006fdy\":{\"name\":\"\\u50a8\\n\\ud842\\udfb7\\/\"}}", "hazard");
    assert_string_equal(g.set.items[0].env->hazard->name, "储\n𠮷/");
    done(&g);
}

static void a_report_past_the_size_limit_is_refused_with_its_size(void **state)
{
    (void)state;
    struct reading g;
    char text[6000];
    memset(text, 'x', sizeof text);
    int head = snprintf(text, sizeof text, "[{\"msg_id\":\"m\",\"body\":{\"id\":\"i\",\"name\":\"");
    text[head] = 'x';
    memcpy(text + 5000, "\",\"level\":\"Q\",\"zzz\":[{}]},\"uscc\":9},{\"body\":{\"id\":\"b\"}}]",
           56);
    text[5056] = '\0';
    read_text(&g, text, "hazard");
    assert_int_equal(g.set.count, 2);
    const struct report *r = &g.set.items[0];
    assert_int_equal(r->problem.reason, REASON_REPORT_TOO_LARGE);
    assert_string_equal(r->problem.value, "5034");
    assert_string_equal(r->msg_id, "m");
    assert_string_equal(r->id_as_sent, "i");
    assert_null(r->env->hazard->name);
    assert_int_equal(g.set.items[1].problem.reason, REASON_NONE);
    done(&g);
}

static void an_exhausted_arena_or_heap_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    static const char text[] =
        "[{\"x\":{\"y\":1},\"body\":{\"to\":\"CLOSED\",\"by\":\"\\u50a8\",\"q\":[1]},"
        "\"op\":\"TRANSITION\"},{\"body\":{\"photo_before\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"
        "\"major_basis\":{\"clause\":\"1\"},\"level\":\"X\"}},7]";
    size_t live = mem_live();
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        struct reading g;
        (void)mem_fail_at(n);
        e = read_span(&g, span_of(text), "hazard");
        (void)mem_fail_at(0);
        done(&g);
        assert_int_equal(mem_live(), live);
        assert_true(n < 100);
    }
    assert_int_equal(e, ERR_OK);
    for (size_t max = 0; max < 8000; max += 100) {
        struct reading g;
        arena_init(&g.arena, max);
        e = json_read(schema, span_of(text), schema_record(schema, SPAN_LIT("hazard")), &limits,
                      &g.arena, &g.set);
        assert_true(e == ERR_OK || e == ERR_NOMEM);
        done(&g);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_read_into_its_message),
        cmocka_unit_test(the_bytes_of_each_report_of_an_array_are_its_own),
        cmocka_unit_test(members_may_stand_in_any_order),
        cmocka_unit_test(a_record_that_takes_only_zero_needs_no_op),
        cmocka_unit_test(a_problem_before_the_second_reading_is_not_forgotten),
        cmocka_unit_test(what_is_wrong_in_a_body_is_named),
        cmocka_unit_test(what_is_wrong_in_an_envelope_is_named),
        cmocka_unit_test(messages_that_cannot_be_read_are_refused_whole),
        cmocka_unit_test(a_message_that_is_no_object_is_one_bad_report),
        cmocka_unit_test(unknown_members_are_kept_as_they_were_sent),
        cmocka_unit_test(too_many_unknown_members_refuse_the_report),
        cmocka_unit_test(null_is_absent_and_empty_and_zero_are_not),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(codes_come_by_name_or_by_number_of_the_list),
        cmocka_unit_test(escapes_give_the_characters_they_stand_for),
        cmocka_unit_test(a_report_past_the_size_limit_is_refused_with_its_size),
        cmocka_unit_test(an_exhausted_arena_or_heap_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
