/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt finds its message by the correlation data, so that it is found even for what nobody
 * could read. They begin with a number of this run: receipts of others' messages are not ours. */
#include "cli/simulate_send.h"

#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "cli/simulate_tally.h"
#include "mqtt/client_config.h"

#define TICK_MS          20
#define WINDOW           256
#define CORRELATION_MAX  48
#define PROGRESS_EVERY   10 /* ticks */
#define LINGER_MS        3000
#define MILLISECONDS     1000
#define NODE_FILTER_ROOM 64

struct slot {
    const struct sim_message *message; /* NULL: free */
    uint64_t number;
    int64_t sent_ms;
};

struct sender {
    const struct sim_sending *with;
    struct sim_totals *totals;
    struct slot slots[WINDOW];
    size_t under_way;
    uint64_t next_number;
    char run[2 * sizeof(uint32_t) + 1];
    struct client *client;
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t signals[2];
    int64_t started_ms, receipt_ms; /* of the last one */
    size_t sent, ticks;
    bool exhausted, ended;
};

static int64_t now_ms(void)
{
    return clock_steady_ms(&clock_system);
}

/* ---- receipts ---- */

/* "run/number" */
static struct slot *slot_of(struct sender *s, struct span correlation)
{
    char text[CORRELATION_MAX];
    snprintf(text, sizeof text, "%.*s", SPAN_ARG(correlation));
    const char *number = strchr(text, '/');
    unsigned long long wanted = number ? strtoull(number + 1, NULL, 10) : 0;
    for (size_t i = 0; number != NULL && i < WINDOW; i++) {
        if (s->slots[i].message != NULL && s->slots[i].number == wanted) {
            return &s->slots[i];
        }
    }
    return NULL;
}

static void settle(struct sender *s, struct slot *slot, const json_t *items)
{
    const struct sim_message *m = slot->message;
    sim_tally(s->totals, m, items);
    slot->message = NULL;
    s->under_way--;
    s->receipt_ms = now_ms();
    if (s->with->source.done != NULL) {
        s->with->source.done(s->with->source.ctx, m);
    }
}

static void send_more(struct sender *s);

static void on_message(void *ctx, const struct incoming *in)
{
    struct sender *s = ctx;
    if (!span_starts(in->correlation, span_of(s->run))) {
        return;
    }
    json_t *receipt = json_loadb(in->payload.at, in->payload.len, 0, NULL);
    const json_t *items = json_object_get(receipt, "items");
    struct slot *slot = slot_of(s, in->correlation);
    if (slot != NULL && items != NULL) {
        settle(s, slot, items);
        if (s->with->rate == 0) {
            send_more(s);
        }
    } else {
        sim_tally_late(s->totals, items);
    }
    json_decref(receipt);
}

/* ---- sending ---- */

static void on_published(void *arg, enum err result)
{
    (void)arg;
    (void)result; /* only the receipt ends a message */
}

static bool publish(struct sender *s, struct slot *slot)
{
    char correlation[CORRELATION_MAX];
    int len = snprintf(correlation, sizeof correlation, "%s/%" PRIu64, s->run, slot->number);
    const struct publication p = {
        .topic = span_of(slot->message->topic),
        .payload = slot->message->payload,
        .correlation = {correlation, (size_t)len},
        .content_type = slot->message->content_type,
        .qos = 1,
    };
    slot->sent_ms = now_ms();
    return client_publish(s->client, &p, on_published, NULL) == ERR_OK;
}

static struct slot *free_slot(struct sender *s)
{
    for (size_t i = 0; i < WINDOW; i++) {
        if (s->slots[i].message == NULL) {
            return &s->slots[i];
        }
    }
    return NULL;
}

/* How many may have been sent by now. */
static size_t allowance(const struct sender *s)
{
    int64_t since = now_ms() - s->started_ms;
    return s->with->rate > 0 ? (size_t)(since * s->with->rate / MILLISECONDS) : SIZE_MAX;
}

static void repeat_late(struct sender *s)
{
    for (size_t i = 0; i < WINDOW; i++) {
        struct slot *slot = &s->slots[i];
        bool late = slot->message != NULL && now_ms() - slot->sent_ms >= s->with->repeat_after_ms;
        if (late && publish(s, slot)) {
            s->totals->repeated++;
        }
    }
}

static void send_more(struct sender *s)
{
    size_t allowed = allowance(s);
    while (!s->ended && !s->exhausted && s->under_way < WINDOW && s->sent < allowed &&
           client_ready(s->client)) {
        struct slot *slot = free_slot(s);
        const struct sim_message *m = s->with->source.next(s->with->source.ctx);
        if (m == NULL || slot == NULL) {
            s->exhausted = !s->with->source.endless;
            s->sent += s->with->source.endless; /* a turn without a report */
            return;
        }
        *slot = (struct slot){.message = m, .number = s->next_number++};
        s->under_way++;
        s->sent++;
        s->totals->messages++;
        if (!publish(s, slot)) {
            slot->sent_ms = 0; /* with the next round of repeats */
            return;
        }
    }
}

