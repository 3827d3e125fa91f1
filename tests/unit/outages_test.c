/* SPDX-License-Identifier: Apache-2.0 */
/* Outages wait for the database in a bounded list. */
#include "pg/outages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void they_stand_in_order_until_they_are_written(void **state)
{
    (void)state;
    struct outages o = {.n = 0};
    outages_add(&o, "database", 10, 20, "gone");
    outages_add(&o, "broker", 30, 40, "away");
    assert_int_equal(o.n, 2);
    o.sent = 1; /* one more came while the first was on its way */
    outages_sent(&o);
    assert_int_equal(o.n, 1);
    assert_string_equal(o.at[0].what, "broker");
    assert_int_equal(o.at[0].from_us, 30);
    outages_sent(&o);
    assert_int_equal(o.n, 1);
}

static void too_many_make_the_last_one_longer(void **state)
{
    (void)state;
    struct outages o = {.n = 0};
    for (int64_t i = 0; i < 3 * OUTAGES_MAX; i++) {
        outages_add(&o, "broker", 10 * i, 10 * i + 5, "");
    }
    assert_int_equal(o.n, OUTAGES_MAX);
    assert_int_equal(o.at[OUTAGES_MAX - 1].from_us, 10 * (OUTAGES_MAX - 1));
    assert_int_equal(o.at[OUTAGES_MAX - 1].to_us, 10 * (3 * OUTAGES_MAX - 1) + 5);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    struct outages o = {.n = 0};
    char text[2 * OUTAGE_DETAIL_CHARS + 1] = "";
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "库", 4);
    }
    outages_add(&o, "database", 1, 2, text);
    assert_int_equal(strlen(o.at[0].detail), (OUTAGE_DETAIL_CHARS - 1) / 3 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_stand_in_order_until_they_are_written),
        cmocka_unit_test(too_many_make_the_last_one_longer),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
