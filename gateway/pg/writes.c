/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/writes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/field.h"
#include "pg/binary.h"
#include "pg/chain.h"
#include "pg/refusals.h"
#include "pg/rollup.h"
#include "pipe/receipt.h"

/* Steps that are not of a record: the fixed tables, five of parked ones, the batch row, COMMIT. */
#define STEPS_FIXED  (TABLE_KINDS + 7)
#define STEPS_RECORD 4
#define BATCH_PARAMS 15

enum err writes_init(struct writes *w, const struct schema *schema, size_t max_bytes)
{
    size_t n = schema->n_records;
    *w = (struct writes){.n_records = n};
    arena_init(&w->arena, max_bytes);
    buf_init(&w->scratch, max_bytes);
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_init(&w->fixed[i], max_bytes);
    }
    w->fresh = mem_zalloc(n * sizeof *w->fresh);
    w->newer = mem_zalloc(n * sizeof *w->newer);
    w->past = mem_zalloc(n * sizeof *w->past);
    w->patch = mem_zalloc(n * sizeof *w->patch);
    w->steps = mem_zalloc((STEPS_FIXED + STEPS_RECORD * n) * sizeof *w->steps);
    if (!w->fresh || !w->newer || !w->past || !w->patch || !w->steps) {
        w->n_records = 0;
        writes_free(w);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        rows_init(&w->fresh[i], max_bytes);
        rows_init(&w->newer[i], max_bytes);
        rows_init(&w->past[i], max_bytes);
        rows_init(&w->patch[i], max_bytes);
    }
    return ERR_OK;
}

void writes_free(struct writes *w)
{
    for (size_t i = 0; i < w->n_records; i++) {
        rows_free(&w->fresh[i]);
        rows_free(&w->newer[i]);
        rows_free(&w->past[i]);
        rows_free(&w->patch[i]);
    }
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_free(&w->fixed[i]);
    }
    mem_free(w->fresh);
    mem_free(w->newer);
    mem_free(w->past);
    mem_free(w->patch);
    mem_free(w->steps);
    buf_free(&w->scratch);
    arena_free(&w->arena);
    *w = (struct writes){.n_records = 0};
}

/* ---- parameters ---- */

static struct span text(const char *s)
{
    return span_of(s ? s : "");
}

static struct span bytes(const uint8_t hash[DIGEST_BYTES])
{
    return (struct span){(const char *)hash, DIGEST_BYTES};
}

/* A number of 4 or 8 bytes in the arena; data NULL when exhausted, which step_add() finds. */
static struct pg_param number(struct arena *a, int64_t v, size_t len)
{
    uint8_t *at = arena_alloc(a, len);
    for (size_t i = 0; at && i < len; i++) {
        at[i] = (uint8_t)((uint64_t)v >> (8 * (len - 1 - i)));
    }
    return (struct pg_param){at, len};
}

static enum err step_add(struct writes *w, const struct pg_statement *s,
                         const struct pg_param *params, size_t n)
{
    struct pg_param *kept = arena_alloc(&w->arena, n * sizeof *kept);
    if (!kept) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (!params[i].data && params[i].len > 0) {
            return ERR_NOMEM;
        }
        kept[i] = params[i];
    }
    w->steps[w->n_steps++] = (struct pg_step){s, kept, n};
    return ERR_OK;
}

/* The rows gathered, if any, as a step; expected: with their number as $2. */
static enum err step_rows(struct writes *w, const struct pg_statement *s, struct rows *rows,
                          bool expected)
{
    struct pg_param params[2];
    if (rows->n == 0 && !buf_failed(&rows->buf)) {
        return ERR_OK;
    }
    enum err e = rows_param(rows, &params[0]);
    params[1] = number(&w->arena, (int64_t)rows->n, sizeof(int64_t));
    return e == ERR_OK ? step_add(w, s, params, expected ? 2 : 1) : e;
}

/* ---- claims, versions, feed ---- */

static struct span op_word(const struct report *r)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__op__code__descriptor, (int)r->env->op);
    return v ? span_of(v->name) : SPAN_LIT("UPSERT");
}

static const char *publisher_of(const struct plan_item *it)
{
    return it->parked ? it->parked->publisher : it->entry->message->publisher;
}

