/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of divisions as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/division.h"

static void the_two_numbers_of_a_terminal_give_six_digits(void **state)
{
    (void)state;
    char code[DIVISION_COUNTY_DIGITS + 1];
    assert_true(division_join(41, 411, code));
    assert_string_equal(code, "410411");
    assert_true(division_join(41, 0, code));
    assert_string_equal(code, "410000");
    assert_true(division_join(11, 101, code));
    assert_string_equal(code, "110101");
    assert_false(division_join(4, 411, code));
    assert_false(division_join(410, 411, code));
    assert_false(division_join(41, 10411, code));
    assert_string_equal(code, "");
}

static void what_lies_inside_is_seen_from_the_digits(void **state)
{
    (void)state;
    assert_true(division_within(SPAN_LIT("410411001005"), SPAN_LIT("410411001")));
    assert_true(division_within(SPAN_LIT("410411001"), SPAN_LIT("410400")));
    assert_true(division_within(SPAN_LIT("410411"), SPAN_LIT("410000")));
    assert_false(division_within(SPAN_LIT("410402001"), SPAN_LIT("410411")));
    assert_false(division_within(SPAN_LIT("410411001"), SPAN_LIT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_numbers_of_a_terminal_give_six_digits),
        cmocka_unit_test(what_lies_inside_is_seen_from_the_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
