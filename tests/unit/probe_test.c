/* SPDX-License-Identifier: Apache-2.0 */
/* When the probe is sent, and when its absence counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mqtt/probe.h"

static struct probe begun(void)
{
    struct probe p = {.timeout_ms = 1000, .interval_ms = 5000};
    assert_int_equal(probe_begin(&p, 0), ERR_OK);
    return p;
}

static void an_answer_is_followed_by_the_next_probe_after_the_interval(void **state)
{
    struct probe p = begun();
    char first[PROBE_TOKEN_LEN + 1];
    memcpy(first, p.token, sizeof(first));
    assert_true(probe_answered(&p, probe_token(&p), 400));
    assert_int_equal(probe_step(&p, 5399), PROBE_REST);
    assert_int_equal(probe_step(&p, 5400), PROBE_SEND);
    assert_memory_not_equal(first, p.token, PROBE_TOKEN_LEN);
    assert_true(probe_answered(&p, probe_token(&p), 5500));
}

static void silence_until_the_timeout_is_a_failure(void **state)
{
    struct probe p = begun();
    assert_int_equal(probe_step(&p, 999), PROBE_REST);
    assert_int_equal(probe_step(&p, 1000), PROBE_FAILED);
}

static void other_traffic_earns_another_try_with_the_same_token(void **state)
{
    struct probe p = begun();
    struct span late = probe_token(&p);
    probe_life(&p);
    assert_int_equal(probe_step(&p, 1000), PROBE_SEND);
    assert_int_equal(probe_step(&p, 1999), PROBE_REST);
    assert_true(probe_answered(&p, late, 1999));
    assert_int_equal(probe_step(&p, 6998), PROBE_REST);
}

static void traffic_that_ends_does_not_excuse_for_ever(void **state)
{
    struct probe p = begun();
    probe_life(&p);
    assert_int_equal(probe_step(&p, 1000), PROBE_SEND);
    assert_int_equal(probe_step(&p, 2000), PROBE_FAILED);
}

static void a_foreign_or_old_token_is_no_answer(void **state)
{
    struct probe p = begun();
    char old[PROBE_TOKEN_LEN];
    memcpy(old, p.token, sizeof(old));
    assert_false(probe_answered(&p, SPAN_LIT("hello"), 1));
    assert_false(probe_answered(&p, SPAN_NONE, 1));
    assert_int_equal(probe_begin(&p, 10), ERR_OK);
    assert_false(probe_answered(&p, (struct span){old, sizeof(old)}, 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_followed_by_the_next_probe_after_the_interval),
        cmocka_unit_test(silence_until_the_timeout_is_a_failure),
        cmocka_unit_test(other_traffic_earns_another_try_with_the_same_token),
        cmocka_unit_test(traffic_that_ends_does_not_excuse_for_ever),
        cmocka_unit_test(a_foreign_or_old_token_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
