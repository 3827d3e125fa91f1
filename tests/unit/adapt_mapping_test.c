/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping files: what is wrong is said at its place, all in one go; and what a mapping does to
 * rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/adapt.h"
#include "base/alloc.h"
#include "model/attachments.h"

#define USCC "91410411MA45ABCD6Y"

static struct schema *schema;
static struct registry *registry;
static const struct reg_publisher publisher = {
    .code = USCC, .kind = "ENTITY", .adapters = "x", .key = "0123456789abcdef", .active = true};
static const struct read_limits limits = {.reports_max = 5,
                                          .report_bytes_max = 400,
                                          .depth_max = 8,
                                          .attachments = {.bytes_max = 500, .count_max = 2}};

/* ---- compiling ---- */

static enum err compile(const char *text, struct buf *complaints)
{
    struct mapping *m = NULL;
    enum err err = mapping_compile(span_of(text), "m.yaml", "x", schema, &m, complaints);
    assert_int_equal(m != NULL, err == ERR_OK);
    mapping_free(m);
    return err;
}

static void assert_complaint(const char *text, const char *expected)
{
    struct buf complaints;
    buf_init(&complaints, 0);
    assert_int_equal(compile(text, &complaints), ERR_INVALID);
    if (!strstr(buf_text(&complaints), expected)) {
        print_error("complaints:\n%s\n", buf_text(&complaints));
        assert_string_equal(buf_text(&complaints), expected);
    }
    buf_free(&complaints);
}

#define HEAD                                                                                    \
    "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nreport: {uscc: u}\nrecords:\n  hazard:\n" \
    "    fields:\n"

#define REST                                                           \
    "      id: id\n      name: n\n      level: {from: l, codes: zh}\n" \
    "      state: {from: s, codes: zh}\n"

static void a_small_mapping_compiles(void **state)
{
    (void)state;
    struct buf complaints;
    buf_init(&complaints, 0);
    assert_int_equal(compile(HEAD REST, &complaints), ERR_OK);
    assert_string_equal(buf_text(&complaints), "");
    buf_free(&complaints);
}

static void every_mistake_is_named_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *line, *expected;
    } cases[] = {
        {"colour: red", "m.yaml:8:7: hazard has no field “colour”; expected one of: id"},
        {"level: grade", "m.yaml:8:7: “level” is a code; expected codes: SYSTEM or words"},
        {"level: {from: g, codes: nowhere}", "has a code of the system “nowhere”"},
        {"level: {from: g, words: {a: BIG}}",
         "m.yaml:8:35: “BIG” is no value of “level”; expected one of UNKNOWN, GENERAL"},
        {"name: {from: n, codes: zh}", "m.yaml:8:23: “name” has no code list"},
        {"name: {from: n, trim: yes}", "m.yaml:8:23: “trim” is unknown here; expected one of from"},
        {"name: {}", "“name”: expected exactly one of from, template, derive"},
        {"name: {from: n, constant: c}", "expected exactly one of from, template, derive"},
        {"name: {from: n, split: ;}", "“name” takes one value; split is for lists"},
        {"name: {from: n, time: yyyy-MM-dd}", "expected a field that is a date"},
        {"deadline: {from: d, time: yyyy-MM}",
         "m.yaml:8:33: time pattern “yyyy-MM”: expected year"},
        {"deadline: {from: d, time: nonsense}", "time pattern “nonsense”: expected yyyy"},
        {"cost: {from: c, number: {元: ten}}", "“ten”; expected a power of ten"},
        {"name: {from: n, number: {元: 0}}", "“name” is no number"},
        {"name: {derive: n}", "derive gives a UUID, which “name” is not"},
        {"name: {from: n, pad: 0}", "expected a width of 1 to 64"},
        {"name: {from: n, company_code: true}", "company_code gives a USCC"},
        {"name: {from: n, when: {state: [OPEN]}}",
         "expected a field of this record that is mapped"},
        {"major_basis: b", "“major_basis”: expected a plain field, such as its name after a point"},
        {"major_basis.colour: b", "“major_basis.colour”: expected a plain field"},
        {"hazard_factors.code: b", "“hazard_factors.code”: expected a plain field; it is a list"},
        {"name: [a, {b: c}]", "not a mapping; expected a mapping {name: value}"},
        {"name: {from: []}", "an empty list; expected a source field"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, HEAD "      %s\n", cases[i].line);
        assert_complaint(text, cases[i].expected);
    }
}

