/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come as one array of the table's row type: unnest() of it costs one function scan however
 * many columns there are. An insert names the columns that are bound, so the others keep their
 * defaults. Where a number of rows decides whether the plan was right, dg.expect() says so inside
 * the transaction: a wrong one fails with SQLSTATE 40DG1, COMMIT never runs, and no round trip is
 * spent on looking. */
#include "pg/statements.h"

#include <string.h>

#include "base/buf.h"
#include "pg/parked.h"

#define SQL_MAX_BYTES ((size_t)1 << 20)

#define ORDER_OF(row)                                                                     \
    "(" row ".observed_at, " row ".source_system collate \"C\", " row ".source_seq, " row \
    ".state_rank, " row ".ledger_no)"

const struct pg_statement statement_begin = {"begin", "begin isolation level read committed"};
const struct pg_statement statement_commit = {"commit", "commit"};
const struct pg_statement statement_rollback = {"rollback", "rollback"};

const struct pg_statement statement_msg_keys = {
    "msg_keys", "select k.n, m.hash, m.raw_hash, m.ledger_no"
                "  from unnest($1::uuid[], $2::text[]) with ordinality k(msg_id, publisher, n)"
                "  join dg.msg_key m on m.msg_id = k.msg_id and m.publisher = k.publisher"};

const struct pg_statement statement_counter = {
    "counter", "update dg.counter set n = n + $2::int8 where name = $1::text"
               " returning n - $2::int8, clock_timestamp()"};

const struct pg_statement statement_feed_heads = {
    "feed_heads", "select k.n, h.last_seq"
                  "  from unnest($1::text[], $2::text[], $3::text[])"
                  "       with ordinality k(sector, township, record, n)"
                  "  join dg.feed_head h on h.sector = k.sector and h.township = k.township"
                  "   and h.record = k.record"};

const struct pg_statement statement_parked_drop = {
    "parked_drop",
    "with w as (delete from dg.parked where ledger_no = any ($1::int8[]) returning 1)"
    " select dg.expect('parked', $2::int8, (select count(*) from w))"};

const struct pg_statement statement_parked_move = {
    "parked_move", "with w as (update dg.parked p set parent_record = x.record, parent_id = x.id"
                   "  from unnest($1::int8[], $2::text[], $3::text[]) x(no, record, id)"
                   "  where p.ledger_no = x.no returning 1)"
                   " select dg.expect('parked', $4::int8, (select count(*) from w))"};

const struct pg_statement statement_resolve = {
    "resolve", "update dg.ledger l set resolved_verdict = x.verdict, resolved_lane = $3::int4,"
               "       resolved_batch = $4::int8"
               "  from unnest($1::int8[], $2::text[]) x(no, verdict)"
               " where l.ledger_no = x.no"};

const struct pg_statement statement_msg_key_drop = {
    "msg_key_drop", "delete from dg.msg_key m"
                    " using unnest($1::uuid[], $2::text[]) k(msg_id, publisher)"
                    " where m.msg_id = k.msg_id and m.publisher = k.publisher"};

const struct pg_statement statement_batch = {
    "batch",
    "with b as (insert into dg.batch (lane, no, prev_hash, hash, ledger_from, ledger_to, received,"
    "    stored, duplicate, stale, parked, rejected, conflict, released, expired, committed_at)"
    "  values ($1::int4, $2::int8, $3::bytea, $4::bytea, $5::int8, $6::int8, $7::int4, $8::int4,"
    "    $9::int4, $10::int4, $11::int4, $12::int4, $13::int4, $14::int4, $15::int4,"
    "    clock_timestamp())"
    "  returning committed_at),"
    " l as (update dg.lane set batch_no = $2::int8, batch_hash = $4::bytea,"
    "    received = received + $7::int4, stored = stored + $8::int4,"
    "    duplicate = duplicate + $9::int4, stale = stale + $10::int4,"
    "    parked = parked + $11::int4, rejected = rejected + $12::int4,"
    "    conflict = conflict + $13::int4, released = released + $14::int4,"
    "    expired = expired + $15::int4"
    "  where lane = $1::int4 and batch_no = $2::int8 - 1"
    "  returning 1)"
    " select b.committed_at, dg.expect('lane', 1, (select count(*) from l)) from b"};

