/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/requeue.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "conf/secret.h"
#include "mqtt/client_config.h"

#define GIVE_UP_MS 20000
#define TICK_MS    50

/* One quarantined message. */
struct held {
    const char *id, *topic, *content_type;
    struct span payload;
    bool would_pass;
    bool published;
};

struct work {
    const struct settings *settings;
    struct sync *db;
    struct arena arena;
    struct held *pieces;
    size_t n;
    struct client *client;
    uv_loop_t loop;
    uv_timer_t tick;
    int64_t started_ms;
    size_t next, waiting;
    bool ended;
};

static const char select_one[] =
    "select topic, content_type, encode(payload, 'hex'), adapter, charset\n"
    "  from exchange.quarantine where id = $1::bigint";

static const char mark_requeued[] =
    "update exchange.quarantine set state = 'REQUEUED' where id = $1::bigint";

static const char mark_new[] =
    "update exchange.quarantine set state = 'NEW' where id = $1::bigint and state = 'REQUEUED'";

/* ---- reading and judging ---- */

static bool take_bytes(struct arena *a, const char *hex, struct span *out)
{
    size_t n = strlen(hex) / 2;
    uint8_t *bytes = arena_alloc(a, n + 1);
    if (bytes == NULL || hex_decode(span_of(hex), bytes, n) != ERR_OK) {
        return false;
    }
    *out = (struct span){(const char *)bytes, n};
    return true;
}

/* The content type it came with, or what says the same: the adapter and charset that were used. */
static const char *content_type_of(struct arena *a, const struct pg_result *row)
{
    const char *type = sync_text(row, 0, 1);
    const char *adapter = sync_text(row, 0, 3);
    const char *charset = sync_text(row, 0, 4);
    if (type[0] != '\0' || adapter[0] == '\0') {
        return arena_strdup(a, type);
    }
    return arena_printf(a, "application/vnd.dualgate.%s%s%s", adapter,
                        charset[0] != '\0' ? "; charset=" : "", charset);
}

static enum err read_piece(struct work *w, const char *id, struct held *p)
{
    const char *const params[] = {id};
    struct pg_result *row = NULL;
    enum err e = sync_query(w->db, select_one, params, 1, &row);
    if (e != ERR_OK) {
        fprintf(stderr, "dualgate quarantine: %s\n", sync_error(w->db));
        return e;
    }
    if (sync_rows(row) == 0) {
        fprintf(stderr, "dualgate quarantine: there is no number %s\n", id);
        e = ERR_NOT_FOUND;
    } else {
        *p = (struct held){.id = id,
                           .topic = arena_strdup(&w->arena, sync_text(row, 0, 0)),
                           .content_type = content_type_of(&w->arena, row)};
        bool ok = p->topic != NULL && p->content_type != NULL &&
                  take_bytes(&w->arena, sync_text(row, 0, 2), &p->payload);
        e = ok ? ERR_OK : ERR_NOMEM;
    }
    sync_free(row);
    return e;
}

static void say_problem(const struct held *p, const struct report *r, bool json)
{
    const struct problem *why = &r->problem;
    struct buf text;
    buf_init(&text, 0);
    reason_text_en(why->reason, span_of(why->label_en ? why->label_en : why->field),
                   span_of(why->value), &text);
    if (json) {
        printf("{\"id\":%s,\"pass\":%s,\"reason\":\"%s\"}\n", p->id,
               why->reason == REASON_NONE ? "true" : "false", reason_word(why->reason));
    } else if (why->reason == REASON_NONE) {
        printf("%s: passes the rules now\n", p->id);
    } else {
        printf("%s: %s: %s: %s\n", p->id, reason_word(why->reason), why->field ? why->field : "-",
               buf_text(&text));
    }
    buf_free(&text);
}

/* By today's rules and register; the database's own verdicts (conflict, parent) come when it is
 * run. */
static enum err judge(const struct offline *o, struct held *p, bool json)
{
    const struct incoming in = {
        .topic = span_of(p->topic),
        .payload = p->payload,
        .content_type = span_of(p->content_type),
    };
    struct message *m = intake_take(&o->intake, &in);
    if (m == NULL) {
        return ERR_NOMEM;
    }
    p->would_pass = true;
    for (size_t i = 0; i < m->n_entries; i++) {
        const struct report *r = &m->entries[i].report;
        p->would_pass = p->would_pass && r->problem.reason == REASON_NONE;
        say_problem(p, r, json);
    }
    message_free(m);
    return ERR_OK;
}

/* ---- publishing ---- */

static void on_closed(void *arg)
{
    (void)arg;
}

/* The tick sends the next one, so that no client call is made from inside its own callback. */
static void end(struct work *w)
{
    if (!w->ended) {
        w->ended = true;
        uv_close((uv_handle_t *)&w->tick, NULL);
        client_close(w->client, on_closed, NULL);
    }
}

