/* SPDX-License-Identifier: Apache-2.0 */
/* What runs together:
 *
 *   pairs     one per lane: gate ─► intake ─► lane ─► receipts ─► gate
 *   feeding   outbox ─► departments
 *   loader    register.* ─► struct registry, exchanged between batches
 *   mappings  adapters/ ─► struct adapters, exchanged between batches
 *   http      health, metrics, figures
 *
 * Intake is open while the register is loaded and receipts can be published. Taking down: drain the
 * pairs, say "down", stop the receipts client (its callbacks run), then close feeding, pairs,
 * loader, http. */
#include "app/gateway.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/attachment_page.h"
#include "admin/health.h"
#include "admin/http.h"
#include "app/feeding.h"
#include "app/figures.h"
#include "app/mappings.h"
#include "app/native.h"
#include "app/pair.h"
#include "app/status.h"
#include "base/alloc.h"
#include "base/log.h"
#include "cli/version.h"
#include "conf/secret.h"
#include "mqtt/client.h"
#include "mqtt/client_config.h"
#include "pg/attachment_reader.h"
#include "pg/conninfo.h"
#include "pg/register_load.h"
#include "pipe/intake.h"

#define LANES_MAX 16
#define TICK_MS   1000

struct gateway {
    uv_loop_t *loop;
    const struct settings *settings;
    const struct clock *clock;
    struct schema *schema;
    struct mappings mappings;
    struct arena secrets;
    struct buf conninfo;
    const char *mqtt_password;

    struct registry *registry; /* in use */
    struct registry *fresh;    /* loaded, waits for a moment between batches */
    struct register_load *loader;
    struct intake intake;

    struct client *receipts;
    bool receipts_ready;
    struct status status;

    struct pair *pairs[LANES_MAX];
    size_t n_pairs;
    struct feeding *feeding;
    struct http *http;
    struct health health;
    struct attachment_reader *photos;
    struct attachment_serving serving;
    struct http_stream_route photo_route;

    uv_timer_t tick, deadline;
    bool stopping, taken_down;
    size_t draining; /* pairs that have not drained yet */
    size_t closing;  /* parts that have not closed yet */
    void (*closed)(void *arg);
    void *closed_arg;
};

/* ---- register and adapters ---- */

static bool all_idle(const struct gateway *g)
{
    for (size_t i = 0; i < g->n_pairs; i++) {
        if (!pair_idle(g->pairs[i])) {
            return false;
        }
    }
    return true;
}

static void allow_intake(struct gateway *g)
{
    for (size_t i = 0; i < g->n_pairs; i++) {
        pair_allow(g->pairs[i], g->receipts_ready && g->registry != NULL);
    }
}

static void exchange_register(struct gateway *g)
{
    if (g->fresh == NULL) {
        return;
    }
    registry_free(g->registry);
    g->registry = g->fresh;
    g->fresh = NULL;
    g->intake.registry = g->registry;
    log_info("register", "event=loaded units=%zu", registry_unit_count(g->registry));
    allow_intake(g);
}

static void rest(struct gateway *g, bool on)
{
    for (size_t i = 0; i < g->n_pairs; i++) {
        pair_rest(g->pairs[i], on);
    }
}

/* Reports point into the register they were judged by and the mapping they were read with: both are
 * exchanged only while nothing is held. */
static void exchange(struct gateway *g)
{
    if (g->stopping || (g->fresh == NULL && g->mappings.fresh == NULL)) {
        return;
    }
    if (!all_idle(g)) {
        rest(g, true);
        return;
    }
    mappings_exchange(&g->mappings);
    exchange_register(g);
    rest(g, false);
}

static void on_register(void *ctx, struct registry *loaded, int64_t version)
{
    struct gateway *g = ctx;
    log_info("register", "event=read version=%" PRId64, version);
    registry_free(g->fresh);
    g->fresh = loaded;
    exchange(g);
}

static const struct register_load_ops loader_ops = {on_register};

/* ---- events of the parts ---- */

static void on_receipts_ready(void *ctx)
{
    struct gateway *g = ctx;
    g->receipts_ready = true;
    status_forget(&g->status);
    allow_intake(g);
}

static void on_receipts_lost(void *ctx)
{
    struct gateway *g = ctx;
    g->receipts_ready = false;
    allow_intake(g);
}

static const struct client_ops receipts_events = {on_receipts_ready, on_receipts_lost, NULL};

static void on_committed(void *ctx)
{
    struct gateway *g = ctx;
    if (g->feeding != NULL) {
        feeding_wake(g->feeding);
    }
}

static void on_landed(void *ctx)
{
    exchange(ctx);
}

static const struct pair_ops pair_events = {on_committed, on_landed};

