/* SPDX-License-Identifier: Apache-2.0 */
/* Who is new, duplicate, stale, waiting. Reports are decided in order of arrival; one whose parent
 * is not known yet waits on that parent's record and is decided as soon as a version of it is, so
 * that a child may stand before its parent in one batch and a whole chain of parked ones is
 * released at once. Verdicts do not depend on that order, because versions are ordered totally;
 * feed items stand in it, so parents are fed before their children. */
#include "pg/decide.h"

#include <string.h>

#include "model/field.h"
#include "pg/lives.h"

/* What has been woken and is to be decided: first in, first out, threaded through next_waiting. */
struct queue {
    struct plan_item *first, *last;
};

int decide_order(const struct order_key *a, int64_t a_tie, const struct order_key *b, int64_t b_tie)
{
    if (a->observed_us != b->observed_us) {
        return a->observed_us < b->observed_us ? -1 : 1;
    }
    int by_system = strcmp(a->source_system, b->source_system);
    if (by_system != 0) {
        return by_system;
    }
    if (a->source_seq != b->source_seq) {
        return a->source_seq < b->source_seq ? -1 : 1;
    }
    if (a->state_rank != b->state_rank) {
        return a->state_rank < b->state_rank ? -1 : 1;
    }
    return a_tie < b_tie ? -1 : a_tie > b_tie;
}

static void push(struct plan_list *list, struct plan_item *it)
{
    list->at[list->n++] = it;
}

static void enqueue(struct queue *q, struct plan_item *it)
{
    it->next_waiting = NULL;
    if (q->last) {
        q->last->next_waiting = it;
    } else {
        q->first = it;
    }
    q->last = it;
}

static bool same_content(const struct report *r, const uint8_t *hash, const uint8_t *raw_hash)
{
    return memcmp(r->raw_hash, raw_hash, DIGEST_BYTES) == 0 ||
           memcmp(r->hash, hash, DIGEST_BYTES) == 0;
}

/* True when the report's identity is free and now its own. */
static bool claim(struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    struct plan_msg *m = it->msg;
    if (!m->known && !m->first) {
        m->first = it;
        it->claims = true;
        return true;
    }
    const struct report *first = m->first ? &m->first->entry->report : NULL;
    bool same = m->known ? same_content(r, m->hash, m->raw_hash)
                         : same_content(r, first->hash, first->raw_hash);
    it->first = m->known ? NULL : m->first;
    it->verdict = same ? VERDICT_DUPLICATE : VERDICT_CONFLICT;
    if (!same) {
        it->problem = (struct problem){
            .reason = REASON_CONTENT_CONFLICT, .field = "msg_id", .value = r->msg_id};
    }
    return false;
}

static bool newer_than_head(const struct plan_item *it, const struct plan_head *h)
{
    return !h->present || decide_order(&it->entry->report.order, it->tie, &h->order, h->tie) > 0;
}

static void move_head(struct plan_head *h, const struct plan_item *it)
{
    h->order = it->entry->report.order;
    h->tie = it->tie;
}

/* The report's own field, as its sender knows it. */
static struct problem problem_of(struct plan *p, enum reason why, const struct field_type *f,
                                 const char *value)
{
    const char *path = arena_printf(&p->arena, "body.%s", f->desc->name);
    return (struct problem){.reason = why,
                            .field = path ? path : f->desc->name,
                            .label_zh = f->rule->zh,
                            .label_en = f->rule->en,
                            .value = value ? value : ""};
}

/* The field that says what the life forbids. */
static void forbid(struct plan *p, struct plan_item *it, enum reason why)
{
    const struct report *r = &it->entry->report;
    const char *name = it->life->head == it->head ? "state"
                       : it->via                  ? "to"
                                                  : r->type->rule->moves_id;
    const struct field_type *f = message_field(r->type->message, span_of(name));
    it->missing = NULL;
    it->claims = false;
    it->verdict = VERDICT_REJECTED;
    it->problem = problem_of(p, why, f, field_as_text(r->body, f->desc, &p->arena));
}

/* All its parents are there: which version of its record is it? False when the record's life
 * forbids it. */
