/* SPDX-License-Identifier: Apache-2.0 */
/* One row at a time, field by field in the order that compiling has given them. */
#include "adapt/translate.h"

#include "adapt/fold.h"
#include "adapt/put.h"
#include "adapt/steps.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "model/json_run.h"

#define LIST_ITEMS_MAX 100
#define DATA_URI       SPAN_LIT("data:")

/* A row on its way. */
struct row {
    const struct translation *t;
    const struct record_map *record;
    const struct node *node;
    struct report *report;
    struct span *values; /* of each target: the first canonical text, at NULL when absent */
};

/* The texts of one target. */
struct texts {
    struct span at[LIST_ITEMS_MAX];
    size_t n;
    const struct source *source; /* where they came from, or NULL */
    struct span original;        /* what stood there */
};

static const char *place(const struct row *r, struct span name)
{
    if (r->node->line > 0) {
        return arena_printf(r->t->arena, "[line %u]%s%.*s", r->node->line, name.len > 0 ? "." : "",
                            SPAN_ARG(name));
    }
    return name.len > 0 ? arena_strndup(r->t->arena, name.at, name.len) : NULL;
}

static void reject(struct row *r, enum reason reason, struct span name,
                   const struct field_type *field, struct span value)
{
    if (r->report->problem.reason != REASON_NONE) {
        return;
    }
    report_reject(r->report, r->t->arena, reason, place(r, name), field, value);
    if (!field) {
        /* The schema has no label for it: the source's own word is what people know. */
        const char *label = arena_strndup(r->t->arena, name.at ? name.at : "", name.len);
        r->report->problem.label_zh = label;
        r->report->problem.label_en = label;
    }
}

static const struct field_type *leaf_of(const struct target *t)
{
    return t->inner ? t->inner : t->field;
}

/* NULL when it is not there or is null. */
static const struct node *find_value(struct row *r, const struct source *source)
{
    const struct node *node = r->node;
    for (size_t i = 0; i < source->path.n; i++) {
        if (node->kind != NODE_OBJECT) {
            return NULL;
        }
        node = node_member(node, source->path.at[i]);
        if (!node || node->kind == NODE_NULL) {
            return NULL;
        }
    }
    return node;
}

static bool holds(const struct texts *texts, struct span text)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (span_eq(texts->at[i], text)) {
            return true;
        }
    }
    return false;
}

/* One text of the source through the target's steps. Adds nothing when it means absent. */
static enum err run_one(struct row *r, const struct target *t, struct span text,
                        struct texts *texts)
{
    struct steps_context ctx = {r->t->registry, r->t->arena};
    struct steps_result result;
    enum err err = steps_run(&ctx, t, text, &result);
    if (err != ERR_OK || result.absent) {
        return err;
    }
    if (result.reason != REASON_NONE) {
        reject(r, result.reason, texts->source->name, leaf_of(t), result.blamed);
        return ERR_OK;
    }
    if (texts->n == LIST_ITEMS_MAX) {
        reject(r, REASON_TOO_MANY, texts->source->name, leaf_of(t), SPAN_NONE);
        return ERR_OK;
    }
    /* Lists are sets: sources write "1,3,3". */
    if (!holds(texts, result.text)) {
        texts->at[texts->n++] = result.text;
    }
    return ERR_OK;
}

static enum err run_parts(struct row *r, const struct target *t, struct span text,
                          struct texts *texts)
{
    struct span rest = text;
    enum err err = ERR_OK;
    while (err == ERR_OK && rest.at && r->report->problem.reason == REASON_NONE) {
        struct span part = rest;
        const char *end = memmem(rest.at, rest.len, t->separator.at, t->separator.len);
        if (end) {
            part.len = (size_t)(end - rest.at);
            rest.len -= part.len + t->separator.len;
            rest.at = end + t->separator.len;
        } else {
            rest.at = NULL;
        }
        err = run_one(r, t, part, texts);
    }
    return err;
}

static enum err run_array(struct row *r, const struct target *t, const struct node *array,
                          struct texts *texts)
{
    enum err err = ERR_OK;
    for (const struct node *it = array->first; it && err == ERR_OK; it = it->next) {
        if (it->kind == NODE_NULL) {
            continue;
        }
        if (!node_is_scalar(it)) {
            reject(r, REASON_WRONG_TYPE, texts->source->name, leaf_of(t), it->raw);
            return ERR_OK;
        }
        err = run_one(r, t, it->text, texts);
    }
    return err;
}

static enum err run_node(struct row *r, const struct target *t, const struct node *node,
                         struct texts *texts)
{
    bool list = leaf_of(t)->desc->label == PROTOBUF_C_LABEL_REPEATED;
    texts->original = node_is_scalar(node) ? node->text : node->raw;
    if (node->kind == NODE_ARRAY && list) {
        return run_array(r, t, node, texts);
    }
    if (!node_is_scalar(node)) {
        reject(r, REASON_WRONG_TYPE, texts->source->name, leaf_of(t), node->raw);
        return ERR_OK;
    }
    return t->separator.len > 0 ? run_parts(r, t, node->text, texts)
                                : run_one(r, t, node->text, texts);
}

static enum err from_sources(struct row *r, const struct target *t, struct texts *texts)
{
    for (size_t i = 0; i < t->n_sources; i++) {
        const struct node *node = find_value(r, &t->sources[i]);
        texts->source = &t->sources[i];
        enum err err = node ? run_node(r, t, node, texts) : ERR_OK;
        if (err != ERR_OK || texts->n > 0 || r->report->problem.reason != REASON_NONE) {
            return err;
        }
    }
    if (t->fixed.at) {
        texts->at[texts->n++] = t->fixed;
    }
    return ERR_OK;
}