static void add_claim(struct writes *w, const struct write_context *c, const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const Dualgate__V1__Report *env = r->env;
    struct ledger_row row = {
        .ledger_no = it->ledger_no,
        .received_at = it->entry->message->received_us,
        .observed_at = r->order.observed_us,
        .lane = c->lane,
        .batch_no = w->link.no,
        .msg_id = text(r->msg_id),
        .publisher = text(publisher_of(it)),
        .record = text(report_record_name(r)),
        .op = op_word(r),
        .uscc = text(env->uscc),
        .unit = text(env->unit),
        .id = text(r->id),
        .division = text(env->division),
        .sector = text(env->sector),
        .verdict = text(verdict_word(it->verdict)),
        .hash = bytes(r->hash),
        .raw_hash = bytes(r->raw_hash),
        .source_system = text(env->source_system),
        .source_seq = r->order.source_seq,
        .period = span_of(env->period),
        .schema = span_of(env->schema ? env->schema : "dualgate.v1"),
        .origin_node = text(c->node),
    };
    rows_add(&w->fixed[TABLE_LEDGER], &row, NULL);
}

static void add_findings(struct writes *w, const struct write_context *c,
                         const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    int64_t n = 0;
    for (const struct finding *f = r->findings; f; f = f->next) {
        struct finding_row row = {
            .ledger_no = it->ledger_no,
            .n = n++,
            .code = text(f->code),
            .field = span_of(f->field),
            .reported = span_of(f->reported),
            .expected = span_of(f->expected),
            .record = text(report_record_name(r)),
            .uscc = text(r->env->uscc),
            .unit = text(r->env->unit),
            .id = text(r->id),
            .division = text(r->env->division),
            .sector = text(r->env->sector),
            .found_at = c->accepted_us,
        };
        rows_add(&w->fixed[TABLE_FINDING], &row, NULL);
    }
}

static void add_raw(struct writes *w, const struct write_context *c, const struct message *m)
{
    struct raw_row row = {
        .received_at = m->received_us,
        .lane = c->lane,
        .batch_no = w->link.no,
        .publisher = text(m->publisher),
        .topic = m->topic,
        .content_type = m->content_type.at ? m->content_type : SPAN_LIT(""),
        .payload_sha256 = bytes(m->payload_hash),
        .payload = m->payload,
    };
    rows_add(&w->fixed[TABLE_RAW], &row, NULL);
}

static enum err write_claims(struct writes *w, const struct write_context *c)
{
    const struct plan_list *claims = &c->plan->claims;
    const struct message *last = NULL;
    for (size_t i = 0; i < claims->n; i++) {
        const struct plan_item *it = claims->at[i];
        add_claim(w, c, it);
        add_findings(w, c, it);
        if (it->entry->message != last) {
            last = it->entry->message;
            add_raw(w, c, last);
        }
    }
    const struct pg_statement *insert = c->statements->insert;
    enum err e = step_rows(w, &insert[TABLE_LEDGER], &w->fixed[TABLE_LEDGER], false);
    if (e == ERR_OK) {
        e = step_rows(w, &insert[TABLE_FINDING], &w->fixed[TABLE_FINDING], false);
    }
    return e == ERR_OK ? step_rows(w, &insert[TABLE_RAW], &w->fixed[TABLE_RAW], false) : e;
}

/* {"body.foo": value as sent, …} or nothing. */
static struct span unknown_json(struct writes *w, const Dualgate__V1__Report *env)
{
    if (env->n_unknown_members == 0) {
        return SPAN_NONE;
    }
    buf_reset(&w->scratch);
    for (size_t i = 0; i < env->n_unknown_members; i++) {
        const Dualgate__V1__UnknownMember *m = env->unknown_members[i];
        buf_putc(&w->scratch, i == 0 ? '{' : ',');
        buf_json_string(&w->scratch, text(m->path));
        buf_putc(&w->scratch, ':');
        buf_puts(&w->scratch, m->json && m->json[0] ? m->json : "null");
    }
    buf_putc(&w->scratch, '}');
    const char *kept = arena_strndup(&w->arena, w->scratch.data, w->scratch.len);
    return (struct span){kept, kept ? w->scratch.len : 0};
}