static void mistakes_of_the_file_are_named_too(void **state)
{
    (void)state;
    assert_complaint("adapter: y\n", "m.yaml:1:10: “y”; expected “x”, the name of the folder");
    assert_complaint("adapter: x\n", "expected charset: UTF-8 or GB18030; it is never guessed");
    assert_complaint("adapter: x\n", "expected records: {…}");
    assert_complaint("charset: latin1\n", "m.yaml:1:10: charset “latin1”; expected UTF-8");
    assert_complaint("container: toml\n", "m.yaml:1:12: container “toml”; expected json, ndjson");
    assert_complaint("envelope: {cipher: rot13}\n", "cipher “rot13”; expected aes-128-cbc");
    assert_complaint("record: {by: luck}\n", "“luck”; expected fixed, member, field, header");
    assert_complaint("record: {by: field}\n", "record: expected name: NAME");
    assert_complaint("placeholder_dates: [soon]\n", "“soon”; expected a date YYYY-MM-DD");
    assert_complaint("records: {weather: {}}\n", "m.yaml:1:11: there is no record “weather”");
    assert_complaint("records: {hazard: {fields: {id: i}}}\n", "does not say whose report it is");
    assert_complaint("records: {hazard: {fields: {id: i}}}\n",
                     "m.yaml:1:11: hazard: expected its required field “name” to be mapped");
    assert_complaint("records: {entity: {fields: {identifiers.LUCK.value: v}}}\n",
                     "“identifiers.LUCK.value”: expected a plain field, of an item by its code");
    assert_complaint("answer: {good: '${who}'}\n", "hole “who”; expected request");
    assert_complaint("a: [1\nb: 2\n", "m.yaml:");
    assert_complaint("", "not YAML");
    assert_complaint("- a\n", "expected a mapping");
    assert_complaint("adapter: x\nadapter: x\n", "m.yaml:");
}

static void all_mistakes_come_in_one_go(void **state)
{
    (void)state;
    struct buf complaints;
    buf_init(&complaints, 0);
    assert_int_equal(compile(HEAD "      colour: a\n      level: b\n      size: c\n", &complaints),
                     ERR_INVALID);
    assert_non_null(strstr(buf_text(&complaints), "m.yaml:8:"));
    assert_non_null(strstr(buf_text(&complaints), "m.yaml:9:"));
    assert_non_null(strstr(buf_text(&complaints), "m.yaml:10:"));
    buf_free(&complaints);
}

/* ---- running ---- */

struct run {
    char dir[64];
    struct adapters *adapters;
    struct arena arena;
    struct report_set set;
};

static void write_mapping(const struct run *r, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/x/mapping.yaml", r->dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void start(struct run *r, const char *mapping)
{
    char path[128];
    struct buf complaints;
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/adapt_mapping_XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(path, sizeof path, "%s/x", r->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    write_mapping(r, mapping);
    buf_init(&complaints, 0);
    enum err err = adapters_load(r->dir, schema, &limits, &r->adapters, &complaints);
    assert_string_equal(buf_text(&complaints), "");
    assert_int_equal(err, ERR_OK);
    buf_free(&complaints);
    arena_init(&r->arena, 8 << 20);
}

static void stop(struct run *r)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/x/mapping.yaml", r->dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/x", r->dir);
    (void)rmdir(path);
    (void)rmdir(r->dir);
    adapters_free(r->adapters);
    arena_free(&r->arena);
}

static enum err take_as(struct run *r, const char *payload, const struct reg_publisher *who)
{
    return adapt_read(r->adapters, SPAN_LIT("x"), span_of(payload), SPAN_NONE, who, registry, 0,
                      &r->arena, &r->set);
}

static void take(struct run *r, const char *payload)
{
    assert_int_equal(take_as(r, payload, &publisher), ERR_OK);
}

static void assert_refused(const struct report *r, enum reason reason, const char *field)
{
    assert_int_equal(r->problem.reason, reason);
    assert_string_equal(r->problem.field ? r->problem.field : "", field);
}

static const char rows_of_two[] =
    "adapter: x\ncharset: UTF-8\nrecord: {by: field, name: kind}\nrows: list\n"
    "report: {uscc: {publisher: true}}\nrecords:\n"
    "  hazard:\n    match: [H]\n    deleted: {from: gone, yes: [Y], no: [N]}\n"
    "    fields: {id: key, name: text.zh, level: {from: grade, codes: zh, default: GENERAL},\n"
    "      attachment: {from: files, split: ;}, round: times,\n"
    "      major_basis.clause: why, state: {constant: RECTIFYING}}\n    keep: [note]\n    ignore: "
    "[junk]\n"
    "  zero_report:\n    match: [Z]\n"
    "    fields: {period: {from: month, time: yyyy/M}, kind: {constant: HAZARD}}\n";

