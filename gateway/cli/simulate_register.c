/* SPDX-License-Identifier: Apache-2.0 */
/* Each table takes its rows as one JSON text, so that ten thousand entities are still eight
 * statements. */
#include "cli/simulate_register.h"

#include <inttypes.h>
#include <string.h>

#include "pg/sync.h"

#define NOT_ALLOWED "42501"

/* ---- rows ---- */

static void member(struct buf *out, const char *name, const char *value)
{
    if (value != NULL) {
        buf_printf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", name);
        buf_json_string(out, span_of(value));
    }
}

static void open_row(struct buf *out)
{
    buf_puts(out, out->data[out->len - 1] == '[' ? "{" : ",{");
}

static void division_row(struct buf *out, const char *node, const struct words_township *town,
                         const char *mapped_to)
{
    open_row(out);
    buf_printf(out, "\"code\":\"%s%s\",\"name\":\"%s\",\"parent\":\"%s\"", node, town->suffix,
               town->name, node);
    if (mapped_to != NULL) {
        buf_printf(out, ",\"mapped_to\":\"%s%s\",\"valid_to\":\"2019-12-31\"", node, mapped_to);
    }
    buf_putc(out, '}');
}

static void division_rows(const struct district *d, struct buf *out)
{
    for (size_t i = 0; i < WORDS_TOWNSHIPS; i++) {
        division_row(out, d->node, &words_townships[i], NULL);
    }
    division_row(out, d->node, &words_retired_township, words_retired_into);
}

static void sector_rows(const struct district *d, struct buf *out)
{
    (void)d;
    for (size_t i = 0; i < WORDS_SECTORS; i++) {
        open_row(out);
        member(out, "code", words_sectors[i].code);
        member(out, "name", words_sectors[i].name);
        member(out, "profile", words_sectors[i].profile);
        buf_putc(out, '}');
    }
}

static void entity_rows(const struct district *d, struct buf *out)
{
    for (size_t i = 0; i < d->n_entities; i++) {
        const struct district_entity *e = &d->entities[i];
        open_row(out);
        member(out, "uscc", e->uscc);
        member(out, "name", e->name);
        member(out, "kind", e->form->kind);
        member(out, "division", e->division);
        member(out, "address", e->address);
        member(out, "lat", e->lat);
        member(out, "lon", e->lon);
        member(out, "industry", e->form->industry);
        member(out, "sector", e->sector->code);
        member(out, "size_class", e->size_class);
        member(out, "tier", e->form->tier);
        member(out, "principal", e->units[0].persons[0].name);
        member(out, "safety_head", e->units[0].persons[1].name);
        member(out, "build_state", e->build_state);
        member(out, "scope", e->scope);
        member(out, "company_code", e->company_code);
        buf_printf(out, ",\"above_scale\":%s,\"staff\":%" PRId64 "}",
                   e->above_scale ? "true" : "false", e->staff);
    }
}

/* A builder or a complex is no reporting unit beside its projects and shops. */
static void unit_rows(const struct district *d, struct buf *out)
{
    for (size_t i = 0; i < d->n_entities; i++) {
        const struct district_entity *e = &d->entities[i];
        for (size_t u = 1; u < e->n_units; u++) {
            open_row(out);
            member(out, "uscc", e->uscc);
            member(out, "unit", e->units[u].unit);
            member(out, "name", e->units[u].name);
            member(out, "division", e->units[u].division);
            member(out, "sector", e->sector->code);
            member(out, "build_state", e->build_state);
            buf_putc(out, '}');
        }
    }
}

static void other_publisher(struct buf *out, const char *code, const char *kind, const char *name)
{
    open_row(out);
    member(out, "code", code);
    member(out, "kind", kind);
    member(out, "name", name);
    buf_putc(out, '}');
}

static void publisher_rows(const struct district *d, struct buf *out)
{
    other_publisher(out, d->service_org, "SERVICE_ORG", "平顶山市鹰城安全技术服务有限公司");
    other_publisher(out, d->platform, "PLATFORM", "养老服务综合监管平台");
    for (size_t i = 0; i < d->n_entities; i++) {
        const struct district_entity *e = &d->entities[i];
        if (e->adapter == NULL) {
            continue;
        }
        open_row(out);
        member(out, "code", e->uscc);
        member(out, "kind", "ENTITY");
        member(out, "name", e->name);
        member(out, "adapter", e->adapter);
        member(out, "adapter_key", e->adapter_key);
        member(out, "company_code", e->company_code);
        buf_putc(out, '}');
    }
}

