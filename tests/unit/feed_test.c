/* SPDX-License-Identifier: Apache-2.0 */
/* feed: the worker between outbox and departments, with a fake outbox and a fake broker. */
#include "pipe/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/metric.h"

enum { ROWS_MAX = 4, PUBLISHED_MAX = 64 };

static struct {
    int64_t last; /* feed_seq of the newest row */
    int64_t cursor;
    outbox_rows rows_done;
    outbox_moved moved_done;
    void *arg;
    int64_t after;
    int64_t move_to;
    size_t reads;
} box;

static struct {
    struct {
        char topic[128];
        char payload[1024];
        bool retain;
        sink_done done;
        void *arg;
    } sent[PUBLISHED_MAX];
    size_t n;
    size_t answered;
} broker;

static struct clock_fake now;
static struct schema *schema;
static struct feed *feed;
static uint8_t packed[256];
static size_t packed_len;

static enum err fake_read(void *ctx, int64_t after, uint32_t rows_max, outbox_rows done, void *arg)
{
    (void)ctx;
    assert_int_equal(rows_max, ROWS_MAX);
    assert_null(box.rows_done);
    box.after = after;
    box.rows_done = done;
    box.arg = arg;
    box.reads++;
    return ERR_OK;
}

static enum err fake_move(void *ctx, int64_t to, outbox_moved done, void *arg)
{
    (void)ctx;
    box.move_to = to;
    box.moved_done = done;
    box.arg = arg;
    return ERR_OK;
}

static enum err fake_publish(void *ctx, struct span topic, struct span payload, bool retain,
                             sink_done done, void *arg)
{
    (void)ctx;
    if (broker.n == PUBLISHED_MAX) {
        return ERR_FULL;
    }
    snprintf(broker.sent[broker.n].topic, 128, "%.*s", SPAN_ARG(topic));
    snprintf(broker.sent[broker.n].payload, 1024, "%.*s", SPAN_ARG(payload));
    broker.sent[broker.n].retain = retain;
    broker.sent[broker.n].done = done;
    broker.sent[broker.n++].arg = arg;
    return ERR_OK;
}

static void fake_flush(void *ctx)
{
    (void)ctx;
}

static const struct outbox_ops source_ops = {fake_read, fake_move};
static const struct feed_sink_ops sink_ops = {fake_publish, fake_flush};

static void outbox_answers(void)
{
    struct feed_row rows[ROWS_MAX];
    size_t n = 0;
    for (int64_t seq = box.after + 1; seq <= box.last && n < ROWS_MAX; seq++) {
        rows[n++] = (struct feed_row){.feed_seq = seq,
                                      .prev = seq - 1,
                                      .ledger_no = 1000 + seq,
                                      .sector = "hazchem",
                                      .township = "410411001",
                                      .record = "zero_report",
                                      .report = {(const char *)packed, packed_len}};
    }
    outbox_rows done = box.rows_done;
    box.rows_done = NULL;
    assert_non_null(done);
    done(box.arg, rows, n, ERR_OK);
}

static void outbox_if_asked(void)
{
    if (box.rows_done != NULL) {
        outbox_answers();
    }
}

static void broker_takes_all(enum err result)
{
    for (; broker.answered < broker.n; broker.answered++) {
        broker.sent[broker.answered].done(broker.sent[broker.answered].arg, result);
    }
}

static void cursor_is_moved(void)
{
    outbox_moved done = box.moved_done;
    box.moved_done = NULL;
    assert_non_null(done);
    box.cursor = box.move_to;
    done(box.arg, ERR_OK);
}

static int given_a_feed(void **state)
{
    (void)state;
    static const struct feed_settings settings = {"410411", ROWS_MAX, 1000, 5000};
    memset(&box, 0, sizeof box);
    memset(&broker, 0, sizeof broker);
    clock_fake_init(&now, 0);
    Dualgate__V1__Report report = DUALGATE__V1__REPORT__INIT;
    Dualgate__V1__ZeroReport body = DUALGATE__V1__ZERO_REPORT__INIT;
    char period[] = "2020-10", signer[] = "李建国";
    body.period = period;
    body.signer = signer;
    report.content_case = DUALGATE__V1__REPORT__CONTENT_ZERO_REPORT;
    report.zero_report = &body;
    packed_len = dualgate__v1__report__pack(&report, packed);
    const char *why = NULL;
    if (schema_load(&schema, &why) != ERR_OK) {
        return -1;
    }
    return feed_new(&feed, &settings, schema, &now.clock, &source_ops, NULL, &sink_ops, NULL) ==
                   ERR_OK
               ? 0
               : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    feed_free(feed);
    schema_free(schema);
    metric_free_all();
    return mem_live() == 0 ? 0 : -1;
}

static void item_goes_out_masked_on_its_topic(void **state)
{
    (void)state;
    box.last = 1;
    feed_start(feed, 0);
    outbox_answers();
    assert_int_equal(broker.n, 1);
    assert_string_equal(broker.sent[0].topic,
                        "dp/v1/410411/feed/json/hazchem/410411001/zero_report");
    assert_non_null(strstr(broker.sent[0].payload, "\"feed_seq\":1,\"prev\":0"));
    assert_non_null(strstr(broker.sent[0].payload, "\"ledger_no\":1001"));
    assert_non_null(strstr(broker.sent[0].payload, "李**"));
    assert_null(strstr(broker.sent[0].payload, "李建国"));
}

