/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/number.h"
#include "cli/options.h"
#include "cli/spool.h"
#include "mqtt/client_config.h"

#define TICK_MS     50
#define SECONDS_MAX 31536000
#define WINDOW_MAX  10000

struct options {
    const char *file;
    struct spool_defaults defaults;
    int64_t repeat_after_ms;
    int64_t give_up_after_ms; /* 0: never */
    int64_t window;           /* reports sent and not yet receipted, at most */
    bool json;
    bool keep;
};

struct sender {
    const struct options *options;
    struct spool spool;
    struct client *client;
    uv_loop_t loop;
    uv_timer_t tick;
    const char **filters;
    size_t next;        /* items before this were sent at least once in this run */
    size_t unreceipted; /* sent, no receipt yet */
    size_t refused;     /* rejected or in conflict */
    int64_t started_ms;
    bool failed, ended;
};

static const char usage_text[] =
    "usage: dualgate report [OPTIONS] FILE\n\n"
    "FILE holds canonical reports, one JSON object a line or one array. What lacks a msg_id gets "
    "one.\n"
    "FILE.outbox and FILE.receipts keep the state, so that a run that was killed can be started "
    "again;\n"
    "they are removed when every report has its receipt.\n\n"
    "  --sector S            for reports that name none\n"
    "  --record R            for reports that name none\n"
    "  --publisher P         identity of the credential (default: each report's uscc)\n"
    "  --repeat-after SEC    send again what has no receipt by then (default 10)\n"
    "  --give-up-after SEC   stop then, keep the outbox (default 0: never)\n"
    "  --window N            reports under way at once (default 200)\n"
    "  --keep                do not remove the state files\n"
    "  --json                print each receipt item as it comes\n\n"
    "Exit code: 0 all were taken, 1 some were refused or have no receipt yet, 2 wrong usage.\n";

/* ---- receipts ---- */

static bool verdict_is(const char *verdict, const char *word)
{
    return verdict != NULL && strcmp(verdict, word) == 0;
}

static void print_item(const struct sender *s, const char *line, const json_t *item,
                       const char *verdict)
{
    if (s->options->json) {
        puts(line);
    } else if (verdict_is(verdict, "rejected") || verdict_is(verdict, "conflict")) {
        const char *text = json_string_value(json_object_get(item, "text_en"));
        const char *field = json_string_value(json_object_get(item, "field"));
        printf("%s %s: %s (%s): %s\n", json_string_value(json_object_get(item, "msg_id")), verdict,
               json_string_value(json_object_get(item, "reason")), field ? field : "-",
               text ? text : "");
    }
}

static void take_item(struct sender *s, const json_t *item)
{
    const char *msg_id = json_string_value(json_object_get(item, "msg_id"));
    const char *verdict = json_string_value(json_object_get(item, "verdict"));
    struct spool_item *known = msg_id ? spool_find(&s->spool, msg_id) : NULL;
    if (known == NULL || verdict == NULL) {
        return; /* somebody else's report under the same publisher */
    }
    bool first = known->outcome == NULL;
    char *line = json_dumps(item, JSON_COMPACT);
    if (line == NULL || spool_note(&s->spool, msg_id, verdict, true, span_of(line)) != ERR_OK) {
        s->failed = true;
    } else if (first) {
        s->unreceipted -= known->sent_ms != 0 && s->unreceipted > 0;
        print_item(s, line, item, verdict);
    }
    void (*release)(void *) = NULL;
    json_get_alloc_funcs(NULL, &release);
    release(line);
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct sender *s = ctx;
    json_t *receipt = json_loadb(in->payload.at, in->payload.len, 0, NULL);
    const json_t *items = json_object_get(receipt, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        take_item(s, json_array_get(items, i));
    }
    json_decref(receipt);
}

/* ---- sending ---- */

static void on_published(void *arg, enum err result)
{
    (void)arg;
    (void)result; /* a PUBACK proves nothing: only the receipt ends a report */
}

static bool send_item(struct sender *s, struct spool_item *item, int64_t now)
{
    const struct publication p = {
        .topic = span_of(item->topic),
        .payload = item->payload,
        .content_type = "application/json",
        .qos = 1,
    };
    if (client_publish(s->client, &p, on_published, NULL) != ERR_OK) {
        return false;
    }
    s->unreceipted += item->sent_ms == 0;
    item->sent_ms = now;
    return true;
}

static void send_due(struct sender *s)
{
    int64_t now = clock_steady_ms(&clock_system);
    if (!client_ready(s->client)) {
        return;
    }
    for (size_t i = 0; i < s->next; i++) {
        struct spool_item *item = &s->spool.items[i];
        if (item->outcome == NULL && now - item->sent_ms >= s->options->repeat_after_ms &&
            !send_item(s, item, now)) {
            break;
        }
    }
    while (s->next < s->spool.count && (int64_t)s->unreceipted < s->options->window) {
        struct spool_item *item = &s->spool.items[s->next];
        if (item->outcome == NULL && !send_item(s, item, now)) {
            break;
        }
        s->next++;
    }
    client_flush(s->client);
}

static void on_client_closed(void *arg)
{
    struct sender *s = arg;
    uv_close((uv_handle_t *)&s->tick, NULL);
}