static void rows_name_their_record(void **state)
{
    (void)state;
    struct run r;
    start(&r, rows_of_two);
    take(&r, "{\"list\":[{\"kind\":\"Z\",\"month\":\"2020/4\"},{\"kind\":\"H\",\"key\":\"1\"},"
             "{\"kind\":\"W\"},{\"key\":\"2\"}]}");
    assert_int_equal(r.set.count, 4);
    const struct report *zero = &r.set.items[0];
    assert_string_equal(zero->type->name, "zero_report");
    assert_int_equal(zero->env->op, DUALGATE__V1__OP__CODE__ZERO);
    assert_string_equal(zero->env->zero_report->period, "2020-04");
    assert_string_equal(zero->env->uscc, USCC);
    assert_string_equal(r.set.items[1].env->record, "hazard");
    assert_string_equal(r.set.items[1].id_as_sent, "1");
    assert_refused(&r.set.items[2], REASON_UNKNOWN_RECORD, "kind");
    assert_refused(&r.set.items[3], REASON_UNKNOWN_RECORD, "kind");
    stop(&r);
}

static void fields_lists_defaults_and_the_unknown(void **state)
{
    (void)state;
    struct run r;
    start(&r, rows_of_two);
    take(&r, "{\"list\":[{\"kind\":\"H\",\"key\":7,\"text\":{\"zh\":\"　甲 \"},\"files\":\"a;b;a\","
             "\"times\":\"２\",\"why\":\"3.1\",\"gone\":\"Y\",\"note\":\"n\",\"junk\":1,"
             "\"extra\":{\"a\":[1]}}]}");
    const struct report *report = &r.set.items[0];
    assert_int_equal(report->problem.reason, REASON_NONE);
    const Dualgate__V1__Hazard *h = report->env->hazard;
    assert_string_equal(h->id, "7");
    assert_string_equal(h->name, "甲");
    assert_int_equal(h->level, DUALGATE__V1__HAZARD_LEVEL__CODE__GENERAL);
    assert_int_equal(h->n_attachment, 2);
    assert_string_equal(h->attachment[1], "b");
    assert_int_equal(h->round, 2);
    assert_string_equal(h->major_basis->clause, "3.1");
    assert_int_equal(report->env->op, DUALGATE__V1__OP__CODE__DELETE);
    assert_int_equal(report->env->n_unknown_members, 2);
    assert_string_equal(report->env->unknown_members[1]->path, "body.extra");
    assert_string_equal(report->env->unknown_members[1]->json, "{\"a\":[1]}");
    assert_string_equal(report->warnings->text, "body.extra");
    assert_null(report->warnings->next);
    stop(&r);
}

static void a_row_is_refused_by_its_own_words(void **state)
{
    (void)state;
    struct run r;
    start(&r, rows_of_two);
    take(&r, "{\"list\":[{\"kind\":\"H\",\"grade\":\"大\"},{\"kind\":\"H\",\"times\":\"many\"},"
             "{\"kind\":\"H\",\"gone\":\"?\"},{\"kind\":\"H\",\"text\":{\"zh\":[]}},5]}");
    assert_refused(&r.set.items[0], REASON_UNKNOWN_CODE, "grade");
    assert_string_equal(r.set.items[0].problem.value, "大");
    assert_refused(&r.set.items[1], REASON_WRONG_TYPE, "times");
    assert_refused(&r.set.items[2], REASON_UNKNOWN_CODE, "gone");
    assert_refused(&r.set.items[3], REASON_WRONG_TYPE, "text.zh");
    assert_refused(&r.set.items[4], REASON_NOT_AN_OBJECT, "");
    assert_int_equal(r.set.items[4].index, 4);
    stop(&r);
}

