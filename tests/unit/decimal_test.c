/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/decimal.h"

static void digits_with_one_point_and_a_minus_are_a_number(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "12", "-12.50", "0.5", "007", "113.27"};
    static const char *const bad[] = {"",    "-",       ".5",    "5.",  "+1",
                                      "1e3", "1,234.5", " 1",    "1 ",  "2.5\xE4\xB8\x87",
                                      "--1", "1-1",     "1.2.3", "NaN", "\xE6\x97\xA0"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(decimal_valid(span_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (decimal_valid(span_of(bad[i]))) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

static void digits_before_and_after_the_point_are_counted(void **state)
{
    (void)state;
    assert_true(decimal_fits(span_of("99.99"), 4, 2));
    assert_true(decimal_fits(span_of("0099.9900"), 4, 2));
    assert_true(decimal_fits(span_of("-99.99"), 4, 2));
    assert_true(decimal_fits(span_of("0"), 1, 0));
    assert_false(decimal_fits(span_of("100"), 4, 2));
    assert_false(decimal_fits(span_of("0.001"), 4, 2));
    assert_true(decimal_fits(span_of("123456789012345678901234567890.5"), 0, 0));
}

static void order_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"1", "2", -1},
        {"10", "9", 1},
        {"1.0", "1", 0},
        {"-0", "0", 0},
        {"-1", "1", -1},
        {"-2", "-1", -1},
        {"0.5", "0.49999", 1},
        {"0.05", "0.5", -1},
        {"007", "7", 0},
        {"-0.5", "-0.05", -1},
        {"33.70", "33", 1},
        {"0.1", "0.10000000000000001", -1},
        {"9007199254740993", "9007199254740992", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int got = decimal_compare(span_of(cases[i].a), span_of(cases[i].b));
        int back = decimal_compare(span_of(cases[i].b), span_of(cases[i].a));
        assert_int_equal((got > 0) - (got < 0), cases[i].order);
        assert_int_equal((back > 0) - (back < 0), -cases[i].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_with_one_point_and_a_minus_are_a_number),
        cmocka_unit_test(digits_before_and_after_the_point_are_counted),
        cmocka_unit_test(order_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