const struct pg_statement statement_sweep_end = {
    "sweep_end", "select max(p.ledger_no), (select count(*) from dg.parked)"
                 "  from (select ledger_no from dg.parked where ledger_no > $1::int8"
                 "         order by ledger_no limit $2::int4) p"};

#define M(type, name, kind) MEMBER(struct type, name, kind)

static const struct member ledger_members[] = {
    M(ledger_row, ledger_no, CELL_INT),    M(ledger_row, received_at, CELL_TIME),
    M(ledger_row, observed_at, CELL_TIME), M(ledger_row, lane, CELL_INT),
    M(ledger_row, batch_no, CELL_INT),     M(ledger_row, msg_id, CELL_UUID),
    M(ledger_row, publisher, CELL_TEXT),   M(ledger_row, record, CELL_TEXT),
    M(ledger_row, op, CELL_TEXT),          M(ledger_row, uscc, CELL_TEXT),
    M(ledger_row, unit, CELL_TEXT),        M(ledger_row, id, CELL_TEXT),
    M(ledger_row, division, CELL_TEXT),    M(ledger_row, sector, CELL_TEXT),
    M(ledger_row, verdict, CELL_TEXT),     M(ledger_row, hash, CELL_BYTES),
    M(ledger_row, raw_hash, CELL_BYTES),   M(ledger_row, source_system, CELL_TEXT),
    M(ledger_row, source_seq, CELL_COUNT), M(ledger_row, period, CELL_TEXT),
    M(ledger_row, schema, CELL_TEXT),      M(ledger_row, origin_node, CELL_TEXT),
};

/* op stands last: only the history has it. */
static const struct member version_members[] = {
    M(version_row, uscc, CELL_TEXT),        M(version_row, id, CELL_TEXT),
    M(version_row, unit, CELL_TEXT),        M(version_row, division, CELL_TEXT),
    M(version_row, sector, CELL_TEXT),      M(version_row, township, CELL_TEXT),
    M(version_row, observed_at, CELL_TIME), M(version_row, source_system, CELL_TEXT),
    M(version_row, source_seq, CELL_COUNT), M(version_row, state_rank, CELL_INT),
    M(version_row, ledger_no, CELL_INT),    M(version_row, deleted, CELL_BOOL),
    M(version_row, id_as_sent, CELL_TEXT),  M(version_row, origin_node, CELL_TEXT),
    M(version_row, unknown, CELL_JSON),     M(version_row, op, CELL_TEXT),
};

static const struct member waiting_members[] = {
    M(waiting_row, ledger_no, CELL_INT),      M(waiting_row, lane, CELL_INT),
    M(waiting_row, record, CELL_TEXT),        M(waiting_row, uscc, CELL_TEXT),
    M(waiting_row, unit, CELL_TEXT),          M(waiting_row, id, CELL_TEXT),
    M(waiting_row, parent_record, CELL_TEXT), M(waiting_row, parent_id, CELL_TEXT),
    M(waiting_row, parked_at, CELL_TIME),     M(waiting_row, expires_at, CELL_TIME),
    M(waiting_row, publisher, CELL_TEXT),     M(waiting_row, msg_id, CELL_UUID),
    M(waiting_row, hash, CELL_BYTES),         M(waiting_row, raw_hash, CELL_BYTES),
    M(waiting_row, id_as_sent, CELL_TEXT),    M(waiting_row, township, CELL_TEXT),
    M(waiting_row, received_at, CELL_TIME),   M(waiting_row, receipt_topic, CELL_TEXT),
    M(waiting_row, correlation, CELL_BYTES),  M(waiting_row, receipt_index, CELL_INT),
    M(waiting_row, report, CELL_BYTES),       M(waiting_row, topic, CELL_TEXT),
    M(waiting_row, content_type, CELL_TEXT),  M(waiting_row, charset, CELL_TEXT),
    M(waiting_row, adapter, CELL_TEXT),       M(waiting_row, raw, CELL_BYTES),
};

