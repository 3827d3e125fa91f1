/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/versions.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pg/claims.h"
#include "pg/life_writes.h"

enum err versions_init(struct versions *v, size_t n_records, size_t max_bytes)
{
    size_t n = n_records;
    *v = (struct versions){.n_records = n};
    v->fresh = mem_zalloc(n * sizeof *v->fresh);
    v->newer = mem_zalloc(n * sizeof *v->newer);
    v->past = mem_zalloc(n * sizeof *v->past);
    if (!v->fresh || !v->newer || !v->past) {
        v->n_records = 0;
        versions_free(v);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        rows_init(&v->fresh[i], max_bytes);
        rows_init(&v->newer[i], max_bytes);
        rows_init(&v->past[i], max_bytes);
    }
    return ERR_OK;
}

void versions_free(struct versions *v)
{
    for (size_t i = 0; i < v->n_records; i++) {
        rows_free(&v->fresh[i]);
        rows_free(&v->newer[i]);
        rows_free(&v->past[i]);
    }
    mem_free(v->fresh);
    mem_free(v->newer);
    mem_free(v->past);
    *v = (struct versions){.n_records = 0};
}

void versions_begin(struct versions *v, const struct record_statements *statements)
{
    for (size_t i = 0; i < v->n_records; i++) {
        rows_begin(&v->fresh[i], &statements[i].history);
        rows_begin(&v->newer[i], &statements[i].history);
        rows_begin(&v->past[i], &statements[i].history);
    }
}

/* {"body.foo": value as sent, …} or nothing. */
static struct span unknown_json(struct steps *s, const Dualgate__V1__Report *env)
{
    if (env->n_unknown_members == 0) {
        return SPAN_NONE;
    }
    buf_reset(&s->scratch);
    for (size_t i = 0; i < env->n_unknown_members; i++) {
        const Dualgate__V1__UnknownMember *m = env->unknown_members[i];
        buf_putc(&s->scratch, i == 0 ? '{' : ',');
        buf_json_string(&s->scratch, rows_text(m->path));
        buf_putc(&s->scratch, ':');
        buf_puts(&s->scratch, m->json && m->json[0] ? m->json : "null");
    }
    buf_putc(&s->scratch, '}');
    const char *kept = arena_strndup(&s->arena, s->scratch.data, s->scratch.len);
    return (struct span){kept, kept ? s->scratch.len : 0};
}

struct version_row versions_row(struct steps *s, const struct write_context *c,
                                const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const Dualgate__V1__Report *env = r->env;
    return (struct version_row){
        .uscc = rows_text(env->uscc),
        .id = rows_text(r->id),
        .unit = rows_text(env->unit),
        .division = rows_text(env->division),
        .sector = rows_text(env->sector),
        .township = rows_text(r->township),
        .observed_at = r->order.observed_us,
        .source_system = rows_text(r->order.source_system),
        .source_seq = r->order.source_seq,
        .state_rank = r->order.state_rank,
        .ledger_no = it->ledger_no,
        .deleted = env->op == DUALGATE__V1__OP__CODE__DELETE,
        .id_as_sent = rows_text(r->id_as_sent),
        .origin_node = rows_text(c->node),
        .unknown = unknown_json(s, env),
        .op = claims_op(r),
    };
}

static int by_record_key(const void *a, const void *b)
{
    const struct plan_item *x = *(struct plan_item *const *)a;
    const struct plan_item *y = *(struct plan_item *const *)b;
    int order =
        strcmp(rows_text(x->entry->report.env->uscc).at, rows_text(y->entry->report.env->uscc).at);
    return order != 0 ? order : strcmp(x->entry->report.id, y->entry->report.id);
}

/* Does the row of this version make the head as well? */
static bool makes_head(const struct plan_item *it)
{
    const struct plan_life *life = it->head->life;
    return it->head->winner == it && (!life || life_is_plain(life));
}

/* Those that become heads, by key; the others go into the history alone. */
static enum err sort_winners(struct steps *s, const struct plan *p, struct plan_list *out)
{
    out->n = 0;
    out->at = arena_alloc(&s->arena, p->order.n * sizeof *out->at);
    if (!out->at) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->order.n; i++) {
        if (makes_head(p->order.at[i])) {
            out->at[out->n++] = p->order.at[i];
        }
    }
    qsort(out->at, out->n, sizeof(struct plan_item *), by_record_key);
    return ERR_OK;
}

static enum err gather_versions(struct versions *v, struct steps *s, const struct write_context *c)
{
    struct plan_list winners;
    enum err e = sort_winners(s, c->plan, &winners);
    for (size_t i = 0; e == ERR_OK && i < winners.n; i++) {
        const struct plan_item *it = winners.at[i];
        struct version_row row = versions_row(s, c, it);
        struct rows *rows = it->head->known ? v->newer : v->fresh;
        rows_add(&rows[it->head->type->index], &row, it->entry->report.body);
    }
    for (size_t i = 0; e == ERR_OK && i < c->plan->order.n; i++) {
        const struct plan_item *it = c->plan->order.at[i];
        if (!makes_head(it)) {
            struct version_row row = versions_row(s, c, it);
            rows_add(&v->past[it->head->type->index], &row, it->entry->report.body);
        }
    }
    return e;
}

enum err versions_write(struct versions *v, struct steps *s, const struct write_context *c)
{
    enum err e = gather_versions(v, s, c);
    for (size_t i = 0; e == ERR_OK && i < v->n_records; i++) {
        const struct record_statements *r = &c->statements->records[i];
        e = steps_rows(s, &r->fresh, &v->fresh[i]);
        e = e == ERR_OK ? steps_counted_rows(s, &r->newer, &v->newer[i]) : e;
        e = e == ERR_OK ? steps_rows(s, &r->past, &v->past[i]) : e;
    }
    return e;
}