static void on_taken(void *arg, enum err result)
{
    struct work *w = arg;
    struct held *p = &w->pieces[w->next - 1];
    p->published = result == ERR_OK;
    w->waiting = 0;
    if (result != ERR_OK) {
        w->next--; /* again when the connection is back */
    }
}

static void publish_next(struct work *w)
{
    if (w->waiting > 0 || !client_ready(w->client)) {
        return;
    }
    if (w->next == w->n) {
        end(w);
        return;
    }
    const struct held *p = &w->pieces[w->next];
    const struct publication out = {
        .topic = span_of(p->topic),
        .payload = p->payload,
        .content_type = p->content_type[0] != '\0' ? p->content_type : NULL,
        .qos = 1,
    };
    if (client_publish(w->client, &out, on_taken, w) == ERR_OK) {
        w->waiting = 1;
        w->next++;
        client_flush(w->client);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct work *w = timer->data;
    publish_next(w);
    if (!w->ended && clock_steady_ms(&clock_system) - w->started_ms > GIVE_UP_MS) {
        end(w);
    }
}

static void on_ready(void *ctx)
{
    publish_next(ctx);
}

static void on_lost(void *ctx)
{
    (void)ctx;
}

static enum err publish_all(struct work *w)
{
    static const struct client_ops ops = {on_ready, on_lost, NULL};
    const struct settings *s = w->settings;
    const char *password = NULL;
    struct buf why;
    buf_init(&why, 0);
    enum err e = secret_read(s->mqtt.password_file, &w->arena, &password, &why);
    struct client_settings set = client_config_own(s, "requeue", password);
    fputs(buf_text(&why), stderr);
    buf_free(&why);
    if (e != ERR_OK || uv_loop_init(&w->loop) != 0) {
        return e != ERR_OK ? e : ERR_NOMEM;
    }
    e = client_new(&w->client, &w->loop, &set, &clock_system, &ops, w);
    if (e == ERR_OK) {
        uv_timer_init(&w->loop, &w->tick);
        w->tick.data = w;
        w->started_ms = clock_steady_ms(&clock_system);
        uv_timer_start(&w->tick, on_tick, TICK_MS, TICK_MS);
        client_start(w->client);
        uv_run(&w->loop, UV_RUN_DEFAULT);
    }
    (void)uv_loop_close(&w->loop);
    return e;
}

/* Before they are published: the gateway, which is faster than we are, says NEW again of those that
 * it refuses again. */
static enum err mark(struct work *w)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < w->n && e == ERR_OK; i++) {
        const char *const params[] = {w->pieces[i].id};
        e = sync_query(w->db, mark_requeued, params, 1, NULL);
    }
    return e;
}

static enum err unmark_others(struct work *w, enum err e)
{
    for (size_t i = 0; i < w->n; i++) {
        const char *const params[] = {w->pieces[i].id};
        if (!w->pieces[i].published) {
            fprintf(stderr, "dualgate quarantine: %s was not taken by the broker\n",
                    w->pieces[i].id);
            enum err unmarked = sync_query(w->db, mark_new, params, 1, NULL);
            e = e != ERR_OK ? e : unmarked != ERR_OK ? unmarked : ERR_TIMEOUT;
        }
    }
    return e;
}

int requeue(const struct settings *settings, struct sync *db, char **ids, size_t n, bool yes,
            bool json)
{
    struct work w = {.settings = settings, .db = db, .n = n};
    struct offline o = {0};
    struct buf errors;
    bool all_pass = true;
    buf_init(&errors, 0);
    arena_init(&w.arena, (size_t)1 << 30);
    log_set_level(LOG_LEVEL_ERROR);
    enum err e = offline_open(&o, settings, &errors);
    w.pieces = arena_zalloc(&w.arena, n * sizeof *w.pieces);
    if (e == ERR_OK && w.pieces == NULL) {
        e = ERR_NOMEM;
    }
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = read_piece(&w, ids[i], &w.pieces[i]);
        if (e == ERR_OK) {
            e = judge(&o, &w.pieces[i], json);
            all_pass = all_pass && w.pieces[i].would_pass;
        }
    }
    if (e == ERR_OK && yes) {
        e = mark(&w);
        if (e == ERR_OK) {
            e = unmark_others(&w, publish_all(&w));
        }
    } else if (e == ERR_OK && !json) {
        puts("nothing was published; with --yes they are run again");
    }
    if (e != ERR_OK) {
        fprintf(stderr, "%sdualgate quarantine: %s\n", buf_text(&errors), err_text(e));
    }
    offline_close(&o);
    arena_free(&w.arena);
    buf_free(&errors);
    return e == ERR_OK && all_pass ? CLI_DONE : CLI_WRONG;
}
