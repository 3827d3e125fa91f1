/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/register_import.h"
#include "cli/register_kind.h"
#include "cli/register_merge.h"
#include "cli/register_publisher.h"
#include "model/civil_time.h"
#include "model/uscc.h"
#include "pg/sync.h"

static const char usage_text[] =
    "usage: dualgate register import FILE [--kind K] [--encoding E] [--skip-bad] [--dry-run] "
    "[--json]\n"
    "       dualgate register import FILE --source ORG [--list NAME] [OPTIONS]\n"
    "       dualgate register merge [--apply] [--effective DATE] [--json]\n"
    "       dualgate register list [--kind K] [--as-of DATE] [--unresolved] [--sector S] "
    "[--township T]\n"
    "                              [--limit N] [--json]\n"
    "       dualgate register show USCC [--as-of DATE]\n"
    "       dualgate register publisher set CODE [OPTIONS]\n\n"
    "K: entity (default), unit, publisher, division, sector, org, node, authorisation, target,\n"
    "milestone, precedence, list (what organisations brought). --as-of: entities and units.\n"
    "Each has --help.\n";

struct options {
    const char *kind;
    const char *sector, *township, *limit, *as_of;
    bool json;
};

/* What is listed of a kind; $1 sector, $2 township, $3 limit, $4 as of, each or NULL. Secrets are
 * never listed. */
static const struct {
    const char *kind, *sql;
} listings[] = {
    {"entity", "select uscc, name, kind, division, sector, size_class, above_scale, build_state"
               "  from register.entity where ($1::text is null or sector = $1)"
               "   and ($2::text is null or \"left\"(division, 9) = $2) and $4::date is null"
               " order by uscc limit $3::bigint"},
    {"unit", "select uscc, unit, name, division, sector, build_state, valid_from, valid_to"
             "  from register.unit where ($1::text is null or sector = $1)"
             "   and ($2::text is null or \"left\"(division, 9) = $2) and $4::date is null"
             " order by uscc, unit limit $3::bigint"},
    {"entity as of",
     "select uscc, name, kind, division, sector, size_class, above_scale, build_state"
     "  from register.entity_as_of($4::date) where ($1::text is null or sector = $1)"
     "   and ($2::text is null or \"left\"(division, 9) = $2) order by uscc limit $3::bigint"},
    {"unit as of", "select uscc, unit, name, division, sector, build_state, valid_from, valid_to"
                   "  from register.unit_as_of($4::date) where ($1::text is null or sector = $1)"
                   "   and ($2::text is null or \"left\"(division, 9) = $2)"
                   " order by uscc, unit limit $3::bigint"},
    {"unresolved", "select org, list, kind, line, uscc, unit, name, division, sector, state,"
                   "       array_to_string(why, ',') as why, problem from register.unresolved"
                   " where ($1::text is null or sector = $1)"
                   "   and ($2::text is null or \"left\"(division, 9) = $2) and $4::date is null"
                   " order by org, list, kind, line limit $3::bigint"},
    {"list", "select org, name, kind, file, encoding, encode(sha256, 'hex') as sha256, rows, bad,"
             "       imported_at, superseded_at from register.source_list"
             " where $1::text is null and $2::text is null and $4::date is null"
             " order by org, kind, name, id limit $3::bigint"},
    {"target", "select plan_doc_no, indicator, scope, numerator, denominator, valid_from, valid_to,"
               "       note from register.target where $1::text is null and $2::text is null"
               "   and ($4::date is null or valid_from <= $4 and coalesce(valid_to >= $4, true))"
               " order by plan_doc_no, indicator, scope, valid_from limit $3::bigint"},
    {"milestone", "select plan_doc_no, code, name, due_on, subject, valid_from, valid_to, note"
                  "  from register.milestone where $1::text is null and $2::text is null"
                  "   and ($4::date is null or valid_from <= $4 and coalesce(valid_to >= $4, true))"
                  " order by plan_doc_no, code limit $3::bigint"},
    {"precedence", "select field, array_to_string(deciders, ',') as deciders, blocking, note"
                   "  from register.precedence where $1::text is null and $2::text is null"
                   "   and $4::date is null order by field limit $3::bigint"},
    {"code_system",
     "select system, version, name, valid_from, valid_to, complete, source, note"
     "  from register.code_system where $1::text is null and $2::text is null"
     "   and ($4::date is null or valid_from <= $4 and coalesce(valid_to >= $4, true))"
     " order by system, version limit $3::bigint"},
    {"code", "select system, version, code, name, parent, sector from register.code"
             " where ($1::text is null or sector = $1) and $2::text is null and $4::date is null"
             " order by system, version, code limit $3::bigint"},
    {"code_map",
     "select system, from_version, from_code, to_version, to_code from register.code_map"
     " where $1::text is null and $2::text is null and $4::date is null"
     " order by system, from_version, from_code limit $3::bigint"},
    {"calendar_day", "select day, kind, name from register.calendar_day where $1::text is null"
                     "   and $2::text is null and ($4::date is null or day = $4)"
                     " order by day limit $3::bigint"},
    {"deadline_rule", "select code, event, n, unit, source, evidence, note"
                      "  from register.deadline_rule where $1::text is null and $2::text is null"
                      "   and $4::date is null order by code limit $3::bigint"},
    {"publisher",
     "select code, kind, name, array_to_string(adapters, ',') as adapters, charset,"
     "       adapter_key <> '' as has_key, company_code, active"
     "  from register.publisher where $1::text is null and $2::text is null and $4::date is null"
     " order by code limit $3::bigint"},
    {"authorisation",
     "select publisher, uscc, sector, valid_from, valid_to from register.authorisation"
     " where ($1::text is null or sector = $1) and $2::text is null and $4::date is null"
     " order by publisher, uscc, sector limit $3::bigint"},
    {"division", "select code, name, parent, valid_from, valid_to, mapped_to from register.division"
                 " where $1::text is null and ($2::text is null or \"left\"(code, 9) = $2)"
                 "   and $4::date is null order by code limit $3::bigint"},
    {"sector", "select code, name, profile, lead_org, array_to_string(co_orgs, ',') as co_orgs,"
               "       high_risk, coverage_rule from register.sector"
               " where ($1::text is null or code = $1) and $2::text is null and $4::date is null"
               " order by code limit $3::bigint"},
    {"org", "select code, name, kind, division, array_to_string(sectors, ',') as sectors, active"
            "  from register.org where ($1::text is null or $1 = any (sectors))"
            "   and ($2::text is null or division = $2) and $4::date is null order by code limit "
            "$3::bigint"},
    {"node", "select code, name, parent, self from register.node"
             " where $1::text is null and $2::text is null and $4::date is null order by code "
             "limit $3::bigint"},
};

