/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/waiting.h"

#include <stdlib.h>

#include "pg/binary.h"
#include "pg/claims.h"
#include "pg/statement.h"
#include "pipe/receipt.h"

/* Where its second receipt goes, in the arena; at NULL when exhausted. */
static struct span kept_receipt_topic(struct steps *s, const struct message *m)
{
    buf_reset(&s->scratch);
    receipt_topic(m, &s->scratch);
    if (buf_failed(&s->scratch)) {
        return SPAN_NONE;
    }
    const char *topic = arena_strndup(&s->arena, s->scratch.data, s->scratch.len);
    return (struct span){topic, s->scratch.len};
}

static enum err add_waiting(struct steps *s, const struct write_context *c,
                            const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct message *m = it->entry->message;
    struct waiting_row row = {
        .ledger_no = it->ledger_no,
        .lane = c->lane,
        .record = rows_text(report_record_name(r)),
        .uscc = rows_text(r->env->uscc),
        .unit = rows_text(r->env->unit),
        .id = rows_text(r->id),
        .parent_record = rows_text(it->missing->type->name),
        .parent_id = it->missing->id,
        .parked_at = c->accepted_us,
        .expires_at = c->accepted_us + c->parked_keep_us,
        .publisher = rows_text(m->publisher),
        .msg_id = rows_text(r->msg_id),
        .hash = rows_digest(r->hash),
        .raw_hash = rows_digest(r->raw_hash),
        .id_as_sent = rows_text(r->id_as_sent),
        .township = rows_text(r->township),
        .received_at = m->received_us,
        .receipt_topic = kept_receipt_topic(s, m),
        .correlation = m->correlation.len ? m->correlation : SPAN_NONE,
        .receipt_index = r->index,
        .report = steps_pack(s, &r->env->base),
        .topic = m->topic,
        .content_type = m->content_type.at ? m->content_type : SPAN_LIT(""),
        .charset = rows_text(m->charset),
        .adapter = rows_text(m->adapter),
        .raw = r->raw.at ? r->raw : m->payload,
    };
    if (!row.receipt_topic.at || !row.report.at) {
        return ERR_NOMEM;
    }
    rows_add(&s->rows[TABLE_WAITING], &row, NULL);
    return ERR_OK;
}

static void add_late(struct steps *s, const struct write_context *c, const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct problem *problem = &it->problem;
    bool rejected = it->verdict == VERDICT_REJECTED;
    struct late_row row = {
        .lane = c->lane,
        .batch_no = c->batch_no,
        .topic = it->parked->receipt_topic,
        .correlation = it->parked->correlation,
        .received_at = it->parked->received_us,
        .index = r->index,
        .msg_id = rows_text(r->msg_id),
        .record = rows_text(report_record_name(r)),
        .id = rows_text(r->id_as_sent),
        .verdict = rows_text(verdict_word(it->verdict)),
        .ledger_no = it->ledger_no,
        .hash = rows_digest(r->hash),
        .reason = rejected ? span_of(reason_word(problem->reason)) : SPAN_NONE,
        .field = span_of(problem->field),
        .label_zh = span_of(problem->label_zh),
        .label_en = span_of(problem->label_en),
        .value = span_of(problem->value),
    };
    rows_add(&s->rows[TABLE_LATE], &row, NULL);
}

/* An array in the arena of what `put` writes for each item. */
static struct pg_param array_of(struct steps *s, uint32_t oid, const struct plan_list *list,
                                void (*put)(struct buf *, const struct plan_item *))
{
    buf_reset(&s->scratch);
    struct binary_array a = binary_array_begin(&s->scratch, oid);
    for (size_t i = 0; i < list->n; i++) {
        put(&s->scratch, list->at[i]);
    }
    if (!buf_failed(&s->scratch)) {
        binary_array_end(&a, list->n);
    }
    const char *kept =
        buf_failed(&s->scratch) ? NULL : arena_strndup(&s->arena, s->scratch.data, s->scratch.len);
    return (struct pg_param){kept, s->scratch.len};
}

static void put_ledger_no(struct buf *b, const struct plan_item *it)
{
    binary_int(b, PG_INT8, it->ledger_no);
}

static void put_verdict(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, span_of(verdict_word(it->verdict)));
}

static void put_msg_id(struct buf *b, const struct plan_item *it)
{
    binary_uuid(b, rows_text(it->entry->report.msg_id));
}

static void put_publisher(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, rows_text(claims_publisher(it)));
}

static void put_parent_record(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, rows_text(it->missing->type->name));
}

static void put_parent_id(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, it->missing->id);
}

static int by_ledger_no(const void *a, const void *b)
{
    const struct plan_item *x = *(struct plan_item *const *)a;
    const struct plan_item *y = *(struct plan_item *const *)b;
    return (x->ledger_no > y->ledger_no) - (x->ledger_no < y->ledger_no);
}

enum err waiting_write(struct steps *s, const struct write_context *c)
{
    const struct plan *p = c->plan;
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->parked.n && e == ERR_OK; i++) {
        e = add_waiting(s, c, p->parked.at[i]);
    }
    e = e == ERR_OK ? steps_table(s, c, TABLE_WAITING) : e;
    if (e == ERR_OK && p->moved.n > 0) {
        struct pg_param move[] = {array_of(s, PG_INT8, &p->moved, put_ledger_no),
                                  array_of(s, PG_TEXT, &p->moved, put_parent_record),
                                  array_of(s, PG_TEXT, &p->moved, put_parent_id),
                                  steps_number(s, (int64_t)p->moved.n, 8)};
        e = steps_add(s, &statement_parked_move, move, 4);
    }
    if (e == ERR_OK && p->expired.n > 0) {
        struct pg_param keys[] = {array_of(s, PG_UUID, &p->expired, put_msg_id),
                                  array_of(s, PG_TEXT, &p->expired, put_publisher)};
        e = steps_add(s, &statement_msg_key_drop, keys, 2);
    }
    return e;
}

enum err waiting_resolved(struct steps *s, const struct plan *p, struct plan_list *out)
{
    out->n = p->released.n + p->expired.n;
    out->at = arena_alloc(&s->arena, out->n * sizeof *out->at);
    if (!out->at) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < out->n; i++) {
        out->at[i] = i < p->released.n ? p->released.at[i] : p->expired.at[i - p->released.n];
    }
    qsort(out->at, out->n, sizeof(struct plan_item *), by_ledger_no);
    return ERR_OK;
}

enum err waiting_resolve(struct steps *s, const struct write_context *c,
                         const struct plan_list *resolved)
{
    if (resolved->n == 0) {
        return ERR_OK;
    }
    for (size_t i = 0; i < resolved->n; i++) {
        add_late(s, c, resolved->at[i]);
    }
    struct pg_param drop[] = {array_of(s, PG_INT8, resolved, put_ledger_no),
                              steps_number(s, (int64_t)resolved->n, 8)};
    struct pg_param resolve[] = {drop[0], array_of(s, PG_TEXT, resolved, put_verdict),
                                 steps_number(s, c->lane, 4), steps_number(s, c->batch_no, 8)};
    enum err e = steps_add(s, &statement_parked_drop, drop, 2);
    e = e == ERR_OK ? steps_add(s, &statement_resolve, resolve, 4) : e;
    return e == ERR_OK ? steps_table(s, c, TABLE_LATE) : e;
}
