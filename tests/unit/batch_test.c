/* SPDX-License-Identifier: Apache-2.0 */
/* batch: what one transaction may hold. */
#include "pipe/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"

static const struct batch_limits limits = {.messages_max = 3, .reports_max = 10, .bytes_max = 1000};

static struct message *message_with(size_t entries, size_t bytes)
{
    const struct incoming in = {.topic = SPAN_LIT("t"), .payload = SPAN_LIT("p")};
    struct message *m = message_new(&in, 0, 1 << 20);
    assert_non_null(m);
    m->n_entries = entries;
    m->bytes = bytes;
    return m;
}

static void empty_batch_is_not_full(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    assert_true(batch_empty(&b));
    assert_false(batch_full(&b, &limits));
}

static void fills_by_messages_reports_or_bytes(void **state)
{
    (void)state;
    static const struct {
        size_t messages, entries, bytes;
        bool full;
    } cases[] = {
        {2, 1, 1, false}, {3, 1, 1, true},    {1, 9, 1, false},
        {1, 10, 1, true}, {1, 1, 999, false}, {1, 1, 1000, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b;
        batch_init(&b);
        for (size_t n = 0; n < cases[i].messages; n++) {
            batch_add(&b, message_with(cases[i].entries, cases[i].bytes), 5);
        }
        assert_int_equal(batch_full(&b, &limits), cases[i].full);
        batch_clear(&b);
    }
}

static void keeps_the_order_of_arrival_and_the_time_of_the_first(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    struct message *first = message_with(1, 10), *second = message_with(2, 20);
    batch_add(&b, first, 100);
    batch_add(&b, second, 200);
    assert_ptr_equal(b.messages.next, &first->link);
    assert_ptr_equal(b.messages.prev, &second->link);
    assert_int_equal(b.opened_ms, 100);
    assert_int_equal(b.n_entries, 3);
    assert_int_equal(b.bytes, 30);
    batch_clear(&b);
}

static void clearing_frees_every_message(void **state)
{
    (void)state;
    size_t before = mem_live();
    struct batch b;
    batch_init(&b);
    batch_add(&b, message_with(1, 1), 0);
    batch_add(&b, message_with(1, 1), 0);
    batch_clear(&b);
    assert_true(batch_empty(&b));
    assert_int_equal(mem_live(), before);
}

static void message_copies_what_was_handed_over_or_nothing(void **state)
{
    (void)state;
    char topic[] = "dp/v1", payload[] = "{}";
    const struct incoming in = {.topic = {topic, 5}, .payload = {payload, 2}};
    size_t before = mem_live();
    for (size_t n = 1; n < 20; n++) {
        mem_fail_at(n);
        struct message *m = message_new(&in, 7, 1 << 20);
        bool done = mem_fail_at(0) < n;
        if (m != NULL) {
            topic[0] = 'X';
            assert_true(span_is(m->topic, "dp/v1"));
            topic[0] = 'd';
            assert_int_equal(m->received_us, 7);
        }
        message_free(m);
        assert_int_equal(mem_live(), before);
        if (done) {
            return;
        }
    }
    fail_msg("the sweep did not end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_batch_is_not_full),
        cmocka_unit_test(fills_by_messages_reports_or_bytes),
        cmocka_unit_test(keeps_the_order_of_arrival_and_the_time_of_the_first),
        cmocka_unit_test(clearing_frees_every_message),
        cmocka_unit_test(message_copies_what_was_handed_over_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
