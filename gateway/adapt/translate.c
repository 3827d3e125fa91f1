/* SPDX-License-Identifier: Apache-2.0 */
/* One row at a time, field by field in the order that compiling has given them. */
#include "adapt/translate.h"

#include "adapt/fold.h"
#include "adapt/gather.h"
#include "adapt/put.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "model/json_run.h"

#define DATA_URI SPAN_LIT("data:")

static bool applies(const struct row *r, const struct target *t)
{
    return t->when == TARGET_ALWAYS ||
           (r->values[t->when].at && words_hold(t->when_values, r->values[t->when]));
}

static enum err run_target(struct row *r, size_t index)
{
    const struct target *t = &r->record->targets[index];
    struct texts texts = {.n = 0};
    if (!applies(r, t)) {
        return ERR_OK;
    }
    enum err err = gather(r, t, &texts);
    if (err != ERR_OK || texts.n == 0) {
        return err;
    }
    enum reason why = REASON_NONE;
    struct span wrong = SPAN_NONE;
    ProtobufCMessage *m = t->of_envelope ? &r->report->env->base : r->report->body;
    r->values[index] = texts.at[0];
    err = put_texts(m, t, texts.at, texts.n, r->t->arena, &why, &wrong);
    if (why != REASON_NONE) {
        struct span name = texts.source ? texts.source->name : span_of(t->path);
        gather_reject(r, why, name, target_leaf(t), wrong);
    }
    return err;
}

/* ---- the rest of the envelope ---- */

static void set_op(struct row *r)
{
    Dualgate__V1__Report *env = r->report->env;
    env->has_op = 1;
    env->op = r->record->op;
    if (!r->record->deletable) {
        return;
    }
    const struct node *node = gather_find(r, &r->record->deleted);
    struct span text = node && node_is_scalar(node) ? span_trim(node->text) : SPAN_NONE;
    if (text.len == 0) {
        return;
    }
    if (words_hold(r->record->deleted_yes, text)) {
        env->op = DUALGATE__V1__OP__CODE__DELETE;
    } else if (r->record->deleted_no.n > 0 && !words_hold(r->record->deleted_no, text)) {
        gather_reject(r, REASON_UNKNOWN_CODE, r->record->deleted.name, NULL, text);
    }
}

static bool is_known(const struct row *r, struct span name)
{
    return map_get(&r->record->known, name) != NULL ||
           (r->t->mapping->find == FIND_FIELD && span_eq(name, r->t->mapping->find_name));
}

/* A member's value as JSON, or NULL when no database could keep it. */
static enum err member_json(const struct row *r, const struct node *node, const char **out)
{
    struct arena *arena = r->t->arena;
    *out = NULL;
    if (!node_is_scalar(node)) {
        enum err err = json_check(node->raw, r->t->limits->depth_max);
        if (err == ERR_OK) {
            *out = arena_strndup(arena, node->raw.at, node->raw.len);
        }
        return err == ERR_NOMEM || (err == ERR_OK && !*out) ? ERR_NOMEM : ERR_OK;
    }
    bool text = node->kind == NODE_STRING;
    bool storable = text ? json_string_storable(node->text)
                         : node->kind != NODE_NUMBER || json_number_storable(node->text);
    if (!storable) {
        return ERR_OK;
    }
    if (!text) {
        *out = arena_strndup(arena, node->text.at, node->text.len);
        return *out ? ERR_OK : ERR_NOMEM;
    }
    struct buf json;
    buf_init(&json, 0);
    buf_json_string(&json, node->text);
    *out = buf_failed(&json) ? NULL : arena_strndup(arena, json.data, json.len);
    buf_free(&json);
    return *out ? ERR_OK : ERR_NOMEM;
}

static enum err keep_member(struct row *r, const struct node *node)
{
    Dualgate__V1__Report *env = r->report->env;
    const char *json = NULL;
    enum err err = member_json(r, node, &json);
    if (err != ERR_OK) {
        return err;
    }
    if (!json || utf8_text_prefix(node->name) != node->name.len) {
        gather_reject(r, REASON_CONTROL_CHARACTER, node->name, NULL, SPAN_NONE);
        return ERR_OK;
    }
    Dualgate__V1__UnknownMember *m = arena_alloc(r->t->arena, sizeof *m);
    char *path = arena_printf(r->t->arena, "body.%.*s", SPAN_ARG(node->name));
    char *value = arena_strdup(r->t->arena, json);
    if (!m || !path || !value) {
        return ERR_NOMEM;
    }
    dualgate__v1__unknown_member__init(m);
    m->path = path;
    m->json = value;
    env->unknown_members[env->n_unknown_members++] = m;
    if (!words_hold(r->record->keep, node->name)) {
        report_warn(r->report, r->t->arena, path);
    }
    return ERR_OK;
}

static bool is_nothing(const struct node *node)
{
    return node->kind == NODE_NULL || (node->kind == NODE_STRING && node->text.len == 0);
}

/* What no field of the schema takes is kept, as in canonical JSON. */
static enum err keep_members(struct row *r)
{
    Dualgate__V1__Report *env = r->report->env;
    enum err err = ERR_OK;
    env->unknown_members = arena_alloc(r->t->arena, (r->node->count + 1) * sizeof(void *));
    if (!env->unknown_members) {
        return ERR_NOMEM;
    }
    for (const struct node *it = r->node->first; it && err == ERR_OK; it = it->next) {
        if (!is_nothing(it) && !it->doubled && !is_known(r, it->name)) {
            err = keep_member(r, it);
        }
    }
    return err;
}

/* Contract: what comes without an id of its own gets one made of its publisher, adapter, record,
 * key and content, so that the same row sent again is known. */
