/* SPDX-License-Identifier: Apache-2.0 */
/* Rows go one by one through one upsert made from the catalogue's types and defaults. The first
 * pass has no savepoints; only when the database refuses a row does a second one find all that it
 * refuses. */
#include "cli/register_import.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "adapt/charset.h"
#include "base/alloc.h"
#include "cli/register_rows.h"

#define FILE_BYTES_MAX ((size_t)1 << 30)
#define COLUMNS_MAX    64

struct options {
    const char *file;
    const struct register_kind *kind;
    enum charset charset;
    bool dry_run, json, skip_bad;
};

struct counts {
    size_t inserted, changed, same;
};

static const char usage_text[] =
    "usage: dualgate register import FILE [OPTIONS]\n\n"
    "FILE is CSV with a line of headings: canonical names (uscc,name,division,sector,…) or "
    "Chinese\n"
    "ones (统一社会信用代码, 企业名称, 行政区划, 行业, …). A cell without text leaves the column "
    "as it is\n"
    "by default; columns that the file lacks are not touched.\n\n"
    "  --kind K         entity, unit, publisher, division, sector, org, node, authorisation\n"
    "                   (default: by the headings)\n"
    "  --encoding E     UTF-8 (default) or GB18030; never guessed\n"
    "  --skip-bad       import the good lines even if there are bad ones\n"
    "  --dry-run        do everything, then roll it back\n"
    "  --json           print the outcome as JSON\n\n"
    "Exit code: 0 all lines were taken, 1 some were not, 2 wrong usage.\n";

/* ---- the statement ---- */

/* Types and defaults as the catalogue has them, in the order of the kind's columns. */
static const char catalogue_sql[] =
    "select a.attname, format_type(a.atttypid, a.atttypmod),"
    "       case when a.attnotnull then pg_get_expr(d.adbin, d.adrelid) end"
    "  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
    " where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped";

