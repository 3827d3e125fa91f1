/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attachment.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "cli/options.h"
#include "model/attachments.h"
#include "pg/sync.h"

#define LIST_COLUMNS 7

struct options {
    const char *hash, *file, *uscc;
    bool json;
};

static const char usage_text[] =
    "usage: dualgate attachment get HASH -o FILE\n"
    "       dualgate attachment list [--uscc USCC] [--json]\n\n"
    "get writes a photo or document, named by its SHA-256 (with or without \"sha256:\"), to a "
    "file;\n"
    "- is standard output. list shows which records name what, and what of it has not arrived.\n";

static const char select_bytes[] =
    "select a.bytes from dg.attachment a where a.hash = decode($1, 'hex')";

static const char select_list[] =
    "select encode(r.hash, 'hex'), coalesce(a.media_type, 'missing'), coalesce(a.size::text, ''),\n"
    "       r.uscc, r.record, r.id, r.field\n"
    "  from dg.attachment_ref r left join dg.attachment a on a.hash = r.hash\n"
    " where $1::text is null or r.uscc = $1\n"
    " order by r.ledger_no, r.field, 1";

static int complain(const char *what)
{
    fprintf(stderr, "dualgate attachment: %s\n", what);
    return CLI_WRONG;
}

/* ---- get ---- */

static int write_file(const char *name, const char *bytes, size_t n)
{
    bool out = span_is(span_of(name), "-");
    FILE *file = out ? stdout : fopen(name, "wbe");
    bool good = false;
    if (file) {
        good = fwrite(bytes, 1, n, file) == n;
        good = (out ? fflush(file) == 0 : fclose(file) == 0) && good;
    }
    if (!good) {
        fprintf(stderr, "dualgate attachment: %s: %s\n", name, strerror(errno));
    }
    return good ? CLI_DONE : CLI_WRONG;
}

static int write_row(const struct pg_result *rows, const char *name)
{
    if (sync_rows(rows) == 0) {
        return complain("there is no such attachment");
    }
    /* As PostgreSQL writes it: \x and two digits a byte. */
    struct span text = span_of(sync_text(rows, 0, 0));
    size_t n = text.len >= 2 ? (text.len - 2) / 2 : 0;
    char *bytes = mem_alloc(n + 1);
    if (!bytes || hex_decode((struct span){text.at + 2, 2 * n}, (uint8_t *)bytes, n) != ERR_OK) {
        mem_free(bytes);
        return complain("out of memory");
    }
    int code = write_file(name, bytes, n);
    mem_free(bytes);
    return code;
}

/* ---- list ---- */

static const char *const names[LIST_COLUMNS] = {"hash",   "media_type", "size", "uscc",
                                                "record", "id",         "field"};

static void print_json(const struct pg_result *rows)
{
    struct buf out;
    buf_init(&out, 0);
    buf_putc(&out, '[');
    for (size_t i = 0; i < sync_rows(rows); i++) {
        for (int c = 0; c < LIST_COLUMNS; c++) {
            buf_puts(&out, c > 0 ? "," : i > 0 ? ",{" : "{");
            buf_printf(&out, "\"%s\":", names[c]);
            buf_json_string(&out, span_of(sync_text(rows, i, c)));
        }
        buf_putc(&out, '}');
    }
    buf_putc(&out, ']');
    puts(buf_text(&out));
    buf_free(&out);
}

static int print_list(const struct pg_result *rows, bool json)
{
    if (json) {
        print_json(rows);
        return CLI_DONE;
    }
    for (size_t i = 0; i < sync_rows(rows); i++) {
        for (int c = 0; c < LIST_COLUMNS; c++) {
            printf("%s%s", c > 0 ? "  " : "", sync_text(rows, i, c));
        }
        putchar('\n');
    }
    return CLI_DONE;
}

/* ---- the command ---- */

static int ask(const struct settings *settings, const struct options *o)
{
    struct sync *db = NULL;
    struct pg_result *rows = NULL;
    struct buf why;
    buf_init(&why, 0);
    const char *const params[] = {o->hash ? o->hash : o->uscc};
    enum err e = sync_open(&db, settings, "dualgate attachment", &why);
    if (e == ERR_OK) {
        e = sync_query(db, o->hash ? select_bytes : select_list, params, 1, &rows);
    }
    int code;
    if (e != ERR_OK) {
        code = complain(db ? sync_error(db) : buf_text(&why));
    } else {
        code = o->hash ? write_row(rows, o->file) : print_list(rows, o->json);
    }
    sync_free(rows);
    sync_close(db);
    buf_free(&why);
    return code;
}

static int read_options(int argc, char **argv, struct options *o)
{
    const struct option_row rows[] = {
        {.name = "output", .text = &o->file, .letter = 'o'},
        {.name = "uscc", .text = &o->uscc},
        {.name = "json", .flag = &o->json},
    };
    return options_read("attachment", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
}

static bool is_hash(const char *text)
{
    uint8_t hash[DIGEST_BYTES];
    return hex_decode(span_of(text), hash, sizeof hash) == ERR_OK;
}

int cli_attachment(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.json = false};
    int code = read_options(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    const char *act = optind < argc ? argv[optind] : "";
    if (strcmp(act, "list") == 0 && optind + 1 == argc && !o.file) {
        return ask(settings, &o);
    }
    if (strcmp(act, "get") != 0 || optind + 2 != argc || !o.file || o.uscc || o.json) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    o.hash = argv[optind + 1];
    if (strncmp(o.hash, ATTACHMENT_LINK, sizeof ATTACHMENT_LINK - 1) == 0) {
        o.hash += sizeof ATTACHMENT_LINK - 1;
    }
    if (!is_hash(o.hash)) {
        fprintf(stderr, "dualgate attachment: \"%s\"; expected 64 hexadecimal digits\n", o.hash);
        return CLI_USAGE;
    }
    return ask(settings, &o);
}
