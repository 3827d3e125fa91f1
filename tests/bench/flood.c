/* SPDX-License-Identifier: Apache-2.0 */
/* Load of the bench: publishers that send hazards and take their receipts.
 *
 *   flood PORT receipts|acks REPORTS ARRAY RATE WINDOW USCC…
 *
 * One connection per USCC; REPORTS hazards in messages of ARRAY (1: single objects), together at
 * RATE reports a second (0: as fast as WINDOW messages in flight per connection allow). Ends when
 * every message has its receipt, or, for a sink that gives none, when something comes on
 * bench/done. Prints one line of JSON: seconds from the first publish to the last receipt, and the
 * latency of messages by percentile. Payloads are made beforehand; a message is recognised by its
 * correlation data. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "model/civil_time.h"
#include "mqtt/client.h"

#define NODE         "410411"
#define SECTOR       "hazchem"
#define TICK_MS      1
#define CLIENTS_MAX  16
#define STUCK_MS     120000
#define REPORT_CHARS 1200
#define NS_PER_S     1000000000.0

struct sent {
    struct span payload;
    uint64_t at_ns;    /* published */
    uint64_t taken_ns; /* receipt; 0: none yet */
};

struct publisher {
    struct flood *flood;
    struct client *client;
    char topic[128], filter[128];
    const char *filters[3];
    size_t in_flight;
};

struct flood {
    uv_loop_t loop;
    uv_timer_t tick;
    struct publisher publishers[CLIENTS_MAX];
    size_t n_publishers, ready;
    struct sent *messages;
    size_t n_messages, next, receipted, array, window;
    double rate; /* messages a second; 0: no limit */
    uint64_t begun_ns, ended_ns;
    int64_t moved_ms;
    bool by_acks; /* a message is no longer in flight when the broker has it, not when it has its
                     receipt */
    bool ended;
};

static void on_closed(void *arg)
{
    (void)arg;
}

static void end(struct flood *f)
{
    if (f->ended) {
        return;
    }
    f->ended = true;
    f->ended_ns = uv_hrtime();
    uv_close((uv_handle_t *)&f->tick, NULL);
}

static void on_taken(void *arg, enum err result)
{
    struct publisher *p = arg;
    if (p->flood->by_acks) {
        p->in_flight--;
        p->flood->moved_ms = clock_steady_ms(&clock_system);
    }
    if (result != ERR_OK && !p->flood->ended) {
        fprintf(stderr, "flood: a publish failed: %s\n", err_text(result));
        exit(EXIT_FAILURE);
    }
}

/* The next message, by the publisher it was written for. False when that one may send no more now.
 */
static bool send_next(struct flood *f)
{
    uint32_t index = (uint32_t)f->next;
    struct publisher *p = &f->publishers[index % f->n_publishers];
    struct sent *m = &f->messages[index];
    const struct publication out = {
        .topic = span_of(p->topic),
        .payload = m->payload,
        .correlation = {(const char *)&index, sizeof index},
        .qos = 1,
    };
    if (p->in_flight >= f->window) {
        return false;
    }
    m->at_ns = uv_hrtime();
    if (client_publish(p->client, &out, on_taken, p) != ERR_OK) {
        return false;
    }
    p->in_flight++;
    f->next++;
    return true;
}

/* How many messages should be out by now. */
static size_t due(const struct flood *f)
{
    if (f->rate <= 0) {
        return f->n_messages;
    }
    double n = (double)(uv_hrtime() - f->begun_ns) / NS_PER_S * f->rate;
    return n < (double)f->n_messages ? (size_t)n : f->n_messages;
}

