/* SPDX-License-Identifier: Apache-2.0 */
/* Tests move time; waits double up to their limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/clock.h"

static void the_systems_clock_runs(void **state)
{
    (void)state;
    assert_true(clock_wall_us(&clock_system) > INT64_C(1577836800000000));
    int64_t a = clock_steady_ms(&clock_system);
    assert_true(clock_steady_ms(&clock_system) >= a);
}

static void the_fake_clock_stands_until_moved(void **state)
{
    (void)state;
    struct clock_fake f;
    clock_fake_init(&f, 5000000);
    assert_int_equal(clock_wall_us(&f.clock), 5000000);
    clock_fake_advance_ms(&f, 1500);
    assert_int_equal(clock_wall_us(&f.clock), 6500000);
    assert_int_equal(clock_steady_ms(&f.clock), 1500);
}

static void waits_double_to_the_limit_with_chance_in_them(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 100, 1000);
    static const uint32_t whole[] = {100, 200, 400, 800, 1000, 1000};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        uint32_t wait = backoff_next_ms(&b);
        assert_in_range(wait, whole[i] / 2, whole[i]);
    }
    backoff_reset(&b);
    assert_in_range(backoff_next_ms(&b), 50, 100);
}

static void odd_limits_are_borne(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 0, 0);
    assert_int_equal(backoff_next_ms(&b), 1);
    backoff_init(&b, UINT32_MAX, UINT32_MAX);
    b.tries = UINT32_MAX;
    assert_true(backoff_next_ms(&b) >= UINT32_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_systems_clock_runs),
        cmocka_unit_test(the_fake_clock_stands_until_moved),
        cmocka_unit_test(waits_double_to_the_limit_with_chance_in_them),
        cmocka_unit_test(odd_limits_are_borne),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
