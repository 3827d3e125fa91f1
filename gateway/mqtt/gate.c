/* SPDX-License-Identifier: Apache-2.0 */
/* See gate.h. The rule in one line: while g->held is not 0, nothing is written, whatever is queued.
 * The library queues a PUBACK in front of every message it hands over, so a single write too early
 * acknowledges everything held. A phase says what the socket is watched for; set_phase() alone
 * changes it:
 *
 *   AWAY ──► READING ──burst──► HELD ──gate_release──► WRITING ──all written──► READING
 *                │ ▲              └──gate_resume──► READING (still held, so still nothing written)
 *                └─┴──queued, nothing held, socket full──► WRITING
 */
#include "mqtt/gate.h"

#include <assert.h>
#include <errno.h>
#include <mqtt_protocol.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/metric.h"
#include "mqtt/filters.h"
#include "mqtt/link.h"
#include "mqtt/probe.h"

/* With nothing held, so many packets are read before the loop has its turn. */
#define IDLE_READS_MAX    64
#define STRINGS_MAX_BYTES 262144
#define TICK_MIN_MS       20
#define TICK_MAX_MS       1000

enum phase { PHASE_AWAY, PHASE_READING, PHASE_HELD, PHASE_WRITING };

struct gate {
    struct link *link;
    struct arena strings;
    const char *who;
    const char *probe_topic;
    struct filters filters; /* they bring the probe's topic too */
    uint32_t batch_age_ms;
    const struct clock *clock;
    const struct gate_ops *ops;
    void *ctx;

    enum phase phase;
    uint32_t held;  /* read and not acknowledged */
    uint32_t fresh; /* of these, read since the last burst ended */
    int64_t first_fresh_ms;
    int64_t writing_since_ms;
    bool up;         /* CONNACK came on this connection */
    bool subscribed; /* SUBACK came */
    bool ready;
    bool proven_now; /* the probe came in the call of the library under way */
    struct probe probe;

    bool draining;
    void (*drained)(void *ctx);

    void (*closed)(void *arg);
    void *closed_arg;

    struct metric *held_gauge, *bursts, *messages, *releases, *acknowledged;
};

static void set_phase(struct gate *g, enum phase phase)
{
    static const int watch[] = {
        [PHASE_AWAY] = 0,
        [PHASE_READING] = UV_READABLE,
        [PHASE_HELD] = 0,
        [PHASE_WRITING] = UV_WRITABLE,
    };
    if (phase == PHASE_WRITING && g->phase != PHASE_WRITING) {
        g->writing_since_ms = clock_steady_ms(g->clock);
    }
    g->phase = phase;
    link_watch(g->link, phase == PHASE_READING && g->draining ? 0 : watch[phase]);
}

static void tell_drained(struct gate *g)
{
    if (g->draining && g->held == 0 && g->phase != PHASE_WRITING && g->drained) {
        void (*drained)(void *) = g->drained;
        g->drained = NULL;
        drained(g->ctx);
    }
}

/* The state of a connection that is not there. */
static void reset(struct gate *g)
{
    g->held = 0;
    g->fresh = 0;
    g->up = false;
    g->subscribed = false;
    g->ready = false;
    g->proven_now = false;
    metric_set(g->held_gauge, 0);
    set_phase(g, PHASE_AWAY);
}

/* ---- writing ----------------------------------------------------------------------------------
 */

/* The one call site of mosquitto_loop_write() on this client. (a) nothing is held; (b) what was
 * held has been released, and nothing more is read until all is written. In both held is 0 here. */
static void write_out(struct gate *g)
{
    if (g->held != 0) {
        return;
    }
    struct mosquitto *m = link_mosquitto(g->link);
    while (mosquitto_want_write(m)) {
        link_enter(g->link);
        errno = 0;
        int rc = mosquitto_loop_write(m, 1); /* 1 drains the queue; 100,000 would loop so often */
        bool socket_full = errno == EAGAIN;
        if (link_leave(g->link, rc) == LINK_GONE) {
            return;
        }
        if (socket_full) {
            set_phase(g, PHASE_WRITING);
            return;
        }
    }
    set_phase(g, PHASE_READING);
    tell_drained(g);
}

void gate_resume(struct gate *g)
{
    if (g->phase == PHASE_HELD) {
        set_phase(g, PHASE_READING);
    }
}