/* ---- the end ---- */

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

static void on_client_closed(void *arg)
{
    struct sender *s = arg;
    close_handle((uv_handle_t *)&s->tick, NULL);
    close_handle((uv_handle_t *)&s->signals[0], NULL);
    close_handle((uv_handle_t *)&s->signals[1], NULL);
}

static void end(struct sender *s)
{
    if (!s->ended) {
        s->ended = true;
        uv_timer_stop(&s->tick);
        client_close(s->client, on_client_closed, s);
    }
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct sender *s = handle->data;
    (void)signum;
    s->totals->interrupted = true;
    end(s);
}

static void show_progress(struct sender *s, bool last)
{
    if (isatty(STDERR_FILENO) && (last || s->ticks % PROGRESS_EVERY == 0)) {
        fprintf(stderr, "\r%zu messages sent, %zu reports receipted, %zu rejected%s",
                s->totals->messages, s->totals->reports, s->totals->verdicts[VERDICT_REJECTED],
                last ? "\n" : "   ");
    }
}

/* Nothing more to send, every receipt there, and the parked had their time. */
static bool is_over(const struct sender *s)
{
    bool all = s->exhausted && s->under_way == 0;
    return all && (s->totals->released >= s->totals->verdicts[VERDICT_PARKED] ||
                   now_ms() - s->receipt_ms >= LINGER_MS);
}

static void on_tick(uv_timer_t *timer)
{
    struct sender *s = timer->data;
    s->ticks++;
    show_progress(s, false);
    bool stalled = s->under_way > 0 && now_ms() - s->receipt_ms >= s->with->give_up_after_ms;
    if (is_over(s) || (stalled && !s->with->source.endless)) {
        end(s);
        return;
    }
    if (client_ready(s->client)) {
        repeat_late(s);
        send_more(s);
        client_flush(s->client);
    } else if (now_ms() - s->receipt_ms >= s->with->give_up_after_ms && !s->with->source.endless) {
        end(s);
    }
}

static void on_ready(void *ctx)
{
    (void)ctx; /* the next tick sends */
}

static void on_lost(void *ctx)
{
    (void)ctx; /* what has no receipt is sent again after its time */
}

/* ---- set-up ---- */

static enum err start_client(struct sender *s)
{
    static const struct client_ops ops = {on_ready, on_lost, on_message};
    const struct settings *set = s->with->settings;
    char filter[NODE_FILTER_ROOM];
    snprintf(filter, sizeof filter, "dp/v1/%s/+/+/down/receipt", set->node.code);
    const char *const filters[] = {filter, NULL};
    struct client_settings c = client_config_outside(set, "simulate");
    c.filters = filters;
    c.window_max = WINDOW * 2;
    return client_new(&s->client, &s->loop, &c, &clock_system, &ops, s);
}

static void start_watching(struct sender *s)
{
    static const int signums[] = {SIGINT, SIGTERM};
    uv_timer_init(&s->loop, &s->tick);
    s->tick.data = s;
    uv_timer_start(&s->tick, on_tick, (uint64_t)s->with->wait_ms + 1, TICK_MS);
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, signums[i]);
    }
}

static enum err name_run(struct sender *s)
{
    uint8_t bytes[sizeof(uint32_t)];
    enum err e = random_bytes(bytes, sizeof bytes);
    if (e == ERR_OK) {
        hex_encode(bytes, sizeof bytes, s->run);
    }
    return e;
}

static void forget_slots(struct sender *s)
{
    for (size_t i = 0; i < WINDOW; i++) {
        if (s->slots[i].message != NULL && s->with->source.done != NULL) {
            s->with->source.done(s->with->source.ctx, s->slots[i].message);
        }
    }
}

enum err sim_send(const struct sim_sending *sending, struct sim_totals *totals)
{
    struct sender s = {.with = sending, .totals = totals};
    size_t before = totals->messages;
    enum err e = name_run(&s);
    if (e != ERR_OK || uv_loop_init(&s.loop) != 0) {
        return e != ERR_OK ? e : ERR_IO;
    }
    e = start_client(&s);
    if (e == ERR_OK) {
        start_watching(&s);
        s.started_ms = s.receipt_ms = now_ms() + sending->wait_ms;
        client_start(s.client);
        uv_run(&s.loop, UV_RUN_DEFAULT);
        show_progress(&s, true);
        totals->missing += s.under_way;
        if (!sending->source.endless) {
            totals->missing += sending->source.count - (totals->messages - before);
        }
        forget_slots(&s);
    }
    (void)uv_loop_close(&s.loop);
    return e;
}
