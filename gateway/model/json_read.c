/* SPDX-License-Identifier: Apache-2.0 */
/* A message of canonical JSON: one report or an array of them. This file finds the reports, their
 * exact bytes, and which record each one's body is; json_fill.c reads the members.
 *
 * What `body` is depends on `record` and `op`, which may come after it. So a body is read at once
 * as what the topic and the members so far make likely; where the rest of the report says
 * otherwise, that report's bytes are read a second time, now with the answer known. */
#include "model/json_read.h"

#include <stdio.h>

#include "base/utf8.h"
#include "model/field.h"
#include "model/json_fill.h"

#define FIRST_REPORTS 8

static const char byte_order_mark[] = "\xEF\xBB\xBF";

struct reader {
    const struct schema *schema;
    const struct record_type *topic_record;
    const struct read_limits *limits;
    struct arena *arena;
    struct report_set *set;
    struct span text;
    const struct json_run *run;

    struct fill fill;
    bool in_report;
    bool body_known; /* this is the second reading of one report */
    bool is_array;
    size_t found;   /* reports, those past the limit included */
    size_t room;    /* of set->items */
    size_t item_at; /* end of what stands before the next item of the array */
    unsigned depth;
    unsigned passing; /* containers open in an item that is not read */
    bool too_deep;
    enum err e;
};

static size_t at(const struct reader *rd)
{
    return json_run_at(rd->run);
}

/* Callbacks answer yajl with "go on"; the error is kept for json_read(). */
static int go_on(struct reader *rd, enum err e)
{
    rd->e = e;
    return e == ERR_OK;
}

/* ---- one report ---- */

/* What the envelope so far makes of the body; no problem is noted, since it may not be all. */
static const struct record_type *likely_body(const struct reader *rd, const struct report *r)
{
    const struct record_type *record =
        r->env->record ? schema_record(rd->schema, span_of(r->env->record)) : rd->topic_record;
    return record ? schema_body_of(rd->schema, record, report_op(r, record)) : NULL;
}

static enum err read_again(const struct reader *first, struct report *r,
                           const struct record_type *body);

static void refuse_size(struct report *r, struct arena *a, size_t bytes)
{
    char size[24];
    int len = snprintf(size, sizeof size, "%zu", bytes);
    r->problem = (struct problem){.reason = REASON_NONE};
    report_reject(r, a, REASON_REPORT_TOO_LARGE, NULL, NULL, (struct span){size, (size_t)len});
}

static enum err end_report(struct reader *rd)
{
    struct fill *f = &rd->fill;
    struct report *r = f->report;
    rd->in_report = false;
    rd->item_at = at(rd);
    r->raw = (struct span){rd->text.at + f->start, rd->item_at - f->start};
    size_t own = r->raw.len - f->attached;
    bool oversize = own > rd->limits->report_bytes_max;
    if (oversize) {
        refuse_size(r, rd->arena, own);
    }
    const struct record_type *body = report_body_record(r, rd->arena, rd->schema, rd->topic_record);
    if (body && f->has_body && body != f->body && !oversize && !rd->body_known) {
        return read_again(rd, r, body);
    }
    if (f->body && field_present(&r->env->base, f->body->content)) {
        r->body = *(ProtobufCMessage **)field_item(&r->env->base, f->body->content, 0);
    }
    r->type = body;
    report_check_members(r, rd->arena, rd->schema);
    report_name(r);
    return r->starved ? ERR_NOMEM : ERR_OK;
}

static enum err begin_report(struct reader *rd, struct report *r)
{
    struct fill *f = &rd->fill;
    f->report = r;
    f->arena = rd->arena;
    f->text = rd->text;
    f->bytes_max = rd->limits->report_bytes_max;
    f->body = rd->body_known ? f->body : rd->topic_record;
    rd->in_report = true;
    return fill_begin(f, rd->schema->report, at(rd));
}

/* ---- the message ---- */

static enum err grow_reports(struct reader *rd)
{
    struct report_set *set = rd->set;
    if (set->count < rd->room) {
        return ERR_OK;
    }
    size_t room = rd->room > 0 ? 2 * rd->room : rd->is_array ? FIRST_REPORTS : 1;
    struct report *larger = arena_alloc(rd->arena, room * sizeof *larger);
    if (!larger) {
        return ERR_NOMEM;
    }
    if (set->count > 0) {
        memcpy(larger, set->items, set->count * sizeof *larger);
    }
    set->items = larger;
    rd->room = room;
    return ERR_OK;
}