static void pump(struct flood *f)
{
    size_t until = due(f);
    while (f->next < until && send_next(f)) {
    }
    for (size_t i = 0; i < f->n_publishers; i++) {
        client_flush(f->publishers[i].client);
    }
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct publisher *p = ctx;
    struct flood *f = p->flood;
    uint32_t index;
    f->moved_ms = clock_steady_ms(&clock_system);
    if (span_is(in->topic, "bench/done")) {
        end(f);
        return;
    }
    if (in->correlation.len != sizeof index) {
        return;
    }
    memcpy(&index, in->correlation.at, sizeof index);
    if (index >= f->n_messages || f->messages[index].taken_ns != 0) {
        return;
    }
    if (memmem(in->payload.at, in->payload.len, "\"stored\"", 8) == NULL) {
        fprintf(stderr, "flood: not stored: %.*s\n", SPAN_ARG(in->payload));
        exit(EXIT_FAILURE);
    }
    f->messages[index].taken_ns = uv_hrtime();
    p->in_flight--;
    if (++f->receipted == f->n_messages) {
        end(f);
    } else if (f->rate <= 0 && f->next < f->n_messages) {
        (void)send_next(f);
    }
}

static void on_ready(void *ctx)
{
    struct publisher *p = ctx;
    struct flood *f = p->flood;
    if (++f->ready == f->n_publishers) {
        f->begun_ns = uv_hrtime();
        f->moved_ms = clock_steady_ms(&clock_system);
    }
}

static void on_lost(void *ctx)
{
    (void)ctx;
    fputs("flood: connection lost\n", stderr);
    exit(EXIT_FAILURE);
}

static void on_tick(uv_timer_t *timer)
{
    struct flood *f = timer->data;
    if (f->begun_ns == 0) {
        return;
    }
    pump(f);
    if (clock_steady_ms(&clock_system) - f->moved_ms > STUCK_MS) {
        fprintf(stderr, "flood: stuck at %zu of %zu\n", f->receipted, f->n_messages);
        exit(EXIT_FAILURE);
    }
}

/* ---- payloads ---- */

static void write_report(struct buf *out, const char *uscc, size_t n, const char *now)
{
    char msg_id[UUID_TEXT + 1];
    uint8_t chance[10];
    char id[33];
    uint8_t id_bytes[16];
    if (random_bytes(chance, sizeof chance) != ERR_OK ||
        random_bytes(id_bytes, sizeof id_bytes) != ERR_OK) {
        exit(EXIT_FAILURE);
    }
    uuid7_of(clock_wall_us(&clock_system) / 1000, chance, msg_id);
    hex_encode(id_bytes, sizeof id_bytes, id);
    buf_printf(
        out,
        "{\"msg_id\":\"%s\",\"schema\":\"dualgate.v1\",\"record\":\"hazard\",\"op\":\"UPSERT\","
        "\"uscc\":\"%s\",\"unit\":\"\",\"sector\":\"" SECTOR "\",\"source_system\":\"ehs 3.2\","
        "\"source_seq\":%zu,\"observed_at\":\"%s\",\"sent_at\":\"%s\","
        "\"client_channel\":\"MOBILE\",\"origin\":\"ONLINE\",\"body\":{\"id\":\"%s\","
        "\"name\":\"储罐区可燃气体报警器失效\",\"level\":\"GENERAL\",\"registered_at\":\"%s\","
        "\"registrant\":\"李建国\",\"source\":\"DAILY\",\"manage_type\":\"DEADLINE\","
        "\"discipline\":\"INSTRUMENT\",\"description\":\"2号储罐南侧可燃气体报警器无显示\","
        "\"resp_person\":\"张建国\",\"deadline\":\"2099-11-05\",\"accept_person\":\"王敏\","
        "\"state\":\"RECTIFYING\"}}",
        msg_id, uscc, n, now, now, id, now);
}

static void make_payloads(struct flood *f, char **usccs, size_t reports)
{
    char now[TIME_TEXT_MAX];
    time_format(clock_wall_us(&clock_system), now);
    f->n_messages = (reports + f->array - 1) / f->array;
    f->messages = mem_zalloc(f->n_messages * sizeof *f->messages);
    for (size_t i = 0; f->messages != NULL && i < f->n_messages; i++) {
        struct buf out;
        buf_init(&out, 0);
        buf_puts(&out, f->array > 1 ? "[" : "");
        for (size_t k = 0; k < f->array; k++) {
            buf_puts(&out, k > 0 ? "," : "");
            write_report(&out, usccs[i % f->n_publishers], i * f->array + k, now);
        }
        buf_puts(&out, f->array > 1 ? "]" : "");
        f->messages[i].payload = buf_span(&out);
    }
}

