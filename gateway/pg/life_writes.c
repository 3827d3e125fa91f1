/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/life_writes.h"

#include <stdlib.h>
#include <string.h>

#include "model/civil_time.h"
#include "pg/decide.h"
#include "pg/life_events.h"
#include "pg/versions.h"

void life_writes_init(struct life_writes *w, size_t max_bytes)
{
    rows_init(&w->place, max_bytes);
    rows_init(&w->move, max_bytes);
    rows_init(&w->touch, max_bytes);
    buf_init(&w->move_tokens, max_bytes);
    buf_init(&w->touch_tokens, max_bytes);
}

void life_writes_free(struct life_writes *w)
{
    rows_free(&w->place);
    rows_free(&w->move);
    rows_free(&w->touch);
    buf_free(&w->move_tokens);
    buf_free(&w->touch_tokens);
}

/* ---- what is shown ---- */

static const char *time_text(struct arena *a, int64_t us)
{
    char text[TIME_TEXT_MAX];
    (void)time_format(us, text);
    return arena_strdup(a, text);
}

static const char *day_text(struct arena *a, int64_t day)
{
    struct civil_date d = date_of_days(day);
    return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static bool put_time(struct arena *a, char **field, int64_t us)
{
    const char *text = us == LIFE_NO_TIME ? NULL : time_text(a, us);
    memcpy(field, &text, sizeof text);
    return text || us == LIFE_NO_TIME;
}

/* Over what a version says; false when the arena is exhausted. */
static bool show(const struct hazard_life *life, Dualgate__V1__Hazard *h, struct arena *a)
{
    const char *day = life->deadline == LIFE_NO_DAY ? NULL : day_text(a, life->deadline);
    memcpy(&h->deadline, &day, sizeof day);
    h->has_state = life->state != 0;
    h->state = (Dualgate__V1__HazardState__Code)life->state;
    h->has_level = life->level != 0;
    h->level = (Dualgate__V1__HazardLevel__Code)life->level;
    h->has_found_by = life->found_by != 0;
    h->found_by = (Dualgate__V1__HazardFinder__Code)life->found_by;
    h->has_round = h->has_round || life->round > 1;
    h->round = life->round;
    h->has_supervision_state = h->has_supervision_state || life->lister[0] != '\0';
    h->supervision_state = (Dualgate__V1__SupervisionState__Code)life->supervision;
    h->has_withdrawal = life->withdrawal != LIFE_KEEPS;
    h->withdrawal = (Dualgate__V1__WithdrawalKind__Code)life->withdrawal;
    return (day || life->deadline == LIFE_NO_DAY) &&
           put_time(a, &h->rectified_at, life->rectified_at) &&
           put_time(a, &h->accept_time, life->accepted_at) &&
           put_time(a, &h->closed_at, life->closed_at);
}

/* Does the version itself say what is in force? */
static bool shows_itself(const struct plan_item *it, const struct hazard_life *life)
{
    const struct life_event *e = &it->said->event;
    const Dualgate__V1__Hazard *h =
        (const Dualgate__V1__Hazard *)(const void *)it->entry->report.body;
    return !life->deleted && life->state == e->state && life->level == e->level &&
           life->found_by == (h->has_found_by ? (int)h->found_by : 0) &&
           life->supervision == e->supervision && life->deadline == e->deadline &&
           life->round == (e->round ? e->round : 1) && life->rectified_at == e->rectified_at &&
           life->accepted_at == e->accepted_at && life->closed_at == e->closed_at &&
           life->withdrawal == LIFE_KEEPS;
}

/* ---- what stands beside ---- */

static bool counts_something(const struct hazard_life *life)
{
    return life->rejections || life->reopenings || life->self_extensions || life->extensions ||
           life->extended_by || life->deadline_before != LIFE_NO_DAY;
}

static bool reported_otherwise(const struct hazard_life *life)
{
    return life->reported_state != life->state || life->reported_level != life->level ||
           life->reported_deadline != life->deadline;
}

/* Something that is no version of the head was said after it. */
static bool last_is_beside(const struct plan_life *l)
{
    struct order_key order;
    int64_t tie;
    const struct plan_head *h = l->head;
    return life_track_newest(&l->track, &order, &tie) &&
           decide_order(&order, tie, &h->order, h->tie) != 0;
}

static bool wants_row(const struct plan_life *l)
{
    const struct hazard_life *life = &l->track.now;
    return l->has_row || life->lister[0] || life->escalated || life->withdrawal != LIFE_KEEPS ||
           life->denied != LIFE_KEEPS || counts_something(life) || reported_otherwise(life) ||
           last_is_beside(l);
}

bool life_is_plain(const struct plan_life *l)
{
    return !l->head->known && l->content && l->content == l->newest && l->content == l->last &&
           shows_itself(l->content, &l->track.now) && !wants_row(l);
}

static struct span name_of(const ProtobufCEnumDescriptor *list, int code)
{
    const ProtobufCEnumValue *v = code ? protobuf_c_enum_descriptor_get_value(list, code) : NULL;
    return v ? span_of(v->name) : SPAN_NONE;
}

static void add_row(struct steps *s, const struct write_context *c, const struct plan_life *l)
{
    const struct hazard_life *life = &l->track.now;
    const struct report *r = &l->last->entry->report;
    struct order_key order = l->head->order;
    int64_t tie = l->head->tie;
    (void)life_track_newest(&l->track, &order, &tie);
    struct life_row row = {
        .uscc = l->head->uscc,
        .id = l->head->id,
        .sector = rows_text(r->env->sector),
        .township = rows_text(r->township),
        .lister = rows_text(life->lister),
        .escalated = life->escalated,
        .withdrawal =
            name_of(&dualgate__v1__withdrawal_kind__code__descriptor, (int)life->withdrawal),
        .withdrawal_at = life->withdrawal_at,
        .withdrawal_by = rows_text(life->withdrawal_by),
        .denied = name_of(&dualgate__v1__withdrawal_kind__code__descriptor, (int)life->denied),
        .reported_state =
            name_of(&dualgate__v1__hazard_state__code__descriptor, life->reported_state),
        .reported_level =
            name_of(&dualgate__v1__hazard_level__code__descriptor, life->reported_level),
        .reported_deadline = life->reported_deadline,
        .extended_by = life->extended_by,
        .deadline_before = life->deadline_before,
        .rejections = life->rejections,
        .reopenings = life->reopenings,
        .self_extensions = life->self_extensions,
        .extensions = life->extensions,
        .observed_at = order.observed_us,
        .source_system = rows_text(order.source_system),
        .source_seq = order.source_seq,
        .state_rank = order.state_rank,
        .ledger_no = plan_ledger_no(c->plan, tie),
    };
    rows_add(&s->rows[TABLE_LIFE], &row, NULL);
}

/* ---- heads ---- */

/* The row of a head: who it is by the version it shows, its place in the order by the newest. */
static struct version_row row_of(struct steps *s, const struct write_context *c,
                                 const struct plan_life *l, const struct plan_item *shown)
{
    const struct plan_head *h = l->head;
    struct version_row row = versions_row(s, c, shown);
    row.uscc = h->uscc;
    row.id = h->id;
    row.observed_at = h->order.observed_us;
    row.source_system = rows_text(h->order.source_system);
    row.source_seq = h->order.source_seq;
    row.state_rank = h->order.state_rank;
    row.ledger_no = l->newest ? l->newest->ledger_no : h->tie;
    row.deleted = l->track.now.deleted;
    return row;
}

static enum err add_head(struct life_writes *w, struct steps *s, const struct write_context *c,
                         const struct plan_life *l)
{
    bool fresh = !l->head->known;
    const struct plan_item *shown = l->content ? l->content : l->newest;
    Dualgate__V1__Hazard *body = arena_alloc(&s->arena, sizeof *body);
    if (!body) {
        return ERR_NOMEM;
    }
    /* A deletion holds a key alone: what it deletes stays to be seen. */
    if (l->content || fresh) {
        memcpy(body, shown->entry->report.body, sizeof *body);
    } else {
        dualgate__v1__hazard__init(body);
    }
    if (!show(&l->track.now, body, &s->arena)) {
        return ERR_NOMEM;
    }
    struct rows *rows = fresh ? &w->place : l->content ? &w->move : &w->touch;
    struct version_row row = row_of(s, c, l, shown ? shown : l->last);
    rows_add(rows, &row, &body->base);
    if (!fresh) {
        binary_bytes(l->content ? &w->move_tokens : &w->touch_tokens, span_of(l->token));
    }
    return ERR_OK;
}

/* ---- steps ---- */

static int by_key(const void *a, const void *b)
{
    const struct plan_head *x = (*(struct plan_life *const *)a)->head;
    const struct plan_head *y = (*(struct plan_life *const *)b)->head;
    int order = strcmp(x->uscc.at, y->uscc.at);
    return order != 0 ? order : strcmp(x->id.at, y->id.at);
}

/* Those something was taken for, by key. */
static enum err sort_lives(struct steps *s, const struct plan *p, struct plan_life ***out,
                           size_t *n)
{
    *n = 0;
    *out = arena_alloc(&s->arena, p->n_life * sizeof(struct plan_life *));
    if (!*out) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->n_life; i++) {
        const struct plan_life *l = p->life[i];
        if (l->last && (l->head->known || l->newest) && !life_is_plain(l)) {
            (*out)[(*n)++] = p->life[i];
        }
    }
    qsort(*out, *n, sizeof(struct plan_life *), by_key);
    return ERR_OK;
}

