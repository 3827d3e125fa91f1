/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/writes.h"

#include <stdlib.h>
#include <string.h>

#include "pg/attached.h"
#include "pg/claims.h"
#include "pg/lane_count.h"
#include "pg/refusals.h"
#include "pg/rollup.h"
#include "pg/statement.h"
#include "pg/waiting.h"

/* Steps that are not of a record; the last three: counts, the batch row, COMMIT. */
#define STEPS_FIXED  (TABLE_KINDS + WAITING_STEPS + LIFE_STEPS + 3)
#define BATCH_PARAMS 15

enum err writes_init(struct writes *w, const struct schema *schema, size_t max_bytes)
{
    size_t n = schema->n_records;
    *w = (struct writes){.batch_step = 0};
    life_writes_init(&w->lives, max_bytes);
    enum err e = steps_init(&w->steps, STEPS_FIXED + VERSIONS_STEPS_OF_RECORD * n, max_bytes);
    e = e == ERR_OK ? versions_init(&w->versions, n, max_bytes) : e;
    if (e != ERR_OK) {
        writes_free(w);
    }
    return e;
}

void writes_free(struct writes *w)
{
    versions_free(&w->versions);
    life_writes_free(&w->lives);
    steps_free(&w->steps);
}

/* ---- feed ---- */

static int by_topic(const void *a, const void *b)
{
    const struct plan_topic *x = *(struct plan_topic *const *)a;
    const struct plan_topic *y = *(struct plan_topic *const *)b;
    int order = strcmp(x->sector.at, y->sector.at);
    order = order != 0 ? order : strcmp(x->township.at, y->township.at);
    return order != 0 ? order : strcmp(x->record.at, y->record.at);
}

static enum err write_items(struct steps *s, const struct write_context *c)
{
    const struct plan *p = c->plan;
    for (size_t i = 0; i < p->feed.n; i++) {
        const struct plan_item *it = p->feed.at[i];
        struct outbox_line row = {
            .feed_seq = it->feed_seq,
            .prev = it->feed_prev,
            .sector = it->topic->sector,
            .township = it->topic->township,
            .record = it->topic->record,
            .ledger_no = it->ledger_no,
            .accepted_at = c->accepted_us,
            .hash = rows_digest(it->entry->report.hash),
            .payload = steps_pack(s, &it->entry->report.env->base),
        };
        if (!row.payload.at) {
            return ERR_NOMEM;
        }
        rows_add(&s->rows[TABLE_OUTBOX], &row, NULL);
    }
    return steps_table(s, c, TABLE_OUTBOX);
}

static enum err write_feed_heads(struct steps *s, const struct write_context *c)
{
    const struct plan *p = c->plan;
    qsort(p->topics, p->n_topics, sizeof(struct plan_topic *), by_topic);
    for (size_t i = 0; i < p->n_topics; i++) {
        const struct plan_topic *t = p->topics[i];
        struct feed_head_row row = {t->sector, t->township, t->record, t->last->feed_seq};
        rows_add(&s->rows[TABLE_FEED_HEAD], &row, NULL);
    }
    return steps_table(s, c, TABLE_FEED_HEAD);
}

static enum err write_unit_months(struct steps *s, const struct write_context *c)
{
    enum err e = rollup_add(c->plan, &s->arena, &s->rows[TABLE_UNIT_MONTH]);
    return e == ERR_OK ? steps_table(s, c, TABLE_UNIT_MONTH) : e;
}

static enum err write_refusals(struct steps *s, const struct write_context *c)
{
    struct rows *rows = &s->rows[TABLE_QUARANTINE];
    enum err e = refusals_add(c->plan, c->accepted_us, &s->arena, &s->scratch, rows);
    return e == ERR_OK ? steps_table(s, c, TABLE_QUARANTINE) : e;
}

/* ---- the batch row ---- */

static enum err link_chain(struct writes *w, const struct write_context *c,
                           const struct plan_list *resolved)
{
    const struct plan_list *claims = &c->plan->claims;
    chain_begin(&w->steps.scratch, (struct span){(const char *)c->last.hash, c->last.hash_len},
                c->lane, w->link.no);
    for (size_t i = 0; i < claims->n; i++) {
        chain_add(&w->steps.scratch, claims->at[i]->ledger_no, claims->at[i]->entry->report.hash,
                  claims->at[i]->verdict);
    }
    for (size_t i = 0; i < resolved->n; i++) {
        chain_add(&w->steps.scratch, resolved->at[i]->ledger_no,
                  resolved->at[i]->entry->report.hash, resolved->at[i]->verdict);
    }
    w->link.hash_len = DIGEST_BYTES;
    return chain_end(&w->steps.scratch, w->link.hash);
}

static enum err write_batch(struct writes *w, const struct write_context *c)
{
    const struct plan *p = c->plan;
    struct steps *s = &w->steps;
    size_t n = p->claims.n;
    const uint64_t counts[] = {p->received,
                               p->counts[VERDICT_STORED],
                               p->counts[VERDICT_DUPLICATE],
                               p->counts[VERDICT_STALE],
                               p->counts[VERDICT_PARKED],
                               p->counts[VERDICT_REJECTED],
                               p->counts[VERDICT_CONFLICT],
                               p->released.n,
                               p->expired.n};
    struct pg_param params[BATCH_PARAMS] = {
        steps_number(s, c->lane, 4),
        steps_number(s, w->link.no, 8),
        {c->last.hash, c->last.hash_len},
        {w->link.hash, w->link.hash_len},
        n ? steps_number(s, p->claims.at[0]->ledger_no, 8) : (struct pg_param){NULL, 0},
        n ? steps_number(s, p->claims.at[n - 1]->ledger_no, 8) : (struct pg_param){NULL, 0},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        params[6 + i] = steps_number(s, (int64_t)counts[i], 4);
    }
    w->batch_step = s->n;
    return steps_add(s, &statement_batch, params, BATCH_PARAMS);
}

enum err writes_make(struct writes *w, const struct write_context *c)
{
    struct steps *s = &w->steps;
    struct plan_list resolved;
    steps_begin(s, c->statements);
    versions_begin(&w->versions, c->statements->records);
    w->link = (struct chain_link){.no = c->batch_no};
    enum err e = waiting_resolved(s, c->plan, &resolved);
    e = e == ERR_OK ? attached_find_missing(c->plan, &s->arena) : e;
    e = e == ERR_OK ? claims_write(s, c) : e;
    e = e == ERR_OK ? attached_write(s, c) : e;
    e = e == ERR_OK ? versions_write(&w->versions, s, c) : e;
    e = e == ERR_OK ? life_writes_make(&w->lives, s, c) : e;
    e = e == ERR_OK ? write_items(s, c) : e;
    e = e == ERR_OK ? write_feed_heads(s, c) : e;
    e = e == ERR_OK ? write_unit_months(s, c) : e;
    e = e == ERR_OK ? waiting_write(s, c) : e;
    e = e == ERR_OK ? waiting_resolve(s, c, &resolved) : e;
    e = e == ERR_OK ? write_refusals(s, c) : e;
    e = e == ERR_OK ? link_chain(w, c, &resolved) : e;
    e = e == ERR_OK ? lane_count_write(s, c, &w->counted) : e;
    return e == ERR_OK ? write_batch(w, c) : e;
}
