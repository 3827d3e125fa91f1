/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/utf8.h"
#include "cli/options.h"
#include "cli/simulate_live.h"
#include "cli/simulate_register.h"
#include "cli/simulate_send.h"
#include "model/civil_time.h"

#define ENTITIES_DEFAULT  400
#define ENTITIES_MAX      1000000
#define DAYS_DEFAULT      30
#define DAYS_MAX          3660
#define RATE_MAX          1000000
#define RATE_DEFAULT      5
#define REPEAT_AFTER_MS   15000
#define GIVE_UP_AFTER_MS  60000
#define REGISTER_POLLS    2 /* of the gateway, until it must have seen a change */
#define REGISTER_EXTRA_MS 1000

struct options {
    int64_t seed, days, rate, entities;
    struct civil_date start;
    bool started, follow, dry_run, json;
};

static const char usage_text[] =
    "usage: dualgate simulate [OPTIONS]\n\n"
    "Writes a made-up district into the register (what is there stays), publishes its reports of\n"
    "some days as its publishers would, waits for every receipt and compares it with what should\n"
    "have come. The same seed, number of entities and days always give the same messages.\n\n"
    "  --seed N          which district (default 1)\n"
    "  --days D          how many days of reports (default 30)\n"
    "  --start DATE      the first day, YYYY-MM-DD (default: D days before today)\n"
    "  --entities N      how many entities, 16 at least (default 400)\n"
    "  --rate R          messages a second (default: as fast as receipts come; with --follow 5)\n"
    "  --follow          then go on with reports of now, until interrupted\n"
    "  --dry-run         only print the messages, one JSON object a line; no server is needed\n"
    "  --json            print the totals as JSON\n\n"
    "Exit code: 0 everything became what it should, 1 not so, 2 wrong usage.\n";

/* ---- options ---- */

static bool take_start(void *to, const char *text)
{
    struct options *o = to;
    o->started = true;
    return date_parse(span_of(text), &o->start);
}