/* $1 rows, $2 their number, $3 the tokens of the heads. */
static enum err add_step(struct steps *s, const struct pg_statement *statement, struct rows *rows,
                         struct buf *tokens, const struct binary_array *array)
{
    struct pg_param params[3];
    if (rows->n == 0 && !buf_failed(&rows->buf)) {
        return ERR_OK;
    }
    if (buf_failed(tokens)) {
        return ERR_NOMEM;
    }
    binary_array_end(array, rows->n);
    enum err e = rows_param(rows, &params[0]);
    params[1] = steps_number(s, (int64_t)rows->n, sizeof(int64_t));
    params[2] = (struct pg_param){tokens->data, tokens->len};
    return e == ERR_OK ? steps_add(s, statement, params, 3) : e;
}

enum err life_writes_make(struct life_writes *w, struct steps *s, const struct write_context *c)
{
    struct plan_life **lives = NULL;
    size_t n = 0;
    const struct record_type *type = schema_record(c->plan->schema, SPAN_LIT(LIFE_RECORD));
    const struct record_statements *sql = &c->statements->records[type->index];
    enum err e = sort_lives(s, c->plan, &lives, &n);
    if (e != ERR_OK || n == 0) {
        return e;
    }
    rows_begin(&w->place, &sql->head);
    rows_begin(&w->move, &sql->head);
    rows_begin(&w->touch, &sql->head);
    buf_reset(&w->move_tokens);
    buf_reset(&w->touch_tokens);
    struct binary_array move = binary_array_begin(&w->move_tokens, PG_TEXT);
    struct binary_array touch = binary_array_begin(&w->touch_tokens, PG_TEXT);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = add_head(w, s, c, lives[i]);
        if (e == ERR_OK && wants_row(lives[i])) {
            add_row(s, c, lives[i]);
        }
    }
    e = e == ERR_OK ? steps_rows(s, &sql->place, &w->place) : e;
    e = e == ERR_OK ? add_step(s, &sql->move, &w->move, &w->move_tokens, &move) : e;
    e = e == ERR_OK ? add_step(s, &sql->touch, &w->touch, &w->touch_tokens, &touch) : e;
    return e == ERR_OK ? steps_table(s, c, TABLE_LIFE) : e;
}