static void a_word_outside_the_mapping_is_no_code(void **state)
{
    (void)state;
    struct run r;
    start(&r, "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nrows: list\n"
              "report: {uscc: {publisher: true}}\nrecords:\n"
              "  hazard:\n    fields: {id: key, name: n, state: {constant: RECTIFYING},\n"
              "      level: {from: g, words: {一般: GENERAL, 重大: MAJOR}}}\n");
    take(&r, "{\"list\":[{\"key\":\"1\",\"g\":\"重大\"},{\"key\":\"2\",\"g\":\"较大\"},"
             "{\"key\":\"3\",\"g\":\"一般 \"}]}");
    assert_int_equal(r.set.items[0].problem.reason, REASON_NONE);
    assert_int_equal(r.set.items[0].env->hazard->level, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    assert_refused(&r.set.items[1], REASON_UNKNOWN_CODE, "g");
    assert_string_equal(r.set.items[1].problem.value, "较大");
    assert_int_equal(r.set.items[2].problem.reason, REASON_NONE);
    stop(&r);
}

static void limits_hold_but_for_attachments(void **state)
{
    (void)state;
    char row[2048];
    char payload[2200];
    struct run r;
    start(&r, rows_of_two);
    (void)snprintf(row, sizeof row, "{\"kind\":\"H\",\"key\":\"1\",\"files\":\"%s%0600d\"}",
                   "data:image/jpeg;base64,/9j/", 0);
    (void)snprintf(payload, sizeof payload, "{\"list\":[%s]}", row);
    take(&r, payload);
    assert_int_equal(r.set.items[0].problem.reason, REASON_NONE);
    assert_int_equal(r.set.items[0].attachments->bytes.len, 453);
    take(&r,
         "{\"list\":[{\"kind\":\"H\",\"key\":\"1\",\"files\":\"data:image/png;base64,AAAA\"}]}");
    assert_refused(&r.set.items[0], REASON_ATTACHMENT_TYPE, "files");
    (void)snprintf(payload, sizeof payload, "{\"list\":[{\"kind\":\"H\",\"junk\":\"%0600d\"}]}", 0);
    take(&r, payload);
    assert_refused(&r.set.items[0], REASON_REPORT_TOO_LARGE, "");
    take(&r, "{\"list\":[1,2,3,4,5,6]}");
    assert_int_equal(r.set.problem.reason, REASON_ARRAY_TOO_LARGE);
    assert_string_equal(r.set.problem.value, "6");
    assert_int_equal(r.set.count, 0);
    take(&r, "{\"rows\":[]}");
    assert_int_equal(r.set.problem.reason, REASON_MISSING_FIELD);
    take(&r, "{\"list\":5}");
    assert_int_equal(r.set.problem.reason, REASON_UNREADABLE);
    stop(&r);
}

static void the_same_row_gets_the_same_message_id(void **state)
{
    (void)state;
    static const char one[] = "{\"list\":[{\"kind\":\"H\",\"key\":\"1\",\"times\":1},"
                              "{\"kind\":\"H\",\"key\":\"1\",\"times\":2}]}";
    struct reg_publisher other = publisher;
    struct run r;
    char first[UUID_TEXT + 1];
    other.code = "91410411MA46HX010N";
    start(&r, rows_of_two);
    take(&r, one);
    (void)snprintf(first, sizeof first, "%s", r.set.items[0].env->msg_id);
    assert_true(uuid_is(span_of(first)));
    assert_int_equal(first[14], '8');
    assert_string_not_equal(first, r.set.items[1].env->msg_id);
    take(&r, one);
    assert_string_equal(first, r.set.items[0].env->msg_id);
    assert_int_equal(take_as(&r, one, &other), ERR_OK);
    assert_string_not_equal(first, r.set.items[0].env->msg_id);
    stop(&r);
}

static void an_unknown_adapter_or_encoding_is_said(void **state)
{
    (void)state;
    struct run r;
    start(&r, rows_of_two);
    assert_int_equal(adapt_read(r.adapters, SPAN_LIT("y"), SPAN_LIT("[]"), SPAN_NONE, &publisher,
                                registry, 0, &r.arena, &r.set),
                     ERR_NOT_FOUND);
    assert_int_equal(adapt_read(r.adapters, SPAN_LIT("x"), SPAN_LIT("[]"), SPAN_LIT("klingon"),
                                &publisher, registry, 0, &r.arena, &r.set),
                     ERR_OK);
    assert_int_equal(r.set.problem.reason, REASON_BAD_ENCODING);
    take(&r, "");
    assert_int_equal(r.set.problem.reason, REASON_EMPTY_MESSAGE);
    stop(&r);
}

/* ---- answers ---- */

static const char answering[] =
    "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nreport: {uscc: u}\n"
    "records:\n  hazard:\n    fields:\n" REST "answer:\n"
    "  good: '{\"r\":${request},\"ok\":true}'\n"
    "  bad: '{\"r\":${request},\"of\":${count},\"n\":${failed},\"d\":${items}}'\n"
    "  item: '{\"id\":${id},\"w\":${word},\"t\":${text}}'\n";

static void an_answer_is_written_in_the_sectors_form(void **state)
{
    (void)state;
    const struct adapt_answer rows[] = {
        {SPAN_LIT("1"), SPAN_LIT("stored"), SPAN_NONE, true},
        {SPAN_LIT("2\""), SPAN_LIT("rejected"), SPAN_LIT("缺少名称"), false},
        {SPAN_LIT("3"), SPAN_LIT("conflict"), SPAN_NONE, false},
    };
    struct run r;
    struct buf out;
    start(&r, answering);
    buf_init(&out, 0);
    assert_int_equal(adapt_native_receipt(r.adapters, SPAN_LIT("x"), SPAN_LIT("q"), rows, 1, &out),
                     ERR_OK);
    assert_string_equal(buf_text(&out), "{\"r\":\"q\",\"ok\":true}");
    buf_reset(&out);
    assert_int_equal(adapt_native_receipt(r.adapters, SPAN_LIT("x"), SPAN_LIT("q"), rows, 3, &out),
                     ERR_OK);
    assert_string_equal(
        buf_text(&out),
        "{\"r\":\"q\",\"of\":3,\"n\":2,\"d\":[{\"id\":\"2\\\"\",\"w\":\"rejected\",\"t\":"
        "\"缺少名称\"},{\"id\":\"3\",\"w\":\"conflict\",\"t\":\"\"}]}");
    buf_free(&out);
    stop(&r);
}

static void an_adapter_without_a_form_gives_no_answer(void **state)
{
    (void)state;
    struct run r;
    struct buf out;
    start(&r, rows_of_two);
    buf_init(&out, 0);
    assert_int_equal(adapt_native_receipt(r.adapters, SPAN_LIT("x"), SPAN_NONE, NULL, 0, &out),
                     ERR_NOT_FOUND);
    buf_free(&out);
    stop(&r);
}

/* ---- memory ---- */

static void reading_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct run r;
    start(&r, rows_of_two);
    bool done = false;
    for (size_t n = 1; !done; n++) {
        arena_free(&r.arena);
        arena_init(&r.arena, 8 << 20);
        size_t before = mem_live();
        (void)mem_fail_at(n);
        enum err err =
            take_as(&r, "{\"list\":[{\"kind\":\"H\",\"key\":\"1\",\"more\":[1]},{\"kind\":\"Z\"}]}",
                    &publisher);
        size_t asked = mem_fail_at(0);
        done = asked < n;
        assert_true(err == ERR_NOMEM || (err == ERR_OK && r.set.count == 2));
        if (done) {
            assert_int_equal(err, ERR_OK);
        }
        arena_reset(&r.arena);
        arena_free(&r.arena);
        assert_true(mem_live() <= before);
    }
    stop(&r);
}

