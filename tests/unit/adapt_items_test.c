/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of messages: blocks of a row's values, and elements of an array in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt_run.h"

#include "base/alloc.h"

static struct adapt_run run;

static const char blocks[] =
    "adapter: x\ncontainer: json\ncharset: UTF-8\nrecord: {by: fixed}\nabsent: [\"\", 无]\n"
    "report: {uscc: {publisher: true}}\nrecords:\n  entity:\n    fields:\n      name: name\n"
    "      identifiers:\n"
    "        - {kind: {constant: ELDER_FILING}, value: 备案号}\n"
    "        - {kind: {constant: SHOP}, value: {from: shop, pad: 3}}\n"
    "        - {kind: {constant: SHOP}, value: info.shop}\n"
    "        - kind: {constant: COMPLEX}\n"
    "          value: {from: complex, when: {kind: SHOP}}\n";

static const char elements[] =
    "adapter: x\ncontainer: json\ncharset: UTF-8\nrecord: {by: fixed}\n"
    "report: {uscc: {publisher: true}}\nrecords:\n  daily_promise:\n    fields:\n"
    "      date: {from: date, time: yyyyMMdd}\n      signer: {constant: 甲}\n"
    "      special_work:\n        each: day.works\n        fields:\n"
    "          kind: {from: type, codes: zh}\n"
    "          count: {from: [n, ^many, ^^n], default: 7}\n";

static const char cells[] =
    "adapter: x\ncontainer: csv\ncharset: UTF-8\nrecord: {by: header}\n"
    "report: {uscc: {publisher: true}}\nrecords:\n  daily_promise:\n    header: [date]\n"
    "    fields:\n      date: {from: date, time: yyyyMMdd}\n      signer: {constant: 甲}\n"
    "      special_work:\n"
    "        each: works>\n        fields: {kind: {from: type, codes: zh}, count: n}\n";

#define WORKS(list) "[{\"date\":\"20200407\",\"n\":\"5\",\"day\":{\"works\":" list "}}]"

static const Dualgate__V1__Entity *entity(const char *payload)
{
    adapt_run_take(&run, payload);
    assert_int_equal(run.set.count, 1);
    assert_int_equal(run.set.items[0].problem.reason, REASON_NONE);
    return run.set.items[0].env->entity;
}

static const Dualgate__V1__DailyPromise *promise(const char *payload)
{
    adapt_run_take(&run, payload);
    assert_int_equal(run.set.count, 1);
    assert_int_equal(run.set.items[0].problem.reason, REASON_NONE);
    return run.set.items[0].env->daily_promise;
}

static void assert_refused(const char *payload, enum reason reason, const char *field)
{
    adapt_run_take(&run, payload);
    assert_int_equal(run.set.count, 1);
    const struct problem *p = &run.set.items[0].problem;
    assert_string_equal(reason_word(p->reason), reason_word(reason));
    assert_string_equal(p->field ? p->field : "", field);
}

static void a_block_is_an_item_if_the_row_says_any_of_it(void **state)
{
    (void)state;
    adapt_run_load(&run, blocks);
    const Dualgate__V1__Entity *e =
        entity("[{\"备案号\":\"A1\",\"shop\":\"7\",\"info\":{\"shop\":\"B2\"},\"complex\":\"C\"}]");
    assert_int_equal(e->n_identifiers, 3);
    assert_int_equal(e->identifiers[0]->kind, DUALGATE__V1__ENTITY_IDENTIFIER__CODE__ELDER_FILING);
    assert_string_equal(e->identifiers[0]->value, "A1");
    assert_string_equal(e->identifiers[1]->value, "007");
    assert_int_equal(e->identifiers[2]->kind, DUALGATE__V1__ENTITY_IDENTIFIER__CODE__SHOP);
    assert_string_equal(e->identifiers[2]->value, "B2");
    assert_int_equal(run.set.items[0].env->n_unknown_members, 0);
    e = entity("[{\"备案号\":\"无\",\"info\":{\"shop\":\"B2\",\"odd\":1}}]");
    assert_int_equal(e->n_identifiers, 1);
    assert_string_equal(e->identifiers[0]->value, "B2");
    assert_int_equal(run.set.items[0].env->n_unknown_members, 1);
    assert_string_equal(run.set.items[0].env->unknown_members[0]->path, "body.info.odd");
    assert_int_equal(entity("[{\"name\":\"n\"}]")->n_identifiers, 0);
}