static void say_status(struct gateway *g, const char *state)
{
    if (g->receipts_ready) {
        status_say(&g->status, g->receipts, state);
    }
}

static bool any_intake(const struct gateway *g)
{
    for (size_t i = 0; i < g->n_pairs; i++) {
        if (pair_trouble(g->pairs[i]) == NULL) {
            return true;
        }
    }
    return false;
}

static void on_tick(uv_timer_t *timer)
{
    struct gateway *g = timer->data;
    log_flush_repeats();
    exchange(g);
    for (size_t i = 0; i < g->n_pairs; i++) {
        pair_tick(g->pairs[i]);
    }
    if (!g->stopping) {
        say_status(g, any_intake(g) ? "up" : "standby");
    }
}

/* ---- health and figures ---- */

static void say_reasons(void *ctx, health_say say, void *arg)
{
    const struct gateway *g = ctx;
    char who[32];
    for (size_t i = 0; i < g->n_pairs; i++) {
        const char *trouble = pair_trouble(g->pairs[i]);
        if (trouble != NULL) {
            snprintf(who, sizeof who, "lane %zu", i + 1);
            say(arg, who, trouble);
        }
    }
    if (g->registry == NULL) {
        say(arg, "register", register_load_reason(g->loader));
    }
    if (!g->receipts_ready) {
        say(arg, "receipts", "the broker is not connected");
    }
    const char *feed = g->feeding != NULL ? feeding_trouble(g->feeding) : NULL;
    if (feed != NULL) {
        say(arg, "feed", feed);
    }
    if (g->stopping) {
        say(arg, "gateway", "draining");
    }
}

static void say_figures(void *ctx, bool english, health_say say, void *arg)
{
    const struct gateway *g = ctx;
    figures_say(g->settings->node.name, english, say, arg);
}

static const struct health_ops health_ops = {say_reasons, say_figures};

/* ---- making ---- */

static void fill_intake(struct gateway *g)
{
    g->intake = intake_of(g->settings, &native_reading);
    g->intake.schema = g->schema;
    g->intake.clock = g->clock;
    g->intake.native_ctx = &g->mappings;
    g->intake.registry = g->registry;
}

/* Everything that is read once: schema, adapters, passwords. */
static enum err read_inputs(struct gateway *g, struct buf *errors)
{
    const struct settings *s = g->settings;
    const char *why = NULL;
    const struct read_limits limits = intake_limits(s);
    enum err e = schema_load(&g->schema, &why);
    if (e != ERR_OK) {
        buf_printf(errors, "schema: %s\n", why ? why : err_text(e));
        return e;
    }
    e = mappings_load(&g->mappings, s->adapters.path, g->schema, &limits, errors);
    if (e == ERR_OK) {
        e = secret_read(s->mqtt.password_file, &g->secrets, &g->mqtt_password, errors);
    }
    if (e == ERR_OK) {
        e = conninfo_write(s, &g->conninfo, errors);
    }
    return e;
}

/* Each lane has its window, and room for second receipts beside it; the status goes the same way. A
 * batch whose receipts found no room would have to be delivered again. */
static uint32_t receipts_window(const struct settings *s)
{
    int64_t of_lane = s->mqtt.receipt_window_max + pair_late_max(s);
    return (uint32_t)(s->lane.count * of_lane + 1);
}

static enum err make_receipts(struct gateway *g)
{
    const struct settings *s = g->settings;
    status_init(&g->status, s->node.code, s->gateway.name, g->clock);
    struct client_settings set = client_config_own(s, "receipts", g->mqtt_password);
    set.window_max = receipts_window(s);
    set.will_topic = g->status.topic;
    set.will_payload = span_of(g->status.will);
    return client_new(&g->receipts, g->loop, &set, g->clock, &receipts_events, g);
}

static enum err make_pairs(struct gateway *g)
{
    const struct pair_env env = {
        .loop = g->loop,
        .settings = g->settings,
        .schema = g->schema,
        .clock = g->clock,
        .intake = &g->intake,
        .conninfo = buf_text(&g->conninfo),
        .mqtt_password = g->mqtt_password,
        .receipts = g->receipts,
        .native = &native_answering,
        .native_ctx = &g->mappings,
    };
    enum err e = ERR_OK;
    for (int32_t n = 1; n <= (int32_t)g->settings->lane.count && e == ERR_OK; n++) {
        e = pair_new(&g->pairs[g->n_pairs], n, &env, &pair_events, g);
        g->n_pairs += e == ERR_OK;
    }
    return e;
}

static enum err ask_photo(void *ctx, const uint8_t hash[DIGEST_BYTES], uint64_t from,
                          attachment_done done, void *arg)
{
    return attachment_reader_ask(ctx, hash, from, done, arg);
}

