/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway is measured against: a sink with the same gate that stores nothing.
 *
 *   sink PORT null|full REPORTS
 *
 * null takes every message and acknowledges it. full also publishes, as the gateway does, a receipt
 * for each message (waiting for the broker to take it before it acknowledges) and a feed item for
 * each report, of the sizes that the gateway's have. After REPORTS reports it says so on
 * bench/done. Ends with SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "mqtt/client.h"
#include "mqtt/gate.h"

#define NODE       "410411"
#define HELD_MAX   600 /* a batch of 500 and an overshoot */
#define BATCH      500
#define WINDOW     20000
#define TOPIC_MAX  256
#define FEED_TOPIC "dp/v1/" NODE "/feed/json/hazchem/410411001/hazard"

struct held {
    char topic[TOPIC_MAX];
    char correlation[256];
    size_t correlation_len;
    size_t reports;
};

struct sink {
    uv_loop_t loop;
    struct gate *gate;
    struct client *receipts, *feed;
    bool full;
    struct held held[HELD_MAX];
    size_t n_held, waiting;
    size_t seen, expected;
    struct buf payload;
};

static const char item_text[] =
    "{\"index\":%zu,\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\",\"record\":\"hazard\","
    "\"id\":\"5f0c0000000000000000000000000001\",\"verdict\":\"stored\",\"ledger_no\":%zu,"
    "\"hash\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}";

static const char feed_text[] =
    "{\"feed_seq\":%zu,\"prev\":%zu,\"node\":\"410411\",\"accepted_at\":\"2020-11-02T09:00:00."
    "123456+08:00\","
    "\"ledger_no\":%zu,\"hash\":"
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
    "\"report\":{\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\",\"schema\":\"dualgate.v1\","
    "\"record\":\"hazard\",\"op\":\"UPSERT\",\"uscc\":\"91410411MA45ABCD6Y\",\"unit\":\"\","
    "\"division\":\"410411001\",\"sector\":\"hazchem\",\"source_system\":\"ehs "
    "3.2\",\"source_seq\":1042,"
    "\"observed_at\":\"2020-11-02T09:00:00+08:00\",\"sent_at\":\"2020-11-02T09:00:05+08:00\","
    "\"client_channel\":\"MOBILE\",\"origin\":\"ONLINE\",\"body\":{\"id\":"
    "\"5f0c0000000000000000000000000001\",\"name\":\"储罐区可燃气体报警器失效\",\"level\":"
    "\"GENERAL\","
    "\"registered_at\":\"2020-11-02T09:00:00+08:00\",\"registrant\":\"李**\",\"source\":\"DAILY\","
    "\"manage_type\":\"DEADLINE\",\"discipline\":\"INSTRUMENT\",\"description\":"
    "\"2号储罐南侧可燃气体报警器无显示\",\"resp_person\":\"张**\",\"deadline\":\"2020-11-05\","
    "\"accept_person\":\"王**\",\"state\":\"RECTIFYING\"}}}";

static void on_done_taken(void *arg, enum err result)
{
    (void)arg;
    (void)result;
}

static void release(struct sink *s)
{
    for (size_t i = 0; i < s->n_held; i++) {
        s->seen += s->held[i].reports;
    }
    s->n_held = 0;
    gate_release(s->gate);
    if (s->seen >= s->expected) {
        const struct publication p = {
            .topic = SPAN_LIT("bench/done"), .payload = SPAN_LIT("1"), .qos = 1};
        s->seen = 0;
        if (client_publish(s->receipts, &p, on_done_taken, NULL) == ERR_OK) {
            client_flush(s->receipts);
        }
    }
}

static void on_receipt_taken(void *arg, enum err result)
{
    struct sink *s = arg;
    (void)result;
    if (--s->waiting == 0) {
        release(s);
    }
}

static void on_feed_taken(void *arg, enum err result)
{
    (void)arg;
    (void)result;
}

static void publish_receipt(struct sink *s, const struct held *h)
{
    const char *up = strstr(h->topic, "/up/");
    char topic[TOPIC_MAX];
    snprintf(topic, sizeof topic, "%.*s/down/receipt", (int)(up - h->topic), h->topic);
    buf_reset(&s->payload);
    buf_puts(&s->payload,
             "{\"node\":\"" NODE "\",\"received_at\":\"2020-11-02T09:00:00.123456+08:00\","
             "\"committed_at\":\"2020-11-02T09:00:00.123456+08:00\",\"lane\":1,"
             "\"batch\":1000,\"items\":[");
    for (size_t k = 0; k < h->reports; k++) {
        buf_puts(&s->payload, k > 0 ? "," : "");
        buf_printf(&s->payload, item_text, k, s->seen + k);
    }
    buf_puts(&s->payload, "]}");
    const struct publication p = {
        .topic = span_of(topic),
        .payload = buf_span(&s->payload),
        .correlation = {h->correlation, h->correlation_len},
        .qos = 1,
    };
    if (client_publish(s->receipts, &p, on_receipt_taken, s) == ERR_OK) {
        s->waiting++;
    }
}