static void cursor_moves_only_after_the_broker_took_every_item(void **state)
{
    (void)state;
    box.last = 3;
    feed_start(feed, 0);
    outbox_answers();
    assert_null(box.moved_done);
    broker_takes_all(ERR_OK);
    assert_int_equal(box.move_to, 3);
    cursor_is_moved();
    assert_int_equal(box.reads, 1);
}

static void full_read_is_followed_by_another_at_once(void **state)
{
    (void)state;
    box.last = ROWS_MAX + 2;
    feed_start(feed, 0);
    outbox_answers();
    broker_takes_all(ERR_OK);
    cursor_is_moved();
    assert_int_equal(box.after, ROWS_MAX);
    outbox_answers();
    broker_takes_all(ERR_OK);
    cursor_is_moved();
    assert_int_equal(box.cursor, ROWS_MAX + 2);
}

static void items_the_broker_lost_are_published_again_under_the_same_number(void **state)
{
    (void)state;
    box.last = 2;
    feed_start(feed, 0);
    outbox_answers();
    broker_takes_all(ERR_TRANSIENT);
    assert_null(box.moved_done);
    feed_stop(feed);
    feed_start(feed, 0);
    outbox_answers();
    assert_int_equal(broker.n, 4);
    assert_string_equal(broker.sent[2].payload, broker.sent[0].payload);
}

static void restart_waits_for_callbacks_of_the_life_before(void **state)
{
    (void)state;
    box.last = 1;
    feed_start(feed, 0);
    outbox_answers();
    feed_stop(feed);
    feed_start(feed, 0);
    assert_int_equal(box.reads, 1);
    broker_takes_all(ERR_TRANSIENT);
    clock_fake_advance_ms(&now, 1001);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(box.reads, 2);
    outbox_answers();
    broker_takes_all(ERR_OK);
    cursor_is_moved();
    assert_int_equal(box.cursor, 1);
}

static void dry_outbox_is_asked_again_when_woken_or_after_the_poll(void **state)
{
    (void)state;
    feed_start(feed, 0);
    outbox_answers();
    feed_tick(feed, now.steady_ms);
    assert_int_equal(box.reads, 1);
    feed_wake(feed);
    assert_int_equal(box.reads, 2);
    outbox_answers();
    clock_fake_advance_ms(&now, 1001);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(box.reads, 3);
}

static void head_message_names_every_record_and_is_retained(void **state)
{
    (void)state;
    box.last = 1;
    assert_int_equal(feed_seed_head(feed, "hazchem", "410411001", "hazard", 77), ERR_OK);
    feed_start(feed, 0);
    outbox_answers();
    broker_takes_all(ERR_OK);
    cursor_is_moved();
    clock_fake_advance_ms(&now, 6000);
    feed_tick(feed, now.steady_ms);
    outbox_answers();
    feed_tick(feed, now.steady_ms);
    assert_int_equal(broker.n, 2);
    assert_true(broker.sent[1].retain);
    assert_string_equal(broker.sent[1].topic, "dp/v1/410411/feed/head/hazchem/410411001");
    assert_non_null(strstr(broker.sent[1].payload, "\"hazard\": 77"));
    assert_non_null(strstr(broker.sent[1].payload, "\"zero_report\": 1"));
    broker_takes_all(ERR_OK);
    clock_fake_advance_ms(&now, 500);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(broker.n, 2);
}

/* While it changes it is said every five seconds, however much is under way. */
static void head_message_does_not_wait_for_a_quiet_moment(void **state)
{
    (void)state;
    box.last = 1;
    feed_start(feed, 0);
    outbox_answers();
    clock_fake_advance_ms(&now, 6000);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(broker.n, 2);
    assert_true(broker.sent[1].retain);
    broker.sent[0].done(broker.sent[0].arg, ERR_OK);
    cursor_is_moved();
    broker.sent[1].done(broker.sent[1].arg, ERR_OK);
    assert_int_equal(feed_cursor(feed), 1);
    outbox_if_asked();
}

static void head_message_that_may_be_lost_is_said_again(void **state)
{
    (void)state;
    assert_int_equal(feed_seed_head(feed, "hazchem", "410411001", "hazard", 77), ERR_OK);
    feed_start(feed, 0);
    outbox_answers();
    clock_fake_advance_ms(&now, 6000);
    feed_tick(feed, now.steady_ms);
    broker_takes_all(ERR_TRANSIENT);
    clock_fake_advance_ms(&now, 6000);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(broker.n, 2);
    broker_takes_all(ERR_OK);
    feed_stop(feed); /* another broker, perhaps */
    outbox_if_asked();
    feed_start(feed, 0);
    clock_fake_advance_ms(&now, 6000);
    feed_tick(feed, now.steady_ms);
    assert_int_equal(broker.n, 3);
    broker_takes_all(ERR_OK);
    outbox_if_asked();
}

int main(void)
{
#define WITH_FEED(test) cmocka_unit_test_setup_teardown(test, given_a_feed, and_no_leak)
    const struct CMUnitTest tests[] = {
        WITH_FEED(item_goes_out_masked_on_its_topic),
        WITH_FEED(cursor_moves_only_after_the_broker_took_every_item),
        WITH_FEED(full_read_is_followed_by_another_at_once),
        WITH_FEED(items_the_broker_lost_are_published_again_under_the_same_number),
        WITH_FEED(restart_waits_for_callbacks_of_the_life_before),
        WITH_FEED(dry_outbox_is_asked_again_when_woken_or_after_the_poll),
        WITH_FEED(head_message_names_every_record_and_is_retained),
        WITH_FEED(head_message_does_not_wait_for_a_quiet_moment),
        WITH_FEED(head_message_that_may_be_lost_is_said_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
