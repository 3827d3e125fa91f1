/* SPDX-License-Identifier: Apache-2.0 */
/* bisect: finds every culprit, few tries, whatever their number and place. */
#include "pg/bisect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"

/* Tries until all are found; a try fails when it takes one of the bad ones. */
static size_t find(struct bisect *b, size_t n, const bool *bad, bool known_bad)
{
    size_t tries = 0;
    assert_int_equal(bisect_begin(b, n, known_bad), ERR_OK);
    while (bisect_next(b)) {
        bool failed = false;
        for (size_t i = 0; i < n; i++) {
            failed = failed || (bad[i] && bisect_takes(b, i));
        }
        bisect_answer(b, failed);
        tries++;
    }
    return tries;
}

static void every_pair_of_culprits_is_found(void **state)
{
    (void)state;
    enum { N = 37 };
    for (size_t x = 0; x < N; x++) {
        for (size_t y = x; y < N; y++) {
            bool bad[N] = {false};
            struct bisect b;
            bad[x] = bad[y] = true;
            (void)find(&b, N, bad, true);
            for (size_t i = 0; i < N; i++) {
                assert_int_equal(b.culprit[i], bad[i]);
            }
            assert_int_equal(b.found, x == y ? 1 : 2);
            bisect_end(&b);
        }
    }
}

static void one_of_512_takes_few_tries(void **state)
{
    (void)state;
    static bool bad[512];
    struct bisect b;
    bad[300] = true;
    assert_true(find(&b, 512, bad, true) <= 10);
    assert_true(b.culprit[300]);
    bisect_end(&b);
    bad[300] = false;
}

static void all_may_be_culprits(void **state)
{
    (void)state;
    bool bad[] = {true, true, true, true, true};
    struct bisect b;
    (void)find(&b, 5, bad, true);
    assert_int_equal(b.found, 5);
    bisect_end(&b);
}

static void a_whole_that_does_not_fail_has_no_culprit(void **state)
{
    (void)state;
    bool bad[] = {false, false, false};
    struct bisect b;
    assert_int_equal(find(&b, 3, bad, false), 1);
    assert_int_equal(b.found, 0);
    bisect_end(&b);
}

/* A thing that fails only together with an earlier good one. */
static void a_culprit_may_need_what_stands_before_it(void **state)
{
    (void)state;
    struct bisect b;
    assert_int_equal(bisect_begin(&b, 8, true), ERR_OK);
    while (bisect_next(&b)) {
        bisect_answer(&b, bisect_takes(&b, 1) && bisect_takes(&b, 6));
    }
    assert_true(b.culprit[6]);
    assert_int_equal(b.found, 1);
    bisect_end(&b);
}

static void nothing_has_no_culprit(void **state)
{
    (void)state;
    struct bisect b;
    assert_int_equal(bisect_begin(&b, 0, true), ERR_OK);
    assert_false(bisect_next(&b));
    bisect_end(&b);
    assert_int_equal(mem_live(), 0);
    (void)mem_fail_at(1);
    assert_int_equal(bisect_begin(&b, 3, true), ERR_NOMEM);
    (void)mem_fail_at(0);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_culprits_is_found),
        cmocka_unit_test(one_of_512_takes_few_tries),
        cmocka_unit_test(all_may_be_culprits),
        cmocka_unit_test(a_whole_that_does_not_fail_has_no_culprit),
        cmocka_unit_test(a_culprit_may_need_what_stands_before_it),
        cmocka_unit_test(nothing_has_no_culprit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
