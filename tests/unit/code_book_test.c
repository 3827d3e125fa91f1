/* SPDX-License-Identifier: Apache-2.0 */
/* Editions, forms in which codes are written, and what became of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/code_book.h"

#define DAY_OF_2017 17440 /* 2017-10-01 */

static const struct code_edition editions[] = {
    {.system = "gbt4754",
     .version = "2011",
     .first_day = 15279,
     .last_day = DAY_OF_2017 - 1,
     .complete = true},
    {.system = "gbt4754", .version = "2017", .first_day = DAY_OF_2017, .last_day = INT64_MAX},
    {.system = "gb6441", .version = "1986", .first_day = 6240, .last_day = 20634, .complete = true},
    {.system = "gb6441", .version = "2025", .first_day = 20635, .last_day = INT64_MAX},
};

static const struct {
    const char *system, *version, *code, *name, *parent;
} codes[] = {
    {"gbt4754", "2011", "P", "教育", ""},
    {"gbt4754", "2011", "P82", "教育", "P"},
    {"gbt4754", "2011", "P821", "学前教育", "P82"},
    {"gbt4754", "2011", "P8210", "学前教育", "P821"},
    {"gbt4754", "2017", "C", "制造业", ""},
    {"gbt4754", "2017", "C26", "化学原料和化学制品制造业", "C"},
    {"gbt4754", "2017", "C261", "基础化学原料制造", "C26"},
    {"gbt4754", "2017", "C2614", "有机化学原料制造", "C261"},
    {"gbt4754", "2017", "C2710", "化学药品原料药制造", "C271"},
    {"gbt4754", "2017", "O82", "其他服务业", "O"},
    {"gbt4754", "2017", "P83", "教育", "P"},
    {"gbt4754", "2017", "A01", "农业", "A"},
    {"gb6441", "1986", "05", "触电", ""},
    {"gb6441", "1986", "10", "坍塌", ""},
    {"gb6441", "2025", "触电", "触电", ""},
};

static enum err fill(struct code_book *b)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof editions / sizeof editions[0] && e == ERR_OK; i++) {
        e = code_book_add_edition(b, &editions[i]);
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && e == ERR_OK; i++) {
        e = code_book_add_code(b, codes[i].system, codes[i].version, codes[i].code, codes[i].name,
                               codes[i].parent);
    }
    e = e == ERR_OK ? code_book_add_map(b, "gbt4754", "2011", "P82", "2017", "P83") : e;
    return e == ERR_OK ? code_book_add_map(b, "gb6441", "1986", "05", "2025", "触电") : e;
}

static struct code_book *book;

static int load(void **state)
{
    (void)state;
    return code_book_new(&book) == ERR_OK && fill(book) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    code_book_free(book);
    return 0;
}

static const struct code_edition *edition(const char *system, const char *version)
{
    return code_book_edition(book, span_of(system), span_of(version));
}

static const char *found(const char *system, const char *version, const char *text)
{
    const struct code_row *row = code_book_find(book, edition(system, version), span_of(text));
    return row ? row->code : "";
}

static void codes_are_understood_in_the_forms_that_sources_write(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } cases[] = {{"C2614", "C2614"},
                 {"2614", "C2614"},
                 {"c2614", "C2614"},
                 {" C2614 ", "C2614"},
                 {"C26", "C26"},
                 {"c26", "C26"},
                 {"26", "C26"},
                 {"C2600", "C26"},
                 {"2600", "C26"},
                 {"C0000", "C"},
                 {"C2610", "C261"},
                 {"C2710", "C2710"},
                 {"C", "C"},
                 {"CXXXX000B", "C"},
                 {"C26XX000B", "C26"},
                 {"C261X000B", "C261"},
                 {"C2614000B", "C2614"},
                 {"0100", "A01"},
                 {"C9999", ""},
                 {"B2614", ""},
                 {"", ""},
                 {"0000", ""},
                 {"C26140", "C2614"},
                 {"化工", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = found("gbt4754", "2017", cases[i].text);
        if (strcmp(got, cases[i].code) != 0) {
            fail_msg("%s gave %s", cases[i].text, got);
        }
    }
    assert_string_equal(found("gb6441", "1986", "5"), "05");
    assert_string_equal(found("gb6441", "1986", "05"), "05");
    assert_string_equal(found("gb6441", "1986", "050"), "05");
    assert_string_equal(found("gb6441", "1986", "100"), "10");
    assert_string_equal(found("gb6441", "1986", "101"), "");
    assert_string_equal(found("gb6441", "2025", "触电"), "触电");
}