static struct version_row version_of(struct writes *w, const struct write_context *c,
                                     const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const Dualgate__V1__Report *env = r->env;
    return (struct version_row){
        .uscc = text(env->uscc),
        .id = text(r->id),
        .unit = text(env->unit),
        .division = text(env->division),
        .sector = text(env->sector),
        .township = text(r->township),
        .observed_at = r->order.observed_us,
        .source_system = text(r->order.source_system),
        .source_seq = r->order.source_seq,
        .state_rank = r->order.state_rank,
        .ledger_no = it->ledger_no,
        .deleted = env->op == DUALGATE__V1__OP__CODE__DELETE,
        .id_as_sent = text(r->id_as_sent),
        .origin_node = text(c->node),
        .unknown = unknown_json(w, env),
        .op = op_word(r),
    };
}

static int by_record_key(const void *a, const void *b)
{
    const struct plan_item *x = *(struct plan_item *const *)a;
    const struct plan_item *y = *(struct plan_item *const *)b;
    int order = strcmp(x->entry->report.env->uscc, y->entry->report.env->uscc);
    return order != 0 ? order : strcmp(x->entry->report.id, y->entry->report.id);
}

/* Those that become heads, by key; the others go into the history alone. */
static enum err sort_winners(struct writes *w, const struct plan *p, struct plan_list *out)
{
    out->n = 0;
    out->at = arena_alloc(&w->arena, p->order.n * sizeof *out->at);
    if (!out->at) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->order.n; i++) {
        if (p->order.at[i]->head->winner == p->order.at[i]) {
            out->at[out->n++] = p->order.at[i];
        }
    }
    qsort(out->at, out->n, sizeof(struct plan_item *), by_record_key);
    return ERR_OK;
}

static enum err gather_versions(struct writes *w, const struct write_context *c)
{
    struct plan_list winners;
    enum err e = sort_winners(w, c->plan, &winners);
    for (size_t i = 0; e == ERR_OK && i < winners.n; i++) {
        const struct plan_item *it = winners.at[i];
        struct version_row row = version_of(w, c, it);
        struct rows *rows = it->head->known ? w->newer : w->fresh;
        rows_add(&rows[it->head->type->index], &row, it->entry->report.body);
    }
    for (size_t i = 0; e == ERR_OK && i < c->plan->order.n; i++) {
        const struct plan_item *it = c->plan->order.at[i];
        if (it->head->winner != it) {
            struct version_row row = version_of(w, c, it);
            rows_add(&w->past[it->head->type->index], &row, it->entry->report.body);
        }
    }
    return e;
}

/* A message of the patched record that holds only what moves: for each rule "from>to" the newest of
 * the patches that has it. */
static ProtobufCMessage *patched_body(struct writes *w, const struct plan_head *h)
{
    const struct record_type *from = h->patches->head->type;
    const ProtobufCMessageDescriptor *desc = h->type->message->desc;
    ProtobufCMessage *body = arena_alloc(&w->arena, desc->sizeof_message);
    if (!body) {
        return NULL;
    }
    desc->message_init(body);
    for (size_t i = 0; i < from->rule->n_patch; i++) {
        struct span to = span_of(from->rule->patch[i]);
        struct span name = span_cut(&to, '>');
        const struct field_type *source = message_field(from->message, name);
        const struct field_type *target = message_field(h->type->message, to);
        const struct plan_item *it = h->patches;
        while (it && source && !field_present(it->entry->report.body, source->desc)) {
            it = it->next_patch;
        }
        if (it && source && target && source->desc->type == target->desc->type) {
            field_mark(body, target->desc);
            memcpy(field_item(body, target->desc, 0),
                   field_item(it->entry->report.body, source->desc, 0),
                   field_item_size(target->desc));
        }
    }
    return body;
}

static enum err gather_patches(struct writes *w, const struct write_context *c,
                               const struct record_type *via)
{
    const struct plan_heads *heads = &c->plan->heads[via->index];
    for (size_t i = 0; i < heads->n; i++) {
        const struct plan_head *h = heads->at[i];
        if (!h->patches) {
            continue;
        }
        ProtobufCMessage *body = patched_body(w, h);
        if (!body) {
            return ERR_NOMEM;
        }
        struct version_row row = version_of(w, c, h->patches);
        row.id = h->id;
        rows_add(&w->patch[h->patches->head->type->index], &row, body);
    }
    return ERR_OK;
}

