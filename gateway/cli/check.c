/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check.h"

#include <stdio.h>
#include <string.h>

#include "adapt/sample.h"
#include "base/log.h"
#include "cli/broker_check.h"
#include "cli/options.h"
#include "conf/secret.h"
#include "model/finding.h"
#include "model/reason.h"
#include "pg/migrate.h"
#include "pg/sync.h"
#include "pipe/intake.h"

/* What the broker must keep beyond the window it sends ahead. Mosquitto's default of 1000 in all
 * would drop what it has acknowledged. */
#define QUEUE_BEYOND_WINDOW 500

static const char usage_text[] =
    "usage: dualgate check [--offline] [--json]\n"
    "       dualgate check --reasons [--json]\n\n"
    "Says all that is wrong, in one go: settings, adapters (their samples are run, and each line "
    "of\n"
    "an expected result that comes out differently is named), the database, the live broker, the\n"
    "publishers of the register. A line for each part, ok or wrong, then what is wrong.\n"
    "Exit code 1 when something is.\n\n"
    "  --offline   settings and adapters only\n"
    "  --json      the same as JSON\n"
    "  --reasons   instead the closed lists of reasons (why a report is rejected) and findings\n"
    "              (what is stored beside it): word, sentence in Chinese, in English\n\n"
    "One adapter alone: dualgate adapt ADAPTER --check.\n";

struct outcome {
    struct buf complaints;
    const char *part; /* what is being checked */
    struct buf done;  /* one line per part */
};

static void end_part(struct outcome *o, size_t before)
{
    bool good = o->complaints.len == before;
    buf_printf(&o->done, "%-10s %s\n", o->part, good ? "ok" : "wrong");
}

static void check_adapters(const struct settings *s, struct outcome *o)
{
    struct settings usual; /* samples are written for the usual limits */
    settings_default(&usual);
    const struct read_limits limits = intake_limits(&usual);
    size_t before = o->complaints.len;
    struct schema *schema = NULL;
    struct adapters *adapters = NULL;
    const char *why = NULL;
    o->part = "adapters";
    if (schema_load(&schema, &why) != ERR_OK) {
        buf_printf(&o->complaints, "schema: %s\n", why ? why : "cannot be loaded");
    } else {
        enum err e = adapters_load(s->adapters.path, schema, &limits, &adapters, &o->complaints);
        if (e == ERR_NOT_FOUND) {
            buf_printf(&o->complaints, "adapters.path: there is no folder \"%s\"\n",
                       s->adapters.path);
        } else if (adapters != NULL &&
                   adapt_check(adapters, s->adapters.path, &o->complaints) == ERR_NOMEM) {
            buf_puts(&o->complaints, "adapters: out of memory\n");
        }
    }
    adapters_free(adapters);
    schema_free(schema);
    end_part(o, before);
}

static void on_migration(void *arg, const struct migration_row *m)
{
    struct outcome *o = arg;
    static const char *const what[] = {
        [MIGRATION_APPLIED] = NULL,
        [MIGRATION_PENDING] = "is not applied: run dualgate migrate",
        [MIGRATION_CHANGED] = "was applied with another content",
        [MIGRATION_UNKNOWN] = "was applied by a newer program",
    };
    if (m->no > 0 && what[m->state] != NULL) {
        buf_printf(&o->complaints, "database: migration %d (%s) %s\n", m->no, m->name,
                   what[m->state]);
    }
}

static void want_setting(struct sync *db, const char *name, const char *good, const char *why,
                         struct buf *out)
{
    const char *const params[] = {name};
    struct pg_result *r = NULL;
    if (sync_query(db, "select current_setting($1)", params, 1, &r) == ERR_OK &&
        strcmp(sync_text(r, 0, 0), good) != 0) {
        buf_printf(out, "database: %s is %s: %s\n", name, sync_text(r, 0, 0), why);
    }
    sync_free(r);
}

static void check_database(const struct settings *s, struct outcome *o)
{
    size_t before = o->complaints.len;
    struct sync *db = NULL;
    o->part = "database";
    buf_puts(&o->complaints, "");
    if (sync_open(&db, s, "dualgate check", &o->complaints) != ERR_OK) {
        buf_putc(&o->complaints, '\n');
    } else {
        if (migrate_list(db, embedded_migrations, embedded_migrations_count, on_migration, o) !=
            ERR_OK) {
            buf_printf(&o->complaints, "database: %s\n", sync_error(db));
        }
        want_setting(db, "fsync", "on", "what is acknowledged would not survive a power loss",
                     &o->complaints);
        want_setting(db, "full_page_writes", "on", "a torn page would not be mended",
                     &o->complaints);
        want_setting(db, "server_encoding", "UTF8", "reports are UTF-8", &o->complaints);
    }
    sync_close(db);
    end_part(o, before);
}

static void check_broker(const struct settings *s, const char *part, bool publishers,
                         struct outcome *o)
{
    char topic[64];
    size_t before = o->complaints.len;
    struct arena secrets;
    const char *password = NULL;
    arena_init(&secrets, 65536);
    o->part = part;
    snprintf(topic, sizeof topic, "dp/v1/%.6s/probe/check", s->node.code);
    bool own = !publishers && s->mqtt.username[0] != '\0';
    if (own && secret_read(s->mqtt.password_file, &secrets, &password, &o->complaints) != ERR_OK) {
        buf_puts(&o->complaints, " (mqtt.password_file)\n");
    }
    const struct broker_wants wants = {
        .who = publishers ? "mqtt.publishers_host" : "mqtt.host",
        .host = publishers ? s->mqtt.publishers_host : s->mqtt.host,
        .port = (uint16_t)(publishers ? s->mqtt.publishers_port : s->mqtt.port),
        .username = own ? s->mqtt.username : NULL,
        .password = password,
        .probe_topic = topic,
        .receive_maximum = (uint16_t)s->mqtt.receive_maximum,
        .message_bytes_max = (uint32_t)s->intake.message_bytes_max,
        .queue_messages = (uint32_t)s->mqtt.receive_maximum + QUEUE_BEYOND_WINDOW,
    };
    if (broker_check(&wants, &o->complaints) == ERR_NOMEM) {
        buf_puts(&o->complaints, "broker: out of memory\n");
    }
    arena_free(&secrets);
    end_part(o, before);
}

