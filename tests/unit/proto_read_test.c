/* SPDX-License-Identifier: Apache-2.0 */
/* A protobuf ReportBatch into reports: what protobuf-c would take without a word and we do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/proto_read.h"
#include "model/wire.h"
#include "unit/with_schema.h"

#define MSG "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"

/* Field numbers of report.proto and records.proto. */
enum { MSG_ID = 1, RECORD = 3, OP = 4, USCC = 5, SOURCE_SEQ = 10, UNKNOWN_MEMBERS = 17 };
enum { RISK_EVENT = 104, HAZARD = 108, TRANSITION = 109 };
enum { ID = 1, ACCIDENT_TYPES = 4, NAME = 5, LEVEL = 6, ROUND = 29, BASIS = 32, PHOTO = 35 };

static const struct read_limits limits = {
    .reports_max = 5, .report_bytes_max = 4096, .depth_max = 12};

struct reading {
    struct arena arena;
    struct report_set set;
};

/* ---- bytes, written by hand so that they can be wrong ---- */

struct bytes {
    char at[8192];
    size_t len;
};

static void put_varint(struct bytes *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7) {
        b->at[b->len++] = (char)(v | 0x80);
    }
    b->at[b->len++] = (char)v;
}

static void put_number(struct bytes *b, uint32_t field, uint64_t v)
{
    put_varint(b, field << 3);
    put_varint(b, v);
}

static void put_span(struct bytes *b, uint32_t field, struct span s)
{
    put_varint(b, field << 3 | 2);
    put_varint(b, s.len);
    if (s.len > 0) {
        memcpy(b->at + b->len, s.at, s.len);
    }
    b->len += s.len;
}

static void put_text(struct bytes *b, uint32_t field, const char *text)
{
    put_span(b, field, span_of(text));
}

static void put_below(struct bytes *b, uint32_t field, const struct bytes *below)
{
    put_span(b, field, (struct span){below->at, below->len});
}

static struct span all(const struct bytes *b)
{
    return (struct span){b->at, b->len};
}

/* A batch of one hazard whose body is given. */
static void batch_of(struct bytes *batch, const struct bytes *body)
{
    struct bytes report = {.len = 0};
    put_text(&report, MSG_ID, MSG);
    put_below(&report, HAZARD, body);
    batch->len = 0;
    put_below(batch, 1, &report);
}

static void read_bytes(struct reading *g, struct span payload, const char *record)
{
    const struct record_type *type = record ? schema_record(schema, span_of(record)) : NULL;
    arena_init(&g->arena, 1 << 20);
    assert_int_equal(proto_read(schema, payload, type, &limits, &g->arena, &g->set), ERR_OK);
}

static void done(struct reading *g)
{
    arena_free(&g->arena);
}

static void expect(const struct report *r, enum reason reason, const char *field)
{
    const char *got = r->problem.field ? r->problem.field : "";
    if (r->problem.reason != reason || strcmp(got, field) != 0) {
        fail_msg("%s at <%s>, not %s at <%s>", reason_word(r->problem.reason), got,
                 reason_word(reason), field);
    }
}

