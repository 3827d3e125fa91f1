/* SPDX-License-Identifier: Apache-2.0 */
/* An arena gives aligned memory up to its cap, and gives all of it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

#define CAP ((size_t)1 << 20)

static void what_is_given_is_aligned_and_separate(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, CAP);
    char *given[200];
    for (size_t i = 0; i < 200; i++) {
        given[i] = arena_alloc(&a, i);
        assert_non_null(given[i]);
        assert_int_equal((uintptr_t)given[i] % 16, 0);
        memset(given[i], (int)i, i);
    }
    for (size_t i = 1; i < 200; i++) {
        assert_int_equal((unsigned char)given[i][0], i);
        assert_int_equal((unsigned char)given[i][i - 1], i);
    }
    arena_free(&a);
}

static void text_is_copied_and_formatted(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, CAP);
    assert_string_equal(arena_strdup(&a, "储罐区"), "储罐区");
    assert_string_equal(arena_strndup(&a, "abcdef", 2), "ab");
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%s|%d", "a", 7), "a|7");
    arena_free(&a);
}

static void the_cap_is_never_exceeded(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 20000);
    size_t given = 0;
    while (arena_alloc(&a, 100)) {
        given += 100;
        assert_true(a.held <= a.max_bytes);
    }
    assert_true(given > 15000);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_zalloc(&a, SIZE_MAX - 8));
    assert_null(arena_strndup(&a, "x", SIZE_MAX));
    arena_free(&a);
    assert_int_equal(a.held, 0);
    assert_non_null(arena_alloc(&a, 100));
    arena_free(&a);
}

static void a_large_request_leaves_the_small_block_in_use(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, CAP);
    char *small = arena_alloc(&a, 16);
    assert_non_null(arena_alloc(&a, 100000));
    char *next = arena_alloc(&a, 16);
    assert_ptr_equal(next, small + 16);
    arena_free(&a);
}

static void a_reset_keeps_one_block_of_modest_size(void **state)
{
    (void)state;
    size_t before = mem_live();
    struct arena a;
    arena_init(&a, CAP);
    for (int i = 0; i < 100; i++) {
        assert_non_null(arena_alloc(&a, 1000));
    }
    arena_reset(&a);
    assert_int_equal(mem_live(), before + 1);
    assert_int_equal(a.used, 0);
    assert_int_equal(a.held, 4096);
    assert_non_null(arena_alloc(&a, 1000));
    arena_free(&a);

    assert_non_null(arena_alloc(&a, 500000));
    arena_reset(&a);
    assert_int_equal(a.held, 0);
    arena_reset(&a);
    assert_int_equal(mem_live(), before);
}

static void every_failed_allocation_gives_null_and_leaks_nothing(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct arena a;
        arena_init(&a, CAP);
        mem_fail_at(n);
        int missing = 0;
        for (int i = 0; i < 40; i++) {
            missing += arena_alloc(&a, 700) == NULL;
        }
        missing += arena_printf(&a, "%0700d", 1) == NULL;
        size_t asked = mem_fail_at(0);
        arena_free(&a);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_int_equal(missing, 0);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_aligned_and_separate),
        cmocka_unit_test(text_is_copied_and_formatted),
        cmocka_unit_test(the_cap_is_never_exceeded),
        cmocka_unit_test(a_large_request_leaves_the_small_block_in_use),
        cmocka_unit_test(a_reset_keeps_one_block_of_modest_size),
        cmocka_unit_test(every_failed_allocation_gives_null_and_leaks_nothing),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