static enum err write_versions(struct writes *w, const struct write_context *c)
{
    const struct schema *schema = c->plan->schema;
    enum err e = gather_versions(w, c);
    for (size_t i = 0; e == ERR_OK && i < w->n_records; i++) {
        e = gather_patches(w, c, &schema->records[i]);
    }
    for (size_t i = 0; e == ERR_OK && i < w->n_records; i++) {
        const struct record_statements *r = &c->statements->records[i];
        e = step_rows(w, &r->fresh, &w->fresh[i], false);
        e = e == ERR_OK ? step_rows(w, &r->newer, &w->newer[i], true) : e;
        e = e == ERR_OK ? step_rows(w, &r->past, &w->past[i], false) : e;
    }
    for (size_t i = 0; e == ERR_OK && i < w->n_records; i++) {
        e = step_rows(w, &c->statements->records[i].patch, &w->patch[i], true);
    }
    return e;
}

static struct span pack(struct arena *a, const ProtobufCMessage *m)
{
    size_t len = protobuf_c_message_get_packed_size(m);
    uint8_t *at = arena_alloc(a, len);
    if (at) {
        protobuf_c_message_pack(m, at);
    }
    return (struct span){(const char *)at, len};
}

static int by_topic(const void *a, const void *b)
{
    const struct plan_topic *x = *(struct plan_topic *const *)a;
    const struct plan_topic *y = *(struct plan_topic *const *)b;
    int order = strcmp(x->sector.at, y->sector.at);
    order = order != 0 ? order : strcmp(x->township.at, y->township.at);
    return order != 0 ? order : strcmp(x->record.at, y->record.at);
}

static enum err write_feed(struct writes *w, const struct write_context *c)
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
            .hash = bytes(it->entry->report.hash),
            .payload = pack(&w->arena, &it->entry->report.env->base),
        };
        if (!row.payload.at) {
            return ERR_NOMEM;
        }
        rows_add(&w->fixed[TABLE_OUTBOX], &row, NULL);
    }
    qsort(p->topics, p->n_topics, sizeof(struct plan_topic *), by_topic);
    for (size_t i = 0; i < p->n_topics; i++) {
        const struct plan_topic *t = p->topics[i];
        struct feed_head_row row = {t->sector, t->township, t->record, t->last->feed_seq};
        rows_add(&w->fixed[TABLE_FEED_HEAD], &row, NULL);
    }
    enum err e = rollup_add(p, &w->arena, &w->fixed[TABLE_UNIT_MONTH]);
    const struct pg_statement *insert = c->statements->insert;
    e = e == ERR_OK ? step_rows(w, &insert[TABLE_OUTBOX], &w->fixed[TABLE_OUTBOX], false) : e;
    e = e == ERR_OK ? step_rows(w, &insert[TABLE_FEED_HEAD], &w->fixed[TABLE_FEED_HEAD], false) : e;
    return e == ERR_OK ? step_rows(w, &insert[TABLE_UNIT_MONTH], &w->fixed[TABLE_UNIT_MONTH], false)
                       : e;
}

/* ---- parked ---- */

static enum err add_waiting(struct writes *w, const struct write_context *c,
                            const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct message *m = it->entry->message;
    buf_reset(&w->scratch);
    receipt_topic(m, &w->scratch);
    const char *topic = arena_strndup(&w->arena, w->scratch.data, w->scratch.len);
    struct waiting_row row = {
        .ledger_no = it->ledger_no,
        .lane = c->lane,
        .record = text(report_record_name(r)),
        .uscc = text(r->env->uscc),
        .unit = text(r->env->unit),
        .id = text(r->id),
        .parent_record = text(it->missing->type->name),
        .parent_id = it->missing->id,
        .parked_at = c->accepted_us,
        .expires_at = c->accepted_us + c->parked_keep_us,
        .publisher = text(m->publisher),
        .msg_id = text(r->msg_id),
        .hash = bytes(r->hash),
        .raw_hash = bytes(r->raw_hash),
        .id_as_sent = text(r->id_as_sent),
        .township = text(r->township),
        .received_at = m->received_us,
        .receipt_topic = {topic, w->scratch.len},
        .correlation = m->correlation.len ? m->correlation : SPAN_NONE,
        .receipt_index = r->index,
        .report = pack(&w->arena, &r->env->base),
        .topic = m->topic,
        .content_type = m->content_type.at ? m->content_type : SPAN_LIT(""),
        .charset = text(m->charset),
        .adapter = text(m->adapter),
        .raw = r->raw.at ? r->raw : m->payload,
    };
    if (!topic || !row.report.at || buf_failed(&w->scratch)) {
        return ERR_NOMEM;
    }
    rows_add(&w->fixed[TABLE_WAITING], &row, NULL);
    return ERR_OK;
}

