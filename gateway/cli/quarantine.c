/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/quarantine.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/number.h"
#include "cli/options.h"
#include "cli/requeue.h"
#include "pg/sync.h"

struct options {
    const char *state, *publisher, *reason;
    const char *limit;
    bool json, payload, yes;
};

static const char usage_text[] =
    "usage: dualgate quarantine list [--state NEW|REQUEUED|DONE] [--publisher P] [--reason R]\n"
    "                                [--limit N] [--json]\n"
    "       dualgate quarantine show ID [--payload] [--json]\n"
    "       dualgate quarantine requeue ID… [--yes] [--json]\n\n"
    "requeue judges each message again by today's rules and register and says what would become "
    "of\n"
    "it; with --yes it is published again on its own topic, so that it takes the path of any "
    "report and\n"
    "its sender gets the receipt. Exit code 1: some would be (or were) rejected again.\n";

static const char select_list[] =
    "select id, to_char(received_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), "
    "state,\n"
    "       times, publisher, coalesce(record, ''), reason, coalesce(field, ''), text\n"
    "  from exchange.quarantine\n"
    " where ($1::text is null or state = $1) and ($2::text is null or publisher = $2)\n"
    "   and ($3::text is null or reason = $3)\n"
    " order by id desc limit $4::bigint";

static const char select_one[] =
    "select id, state, times, publisher, topic, coalesce(record, '') as record, reason,\n"
    "       coalesce(field, '') as field, coalesce(value, '') as value, text, text_en, "
    "content_type,\n"
    "       charset, adapter, first_received_at, received_at,\n"
    "       encode(payload_sha256, 'hex') as payload_sha256, octet_length(payload) as "
    "payload_bytes\n"
    "  from exchange.quarantine where id = $1::bigint";

static const char select_payload[] =
    "select encode(payload, 'hex') from exchange.quarantine where id = $1::bigint";

/* A result as JSON: an object a row, column names as members. */
static void print_json(const struct pg_result *rows, bool array)
{
    struct buf out;
    buf_init(&out, 0);
    buf_puts(&out, array ? "[" : "");
    for (size_t i = 0; i < sync_rows(rows); i++) {
        buf_puts(&out, i > 0 ? ",\n{" : "{");
        for (int c = 0; c < sync_columns(rows); c++) {
            buf_puts(&out, c > 0 ? "," : "");
            buf_json_string(&out, span_of(sync_column(rows, c)));
            buf_putc(&out, ':');
            buf_json_string(&out, span_of(sync_text(rows, i, c)));
        }
        buf_putc(&out, '}');
    }
    buf_puts(&out, array ? "]" : "");
    puts(buf_text(&out));
    buf_free(&out);
}

static int complain(struct sync *db)
{
    fprintf(stderr, "dualgate quarantine: %s\n", sync_error(db));
    return CLI_WRONG;
}

static int list(struct sync *db, const struct options *o)
{
    const char *const params[] = {o->state, o->publisher, o->reason, o->limit};
    struct pg_result *rows = NULL;
    if (sync_query(db, select_list, params, 4, &rows) != ERR_OK) {
        return complain(db);
    }
    if (o->json) {
        print_json(rows, true);
    }
    for (size_t i = 0; i < sync_rows(rows) && !o->json; i++) {
        printf("%6s  %s  %-8s %3s×  %s  %s  %s %s  %s\n", sync_text(rows, i, 0),
               sync_text(rows, i, 1), sync_text(rows, i, 2), sync_text(rows, i, 3),
               sync_text(rows, i, 4), sync_text(rows, i, 5), sync_text(rows, i, 6),
               sync_text(rows, i, 7), sync_text(rows, i, 8));
    }
    sync_free(rows);
    return CLI_DONE;
}

/* The bytes as they came, to standard output. */
static int print_payload(struct sync *db, const char *id)
{
    const char *const params[] = {id};
    struct pg_result *rows = NULL;
    if (sync_query(db, select_payload, params, 1, &rows) != ERR_OK) {
        return complain(db);
    }
    const char *hex = sync_rows(rows) > 0 ? sync_text(rows, 0, 0) : "";
    for (size_t i = 0; hex[i] != '\0' && hex[i + 1] != '\0'; i += 2) {
        char two[3] = {hex[i], hex[i + 1], '\0'};
        (void)fputc((int)strtol(two, NULL, 16), stdout);
    }
    sync_free(rows);
    return CLI_DONE;
}

static int show(struct sync *db, const char *id, const struct options *o)
{
    const char *const params[] = {id};
    struct pg_result *rows = NULL;
    if (sync_query(db, select_one, params, 1, &rows) != ERR_OK) {
        return complain(db);
    }
    int code = sync_rows(rows) == 1 ? CLI_DONE : CLI_WRONG;
    if (code != CLI_DONE) {
        fprintf(stderr, "dualgate quarantine: there is no number %s\n", id);
    } else if (o->payload) {
        code = print_payload(db, id);
    } else if (o->json) {
        print_json(rows, false);
    } else {
        for (int c = 0; c < sync_columns(rows); c++) {
            printf("%-18s %s\n", sync_column(rows, c), sync_text(rows, 0, c));
        }
    }
    sync_free(rows);
    return code;
}

static bool known_state(const char *state)
{
    return strcmp(state, "NEW") == 0 || strcmp(state, "REQUEUED") == 0 ||
           strcmp(state, "DONE") == 0;
}

static int parse(int argc, char **argv, struct options *o)
{
    const struct option_row rows[] = {
        {.name = "state", .text = &o->state},     {.name = "publisher", .text = &o->publisher},
        {.name = "reason", .text = &o->reason},   {.name = "limit", .text = &o->limit},
        {.name = "payload", .flag = &o->payload}, {.name = "yes", .flag = &o->yes},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("quarantine", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    if (o->state != NULL && !known_state(o->state)) {
        fprintf(stderr, "dualgate quarantine: --state: \"%s\" is none of NEW, REQUEUED, DONE\n",
                o->state);
        return CLI_USAGE;
    }
    int64_t number;
    for (int i = optind + 1; i < argc; i++) {
        if (!number_typed(argv[i], INT64_MAX, &number)) {
            fprintf(stderr, "dualgate quarantine: \"%s\" is not a number of the list\n", argv[i]);
            return CLI_USAGE;
        }
    }
    return number_typed(o->limit, INT64_MAX, &number) ? CLI_DONE : CLI_USAGE;
}

static int act(const struct settings *settings, struct sync *db, char **words, int n,
               const struct options *o)
{
    if (strcmp(words[0], "list") == 0 && n == 1) {
        return list(db, o);
    }
    if (strcmp(words[0], "show") == 0 && n == 2) {
        return show(db, words[1], o);
    }
    if (strcmp(words[0], "requeue") == 0 && n >= 2) {
        return requeue(settings, db, words + 1, (size_t)n - 1, o->yes, o->json);
    }
    fputs(usage_text, stderr);
    return CLI_USAGE;
}

int cli_quarantine(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.limit = "50"};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE || optind == argc) {
        if (code == CLI_DONE) {
            fputs(usage_text, stderr);
        }
        return code < 0 ? CLI_DONE : CLI_USAGE;
    }
    struct sync *db = NULL;
    struct buf why;
    buf_init(&why, 0);
    if (sync_open(&db, settings, "dualgate quarantine", &why) != ERR_OK) {
        fprintf(stderr, "dualgate quarantine: %s\n", buf_text(&why));
        code = CLI_WRONG;
    } else {
        code = act(settings, db, argv + optind, argc - optind, &o);
    }
    sync_close(db);
    buf_free(&why);
    return code;
}
