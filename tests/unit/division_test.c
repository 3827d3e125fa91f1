/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of divisions as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/division.h"

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
        cmocka_unit_test(what_lies_inside_is_seen_from_the_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