static void end(struct sender *s)
{
    if (!s->ended) {
        s->ended = true;
        uv_timer_stop(&s->tick);
        client_close(s->client, on_client_closed, s);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct sender *s = timer->data;
    int64_t waited = clock_steady_ms(&clock_system) - s->started_ms;
    bool late = s->options->give_up_after_ms > 0 && waited >= s->options->give_up_after_ms;
    if (s->failed || late || s->spool.settled == s->spool.count) {
        end(s);
    } else {
        send_due(s);
    }
}

static void on_ready(void *ctx)
{
    send_due(ctx);
}

static void on_lost(void *ctx)
{
    (void)ctx; /* what has no receipt is sent again after its time */
}

/* ---- set-up ---- */

/* The receipt topics of all publishers in the file, each once. */
static enum err make_filters(struct sender *s)
{
    struct arena *a = &s->spool.arena;
    struct map seen;
    map_init(&seen);
    size_t n = 0;
    enum err e = ERR_OK;
    s->filters = arena_zalloc(a, (s->spool.count + 1) * sizeof *s->filters);
    for (size_t i = 0; i < s->spool.count && e == ERR_OK && s->filters != NULL; i++) {
        const char *topic = s->spool.items[i].topic;
        const char *up = strstr(topic, "/up/");
        char *filter = up ? arena_printf(a, "%.*s/down/receipt", (int)(up - topic), topic) : NULL;
        if (filter == NULL) {
            e = ERR_NOMEM;
        } else if (map_get(&seen, span_of(filter)) == NULL) {
            e = map_put(&seen, span_of(filter), filter);
            s->filters[n++] = filter;
        }
    }
    map_free(&seen);
    return s->filters == NULL ? ERR_NOMEM : e;
}

static enum err run(struct sender *s, const struct settings *settings)
{
    static const struct client_ops ops = {on_ready, on_lost, on_message};
    struct client_settings set = client_config_outside(settings, "report");
    set.filters = s->filters;
    set.window_max = (uint32_t)s->options->window * 2;
    if (uv_loop_init(&s->loop) != 0) {
        return ERR_NOMEM;
    }
    enum err e = client_new(&s->client, &s->loop, &set, &clock_system, &ops, s);
    if (e == ERR_OK) {
        s->started_ms = clock_steady_ms(&clock_system);
        uv_timer_init(&s->loop, &s->tick);
        s->tick.data = s;
        uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
        client_start(s->client);
        uv_run(&s->loop, UV_RUN_DEFAULT);
    }
    (void)uv_loop_close(&s->loop);
    return e;
}

static int summarise(struct sender *s)
{
    static const char *const words[] = {"stored", "duplicate", "stale",
                                        "parked", "rejected",  "conflict"};
    size_t n[6] = {0};
    size_t missing = 0;
    for (size_t i = 0; i < s->spool.count; i++) {
        const char *outcome = s->spool.items[i].outcome;
        missing += outcome == NULL;
        for (size_t w = 0; w < 6; w++) {
            n[w] += verdict_is(outcome, words[w]);
        }
    }
    FILE *to = s->options->json ? stderr : stdout;
    fprintf(to, "%zu reports:", s->spool.count);
    for (size_t w = 0; w < 6; w++) {
        fprintf(to, " %zu %s%s", n[w], words[w], w < 5 ? "," : "");
    }
    fprintf(to, missing > 0 ? "; %zu without a receipt\n" : "\n", missing);
    return n[4] + n[5] + missing == 0 ? CLI_DONE : CLI_WRONG;
}

/* CLI_DONE when the options are usable. */
static int parse(int argc, char **argv, struct options *o)
{
    int64_t repeat_after_s = o->repeat_after_ms / 1000;
    int64_t give_up_after_s = o->give_up_after_ms / 1000;
    const struct option_row rows[] = {
        {.name = "sector", .text = &o->defaults.sector},
        {.name = "record", .text = &o->defaults.record},
        {.name = "publisher", .text = &o->defaults.publisher},
        {.name = "repeat-after", .number = &repeat_after_s, .max = SECONDS_MAX},
        {.name = "give-up-after", .number = &give_up_after_s, .max = SECONDS_MAX},
        {.name = "window", .number = &o->window, .min = 1, .max = WINDOW_MAX},
        {.name = "keep", .flag = &o->keep},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("report", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    o->repeat_after_ms = repeat_after_s * 1000;
    o->give_up_after_ms = give_up_after_s * 1000;
    if (optind + 1 != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    o->file = argv[optind];
    return CLI_DONE;
}

int cli_report(int argc, char **argv, const struct settings *settings)
{
    struct options options = {
        .defaults = {.node = settings->node.code}, .repeat_after_ms = 10000, .window = 200};
    int code = parse(argc, argv, &options);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    struct sender s = {.options = &options};
    struct buf errors;
    buf_init(&errors, 0);
    log_set_level(LOG_LEVEL_ERROR);
    enum err e = spool_open(&s.spool, options.file, &options.defaults, &errors);
    fputs(buf_text(&errors), stderr);
    if (e == ERR_OK && s.spool.resumed) {
        fprintf(stderr, "%s.outbox of an earlier run is taken up: %zu of %zu receipted\n",
                options.file, s.spool.settled, s.spool.count);
    }
    if (e == ERR_OK) {
        e = make_filters(&s);
    }
    if (e == ERR_OK && s.spool.settled < s.spool.count) {
        e = run(&s, settings);
    }
    if (e == ERR_OK) {
        code = summarise(&s);
        if (s.spool.settled == s.spool.count && !options.keep) {
            spool_finish(&s.spool, options.file);
        }
    } else {
        fprintf(stderr, "dualgate report: %s\n", err_text(e));
        code = CLI_WRONG;
    }
    spool_close(&s.spool);
    buf_free(&errors);
    return code;
}
