/* SPDX-License-Identifier: Apache-2.0 */
/* settle: counting, and a receipt for each message before the batch is called done. */
#include "pipe/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/metric.h"

/* A sink that remembers, and answers when told. */
static struct {
    char topics[8][128];
    sink_done done[8];
    void *arg[8];
    size_t n, refuse_from;
    size_t flushed;
    size_t payload_max;     /* larger ones: ERR_DATA, as with a broker's largest packet */
    enum err topics_answer; /* what every topic is answered, unless ERR_OK */
} sink;

static enum err fake_publish(void *ctx, struct span topic, struct span payload,
                             struct span correlation, sink_done done, void *arg)
{
    (void)ctx;
    (void)correlation;
    assert_true(payload.len > 0);
    if (sink.n >= sink.refuse_from) {
        return ERR_FULL;
    }
    if (sink.topics_answer != ERR_OK || payload.len > sink.payload_max) {
        return sink.topics_answer != ERR_OK ? sink.topics_answer : ERR_DATA;
    }
    snprintf(sink.topics[sink.n], sizeof sink.topics[0], "%.*s", SPAN_ARG(topic));
    sink.done[sink.n] = done;
    sink.arg[sink.n++] = arg;
    return ERR_OK;
}

static void fake_flush(void *ctx)
{
    (void)ctx;
    sink.flushed++;
}

static const struct sink_ops fake_ops = {fake_publish, fake_flush};
static const struct sink fake_sink = {&fake_ops, NULL};

static struct {
    size_t idle, failed;
} told;

static void on_failed(void *ctx)
{
    (void)ctx;
    told.failed++;
}

static void on_idle(void *ctx)
{
    (void)ctx;
    told.idle++;
}

static const struct settler_ops settler_events = {on_failed, on_idle};

static struct settler *settler;
static struct batch batch;

static int given_a_settler(void **state)
{
    (void)state;
    memset(&sink, 0, sizeof sink);
    sink.refuse_from = 8;
    sink.payload_max = 1000;
    memset(&told, 0, sizeof told);
    batch_init(&batch);
    return settler_new(&settler, "410411", &fake_sink, NULL, NULL, &settler_events, NULL) == ERR_OK
               ? 0
               : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    batch_clear(&batch);
    settler_free(settler);
    metric_free_all();
    return mem_live() == 0 ? 0 : -1;
}

static struct message *add_message(const char *topic, enum verdict verdict)
{
    const struct incoming in = {.topic = span_of(topic), .payload = SPAN_LIT("{}")};
    struct message *m = message_new(&in, 0, 1 << 20);
    assert_non_null(m);
    if (strstr(topic, "/up/")) {
        m->address.publisher = (struct span){m->topic.at + 21, 3};
    }
    m->n_entries = 1;
    m->entries = arena_zalloc(&m->arena, sizeof *m->entries);
    m->entries[0].message = m;
    m->entries[0].verdict = verdict;
    batch_add(&batch, m, 0);
    return m;
}

static double counted(const char *label)
{
    return metric_value(metric_counter("dualgate_reports_total", label, ""));
}

static void idle_is_told_after_the_last_receipt_was_taken(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_DUPLICATE);
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    assert_int_equal(sink.n, 2);
    assert_int_equal(sink.flushed, 1);
    assert_int_equal(settler_waiting(settler), 2);
    assert_string_equal(sink.topics[0], "dp/v1/410411/hazchem/PUB/down/receipt");
    sink.done[1](sink.arg[1], ERR_OK);
    assert_int_equal(told.idle, 0);
    sink.done[0](sink.arg[0], ERR_OK);
    assert_int_equal(told.idle, 1);
    assert_int_equal(told.failed, 0);
}

static void receipts_of_two_batches_may_be_under_way(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    batch_clear(&batch);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    sink.done[0](sink.arg[0], ERR_OK);
    assert_int_equal(told.idle, 0);
    sink.done[1](sink.arg[1], ERR_OK);
    assert_int_equal(told.idle, 1);
}

static void each_lost_receipt_is_told_before_idle(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    sink.done[0](sink.arg[0], ERR_TRANSIENT);
    assert_int_equal(told.failed, 1);
    sink.done[1](sink.arg[1], ERR_TRANSIENT);
    assert_int_equal(told.failed, 2);
    assert_int_equal(told.idle, 1);
}

static void a_sink_that_refuses_is_an_error_at_once(void **state)
{
    (void)state;
    sink.refuse_from = 1;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch), ERR_FULL);
    assert_int_equal(settler_waiting(settler), 1);
    assert_int_equal(told.failed, 0);
    sink.done[0](sink.arg[0], ERR_OK);
    assert_int_equal(told.idle, 1);
}

static void a_message_that_names_nobody_needs_no_receipt(void **state)
{
    (void)state;
    add_message("dp/v1/410411", VERDICT_REJECTED);
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    assert_int_equal(sink.n, 0);
    assert_int_equal(settler_waiting(settler), 0);
}

static void a_receipt_larger_than_a_packet_goes_without_its_warnings(void **state)
{
    (void)state;
    static char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    struct warning warning = {.text = long_text};
    struct message *m = add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    m->entries[0].report.warnings = &warning;
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    assert_int_equal(sink.n, 1);
}

/* It would be delivered again for ever. */
static void a_receipt_that_nobody_can_take_does_not_hold_its_batch(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    sink.topics_answer = ERR_INVALID;
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    assert_int_equal(settler_waiting(settler), 0);
    sink.topics_answer = ERR_OK;
    sink.payload_max = 10;
    assert_int_equal(settle_batch(settler, &batch), ERR_OK);
    assert_int_equal(settler_waiting(settler), 0);
    assert_int_equal(metric_value(metric_counter("dualgate_receipts_undeliverable_total", "", "")),
                     2);
    sink.topics_answer = ERR_TRANSIENT;
    assert_int_equal(settle_batch(settler, &batch), ERR_TRANSIENT);
}

static void counters_follow_what_the_database_holds(void **state)
{
    (void)state;
    const int64_t first[VERDICT_COUNT] = {[VERDICT_STORED] = 100, [VERDICT_PARKED] = 7};
    const int64_t then[VERDICT_COUNT] = {[VERDICT_STORED] = 104, [VERDICT_PARKED] = 3};
    settle_count(settler, first, NULL);
    settle_count(settler, first, NULL);
    assert_int_equal(counted("verdict=\"stored\""), 100);
    settle_count(settler, then, NULL);
    assert_int_equal(counted("verdict=\"stored\""), 104);
    assert_int_equal(metric_value(metric_gauge("dualgate_parked_reports", "", "")), 3);
}

int main(void)
{
#define WITH_SETTLER(test) cmocka_unit_test_setup_teardown(test, given_a_settler, and_no_leak)
    const struct CMUnitTest tests[] = {
        WITH_SETTLER(idle_is_told_after_the_last_receipt_was_taken),
        WITH_SETTLER(receipts_of_two_batches_may_be_under_way),
        WITH_SETTLER(each_lost_receipt_is_told_before_idle),
        WITH_SETTLER(a_sink_that_refuses_is_an_error_at_once),
        WITH_SETTLER(a_message_that_names_nobody_needs_no_receipt),
        WITH_SETTLER(a_receipt_larger_than_a_packet_goes_without_its_warnings),
        WITH_SETTLER(a_receipt_that_nobody_can_take_does_not_hold_its_batch),
        WITH_SETTLER(counters_follow_what_the_database_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