/* NULL, with *e ERR_OK, when it is one too many. */
static struct report *next_report(struct reader *rd, enum err *e)
{
    *e = ERR_OK;
    if (rd->found++ >= rd->limits->reports_max) {
        return NULL;
    }
    *e = grow_reports(rd);
    if (*e != ERR_OK) {
        return NULL;
    }
    struct report *r = &rd->set->items[rd->set->count];
    *r = (struct report){.index = (uint32_t)rd->set->count};
    rd->set->count++;
    return r;
}

/* An item that is no object; its text ends at `end`, or with the message where it is a container.
 */
static enum err not_an_object(struct reader *rd, size_t end)
{
    enum err e;
    struct report *r = next_report(rd, &e);
    if (!r) {
        return e;
    }
    size_t from = rd->item_at;
    while (from < end && memchr(" \t\r\n,", rd->text.at[from], 5)) {
        from++;
    }
    r->raw = (struct span){rd->text.at + from, end - from};
    report_reject(r, rd->arena, REASON_NOT_AN_OBJECT, NULL, NULL, r->raw);
    return r->starved ? ERR_NOMEM : ERR_OK;
}

static bool outside_items(const struct reader *rd)
{
    return !rd->in_report && rd->passing == 0;
}

static int on_scalar(struct reader *rd, const struct json_scalar *value)
{
    if (rd->in_report) {
        return go_on(rd, fill_scalar(&rd->fill, value, at(rd)));
    }
    if (rd->passing > 0) {
        return 1;
    }
    /* A number at the very end is seen only when the text has been left: then yajl counts from 0.
     */
    size_t end = rd->is_array ? at(rd) : rd->text.len;
    enum err e = not_an_object(rd, end);
    rd->item_at = end;
    return go_on(rd, e);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    struct json_scalar value = {SCALAR_STRING, {(const char *)text, len}};
    return on_scalar(ctx, &value);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    struct json_scalar value = {SCALAR_NUMBER, {text, len}};
    return on_scalar(ctx, &value);
}

static int on_boolean(void *ctx, int truth)
{
    struct json_scalar value = {SCALAR_BOOL, truth ? SPAN_LIT("true") : SPAN_LIT("false")};
    return on_scalar(ctx, &value);
}

static int on_null(void *ctx)
{
    struct reader *rd = ctx;
    if (rd->in_report) {
        return go_on(rd, fill_null(&rd->fill, at(rd)));
    }
    struct json_scalar value = {SCALAR_STRING, SPAN_LIT("null")};
    return on_scalar(rd, &value);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
    struct reader *rd = ctx;
    struct fill *f = &rd->fill;
    if (!rd->in_report) {
        return 1;
    }
    enum err e = fill_key(f, (struct span){(const char *)text, len}, at(rd));
    if (e == ERR_OK && f->n_frames == 1 && f->frames[0].member == FILL_BODY && f->skipping == 0 &&
        !rd->body_known) {
        f->body = likely_body(rd, f->report);
    }
    return go_on(rd, e);
}

/* False when the message is nested too deep: yajl is stopped. */
static bool deeper(struct reader *rd)
{
    rd->depth++;
    rd->too_deep = rd->depth > rd->limits->depth_max;
    return !rd->too_deep;
}

static int on_open_map(void *ctx)
{
    struct reader *rd = ctx;
    if (!deeper(rd)) {
        return 0;
    }
    if (rd->in_report) {
        return go_on(rd, fill_open(&rd->fill, false, at(rd)));
    }
    if (rd->passing > 0) {
        rd->passing++;
        return 1;
    }
    enum err e = ERR_OK;
    struct report *r = rd->body_known ? rd->fill.report : next_report(rd, &e);
    if (r) {
        return go_on(rd, begin_report(rd, r));
    }
    rd->passing = 1;
    return go_on(rd, e);
}

static int on_open_array(void *ctx)
{
    struct reader *rd = ctx;
    if (!deeper(rd)) {
        return 0;
    }
    if (rd->in_report) {
        return go_on(rd, fill_open(&rd->fill, true, at(rd)));
    }
    if (rd->depth == 1) {
        rd->is_array = true;
        rd->item_at = at(rd);
        return 1;
    }
    rd->passing++;
    return 1;
}

/* A container that is no report has ended: an array where an object was wanted, or one report too
 * many. */
