/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/inquiry.h"

#include <string.h>

#include "base/alloc.h"
#include "pg/attached.h"
#include "pg/binary.h"
#include "pg/lives.h"
#include "pg/statement.h"

/* Steps beside one per record type: identities, attachments, lives, the waiting, and three of a
 * sweep.
 */
#define STEPS_FIXED 7

enum err inquiry_init(struct inquiry *p, const struct schema *schema, struct arena *arena,
                      size_t max_bytes)
{
    size_t most = schema->n_records + STEPS_FIXED;
    *p = (struct inquiry){.schema = schema, .arena = arena};
    buf_init(&p->scratch, max_bytes);
    map_init(&p->seen);
    p->steps = mem_zalloc(most * sizeof *p->steps);
    p->asks = mem_zalloc(most * sizeof *p->asks);
    if (!p->steps || !p->asks) {
        inquiry_free(p);
        return ERR_NOMEM;
    }
    return ERR_OK;
}

void inquiry_free(struct inquiry *p)
{
    mem_free(p->steps);
    mem_free(p->asks);
    map_free(&p->seen);
    buf_free(&p->scratch);
    *p = (struct inquiry){.schema = NULL};
}

void inquiry_reset(struct inquiry *p)
{
    map_clear(&p->seen);
    p->n = p->n_parked = 0;
    p->attached = p->past = false;
    p->sweep_last = 0;
    p->parked_now = -1;
}

/* ---- asking ---- */

static struct pg_param keep(struct inquiry *p, const struct binary_array *a, size_t n)
{
    if (buf_failed(&p->scratch)) {
        return (struct pg_param){NULL, 1};
    }
    binary_array_end(a, n);
    const char *kept = arena_strndup(p->arena, p->scratch.data, p->scratch.len);
    return (struct pg_param){kept, p->scratch.len};
}

static struct pg_param msg_ids(struct inquiry *p, const struct plan *plan, size_t first, bool ids)
{
    buf_reset(&p->scratch);
    struct binary_array a = binary_array_begin(&p->scratch, ids ? PG_UUID : PG_TEXT);
    for (size_t i = first; i < plan->n_msgs; i++) {
        if (ids) {
            binary_uuid(&p->scratch, plan->msgs[i]->msg_id);
        } else {
            binary_bytes(&p->scratch, plan->msgs[i]->publisher);
        }
    }
    return keep(p, &a, plan->n_msgs - first);
}

enum head_part { HEAD_USCC, HEAD_RECORD, HEAD_ID };

static struct pg_param head_parts(struct inquiry *p, const struct plan_heads *heads, size_t first,
                                  enum head_part part)
{
    buf_reset(&p->scratch);
    struct binary_array a = binary_array_begin(&p->scratch, PG_TEXT);
    for (size_t i = first; i < heads->n; i++) {
        const struct plan_head *h = heads->at[i];
        binary_bytes(&p->scratch, part == HEAD_USCC     ? h->uscc
                                  : part == HEAD_RECORD ? span_of(h->type->name)
                                                        : h->id);
    }
    return keep(p, &a, heads->n - first);
}

static struct pg_param number(struct inquiry *p, int64_t v, size_t len)
{
    buf_reset(&p->scratch);
    binary_int(&p->scratch, len == 4 ? PG_INT4 : PG_INT8, v);
    const char *kept = buf_failed(&p->scratch)
                           ? NULL
                           : arena_strndup(p->arena, p->scratch.data + 4, p->scratch.len - 4);
    return (struct pg_param){kept, len};
}

bool inquiry_number(struct inquiry *p, int64_t v, struct pg_param *out)
{
    *out = number(p, v, sizeof v);
    return out->data != NULL;
}