static const char show_sql[] =
    "select jsonb_pretty(to_jsonb(e) || jsonb_build_object("
    "   'units', (select jsonb_agg(to_jsonb(u) - 'uscc' order by u.unit)"
    "               from register.unit_as_of(d) u where u.uscc = e.uscc),"
    "   'publisher', (select to_jsonb(p) - 'adapter_key' from register.publisher p"
    "                  where p.code = e.uscc),"
    "   'reported_for_by', (select coalesce(jsonb_agg(a.publisher order by a.publisher), '[]')"
    "               from register.authorisation a where (a.uscc = e.uscc"
    "                 or a.uscc = '*' and a.sector in ('', e.sector))"
    "                and a.valid_from <= d and coalesce(a.valid_to >= d, true))))"
    "  from (select $2::date as d) day"
    " cross join lateral register.entity_as_of(d) e where e.uscc = $1";

/* Valid or not. */
static const char show_current_sql[] =
    "select jsonb_pretty(to_jsonb(e) || jsonb_build_object("
    "   'units', (select jsonb_agg(to_jsonb(u) - 'uscc' order by u.unit)"
    "               from register.unit u where u.uscc = e.uscc),"
    "   'publisher', (select to_jsonb(p) - 'adapter_key' from register.publisher p"
    "                  where p.code = e.uscc),"
    "   'reported_for_by', (select coalesce(jsonb_agg(a.publisher order by a.publisher), '[]')"
    "               from register.authorisation a where a.uscc = e.uscc"
    "                 or a.uscc = '*' and a.sector in ('', e.sector)),"
    "   'history', (select jsonb_agg(jsonb_build_object('from', nullif(h.from_on, '-infinity'),"
    "                   'to', h.to_on, 'recorded_at', h.recorded_at, 'recorded_by', h.recorded_by)"
    "                   order by h.id) from register.entity_history h where h.uscc = e.uscc)))"
    "  from register.entity e where e.uscc = $1 and $2::date is null";

static void print_json(const struct pg_result *rows)
{
    struct buf out;
    buf_init(&out, 0);
    for (size_t i = 0; i < sync_rows(rows); i++) {
        buf_puts(&out, i > 0 ? ",\n {" : "[{");
        for (int c = 0; c < sync_columns(rows); c++) {
            buf_printf(&out, "%s\"%s\":", c > 0 ? "," : "", sync_column(rows, c));
            if (sync_null(rows, i, c)) {
                buf_puts(&out, "null");
            } else {
                buf_json_string(&out, span_of(sync_text(rows, i, c)));
            }
        }
        buf_putc(&out, '}');
    }
    buf_puts(&out, sync_rows(rows) > 0 ? "]" : "[]");
    puts(buf_text(&out));
    buf_free(&out);
}

