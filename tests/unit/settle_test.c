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
    size_t calls;
    enum err result;
} finished;

static void on_done(void *arg, struct batch *batch, enum err result)
{
    (void)arg;
    assert_non_null(batch);
    finished.calls++;
    finished.result = result;
}

static struct settler *settler;
static struct batch batch;

static int given_a_settler(void **state)
{
    (void)state;
    memset(&sink, 0, sizeof sink);
    sink.refuse_from = 8;
    memset(&finished, 0, sizeof finished);
    batch_init(&batch);
    return settler_new(&settler, "410411", &fake_sink, NULL, NULL) == ERR_OK ? 0 : -1;
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

static void done_comes_after_the_last_receipt_was_taken(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_DUPLICATE);
    assert_int_equal(settle_batch(settler, &batch, on_done, NULL), ERR_OK);
    assert_int_equal(sink.n, 2);
    assert_int_equal(sink.flushed, 1);
    assert_string_equal(sink.topics[0], "dp/v1/410411/hazchem/PUB/down/receipt");
    sink.done[1](sink.arg[1], ERR_OK);
    assert_int_equal(finished.calls, 0);
    sink.done[0](sink.arg[0], ERR_OK);
    assert_int_equal(finished.calls, 1);
    assert_int_equal(finished.result, ERR_OK);
}

static void a_lost_receipt_fails_the_batch(void **state)
{
    (void)state;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch, on_done, NULL), ERR_OK);
    sink.done[0](sink.arg[0], ERR_TRANSIENT);
    sink.done[1](sink.arg[1], ERR_OK);
    assert_int_equal(finished.calls, 1);
    assert_int_equal(finished.result, ERR_TRANSIENT);
}

static void a_sink_that_refuses_at_once_is_told_at_once(void **state)
{
    (void)state;
    sink.refuse_from = 0;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch, on_done, NULL), ERR_FULL);
    assert_int_equal(finished.calls, 0);
}

static void a_sink_that_refuses_later_waits_for_what_it_took(void **state)
{
    (void)state;
    sink.refuse_from = 1;
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    add_message("dp/v1/410411/hazchem/PUB/up/hazard", VERDICT_STORED);
    assert_int_equal(settle_batch(settler, &batch, on_done, NULL), ERR_OK);
    sink.done[0](sink.arg[0], ERR_OK);
    assert_int_equal(finished.calls, 1);
    assert_int_equal(finished.result, ERR_FULL);
}

static void a_message_that_names_nobody_needs_no_receipt(void **state)
{
    (void)state;
    add_message("dp/v1/410411", VERDICT_REJECTED);
    assert_int_equal(settle_batch(settler, &batch, on_done, NULL), ERR_NOT_FOUND);
    assert_int_equal(sink.n, 0);
}

static void counters_follow_what_the_database_holds(void **state)
{
    (void)state;
    const int64_t first[VERDICT_COUNT] = {[VERDICT_STORED] = 100, [VERDICT_PARKED] = 7};
    const int64_t then[VERDICT_COUNT] = {[VERDICT_STORED] = 104, [VERDICT_PARKED] = 3};
    settle_count(settler, first);
    settle_count(settler, first);
    assert_int_equal(counted("verdict=\"stored\""), 100);
    settle_count(settler, then);
    assert_int_equal(counted("verdict=\"stored\""), 104);
    assert_int_equal(metric_value(metric_gauge("dualgate_parked_reports", "", "")), 3);
}

int main(void)
{
#define WITH_SETTLER(test) cmocka_unit_test_setup_teardown(test, given_a_settler, and_no_leak)
    const struct CMUnitTest tests[] = {
        WITH_SETTLER(done_comes_after_the_last_receipt_was_taken),
        WITH_SETTLER(a_lost_receipt_fails_the_batch),
        WITH_SETTLER(a_sink_that_refuses_at_once_is_told_at_once),
        WITH_SETTLER(a_sink_that_refuses_later_waits_for_what_it_took),
        WITH_SETTLER(a_message_that_names_nobody_needs_no_receipt),
        WITH_SETTLER(counters_follow_what_the_database_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