bool inquiry_topics(struct inquiry *p, const struct plan *plan, struct pg_param out[3])
{
    for (int part = 0; part < 3; part++) {
        buf_reset(&p->scratch);
        struct binary_array a = binary_array_begin(&p->scratch, PG_TEXT);
        for (size_t i = 0; i < plan->n_topics; i++) {
            const struct plan_topic *t = plan->topics[i];
            binary_bytes(&p->scratch, part == 0 ? t->sector : part == 1 ? t->township : t->record);
        }
        out[part] = keep(p, &a, plan->n_topics);
        if (!out[part].data) {
            return false;
        }
    }
    return true;
}

static enum err ask(struct inquiry *p, struct ask what, const struct pg_statement *s,
                    const struct pg_param *params, size_t n)
{
    struct pg_param *kept = arena_alloc(p->arena, n * sizeof *kept);
    if (!kept) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (!params[i].data) {
            return ERR_NOMEM;
        }
        kept[i] = params[i];
    }
    p->asks[p->n] = what;
    p->steps[p->n++] = (struct pg_step){s, kept, n};
    return ERR_OK;
}

static enum err ask_msgs(struct inquiry *p, struct plan *plan)
{
    size_t first = plan->asked_msgs;
    if (first == plan->n_msgs) {
        return ERR_OK;
    }
    struct pg_param params[] = {msg_ids(p, plan, first, true), msg_ids(p, plan, first, false)};
    plan->asked_msgs = plan->n_msgs;
    return ask(p, (struct ask){.kind = ASK_MSGS, .first = first}, &statement_msg_keys, params, 2);
}

static enum err ask_heads(struct inquiry *p, struct plan *plan, const struct statements *s,
                          size_t type)
{
    struct plan_heads *heads = &plan->heads[type];
    size_t first = heads->asked;
    if (first == heads->n) {
        return ERR_OK;
    }
    struct pg_param params[] = {head_parts(p, heads, first, HEAD_USCC),
                                head_parts(p, heads, first, HEAD_ID)};
    heads->asked = heads->n;
    return ask(p, (struct ask){.kind = ASK_HEADS, .type = type, .first = first},
               &s->records[type].probe, params, 2);
}

static struct pg_param life_parts(struct inquiry *p, struct plan_life *const *lives, size_t n,
                                  enum head_part part)
{
    buf_reset(&p->scratch);
    struct binary_array a = binary_array_begin(&p->scratch, PG_TEXT);
    for (size_t i = 0; i < n; i++) {
        binary_bytes(&p->scratch, part == HEAD_USCC ? lives[i]->head->uscc : lives[i]->head->id);
    }
    return keep(p, &a, n);
}

/* One more than may be, to see whether that is all. */
static enum err ask_past(struct inquiry *p, struct plan *plan)
{
    size_t n = lives_wanting_past(plan);
    struct plan_life **lives = n ? arena_alloc(p->arena, n * sizeof(struct plan_life *)) : NULL;
    if (n == 0 || !lives) {
        return n == 0 ? ERR_OK : ERR_NOMEM;
    }
    size_t at = 0;
    for (size_t i = 0; i < plan->n_life; i++) {
        if (plan->life[i]->past_wanted && !plan->life[i]->past_asked) {
            plan->life[i]->past_asked = true;
            lives[at++] = plan->life[i];
        }
    }
    struct pg_param params[] = {life_parts(p, lives, at, HEAD_USCC),
                                life_parts(p, lives, at, HEAD_ID),
                                number(p, (int64_t)p->life_events_max + 1, 4)};
    p->past = true;
    return ask(p, (struct ask){.kind = ASK_PAST, .lives = lives, .n_lives = at}, &life_past, params,
               3);
}

static enum err ask_waiting(struct inquiry *p, struct plan *plan, uint32_t parked_max)
{
    struct plan_heads *owners = &plan->owners;
    size_t first = owners->asked;
    if (first == owners->n || p->n_parked >= parked_max) {
        return ERR_OK;
    }
    struct pg_param params[] = {
        head_parts(p, owners, first, HEAD_USCC), head_parts(p, owners, first, HEAD_RECORD),
        head_parts(p, owners, first, HEAD_ID), number(p, parked_max - (int64_t)p->n_parked, 4)};
    owners->asked = owners->n;
    return ask(p, (struct ask){.kind = ASK_PARKED, .first = first}, &parked_waiting, params, 4);
}

