/* SPDX-License-Identifier: Apache-2.0 */
/* Spans are trimmed and cut without copying; lists keep their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/list.h"
#include "base/span.h"

static void white_space_is_trimmed_off_both_ends(void **state)
{
    (void)state;
    assert_true(span_is(span_trim(SPAN_LIT(" \t a b\r\n")), "a b"));
    assert_int_equal(span_trim(SPAN_LIT(" \n ")).len, 0);
    assert_int_equal(span_trim(SPAN_NONE).len, 0);
}

static void cutting_gives_every_part_once(void **state)
{
    (void)state;
    struct span rest = SPAN_LIT("a//bc/");
    assert_true(span_is(span_cut(&rest, '/'), "a"));
    assert_true(span_is(span_cut(&rest, '/'), ""));
    assert_true(span_is(span_cut(&rest, '/'), "bc"));
    assert_non_null(rest.at);
    assert_true(span_is(span_cut(&rest, '/'), ""));
    assert_null(rest.at);
    assert_int_equal(span_cut(&rest, '/').len, 0);
}

static void spans_compare_by_bytes(void **state)
{
    (void)state;
    assert_true(span_eq(SPAN_NONE, SPAN_LIT("")));
    assert_false(span_eq(SPAN_LIT("ab"), SPAN_LIT("abc")));
    assert_true(span_starts(SPAN_LIT("410411001"), SPAN_LIT("410411")));
    assert_false(span_starts(SPAN_LIT("41"), SPAN_LIT("410411")));
}

struct item {
    int n;
    struct list link;
};

static void a_list_gives_back_in_order_what_was_appended(void **state)
{
    (void)state;
    struct item items[4] = {{.n = 0}, {.n = 1}, {.n = 2}, {.n = 3}};
    struct list a, b;
    list_init(&a);
    list_init(&b);
    list_append(&a, &items[0].link);
    list_append(&b, &items[1].link);
    list_append(&b, &items[2].link);
    list_append(&b, &items[3].link);
    list_remove(&items[2].link);
    list_splice(&a, &b);
    list_splice(&a, &b);
    assert_true(list_empty(&b));
    int sum = 0;
    LIST_EACH (it, &a) {
        sum = sum * 10 + LIST_ITEM(it, struct item, link)->n;
    }
    assert_int_equal(sum, 13);
    assert_ptr_equal(list_pop(&a), &items[0].link);
    assert_ptr_equal(list_pop(&a), &items[1].link);
    assert_ptr_equal(list_pop(&a), &items[3].link);
    assert_null(list_pop(&a));
}

static void every_error_has_a_phrase(void **state)
{
    (void)state;
    for (int e = ERR_OK; e <= ERR_FATAL; e++) {
        assert_string_not_equal(err_text((enum err)e), "unknown error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_space_is_trimmed_off_both_ends),
        cmocka_unit_test(cutting_gives_every_part_once),
        cmocka_unit_test(spans_compare_by_bytes),
        cmocka_unit_test(a_list_gives_back_in_order_what_was_appended),
        cmocka_unit_test(every_error_has_a_phrase),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