static void publish_feed(struct sink *s, const struct held *h)
{
    for (size_t k = 0; k < h->reports; k++) {
        buf_reset(&s->payload);
        buf_printf(&s->payload, feed_text, s->seen + k, s->seen + k, s->seen + k);
        const struct publication p = {
            .topic = SPAN_LIT(FEED_TOPIC),
            .payload = buf_span(&s->payload),
            .qos = 1,
        };
        if (client_publish(s->feed, &p, on_feed_taken, s) != ERR_OK) {
            return; /* the feed's window is full: what the gateway would send later is not sent */
        }
    }
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct sink *s = ctx;
    struct held *h = &s->held[s->n_held++];
    h->reports = 0;
    h->correlation_len = in->correlation.len;
    snprintf(h->topic, sizeof h->topic, "%.*s", SPAN_ARG(in->topic));
    memcpy(h->correlation, in->correlation.at ? in->correlation.at : "", in->correlation.len);
    static const char mark[] = "\"msg_id\"";
    const char *at = in->payload.at, *end = at + in->payload.len;
    while ((at = memmem(at, (size_t)(end - at), mark, sizeof mark - 1)) != NULL) {
        h->reports++;
        at += sizeof mark - 1;
    }
}

static bool wants_more(void *ctx)
{
    const struct sink *s = ctx;
    return s->n_held < BATCH;
}

static void on_burst_end(void *ctx)
{
    struct sink *s = ctx;
    if (!s->full) {
        release(s);
        return;
    }
    s->waiting = 1;
    for (size_t i = 0; i < s->n_held; i++) {
        publish_receipt(s, &s->held[i]);
        publish_feed(s, &s->held[i]);
    }
    client_flush(s->receipts);
    client_flush(s->feed);
    on_receipt_taken(s, ERR_OK);
}

static void on_lost(void *ctx)
{
    struct sink *s = ctx;
    s->n_held = 0;
}

static void on_ready(void *ctx)
{
    (void)ctx;
    puts("ready");
    (void)fflush(stdout);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static struct client *make_client(struct sink *s, const char *who, uint16_t port)
{
    static const struct client_ops ops = {nothing, nothing, NULL};
    struct client *c = NULL;
    const struct client_settings set = {
        .who = who,
        .host = "127.0.0.1",
        .port = port,
        .keepalive_s = 60,
        .connect_timeout_ms = 5000,
        .backoff_first_ms = 100,
        .backoff_max_ms = 1000,
        .window_max = WINDOW,
    };
    if (client_new(&c, &s->loop, &set, &clock_system, &ops, s) != ERR_OK) {
        exit(EXIT_FAILURE);
    }
    client_start(c);
    return c;
}

int main(int argc, char **argv)
{
    static struct sink s;
    static const char *const filters[] = {"dp/v1/" NODE "/+/+/up/#", "dp/v1/" NODE "/probe/bench",
                                          NULL};
    static const struct gate_ops ops = {on_message, wants_more, on_burst_end, on_lost, on_ready};
    if (argc != 4) {
        fputs("usage: sink PORT null|full REPORTS\n", stderr);
        return 2;
    }
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    s.full = strcmp(argv[2], "full") == 0;
    s.expected = s.full ? SIZE_MAX : strtoul(argv[3], NULL, 10);
    log_set_level(LOG_LEVEL_ERROR);
    buf_init(&s.payload, 0);
    uv_loop_init(&s.loop);
    s.receipts = make_client(&s, "receipts", port);
    s.feed = make_client(&s, "feed", port);
    const struct gate_settings set = {
        .host = "127.0.0.1",
        .port = port,
        .client_id = "bench-sink",
        .filters = filters,
        .probe_topic = filters[1],
        .receive_maximum = 2000,
        .session_expiry_s = 0,
        .keepalive_s = 60,
        .connect_timeout_ms = 5000,
        .probe_timeout_ms = 5000,
        .probe_interval_ms = 10000,
        .backoff_first_ms = 100,
        .backoff_max_ms = 1000,
        .batch_age_ms = 20,
    };
    if (gate_new(&s.gate, &s.loop, &set, &clock_system, &ops, &s) != ERR_OK) {
        return EXIT_FAILURE;
    }
    gate_start(s.gate);
    return uv_run(&s.loop, UV_RUN_DEFAULT);
}
