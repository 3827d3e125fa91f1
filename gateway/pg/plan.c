/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's collecting side: it interns report identities and records, so that each is asked for
 * once and every report of a batch that means the same record meets the same struct. The verdicts
 * are made in pg/decide.c. */
#include "pg/plan.h"

#include <string.h>

#include "base/alloc.h"
#include "model/field.h"
#include "pg/lives.h"

#define LIST_FIRST ((size_t)64)

/* Above every ledger number: what arrives now is younger than all that is stored. */
#define TIE_NEW ((int64_t)1 << 62)

enum err plan_init(struct plan *p, const struct schema *schema, size_t arena_max_bytes)
{
    *p = (struct plan){.schema = schema};
    arena_init(&p->arena, arena_max_bytes);
    map_init(&p->msg_map);
    map_init(&p->head_map);
    map_init(&p->topic_map);
    p->heads = mem_zalloc(schema->n_records * sizeof *p->heads);
    p->is_parent = mem_zalloc(schema->n_records * sizeof *p->is_parent);
    p->lives = mem_zalloc(schema->n_records * sizeof *p->lives);
    if (!p->heads || !p->is_parent || !p->lives) {
        plan_free(p);
        return ERR_NOMEM;
    }
    lives_types(schema, p->lives);
    for (size_t i = 0; i < schema->n_records; i++) {
        const struct message_type *m = schema->records[i].message;
        for (size_t f = 0; f < m->n_fields; f++) {
            const char *parent = m->fields[f].rule->parent;
            const struct record_type *t = parent ? schema_record(schema, span_of(parent)) : NULL;
            if (t) {
                p->is_parent[t->index] = true;
            }
        }
        if (schema->records[i].via) {
            p->is_parent[schema->records[i].via->index] = true;
        }
    }
    return ERR_OK;
}

void plan_free(struct plan *p)
{
    mem_free(p->heads);
    mem_free(p->is_parent);
    mem_free(p->lives);
    map_free(&p->msg_map);
    map_free(&p->head_map);
    map_free(&p->topic_map);
    arena_free(&p->arena);
    *p = (struct plan){.schema = NULL};
}

void plan_reset(struct plan *p)
{
    const struct schema *schema = p->schema;
    struct plan kept = *p;
    map_clear(&kept.msg_map);
    map_clear(&kept.head_map);
    map_clear(&kept.topic_map);
    arena_reset(&kept.arena);
    memset(kept.heads, 0, schema->n_records * sizeof *kept.heads);
    *p = (struct plan){.schema = schema,
                       .arena = kept.arena,
                       .msg_map = kept.msg_map,
                       .head_map = kept.head_map,
                       .topic_map = kept.topic_map,
                       .heads = kept.heads,
                       .is_parent = kept.is_parent,
                       .lives = kept.lives};
}

/* Room for one more pointer in a list of the arena; the old array is left to the arena. */
static enum err grow(struct arena *a, void *list, size_t n, size_t *cap)
{
    void **at;
    memcpy(&at, list, sizeof at);
    if (n < *cap) {
        return ERR_OK;
    }
    size_t more = *cap ? 2 * *cap : LIST_FIRST;
    void **wider = arena_alloc(a, more * sizeof *wider);
    if (!wider) {
        return ERR_NOMEM;
    }
    if (n) {
        memcpy(wider, at, n * sizeof *wider);
    }
    memcpy(list, &wider, sizeof wider);
    *cap = more;
    return ERR_OK;
}

/* The key of a map in the arena: parts joined by a byte no part holds. */
static struct span make_key(struct arena *a, size_t tag, struct span one, struct span two)
{
    size_t len = sizeof tag + one.len + 1 + two.len;
    char *at = arena_alloc(a, len);
    if (!at) {
        return SPAN_NONE;
    }
    memcpy(at, &tag, sizeof tag);
    if (one.len) {
        memcpy(at + sizeof tag, one.at, one.len);
    }
    at[sizeof tag + one.len] = '\0';
    if (two.len) {
        memcpy(at + sizeof tag + one.len + 1, two.at, two.len);
    }
    return (struct span){at, len};
}

static enum err push_head(struct plan *p, struct plan_heads *list, struct plan_head *h)
{
    enum err e = grow(&p->arena, &list->at, list->n, &list->cap);
    if (e == ERR_OK) {
        list->at[list->n++] = h;
    }
    return e;
}

enum err plan_push_life(struct plan *p, struct plan_life *l)
{
    enum err e = grow(&p->arena, &p->life, p->n_life, &p->cap_life);
    if (e == ERR_OK) {
        p->life[p->n_life++] = l;
    }
    return e;
}