static void compiling_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool done = false;
    for (size_t n = 1; !done; n++) {
        struct mapping *m = NULL;
        struct buf complaints;
        size_t before = mem_live();
        buf_init(&complaints, 0);
        (void)mem_fail_at(n);
        enum err err =
            mapping_compile(span_of(rows_of_two), "m.yaml", "x", schema, &m, &complaints);
        done = mem_fail_at(0) < n;
        assert_int_equal(err, m ? ERR_OK : ERR_NOMEM);
        mapping_free(m);
        buf_free(&complaints);
        assert_int_equal(mem_live(), before);
    }
}

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    return schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    registry_free(registry);
    schema_free(schema);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_mapping_compiles),
        cmocka_unit_test(every_mistake_is_named_at_its_place),
        cmocka_unit_test(mistakes_of_the_file_are_named_too),
        cmocka_unit_test(all_mistakes_come_in_one_go),
        cmocka_unit_test(rows_name_their_record),
        cmocka_unit_test(fields_lists_defaults_and_the_unknown),
        cmocka_unit_test(a_row_is_refused_by_its_own_words),
        cmocka_unit_test(a_word_outside_the_mapping_is_no_code),
        cmocka_unit_test(limits_hold_but_for_attachments),
        cmocka_unit_test(the_same_row_gets_the_same_message_id),
        cmocka_unit_test(an_unknown_adapter_or_encoding_is_said),
        cmocka_unit_test(an_answer_is_written_in_the_sectors_form),
        cmocka_unit_test(an_adapter_without_a_form_gives_no_answer),
        cmocka_unit_test(reading_survives_every_failed_allocation),
        cmocka_unit_test(compiling_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
