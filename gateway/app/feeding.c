/* SPDX-License-Identifier: Apache-2.0 */
#include "app/feeding.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/log.h"
#include "mqtt/client_config.h"
#include "pg/conninfo.h"
#include "pg/outbox.h"
#include "pipe/feed.h"

#define TICK_MS        20
#define PRUNE_EVERY_MS 60000
#define PRUNE_ROWS_MAX 5000

struct feeding {
    struct feeding_env env;
    struct outbox *outbox;
    struct client *client;
    struct feed *feed;
    uv_timer_t tick;

    bool owned, connected, heads_read, running;
    int64_t cursor;
    int64_t next_prune_ms;

    void (*closed)(void *arg);
    void *closed_arg;
};

/* ---- sink ---- */

static enum err sink_publish(void *ctx, struct span topic, struct span payload, bool retain,
                             sink_done done, void *arg)
{
    struct feeding *f = ctx;
    const struct publication p = {
        .topic = topic,
        .payload = payload,
        .retain = retain,
        .qos = 1,
    };
    return client_publish(f->client, &p, done, arg);
}

static void sink_flush(void *ctx)
{
    struct feeding *f = ctx;
    client_flush(f->client);
}

static const struct feed_sink_ops sink_ops = {sink_publish, sink_flush};

/* ---- start and stop ---- */

static void follow(struct feeding *f)
{
    bool wanted = f->owned && f->connected && f->heads_read;
    if (wanted && !f->running) {
        f->running = true;
        feed_start(f->feed, f->cursor);
    } else if (!wanted && f->running) {
        f->running = false;
        f->cursor = feed_cursor(f->feed);
        feed_stop(f->feed);
    }
}

static void on_heads(void *arg, const struct outbox_head *heads, size_t n, enum err result)
{
    struct feeding *f = arg;
    for (size_t i = 0; i < n && result == ERR_OK; i++) {
        result = feed_seed_head(f->feed, heads[i].sector, heads[i].township, heads[i].record,
                                heads[i].last_seq);
    }
    f->heads_read = result == ERR_OK;
    follow(f);
}

static void read_heads(struct feeding *f)
{
    enum err e = outbox_read_heads(f->outbox, on_heads, f);
    if (e != ERR_OK && e != ERR_FULL) {
        log_warn("feed", "event=heads_not_read why=\"%s\"", err_text(e));
    }
}

static void on_owned(void *ctx, int64_t cursor)
{
    struct feeding *f = ctx;
    f->owned = true;
    f->cursor = cursor;
    log_info("feed", "event=lock_taken cursor=%" PRId64, cursor);
    read_heads(f);
}

static void on_outbox_lost(void *ctx)
{
    struct feeding *f = ctx;
    f->owned = f->heads_read = false;
    follow(f);
}

static void on_client_ready(void *ctx)
{
    struct feeding *f = ctx;
    f->connected = true;
    follow(f);
}

static void on_client_lost(void *ctx)
{
    struct feeding *f = ctx;
    f->connected = false;
    follow(f);
}

static const struct outbox_events outbox_events = {on_owned, on_outbox_lost};
static const struct client_ops client_events = {on_client_ready, on_client_lost, NULL};

static void on_pruned(void *arg, enum err result)
{
    (void)arg;
    if (result != ERR_OK) {
        log_warn("feed", "event=outbox_not_pruned why=\"%s\"", err_text(result));
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct feeding *f = timer->data;
    int64_t now = clock_steady_ms(f->env.clock);
    feed_tick(f->feed, now);
    if (f->owned && !f->heads_read) {
        read_heads(f);
    } else if (f->running && now >= f->next_prune_ms &&
               outbox_prune(f->outbox, (uint32_t)f->env.settings->outbox.keep_days, PRUNE_ROWS_MAX,
                            on_pruned, f) == ERR_OK) {
        f->next_prune_ms = now + PRUNE_EVERY_MS;
    }
}

/* ---- lifetime ---- */

static struct feed_settings feed_settings_of(const struct settings *s)
{
    return (struct feed_settings){
        .node = s->node.code,
        .rows_max = (uint32_t)s->feed.read_rows_max,
        .poll_ms = (uint32_t)s->feed.poll_ms,
        .head_interval_ms = (uint32_t)s->feed.head_interval_ms,
    };
}

static enum err make_parts(struct feeding *f)
{
    const struct settings *s = f->env.settings;
    const struct conn_config conn = conn_config_of(s, f->env.conninfo, "feed");
    struct client_settings mqtt = client_config_own(s, "feed", f->env.mqtt_password);
    mqtt.window_max = (uint32_t)s->mqtt.feed_window_max;
    const struct feed_settings set = feed_settings_of(s);
    enum err e =
        outbox_new(&f->outbox, f->env.loop, &conn, (uint32_t)s->pg.lock_poll_ms, &outbox_events, f);
    if (e == ERR_OK) {
        e = client_new(&f->client, f->env.loop, &mqtt, f->env.clock, &client_events, f);
    }
    if (e == ERR_OK) {
        e = feed_new(&f->feed, &set, f->env.schema, f->env.clock, &outbox_feed_ops, f->outbox,
                     &sink_ops, f);
    }
    return e;
}

enum err feeding_new(struct feeding **out, const struct feeding_env *env)
{
    struct feeding *f = mem_zalloc(sizeof *f);
    if (f == NULL) {
        return ERR_NOMEM;
    }
    f->env = *env;
    uv_timer_init(env->loop, &f->tick);
    f->tick.data = f;
    *out = f; /* also half made: feeding_close takes what there is */
    return make_parts(f);
}

void feeding_start(struct feeding *f)
{
    outbox_start(f->outbox);
    client_start(f->client);
    uv_timer_start(&f->tick, on_tick, TICK_MS, TICK_MS);
}

void feeding_follow(struct feeding *f)
{
    const struct feed_settings set = feed_settings_of(f->env.settings);
    feed_set(f->feed, &set);
}

void feeding_wake(struct feeding *f)
{
    if (f->running) {
        feed_wake(f->feed);
    }
}

const char *feeding_trouble(const struct feeding *f)
{
    if (!f->owned) {
        return outbox_reason(f->outbox);
    }
    return f->connected ? NULL : "broker: the feed client is not connected";
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct feeding *f = handle->data;
    void (*closed)(void *) = f->closed;
    void *arg = f->closed_arg;
    feed_free(f->feed);
    mem_free(f);
    closed(arg);
}

static void close_timer(void *arg)
{
    struct feeding *f = arg;
    uv_close((uv_handle_t *)&f->tick, on_timer_closed);
}

/* The outbox answers its last request while it closes, and the feed flushes its sink then: the
 * client goes after it. */
static void close_client(void *arg)
{
    struct feeding *f = arg;
    if (f->client != NULL) {
        client_close(f->client, close_timer, f);
    } else {
        close_timer(f);
    }
}

void feeding_close(struct feeding *f, void (*closed)(void *arg), void *arg)
{
    f->closed = closed;
    f->closed_arg = arg;
    uv_timer_stop(&f->tick);
    if (f->feed != NULL) {
        feed_stop(f->feed);
    }
    f->running = false;
    if (f->client != NULL) {
        client_stop(f->client);
    }
    if (f->outbox != NULL) {
        outbox_close(f->outbox, close_client, f);
    } else {
        close_client(f);
    }
}
