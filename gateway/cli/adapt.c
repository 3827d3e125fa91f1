/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/adapt.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "adapt/adapt.h"
#include "adapt/load.h"
#include "adapt/sample.h"
#include "adapt/trial.h"
#include "base/clock.h"
#include "cli/adapt_expected.h"
#include "cli/options.h"
#include "model/json_write.h"
#include "pipe/intake.h"

#define PATH_CHARS_MAX     1024
#define KEY_BYTES_MAX      4096
#define REGISTER_BYTES_MAX ((size_t)64 << 20)

struct options {
    const char *adapter, *publisher, *charset, *key_file, *register_file;
    bool json, check, expected;
};

static const char usage_text[] =
    "usage: dualgate adapt ADAPTER FILE… [--register FILE] [--publisher CODE] [--charset NAME]\n"
    "                      [--key-file FILE] [--json | --expected]\n"
    "       dualgate adapt ADAPTER --check\n\n"
    "ADAPTER is the name of a folder of adapters/ (setting adapters.path) with a mapping.yaml;\n"
    "adapters/README.md says how to write one.\n\n"
    "With FILE: runs adapter and rules over files as the sector sends them, without broker and\n"
    "database, and prints a line of canonical JSON for each report; what would be rejected goes "
    "to\n"
    "standard error with its reason. Exit code 1: something would be rejected.\n"
    "With --check: runs the files in ADAPTER/samples and compares what comes of each with its\n"
    "FILE.expected.jsonl. Exit code 1: something is wrong or comes out differently.\n\n"
    "  --register FILE   who is registered: CSV in UTF-8 with the columns uscc, name, division,\n"
    "                    sector and, as needed, unit, company_code, profile, publisher, key;\n"
    "                    default: ADAPTER/samples/register.csv\n"
    "  --publisher CODE  who publishes; default: of the register's first row\n"
    "  --charset NAME    as if the publisher had declared it\n"
    "  --key-file FILE   the key of the publisher's envelope, in place of the register's\n"
    "  --json            an object per report, {\"file\", \"index\", \"report\"} or {…, "
    "\"reason\", …}\n"
    "  --expected        lines as in FILE.expected.jsonl. Read each of them before you keep it: "
    "they\n"
    "                    say what comes, not what should\n\n"
    "A file x.utf8.csv (or of any other kind) is written in UTF-8 and is put into the adapter's\n"
    "encoding first, x.plain.json into its envelope, lines key=value of x.plain.form into one "
    "form.\n";

/* All that lasts for the whole run. */
struct offline_run {
    const struct options *o;
    const char *dir;
    struct schema *schema;
    struct adapters *adapters;
    struct trial_register reg;
    struct reg_publisher publisher;
    struct trial trial;
    struct arena arena;
    bool wrong;
};

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "dualgate adapt: %s: %s\n", what, why);
    return CLI_WRONG;
}