/* CLI_DONE when the options are usable; -1 after --help. */
static int parse(int argc, char **argv, struct options *o)
{
    const struct option_row rows[] = {
        {.name = "seed", .number = &o->seed, .max = INT64_MAX},
        {.name = "days", .number = &o->days, .min = 1, .max = DAYS_MAX},
        {.name = "rate", .number = &o->rate, .min = 1, .max = RATE_MAX},
        {.name = "start", .to = o, .take = take_start, .expected = OPTIONS_DATE_EXPECTED},
        {.name = "entities", .number = &o->entities, .min = WORDS_SECTORS, .max = ENTITIES_MAX},
        {.name = "follow", .flag = &o->follow},
        {.name = "dry-run", .flag = &o->dry_run},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("simulate", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    if (optind != argc) {
        fprintf(stderr, "dualgate simulate: what is \"%s\"?\n", argv[optind]);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* Whole days only, so that nothing of today lies in the future and a second run tells the same. */
static struct sim_days days_of(const struct options *o)
{
    int64_t today = date_days(date_of_time(clock_wall_us(&clock_system)));
    struct sim_days days = {o->started ? date_days(o->start) : today - o->days, o->days};
    return days;
}

/* ---- dry run ---- */

static bool is_text(struct span payload)
{
    return utf8_valid_prefix(payload) == payload.len;
}

static void put_base64(struct buf *out, struct span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (i + k < bytes.len ? (unsigned char)bytes.at[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            bool given = k == 0 || i + k - 1 < bytes.len;
            buf_putc(out, given ? digits[group >> (18 - 6 * k) & 63] : '=');
        }
    }
}

static void print_message(const struct sim_message *m, struct buf *line)
{
    char at[TIME_TEXT_MAX];
    time_format(m->at_us, at);
    buf_reset(line);
    buf_printf(line, "{\"at\":\"%s\",\"topic\":\"%s\",\"content_type\":\"%s\",\"expected\":\"%s\",",
               at, m->topic, m->content_type, m->reason ? reason_word(m->reason) : "taken");
    if (is_text(m->payload)) {
        buf_puts(line, "\"payload\":");
        buf_json_string(line, m->payload);
    } else {
        buf_puts(line, "\"payload_base64\":\"");
        put_base64(line, m->payload);
        buf_putc(line, '"');
    }
    buf_puts(line, "}");
    puts(buf_text(line));
}

static int print_all(const struct story *s)
{
    struct buf line;
    buf_init(&line, 0);
    bool failed = false;
    for (size_t i = 0; i < s->count && !failed; i++) {
        print_message(&s->messages[i], &line);
        failed = buf_failed(&line);
    }
    buf_free(&line);
    return failed || fflush(stdout) != 0 ? CLI_WRONG : CLI_DONE;
}

/* ---- the totals ---- */

static json_t *counts(const struct sim_totals *t, bool reasons)
{
    json_t *all = json_object();
    for (int i = 1; i < (reasons ? REASON_COUNT : (int)VERDICT_COUNT); i++) {
        size_t n = reasons ? t->reasons[i] : t->verdicts[i];
        if (n > 0 || !reasons) {
            json_object_set_new(
                all, reasons ? reason_word((enum reason)i) : verdict_word((enum verdict)i),
                json_integer((json_int_t)n));
        }
    }
    return all;
}

static void print_json(const struct sim_totals *t)
{
    json_t *all = json_pack("{s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "messages",
                            (json_int_t)t->messages, "reports", (json_int_t)t->reports, "verdicts",
                            counts(t, false), "reasons", counts(t, true), "released",
                            (json_int_t)t->released, "unexpected", (json_int_t)t->unexpected,
                            "missing", (json_int_t)t->missing, "repeated", (json_int_t)t->repeated);
    if (all != NULL) {
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(all);
}

static void print_table(const struct sim_totals *t)
{
    printf("%-24s %9zu\n%-24s %9zu\n", "messages", t->messages, "reports receipted", t->reports);
    for (int v = VERDICT_STORED; v < VERDICT_COUNT; v++) {
        printf("  %-22s %9zu\n", verdict_word((enum verdict)v), t->verdicts[v]);
    }
    if (t->released > 0) {
        printf("  %-22s %9zu\n", "parked, then stored", t->released);
    }
    for (int r = 1; r < REASON_COUNT; r++) {
        if (t->reasons[r] > 0) {
            printf("    %-20s %9zu\n", reason_word((enum reason)r), t->reasons[r]);
        }
    }
    printf("%-24s %9zu\n%-24s %9zu\n", "not as expected", t->unexpected, "without a receipt",
           t->missing);
}

/* ---- running ---- */

struct backlog {
    const struct story *story;
    size_t next;
};

static const struct sim_message *next_of_backlog(void *ctx)
{
    struct backlog *b = ctx;
    return b->next < b->story->count ? &b->story->messages[b->next++] : NULL;
}

static enum err send_backlog(const struct settings *settings, const struct options *o,
                             const struct story *story, struct sim_totals *totals)
{
    struct backlog backlog = {story, 0};
    const struct sim_sending sending = {
        .settings = settings,
        .source = {.next = next_of_backlog, .ctx = &backlog, .count = story->count},
        .rate = o->follow ? 0 : o->rate,
        .wait_ms = REGISTER_POLLS * settings->reg.poll_ms + REGISTER_EXTRA_MS,
        .repeat_after_ms = REPEAT_AFTER_MS,
        .give_up_after_ms = GIVE_UP_AFTER_MS,
    };
    return sim_send(&sending, totals);
}

static enum err send_live(const struct settings *settings, const struct options *o,
                          const struct story *story, struct sim_totals *totals)
{
    struct sim_live *live = NULL;
    enum err e = sim_live_new(&live, story->district, story->native, &clock_system);
    if (e == ERR_OK) {
        const struct sim_sending sending = {
            .settings = settings,
            .source = sim_live_source(live),
            .rate = o->rate ? o->rate : RATE_DEFAULT,
            .repeat_after_ms = REPEAT_AFTER_MS,
            .give_up_after_ms = GIVE_UP_AFTER_MS,
        };
        e = sim_send(&sending, totals);
    }
    sim_live_free(live);
    return e;
}

static void say_totals(const struct options *o, const struct sim_totals *t)
{
    if (o->json) {
        print_json(t);
    } else {
        print_table(t);
    }
    fflush(stdout);
}

static int run(const struct settings *settings, const struct options *o, const struct story *story)
{
    struct sim_totals totals = {0};
    struct buf why;
    buf_init(&why, 0);
    enum err e = sim_register(settings, story->district, &why);
    if (e == ERR_OK) {
        e = send_backlog(settings, o, story, &totals);
    }
    if (e != ERR_OK) {
        fprintf(stderr, "dualgate simulate: %s\n", why.len > 0 ? buf_text(&why) : err_text(e));
    } else {
        say_totals(o, &totals);
    }
    buf_free(&why);
    bool good = e == ERR_OK && totals.unexpected == 0 && totals.missing == 0;
    if (e == ERR_OK && o->follow && !totals.interrupted) {
        struct sim_totals live = {0};
        e = send_live(settings, o, story, &live);
        good = e == ERR_OK;
    }
    return good || (e == ERR_OK && o->follow) ? CLI_DONE : CLI_WRONG;
}

static int tell(const struct settings *settings, const struct options *o, struct story *story)
{
    if (story_tell(story, days_of(o)) != ERR_OK) {
        fprintf(stderr, "dualgate simulate: %s\n", err_text(ERR_NOMEM));
        return CLI_WRONG;
    }
    return o->dry_run ? print_all(story) : run(settings, o, story);
}

int cli_simulate(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.seed = 1, .days = DAYS_DEFAULT, .entities = ENTITIES_DEFAULT};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    struct sim_native *native = NULL;
    struct district district;
    struct story story;
    struct buf errors;
    buf_init(&errors, 0);
    log_set_level(LOG_LEVEL_ERROR);
    enum err e = sim_native_open(&native, settings->adapters.path, &errors);
    enum err made =
        district_make(&district, (uint64_t)o.seed, (size_t)o.entities, settings->node.code);
    story_init(&story, &district, native);
    if (e != ERR_OK || made != ERR_OK) {
        fprintf(stderr, "%sdualgate simulate: %s\n", buf_text(&errors),
                err_text(e != ERR_OK ? e : made));
        code = CLI_WRONG;
    } else {
        code = tell(settings, &o, &story);
    }
    story_free(&story);
    district_free(&district);
    sim_native_close(native);
    buf_free(&errors);
    return code;
}
