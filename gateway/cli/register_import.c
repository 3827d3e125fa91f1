/* SPDX-License-Identifier: Apache-2.0 */
/* Read, decode, judge, write, tell: each a step that the next needs. */
#include "cli/register_import.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "adapt/charset.h"
#include "cli/options.h"
#include "cli/register_write.h"
#include "cli/source_import.h"
#include "model/civil_time.h"

#define FILE_BYTES_MAX ((size_t)1 << 30)

struct options {
    const char *file;
    const char *effective;
    const char *source, *list; /* an organisation's list; source NULL: into the register itself */
    const struct register_kind *kind;
    enum charset charset;
    bool dry_run, json, skip_bad;
};

static const char usage_text[] =
    "usage: dualgate register import FILE [OPTIONS]\n\n"
    "FILE is CSV with a line of headings: canonical names (uscc,name,division,sector,…) or "
    "Chinese\n"
    "ones (统一社会信用代码, 企业名称, 行政区划, 行业, …). A cell without text leaves the column "
    "as it is\n"
    "by default; columns that the file lacks are not touched.\n\n"
    "  --kind K         entity, unit, publisher, division, sector, org, node, authorisation,\n"
    "                   target, milestone, precedence, code_system, code, code_map, calendar_day,\n"
    "                   calendar_year, deadline_rule (default: by the headings)\n"
    "  --source ORG     keep it as the list of an organisation (code), of entities or units; "
    "columns\n"
    "                   of its own, titles and bad cells are kept. `register merge` compares "
    "lists\n"
    "  --list NAME      where an organisation has several lists; a list replaces the one before\n"
    "                   of the same organisation, kind and name\n"
    "  --encoding E     UTF-8 (default) or GB18030; never guessed\n"
    "  --effective DATE from which day changes of entities and units count (default: today)\n"
    "  --skip-bad       import the good lines even if there are bad ones\n"
    "  --dry-run        do everything, then roll it back\n"
    "  --json           print the outcome as JSON\n\n"
    "Exit code: 0 all lines were taken, 1 some were not, 2 wrong usage.\n";

/* ---- telling ---- */

static void print_bad(const struct options *o, const struct register_rows *r)
{
    for (const struct bad_cell *b = r->bad; b; b = b->next) {
        fprintf(stderr, "%s:%zu: %s%s", o->file, b->line, b->column, b->column[0] ? ": " : "");
        fprintf(stderr, b->value[0] ? "\"%s\" %s\n" : "%s%s\n", b->value, b->why);
    }
}

static void print_json(const struct options *o, const struct register_rows *r,
                       const struct register_counts *counts, bool taken)
{
    struct buf out;
    buf_init(&out, 0);
    buf_puts(&out, "{\"file\":");
    buf_json_string(&out, span_of(o->file));
    buf_printf(&out,
               ",\"kind\":\"%s\",\"taken\":%s,\"inserted\":%zu,\"changed\":%zu,\"unchanged\":%zu,"
               "\"bad\":[",
               r->kind ? r->kind->name : "", taken ? "true" : "false", counts->inserted,
               counts->changed, counts->same);
    for (const struct bad_cell *b = r->bad; b; b = b->next) {
        buf_printf(&out, "%s{\"line\":%zu,\"column\":", b == r->bad ? "" : ",\n", b->line);
        buf_json_string(&out, span_of(b->column));
        buf_puts(&out, ",\"value\":");
        buf_json_string(&out, span_of(b->value));
        buf_puts(&out, ",\"text\":");
        buf_json_string(&out, span_of(b->why));
        buf_putc(&out, '}');
    }
    buf_puts(&out, "]}");
    puts(buf_text(&out));
    buf_free(&out);
}

static void print_outcome(const struct options *o, const struct register_rows *r,
                          const struct register_counts *counts, bool taken)
{
    if (o->json) {
        print_json(o, r, counts, taken);
        return;
    }
    print_bad(o, r);
    if (taken || (o->dry_run && !r->headless)) {
        printf("%s%s: %zu new, %zu changed, %zu as they were\n", o->dry_run ? "would import " : "",
               r->kind->name, counts->inserted, counts->changed, counts->same);
    }
    if (r->n_bad > 0) {
        fprintf(stderr, "dualgate register: %zu bad in %s; %s\n", r->n_bad, o->file,
                taken ? "the other lines were imported" : "nothing was imported");
    }
}

/* ---- the command ---- */

static enum err import(struct sync *db, struct register_rows *r, const struct options *o,
                       struct span text, struct register_counts *counts, bool *taken)
{
    enum err err = register_rows_read(r, text);
    if (err == ERR_SYNTAX || (err == ERR_OK && r->n_bad > 0 && (r->headless || !o->skip_bad))) {
        return ERR_OK; /* told by the list of what is bad */
    }
    if (err == ERR_OK && o->effective) {
        err = sync_query(db, "select set_config('dualgate.effective_on', $1, false)", &o->effective,
                         1, NULL);
    }
    if (err == ERR_OK) {
        err = register_write(db, r, o->dry_run, o->skip_bad, counts);
    }
    *taken = err == ERR_OK && !o->dry_run && (r->n_bad == 0 || o->skip_bad);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n",
                err == ERR_NOMEM ? err_text(err) : sync_error(db));
    }
    return err;
}

