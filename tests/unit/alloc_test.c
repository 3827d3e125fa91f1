/* SPDX-License-Identifier: Apache-2.0 */
/* The heap's door counts what is out, and fails where a test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"

static void the_nth_allocation_fails_and_the_next_succeeds(void **state)
{
    (void)state;
    mem_fail_at(2);
    void *first = mem_alloc(8);
    assert_non_null(first);
    assert_null(mem_zalloc(8));
    void *third = mem_alloc(8);
    assert_non_null(third);
    assert_int_equal(mem_fail_at(0), 3);
    mem_free(first);
    mem_free(third);
}

static void a_failed_realloc_keeps_the_old_block(void **state)
{
    (void)state;
    char *text = mem_strdup("kept");
    mem_fail_at(1);
    assert_null(mem_realloc(text, 4096));
    mem_fail_at(0);
    assert_string_equal(text, "kept");
    mem_free(text);
}

static void live_blocks_are_counted(void **state)
{
    (void)state;
    size_t before = mem_live();
    char *a = mem_strndup("abcdef", 3);
    char *b = mem_realloc(NULL, 0);
    assert_int_equal(mem_live(), before + 2);
    assert_string_equal(a, "abc");
    b = mem_realloc(b, 100);
    assert_int_equal(mem_live(), before + 2);
    mem_free(a);
    mem_free(b);
    mem_free(NULL);
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_allocation_fails_and_the_next_succeeds),
        cmocka_unit_test(a_failed_realloc_keeps_the_old_block),
        cmocka_unit_test(live_blocks_are_counted),
    };
    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
