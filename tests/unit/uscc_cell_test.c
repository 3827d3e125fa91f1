/* SPDX-License-Identifier: Apache-2.0 */
/* Codes as they come out of spreadsheets: what is put right, and what is told about the others. */
#include "cli/uscc_cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

static void width_case_and_spaces_are_put_right(void **state)
{
    static const char *const cells[] = {
        "91410411MA45ABCD6Y",          "91410411ma45abcd6y",
        " 91410411MA45ABCD6Y\xc2\xa0", "９１４１０４１１ＭＡ４５ＡＢＣＤ６Ｙ",
        "91410411 MA45ABCD 6Y",        "91410411MA45ABCD6Y\t",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char code[USCC_CHARS + 1];
        struct buf why;
        buf_init(&why, 0);
        assert_true(uscc_cell(span_of(cells[i]), code, &why));
        assert_string_equal(code, "91410411MA45ABCD6Y");
        buf_free(&why);
    }
    assert_int_equal(mem_live(), 0);
}

static void nothing_else_is_put_right_and_the_reason_is_told(void **state)
{
    static const char *const cases[][2] = {
        {"9.1410411E+17", "turned into a number by a spreadsheet"},
        {"9.14104110000000e+17", "turned into a number by a spreadsheet"},
        {"914104110000000000.00", "turned into a number by a spreadsheet"},
        {"913204007322520000", "after its 15th digit"},
        {"410411000012345", "old licence number"},
        {"73225246-5", "organisation code"},
        {"732252465", "organisation code"},
        {"91410411MA45ABCD6", "has 17 characters"},
        {"91410411MA45ABCD6YY", "has 19 characters"},
        {"9I410411MA45ABCD6Y",
         "character 2, which no unified social credit code holds: perhaps the digit 1"},
        {"9141O411MA45ABCD6Y",
         "character 5, which no unified social credit code holds: perhaps the digit 0"},
        {"91410411MA45ABCD6é", "\"\xc3\xa9\" as its character 18"},
        {"91410411MA45ABCD6Z", "perhaps the digit 2"},
        {"91410411MA45ABCD6X", "check character"},
        {"91410411MA45BACD6Y", "check character"},
        {"无", "has 1 characters"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char code[USCC_CHARS + 1];
        struct buf why;
        buf_init(&why, 0);
        assert_false(uscc_cell(span_of(cases[i][0]), code, &why));
        if (!strstr(buf_text(&why), cases[i][1])) {
            fail_msg("%s: %s", cases[i][0], buf_text(&why));
        }
        buf_free(&why);
    }
    assert_int_equal(mem_live(), 0);
}

static void short_memory_never_makes_a_code_of_another(void **state)
{
    (void)state;
    for (size_t n = 1; n < 8; n++) {
        char code[USCC_CHARS + 1] = "";
        struct buf why;
        buf_init(&why, 0);
        (void)mem_fail_at(n);
        bool taken = uscc_cell(span_of("９１４１０４１１MA45ABCD6Y"), code, &why);
        (void)mem_fail_at(0);
        assert_true(!taken || strcmp(code, "91410411MA45ABCD6Y") == 0);
        buf_free(&why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_case_and_spaces_are_put_right),
        cmocka_unit_test(nothing_else_is_put_right_and_the_reason_is_told),
        cmocka_unit_test(short_memory_never_makes_a_code_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