static void print_text(const struct pg_result *rows)
{
    for (int c = 0; c < sync_columns(rows); c++) {
        printf("%s%s", c > 0 ? "\t" : "", sync_column(rows, c));
    }
    putchar('\n');
    for (size_t i = 0; i < sync_rows(rows); i++) {
        for (int c = 0; c < sync_columns(rows); c++) {
            printf("%s%s", c > 0 ? "\t" : "", sync_text(rows, i, c));
        }
        putchar('\n');
    }
}

static const char *listing_of(const char *kind)
{
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        if (strcmp(listings[i].kind, kind) == 0) {
            return listings[i].sql;
        }
    }
    return NULL;
}

/* Runs one query and prints its rows, each the way it is wanted. CLI_WRONG when there are none and
 * must_be. */
static int run(const struct settings *settings, const char *sql, const char *const *params,
               size_t n, void (*print)(const struct pg_result *rows), const char *must_be)
{
    struct sync *db = NULL;
    struct pg_result *rows = NULL;
    struct buf why;
    int code = CLI_WRONG;
    buf_init(&why, 0);
    enum err err = sync_open(&db, settings, "dualgate register", &why);
    if (err == ERR_OK) {
        err = sync_query(db, sql, params, n, &rows);
    }
    if (err != ERR_OK) {
        fprintf(stderr, "dualgate register: %s\n", db ? sync_error(db) : buf_text(&why));
    } else if (must_be && sync_rows(rows) == 0) {
        fprintf(stderr, "dualgate register: there is no entity %s\n", must_be);
    } else {
        print(rows);
        code = CLI_DONE;
    }
    sync_free(rows);
    sync_close(db);
    buf_free(&why);
    return code;
}

static void print_document(const struct pg_result *rows)
{
    puts(sync_text(rows, 0, 0));
}

static bool take_kind(void *to, const char *text)
{
    *(const char **)to = text;
    return listing_of(text) != NULL;
}

/* CLI_DONE to go on, -1 when help was all that was wanted. */
static int parse(int argc, char **argv, struct options *o)
{
    bool unresolved = false;
    const struct option_row rows[] = {
        {.name = "kind", .to = &o->kind, .take = take_kind, .expected = "a kind of the register"},
        {.name = "sector", .text = &o->sector},
        {.name = "township", .text = &o->township},
        {.name = "limit", .text = &o->limit},
        {.name = "as-of", .to = &o->as_of, .take = options_date, .expected = OPTIONS_DATE_EXPECTED},
        {.name = "unresolved", .flag = &unresolved},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("register", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    if (unresolved) {
        o->kind = "unresolved";
    }
    return CLI_DONE;
}

/* Entities and units have a history, targets and milestones validity; of nothing else can one ask
 * how it was, and then nothing is listed. */
static const char *listing_as_of(const struct options *o)
{
    bool unit = strcmp(o->kind, "unit") == 0;
    if (o->as_of && (unit || strcmp(o->kind, "entity") == 0)) {
        return listing_of(unit ? "unit as of" : "entity as of");
    }
    return listing_of(o->kind);
}

static int list(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.kind = "entity"};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (optind != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    const char *params[] = {o.sector, o.township, o.limit, o.as_of};
    return run(settings, listing_as_of(&o), params, 4, o.json ? print_json : print_text, NULL);
}

static int show(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.json = false};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (optind + 1 != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    const char *uscc = argv[optind];
    if (!uscc_valid(span_of(uscc))) {
        fprintf(stderr, "dualgate register: \"%s\" is no valid unified social credit code\n", uscc);
        return CLI_USAGE;
    }
    const char *params[] = {uscc, o.as_of};
    return run(settings, o.as_of ? show_sql : show_current_sql, params, 2, print_document, uscc);
}

int cli_register(int argc, char **argv, const struct settings *settings)
{
    static const struct {
        const char *name;
        cli_run run;
    } acts[] = {{"import", register_import},
                {"merge", register_merge},
                {"list", list},
                {"show", show},
                {"publisher", register_publisher}};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage_text, stdout);
        return CLI_DONE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(argv[1], acts[i].name) == 0) {
            return acts[i].run(argc - 1, argv + 1, settings);
        }
    }
    fputs(usage_text, stderr);
    return CLI_USAGE;
}