static void an_element_is_an_item_and_reaches_the_row(void **state)
{
    (void)state;
    adapt_run_load(&run, elements);
    const Dualgate__V1__DailyPromise *p =
        promise(WORKS("[{\"type\":\"动火\",\"n\":2},{},null,{\"type\":\"高处\"}]"));
    assert_int_equal(p->n_special_work, 3);
    assert_int_equal(p->special_work[0]->kind, DUALGATE__V1__SPECIAL_WORK__CODE__HOT_WORK);
    assert_int_equal(p->special_work[0]->count, 2);
    assert_false(p->special_work[1]->has_kind);
    assert_int_equal(p->special_work[2]->kind, DUALGATE__V1__SPECIAL_WORK__CODE__HEIGHT);
    assert_int_equal(p->special_work[2]->count, 5);
    assert_int_equal(run.set.items[0].env->n_unknown_members, 0);
    assert_int_equal(promise(WORKS("{\"type\":\"动火\"}"))->n_special_work, 1);
    assert_int_equal(promise(WORKS("[]"))->n_special_work, 0);
    p = promise("[{\"date\":\"20200407\",\"day\":{\"works\":[{},{\"type\":\"\"}]}}]");
    assert_int_equal(p->n_special_work, 0); /* a default says nothing */
    p = promise(WORKS("[{\"type\":\"动火\",\"odd\":1}]"));
    assert_int_equal(run.set.items[0].env->n_unknown_members, 1);
    assert_string_equal(run.set.items[0].env->unknown_members[0]->path, "body.day.works");
}

static void problems_name_the_element(void **state)
{
    (void)state;
    adapt_run_load(&run, elements);
    assert_refused(WORKS("[{\"type\":\"动火\"},{\"type\":\"跳舞\"}]"), REASON_UNKNOWN_CODE,
                   "day.works[1].type");
    assert_refused(WORKS("[{\"n\":\"x\"}]"), REASON_WRONG_TYPE, "day.works[0].n");
    assert_refused(WORKS("[{\"n\":1},3]"), REASON_NOT_AN_OBJECT, "day.works[1]");
    assert_refused(WORKS("[{\"n\":1,\"n\":2}]"), REASON_DUPLICATE_MEMBER, "day.works[0].n");
    assert_refused(WORKS("[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]"),
                   REASON_TOO_MANY, "day.works");
    adapt_run_load(&run, cells);
    assert_refused("date,works\r\n20200407,\"[{\"\"type\"\":\"\"x\"\"}]\"\r\n", REASON_UNKNOWN_CODE,
                   "[line 2].works[0].type");
    assert_refused("date,works\r\n20200407,[\r\n", REASON_BAD_FORMAT, "[line 2].works");
    assert_int_equal(promise("date,works\r\n20200407,\"[{\"\"n\"\":1}]\"\r\n")->n_special_work, 1);
}

static const char *blamed(const char *field)
{
    struct report *r = &run.set.items[0];
    r->problem = (struct problem){.reason = REASON_BAD_FORMAT, .field = field};
    adapt_blame(run.adapters, SPAN_LIT("x"), r, &run.arena);
    return r->problem.field;
}

/* Elements that say nothing are none of the items: they count all the same. */
static void what_the_rules_find_is_told_of_the_element(void **state)
{
    (void)state;
    adapt_run_load(&run, cells);
    (void)promise("date,works\r\n20200407,\"[{},{\"\"n\"\":1}]\"\r\n");
    assert_string_equal(blamed("body.special_work[0].kind"), "[line 2].works[1].type");
    assert_string_equal(blamed("body.special_work[0].count"), "[line 2].works[1].n");
    assert_string_equal(blamed("body.special_work[0]"), "[line 2].works[1]");
    assert_string_equal(blamed("body.special_work"), "[line 2].works");
    assert_string_equal(blamed("body.special_work[1].kind"), "[line 2].works");
    adapt_run_load(&run, blocks);
    (void)entity("[{\"name\":\"n\",\"info\":{\"shop\":\"B2\"}}]");
    assert_string_equal(blamed("body.identifiers[0].value"), "info.shop");
    assert_string_equal(blamed("body.name"), "name");
}