static long find_attribute(const struct pg_result *rows, const char *name)
{
    for (size_t i = 0; i < sync_rows(rows); i++) {
        if (strcmp(sync_text(rows, i, 0), name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

static bool written(const struct register_rows *r, size_t column)
{
    return r->present[column] || r->kind->columns[column].keyless_default;
}

static void put_value(const struct pg_result *rows, const struct register_column *column, size_t no,
                      struct buf *sql)
{
    long at = find_attribute(rows, column->name);
    const char *type = at < 0 ? "text" : sync_text(rows, (size_t)at, 1);
    if (at >= 0 && !sync_null(rows, (size_t)at, 2)) {
        buf_printf(sql, "coalesce($%zu::%s, %s)", no, type, sync_text(rows, (size_t)at, 2));
    } else {
        buf_printf(sql, "$%zu::%s", no, type);
    }
}

/* Comma-separated names of the columns written, those of the key or the others, each after a
 * prefix. */
static void put_names(const struct register_rows *r, bool keys, const char *prefix, bool assign,
                      struct buf *sql)
{
    bool first = true;
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        const struct register_column *c = &r->kind->columns[i];
        if (written(r, i) && c->key == keys) {
            buf_printf(sql, "%s%s%s", first ? "" : ", ", assign ? c->name : prefix,
                       assign ? "" : c->name);
            if (assign) {
                buf_printf(sql, " = %s%s", prefix, c->name);
            }
            first = false;
        }
    }
}

static size_t count_others(const struct register_rows *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        n += written(r, i) && !r->kind->columns[i].key;
    }
    return n;
}

static void write_upsert(const struct register_rows *r, const struct pg_result *catalogue,
                         struct buf *sql)
{
    bool others = count_others(r) > 0;
    size_t no = 0;
    buf_printf(sql, "insert into %s as t (", r->kind->table);
    put_names(r, true, "", false, sql);
    buf_puts(sql, others ? ", " : "");
    put_names(r, false, "", false, sql);
    buf_puts(sql, ") values (");
    for (int keys = 1; keys >= 0; keys--) {
        for (size_t i = 0; i < r->kind->n_columns; i++) {
            if (written(r, i) && r->kind->columns[i].key == (keys == 1)) {
                buf_puts(sql, no > 0 ? ", " : "");
                put_value(catalogue, &r->kind->columns[i], ++no, sql);
            }
        }
    }
    buf_puts(sql, ") on conflict (");
    put_names(r, true, "", false, sql);
    if (others) {
        buf_puts(sql, ") do update set ");
        put_names(r, false, "excluded.", true, sql);
        buf_puts(sql, " where (");
        put_names(r, false, "t.", false, sql);
        buf_puts(sql, ") is distinct from (");
        put_names(r, false, "excluded.", false, sql);
        buf_puts(sql, ") returning xmax = 0");
    } else {
        buf_puts(sql, ") do nothing returning true");
    }
}

/* ---- writing ---- */

static size_t values_of(const struct register_rows *r, const struct register_row *row,
                        const char *values[COLUMNS_MAX])
{
    size_t n = 0;
    for (int keys = 1; keys >= 0; keys--) {
        for (size_t i = 0; i < r->kind->n_columns && n < COLUMNS_MAX; i++) {
            const struct register_column *c = &r->kind->columns[i];
            if (written(r, i) && c->key == (keys == 1)) {
                values[n++] = row->values[i] ? row->values[i] : c->keyless_default ? "" : NULL;
            }
        }
    }
    return n;
}

static enum err write_row(struct sync *db, const struct register_rows *r,
                          const struct register_row *row, const char *sql, struct counts *counts)
{
    const char *values[COLUMNS_MAX];
    struct pg_result *result = NULL;
    size_t n = values_of(r, row, values);
    enum err err = sync_query(db, sql, values, n, &result);
    if (err == ERR_OK) {
        bool inserted = sync_rows(result) == 1 && strcmp(sync_text(result, 0, 0), "t") == 0;
        counts->inserted += inserted;
        counts->changed += sync_rows(result) == 1 && !inserted;
        counts->same += sync_rows(result) == 0;
        sync_free(result);
    }
    return err;
}

/* ERR_DATA when the database refused a row. With savepoints: every row that it refuses is told and
 * left out. */
static enum err write_rows(struct sync *db, struct register_rows *r, const char *sql,
                           bool savepoints, struct counts *counts)
{
    *counts = (struct counts){0};
    enum err result = sync_script(db, "begin");
    for (const struct register_row *row = r->first; row && result == ERR_OK; row = row->next) {
        result = savepoints ? sync_script(db, "savepoint one_row") : ERR_OK;
        if (result == ERR_OK) {
            result = write_row(db, r, row, sql, counts);
        }
        if (result == ERR_DATA && savepoints) {
            register_rows_complain(r, row->line, "", SPAN_NONE, sync_error(db));
            result = sync_script(db, "rollback to savepoint one_row");
        }
    }
    return result;
}

static enum err write_all(struct sync *db, struct register_rows *r, const struct options *o,
                          struct counts *counts)
{
    struct buf sql;
    struct pg_result *catalogue = NULL;
    buf_init(&sql, 0);
    enum err err = sync_query(db, catalogue_sql, &r->kind->table, 1, &catalogue);
    if (err == ERR_OK) {
        write_upsert(r, catalogue, &sql);
        err = write_rows(db, r, buf_text(&sql), false, counts);
    }
    if (err == ERR_DATA) {
        sync_rollback(db);
        err = write_rows(db, r, buf_text(&sql), true, counts);
    }
    bool keep = err == ERR_OK && !o->dry_run && (r->n_bad == 0 || o->skip_bad);
    if (keep) {
        err = sync_script(db, "commit");
    } else {
        sync_rollback(db);
    }
    sync_free(catalogue);
    buf_free(&sql);
    return err;
}

/* ---- telling ---- */

static void print_bad(const struct options *o, const struct register_rows *r)
{
    for (const struct bad_cell *b = r->bad; b; b = b->next) {
        fprintf(stderr, "%s:%zu: %s%s", o->file, b->line, b->column, b->column[0] ? ": " : "");
        fprintf(stderr, b->value[0] ? "\"%s\" %s\n" : "%s%s\n", b->value, b->why);
    }
}

static void print_json(const struct options *o, const struct register_rows *r,
                       const struct counts *counts, bool taken)
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
                          const struct counts *counts, bool taken)
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
                       struct span text, struct counts *counts, bool *taken)
{
    enum err err = register_rows_read(r, text);
    if (err == ERR_SYNTAX || (err == ERR_OK && r->n_bad > 0 && (r->headless || !o->skip_bad))) {
        return ERR_OK; /* told by the list of what is bad */
    }
    if (err == ERR_OK) {
        err = write_all(db, r, o, counts);
    }
    *taken = err == ERR_OK && !o->dry_run && (r->n_bad == 0 || o->skip_bad);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n",
                err == ERR_NOMEM ? err_text(err) : sync_error(db));
    }
    return err;
}