static void reports_are_read_each_with_its_own_bytes(void **state)
{
    (void)state;
    struct reading g;
    struct bytes batch = {.len = 0};
    struct bytes report = {.len = 0};
    struct bytes body = {.len = 0};
    put_text(&body, ID, "a");
    put_text(&body, NAME, "储罐");
    put_number(&body, LEVEL, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    put_text(&report, MSG_ID, MSG);
    put_number(&report, SOURCE_SEQ, UINT64_MAX);
    put_below(&report, HAZARD, &body);
    put_below(&batch, 1, &report);
    put_text(&batch, 9, "a newer batch says more");
    put_below(&batch, 1, &report);
    read_bytes(&g, all(&batch), "hazard");
    assert_int_equal(g.set.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct report *r = &g.set.items[i];
        expect(r, REASON_NONE, "");
        assert_int_equal(r->index, i);
        assert_true(span_eq(r->raw, all(&report)));
        assert_string_equal(r->type->name, "hazard");
        assert_string_equal(r->env->hazard->name, "储罐");
        assert_ptr_equal(r->body, r->env->hazard);
        assert_true(r->env->source_seq == UINT64_MAX);
        assert_string_equal(r->msg_id, MSG);
        assert_string_equal(r->id_as_sent, "a");
    }
    done(&g);
}

static void unknown_fields_survive_and_are_named(void **state)
{
    (void)state;
    struct reading g;
    struct bytes batch;
    struct bytes body = {.len = 0};
    put_text(&body, ID, "a");
    put_span(&body, 99, SPAN_LIT("\0\xFF"));
    batch_of(&batch, &body);
    read_bytes(&g, all(&batch), "hazard");
    const struct report *r = &g.set.items[0];
    expect(r, REASON_NONE, "");
    assert_string_equal(r->warnings->text, "body.#99");
    assert_int_equal(r->body->n_unknown_fields, 1);
    assert_int_equal(protobuf_c_message_get_packed_size(&r->env->base), r->raw.len);
    done(&g);
}

static void bodies_that_protobuf_would_take_are_refused(void **state)
{
    (void)state;
    struct bytes bodies[14] = {{.len = 0}};
    struct bytes basis = {.len = 0};
    put_span(&bodies[0], NAME, SPAN_LIT("a\0b"));
    put_text(&bodies[1], NAME, "\xC0\x80");
    put_number(&bodies[2], LEVEL, 7);
    put_number(&bodies[3], LEVEL, UINT64_MAX);
    put_number(&bodies[4], NAME, 7);
    put_text(&bodies[5], LEVEL, "MAJOR");
    put_text(&bodies[6], NAME, "a");
    put_text(&bodies[6], NAME, "b");
    for (int i = 0; i < 21; i++) {
        put_text(&bodies[7], PHOTO, "");
    }
    put_text(&basis, 3, "\xED\xA0\x80");
    put_below(&bodies[8], BASIS, &basis);
    put_below(&bodies[9], BASIS, &(struct bytes){.len = 0});
    put_below(&bodies[9], BASIS, &(struct bytes){.len = 0});
    put_varint(&bodies[10], NAME << 3 | 3);
    put_varint(&bodies[11], NAME << 3 | 2);
    put_varint(&bodies[11], 1000);
    put_varint(&bodies[12], 2);
    for (uint32_t i = 0; i <= REPORT_UNKNOWN_MAX; i++) {
        put_number(&bodies[13], 200 + i, 1);
    }
    static const struct {
        enum reason reason;
        const char *field;
    } want[14] = {
        {REASON_CONTROL_CHARACTER, "body.name"},
        {REASON_BAD_ENCODING, "body.name"},
        {REASON_UNKNOWN_CODE, "body.level"},
        {REASON_UNKNOWN_CODE, "body.level"},
        {REASON_WRONG_TYPE, "body.name"},
        {REASON_WRONG_TYPE, "body.level"},
        {REASON_DUPLICATE_MEMBER, "body.name"},
        {REASON_TOO_MANY, "body.photo_before"},
        {REASON_BAD_ENCODING, "body.major_basis.clause"},
        {REASON_DUPLICATE_MEMBER, "body.major_basis"},
        {REASON_UNREADABLE, ""},
        {REASON_UNREADABLE, ""},
        {REASON_UNREADABLE, ""},
        {REASON_TOO_MANY, "body.#456"},
    };
    for (size_t i = 0; i < 14; i++) {
        struct reading g;
        struct bytes batch;
        struct bytes good = {.len = 0};
        batch_of(&batch, &bodies[i]);
        put_below(&good, HAZARD, &(struct bytes){.len = 0});
        put_below(&batch, 1, &good);
        read_bytes(&g, all(&batch), "hazard");
        assert_int_equal(g.set.count, 2);
        expect(&g.set.items[0], want[i].reason, want[i].field);
        assert_string_equal(g.set.items[0].msg_id, MSG);
        expect(&g.set.items[1], REASON_NONE, "");
        done(&g);
    }
}

static void packed_codes_are_judged_and_counted_one_by_one(void **state)
{
    (void)state;
    static const struct {
        struct span packed;
        enum reason reason;
    } cases[] = {{{"\x01\x02\x03", 3}, REASON_NONE},
                 {{"\x01\x7f", 2}, REASON_UNKNOWN_CODE},
                 {{"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
                   "\x01\x01",
                   21},
                  REASON_TOO_MANY},
                 {{"\x80", 1}, REASON_UNREADABLE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        struct bytes body = {.len = 0};
        struct bytes report = {.len = 0};
        struct bytes batch = {.len = 0};
        put_span(&body, ACCIDENT_TYPES, cases[i].packed);
        put_below(&report, RISK_EVENT, &body);
        put_below(&batch, 1, &report);
        read_bytes(&g, all(&batch), "risk_event");
        assert_int_equal(g.set.items[0].problem.reason, cases[i].reason);
        if (cases[i].reason == REASON_NONE) {
            assert_int_equal(g.set.items[0].env->risk_event->n_accident_types, 3);
        }
        done(&g);
    }
}

static void case_record_and_topic_must_agree(void **state)
{
    (void)state;
    static const struct {
        const char *record, *topic;
        uint64_t op;
        uint32_t content;
        enum reason reason;
        const char *type;
    } cases[] = {
        {"hazard", "hazard", 0, HAZARD, REASON_NONE, "hazard"},
        {NULL, NULL, 0, HAZARD, REASON_NONE, "hazard"},
        {NULL, "hazard", 2, TRANSITION, REASON_NONE, "hazard_transition"},
        {NULL, NULL, 2, TRANSITION, REASON_NONE, "hazard_transition"},
        {NULL, "hazard", 0, TRANSITION, REASON_RECORD_MISMATCH, "hazard"},
        {NULL, "measure", 0, HAZARD, REASON_RECORD_MISMATCH, "measure"},
        {"measure", "hazard", 0, HAZARD, REASON_RECORD_MISMATCH, NULL},
        {"nothing", "hazard", 0, HAZARD, REASON_UNKNOWN_RECORD, NULL},
        {NULL, "hazard", 3, HAZARD, REASON_OP_NOT_ALLOWED, NULL},
        {NULL, "hazard", 77, HAZARD, REASON_UNKNOWN_CODE, NULL},
        {NULL, "hazard", 0, 150, REASON_NONE, "hazard"},
        {NULL, NULL, 0, 150, REASON_MISSING_FIELD, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        struct bytes report = {.len = 0};
        struct bytes batch = {.len = 0};
        if (cases[i].record) {
            put_text(&report, RECORD, cases[i].record);
        }
        if (cases[i].op) {
            put_number(&report, OP, cases[i].op);
        }
        put_below(&report, cases[i].content, &(struct bytes){.len = 0});
        put_below(&batch, 1, &report);
        read_bytes(&g, all(&batch), cases[i].topic);
        const struct report *r = &g.set.items[0];
        if (r->problem.reason != cases[i].reason) {
            fail_msg("case %zu: %s", i, reason_word(r->problem.reason));
        }
        assert_int_equal(r->type != NULL, cases[i].type != NULL);
        if (r->type && cases[i].type) {
            assert_string_equal(r->type->name, cases[i].type);
        }
        done(&g);
    }
}

static void two_bodies_are_one_too_many(void **state)
{
    (void)state;
    struct reading g;
    struct bytes report = {.len = 0};
    struct bytes batch = {.len = 0};
    put_below(&report, HAZARD, &(struct bytes){.len = 0});
    put_below(&report, TRANSITION, &(struct bytes){.len = 0});
    put_below(&batch, 1, &report);
    read_bytes(&g, all(&batch), "hazard");
    expect(&g.set.items[0], REASON_DUPLICATE_MEMBER, "body");
    done(&g);
}

static void kept_members_must_be_json_and_no_disguise(void **state)
{
    (void)state;
    static const struct {
        const char *path, *json;
        enum reason reason;
    } cases[] = {
        {"body.foo", "{\"a\":1}", REASON_NONE},
        {"foo", "null", REASON_NONE},
        {"body.foo", "{", REASON_BAD_FORMAT},
        {"body.foo", "\"\\u0000\"", REASON_BAD_FORMAT},
        {"body.foo", "[[[[[[[[[[[[[]]]]]]]]]]]]]", REASON_BAD_FORMAT},
        {"body.foo", NULL, REASON_MISSING_FIELD},
        {NULL, "1", REASON_MISSING_FIELD},
        {"uscc", "\"x\"", REASON_DUPLICATE_MEMBER},
        {"body", "{}", REASON_DUPLICATE_MEMBER},
        {"body.level", "1", REASON_DUPLICATE_MEMBER},
        {"body.major_basis.clause", "1", REASON_DUPLICATE_MEMBER},
        {"body.major_basis.other", "1", REASON_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        struct bytes member = {.len = 0};
        struct bytes report = {.len = 0};
        struct bytes batch = {.len = 0};
        if (cases[i].path) {
            put_text(&member, 1, cases[i].path);
        }
        if (cases[i].json) {
            put_text(&member, 2, cases[i].json);
        }
        put_below(&report, UNKNOWN_MEMBERS, &member);
        put_below(&report, HAZARD, &(struct bytes){.len = 0});
        put_below(&batch, 1, &report);
        read_bytes(&g, all(&batch), "hazard");
        if (g.set.items[0].problem.reason != cases[i].reason) {
            fail_msg("case %zu: %s", i, reason_word(g.set.items[0].problem.reason));
        }
        done(&g);
    }
}

static void batches_that_cannot_be_taken_apart_are_refused_whole(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        enum reason reason;
        const char *value;
    } cases[] = {
        {{"", 0}, REASON_EMPTY_MESSAGE, ""},
        {{"\x4a\x01x", 3}, REASON_EMPTY_MESSAGE, ""},
        {{"\x0a\x00\x0a\x05x", 5}, REASON_UNREADABLE, "byte 2"},
        {{"\x0a", 1}, REASON_UNREADABLE, "byte 0"},
        {{"\x08\x01", 2}, REASON_UNREADABLE, NULL},
        {{"\x0b\x0c", 2}, REASON_UNREADABLE, "byte 0"},
        {{"\x00\x00", 2}, REASON_UNREADABLE, "byte 0"},
        {{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, REASON_UNREADABLE, "byte 0"},
        {{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11}, REASON_UNREADABLE, "byte 0"},
        {{"{\"a\":1}", 7}, REASON_UNREADABLE, "byte 0"},
        {{"\x0a\x00\x0a\x00\x0a\x00\x0a\x00\x0a\x00\x0a\x00", 12}, REASON_ARRAY_TOO_LARGE, "6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading g;
        read_bytes(&g, cases[i].bytes, "hazard");
        if (g.set.problem.reason != cases[i].reason) {
            fail_msg("case %zu: %s", i, reason_word(g.set.problem.reason));
        }
        assert_int_equal(g.set.count, 0);
        if (cases[i].value) {
            assert_string_equal(g.set.problem.value, cases[i].value);
        }
        done(&g);
    }
}

static void a_report_past_the_size_limit_is_still_named(void **state)
{
    (void)state;
    struct reading g;
    struct bytes batch;
    struct bytes body = {.len = 0};
    static char filler[4097];
    memset(filler, 'x', sizeof filler - 1);
    put_text(&body, NAME, filler);
    put_text(&body, ID, "i");
    batch_of(&batch, &body);
    read_bytes(&g, all(&batch), "hazard");
    const struct report *r = &g.set.items[0];
    assert_int_equal(r->problem.reason, REASON_REPORT_TOO_LARGE);
    assert_string_equal(r->msg_id, MSG);
    assert_string_equal(r->id_as_sent, "i");
    assert_true(g.arena.held < 8192);
    done(&g);
}

static void a_stored_report_is_unpacked_again(void **state)
{
    (void)state;
    struct arena arena;
    struct bytes report = {.len = 0};
    put_text(&report, MSG_ID, MSG);
    put_below(&report, HAZARD, &(struct bytes){.len = 0});
    arena_init(&arena, 1 << 16);
    Dualgate__V1__Report *env = proto_read_one(all(&report), &arena);
    assert_non_null(env);
    assert_string_equal(env->msg_id, MSG);
    assert_null(proto_read_one(SPAN_LIT("\x0a"), &arena));
    arena_free(&arena);
}

static void an_exhausted_arena_or_heap_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    struct bytes batch;
    struct bytes body = {.len = 0};
    struct bytes bad = {.len = 0};
    struct bytes members = {.len = 0};
    put_text(&body, ID, "a");
    put_text(&body, PHOTO, "p");
    put_text(&body, PHOTO, "q");
    put_number(&body, 300, 1);
    batch_of(&batch, &body);
    put_text(&members, 1, "body.foo");
    put_text(&members, 2, "[1]");
    put_below(&bad, UNKNOWN_MEMBERS, &members);
    put_text(&bad, USCC, "\xFF");
    put_below(&batch, 1, &bad);
    const struct record_type *hazard = schema_record(schema, SPAN_LIT("hazard"));
    size_t live = mem_live();
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        struct reading g;
        arena_init(&g.arena, 1 << 20);
        (void)mem_fail_at(n);
        e = proto_read(schema, all(&batch), hazard, &limits, &g.arena, &g.set);
        (void)mem_fail_at(0);
        done(&g);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(e, ERR_OK);
    for (size_t max = 0; max < 6000; max += 64) {
        struct reading g;
        arena_init(&g.arena, max);
        e = proto_read(schema, all(&batch), hazard, &limits, &g.arena, &g.set);
        assert_true(e == ERR_OK || e == ERR_NOMEM);
        done(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_read_each_with_its_own_bytes),
        cmocka_unit_test(unknown_fields_survive_and_are_named),
        cmocka_unit_test(bodies_that_protobuf_would_take_are_refused),
        cmocka_unit_test(packed_codes_are_judged_and_counted_one_by_one),
        cmocka_unit_test(case_record_and_topic_must_agree),
        cmocka_unit_test(two_bodies_are_one_too_many),
        cmocka_unit_test(kept_members_must_be_json_and_no_disguise),
        cmocka_unit_test(batches_that_cannot_be_taken_apart_are_refused_whole),
        cmocka_unit_test(a_report_past_the_size_limit_is_still_named),
        cmocka_unit_test(a_stored_report_is_unpacked_again),
        cmocka_unit_test(an_exhausted_arena_or_heap_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