static void texts_too_long_are_no_codes(void **state)
{
    (void)state;
    static char text[4096];
    memset(text, '0', sizeof text - 1);
    assert_string_equal(found("gbt4754", "2017", text), "");
    assert_null(code_book_find_name(book, edition("gbt4754", "2017"), span_of(text)));
    assert_null(code_book_edition(book, span_of(text), span_of(text)));
}

static void the_edition_in_force_is_that_of_the_day(void **state)
{
    (void)state;
    struct span s = SPAN_LIT("gbt4754");
    assert_string_equal(code_book_edition_on(book, s, DAY_OF_2017)->version, "2017");
    assert_string_equal(code_book_edition_on(book, s, DAY_OF_2017 - 1)->version, "2011");
    assert_string_equal(code_book_edition_on(book, s, 0)->version, "2011");
    assert_string_equal(code_book_edition_on(book, s, 30000)->version, "2017");
    assert_null(code_book_edition_on(book, SPAN_LIT("other"), 0));
    assert_non_null(code_book_edition_on(book, s, 0));
    assert_null(code_book_edition_on(book, SPAN_LIT("gbt"), 0));
    assert_false(code_book_is_empty(book));
}

static void a_code_of_another_edition_is_found_and_mapped(void **state)
{
    (void)state;
    const struct code_edition *now = edition("gbt4754", "2017");
    const struct code_row *row = code_book_find_elsewhere(book, now, SPAN_LIT("P82"));
    assert_string_equal(row->edition->version, "2011");
    assert_string_equal(code_book_map(book, row, now)->code, "P83");
    assert_ptr_equal(code_book_map(book, row, row->edition), row);
    /* 学前教育 has no row in the map of this test. */
    row = code_book_find_elsewhere(book, now, SPAN_LIT("P8210"));
    assert_null(code_book_map(book, row, now));
    assert_null(code_book_find_elsewhere(book, now, SPAN_LIT("Z99")));
    /* Without its letter the number means something else today. */
    assert_string_equal(found("gbt4754", "2017", "82"), "O82");
}

static void only_a_leaf_may_be_missing_in_an_incomplete_table(void **state)
{
    (void)state;
    const struct code_edition *now = edition("gbt4754", "2017");
    assert_true(code_book_may_have(book, now, SPAN_LIT("C2618")));
    assert_true(code_book_may_have(book, now, SPAN_LIT("2618")));
    assert_false(code_book_may_have(book, now, SPAN_LIT("C2618X")));
    assert_false(code_book_may_have(book, now, SPAN_LIT("C269")));
    assert_false(code_book_may_have(book, now, SPAN_LIT("C99")));
    assert_false(code_book_may_have(book, now, SPAN_LIT("C9999")));
    assert_false(code_book_may_have(book, now, SPAN_LIT("C261B")));
    assert_false(code_book_may_have(book, edition("gbt4754", "2011"), SPAN_LIT("P8219")));
    assert_true(code_book_may_have(book, edition("gb6441", "2025"), SPAN_LIT("雷击")));
}

static void names_are_found(void **state)
{
    (void)state;
    const struct code_edition *old = edition("gb6441", "1986");
    assert_string_equal(code_book_find_name(book, old, SPAN_LIT("触电"))->code, "05");
    assert_null(code_book_find_name(book, old, SPAN_LIT("05")));
}

static void rows_without_their_edition_are_refused(void **state)
{
    (void)state;
    assert_int_equal(code_book_add_code(book, "gbt4754", "2002", "A", "a", ""), ERR_NOT_FOUND);
    assert_int_equal(code_book_add_map(book, "gbt4754", "2011", "P82", "2017", "P99"),
                     ERR_NOT_FOUND);
    assert_int_equal(code_book_add_map(book, "gbt4754", "2002", "P82", "2017", "P83"),
                     ERR_NOT_FOUND);
}

static void failing_allocations_are_told_and_leak_nothing(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 200; n++) {
        struct code_book *b = NULL;
        mem_fail_at(n);
        enum err e = code_book_new(&b);
        e = e == ERR_OK ? fill(b) : e;
        mem_fail_at(0);
        code_book_free(b);
        if (e == ERR_OK) {
            assert_true(n > 2);
            return;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
    fail_msg("never succeeds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_understood_in_the_forms_that_sources_write),
        cmocka_unit_test(texts_too_long_are_no_codes),
        cmocka_unit_test(the_edition_in_force_is_that_of_the_day),
        cmocka_unit_test(a_code_of_another_edition_is_found_and_mapped),
        cmocka_unit_test(only_a_leaf_may_be_missing_in_an_incomplete_table),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(rows_without_their_edition_are_refused),
        cmocka_unit_test(failing_allocations_are_told_and_leak_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