static void add_late(struct writes *w, const struct write_context *c, const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const struct problem *problem = &it->problem;
    bool rejected = it->verdict == VERDICT_REJECTED;
    struct late_row row = {
        .lane = c->lane,
        .batch_no = w->link.no,
        .topic = it->parked->receipt_topic,
        .correlation = it->parked->correlation,
        .received_at = it->parked->received_us,
        .index = r->index,
        .msg_id = text(r->msg_id),
        .record = text(report_record_name(r)),
        .id = text(r->id_as_sent),
        .verdict = text(verdict_word(it->verdict)),
        .ledger_no = it->ledger_no,
        .hash = bytes(r->hash),
        .reason = rejected ? span_of(reason_word(problem->reason)) : SPAN_NONE,
        .field = span_of(problem->field),
        .label_zh = span_of(problem->label_zh),
        .label_en = span_of(problem->label_en),
        .value = span_of(problem->value),
    };
    rows_add(&w->fixed[TABLE_LATE], &row, NULL);
}

/* An array in the arena of what `put` writes for each item. */
static struct pg_param array_of(struct writes *w, uint32_t oid, const struct plan_list *list,
                                void (*put)(struct buf *, const struct plan_item *))
{
    buf_reset(&w->scratch);
    struct binary_array a = binary_array_begin(&w->scratch, oid);
    for (size_t i = 0; i < list->n; i++) {
        put(&w->scratch, list->at[i]);
    }
    if (!buf_failed(&w->scratch)) {
        binary_array_end(&a, list->n);
    }
    const char *kept =
        buf_failed(&w->scratch) ? NULL : arena_strndup(&w->arena, w->scratch.data, w->scratch.len);
    return (struct pg_param){kept, w->scratch.len};
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
    binary_uuid(b, text(it->entry->report.msg_id));
}

static void put_publisher(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, text(publisher_of(it)));
}

static void put_parent_record(struct buf *b, const struct plan_item *it)
{
    binary_bytes(b, text(it->missing->type->name));
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

/* Released and expired ones together, by ledger number. */
static enum err resolved_list(struct writes *w, const struct plan *p, struct plan_list *out)
{
    out->n = p->released.n + p->expired.n;
    out->at = arena_alloc(&w->arena, out->n * sizeof *out->at);
    if (!out->at) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < out->n; i++) {
        out->at[i] = i < p->released.n ? p->released.at[i] : p->expired.at[i - p->released.n];
    }
    qsort(out->at, out->n, sizeof(struct plan_item *), by_ledger_no);
    return ERR_OK;
}

static enum err write_resolved(struct writes *w, const struct write_context *c,
                               const struct plan_list *resolved)
{
    if (resolved->n == 0) {
        return ERR_OK;
    }
    for (size_t i = 0; i < resolved->n; i++) {
        add_late(w, c, resolved->at[i]);
    }
    struct pg_param drop[] = {array_of(w, PG_INT8, resolved, put_ledger_no),
                              number(&w->arena, (int64_t)resolved->n, 8)};
    struct pg_param resolve[] = {drop[0], array_of(w, PG_TEXT, resolved, put_verdict),
                                 number(&w->arena, c->lane, 4), number(&w->arena, w->link.no, 8)};
    enum err e = step_add(w, &statement_parked_drop, drop, 2);
    e = e == ERR_OK ? step_add(w, &statement_resolve, resolve, 4) : e;
    return e == ERR_OK
               ? step_rows(w, &c->statements->insert[TABLE_LATE], &w->fixed[TABLE_LATE], false)
               : e;
}

