/* SPDX-License-Identifier: Apache-2.0 */
/* See client.h. What runs inside the library only notes what there is to tell; it is told when the
 * library has returned. */
#include "mqtt/client.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "mqtt/filters.h"
#include "mqtt/link.h"
#include "mqtt/outgoing.h"
#include "mqtt/publication.h"

#define READS_MAX         256 /* packets' worth of calls before the loop has its turn */
#define STRINGS_MAX_BYTES 262144
#define SCRATCH_MAX_BYTES 262144
#define TICK_MS           1000

struct client {
    struct link *link;
    struct arena strings;
    struct buf scratch; /* texts of one publication, ended with NUL as the library wants them */
    const char *who;
    const struct clock *clock;
    struct filters filters;
    const struct client_ops *ops;
    void *ctx;
    bool ready;
    bool greeted; /* CONNACK or SUBACK came in the call of the library under way: ready is to be
                     told */
    bool stopped;

    struct outgoing outgoing;
    uint32_t broker_window;
    uint32_t silence_max_ms; /* with publishes under way the broker must say something so often */
    int64_t heard_ms;

    uv_prepare_t prepare;
    bool corked;

    void (*closed)(void *arg);
    void *closed_arg;
};

/* ---- writing ----------------------------------------------------------------------------------
 */

static void on_turn(uv_prepare_t *prepare)
{
    client_flush(prepare->data);
}

static void at_end_of_turn(struct client *c)
{
    if (!uv_is_active((uv_handle_t *)&c->prepare)) {
        (void)uv_prepare_start(&c->prepare, on_turn);
    }
}

/* Not from inside the library. */
static void tell_finished(struct client *c)
{
    if (!link_is_inside(c->link)) {
        outgoing_tell(&c->outgoing);
    }
}

/* The connection is gone: nothing will be answered any more. */
static void give_up_all(struct client *c)
{
    if (outgoing_finish_all(&c->outgoing, ERR_TRANSIENT)) {
        at_end_of_turn(c);
    }
}

static void cork(struct client *c)
{
    if (!c->corked) {
        c->corked = true;
        link_cork(c->link, true);
        at_end_of_turn(c);
    }
}

