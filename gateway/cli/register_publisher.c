/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_publisher.h"

#include <getopt.h>
#include <stdio.h>

#include "adapt/charset.h"
#include "cli/register_kind.h"
#include "conf/secret.h"
#include "model/uscc.h"
#include "pg/sync.h"

#define LIST_MAX         64
#define SECRET_BYTES_MAX ((size_t)16384)

struct options {
    const char *code, *kind, *name, *adapters, *charset, *key_file, *company_code, *active;
    const char *allow[LIST_MAX], *forbid[LIST_MAX]; /* USCC, USCC:SECTOR or *:SECTOR */
    size_t n_allow, n_forbid;
    char kind_word[16], active_word[16]; /* what kind and active point to */
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
        err = write_list(db, allow_sql, o->code, o->allow, o->n_allow);
    }
    if (err == ERR_OK) {
        err = write_list(db, forbid_sql, o->code, o->forbid, o->n_forbid);
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

static bool add_pair(const char **list, size_t *n, const char *pair)
{
    struct span rest = span_of(pair);
    struct span uscc = span_cut(&rest, ':');
    if (*n == LIST_MAX || (!span_is(uscc, "*") && !uscc_valid(uscc))) {
        fprintf(stderr, "dualgate register: \"%s\" is neither USCC[:SECTOR] nor *[:SECTOR]\n",
                pair);
        return false;
    }
    list[(*n)++] = pair;
    return true;
}

static bool take_word(const char *words, const char *value, char out[16], const char **to)
{
    *to = register_word(words, span_of(value), out, 16);
    if (!*to) {
        fprintf(stderr, "dualgate register: \"%s\" is none of %s\n", value, words);
    }
    return *to != NULL;
}

static bool take_option(struct options *o, int c)
{
    switch (c) {
    case 'k':
        return take_word("ENTITY=|SERVICE_ORG=|PLATFORM=|ORG=", optarg, o->kind_word, &o->kind);
    case 'v':
        return take_word("true=yes,是|false=no,否", optarg, o->active_word, &o->active);
    case 'n':
        o->name = optarg;
        return true;
    case 'a':
        o->adapters = optarg;
        return true;
    case 'c':
        o->charset = optarg;
        if (optarg[0] && charset_of_name(span_of(optarg)) == CHARSET_UNKNOWN) {
            fprintf(stderr, "dualgate register: encoding \"%s\" is not supported\n", optarg);
            return false;
        }
        return true;
    case 'f':
        o->key_file = optarg;
        return true;
    case 'm':
        o->company_code = optarg;
        return true;
    case 'l':
        return add_pair(o->allow, &o->n_allow, optarg);
    case 'x':
        return add_pair(o->forbid, &o->n_forbid, optarg);
    case 'j':
        o->json = true;
        return true;
    default:
        return false;
    }
}

int register_publisher(int argc, char **argv, const struct settings *settings)
{
    static const struct option longs[] = {
        {"kind", required_argument, NULL, 'k'},     {"name", required_argument, NULL, 'n'},
        {"adapters", required_argument, NULL, 'a'}, {"charset", required_argument, NULL, 'c'},
        {"key-file", required_argument, NULL, 'f'}, {"company-code", required_argument, NULL, 'm'},
        {"active", required_argument, NULL, 'v'},   {"allow", required_argument, NULL, 'l'},
        {"forbid", required_argument, NULL, 'x'},   {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
    };
    struct options o = {.json = false};
    optind = 0;
    for (int c = getopt_long(argc, argv, "", longs, NULL); c != -1;
         c = getopt_long(argc, argv, "", longs, NULL)) {
        if (c == 'h') {
            fputs(usage_text, stdout);
            return CLI_DONE;
        }
        if (!take_option(&o, c)) {
            return CLI_USAGE;
        }
    }
    if (optind + 2 != argc || strcmp(argv[optind], "set") != 0) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    o.code = argv[optind + 1];
    return set(settings, &o);
}