static enum err write_parked(struct writes *w, const struct write_context *c)
{
    const struct plan *p = c->plan;
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->parked.n && e == ERR_OK; i++) {
        e = add_waiting(w, c, p->parked.at[i]);
    }
    e = e == ERR_OK
            ? step_rows(w, &c->statements->insert[TABLE_WAITING], &w->fixed[TABLE_WAITING], false)
            : e;
    if (e == ERR_OK && p->moved.n > 0) {
        struct pg_param move[] = {array_of(w, PG_INT8, &p->moved, put_ledger_no),
                                  array_of(w, PG_TEXT, &p->moved, put_parent_record),
                                  array_of(w, PG_TEXT, &p->moved, put_parent_id),
                                  number(&w->arena, (int64_t)p->moved.n, 8)};
        e = step_add(w, &statement_parked_move, move, 4);
    }
    if (e == ERR_OK && p->expired.n > 0) {
        struct pg_param keys[] = {array_of(w, PG_UUID, &p->expired, put_msg_id),
                                  array_of(w, PG_TEXT, &p->expired, put_publisher)};
        e = step_add(w, &statement_msg_key_drop, keys, 2);
    }
    return e;
}

static enum err write_refusals(struct writes *w, const struct write_context *c)
{
    struct rows *rows = &w->fixed[TABLE_QUARANTINE];
    enum err e = refusals_add(c->plan, c->accepted_us, &w->arena, &w->scratch, rows);
    return e == ERR_OK ? step_rows(w, &c->statements->insert[TABLE_QUARANTINE], rows, false) : e;
}

/* ---- the batch row ---- */

static enum err link_chain(struct writes *w, const struct write_context *c,
                           const struct plan_list *resolved)
{
    const struct plan_list *claims = &c->plan->claims;
    chain_begin(&w->scratch, (struct span){(const char *)c->last.hash, c->last.hash_len}, c->lane,
                w->link.no);
    for (size_t i = 0; i < claims->n; i++) {
        chain_add(&w->scratch, claims->at[i]->ledger_no, claims->at[i]->entry->report.hash,
                  claims->at[i]->verdict);
    }
    for (size_t i = 0; i < resolved->n; i++) {
        chain_add(&w->scratch, resolved->at[i]->ledger_no, resolved->at[i]->entry->report.hash,
                  resolved->at[i]->verdict);
    }
    w->link.hash_len = DIGEST_BYTES;
    return chain_end(&w->scratch, w->link.hash);
}

static enum err write_batch(struct writes *w, const struct write_context *c)
{
    const struct plan *p = c->plan;
    struct arena *a = &w->arena;
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
        number(a, c->lane, 4),
        number(a, w->link.no, 8),
        {c->last.hash, c->last.hash_len},
        {w->link.hash, w->link.hash_len},
        n ? number(a, p->claims.at[0]->ledger_no, 8) : (struct pg_param){NULL, 0},
        n ? number(a, p->claims.at[n - 1]->ledger_no, 8) : (struct pg_param){NULL, 0},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        params[6 + i] = number(a, (int64_t)counts[i], 4);
    }
    w->batch_step = w->n_steps;
    return step_add(w, &statement_batch, params, BATCH_PARAMS);
}

static void begin(struct writes *w, const struct write_context *c)
{
    arena_reset(&w->arena);
    w->n_steps = 0;
    w->link = (struct chain_link){.no = c->last.no + 1};
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_begin(&w->fixed[i], &c->statements->layouts[i]);
    }
    for (size_t i = 0; i < w->n_records; i++) {
        const struct record_type *via = c->plan->schema->records[i].via;
        const struct record_statements *r = c->statements->records;
        rows_begin(&w->fresh[i], &r[i].history);
        rows_begin(&w->newer[i], &r[i].history);
        rows_begin(&w->past[i], &r[i].history);
        rows_begin(&w->patch[i], via ? &r[via->index].head : &r[i].head);
    }
}

enum err writes_make(struct writes *w, const struct write_context *c)
{
    struct plan_list resolved;
    begin(w, c);
    enum err e = resolved_list(w, c->plan, &resolved);
    e = e == ERR_OK ? write_claims(w, c) : e;
    e = e == ERR_OK ? write_versions(w, c) : e;
    e = e == ERR_OK ? write_feed(w, c) : e;
    e = e == ERR_OK ? write_parked(w, c) : e;
    e = e == ERR_OK ? write_resolved(w, c, &resolved) : e;
    e = e == ERR_OK ? write_refusals(w, c) : e;
    e = e == ERR_OK ? link_chain(w, c, &resolved) : e;
    return e == ERR_OK ? write_batch(w, c) : e;
}