/* Once: those who have waited and join later brought theirs when they came. */
static enum err ask_attached(struct inquiry *p, struct plan *plan)
{
    enum err e = p->attached ? ERR_OK : attached_gather(plan);
    if (e != ERR_OK || p->attached || plan->n_named == 0) {
        return e;
    }
    buf_reset(&p->scratch);
    struct binary_array a = binary_array_begin(&p->scratch, PG_BYTEA);
    for (size_t i = 0; i < plan->n_named; i++) {
        binary_bytes(&p->scratch, (struct span){(const char *)plan->named[i], DIGEST_BYTES});
    }
    struct pg_param hashes = keep(p, &a, plan->n_named);
    p->attached = true;
    return ask(p, (struct ask){.kind = ASK_ATTACHED}, &attached_known, &hashes, 1);
}

static enum err ask_sweep(struct inquiry *p, const struct statements *s,
                          const struct inquiry_options *o)
{
    struct pg_param params[] = {number(p, o->sweep_after, 8), number(p, o->sweep_rows, 4)};
    enum err e = ERR_OK;
    if (o->sweep & SWEEP_READY) {
        e = ask(p, (struct ask){.kind = ASK_SWEEP_END}, &statement_sweep_end, params, 2);
        e = e == ERR_OK ? ask(p, (struct ask){.kind = ASK_PARKED}, &s->sweep, params, 2) : e;
    }
    if (e == ERR_OK && (o->sweep & SWEEP_EXPIRED)) {
        e = ask(p, (struct ask){.kind = ASK_PARKED}, &parked_expired, &params[1], 1);
    }
    return e;
}

enum err inquiry_make(struct inquiry *p, struct plan *plan, const struct statements *s,
                      const struct inquiry_options *options)
{
    p->n = 0;
    p->life_events_max = options->life_events_max;
    enum err e = ask_sweep(p, s, options);
    e = e == ERR_OK ? ask_past(p, plan) : e;
    e = e == ERR_OK ? ask_msgs(p, plan) : e;
    e = e == ERR_OK ? ask_attached(p, plan) : e;
    for (size_t t = 0; t < p->schema->n_records && e == ERR_OK; t++) {
        e = ask_heads(p, plan, s, t);
    }
    if (e == ERR_OK && options->waiting) {
        e = ask_waiting(p, plan, options->parked_max);
    }
    return e;
}

/* ---- answers ---- */

static bool digest(const struct pg_result *r, size_t row, int col, struct span *out)
{
    return result_bytes(r, row, col, out) && out->len == DIGEST_BYTES;
}

/* Column 0: the place, from 1, among those asked about. */
static bool place(const struct pg_result *r, size_t row, size_t first, size_t end, size_t *out)
{
    int64_t n;
    if (!result_int(r, row, 0, &n) || n < 1 || (size_t)n > end - first) {
        return false;
    }
    *out = first + (size_t)n - 1;
    return true;
}

static enum err take_msgs(struct plan *plan, size_t first, const struct pg_result *r)
{
    for (size_t row = 0; row < result_rows(r); row++) {
        struct span hash;
        struct span raw_hash;
        int64_t ledger_no;
        size_t at;
        if (!place(r, row, first, plan->n_msgs, &at) || !digest(r, row, 1, &hash) ||
            !digest(r, row, 2, &raw_hash) || !result_int(r, row, 3, &ledger_no)) {
            return ERR_FATAL;
        }
        plan_msg_found(plan->msgs[at], (const uint8_t *)hash.at, (const uint8_t *)raw_hash.at,
                       ledger_no);
    }
    return ERR_OK;
}

/* Digits before the point; numeric(20) prints no more. */
static uint64_t count_of(struct span text)
{
    uint64_t v = 0;
    for (size_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
        v = v * 10 + (uint64_t)(text.at[i] - '0');
    }
    return v;
}

