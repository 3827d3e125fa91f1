/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_publisher.h"

#include <getopt.h>
#include <stdio.h>

#include "adapt/charset.h"
#include "cli/options.h"
#include "cli/register_kind.h"
#include "conf/secret.h"
#include "model/uscc.h"
#include "pg/sync.h"

#define LIST_MAX         64
#define WORD_CHARS       16
#define PAIR_EXPECTED    "USCC[:SECTOR] or *[:SECTOR]"
#define SECRET_BYTES_MAX ((size_t)16384)

/* USCC, USCC:SECTOR or *:SECTOR */
struct pairs {
    const char *at[LIST_MAX];
    size_t n;
};

struct options {
    const char *code, *kind, *name, *adapters, *charset, *key_file, *company_code, *active;
    struct pairs allow, forbid;
    char kind_word[WORD_CHARS], active_word[WORD_CHARS]; /* what kind and active point to */
    bool json;
};

static const char usage_text[] =
    "usage: dualgate register publisher set CODE [OPTIONS]\n\n"
    "CODE is the identity of the credential; an entity's is its unified social credit code. What "
    "is not\n"
    "named stays as it is.\n\n"
    "  --kind K           ENTITY, SERVICE_ORG, PLATFORM or ORG\n"
    "  --name N\n"
    "  --adapters A,B     of native messages; the first is the default; \"\" for none\n"
    "  --charset C        declared encoding of native messages\n"
    "  --key-file FILE    secret of the adapter's envelope: first line of a file only you can "
    "read\n"
    "  --company-code C   nine digits\n"
    "  --active yes|no\n"
    "  --allow U[:S]      may report for entity U, or for all (*) of sector S; may be repeated\n"
    "  --forbid U[:S]     takes that back\n"
    "  --json             print the publisher afterwards as JSON\n";

/* The kind of a new publisher that names none follows from its code. */
static const char upsert_sql[] =
    "insert into register.publisher as p (code, kind, name, adapters, charset, adapter_key,"
    "                                     company_code, active)"
    " values ($1, coalesce($2, $9), coalesce($3, ''),"
    "         coalesce(string_to_array(nullif($4, ''), ','), '{}'), coalesce($5, ''),"
    "         coalesce($6, ''), coalesce($7, ''), coalesce($8::boolean, true))"
    " on conflict (code) do update"
    "    set kind = coalesce($2, p.kind), name = coalesce($3, p.name),"
    "        adapters = case when $4::text is null then p.adapters else excluded.adapters end,"
    "        charset = coalesce($5, p.charset), adapter_key = coalesce($6, p.adapter_key),"
    "        company_code = coalesce($7, p.company_code), active = coalesce($8::boolean, p.active)";

static const char allow_sql[] =
    "insert into register.authorisation (publisher, uscc, sector)"
    " values ($1, split_part($2, ':', 1), split_part($2, ':', 2)) on conflict do nothing";

static const char forbid_sql[] =
    "delete from register.authorisation where publisher = $1 and uscc = split_part($2, ':', 1)"
    "   and sector = split_part($2, ':', 2)";

static const char show_sql[] =
    "select jsonb_pretty(jsonb_build_object('code', p.code, 'kind', p.kind, 'name', p.name,"
    "       'adapters', p.adapters, 'charset', p.charset, 'has_key', p.adapter_key <> '',"
    "       'company_code', p.company_code, 'active', p.active, 'may_report_for',"
    "       (select coalesce(jsonb_agg(jsonb_build_object('uscc', a.uscc, 'sector', a.sector)"
    "               order by a.uscc, a.sector), '[]')"
    "          from register.authorisation a where a.publisher = p.code)))"
    "  from register.publisher p where p.code = $1";

static enum err write_list(struct sync *db, const char *sql, const char *code,
                           const char *const *list, size_t n)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        err = sync_query(db, sql, (const char *[]){code, list[i]}, 2, NULL);
    }
    return err;
}