/* The publisher's own entity. */
static void from_publisher(struct row *r, struct texts *texts)
{
    const struct reg_publisher *p = r->t->publisher;
    const struct reg_unit *unit = NULL;
    if (p->company_code && p->company_code[0]) {
        unit = registry_unit_by_company(r->t->registry, span_of(p->company_code));
    }
    texts->at[0] = span_of(unit ? unit->uscc : p->code);
    texts->n = 1;
}

static void digest_part(struct buf *seed, struct span part)
{
    buf_put_span(seed, part);
    buf_putc(seed, '\0');
}

static enum err uuid_of_seed(struct row *r, struct buf *seed, struct span *out)
{
    uint8_t digest[DIGEST_BYTES];
    char uuid[UUID_TEXT + 1];
    bool failed = buf_failed(seed);
    digest_of(buf_span(seed), digest);
    buf_free(seed);
    uuid8_of(digest, uuid);
    char *copy = failed ? NULL : arena_strndup(r->t->arena, uuid, UUID_TEXT);
    *out = (struct span){copy, UUID_TEXT};
    return copy ? ERR_OK : ERR_NOMEM;
}

/* A stable id for sources that have none: the same row of the same entity gives the same id,
 * whoever sends it. */
static enum err derive(struct row *r, const struct target *t, struct texts *texts)
{
    const char *uscc = r->report->env->uscc;
    struct buf seed;
    buf_init(&seed, 0);
    digest_part(&seed, span_of(r->t->mapping->name));
    digest_part(&seed, span_of(r->record->name));
    digest_part(&seed, span_of(uscc ? uscc : ""));
    for (size_t i = 0; i < t->n_sources; i++) {
        struct texts part = {.source = &t->sources[i]};
        const struct node *node = find_value(r, &t->sources[i]);
        enum err err = node ? run_node(r, t, node, &part) : ERR_OK;
        if (err == ERR_OK && part.n == 0) {
            reject(r, REASON_MISSING_FIELD, t->sources[i].name, NULL, SPAN_NONE);
        }
        if (err != ERR_OK || part.n == 0) {
            buf_free(&seed);
            return err;
        }
        digest_part(&seed, part.at[0]);
    }
    texts->n = 1;
    return uuid_of_seed(r, &seed, &texts->at[0]);
}

static enum err gather(struct row *r, const struct target *t, struct texts *texts)
{
    switch (t->from) {
    case TARGET_CONSTANT:
        texts->at[texts->n++] = t->fixed;
        return ERR_OK;
    case TARGET_PUBLISHER:
        from_publisher(r, texts);
        return ERR_OK;
    case TARGET_DERIVED:
        return derive(r, t, texts);
    case TARGET_SOURCE:
        break;
    }
    return from_sources(r, t, texts);
}

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
        reject(r, why, name, leaf_of(t), wrong);
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
    const struct node *node = find_value(r, &r->record->deleted);
    struct span text = node && node_is_scalar(node) ? span_trim(node->text) : SPAN_NONE;
    if (text.len == 0) {
        return;
    }
    if (words_hold(r->record->deleted_yes, text)) {
        env->op = DUALGATE__V1__OP__CODE__DELETE;
    } else if (r->record->deleted_no.n > 0 && !words_hold(r->record->deleted_no, text)) {
        reject(r, REASON_UNKNOWN_CODE, r->record->deleted.name, NULL, text);
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
        reject(r, REASON_CONTROL_CHARACTER, node->name, NULL, SPAN_NONE);
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
    digest_part(&seed, span_of(r->t->publisher->code));
    digest_part(&seed, span_of(r->t->mapping->name));
    digest_part(&seed, span_of(r->record->name));
    digest_part(&seed, span_of(report->id));
    buf_put(&seed, report->hash, sizeof report->hash);
    struct span uuid;
    err = uuid_of_seed(r, &seed, &uuid);
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
        reject(r, REASON_REPORT_TOO_LARGE, SPAN_NONE, NULL, span_of(text));
    }
    if (r->node->crowded) {
        reject(r, REASON_TOO_MANY, SPAN_NONE, NULL, SPAN_NONE);
    }
    for (const struct node *it = r->node->first; it; it = it->next) {
        if (it->doubled) {
            reject(r, REASON_DUPLICATE_MEMBER, it->name, NULL, SPAN_NONE);
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
        reject(r, REASON_UNKNOWN_RECORD, m->find_name, NULL, value);
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
        struct row row = {.t = t, .record = record, .node = it, .report = report};
        report->index = (uint32_t)out->count++;
        report->raw = it->raw;
        if (it->kind == NODE_ARRAY && it->line > 0) {
            const char *width = arena_printf(t->arena, "%zu columns", it->count);
            reject(&row, REASON_BAD_FORMAT, SPAN_NONE, NULL, span_of(width));
            continue;
        }
        if (it->kind != NODE_OBJECT) {
            reject(&row, REASON_NOT_AN_OBJECT, SPAN_NONE, NULL, it->raw.at ? it->raw : it->text);
            continue;
        }
        row.record = record ? record : own_record(&row);
        if (row.record) {
            err = translate_row(&row);
        }
    }
    return err;
}