static enum err name_message(struct row *r)
{
    struct report *report = r->report;
    if (report->env->msg_id || report->problem.reason != REASON_NONE) {
        report_name(report);
        return ERR_OK;
    }
    enum err err = report_settle_identity(report, r->t->arena, 0);
    if (err != ERR_OK) {
        return err;
    }
    struct buf seed;
    buf_init(&seed, 0);
    gather_seed(&seed, span_of(r->t->publisher->code));
    gather_seed(&seed, span_of(r->t->mapping->name));
    gather_seed(&seed, span_of(r->record->name));
    gather_seed(&seed, span_of(report->id));
    buf_put(&seed, report->hash, sizeof report->hash);
    struct span uuid;
    err = gather_uuid(r, &seed, &uuid);
    char *msg_id = err == ERR_OK ? arena_strndup(r->t->arena, uuid.at, uuid.len) : NULL;
    report->env->msg_id = msg_id;
    report->msg_id = msg_id;
    report->id = NULL; /* settled again after the rules */
    return err;
}

static enum err make_messages(struct row *r)
{
    struct report *report = r->report;
    const struct record_type *type = r->record->type;
    struct arena *arena = r->t->arena;
    ProtobufCMessage *env = put_new(&dualgate__v1__report__descriptor, arena);
    report->body = put_new(type->message->desc, arena);
    report->type = type;
    report->env = (Dualgate__V1__Report *)(void *)env;
    if (!env || !report->body) {
        return ERR_NOMEM;
    }
    report->env->schema = arena_strdup(arena, "dualgate.v1");
    report->env->record = arena_strdup(arena, report_record_name(report));
    report->env->content_case = (Dualgate__V1__Report__ContentCase)type->content->id;
    memcpy((char *)env + type->content->offset, &report->body, sizeof report->body);
    return report->env->schema && report->env->record ? ERR_OK : ERR_NOMEM;
}

/* Attachments inside the row do not count. */
static size_t size_of_row(const struct node *row)
{
    size_t size = row->raw.len;
    for (const struct node *it = row->first; it; it = it->next) {
        if (it->kind == NODE_STRING && span_starts(it->text, DATA_URI) && it->text.len <= size) {
            size -= it->text.len;
        }
    }
    return size;
}

static void check_row(struct row *r)
{
    size_t size = size_of_row(r->node);
    if (size > r->t->limits->report_bytes_max) {
        const char *text = arena_printf(r->t->arena, "%zu", size);
        gather_reject(r, REASON_REPORT_TOO_LARGE, SPAN_NONE, NULL, span_of(text));
    }
    if (r->node->crowded) {
        gather_reject(r, REASON_TOO_MANY, SPAN_NONE, NULL, SPAN_NONE);
    }
    for (const struct node *it = r->node->first; it; it = it->next) {
        if (it->doubled) {
            gather_reject(r, REASON_DUPLICATE_MEMBER, it->name, NULL, SPAN_NONE);
        }
    }
}

static enum err translate_row(struct row *r)
{
    enum err err = make_messages(r);
    r->values = arena_zalloc(r->t->arena, (r->record->n_targets + 1) * sizeof *r->values);
    if (err != ERR_OK || !r->values) {
        return ERR_NOMEM;
    }
    check_row(r);
    /* On after a problem: the receipt names the row by what else is in it. */
    for (size_t i = 0; i < r->record->n_targets && err == ERR_OK; i++) {
        err = run_target(r, i);
    }
    if (err == ERR_OK) {
        set_op(r);
        err = keep_members(r);
    }
    return err == ERR_OK ? name_message(r) : err;
}

const struct record_map *translate_find(const struct mapping *m, struct span value)
{
    if (m->find_last_part) {
        const char *slash = value.len > 0 ? memrchr(value.at, '/', value.len) : NULL;
        if (slash) {
            value = (struct span){slash + 1, (size_t)(value.at + value.len - slash - 1)};
        }
    }
    for (size_t i = 0; i < m->n_records; i++) {
        if (words_hold(m->records[i].match, value)) {
            return &m->records[i];
        }
    }
    return NULL;
}

/* The record that the row itself names. */
static const struct record_map *own_record(struct row *r)
{
    const struct mapping *m = r->t->mapping;
    const struct node *node = node_member(r->node, m->find_name);
    struct span value = node && node_is_scalar(node) ? fold_trim(node->text) : SPAN_NONE;
    const struct record_map *record = translate_find(m, value);
    if (!record) {
        gather_reject(r, REASON_UNKNOWN_RECORD, m->find_name, NULL, value);
    }
    return record;
}

enum err translate_rows(const struct translation *t, const struct record_map *record,
                        const struct node *rows, struct report_set *out)
{
    out->items = arena_zalloc(t->arena, (rows->count + 1) * sizeof *out->items);
    if (!out->items) {
        return ERR_NOMEM;
    }
    enum err err = ERR_OK;
    for (const struct node *it = rows->first; it && err == ERR_OK; it = it->next) {
        struct report *report = &out->items[out->count];
        struct row row = {.t = t, .record = record, .node = it, .line = it->line, .report = report};
        report->index = (uint32_t)out->count++;
        report->raw = it->raw;
        if (it->kind == NODE_ARRAY && it->line > 0) {
            const char *width = arena_printf(t->arena, "%zu columns", it->count);
            gather_reject(&row, REASON_BAD_FORMAT, SPAN_NONE, NULL, span_of(width));
            continue;
        }
        if (it->kind != NODE_OBJECT) {
            gather_reject(&row, REASON_NOT_AN_OBJECT, SPAN_NONE, NULL,
                          it->raw.at ? it->raw : it->text);
            continue;
        }
        row.record = record ? record : own_record(&row);
        if (row.record) {
            err = translate_row(&row);
        }
    }
    return err;
}