static void authorisation_rows(const struct district *d, struct buf *out)
{
    open_row(out);
    member(out, "publisher", d->platform);
    member(out, "uscc", "*");
    member(out, "sector", d->platform_sector->code);
    buf_putc(out, '}');
    for (size_t i = 0; i < d->n_entities; i++) {
        if (d->entities[i].publisher == d->service_org) {
            open_row(out);
            member(out, "publisher", d->service_org);
            member(out, "uscc", d->entities[i].uscc);
            member(out, "sector", "");
            buf_putc(out, '}');
        }
    }
}

/* ---- statements ---- */

static const char node_insert[] =
    "insert into register.node (code, name, self) values ($1, $2, true) on conflict do nothing";
static const char node_division_insert[] =
    "insert into register.division (code, name) values ($1, $2) on conflict do nothing";

static const struct table {
    void (*rows)(const struct district *d, struct buf *out);
    const char *insert;
} tables[] = {
    {division_rows,
     "insert into register.division (code, name, parent, mapped_to, valid_to)"
     " select code, name, parent, mapped_to, valid_to from jsonb_to_recordset($1::jsonb)"
     " as t(code text, name text, parent text, mapped_to text, valid_to date)"
     " on conflict do nothing"},
    {sector_rows, "insert into register.sector (code, name, profile)"
                  " select code, name, profile from jsonb_to_recordset($1::jsonb)"
                  " as t(code text, name text, profile text) on conflict do nothing"},
    {entity_rows,
     "insert into register.entity (uscc, name, kind, division, address, lat, lon, industry, sector,"
     " size_class, above_scale, tier, staff, principal, safety_head, build_state, scope,"
     " company_code, tags)"
     " select uscc, name, kind, division, address, lat, lon, industry, sector, size_class,"
     " above_scale, tier, staff, principal, safety_head, build_state, scope, company_code,"
     " array['simulated'] from jsonb_to_recordset($1::jsonb)"
     " as t(uscc text, name text, kind text, division text, address text, lat numeric, lon numeric,"
     " industry text, sector text, size_class text, above_scale boolean, tier text, staff integer,"
     " principal text, safety_head text, build_state text, scope text, company_code text)"
     " on conflict (uscc) do nothing"},
    {unit_rows, "insert into register.unit (uscc, unit, name, division, sector, build_state)"
                " select uscc, unit, name, division, sector, build_state"
                " from jsonb_to_recordset($1::jsonb) as t(uscc text, unit text, name text,"
                " division text, sector text, build_state text) on conflict do nothing"},
    {publisher_rows,
     "insert into register.publisher (code, kind, name, adapters, adapter_key, company_code)"
     " select code, kind, name, array_remove(array[adapter], null), coalesce(adapter_key, ''),"
     " coalesce(company_code, '') from jsonb_to_recordset($1::jsonb) as t(code text, kind text,"
     " name text, adapter text, adapter_key text, company_code text) on conflict do nothing"},
    {authorisation_rows, "insert into register.authorisation (publisher, uscc, sector)"
                         " select publisher, uscc, sector from jsonb_to_recordset($1::jsonb)"
                         " as t(publisher text, uscc text, sector text) on conflict do nothing"},
};

static enum err insert(struct sync *db, const struct table *table, const struct district *d)
{
    struct buf rows;
    buf_init(&rows, 0);
    buf_putc(&rows, '[');
    if (!buf_failed(&rows)) {
        table->rows(d, &rows);
    }
    buf_putc(&rows, ']');
    const char *text = buf_text(&rows);
    enum err e = buf_failed(&rows) ? ERR_NOMEM : sync_query(db, table->insert, &text, 1, NULL);
    buf_free(&rows);
    return e;
}

static enum err write_all(struct sync *db, const struct district *d)
{
    const char *const node[] = {d->node, "湛河区"};
    enum err e = sync_script(db, "begin");
    e = e == ERR_OK ? sync_query(db, node_insert, node, 2, NULL) : e;
    e = e == ERR_OK ? sync_query(db, node_division_insert, node, 2, NULL) : e;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && e == ERR_OK; i++) {
        e = insert(db, &tables[i], d);
    }
    return e == ERR_OK ? sync_script(db, "commit") : e;
}

enum err sim_register(const struct settings *settings, const struct district *d, struct buf *why)
{
    struct sync *db = NULL;
    enum err e = sync_open(&db, settings, "dualgate simulate", why);
    if (e != ERR_OK) {
        return e;
    }
    e = write_all(db, d);
    if (e != ERR_OK && strcmp(sync_sqlstate(db), NOT_ALLOWED) == 0) {
        buf_printf(why,
                   "the role %s may not write the register: give simulate a configuration whose "
                   "pg.user is an administrator (%s)",
                   settings->pg.user, sync_error(db));
    } else if (e != ERR_OK) {
        buf_puts(why, sync_error(db));
    }
    if (e != ERR_OK) {
        sync_rollback(db);
    }
    sync_close(db);
    return e;
}