static enum err name_head(struct plan *p, const struct record_type *type, struct span uscc,
                          struct span id, struct plan_head **out)
{
    struct span key = make_key(&p->arena, type->index, uscc, id);
    if (!key.at) {
        return ERR_NOMEM;
    }
    *out = map_get(&p->head_map, key);
    if (*out) {
        return ERR_OK;
    }
    struct plan_head *h = arena_zalloc(&p->arena, sizeof *h);
    if (!h) {
        return ERR_NOMEM;
    }
    h->type = type;
    h->uscc = (struct span){key.at + sizeof(size_t), uscc.len};
    h->id = (struct span){key.at + sizeof(size_t) + uscc.len + 1, id.len};
    *out = h;
    enum err e = push_head(p, &p->heads[type->index], h);
    return e == ERR_OK ? map_put(&p->head_map, key, h) : e;
}

static enum err own_head(struct plan *p, struct plan_head *h)
{
    if (h->own) {
        return ERR_OK;
    }
    h->own = true;
    return p->is_parent[h->type->index] ? push_head(p, &p->owners, h) : ERR_OK;
}

static enum err name_msg(struct plan *p, struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    struct span publisher = span_of(it->entry->message->publisher);
    struct span key = make_key(&p->arena, 0, span_of(r->msg_id), publisher);
    if (!key.at) {
        return ERR_NOMEM;
    }
    it->msg = map_get(&p->msg_map, key);
    if (it->msg) {
        return ERR_OK;
    }
    it->msg = arena_zalloc(&p->arena, sizeof *it->msg);
    enum err e = it->msg ? grow(&p->arena, &p->msgs, p->n_msgs, &p->cap_msgs) : ERR_NOMEM;
    if (e != ERR_OK) {
        return e;
    }
    it->msg->msg_id = span_of(r->msg_id);
    it->msg->publisher = publisher;
    p->msgs[p->n_msgs++] = it->msg;
    return map_put(&p->msg_map, key, it->msg);
}

/* NULL when absent or empty. */
static const char *body_text(const struct report *r, const struct field_type *f)
{
    const char *text =
        f && f->desc->type == PROTOBUF_C_TYPE_STRING ? field_text(r->body, f->desc) : NULL;
    return text && text[0] ? text : NULL;
}

static enum err add_parent(struct plan *p, struct plan_item *it, const struct record_type *type,
                           const char *id)
{
    struct plan_head *h;
    enum err e = name_head(p, type, span_of(it->entry->report.env->uscc), span_of(id), &h);
    if (e == ERR_OK) {
        it->parents[it->n_parents++] = h;
    }
    return e;
}

/* Every record that the report refers to. A DELETE holds its key alone and waits for nobody. */
static enum err name_parents(struct plan *p, struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct message_type *m = r->type->message;
    if (r->env->op == DUALGATE__V1__OP__CODE__DELETE) {
        return ERR_OK;
    }
    size_t most = 0;
    for (size_t i = 0; i < m->n_fields; i++) {
        most += m->fields[i].rule->parent != NULL;
    }
    it->parents = arena_alloc(&p->arena, most * sizeof(struct plan_head *));
    enum err e = it->parents ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < m->n_fields && e == ERR_OK; i++) {
        const char *parent = m->fields[i].rule->parent;
        const char *id = parent ? body_text(r, &m->fields[i]) : NULL;
        const struct record_type *type = id ? schema_record(p->schema, span_of(parent)) : NULL;
        if (type) {
            e = add_parent(p, it, type, id);
        }
    }
    return e;
}

/* The record that stands in field `moves_id`, or NULL. */
static enum err name_moved(struct plan *p, struct plan_item *it, const struct record_type *type,
                           struct plan_head **out)
{
    const struct report *r = &it->entry->report;
    const char *field = r->type->rule->moves_id;
    const char *id = field ? body_text(r, message_field(r->type->message, span_of(field))) : NULL;
    return id ? name_head(p, type, span_of(r->env->uscc), span_of(id), out) : ERR_OK;
}

static enum err name_records(struct plan *p, struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct record_type *life = p->lives[r->type->index];
    enum err e = name_head(p, r->type, span_of(r->env->uscc), span_of(r->id), &it->head);
    if (e == ERR_OK) {
        e = own_head(p, it->head);
    }
    if (e == ERR_OK) {
        e = name_parents(p, it);
    }
    if (e == ERR_OK && r->type->via) {
        e = name_moved(p, it, r->type->via, &it->via);
    } else if (e == ERR_OK && life && life != r->type) {
        e = name_moved(p, it, life, &it->beside);
    }
    bool about = life && (life == r->type || it->via || it->beside);
    return e == ERR_OK && about ? lives_name(p, it) : e;
}