static const struct member outbox_members[] = {
    M(outbox_line, feed_seq, CELL_INT),     M(outbox_line, prev, CELL_INT),
    M(outbox_line, sector, CELL_TEXT),      M(outbox_line, township, CELL_TEXT),
    M(outbox_line, record, CELL_TEXT),      M(outbox_line, ledger_no, CELL_INT),
    M(outbox_line, accepted_at, CELL_TIME), M(outbox_line, hash, CELL_BYTES),
    M(outbox_line, payload, CELL_BYTES),
};

static const struct member feed_head_members[] = {
    M(feed_head_row, sector, CELL_TEXT),
    M(feed_head_row, township, CELL_TEXT),
    M(feed_head_row, record, CELL_TEXT),
    M(feed_head_row, last_seq, CELL_INT),
};

static const struct member finding_members[] = {
    M(finding_row, ledger_no, CELL_INT), M(finding_row, n, CELL_INT),
    M(finding_row, code, CELL_TEXT),     M(finding_row, field, CELL_TEXT),
    M(finding_row, reported, CELL_TEXT), M(finding_row, expected, CELL_TEXT),
    M(finding_row, record, CELL_TEXT),   M(finding_row, uscc, CELL_TEXT),
    M(finding_row, unit, CELL_TEXT),     M(finding_row, id, CELL_TEXT),
    M(finding_row, division, CELL_TEXT), M(finding_row, sector, CELL_TEXT),
    M(finding_row, found_at, CELL_TIME),
};

static const struct member quarantine_members[] = {
    M(quarantine_row, publisher, CELL_TEXT),
    M(quarantine_row, topic, CELL_TEXT),
    M(quarantine_row, sector, CELL_TEXT),
    M(quarantine_row, division, CELL_TEXT),
    M(quarantine_row, record, CELL_TEXT),
    M(quarantine_row, reason, CELL_TEXT),
    M(quarantine_row, field, CELL_TEXT),
    M(quarantine_row, value, CELL_TEXT),
    M(quarantine_row, text, CELL_TEXT),
    M(quarantine_row, text_en, CELL_TEXT),
    M(quarantine_row, payload, CELL_BYTES),
    M(quarantine_row, payload_sha256, CELL_BYTES),
    M(quarantine_row, content_type, CELL_TEXT),
    M(quarantine_row, charset, CELL_TEXT),
    M(quarantine_row, adapter, CELL_TEXT),
    M(quarantine_row, times, CELL_INT),
    M(quarantine_row, first_received_at, CELL_TIME),
    M(quarantine_row, received_at, CELL_TIME),
};

static const struct member raw_members[] = {
    M(raw_row, received_at, CELL_TIME),     M(raw_row, lane, CELL_INT),
    M(raw_row, batch_no, CELL_INT),         M(raw_row, publisher, CELL_TEXT),
    M(raw_row, topic, CELL_TEXT),           M(raw_row, content_type, CELL_TEXT),
    M(raw_row, payload_sha256, CELL_BYTES), M(raw_row, payload, CELL_BYTES),
};

static const struct member unit_month_members[] = {
    M(unit_month_row, uscc, CELL_TEXT),     M(unit_month_row, unit, CELL_TEXT),
    M(unit_month_row, month, CELL_DAY),     M(unit_month_row, sector, CELL_TEXT),
    M(unit_month_row, division, CELL_TEXT), M(unit_month_row, n, CELL_INT),
    M(unit_month_row, zero, CELL_INT),
};