static enum err write_all(struct sync *db, const struct options *o, const char *key)
{
    const char *guess = uscc_valid(span_of(o->code)) ? "ENTITY" : "SERVICE_ORG";
    const char *params[] = {o->code, o->kind,         o->name,   o->adapters, o->charset,
                            key,     o->company_code, o->active, guess};
    enum err err = sync_script(db, "begin");
    if (err == ERR_OK) {
        err = sync_query(db, upsert_sql, params, 9, NULL);
    }
    if (err == ERR_OK) {
        err = write_list(db, allow_sql, o->code, o->allow.at, o->allow.n);
    }
    if (err == ERR_OK) {
        err = write_list(db, forbid_sql, o->code, o->forbid.at, o->forbid.n);
    }
    return err == ERR_OK ? sync_script(db, "commit") : err;
}

static int print_publisher(struct sync *db, const struct options *o)
{
    struct pg_result *r = NULL;
    if (!o->json) {
        printf("publisher %s is set\n", o->code);
        return CLI_DONE;
    }
    enum err err = sync_query(db, show_sql, &o->code, 1, &r);
    if (err == ERR_OK && sync_rows(r) == 1) {
        puts(sync_text(r, 0, 0));
    }
    sync_free(r);
    return err == ERR_OK ? CLI_DONE : CLI_WRONG;
}

static int set(const struct settings *settings, const struct options *o)
{
    struct sync *db = NULL;
    struct buf why;
    struct arena arena;
    const char *key = NULL;
    int code = CLI_WRONG;
    buf_init(&why, 0);
    arena_init(&arena, SECRET_BYTES_MAX);
    enum err err = secret_read(o->key_file ? o->key_file : "", &arena, &key, &why);
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s: %s\n", o->key_file, buf_text(&why));
        goto out;
    }
    err = sync_open(&db, settings, "dualgate register", &why);
    if (err == ERR_OK) {
        err = write_all(db, o, key);
    }
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n", db ? sync_error(db) : buf_text(&why));
        goto out;
    }
    code = print_publisher(db, o);
out:
    sync_close(db);
    arena_free(&arena);
    buf_free(&why);
    return code;
}

static bool take_pair(void *to, const char *pair)
{
    struct pairs *pairs = to;
    struct span rest = span_of(pair);
    struct span uscc = span_cut(&rest, ':');
    if (pairs->n == LIST_MAX || (!span_is(uscc, "*") && !uscc_valid(uscc))) {
        return false;
    }
    pairs->at[pairs->n++] = pair;
    return true;
}

static bool take_kind(void *to, const char *text)
{
    struct options *o = to;
    o->kind = register_word("ENTITY=|SERVICE_ORG=|PLATFORM=|ORG=", span_of(text), o->kind_word,
                            WORD_CHARS);
    return o->kind != NULL;
}

static bool take_active(void *to, const char *text)
{
    struct options *o = to;
    o->active = register_word("true=yes,是|false=no,否", span_of(text), o->active_word, WORD_CHARS);
    return o->active != NULL;
}

static bool take_charset(void *to, const char *text)
{
    *(const char **)to = text;
    return text[0] == '\0' || charset_of_name(span_of(text)) != CHARSET_UNKNOWN;
}

int register_publisher(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.json = false};
    const struct option_row rows[] = {
        {.name = "kind",
         .to = &o,
         .take = take_kind,
         .expected = "one of ENTITY, SERVICE_ORG, PLATFORM, ORG"},
        {.name = "name", .text = &o.name},
        {.name = "adapters", .text = &o.adapters},
        {.name = "charset", .to = &o.charset, .take = take_charset, .expected = "supported"},
        {.name = "key-file", .text = &o.key_file},
        {.name = "company-code", .text = &o.company_code},
        {.name = "active", .to = &o, .take = take_active, .expected = "one of true, false"},
        {.name = "allow", .to = &o.allow, .take = take_pair, .expected = PAIR_EXPECTED},
        {.name = "forbid", .to = &o.forbid, .take = take_pair, .expected = PAIR_EXPECTED},
        {.name = "json", .flag = &o.json},
    };
    int code =
        options_read("register publisher", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (optind + 2 != argc || strcmp(argv[optind], "set") != 0) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    o.code = argv[optind + 1];
    return set(settings, &o);
}