static int import_rows(struct sync *db, const struct options *o, const struct register_names *names,
                       struct span text)
{
    struct register_rows rows;
    struct register_counts counts = {0};
    bool taken = false;
    register_rows_init(&rows, o->kind, names);
    enum err err = import(db, &rows, o, text, &counts, &taken);
    if (err == ERR_OK) {
        print_outcome(o, &rows, &counts, taken);
    }
    int code = err == ERR_OK && rows.n_bad == 0 ? CLI_DONE : CLI_WRONG;
    register_rows_free(&rows);
    return code;
}

static int import_text(struct sync *db, const struct options *o, struct span bytes,
                       struct span text)
{
    struct schema *schema = NULL;
    const char *why = "";
    struct register_names names = {.schema = NULL};
    int code = CLI_WRONG;
    enum err err = schema_load(&schema, &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: the schema: %s\n", why);
        return CLI_WRONG;
    }
    err = register_names_load(&names, db, schema);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n", sync_error(db));
    } else if (o->source) {
        struct source_file file = {.path = o->file,
                                   .org = o->source,
                                   .list = o->list,
                                   .encoding = charset_name(o->charset),
                                   .kind = o->kind,
                                   .bytes = bytes,
                                   .text = text,
                                   .dry_run = o->dry_run,
                                   .json = o->json};
        code = source_import(db, &names, &file);
    } else {
        code = import_rows(db, o, &names, text);
    }
    register_names_free(&names);
    schema_free(schema);
    return code;
}

static enum err read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rbe");
    if (!f) {
        return ERR_IO;
    }
    size_t n = 0;
    do {
        char *to = buf_reserve(out, 65536);
        n = to ? fread(to, 1, 65536, f) : 0;
        out->len += n;
    } while (n > 0);
    enum err err = buf_failed(out) ? ERR_NOMEM : ferror(f) ? ERR_IO : ERR_OK;
    (void)fclose(f);
    return err;
}

static int import_file(const struct settings *settings, const struct options *o)
{
    struct sync *db = NULL;
    struct arena arena;
    struct buf bytes;
    struct buf why;
    struct span text = SPAN_NONE;
    int code = CLI_WRONG;
    arena_init(&arena, 2 * FILE_BYTES_MAX);
    buf_init(&bytes, FILE_BYTES_MAX);
    buf_init(&why, 0);
    enum err err = read_file(o->file, &bytes);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s: %s\n", o->file, err_text(err));
        goto out;
    }
    err = charset_decode(o->charset, buf_span(&bytes), &arena, &text);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s is not in %s; say --encoding\n", o->file,
                charset_name(o->charset));
        goto out;
    }
    err = sync_open(&db, settings, "dualgate register", &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n", why.len ? buf_text(&why) : err_text(err));
        goto out;
    }
    code = import_text(db, o, buf_span(&bytes), text);
out:
    sync_close(db);
    buf_free(&why);
    buf_free(&bytes);
    arena_free(&arena);
    return code;
}

static bool take_kind(void *to, const char *text)
{
    const struct register_kind **kind = to;
    *kind = register_kind_of(text);
    return *kind != NULL;
}

static bool take_encoding(void *to, const char *text)
{
    enum charset *charset = to;
    *charset = charset_of_name(span_of(text));
    return *charset != CHARSET_UNKNOWN;
}

static bool may_be_a_list(const struct register_kind *kind)
{
    return !kind || strcmp(kind->name, "entity") == 0 || strcmp(kind->name, "unit") == 0;
}

int register_import(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.charset = CHARSET_UTF8, .list = ""};
    const struct option_row rows[] = {
        {.name = "kind", .to = &o.kind, .take = take_kind, .expected = "a kind of the register"},
        {.name = "encoding", .to = &o.charset, .take = take_encoding, .expected = "supported"},
        {.name = "source", .text = &o.source},
        {.name = "list", .text = &o.list},
        {.name = "effective",
         .to = &o.effective,
         .take = options_date,
         .expected = OPTIONS_DATE_EXPECTED},
        {.name = "dry-run", .flag = &o.dry_run},
        {.name = "json", .flag = &o.json},
        {.name = "skip-bad", .flag = &o.skip_bad},
    };
    int code = options_read("register import", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (optind + 1 != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    if (o.source && (o.skip_bad || !may_be_a_list(o.kind))) {
        fprintf(stderr,
                "dualgate register: a list is of entities or units, and bad rows are kept\n");
        return CLI_USAGE;
    }
    o.file = argv[optind];
    return import_file(settings, &o);
}
