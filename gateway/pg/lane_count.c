/* SPDX-License-Identifier: Apache-2.0 */
/* A batch has few different ends, so they are gathered in a short list. */
#include "pg/lane_count.h"

#include <string.h>

#include "base/log.h"
#include "pg/binary.h"
#include "pg/rows.h"

const struct pg_statement statement_lane_counts = {
    NULL, "select adapter, verdict, reason, n from dg.lane_count where lane = $1::int4"};

static const struct pg_statement statement_add = {
    "lane_count", "insert into dg.lane_count as c (lane, adapter, verdict, reason, n)"
                  " select $1::int4, x.adapter, x.verdict, x.reason, x.n"
                  "   from unnest($2::text[], $3::text[], $4::text[], $5::int8[])"
                  "        x(adapter, verdict, reason, n)"
                  "  order by 2, 3, 4"
                  " on conflict (lane, adapter, verdict, reason) do update set n = c.n + excluded.n"
                  " returning adapter, verdict, reason, n"};

/* Reports that ended alike. */
struct end {
    struct span adapter;
    enum verdict verdict;
    enum reason reason;
    int64_t n;
};

struct ends {
    struct end *at;
    size_t n;
};

static struct span adapter_of(const struct plan_item *it)
{
    struct span name = it->parked ? it->parked->adapter : span_of(it->entry->message->adapter);
    return name.len > 0 ? name : SPAN_LIT(TALLY_CANONICAL);
}

/* One that waits has not ended; one that waited has, unless it goes on waiting. */
static bool has_ended(const struct plan_item *it)
{
    return it->verdict != VERDICT_NONE && it->verdict != VERDICT_PARKED;
}

static void count(struct ends *ends, const struct plan_item *it)
{
    struct span adapter = adapter_of(it);
    enum reason reason = it->verdict == VERDICT_REJECTED ? it->problem.reason : REASON_NONE;
    for (size_t i = 0; i < ends->n; i++) {
        struct end *e = &ends->at[i];
        if (e->verdict == it->verdict && e->reason == reason && span_eq(e->adapter, adapter)) {
            e->n++;
            return;
        }
    }
    ends->at[ends->n++] = (struct end){adapter, it->verdict, reason, 1};
}

static enum err gather(struct steps *s, const struct plan *p, struct ends *ends)
{
    ends->n = 0;
    ends->at = arena_alloc(&s->arena, p->n_items * sizeof *ends->at);
    if (ends->at == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->n_items; i++) {
        if (has_ended(p->items[i])) {
            count(ends, p->items[i]);
        }
    }
    return ERR_OK;
}

static void put_adapter(struct buf *b, const struct end *e)
{
    binary_bytes(b, e->adapter);
}

static void put_verdict(struct buf *b, const struct end *e)
{
    binary_bytes(b, span_of(verdict_word(e->verdict)));
}

static void put_reason(struct buf *b, const struct end *e)
{
    binary_bytes(b, e->reason == REASON_NONE ? SPAN_LIT("") : span_of(reason_word(e->reason)));
}

static void put_n(struct buf *b, const struct end *e)
{
    binary_int(b, PG_INT8, e->n);
}

static struct pg_param array_of(struct steps *s, uint32_t oid, const struct ends *ends,
                                void (*put)(struct buf *, const struct end *))
{
    buf_reset(&s->scratch);
    struct binary_array a = binary_array_begin(&s->scratch, oid);
    for (size_t i = 0; i < ends->n; i++) {
        put(&s->scratch, &ends->at[i]);
    }
    if (buf_failed(&s->scratch)) {
        return (struct pg_param){NULL, 1};
    }
    binary_array_end(&a, ends->n);
    return (struct pg_param){arena_strndup(&s->arena, s->scratch.data, s->scratch.len),
                             s->scratch.len};
}

enum err lane_count_write(struct steps *s, const struct write_context *c, bool *written)
{
    struct ends ends;
    *written = false;
    enum err e = gather(s, c->plan, &ends);
    if (e != ERR_OK || ends.n == 0) {
        return e;
    }
    const struct pg_param params[] = {
        steps_number(s, c->lane, 4),
        array_of(s, PG_TEXT, &ends, put_adapter),
        array_of(s, PG_TEXT, &ends, put_verdict),
        array_of(s, PG_TEXT, &ends, put_reason),
        array_of(s, PG_INT8, &ends, put_n),
    };
    e = steps_add(s, &statement_add, params, sizeof params / sizeof *params);
    *written = e == ERR_OK;
    return e;
}

void lane_count_take(const struct pg_result *r, struct tally *into)
{
    for (size_t i = 0; r != NULL && i < result_rows(r); i++) {
        struct span adapter;
        struct span verdict;
        struct span reason;
        int64_t n;
        if (!result_text(r, i, 0, &adapter) || !result_text(r, i, 1, &verdict) ||
            !result_text(r, i, 2, &reason) || !result_int(r, i, 3, &n) ||
            tally_set(into, adapter, verdict, reason, n) != ERR_OK) {
            log_warn("lane", "event=count_not_shown row=%zu", i);
        }
    }
}