/* ---- mistakes ---- */

#define HEAD                                                                       \
    "adapter: x\ncontainer: json\ncharset: UTF-8\nrecord: {by: fixed}\n"           \
    "report: {uscc: {publisher: true}}\nrecords:\n  daily_promise:\n    fields:\n" \
    "      date: d\n"

static void mistakes_are_told_at_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"      special_work: w\n", "m.yaml:10:7: “special_work” is a list; expected [{NAME"},
        {"      special_work: []\n", "m.yaml:10:7: “special_work” is a list; expected [{NAME"},
        {"      special_work: [w]\n", "m.yaml:10:22: “w”; expected a mapping"},
        {"      special_work: {each: w}\n", "m.yaml:10:7: “special_work”: expected {each: PATH"},
        {"      special_work: {fields: {count: n}}\n",
         "m.yaml:10:7: “special_work”: expected {each"},
        {"      special_work: {each: ^w, fields: {count: n}}\n",
         "m.yaml:10:28: each: expected one"},
        {"      special_work: {kind: k}\n", "m.yaml:10:22: “kind” is unknown here"},
        {"      special_work: [{kind: {constant: LIFTING}, count: {constant: 1}}]\n",
         "“special_work”: an item takes nothing from the row"},
        {"      special_work: [{kind: {constant: DANCE}, count: n}]\n",
         "m.yaml:10:40: “DANCE” is no value of “kind”"},
        {"      special_work: [{count: n}]\n",
         "special_work: expected its required field “kind” to be mapped"},
        {"      special_work: [{kind: {constant: LIFTING}, count: {from: ^n}}]\n",
         "“n”: nothing stands around the rows"},
        {"      special_work: {each: w, fields: {kind: {constant: LIFTING}, count: ^^n}}\n",
         "“n”: nothing stands around the rows"},
        {"      special_work: [{kind: {constant: LIFTING}, count: n}]\n"
         "      special_work.LIFTING.count: m\n",
         "“special_work” and “special_work.LIFTING.count”: expected one or the other"},
        {"      special_work: [{kind: {constant: LIFTING}, count: n}]\n"
         "      trial_run: {from: t, words: {1: true}, when: {special_work: x}}\n",
         "“special_work”: expected a field of this record"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1000];
        struct mapping *m = NULL;
        struct buf complaints;
        buf_init(&complaints, 0);
        (void)snprintf(text, sizeof text, "%s%s", HEAD, cases[i].text);
        assert_int_equal(mapping_compile(span_of(text), "m.yaml", "x", run.schema, &m, &complaints),
                         ERR_INVALID);
        if (!strstr(buf_text(&complaints), cases[i].expected)) {
            print_error("expected: %s\ncomplaints:\n%s\n", cases[i].expected,
                        buf_text(&complaints));
            fail();
        }
        buf_free(&complaints);
    }
}

/* ---- memory ---- */

static void sweep(const char *mapping, const char *payload)
{
    adapt_run_load(&run, mapping);
    for (size_t n = 1; n < 200; n++) {
        arena_free(&run.arena);
        arena_init(&run.arena, 8 << 20);
        mem_fail_at(n);
        enum err err = adapt_run_try(&run, span_of(payload));
        mem_fail_at(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        if (err == ERR_OK) {
            return;
        }
    }
    fail();
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    sweep(blocks, "[{\"备案号\":\"A1\",\"shop\":\"7\"}]");
    sweep(elements, WORKS("[{\"n\":1},{\"n\":1},{\"n\":1},{\"n\":1},{\"type\":\"动火\"}]"));
    sweep(elements, WORKS("[{\"type\":\"x\"}]"));
}

static int begin(void **state)
{
    (void)state;
    return adapt_run_begin(&run);
}

static int end(void **state)
{
    (void)state;
    adapt_run_end(&run);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_an_item_if_the_row_says_any_of_it),
        cmocka_unit_test(an_element_is_an_item_and_reaches_the_row),
        cmocka_unit_test(problems_name_the_element),
        cmocka_unit_test(what_the_rules_find_is_told_of_the_element),
        cmocka_unit_test(mistakes_are_told_at_their_place),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