/* Across settings: each is in its range, but together they would not work. */
static void check_settings(const struct settings *s, struct outcome *o)
{
    size_t before = o->complaints.len;
    o->part = "settings";
    if (s->pg.statement_deadline_ms >= s->mqtt.keepalive_s * 1000) {
        buf_puts(&o->complaints, "pg.statement_deadline_ms: must be below mqtt.keepalive_s, or the "
                                 "broker gives up on a gateway that waits for its database\n");
    }
    end_part(o, before);
}

static int print(struct outcome *o, bool json)
{
    bool good = o->complaints.len == 0;
    if (json) {
        struct buf out;
        buf_init(&out, 0);
        buf_printf(&out, "{\"ok\":%s,\"complaints\":[", good ? "true" : "false");
        struct span rest = buf_span(&o->complaints);
        for (size_t n = 0; rest.len > 0 && rest.at != NULL;) {
            struct span line = span_cut(&rest, '\n');
            if (line.len > 0) {
                buf_puts(&out, n++ > 0 ? "," : "");
                buf_json_string(&out, line);
            }
        }
        buf_puts(&out, "]}");
        puts(buf_text(&out));
        buf_free(&out);
    } else {
        fputs(buf_text(&o->done), stdout);
        (void)fflush(stdout);
        fputs(buf_text(&o->complaints), stderr);
    }
    return good ? CLI_DONE : CLI_WRONG;
}

/* ---- the closed lists that enterprises' documentation is made of ---- */

/* An entry: its word, its sentence in Chinese, in English. */
typedef void (*put_entry)(int i, struct buf *word, struct buf *zh, struct buf *en);

static void put_reason(int i, struct buf *word, struct buf *zh, struct buf *en)
{
    const enum reason r = (enum reason)i;
    buf_puts(word, reason_word(r));
    reason_text_zh(r, SPAN_LIT("〔字段〕"), SPAN_LIT("…"), zh);
    reason_text_en(r, SPAN_LIT("FIELD"), SPAN_LIT("…"), en);
}

static void put_finding(int i, struct buf *word, struct buf *zh, struct buf *en)
{
    const enum finding_code f = (enum finding_code)i;
    buf_puts(word, finding_word(f));
    finding_text_zh(f, SPAN_LIT("〔字段〕"), SPAN_LIT("…"), SPAN_LIT("……"), zh);
    finding_text_en(f, SPAN_LIT("FIELD"), SPAN_LIT("…"), SPAN_LIT("……"), en);
}

static void put_json_entry(struct buf *out, const char *name, const struct buf *text)
{
    buf_printf(out, "\"%s\":", name);
    buf_json_string(out, buf_span(text));
}

static void put_list(struct buf *out, int count, put_entry put, bool json)
{
    struct buf word;
    struct buf zh;
    struct buf en;
    buf_init(&word, 0);
    buf_init(&zh, 0);
    buf_init(&en, 0);
    for (int i = 1; i < count; i++) {
        buf_reset(&word);
        buf_reset(&zh);
        buf_reset(&en);
        put(i, &word, &zh, &en);
        if (json) {
            buf_puts(out, i > 1 ? ",\n  {" : "\n  {");
            put_json_entry(out, "word", &word);
            buf_puts(out, ", ");
            put_json_entry(out, "text", &zh);
            buf_puts(out, ", ");
            put_json_entry(out, "text_en", &en);
            buf_putc(out, '}');
        } else {
            buf_printf(out, "%s\t%s\t%s\n", buf_text(&word), buf_text(&zh), buf_text(&en));
        }
    }
    buf_free(&word);
    buf_free(&zh);
    buf_free(&en);
}

/* Reasons, then findings, parted by an empty line. */
static int print_words(bool json)
{
    struct buf out;
    buf_init(&out, 0);
    buf_puts(&out, json ? "{\"reasons\": [" : "");
    put_list(&out, REASON_COUNT, put_reason, json);
    buf_puts(&out, json ? "],\n \"findings\": [" : "\n");
    put_list(&out, FINDING_COUNT, put_finding, json);
    buf_puts(&out, json ? "]}\n" : "");
    int code = buf_failed(&out) ? CLI_WRONG : CLI_DONE;
    fputs(buf_text(&out), stdout);
    buf_free(&out);
    return code;
}

int cli_check(int argc, char **argv, const struct settings *settings)
{
    bool offline = false;
    bool json = false;
    bool words = false;
    const struct option_row rows[] = {
        {.name = "offline", .flag = &offline},
        {.name = "reasons", .flag = &words},
        {.name = "json", .flag = &json},
    };
    int code = options_read("check", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (words) {
        return print_words(json);
    }
    struct outcome o = {.part = ""};
    buf_init(&o.complaints, 0);
    buf_init(&o.done, 0);
    log_set_level(LOG_LEVEL_ERROR);
    check_settings(settings, &o);
    check_adapters(settings, &o);
    if (!offline) {
        check_database(settings, &o);
        check_broker(settings, "broker", false, &o);
        check_broker(settings, "publishers", true, &o);
    }
    code = print(&o, json);
    buf_free(&o.complaints);
    buf_free(&o.done);
    return code;
}