static const struct member late_members[] = {
    M(late_row, lane, CELL_INT),         M(late_row, batch_no, CELL_INT),
    M(late_row, topic, CELL_TEXT),       M(late_row, correlation, CELL_BYTES),
    M(late_row, received_at, CELL_TIME), M(late_row, index, CELL_INT),
    M(late_row, msg_id, CELL_TEXT),      M(late_row, record, CELL_TEXT),
    M(late_row, id, CELL_TEXT),          M(late_row, verdict, CELL_TEXT),
    M(late_row, ledger_no, CELL_INT),    M(late_row, hash, CELL_BYTES),
    M(late_row, reason, CELL_TEXT),      M(late_row, field, CELL_TEXT),
    M(late_row, label_zh, CELL_TEXT),    M(late_row, label_en, CELL_TEXT),
    M(late_row, value, CELL_TEXT),
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* The fixed tables; in sql %1$s is the table and %2$s its bound columns. */
static const struct {
    const char *statement;
    const char *table;
    const struct member *members;
    size_t n_members;
    const char *sql;
} fixed[TABLE_KINDS] = {
    [TABLE_LEDGER] = {"ledger", "dg.ledger", ledger_members, COUNT(ledger_members),
                      "with x as materialized (select * from unnest($1::%1$s[])),"
                      " l as (insert into %1$s (%2$s) select %2$s from x)"
                      " insert into dg.msg_key (msg_id, publisher, hash, raw_hash, ledger_no)"
                      " select msg_id, publisher, hash, raw_hash, ledger_no from x"},
    [TABLE_WAITING] = {"waiting", "dg.parked", waiting_members, COUNT(waiting_members),
                       "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_OUTBOX] = {"outbox", "dg.outbox", outbox_members, COUNT(outbox_members),
                      "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_FEED_HEAD] = {"feed_head", "dg.feed_head", feed_head_members, COUNT(feed_head_members),
                         "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"
                         " on conflict (sector, township, record)"
                         " do update set last_seq = excluded.last_seq"},
    [TABLE_FINDING] = {"finding", "dg.finding", finding_members, COUNT(finding_members),
                       "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_QUARANTINE] = {"quarantine", "exchange.quarantine", quarantine_members,
                          COUNT(quarantine_members),
                          "insert into %1$s as q (%2$s) select %2$s from unnest($1::%1$s[])"
                          " on conflict (publisher, topic, payload_sha256) do update"
                          " set times = q.times + excluded.times, state = 'NEW',"
                          "     received_at = excluded.received_at, reason = excluded.reason,"
                          "     field = excluded.field, value = excluded.value,"
                          "     text = excluded.text, text_en = excluded.text_en"},
    [TABLE_RAW] = {"raw", "dg.raw", raw_members, COUNT(raw_members),
                   "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_UNIT_MONTH] = {"unit_month", "dg.unit_month", unit_month_members,
                          COUNT(unit_month_members),
                          "insert into %1$s as m (%2$s) select %2$s from unnest($1::%1$s[])"
                          " on conflict (uscc, unit, month) do update"
                          " set n = m.n + excluded.n, zero = m.zero + excluded.zero,"
                          "     sector = excluded.sector, division = excluded.division"},
    [TABLE_LATE] = {"late", "dg.late_receipt", late_members, COUNT(late_members),
                    "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
};

void statements_init(struct statements *s, size_t arena_max_bytes)
{
    *s = (struct statements){.records = NULL};
    arena_init(&s->arena, arena_max_bytes);
    tables_init(&s->tables, arena_max_bytes);
}

void statements_free(struct statements *s)
{
    tables_free(&s->tables);
    arena_free(&s->arena);
    s->records = NULL;
}

static enum err keep(struct statements *s, struct pg_statement *out, const char *name,
                     struct buf *sql)
{
    out->name = arena_strdup(&s->arena, name);
    out->sql = buf_failed(sql) ? NULL : arena_strndup(&s->arena, sql->data, sql->len);
    return out->name && out->sql ? ERR_OK : ERR_NOMEM;
}

/* "a, b, c": the columns that are bound. */
static void put_columns(struct buf *sql, const struct layout *l)
{
    const char *comma = "";
    for (size_t i = 0; i < l->table->n_columns; i++) {
        if (l->cells[i].member || l->cells[i].field) {
            buf_printf(sql, "%s\"%s\"", comma, l->table->columns[i].name);
            comma = ", ";
        }
    }
}

static enum err find_table(struct statements *s, const char *name, const struct table **out,
                           const char **why)
{
    *out = tables_get(&s->tables, name);
    if (*out) {
        return ERR_OK;
    }
    const char *text =
        arena_printf(&s->arena, "the database has no table %s; run dualgate migrate", name);
    *why = text ? text : "";
    return text ? ERR_INVALID : ERR_NOMEM;
}

/* Replaces %1$s and %2$s of a template; the templates are ours, the rest is copied. */
static void put_template(struct buf *sql, const char *text, const struct layout *l)
{
    for (const char *at = text; *at; at++) {
        if (strncmp(at, "%1$s", 4) == 0) {
            buf_puts(sql, l->table->name);
            at += 3;
        } else if (strncmp(at, "%2$s", 4) == 0) {
            put_columns(sql, l);
            at += 3;
        } else {
            buf_putc(sql, *at);
        }
    }
}

static enum err make_fixed(struct statements *s, enum table_kind kind, struct buf *sql,
                           const char **why)
{
    const struct table *table;
    enum err e = find_table(s, fixed[kind].table, &table, why);
    if (e == ERR_OK) {
        e = layout_bind(&s->layouts[kind], &s->arena, table, fixed[kind].members,
                        fixed[kind].n_members, NULL, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    buf_reset(sql);
    put_template(sql, fixed[kind].sql, &s->layouts[kind]);
    return keep(s, &s->insert[kind], fixed[kind].statement, sql);
}

static void write_probe(struct buf *sql, const char *record)
{
    buf_printf(sql,
               "select k.n, h.observed_at, h.source_system, h.source_seq::text, h.state_rank,"
               "       h.ledger_no"
               "  from unnest($1::text[], $2::text[]) with ordinality k(uscc, id, n)"
               "  join exchange.\"%s\" h on h.uscc = k.uscc and h.id = k.id",
               record);
}

static void put_assignments(struct buf *sql, const struct layout *l)
{
    const char *comma = "";
    for (size_t i = 0; i < l->table->n_columns; i++) {
        const char *name = l->table->columns[i].name;
        bool bound = l->cells[i].member || l->cells[i].field;
        if (bound && strcmp(name, "uscc") != 0 && strcmp(name, "id") != 0) {
            buf_printf(sql, "%s\"%s\" = x.\"%s\"", comma, name, name);
            comma = ", ";
        }
    }
}

/* Heads and history of the same rows: sent once, unnested once. */
static void write_history_of_x(struct buf *sql, const char *record,
                               const struct record_statements *r)
{
    buf_printf(sql,
               "with x as materialized (select * from unnest($1::exchange.\"%s_history\"[])),"
               " v as (insert into exchange.\"%s_history\" (",
               record, record);
    put_columns(sql, &r->history);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->history);
    buf_puts(sql, " from x)");
}

static void write_fresh(struct buf *sql, const char *record, const struct record_statements *r)
{
    write_history_of_x(sql, record, r);
    buf_printf(sql, " insert into exchange.\"%s\" (", record);
    put_columns(sql, &r->head);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->head);
    buf_puts(sql, " from x");
}

static void write_newer(struct buf *sql, const char *record, const struct record_statements *r)
{
    write_history_of_x(sql, record, r);
    buf_printf(sql, ", w as (update exchange.\"%s\" h set ", record);
    put_assignments(sql, &r->head);
    buf_printf(sql,
               " from x where h.uscc = x.uscc and h.id = x.id"
               " and " ORDER_OF("x") " > " ORDER_OF(
                   "h") " returning 1) select dg.expect('%s', $2::int8, (select count(*) from w))",
               record);
}

static void write_past(struct buf *sql, const char *record, const struct record_statements *r)
{
    buf_printf(sql, "insert into exchange.\"%s_history\" (", record);
    put_columns(sql, &r->history);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->history);
    buf_printf(sql, " from unnest($1::exchange.\"%s_history\"[])", record);
}

/* Fields of `via` that this record moves: "from>to". */
static void write_patch(struct buf *sql, const struct record_type *type)
{
    const char *record = type->via->name;
    buf_printf(sql, "with w as (update exchange.\"%s\" h set ", record);
    for (size_t i = 0; i < type->rule->n_patch; i++) {
        struct span rest = span_of(type->rule->patch[i]);
        (void)span_cut(&rest, '>');
        buf_printf(sql, "\"%.*s\" = coalesce(x.\"%.*s\", h.\"%.*s\"), ", SPAN_ARG(rest),
                   SPAN_ARG(rest), SPAN_ARG(rest));
    }
    buf_printf(sql,
               "observed_at = x.observed_at, source_system = x.source_system,"
               " source_seq = x.source_seq, state_rank = x.state_rank, ledger_no = x.ledger_no"
               " from unnest($1::exchange.\"%s\"[]) x"
               " where h.uscc = x.uscc and h.id = x.id and " ORDER_OF("x") " > " ORDER_OF(
                   "h") " returning 1) select dg.expect('%s', $2::int8, (select count(*) from w))",
               record, record);
}

static enum err bind_record(struct statements *s, const struct record_type *type, struct buf *name,
                            const char **why)
{
    struct record_statements *r = &s->records[type->index];
    const struct table *head;
    const struct table *history;
    buf_reset(name);
    buf_printf(name, "exchange.%s", type->name);
    enum err e = find_table(s, buf_text(name), &head, why);
    buf_puts(name, "_history");
    if (e == ERR_OK) {
        e = find_table(s, buf_text(name), &history, why);
    }
    if (e == ERR_OK) {
        e = layout_bind(&r->head, &s->arena, head, version_members, COUNT(version_members) - 1,
                        type, why);
    }
    if (e == ERR_OK) {
        e = layout_bind(&r->history, &s->arena, history, version_members, COUNT(version_members),
                        type, why);
    }
    return e;
}

static enum err keep_as(struct statements *s, struct pg_statement *out, const char *what,
                        const char *record, struct buf *sql)
{
    const char *name = arena_printf(&s->arena, "%s_%s", what, record);
    return name ? keep(s, out, name, sql) : ERR_NOMEM;
}

static enum err make_record(struct statements *s, const struct record_type *type, struct buf *sql,
                            const char **why)
{
    struct record_statements *r = &s->records[type->index];
    enum err e = bind_record(s, type, sql, why);
    if (e != ERR_OK) {
        return e;
    }
    buf_reset(sql);
    write_probe(sql, type->name);
    e = keep_as(s, &r->probe, "probe", type->name, sql);
    buf_reset(sql);
    write_fresh(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->fresh, "fresh", type->name, sql) : e;
    buf_reset(sql);
    write_newer(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->newer, "newer", type->name, sql) : e;
    buf_reset(sql);
    write_past(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->past, "past", type->name, sql) : e;
    if (type->via && type->rule->n_patch > 0) {
        buf_reset(sql);
        write_patch(sql, type);
        e = e == ERR_OK ? keep_as(s, &r->patch, "patch", type->name, sql) : e;
    }
    return e;
}

/* Those of a chunk of parked rows whose parent exists by now. */
static enum err make_sweep(struct statements *s, const struct schema *schema, struct buf *sql)
{
    static const char bounds[] = PARKED_WITHIN_BYTES("%s");
    const char *rows = strstr(bounds, "%s");
    buf_reset(sql);
    buf_put(sql, bounds, (size_t)(rows - bounds));
    buf_puts(sql, "select p.* from (select * from dg.parked where ledger_no > $1::int8"
                  " order by ledger_no limit $2::int4) p where false");
    for (size_t i = 0; i < schema->n_records; i++) {
        const char *name = schema->records[i].name;
        buf_printf(sql,
                   " or (p.parent_record = '%s' and exists (select from exchange.\"%s\" h"
                   " where h.uscc = p.uscc and h.id = p.parent_id))",
                   name, name);
    }
    buf_puts(sql, rows + 2);
    return keep(s, &s->sweep, "sweep", sql);
}

enum err statements_make(struct statements *s, const struct schema *schema,
                         const struct pg_result *catalogue, const char **why)
{
    struct buf sql;
    *why = "";
    buf_init(&sql, SQL_MAX_BYTES);
    enum err e = tables_take(&s->tables, catalogue);
    s->records = arena_zalloc(&s->arena, schema->n_records * sizeof *s->records);
    if (e == ERR_OK && !s->records) {
        e = ERR_NOMEM;
    }
    for (int kind = 0; kind < TABLE_KINDS && e == ERR_OK; kind++) {
        e = make_fixed(s, (enum table_kind)kind, &sql, why);
    }
    for (size_t i = 0; i < schema->n_records && e == ERR_OK; i++) {
        e = make_record(s, &schema->records[i], &sql, why);
    }
    if (e == ERR_OK) {
        e = make_sweep(s, schema, &sql);
    }
    buf_free(&sql);
    return e;
}