static int parse(int argc, char **argv, struct options *o)
{
    const struct option_row rows[] = {
        {.name = "register", .text = &o->register_file},
        {.name = "publisher", .text = &o->publisher},
        {.name = "charset", .text = &o->charset},
        {.name = "key-file", .text = &o->key_file},
        {.name = "json", .flag = &o->json},
        {.name = "check", .flag = &o->check},
        {.name = "expected", .flag = &o->expected},
    };
    int code = options_read("adapt", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    o->adapter = optind < argc ? argv[optind++] : NULL;
    if (!o->adapter || (optind < argc) == o->check) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* ---- what came out ---- */

static void put_member(struct buf *out, const char *name, const char *value)
{
    if (value) {
        buf_printf(out, ",\"%s\":", name);
        buf_json_string(out, span_of(value));
    }
}

static void print_problem(struct offline_run *run, const char *file, const struct report *r,
                          const struct problem *p)
{
    struct buf zh;
    struct buf en;
    buf_init(&zh, 0);
    buf_init(&en, 0);
    reason_text_zh(p->reason, span_of(p->label_zh), span_of(p->value), &zh);
    reason_text_en(p->reason, span_of(p->label_en), span_of(p->value), &en);
    run->wrong = true;
    if (run->o->json) {
        struct buf line;
        buf_init(&line, 0);
        buf_printf(&line, "{\"file\":");
        buf_json_string(&line, span_of(file));
        if (r) {
            buf_printf(&line, ",\"index\":%u", r->index);
            put_member(&line, "id", r->id_as_sent);
        }
        put_member(&line, "reason", reason_word(p->reason));
        put_member(&line, "field", p->field);
        put_member(&line, "value", p->value);
        put_member(&line, "text", buf_text(&zh));
        put_member(&line, "text_en", buf_text(&en));
        printf("%s}\n", buf_text(&line));
        buf_free(&line);
    } else {
        fprintf(stderr, "%s: ", file);
        if (r) {
            fprintf(stderr, "report %u: ", r->index);
        }
        fprintf(stderr, "%s%s%s: %s / %s\n", reason_word(p->reason), p->field ? " " : "",
                p->field ? p->field : "", buf_text(&zh), buf_text(&en));
    }
    buf_free(&zh);
    buf_free(&en);
}

static void print_report(struct offline_run *run, const char *file, const struct report *r)
{
    struct buf line;
    buf_init(&line, 0);
    if (run->o->json) {
        buf_puts(&line, "{\"file\":");
        buf_json_string(&line, span_of(file));
        buf_printf(&line, ",\"index\":%u,\"report\":", r->index);
    }
    json_write_report(run->schema, r->env, JSON_OPEN, &line);
    buf_puts(&line, run->o->json ? "}" : "");
    puts(buf_text(&line));
    buf_free(&line);
    for (const struct warning *w = r->warnings; w && !run->o->json; w = w->next) {
        fprintf(stderr, "%s: report %u: no field of the schema takes %s; kept as it is\n", file,
                r->index, w->text);
    }
}

static void print_set(struct offline_run *run, const char *file, const struct report_set *set)
{
    if (run->o->expected) {
        run->wrong = !adapt_expected_print(run->schema, set) || run->wrong;
        return;
    }
    if (set->problem.reason != REASON_NONE) {
        print_problem(run, file, NULL, &set->problem);
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct report *r = &set->items[i];
        if (r->problem.reason == REASON_NONE) {
            print_report(run, file, r);
        } else {
            print_problem(run, file, r, &r->problem);
        }
    }
}

/* ---- running ---- */

static int run_file(struct offline_run *run, const struct settings *settings, const char *path)
{
    struct arena arena;
    struct span written;
    struct span payload;
    struct report_set set;
    size_t max_bytes = (size_t)settings->intake.message_bytes_max;
    arena_init(&arena, (size_t)settings->intake.arena_bytes_max + 4 * max_bytes);
    enum err err = load_file(path, max_bytes, &arena, &written);
    if (err == ERR_OK) {
        err = sample_prepare(adapters_find(run->adapters, run->trial.adapter), path, written,
                             span_of(run->publisher.key), &arena, &payload);
    }
    if (err == ERR_OK) {
        err = trial_run(&run->trial, payload, &arena, &set);
    }
    if (err == ERR_OK) {
        print_set(run, path, &set);
    } else {
        (void)complain(path,
                       err == ERR_FULL ? "larger than intake.message_bytes_max" : err_text(err));
        run->wrong = true;
    }
    arena_free(&arena);
    return CLI_DONE;
}

static int load_adapter(struct offline_run *run, const struct settings *settings)
{
    const char *why = "";
    struct buf complaints;
    const struct read_limits limits = intake_limits(settings);
    if (schema_load(&run->schema, &why) != ERR_OK) {
        return complain("schema", why);
    }
    buf_init(&complaints, 0);
    enum err err = adapters_load_one(run->dir, run->o->adapter, run->schema, &limits,
                                     &run->adapters, &complaints);
    fputs(buf_text(&complaints), stderr);
    buf_free(&complaints);
    if (err == ERR_NOT_FOUND) {
        fprintf(stderr, "dualgate adapt: %s: there is no such adapter; expected a folder of %s/\n",
                run->o->adapter, run->dir);
        return CLI_USAGE;
    }
    return err == ERR_OK ? CLI_DONE : complain(run->o->adapter, "its mapping is wrong");
}

static int load_register(struct offline_run *run)
{
    char path[PATH_CHARS_MAX];
    struct buf complaints;
    const char *file = run->o->register_file;
    if (!file) {
        (void)snprintf(path, sizeof path, "%s/%s/samples/register.csv", run->dir, run->o->adapter);
        file = path;
    }
    buf_init(&complaints, 0);
    enum err err = trial_register_load(file, run->o->adapter, &run->arena, &run->reg, &complaints);
    fputs(buf_text(&complaints), stderr);
    buf_free(&complaints);
    if (err != ERR_OK) {
        return complain(file,
                        err == ERR_NOT_FOUND ? "missing; name one with --register" : err_text(err));
    }
    const char *code = run->o->publisher ? run->o->publisher : run->reg.publisher;
    const struct reg_publisher *p = registry_publisher(run->reg.registry, span_of(code));
    if (!p) {
        return complain(code, "not in the register");
    }
    run->publisher = *p;
    return CLI_DONE;
}

static int load_key(struct offline_run *run)
{
    struct span text;
    if (!run->o->key_file) {
        return CLI_DONE;
    }
    enum err err = load_file(run->o->key_file, KEY_BYTES_MAX, &run->arena, &text);
    if (err != ERR_OK) {
        return complain(run->o->key_file, err_text(err));
    }
    text = span_trim(text);
    run->publisher.key = arena_strndup(&run->arena, text.at ? text.at : "", text.len);
    return run->publisher.key ? CLI_DONE : complain(run->o->key_file, err_text(ERR_NOMEM));
}

static int check_samples(struct offline_run *run)
{
    struct sample_count count;
    struct buf complaints;
    buf_init(&complaints, 0);
    const struct mapping *m = adapters_find(run->adapters, span_of(run->o->adapter));
    enum err err = sample_check(run->adapters, run->dir, m, &count, &complaints);
    fputs(buf_text(&complaints), stderr);
    buf_free(&complaints);
    printf("%s: %zu samples: %zu reports accepted and %zu rejected as expected%s\n", m->name,
           count.files, count.accepted, count.rejected,
           err == ERR_OK ? "" : "; the rest came out differently");
    return err == ERR_OK ? CLI_DONE : CLI_WRONG;
}

static int run_files(struct offline_run *run, const struct settings *settings, char **files, int n)
{
    int code = load_register(run);
    if (code == CLI_DONE) {
        code = load_key(run);
    }
    run->trial = (struct trial){
        .adapters = run->adapters,
        .adapter = span_of(run->o->adapter),
        .registry = run->reg.registry,
        .publisher = &run->publisher,
        .node = run->reg.node,
        .charset = span_of(run->o->charset),
        .received_us = clock_wall_us(&clock_system),
    };
    for (int i = 0; i < n && code == CLI_DONE; i++) {
        code = run_file(run, settings, files[i]);
    }
    return code == CLI_DONE && run->wrong ? CLI_WRONG : code;
}

int cli_adapt(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.json = false};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    struct offline_run run = {.o = &o, .dir = settings->adapters.path};
    arena_init(&run.arena, REGISTER_BYTES_MAX);
    code = load_adapter(&run, settings);
    if (code == CLI_DONE) {
        code =
            o.check ? check_samples(&run) : run_files(&run, settings, argv + optind, argc - optind);
    }
    trial_register_free(&run.reg);
    adapters_free(run.adapters);
    if (run.schema) {
        schema_free(run.schema);
    }
    arena_free(&run.arena);
    return code;
}