void gate_release(struct gate *g)
{
    bool resumed = g->phase == PHASE_READING && g->held > 0 && g->fresh == 0;
    if (g->phase != PHASE_HELD && !resumed) {
        return;
    }
    uint32_t released = g->held;
    metric_add(g->releases, 1);
    metric_add(g->acknowledged, released);
    metric_set(g->held_gauge, 0);
    probe_life(&g->probe);
    g->held = 0;
    set_phase(g, PHASE_WRITING);
    if (released == 1) {
        write_out(g);
        return;
    }
    /* Hundreds of PUBACKs of four bytes in few segments. */
    link_cork(g->link, true);
    write_out(g);
    link_cork(g->link, false);
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static bool burst_is_over(struct gate *g)
{
    if (g->fresh == 0) {
        return false;
    }
    if (clock_steady_ms(g->clock) - g->first_fresh_ms >= g->batch_age_ms) {
        return true;
    }
    return !g->ops->wants_more(g->ctx);
}

static void end_burst(struct gate *g)
{
    set_phase(g, PHASE_HELD);
    metric_add(g->bursts, 1);
    metric_add(g->messages, g->fresh);
    metric_set(g->held_gauge, g->held);
    g->fresh = 0;
    g->ops->on_burst_end(g->ctx);
}

static void tell_ready(struct gate *g)
{
    g->proven_now = false;
    if (g->subscribed && !g->ready) {
        g->ready = true;
        link_proven(g->link);
        log_info(g->who, "event=ready filters=%d", g->filters.count);
        g->ops->on_ready(g->ctx);
    }
}

/* One packet, and what follows from it while nothing is held. False when reading must stop. */
static bool read_one(struct gate *g, bool *dry)
{
    enum link_step step = link_read(g->link);
    if (step == LINK_GONE) {
        return false;
    }
    *dry = step == LINK_DRY;
    if (g->proven_now) {
        tell_ready(g);
    }
    if (g->phase == PHASE_READING && g->held == 0 && !*dry) {
        write_out(g);
    }
    return g->phase == PHASE_READING && !g->draining;
}

/* Reads until the batch is full, old, or the socket is dry. True when it ends dry and with nothing
 * held. */
static bool read_burst(struct gate *g)
{
    bool dry = false;
    uint32_t idle_reads = 0;
    while (!dry && !burst_is_over(g) && idle_reads < IDLE_READS_MAX) {
        if (g->phase != PHASE_READING || !read_one(g, &dry)) {
            break;
        }
        idle_reads += g->fresh == 0;
    }
    if (g->phase != PHASE_READING) {
        return false;
    }
    if (g->fresh > 0) {
        end_burst(g);
        return false;
    }
    return dry && g->held == 0;
}

/* ---- what the link tells ----------------------------------------------------------------------
 */

static void on_open(void *ctx)
{
    write_out(ctx); /* CONNECT */
}

static void on_event(void *ctx, bool readable, bool writable)
{
    struct gate *g = ctx;
    if (g->phase == PHASE_WRITING && writable) {
        write_out(g);
    } else if (g->phase == PHASE_READING && readable) {
        (void)read_burst(g);
    }
}

/* SUBSCRIBE after every connect, whatever the broker says about the session; it is queued here, in
 * front of every PUBACK, and written in case (a) before anything more is read. */
static void on_up(void *ctx, bool session_present, uint16_t window)
{
    (void)session_present;
    (void)window;
    struct gate *g = ctx;
    g->up = true;
    struct mosquitto *m = link_mosquitto(g->link);
    int rc = mosquitto_subscribe_multiple(
        m, NULL, g->filters.count, g->filters.list, 1,
        MQTT_SUB_OPT_SEND_RETAIN_NEVER | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED, NULL);
    if (rc != MOSQ_ERR_SUCCESS) {
        link_lose(g->link, mosquitto_strerror(rc));
    } else if (probe_begin(&g->probe, clock_steady_ms(g->clock)) != ERR_OK) {
        link_lose(g->link, "no random bytes");
    }
}

/* Only queues: this client is in deferred mode. A failure shows as a probe that never comes. */
static void send_probe(struct gate *g)
{
    struct span token = probe_token(&g->probe);
    (void)mosquitto_publish_v5(link_mosquitto(g->link), NULL, g->probe_topic, (int)token.len,
                               token.at, 0, false, NULL);
}

static void on_suback(void *ctx, bool granted)
{
    struct gate *g = ctx;
    if (!granted) {
        link_lose(g->link, "subscription refused");
        return;
    }
    g->subscribed = true;
    send_probe(g);
}

static void on_puback(void *ctx, int mid, int reason)
{
    (void)ctx;
    (void)mid;
    (void)reason;
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct gate *g = ctx;
    if (span_is(in->topic, g->probe_topic)) {
        if (probe_answered(&g->probe, in->payload, clock_steady_ms(g->clock))) {
            g->proven_now = true;
        }
        return;
    }
    probe_life(&g->probe);
    g->held++;
    if (g->fresh++ == 0) {
        g->first_fresh_ms = clock_steady_ms(g->clock);
    }
    g->ops->on_message(g->ctx, in);
}

/* The library's keepalive is looked at only here, after the socket was read dry: after a long
 * commit the answer to its last PINGREQ may be lying in the socket still. */
static void on_tick(void *ctx)
{
    struct gate *g = ctx;
    if (g->phase == PHASE_WRITING &&
        clock_steady_ms(g->clock) - g->writing_since_ms > g->probe.timeout_ms) {
        /* TCP itself never gives up on a peer that acknowledges and does not read. */
        link_lose(g->link, "the broker does not read");
        return;
    }
    if (g->phase != PHASE_READING || g->draining || !read_burst(g)) {
        return;
    }
    if (link_misc(g->link) == LINK_GONE || !g->up) {
        return;
    }
    switch (probe_step(&g->probe, clock_steady_ms(g->clock))) {
    case PROBE_FAILED:
        link_lose(g->link, g->subscribed ? "probe did not come back" : "no answer to SUBSCRIBE");
        return;
    case PROBE_SEND:
        send_probe(g);
        break;
    case PROBE_REST:
        break;
    }
    write_out(g);
}

static void on_down(void *ctx)
{
    struct gate *g = ctx;
    bool was_up = g->up;
    reset(g);
    if (was_up) {
        g->ops->on_lost(g->ctx);
    }
    if (g->draining) {
        link_stop(g->link);
        tell_drained(g);
    }
}

static const struct link_ops link_ops = {on_open, on_event,  on_tick,   on_down,
                                         on_up,   on_suback, on_puback, on_message};

/* ---- life -------------------------------------------------------------------------------------
 */

static enum err copy_settings(struct gate *g, const struct gate_settings *s)
{
    arena_init(&g->strings, STRINGS_MAX_BYTES);
    g->who = arena_strdup(&g->strings, s->who ? s->who : "intake");
    g->probe_topic = arena_strdup(&g->strings, s->probe_topic);
    if (!g->who || !g->probe_topic) {
        return ERR_NOMEM;
    }
    g->batch_age_ms = s->batch_age_ms;
    g->probe.timeout_ms = s->probe_timeout_ms;
    g->probe.interval_ms = s->probe_interval_ms;
    return filters_copy(&g->filters, s->filters, s->probe_topic, &g->strings);
}

static uint32_t tick_of(const struct gate_settings *s)
{
    uint32_t least =
        s->probe_timeout_ms < s->probe_interval_ms ? s->probe_timeout_ms : s->probe_interval_ms;
    uint32_t tick = least / 4;
    return tick < TICK_MIN_MS ? TICK_MIN_MS : tick > TICK_MAX_MS ? TICK_MAX_MS : tick;
}

static enum err make_link(struct gate *g, uv_loop_t *loop, const struct gate_settings *s)
{
    struct link_settings settings = {
        .who = g->who,
        .host = s->host,
        .port = s->port,
        .library = {.client_id = s->client_id,
                    .username = s->username,
                    .password = s->password,
                    .clean_start = false,
                    .session_expiry_s = s->session_expiry_s,
                    .receive_maximum = s->receive_maximum,
                    .keepalive_s = s->keepalive_s,
                    .deferred = true},
        .connect_timeout_ms = s->connect_timeout_ms,
        .backoff_first_ms = s->backoff_first_ms,
        .backoff_max_ms = s->backoff_max_ms,
        .tick_ms = tick_of(s),
    };
    return link_new(&g->link, loop, &settings, &link_ops, g);
}

static void make_metrics(struct gate *g)
{
    g->held_gauge = metric_gauge("dualgate_gate_held_messages", "",
                                 "Messages of the current batch, not yet acknowledged.");
    g->bursts = metric_counter("dualgate_gate_bursts_total", "", "Batches read.");
    g->messages = metric_counter("dualgate_gate_messages_total", "", "Messages read.");
    g->releases = metric_counter("dualgate_gate_releases_total", "", "Batches acknowledged.");
    g->acknowledged =
        metric_counter("dualgate_gate_acknowledged_total", "", "Messages acknowledged.");
}

enum err gate_new(struct gate **out, uv_loop_t *loop, const struct gate_settings *settings,
                  const struct clock *clock, const struct gate_ops *ops, void *ctx)
{
    struct gate *g = mem_zalloc(sizeof(*g));
    if (!g) {
        return ERR_NOMEM;
    }
    g->clock = clock;
    g->ops = ops;
    g->ctx = ctx;
    enum err e = copy_settings(g, settings);
    if (e == ERR_OK) {
        e = make_link(g, loop, settings);
    }
    if (e != ERR_OK) {
        arena_free(&g->strings);
        mem_free(g);
        return e;
    }
    make_metrics(g);
    *out = g;
    return ERR_OK;
}

void gate_start(struct gate *g)
{
    g->draining = false;
    link_start(g->link);
}

void gate_drop(struct gate *g)
{
    link_drop(g->link);
    reset(g);
}

void gate_stop(struct gate *g)
{
    link_stop(g->link);
    reset(g);
    tell_drained(g);
}

void gate_drain(struct gate *g, void (*done)(void *ctx))
{
    g->draining = true;
    g->drained = done;
    if (!g->up) {
        link_stop(g->link);
        reset(g);
    } else if (g->phase == PHASE_READING) {
        set_phase(g, PHASE_READING);
    }
    tell_drained(g);
}

void gate_set_batch_age(struct gate *g, uint32_t ms)
{
    g->batch_age_ms = ms;
}

bool gate_ready(const struct gate *g)
{
    return g->ready;
}

static void on_link_closed(void *arg)
{
    struct gate *g = arg;
    void (*closed)(void *) = g->closed;
    void *closed_arg = g->closed_arg;
    arena_free(&g->strings);
    mem_free(g);
    closed(closed_arg);
}

void gate_close(struct gate *g, void (*closed)(void *arg), void *arg)
{
    g->closed = closed;
    g->closed_arg = arg;
    link_close(g->link, on_link_closed, g);
}