static const struct attachment_store_ops photo_store = {ask_photo};

static enum err make_photos(struct gateway *g)
{
    const struct settings *s = g->settings;
    const struct conn_config config = conn_config_of(s, buf_text(&g->conninfo), "attachments");
    enum err e =
        attachment_reader_new(&g->photos, g->loop, &config, (uint32_t)s->attachment.requests_max);
    if (e == ERR_OK) {
        g->serving = (struct attachment_serving){&photo_store, g->photos};
        g->photo_route =
            (struct http_stream_route){ATTACHMENT_PAGE_PREFIX, attachment_page_begin, &g->serving};
        http_add_stream(g->http, &g->photo_route);
    }
    return e;
}

static enum err make_http(struct gateway *g, struct buf *errors)
{
    const struct settings *s = g->settings;
    const struct http_settings set = {
        .host = s->http.host,
        .port = (uint16_t)s->http.port,
        .connections_max = (uint32_t)s->http.connections_max,
        .header_timeout_ms = (uint32_t)s->http.header_timeout_ms,
    };
    g->health = (struct health){&health_ops, g};
    enum err e = http_new(&g->http, g->loop, &set, health_routes, &g->health, errors);
    if (e != ERR_OK) {
        buf_putc(errors, '\n');
    }
    return e;
}

static enum err make_parts(struct gateway *g, struct buf *errors)
{
    const struct settings *s = g->settings;
    enum err e = read_inputs(g, errors);
    if (e != ERR_OK) {
        return e;
    }
    fill_intake(g);
    const char *conninfo = buf_text(&g->conninfo);
    const struct conn_config loading = conn_config_of(s, conninfo, "register");
    const struct feeding_env feeding = {g->loop,  s,        g->schema,
                                        g->clock, conninfo, g->mqtt_password};
    e = make_receipts(g);
    if (e == ERR_OK) {
        e = register_load_new(&g->loader, g->loop, &loading, (uint32_t)s->reg.poll_ms, &loader_ops,
                              g);
    }
    if (e == ERR_OK) {
        e = make_pairs(g);
    }
    if (e == ERR_OK && s->feed.enabled) {
        e = feeding_new(&g->feeding, &feeding);
    }
    e = e == ERR_OK ? make_http(g, errors) : e;
    return e == ERR_OK ? make_photos(g) : e;
}

/* ---- taking down ---- */

static void free_gateway(struct gateway *g)
{
    void (*closed)(void *) = g->closed;
    void *arg = g->closed_arg;
    registry_free(g->registry);
    registry_free(g->fresh);
    mappings_free(&g->mappings);
    schema_free(g->schema);
    buf_free(&g->conninfo);
    arena_free(&g->secrets);
    mem_free(g);
    if (closed != NULL) {
        closed(arg);
    }
}