static bool place_version(struct plan *p, struct plan_item *it)
{
    struct plan_head *h = it->head;
    bool newest = newer_than_head(it, h);
    bool moves_via = it->via && newer_than_head(it, it->via);
    enum reason why = REASON_NONE;
    if (it->life && !lives_take(p, it, &why)) {
        forbid(p, it, why);
        return false;
    }
    if (newest) {
        move_head(h, it);
        h->winner = it;
    }
    if (newest && moves_via) {
        move_head(it->via, it);
    }
    h->present = true;
    it->missing = NULL;
    it->verdict = newest && (moves_via || !it->via) ? VERDICT_STORED : VERDICT_STALE;
    if (it->life) {
        lives_taken(it, it->verdict == VERDICT_STORED);
    }
    push(&p->order, it);
    if (it->verdict == VERDICT_STORED) {
        push(&p->feed, it);
    }
    return true;
}

static struct plan_head *missing_parent(const struct plan_item *it)
{
    if (it->via && !it->via->present) {
        return it->via;
    }
    for (size_t i = 0; i < it->n_parents; i++) {
        if (!it->parents[i]->present) {
            return it->parents[i];
        }
    }
    return NULL;
}

static void wait_for(struct plan_item *it, struct plan_head *h)
{
    it->missing = h;
    it->next_waiting = NULL;
    if (h->waiting) {
        h->waiting_last->next_waiting = it;
    } else {
        h->waiting = it;
    }
    h->waiting_last = it;
}

static void wake(struct queue *q, struct plan_head *h)
{
    struct plan_item *it = h->waiting;
    h->waiting = h->waiting_last = NULL;
    while (it) {
        struct plan_item *next = it->next_waiting;
        enqueue(q, it);
        it = next;
    }
}

static void run_queue(struct plan *p, struct queue *q)
{
    while (q->first) {
        struct plan_item *it = q->first;
        q->first = it->next_waiting;
        q->last = q->first ? q->last : NULL;
        struct plan_head *missing = missing_parent(it);
        if (missing) {
            wait_for(it, missing);
            continue;
        }
        if (place_version(p, it)) {
            wake(q, it->head);
        }
    }
}

static void refuse(struct plan_item *it)
{
    it->verdict = VERDICT_REJECTED;
    it->problem = (struct problem){.reason = REASON_DATABASE_REFUSED, .value = it->refused};
}

/* What an inspection makes is stored with it, and only where nothing is known of it yet, or less
 * than it says. */
static bool adds_nothing(const struct plan_item *it)
{
    return it->entry->only_new &&
           (!it->source || it->source->verdict != VERDICT_STORED || it->msg->known ||
            it->msg->first || (it->head->present && !lives_say_less(it)));
}

static void decide_arrival(struct plan *p, struct plan_item *it)
{
    if (adds_nothing(it)) {
        return;
    }
    p->received += it->entry->only_new;
    if (it->entry->report.problem.reason != REASON_NONE) {
        it->verdict = VERDICT_REJECTED;
        it->problem = it->entry->report.problem;
    } else if (it->refused) {
        refuse(it);
    } else if (claim(it)) {
        struct queue q = {it, it};
        run_queue(p, &q);
    }
}

/* One that has waited in an earlier batch: released, expired, or waiting still. */
static void decide_parked(struct plan *p, struct plan_item *it)
{
    if (it->refused) {
        refuse(it);
        return;
    }
    struct queue q = {it, it};
    run_queue(p, &q);
}

static bool waits_for_another(const struct plan_item *it)
{
    return !span_is(it->parked->parent_record, it->missing->type->name) ||
           !span_eq(it->parked->parent_id, it->missing->id);
}

/* The field by which the report named the parent that never came. */
static struct problem missing_problem(struct plan *p, const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct message_type *m = r->type->message;
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        const char *id = f->rule->parent ? field_text(r->body, f->desc) : NULL;
        if (id && span_is(it->missing->id, id) &&
            schema_record(p->schema, span_of(f->rule->parent)) == it->missing->type) {
            return problem_of(p, REASON_PARENT_MISSING, f, id);
        }
    }
    return (struct problem){.reason = REASON_PARENT_MISSING, .field = "body"};
}