/* ---- result ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const struct flood *f)
{
    double seconds = (double)(f->ended_ns - f->begun_ns) / NS_PER_S;
    double *ms = mem_zalloc(f->n_messages * sizeof *ms);
    size_t n = 0;
    for (size_t i = 0; ms != NULL && i < f->n_messages; i++) {
        if (f->messages[i].taken_ns != 0) {
            ms[n++] = (double)(f->messages[i].taken_ns - f->messages[i].at_ns) / 1e6;
        }
    }
    printf("{\"reports\":%zu,\"seconds\":%.3f,\"rate\":%.0f", f->n_messages * f->array, seconds,
           (double)(f->n_messages * f->array) / seconds);
    if (n > 0) {
        qsort(ms, n, sizeof *ms, by_size);
        printf(",\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f", ms[n / 2], ms[n * 99 / 100],
               ms[n - 1]);
    }
    puts("}");
    mem_free(ms);
}

static void make_publisher(struct flood *f, size_t i, uint16_t port, const char *uscc)
{
    static const struct client_ops ops = {on_ready, on_lost, on_message};
    struct publisher *p = &f->publishers[i];
    p->flood = f;
    snprintf(p->topic, sizeof p->topic, "dp/v1/" NODE "/" SECTOR "/%s/up/hazard", uscc);
    snprintf(p->filter, sizeof p->filter, "dp/v1/" NODE "/" SECTOR "/%s/down/receipt", uscc);
    p->filters[0] = p->filter;
    p->filters[1] = i == 0 ? "bench/done" : NULL;
    const struct client_settings set = {
        .who = "flood",
        .host = "127.0.0.1",
        .port = port,
        .filters = p->filters,
        .keepalive_s = 60,
        .connect_timeout_ms = 5000,
        .backoff_first_ms = 100,
        .backoff_max_ms = 1000,
        .window_max = (uint32_t)f->window * 2,
    };
    if (client_new(&p->client, &f->loop, &set, &clock_system, &ops, p) != ERR_OK) {
        exit(EXIT_FAILURE);
    }
    client_start(p->client);
}

int main(int argc, char **argv)
{
    if (argc < 8 || argc - 7 > CLIENTS_MAX) {
        fputs("usage: flood PORT receipts|acks REPORTS ARRAY RATE WINDOW USCC…\n", stderr);
        return 2;
    }
    static struct flood f;
    size_t reports = strtoul(argv[3], NULL, 10);
    log_set_level(LOG_LEVEL_ERROR);
    f.array = strtoul(argv[4], NULL, 10);
    f.rate = strtod(argv[5], NULL) / (double)f.array;
    f.window = strtoul(argv[6], NULL, 10);
    f.n_publishers = (size_t)argc - 7;
    f.by_acks = strcmp(argv[2], "acks") == 0;
    make_payloads(&f, argv + 7, reports);
    uv_loop_init(&f.loop);
    uv_timer_init(&f.loop, &f.tick);
    f.tick.data = &f;
    uv_timer_start(&f.tick, on_tick, TICK_MS, TICK_MS);
    for (size_t i = 0; i < f.n_publishers; i++) {
        make_publisher(&f, i, (uint16_t)strtoul(argv[1], NULL, 10), argv[7 + i]);
    }
    while (!f.ended) {
        uv_run(&f.loop, UV_RUN_ONCE);
    }
    print(&f);
    for (size_t i = 0; i < f.n_publishers; i++) {
        client_close(f.publishers[i].client, on_closed, NULL);
    }
    uv_run(&f.loop, UV_RUN_DEFAULT);
    return EXIT_SUCCESS;
}