/* The item of an entry of the message that is being added, or NULL. */
static const struct plan_item *item_of(const struct plan *p, const struct entry *e)
{
    size_t i = p->n_items;
    while (i > 0 && p->items[i - 1]->entry->message == e->message && p->items[i - 1]->entry > e) {
        i--;
    }
    return i > 0 && p->items[i - 1]->entry == e ? p->items[i - 1] : NULL;
}

enum err plan_add(struct plan *p, struct entry *e, struct parked_row *parked,
                  struct plan_item **out)
{
    enum err err = grow(&p->arena, &p->items, p->n_items, &p->cap_items);
    struct plan_item *it = err == ERR_OK ? arena_zalloc(&p->arena, sizeof *it) : NULL;
    if (!it) {
        return ERR_NOMEM;
    }
    it->entry = e;
    it->place = p->n_items;
    it->parked = parked;
    it->tie = parked ? parked->ledger_no : TIE_NEW + (int64_t)p->n_items;
    it->ledger_no = parked ? parked->ledger_no : 0;
    p->items[p->n_items++] = it;
    it->source = e->source ? item_of(p, e->source) : NULL;
    p->received += parked == NULL && !e->only_new;
    if (out) {
        *out = it;
    }
    if (e->report.problem.reason != REASON_NONE) {
        return ERR_OK;
    }
    err = parked ? ERR_OK : name_msg(p, it);
    return err == ERR_OK ? name_records(p, it) : err;
}

void plan_msg_found(struct plan_msg *m, const uint8_t hash[DIGEST_BYTES],
                    const uint8_t raw_hash[DIGEST_BYTES], int64_t ledger_no)
{
    m->known = true;
    memcpy(m->hash, hash, DIGEST_BYTES);
    memcpy(m->raw_hash, raw_hash, DIGEST_BYTES);
    m->ledger_no = ledger_no;
}

enum err plan_head_found(struct plan *p, struct plan_head *h, const struct order_key *order,
                         int64_t ledger_no)
{
    const char *system = arena_strdup(&p->arena, order->source_system ? order->source_system : "");
    if (!system) {
        return ERR_NOMEM;
    }
    h->known = true;
    h->order = *order;
    h->order.source_system = system;
    h->tie = ledger_no;
    return ERR_OK;
}

bool plan_empty(const struct plan *p)
{
    return p->received == 0 && p->released.n == 0 && p->expired.n == 0 && p->moved.n == 0;
}

void plan_number(struct plan *p, int64_t ledger_before, int64_t feed_before)
{
    for (size_t i = 0; i < p->claims.n; i++) {
        p->claims.at[i]->ledger_no = ledger_before + 1 + (int64_t)i;
    }
    for (size_t i = 0; i < p->feed.n; i++) {
        struct plan_item *it = p->feed.at[i];
        it->feed_seq = feed_before + 1 + (int64_t)i;
        it->feed_prev = it->topic_before ? it->topic_before->feed_seq : it->topic->last_seq;
    }
}

int64_t plan_ledger_no(const struct plan *p, int64_t tie)
{
    return tie >= TIE_NEW ? p->items[tie - TIE_NEW]->ledger_no : tie;
}

/* What it says may stand in the plan; receipts are written from the message's arena. A text that
 * finds no room there is left out. */
static struct problem kept_problem(const struct entry *e, const struct problem *p)
{
    struct problem kept = *p;
    if (e->message && p->field) {
        kept.field = arena_strdup(&e->message->arena, p->field);
    }
    if (e->message && p->value) {
        kept.value = arena_strdup(&e->message->arena, p->value);
    }
    return kept;
}

static void settle_item(const struct plan_item *it)
{
    struct entry *e = it->entry;
    const struct plan_item *first = it->first;
    e->verdict = it->verdict;
    e->ledger_no = it->ledger_no;
    e->feed_seq = it->feed_seq;
    e->feed_prev = it->feed_prev;
    memcpy(e->answer_hash, e->report.hash, DIGEST_BYTES);
    if (it->verdict == VERDICT_DUPLICATE) {
        e->ledger_no = first ? first->ledger_no : it->msg->ledger_no;
        memcpy(e->answer_hash, first ? first->entry->report.hash : it->msg->hash, DIGEST_BYTES);
    } else if (it->verdict == VERDICT_REJECTED || it->verdict == VERDICT_CONFLICT) {
        e->report.problem = kept_problem(e, &it->problem);
    }
    lives_settle(it);
}

void plan_settle(struct plan *p)
{
    for (size_t i = 0; i < p->n_items; i++) {
        settle_item(p->items[i]);
    }
}