static enum err passed(struct reader *rd, bool array)
{
    rd->passing--;
    enum err e = rd->passing == 0 && array ? not_an_object(rd, at(rd)) : ERR_OK;
    if (rd->passing == 0) {
        rd->item_at = at(rd);
    }
    return e;
}

static int on_close(struct reader *rd, bool array)
{
    rd->depth--;
    if (outside_items(rd)) {
        return 1;
    }
    if (!rd->in_report) {
        return go_on(rd, passed(rd, array));
    }
    enum err e = fill_close(&rd->fill, array, at(rd));
    if (e == ERR_OK && rd->fill.n_frames == 0) {
        e = end_report(rd);
    }
    return go_on(rd, e);
}

static int on_close_map(void *ctx)
{
    return on_close(ctx, false);
}

static int on_close_array(void *ctx)
{
    return on_close(ctx, true);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close_map,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close_array,
};

static enum err read_again(const struct reader *first, struct report *r,
                           const struct record_type *body)
{
    struct reader rd = {
        .schema = first->schema,
        .topic_record = first->topic_record,
        .limits = first->limits,
        .arena = first->arena,
        .text = r->raw,
        .body_known = true,
    };
    struct json_fault fault;
    rd.depth = first->is_array ? 1 : 0;
    rd.fill.report = r;
    rd.fill.body = body;
    *r = (struct report){.index = r->index, .raw = r->raw};
    enum err e = json_run(&callbacks, &rd, r->raw, &rd.run, &fault);
    return e == ERR_INVALID ? rd.e : e;
}

/* ---- what is wrong with the message as a whole ---- */

static enum err refuse(struct reader *rd, enum reason why, const char *label_zh,
                       const char *label_en, const char *value)
{
    *rd->set = (struct report_set){
        .problem = {.reason = why, .label_zh = label_zh, .label_en = label_en, .value = value}};
    return value ? ERR_OK : ERR_NOMEM;
}

static enum err refuse_syntax(struct reader *rd, size_t before, const struct json_fault *fault)
{
    return refuse(rd, REASON_UNREADABLE, "JSON", "JSON",
                  arena_printf(rd->arena, "byte %zu: %s", before + fault->offset, fault->text));
}

/* The text between mark and blanks at either end. */
static struct span strip(struct span payload)
{
    struct span mark = {byte_order_mark, sizeof byte_order_mark - 1};
    if (span_starts(payload, mark)) {
        payload.at += mark.len;
        payload.len -= mark.len;
    }
    return span_trim(payload);
}

static enum err finish(struct reader *rd, enum err e, size_t before, const struct json_fault *fault)
{
    if (rd->too_deep) {
        return refuse(rd, REASON_TOO_DEEP, NULL, NULL,
                      arena_printf(rd->arena, "%u", rd->limits->depth_max));
    }
    if (e == ERR_SYNTAX) {
        return refuse_syntax(rd, before, fault);
    }
    if (e != ERR_OK) {
        return ERR_NOMEM;
    }
    if (rd->found > rd->limits->reports_max) {
        return refuse(rd, REASON_ARRAY_TOO_LARGE, NULL, NULL,
                      arena_printf(rd->arena, "%zu", rd->found));
    }
    return rd->found > 0 ? ERR_OK : refuse(rd, REASON_EMPTY_MESSAGE, NULL, NULL, "");
}

enum err json_read(const struct schema *schema, struct span payload,
                   const struct record_type *topic_record, const struct read_limits *limits,
                   struct arena *arena, struct report_set *out)
{
    struct reader rd = {
        .schema = schema,
        .topic_record = topic_record,
        .limits = limits,
        .arena = arena,
        .set = out,
        .text = strip(payload),
    };
    struct json_fault fault = {.offset = 0};
    *out = (struct report_set){.items = NULL};
    if (rd.text.len == 0) {
        return refuse(&rd, REASON_EMPTY_MESSAGE, NULL, NULL, "");
    }
    size_t before = (size_t)(rd.text.at - payload.at);
    size_t valid = utf8_json_valid_prefix(rd.text);
    if (valid < rd.text.len) {
        return refuse(&rd, REASON_BAD_ENCODING, "报文", "the message",
                      arena_printf(arena, "UTF-8, byte %zu", before + valid));
    }
    enum err e = json_run(&callbacks, &rd, rd.text, &rd.run, &fault);
    return finish(&rd, e, before, &fault);
}