static void watch(struct client *c)
{
    struct mosquitto *m = link_mosquitto(c->link);
    if (m) {
        link_watch(c->link, mosquitto_want_write(m) ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    }
}

/* What the library could not write at once, or had to queue inside a callback. */
static bool write_out(struct client *c)
{
    struct mosquitto *m = link_mosquitto(c->link);
    if (m && mosquitto_want_write(m)) {
        link_enter(c->link);
        if (link_leave(c->link, mosquitto_loop_write(m, 1)) == LINK_GONE) {
            return false;
        }
    }
    return m != NULL;
}

void client_flush(struct client *c)
{
    if (link_is_inside(c->link)) {
        at_end_of_turn(c);
        return;
    }
    (void)uv_prepare_stop(&c->prepare);
    if (write_out(c)) {
        watch(c);
    }
    if (c->corked) {
        c->corked = false;
        link_cork(c->link, false);
    }
    tell_finished(c);
}

/* ---- what the link tells ----------------------------------------------------------------------
 */

static void tell_ready(struct client *c)
{
    if (c->greeted && link_is_up(c->link)) {
        c->greeted = false;
        c->ready = true;
        link_proven(c->link);
        log_info(c->who, "event=ready filters=%d", c->filters.count);
        c->ops->on_ready(c->ctx);
    }
}

static void read_in(struct client *c)
{
    if (outgoing_count(&c->outgoing) > c->broker_window) {
        cork(c); /* each PUBACK lets the library write a publish that waits in it */
    }
    for (int i = 0; i < READS_MAX; i++) {
        enum link_step step = link_read(c->link);
        if (step == LINK_GONE) {
            return;
        }
        tell_ready(c);
        if (step == LINK_DRY) {
            break;
        }
        c->heard_ms = clock_steady_ms(c->clock);
    }
}

static void on_open(void *ctx)
{
    struct client *c = ctx;
    if (write_out(c)) {
        watch(c);
    }
}

static void on_event(void *ctx, bool readable, bool writable)
{
    (void)writable;
    struct client *c = ctx;
    if (readable) {
        read_in(c);
    }
    if (write_out(c)) {
        watch(c);
    }
    tell_finished(c);
}

/* A stopped broker still acknowledges TCP, and the library's keepalive takes its time. */
static void on_tick(void *ctx)
{
    struct client *c = ctx;
    read_in(c);
    tell_finished(c);
    if (outgoing_count(&c->outgoing) > 0 &&
        clock_steady_ms(c->clock) - c->heard_ms > c->silence_max_ms) {
        link_lose(c->link, "no PUBACK");
        return;
    }
    if (link_misc(c->link) != LINK_GONE && write_out(c)) {
        watch(c);
    }
}

static void on_up(void *ctx, bool session_present, uint16_t window)
{
    (void)session_present;
    struct client *c = ctx;
    c->broker_window = window;
    if (c->filters.count == 0) {
        c->greeted = true;
        return;
    }
    int rc = mosquitto_subscribe_multiple(link_mosquitto(c->link), NULL, c->filters.count,
                                          c->filters.list, 1, 0, NULL);
    if (rc != MOSQ_ERR_SUCCESS) {
        link_lose(c->link, mosquitto_strerror(rc));
    }
}

static void on_suback(void *ctx, bool granted)
{
    struct client *c = ctx;
    if (granted) {
        c->greeted = true;
    } else {
        link_lose(c->link, "subscription refused");
    }
}

static void on_puback(void *ctx, int mid, int reason)
{
    struct client *c = ctx;
    if (outgoing_finish(&c->outgoing, mid, reason >= 0x80 ? ERR_DATA : ERR_OK)) {
        at_end_of_turn(c);
    }
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct client *c = ctx;
    if (c->ops->on_message && !c->stopped) {
        c->ops->on_message(c->ctx, in);
    }
}

static void on_down(void *ctx)
{
    struct client *c = ctx;
    bool was_ready = c->ready;
    c->ready = false;
    c->greeted = false;
    c->corked = false;
    give_up_all(c);
    tell_finished(c);
    if (was_ready) {
        c->ops->on_lost(c->ctx);
    }
}

static const struct link_ops link_ops = {on_open, on_event,  on_tick,   on_down,
                                         on_up,   on_suback, on_puback, on_message};

/* ---- publishing -------------------------------------------------------------------------------
 */

static enum err acceptable(const struct client *c, const struct publication *p)
{
    if (c->stopped) {
        return ERR_CLOSED;
    }
    if (!c->ready) {
        return ERR_TRANSIENT;
    }
    if (outgoing_is_full(&c->outgoing)) {
        return ERR_FULL;
    }
    return publication_check(p);
}

enum err client_publish(struct client *c, const struct publication *p, client_done done, void *arg)
{
    enum err e = acceptable(c, p);
    if (e != ERR_OK) {
        return e;
    }
    cork(c);
    int *mid = outgoing_begin(&c->outgoing, done, arg);
    e = publication_send(p, link_mosquitto(c->link), &c->scratch, mid);
    if (e != ERR_OK) {
        outgoing_abandon(&c->outgoing);
        return e;
    }
    if (outgoing_count(&c->outgoing) == 0) {
        c->heard_ms = clock_steady_ms(c->clock);
    }
    outgoing_commit(&c->outgoing);
    return ERR_OK;
}

uint32_t client_outstanding(const struct client *c)
{
    return outgoing_count(&c->outgoing);
}

bool client_ready(const struct client *c)
{
    return c->ready;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static enum err make_link(struct client *c, uv_loop_t *loop, const struct client_settings *s)
{
    char chance_id[(size_t)2 * 8 + sizeof("dualgate-")] = "dualgate-";
    if (!s->client_id) {
        uint8_t chance[8];
        enum err e = random_bytes(chance, sizeof(chance));
        if (e != ERR_OK) {
            return e;
        }
        hex_encode(chance, sizeof(chance), chance_id + sizeof("dualgate-") - 1);
    }
    struct link_settings settings = {
        .who = c->who,
        .host = s->host,
        .port = s->port,
        .library = {.client_id = s->client_id ? s->client_id : chance_id,
                    .username = s->username,
                    .password = s->password,
                    .clean_start = !s->persistent,
                    .session_expiry_s = s->persistent ? s->session_expiry_s : 0,
                    .keepalive_s = s->keepalive_s,
                    .deferred = false,
                    .will_topic = s->will_topic,
                    .will_payload = s->will_payload},
        .connect_timeout_ms = s->connect_timeout_ms,
        .backoff_first_ms = s->backoff_first_ms,
        .backoff_max_ms = s->backoff_max_ms,
        .tick_ms = TICK_MS,
    };
    return link_new(&c->link, loop, &settings, &link_ops, c);
}

static void free_memory(struct client *c)
{
    outgoing_free(&c->outgoing);
    buf_free(&c->scratch);
    arena_free(&c->strings);
    mem_free(c);
}

enum err client_new(struct client **out, uv_loop_t *loop, const struct client_settings *settings,
                    const struct clock *clock, const struct client_ops *ops, void *ctx)
{
    struct client *c = mem_zalloc(sizeof(*c));
    if (!c) {
        return ERR_NOMEM;
    }
    c->clock = clock;
    c->silence_max_ms = settings->connect_timeout_ms;
    c->ops = ops;
    c->ctx = ctx;
    buf_init(&c->scratch, SCRATCH_MAX_BYTES);
    arena_init(&c->strings, STRINGS_MAX_BYTES);
    c->who = arena_strdup(&c->strings, settings->who ? settings->who : "client");
    enum err e =
        c->who ? filters_copy(&c->filters, settings->filters, NULL, &c->strings) : ERR_NOMEM;
    if (e == ERR_OK) {
        e = outgoing_init(&c->outgoing, settings->window_max);
    }
    if (e == ERR_OK) {
        e = make_link(c, loop, settings);
    }
    if (e != ERR_OK) {
        free_memory(c);
        return e;
    }
    (void)uv_prepare_init(loop, &c->prepare);
    c->prepare.data = c;
    *out = c;
    return ERR_OK;
}

void client_start(struct client *c)
{
    c->stopped = false;
    link_start(c->link);
}

void client_stop(struct client *c)
{
    if (c->stopped) {
        return;
    }
    c->stopped = true;
    c->ready = false;
    link_goodbye(c->link);
    give_up_all(c);
    c->corked = false;
    client_flush(c);
}

static void on_prepare_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    void (*closed)(void *) = c->closed;
    void *arg = c->closed_arg;
    free_memory(c);
    closed(arg);
}

static void on_link_closed(void *arg)
{
    struct client *c = arg;
    c->link = NULL;
    uv_close((uv_handle_t *)&c->prepare, on_prepare_closed);
}

void client_close(struct client *c, void (*closed)(void *arg), void *arg)
{
    c->closed = closed;
    c->closed_arg = arg;
    client_stop(c);
    link_close(c->link, on_link_closed, c);
}