static void end_parked(struct plan *p, struct plan_item *it)
{
    if (it->missing && it->parked->expired) {
        it->verdict = VERDICT_REJECTED;
        it->problem = missing_problem(p, it);
    }
    if (it->verdict == VERDICT_REJECTED) {
        push(&p->expired, it);
    } else if (!it->missing) {
        push(&p->released, it);
    } else if (waits_for_another(it)) {
        push(&p->moved, it);
    }
}

/* What still waits is parked, as long as there is room; then what was found to be the same as a
 * report that got no room shares its fate. */
static void end_arrival(struct plan *p, struct plan_item *it, size_t *room)
{
    if (it->missing && *room > 0) {
        *room -= 1;
        it->verdict = VERDICT_PARKED;
        push(&p->parked, it);
    } else if (it->missing) {
        it->verdict = VERDICT_REJECTED;
        it->problem = (struct problem){.reason = REASON_PARKED_FULL, .value = ""};
        it->claims = false;
    }
    if (it->verdict == VERDICT_DUPLICATE && it->first && !it->first->claims) {
        it->verdict = VERDICT_REJECTED;
        it->problem = it->first->problem;
    }
    if (it->verdict == VERDICT_REJECTED || it->verdict == VERDICT_CONFLICT) {
        push(&p->refused, it);
    }
    if (it->claims) {
        push(&p->claims, it);
    }
}

static enum err name_topic(struct plan *p, struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    struct span sector = span_of(r->env->sector);
    struct span township = span_of(r->township);
    struct span record = span_of(report_record_name(r));
    size_t len = sector.len + township.len + record.len + 2;
    char *key = arena_printf(&p->arena, "%.*s/%.*s/%.*s", SPAN_ARG(sector), SPAN_ARG(township),
                             SPAN_ARG(record));
    if (!key) {
        return ERR_NOMEM;
    }
    struct plan_topic *t = map_get(&p->topic_map, (struct span){key, len});
    enum err e = ERR_OK;
    if (!t) {
        t = arena_zalloc(&p->arena, sizeof *t);
        if (!t) {
            return ERR_NOMEM;
        }
        *t = (struct plan_topic){.sector = sector, .township = township, .record = record};
        e = map_put(&p->topic_map, (struct span){key, len}, t);
        p->topics[p->n_topics++] = t;
    }
    it->topic = t;
    it->topic_before = t->last;
    t->last = it;
    return e;
}

static enum err take_lists(struct plan *p)
{
    struct plan_list *lists[] = {&p->claims, &p->order,    &p->feed,    &p->parked,
                                 &p->moved,  &p->released, &p->expired, &p->refused};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        lists[i]->at = arena_alloc(&p->arena, p->n_items * sizeof(struct plan_item *));
        if (!lists[i]->at) {
            return ERR_NOMEM;
        }
    }
    p->topics = arena_alloc(&p->arena, p->n_items * sizeof(struct plan_topic *));
    return p->topics ? ERR_OK : ERR_NOMEM;
}

static void start_heads(struct plan *p)
{
    for (size_t t = 0; t < p->schema->n_records; t++) {
        for (size_t i = 0; i < p->heads[t].n; i++) {
            p->heads[t].at[i]->present = p->heads[t].at[i]->known;
        }
    }
}

enum err decide_plan(struct plan *p, size_t parked_room)
{
    enum err e = take_lists(p);
    if (e != ERR_OK) {
        return e;
    }
    start_heads(p);
    for (size_t i = 0; i < p->n_items; i++) {
        if (p->items[i]->parked) {
            decide_parked(p, p->items[i]);
        } else {
            decide_arrival(p, p->items[i]);
        }
    }
    for (size_t i = 0; i < p->n_items; i++) {
        if (p->items[i]->parked) {
            end_parked(p, p->items[i]);
        } else {
            end_arrival(p, p->items[i], &parked_room);
        }
        p->counts[p->items[i]->verdict] += 1;
    }
    p->counts[VERDICT_NONE] = 0;
    e = p->starved ? ERR_NOMEM : e;
    for (size_t i = 0; i < p->feed.n && e == ERR_OK; i++) {
        e = name_topic(p, p->feed.at[i]);
    }
    return e;
}
