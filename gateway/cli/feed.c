/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/feed.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/feed_state.h"
#include "cli/number.h"
#include "cli/options.h"
#include "mqtt/client_config.h"

#define TICK_MS 100
#define DAY_S   86400
#define AWAY_S  (7 * DAY_S) /* how long the broker keeps items for a receiver with a state file */

struct options {
    const char *sector, *township, *record, *state;
    int64_t since, idle_ms;
    bool follow;
};

struct receiver {
    const struct options *options;
    struct feed_state state;
    struct client *client;
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t term, interrupt;
    char filter[160];
    const char *filters[2];
    int64_t last_ms; /* when something last arrived, or the subscription stood */
    bool subscribed, unsaved, ended, failed;
    size_t delivered, gaps;
};

static const char usage_text[] =
    "usage: dualgate feed --sector S | --township T [OPTIONS]\n\n"
    "Prints each accepted report of the sector or township once, as it comes, one JSON item a "
    "line.\n\n"
    "  --sector S      code of a sector (both: their intersection)\n"
    "  --township T    9 digits of a township\n"
    "  --record R      one record only\n"
    "  --since N       leave out items up to feed_seq N\n"
    "  --state FILE    remember what was delivered; the broker keeps what comes while away\n"
    "  --follow        go on until interrupted (else: until nothing came for --idle seconds)\n"
    "  --idle SEC      default 3\n\n"
    "Exit code 1 when an item before one that was delivered is missing.\n";

static void on_closed(void *arg)
{
    struct receiver *r = arg;
    uv_close((uv_handle_t *)&r->tick, NULL);
    uv_close((uv_handle_t *)&r->term, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
}

static void end(struct receiver *r)
{
    if (!r->ended) {
        r->ended = true;
        client_close(r->client, on_closed, r);
    }
}

static void deliver(struct receiver *r, const struct incoming *in, int64_t seq, int64_t prev)
{
    enum feed_step step = FEED_NEXT;
    if (feed_state_take(&r->state, in->topic, seq, prev, &step) != ERR_OK) {
        r->failed = true;
        return;
    }
    if (step == FEED_REPEAT) {
        return;
    }
    if (step == FEED_GAP) {
        r->gaps++;
        fprintf(stderr, "gap on %.*s: item %" PRId64 " follows %" PRId64 ", which did not arrive\n",
                SPAN_ARG(in->topic), seq, prev);
    }
    r->failed = r->failed ||
                fwrite(in->payload.at, 1, in->payload.len, stdout) != in->payload.len ||
                fputc('\n', stdout) == EOF || fflush(stdout) != 0;
    r->delivered++;
    r->unsaved = true;
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct receiver *r = ctx;
    json_t *item = json_loadb(in->payload.at, in->payload.len, 0, NULL);
    const json_t *seq = json_object_get(item, "feed_seq");
    const json_t *prev = json_object_get(item, "prev");
    r->last_ms = clock_steady_ms(&clock_system);
    if (json_is_integer(seq) && json_is_integer(prev)) {
        deliver(r, in, json_integer_value(seq), json_integer_value(prev));
    } else {
        fprintf(stderr, "not a feed item on %.*s\n", SPAN_ARG(in->topic));
    }
    json_decref(item);
}

static void on_ready(void *ctx)
{
    struct receiver *r = ctx;
    r->subscribed = true;
    r->last_ms = clock_steady_ms(&clock_system);
}

static void on_lost(void *ctx)
{
    struct receiver *r = ctx;
    r->subscribed = false;
}

static void save(struct receiver *r)
{
    if (r->unsaved && feed_state_save(&r->state) != ERR_OK) {
        fprintf(stderr, "dualgate feed: %s cannot be written\n", r->options->state);
        r->failed = true;
    }
    r->unsaved = false;
}

static void on_tick(uv_timer_t *timer)
{
    struct receiver *r = timer->data;
    int64_t quiet = clock_steady_ms(&clock_system) - r->last_ms;
    save(r);
    if (r->failed || (!r->options->follow && r->subscribed && quiet >= r->options->idle_ms)) {
        end(r);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    end(handle->data);
}

static void watch(struct receiver *r, uv_signal_t *handle, int number)
{
    uv_signal_init(&r->loop, handle);
    handle->data = r;
    uv_signal_start(handle, on_signal, number);
}

static enum err run(struct receiver *r, const struct settings *s)
{
    static const struct client_ops ops = {on_ready, on_lost, on_message};
    const struct options *o = r->options;
    snprintf(r->filter, sizeof r->filter, "dp/v1/%s/feed/json/%s/%s/%s", s->node.code,
             o->sector ? o->sector : "+", o->township ? o->township : "+",
             o->record ? o->record : "+");
    r->filters[0] = r->filter;
    struct client_settings set = client_config_outside(s, "feed");
    set.client_id = r->state.client_id;
    set.persistent = o->state != NULL;
    set.session_expiry_s = AWAY_S;
    set.filters = r->filters;
    if (uv_loop_init(&r->loop) != 0) {
        return ERR_NOMEM;
    }
    enum err e = client_new(&r->client, &r->loop, &set, &clock_system, &ops, r);
    if (e == ERR_OK) {
        watch(r, &r->term, SIGTERM);
        watch(r, &r->interrupt, SIGINT);
        uv_timer_init(&r->loop, &r->tick);
        r->tick.data = r;
        uv_timer_start(&r->tick, on_tick, TICK_MS, TICK_MS);
        client_start(r->client);
        uv_run(&r->loop, UV_RUN_DEFAULT);
        save(r);
    }
    (void)uv_loop_close(&r->loop);
    return e;
}

static bool one_level(const char *text)
{
    return text == NULL || (text[0] != '\0' && strlen(text) < 40 && strpbrk(text, "/+#") == NULL);
}

static int parse(int argc, char **argv, struct options *o)
{
    bool json = true; /* it prints JSON anyway */
    int64_t idle_s = o->idle_ms / 1000;
    const struct option_row rows[] = {
        {.name = "sector", .text = &o->sector},
        {.name = "township", .text = &o->township},
        {.name = "record", .text = &o->record},
        {.name = "since", .number = &o->since, .max = INT64_MAX},
        {.name = "state", .text = &o->state},
        {.name = "idle", .number = &idle_s, .max = DAY_S},
        {.name = "follow", .flag = &o->follow},
        {.name = "json", .flag = &json},
    };
    int code = options_read("feed", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    o->idle_ms = idle_s * 1000;
    bool named = o->sector != NULL || o->township != NULL;
    if (!named || optind != argc || !one_level(o->sector) || !one_level(o->township) ||
        !one_level(o->record)) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

int cli_feed(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.idle_ms = 3000};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    struct receiver r = {.options = &o};
    log_set_level(LOG_LEVEL_ERROR);
    enum err e = feed_state_open(&r.state, o.state, o.since);
    if (e == ERR_OK) {
        e = run(&r, settings);
    }
    if (e != ERR_OK) {
        fprintf(stderr, "dualgate feed: %s%s%s\n", o.state ? o.state : "", o.state ? ": " : "",
                err_text(e));
    }
    feed_state_close(&r.state);
    return e == ERR_OK && !r.failed && r.gaps == 0 ? CLI_DONE : CLI_WRONG;
}
