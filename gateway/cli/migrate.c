/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/migrate.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/draft.h"
#include "cli/number.h"
#include "cli/options.h"
#include "pg/migrate.h"

struct options {
    bool dry_run, list, json;
    const char *draft; /* a record */
    int64_t to;        /* the last migration to apply; INT64_MAX: all */
};

static const char usage_text[] =
    "usage: dualgate migrate [--dry-run | --list | --draft RECORD] [--to N] [--json]\n\n"
    "Creates or upgrades the schema of the database in the settings. The role that connects must "
    "be a\n"
    "superuser or a member of dualgate_owner; roles that are missing are made (superuser only), "
    "without\n"
    "passwords.\n\n"
    "  --dry-run        apply what is pending, then roll it back\n"
    "  --list           migrations here and in the database\n"
    "  --draft RECORD   print a first form of the migration for a record of the schema\n"
    "  --to N           apply nothing after migration N (an upgrade in steps)\n"
    "  --json           print as JSON\n";

static void print_lines(const char *prefix, struct buf *text, FILE *to)
{
    struct span rest = buf_span(text);
    while (rest.at && rest.len > 0) {
        struct span line = span_cut(&rest, '\n');
        if (line.len > 0) {
            fprintf(to, "%s%.*s\n", prefix, SPAN_ARG(line));
        }
    }
}

static int apply(struct sync *db, const struct options *o)
{
    struct buf report;
    struct buf why;
    buf_init(&report, 0);
    buf_init(&why, 0);
    struct migrate_options options = {
        .dry_run = o->dry_run, .files = embedded_migrations, .n_files = embedded_migrations_count};
    if (o->to < (int64_t)options.n_files) {
        options.n_files = (size_t)o->to + 1; /* number 0 is the bootstrap */
    }
    enum err err = migrate_run(db, &options, &report, &why);
    if (o->json) {
        struct buf out;
        buf_init(&out, 0);
        buf_printf(&out, "{\"ok\":%s,\"done\":", err == ERR_OK ? "true" : "false");
        buf_json_string(&out, span_trim(buf_span(&report)));
        buf_puts(&out, ",\"wrong\":");
        buf_json_string(&out, span_trim(buf_span(&why)));
        buf_putc(&out, '}');
        puts(buf_text(&out));
        buf_free(&out);
    } else {
        print_lines("", &report, stdout);
    }
    print_lines("dualgate migrate: ", &why, stderr);
    if (err != ERR_OK && why.len == 0) {
        fprintf(stderr, "dualgate migrate: %s\n", err_text(err));
    }
    buf_free(&report);
    buf_free(&why);
    return err == ERR_OK ? CLI_DONE : CLI_WRONG;
}

struct listing {
    bool json;
    size_t n;
    bool wrong; /* something is neither applied nor pending */
};

static void print_migration(void *arg, const struct migration_row *m)
{
    static const char *const words[] = {[MIGRATION_APPLIED] = "applied",
                                        [MIGRATION_PENDING] = "pending",
                                        [MIGRATION_CHANGED] = "changed",
                                        [MIGRATION_UNKNOWN] = "unknown"};
    struct listing *l = arg;
    l->wrong = l->wrong || m->state == MIGRATION_CHANGED || m->state == MIGRATION_UNKNOWN;
    if (l->json) {
        printf("%s{\"no\":%d,\"name\":\"%s\",\"state\":\"%s\",\"applied_at\":\"%s\"}",
               l->n > 0 ? ",\n " : "[", m->no, m->name, words[m->state], m->applied_at);
    } else {
        printf("%-32s %-8s %s\n", m->name, words[m->state], m->applied_at);
    }
    l->n++;
}

static int list(struct sync *db, const struct options *o)
{
    struct listing l = {.json = o->json};
    enum err err =
        migrate_list(db, embedded_migrations, embedded_migrations_count, print_migration, &l);
    if (o->json) {
        puts(l.n > 0 ? "]" : "[]");
    }
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate migrate: %s\n", sync_error(db));
    }
    return err == ERR_OK && !l.wrong ? CLI_DONE : CLI_WRONG;
}

static int draft(const char *name)
{
    struct schema *schema = NULL;
    const char *why = NULL;
    int code = CLI_WRONG;
    enum err err = schema_load(&schema, &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate migrate: the schema: %s\n", why ? why : err_text(err));
        return CLI_WRONG;
    }
    const struct record_type *record = schema_record(schema, span_of(name));
    struct buf out;
    buf_init(&out, 0);
    if (record) {
        draft_record(record, &out);
        fputs(buf_text(&out), stdout);
        code = buf_failed(&out) ? CLI_WRONG : CLI_DONE;
    } else {
        fprintf(stderr, "dualgate migrate: there is no record \"%s\"\n", name);
    }
    buf_free(&out);
    schema_free(schema);
    return code;
}

/* CLI_DONE to go on, -1 when help was all that was wanted. */
static int parse(int argc, char **argv, struct options *o)
{
    const struct option_row rows[] = {
        {.name = "dry-run", .flag = &o->dry_run},
        {.name = "list", .flag = &o->list},
        {.name = "draft", .text = &o->draft},
        {.name = "to", .number = &o->to, .max = INT32_MAX},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("migrate", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    if (optind != argc || o->dry_run + o->list + (o->draft != NULL) > 1) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

int cli_migrate(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.to = INT64_MAX};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (o.draft) {
        return draft(o.draft);
    }
    struct sync *db = NULL;
    struct buf why;
    buf_init(&why, 0);
    enum err err = sync_open(&db, settings, "dualgate migrate", &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate migrate: %s\n", why.len ? buf_text(&why) : err_text(err));
        code = CLI_WRONG;
    } else {
        code = o.list ? list(db, &o) : apply(db, &o);
    }
    sync_close(db);
    buf_free(&why);
    return code;
}