static enum err take_heads(struct inquiry *p, struct plan *plan, size_t type, size_t first,
                           const struct pg_result *r)
{
    struct plan_heads *heads = &plan->heads[type];
    for (size_t row = 0; row < result_rows(r); row++) {
        struct order_key order;
        struct span system;
        struct span seq;
        int64_t rank;
        int64_t ledger_no;
        size_t at;
        if (!place(r, row, first, heads->n, &at) || !result_time(r, row, 1, &order.observed_us) ||
            !result_text(r, row, 2, &system) || !result_text(r, row, 3, &seq) ||
            !result_int(r, row, 4, &rank) || !result_int(r, row, 5, &ledger_no)) {
            return ERR_FATAL;
        }
        order.source_system = arena_strndup(p->arena, system.at, system.len);
        if (!order.source_system) {
            return ERR_NOMEM;
        }
        order.source_seq = count_of(seq);
        order.state_rank = (int32_t)rank;
        enum err e = plan_head_found(plan, heads->at[at], &order, ledger_no);
        if (e == ERR_OK && heads->at[at]->life) {
            struct life_stored stored;
            e = life_take_probe(r, row, &plan->arena, &stored);
            if (e == ERR_OK) {
                lives_found(heads->at[at]->life, &stored);
            }
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err take_parked(struct inquiry *p, struct plan *plan, const struct pg_result *r)
{
    for (size_t row = 0; row < result_rows(r); row++) {
        struct parked_row *parked;
        enum err e = parked_take(r, row, p->schema, p->arena, &parked);
        if (e != ERR_OK) {
            return e;
        }
        struct span key = {(const char *)&parked->ledger_no, sizeof parked->ledger_no};
        if (map_get(&p->seen, key)) {
            continue;
        }
        p->n_parked++;
        e = map_put(&p->seen, key, parked);
        e = e == ERR_OK ? plan_add(plan, &parked->entry, parked, NULL) : e;
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err take_past(struct inquiry *p, struct plan *plan, const struct ask *a,
                          const struct pg_result *r)
{
    for (size_t row = 0; row < result_rows(r); row++) {
        struct life_said *said;
        int64_t at;
        enum err e = life_take_past(r, row, &plan->arena, &at, &said);
        if (e == ERR_OK && (at < 1 || (size_t)at > a->n_lives)) {
            e = ERR_FATAL;
        }
        e = e == ERR_OK ? lives_add_past(plan, a->lives[at - 1], said) : e;
        if (e != ERR_OK) {
            return e;
        }
    }
    for (size_t i = 0; i < a->n_lives; i++) {
        lives_past(a->lives[i], a->lives[i]->n_past <= p->life_events_max);
    }
    return ERR_OK;
}

static enum err take_sweep_end(struct inquiry *p, const struct pg_result *r)
{
    p->sweep_last = 0;
    (void)result_int(r, 0, 0, &p->sweep_last); /* NULL: nothing after */
    return result_int(r, 0, 1, &p->parked_now) ? ERR_OK : ERR_FATAL;
}

enum err inquiry_take(struct inquiry *p, struct plan *plan, struct pg_result *const *results)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n && e == ERR_OK; i++) {
        const struct ask *a = &p->asks[i];
        switch (a->kind) {
        case ASK_MSGS:
            e = take_msgs(plan, a->first, results[i]);
            break;
        case ASK_HEADS:
            e = take_heads(p, plan, a->type, a->first, results[i]);
            break;
        case ASK_PARKED:
            e = take_parked(p, plan, results[i]);
            break;
        case ASK_ATTACHED:
            e = attached_take(plan, results[i]);
            break;
        case ASK_SWEEP_END:
            e = take_sweep_end(p, results[i]);
            break;
        case ASK_PAST:
            e = take_past(p, plan, a, results[i]);
            break;
        }
    }
    return e;
}