static void on_part_closed(void *arg)
{
    struct gateway *g = arg;
    if (--g->closing == 0) {
        free_gateway(g);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_part_closed(handle->data);
}

/* The receipts client is used by the pairs until the last of them has closed. */
static void on_pair_closed(void *arg)
{
    struct gateway *g = arg;
    if (--g->n_pairs == 0 && g->receipts != NULL) {
        client_close(g->receipts, on_part_closed, g);
    }
}

static void take_down(struct gateway *g)
{
    if (g->taken_down) {
        return;
    }
    g->taken_down = true;
    g->closing = 2; /* the timers */
    uv_close((uv_handle_t *)&g->tick, on_timer_closed);
    uv_close((uv_handle_t *)&g->deadline, on_timer_closed);
    if (g->receipts != NULL) {
        g->closing++;
        client_stop(g->receipts);
    }
    if (g->http != NULL) {
        g->closing++;
        http_close(g->http, on_part_closed, g);
    }
    if (g->photos != NULL) {
        g->closing++;
        attachment_reader_close(g->photos, on_part_closed, g);
    }
    if (g->feeding != NULL) {
        g->closing++;
        feeding_close(g->feeding, on_part_closed, g);
    }
    if (g->loader != NULL) {
        g->closing++;
        register_load_close(g->loader, on_part_closed, g);
    }
    if (g->n_pairs == 0 && g->receipts != NULL) {
        client_close(g->receipts, on_part_closed, g);
    }
    for (size_t i = 0, n = g->n_pairs; i < n; i++) {
        pair_close(g->pairs[i], on_pair_closed, g);
    }
}

static void on_deadline(uv_timer_t *timer)
{
    struct gateway *g = timer->data;
    log_warn("gateway", "event=drain_timeout pairs=%zu", g->draining);
    take_down(g);
}

static void on_down_said(uv_timer_t *timer)
{
    take_down(timer->data);
}

/* "down" is said by the client itself: DISCONNECT in order keeps the will back. */
static void on_pair_drained(void *ctx)
{
    struct gateway *g = ctx;
    if (--g->draining > 0 || g->taken_down) {
        return;
    }
    say_status(g, "down");
    /* from the loop, not from inside a part that is to be closed; and a moment for the last word */
    uv_timer_start(&g->deadline, on_down_said, client_outstanding(g->receipts) > 0 ? 200 : 0, 0);
}

enum err gateway_new(struct gateway **out, uv_loop_t *loop, const struct settings *settings,
                     const struct clock *clock, struct buf *errors)
{
    struct gateway *g = mem_zalloc(sizeof *g);
    if (g == NULL) {
        return ERR_NOMEM;
    }
    g->loop = loop;
    g->settings = settings;
    g->clock = clock;
    arena_init(&g->secrets, 65536);
    buf_init(&g->conninfo, 0);
    uv_timer_init(loop, &g->tick);
    uv_timer_init(loop, &g->deadline);
    g->tick.data = g->deadline.data = g;
    enum err e = make_parts(g, errors);
    if (e != ERR_OK) {
        take_down(g);
        return e;
    }
    *out = g;
    return ERR_OK;
}

void gateway_start(struct gateway *g)
{
    log_info("gateway", "event=start version=\"%s\" node=%s lanes=%zu adapters=%zu http_port=%d",
             version_text(), g->settings->node.code, g->n_pairs,
             adapters_count(g->mappings.running), (int)http_port(g->http));
    uv_timer_start(&g->tick, on_tick, TICK_MS, TICK_MS);
    client_start(g->receipts);
    register_load_start(g->loader);
    attachment_reader_start(g->photos);
    for (size_t i = 0; i < g->n_pairs; i++) {
        pair_start(g->pairs[i]);
    }
    if (g->feeding != NULL) {
        feeding_start(g->feeding);
    }
}

void gateway_follow(struct gateway *g)
{
    const struct read_limits limits = intake_limits(g->settings);
    fill_intake(g);
    mappings_set_limits(&g->mappings, &limits);
    register_load_set_poll(g->loader, (uint32_t)g->settings->reg.poll_ms);
    for (size_t i = 0; i < g->n_pairs; i++) {
        pair_follow(g->pairs[i]);
    }
    if (g->feeding != NULL) {
        feeding_follow(g->feeding);
    }
}

static void compare_password(const char *setting, struct span before, struct span now)
{
    char line[128];
    if (!span_eq(before, now)) {
        (void)snprintf(line, sizeof line, "%s: another password: needs a restart", setting);
        log_lines(LOG_LEVEL_WARN, "reload", "needs_restart", line);
    }
}

enum err gateway_check_passwords(const struct gateway *g, struct buf *complaints)
{
    const struct settings *s = g->settings;
    const char *mqtt = NULL;
    struct arena arena;
    struct buf conninfo;
    struct buf why;
    arena_init(&arena, 65536);
    buf_init(&conninfo, 0);
    buf_init(&why, 0);
    enum err of_mqtt = secret_read(s->mqtt.password_file, &arena, &mqtt, &why);
    if (of_mqtt == ERR_OK) {
        compare_password("mqtt.password_file", span_of(g->mqtt_password), span_of(mqtt));
    } else {
        buf_printf(complaints, "mqtt.password_file: %s\n", buf_text(&why));
    }
    buf_reset(&why);
    enum err of_pg = conninfo_write(s, &conninfo, &why);
    if (of_pg == ERR_OK) {
        compare_password("pg.password_file", buf_span(&g->conninfo), buf_span(&conninfo));
    } else {
        buf_printf(complaints, "pg.password_file: %s\n", buf_text(&why));
    }
    buf_free(&why);
    buf_free(&conninfo);
    arena_free(&arena);
    return of_mqtt != ERR_OK ? of_mqtt : of_pg;
}

enum err gateway_renew_adapters(struct gateway *g, struct buf *complaints)
{
    enum err e = mappings_renew(&g->mappings, g->settings->adapters.path, complaints);
    exchange(g);
    return e;
}

void gateway_stop(struct gateway *g, void (*closed)(void *arg), void *arg)
{
    g->stopping = true;
    rest(g, false);
    g->closed = closed;
    g->closed_arg = arg;
    g->draining = g->n_pairs;
    uv_timer_start(&g->deadline, on_deadline, (uint64_t)g->settings->drain.timeout_ms, 0);
    for (size_t i = 0, n = g->n_pairs; i < n; i++) {
        pair_drain(g->pairs[i], on_pair_drained);
    }
}