static int import_text(struct sync *db, const struct options *o, struct span text)
{
    struct schema *schema = NULL;
    const char *why = "";
    struct register_names names = {.schema = NULL};
    struct register_rows rows;
    struct counts counts = {0};
    bool taken = false;
    enum err err = schema_load(&schema, &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: the schema: %s\n", why);
        return CLI_WRONG;
    }
    register_rows_init(&rows, o->kind, &names);
    err = register_names_load(&names, db, schema);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n", sync_error(db));
    } else {
        err = import(db, &rows, o, text, &counts, &taken);
    }
    if (err == ERR_OK) {
        print_outcome(o, &rows, &counts, taken);
    }
    int code = err == ERR_OK && rows.n_bad == 0 ? CLI_DONE : CLI_WRONG;
    register_rows_free(&rows);
    register_names_free(&names);
    schema_free(schema);
    return code;
}

static enum err read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
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
    struct buf bytes, why;
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
    code = import_text(db, o, text);
out:
    sync_close(db);
    buf_free(&why);
    buf_free(&bytes);
    arena_free(&arena);
    return code;
}

static int take_option(struct options *o, int c)
{
    switch (c) {
    case 'k':
        o->kind = register_kind_of(optarg);
        if (!o->kind) {
            fprintf(stderr, "dualgate register: there is no kind \"%s\"\n", optarg);
            return CLI_USAGE;
        }
        return CLI_DONE;
    case 'e':
        o->charset = charset_of_name(span_of(optarg));
        if (o->charset == CHARSET_UNKNOWN) {
            fprintf(stderr, "dualgate register: encoding \"%s\" is not supported\n", optarg);
            return CLI_USAGE;
        }
        return CLI_DONE;
    case 'n':
        o->dry_run = true;
        return CLI_DONE;
    case 'j':
        o->json = true;
        return CLI_DONE;
    case 's':
        o->skip_bad = true;
        return CLI_DONE;
    default:
        return CLI_USAGE;
    }
}

int register_import(int argc, char **argv, const struct settings *settings)
{
    static const struct option longs[] = {
        {"kind", required_argument, NULL, 'k'},
        {"encoding", required_argument, NULL, 'e'},
        {"dry-run", no_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {"skip-bad", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options o = {.charset = CHARSET_UTF8};
    optind = 0;
    for (int c = getopt_long(argc, argv, "", longs, NULL); c != -1;
         c = getopt_long(argc, argv, "", longs, NULL)) {
        if (c == 'h') {
            fputs(usage_text, stdout);
            return CLI_DONE;
        }
        if (take_option(&o, c) != CLI_DONE) {
            return CLI_USAGE;
        }
    }
    if (optind + 1 != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    o.file = argv[optind];
    return import_file(settings, &o);
}
