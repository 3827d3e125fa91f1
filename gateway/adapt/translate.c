/* SPDX-License-Identifier: Apache-2.0 */
/* One row at a time, field by field in the order that compiling has given them. */
#include "adapt/translate.h"

#include "adapt/fill.h"
#include "adapt/fold.h"
#include "adapt/keep.h"
#include "adapt/put.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "model/attachments.h"
#include "model/json_run.h"

/* ---- the rest of the envelope ---- */

static enum err set_op(struct row *r)
{
    Dualgate__V1__Report *env = r->report->env;
    env->has_op = 1;
    env->op = r->record->op;
    if (!r->record->deletable) {
        return ERR_OK;
    }
    struct node *node = NULL;
    if (gather_find(r, &r->record->deleted, &node) != ERR_OK) {
        return ERR_NOMEM;
    }
    struct span text = node && node_is_scalar(node) ? span_trim(node->text) : SPAN_NONE;
    if (text.len > 0 && words_hold(r->record->deleted_yes, text)) {
        env->op = DUALGATE__V1__OP__CODE__DELETE;
    } else if (text.len > 0 && r->record->deleted_no.n > 0 &&
               !words_hold(r->record->deleted_no, text)) {
        gather_reject(r, REASON_UNKNOWN_CODE, r->record->deleted.name, NULL, text);
    }
    return ERR_OK;
}

/* Before the message is named: its name is made of the content, which has links for photos. */
static enum err settle_attachments(struct row *r)
{
    if (r->report->problem.reason != REASON_NONE) {
        return ERR_OK;
    }
    enum err err = attachments_settle(r->report, &r->t->limits->attachments, r->t->arena);
    if (r->report->problem.reason != REASON_NONE) {
        origin_blame(r->origin, r->report, r->t->arena);
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
    gather_seed(&seed, span_of(r->record->type->name));
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

/* Attachments inside the row do not count, as they stand there: slashes may be escaped. */
static void check_size(struct row *r)
{
    size_t size = r->node->raw.len;
    size_t max = r->t->limits->report_bytes_max;
    if (size > max && r->attached > 0) {
        size_t escaped = fill_count(r->node->raw, SPAN_LIT("\\/"));
        size_t attached = r->attached + (escaped < r->slashes ? escaped : r->slashes);
        size -= attached < size ? attached : size;
    }
    if (size > max) {
        const char *text = arena_printf(r->t->arena, "%zu", size);
        r->report->problem = (struct problem){.reason = REASON_NONE};
        gather_reject(r, REASON_REPORT_TOO_LARGE, SPAN_NONE, NULL, span_of(text));
    }
}

/* The fields, and where each came from. */
static enum err fill_report(struct row *r)
{
    struct filling f = {
        .targets = r->record->targets, .n = r->record->n_targets, .message = r->report->body};
    enum err err = fill_room(r, &f);
    r->origin = err == ERR_OK ? arena_alloc(r->t->arena, sizeof *r->origin) : NULL;
    if (!r->origin) {
        return ERR_NOMEM;
    }
    *r->origin = (struct origin){r->record, r->line, r->place, f.names, f.items};
    gather_check(r);
    return fill(r, &f);
}

static enum err translate_row(struct row *r)
{
    enum err err = make_messages(r);
    if (err == ERR_OK) {
        err = fill_report(r);
    }
    if (err != ERR_OK) {
        return err;
    }
    check_size(r);
    err = set_op(r);
    if (err == ERR_OK) {
        err = keep_members(r);
    }
    err = err == ERR_OK ? settle_attachments(r) : err;
    /* What is found here is named in the source's words already. */
    r->report->native = r->report->problem.reason == REASON_NONE ? r->origin : NULL;
    return err == ERR_OK ? name_message(r) : err;
}

/* Why a row is no row at all, or REASON_NONE. */
static void check_kind(struct row *r, const struct job *job)
{
    const struct node *node = job->node;
    const struct problem *bad = node->bad ? node->bad : job->bad;
    if (bad) {
        r->report->problem = *bad;
    } else if (node->kind == NODE_ARRAY && r->t->mapping->container == CONTAINER_CSV) {
        const char *width = arena_printf(r->t->arena, "%zu columns", node->count);
        gather_reject(r, REASON_BAD_FORMAT, SPAN_NONE, NULL, span_of(width));
    } else if (node->kind != NODE_OBJECT) {
        gather_reject(r, REASON_NOT_AN_OBJECT, SPAN_NONE, NULL,
                      node->raw.at ? node->raw : node->text);
    }
}

/* Bytes of rows that are made readable by themselves, in one message: photos fill the arena. */
#define ALONE_BYTES_MAX ((size_t)4 << 20)

static enum err under_header(const struct translation *t, struct span head, struct span row,
                             struct span *out)
{
    char *both = arena_alloc(t->arena, head.len + row.len + 1);
    if (!both) {
        return ERR_NOMEM;
    }
    memcpy(both, head.at, head.len);
    memcpy(both + head.len, row.at, row.len);
    *out = (struct span){both, head.len + row.len};
    return ERR_OK;
}

/* The row's bytes as they can be read again by themselves: of CSV under its header, in the encoding
 * of the message. Beyond *left they are the row's alone. */
static enum err bytes_of(const struct translation *t, const struct jobs *jobs,
                         const struct node *node, size_t *left, struct span *out)
{
    enum container_kind kind = t->mapping->container;
    struct span head = jobs->header && node->raw.at ? jobs->header->raw : SPAN_NONE;
    bool encoded = jobs->charset == CHARSET_GB18030 &&
                   (kind == CONTAINER_CSV || kind == CONTAINER_JSON || kind == CONTAINER_NDJSON);
    *out = node->raw;
    if (head.len + node->raw.len > *left) {
        return ERR_OK;
    }
    *left -= head.len + node->raw.len;
    enum err err = head.len > 0 ? under_header(t, head, node->raw, out) : ERR_OK;
    struct span bytes = *out;
    if (err == ERR_OK && encoded && out->len > 0) {
        err = charset_encode(jobs->charset, *out, t->arena, &bytes);
        *out = err == ERR_OK ? bytes : *out;
    }
    return err == ERR_NOMEM ? err : ERR_OK;
}

enum err translate_rows(const struct translation *t, const struct jobs *jobs,
                        struct report_set *out)
{
    out->items = arena_zalloc(t->arena, (jobs->n + 1) * sizeof *out->items);
    if (!out->items) {
        return ERR_NOMEM;
    }
    enum err err = ERR_OK;
    size_t left = ALONE_BYTES_MAX;
    for (size_t i = 0; i < jobs->n && err == ERR_OK; i++) {
        const struct job *job = &jobs->at[i];
        struct report *report = &out->items[out->count];
        struct row row = {.t = t,
                          .record = job->record,
                          .node = job->node,
                          .line = job->node->line,
                          .place = job->place,
                          .report = report};
        report->index = (uint32_t)out->count++;
        if (i > 0 && jobs->at[i - 1].node == job->node) {
            report->raw = report[-1].raw;
        } else {
            err = bytes_of(t, jobs, job->node, &left, &report->raw);
        }
        check_kind(&row, job);
        if (err == ERR_OK && job->record && job->node->kind == NODE_OBJECT) {
            err = translate_row(&row);
        }
    }
    return err;
}
