/* SPDX-License-Identifier: Apache-2.0 */
/* A map finds what was put in, through growth, removal and failed allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

#define MANY 2000

static char keys[MANY][8];

static struct span key_of(size_t i)
{
    (void)snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
    return span_of(keys[i]);
}

static void what_was_put_is_found_and_replaced(void **state)
{
    (void)state;
    int a = 1, b = 2;
    struct map m;
    map_init(&m);
    assert_null(map_get(&m, SPAN_LIT("x")));
    assert_null(map_take(&m, SPAN_LIT("x")));
    assert_int_equal(map_put(&m, SPAN_LIT("x"), &a), ERR_OK);
    assert_int_equal(map_put(&m, SPAN_NONE, &b), ERR_OK);
    assert_int_equal(map_put(&m, SPAN_LIT("x"), &b), ERR_OK);
    assert_int_equal(m.count, 2);
    assert_ptr_equal(map_get(&m, SPAN_LIT("x")), &b);
    assert_ptr_equal(map_get(&m, SPAN_LIT("")), &b);
    assert_null(map_get(&m, SPAN_LIT("xy")));
    map_clear(&m);
    assert_null(map_get(&m, SPAN_LIT("x")));
    map_free(&m);
}

static void removal_loses_no_neighbour(void **state)
{
    (void)state;
    struct map m;
    map_init(&m);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(map_put(&m, key_of(i), keys[i]), ERR_OK);
    }
    for (size_t i = 0; i < MANY; i += 3) {
        assert_ptr_equal(map_take(&m, span_of(keys[i])), keys[i]);
        assert_null(map_take(&m, span_of(keys[i])));
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_ptr_equal(map_get(&m, span_of(keys[i])), i % 3 ? keys[i] : NULL);
    }
    size_t seen = 0, at = 0;
    for (const struct map_slot *s; (s = map_next(&m, &at)) != NULL;) {
        assert_true(span_is(s->key, s->value));
        seen++;
    }
    assert_int_equal(seen, m.count);
    map_free(&m);
}

static void a_failed_put_leaves_the_map_as_it_was(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct map m;
        map_init(&m);
        mem_fail_at(n);
        size_t put = 0;
        while (put < 100 && map_put(&m, key_of(put), keys[put]) == ERR_OK) {
            put++;
        }
        size_t asked = mem_fail_at(0);
        assert_int_equal(m.count, put);
        for (size_t i = 0; i < put; i++) {
            assert_ptr_equal(map_get(&m, span_of(keys[i])), keys[i]);
        }
        map_free(&m);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_int_equal(put, 100);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_and_replaced),
        cmocka_unit_test(removal_loses_no_neighbour),
        cmocka_unit_test(a_failed_put_leaves_the_map_as_it_was),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
