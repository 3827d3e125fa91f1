/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a body go by the column's type: what the schema calls a timestamp, a date or a decimal
 * is text in the message and binary in the row. */
#include "pg/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/civil_time.h"
#include "model/field.h"
#include "model/json_write.h"

/* A buffer that one huge batch has blown up is not kept for ever. */
#define KEEP_BYTES ((size_t)1 << 20)

struct span rows_text(const char *s)
{
    return span_of(s ? s : "");
}

struct span rows_digest(const uint8_t hash[DIGEST_BYTES])
{
    return (struct span){(const char *)hash, DIGEST_BYTES};
}

void rows_init(struct rows *r, size_t max_bytes)
{
    *r = (struct rows){.layout = NULL};
    buf_init(&r->buf, max_bytes);
    buf_init(&r->json, max_bytes);
}

void rows_free(struct rows *r)
{
    buf_free(&r->buf);
    buf_free(&r->json);
}

void rows_rest(struct rows *r)
{
    if (r->buf.cap > KEEP_BYTES) {
        size_t max = r->buf.max;
        buf_free(&r->buf);
        buf_init(&r->buf, max);
    }
}

void rows_begin(struct rows *r, const struct layout *layout)
{
    rows_rest(r);
    buf_reset(&r->buf);
    r->layout = layout;
    r->n = 0;
    r->array = binary_array_begin(&r->buf, layout->table->row_type);
}

static void put_span(struct buf *b, const char *at, void (*put)(struct buf *, struct span))
{
    struct span s;
    memcpy(&s, at, sizeof s);
    put(b, s);
}

static void put_count(struct buf *b, uint32_t oid, uint64_t v)
{
    if (oid == PG_NUMERIC) {
        char text[24];
        int n = snprintf(text, sizeof text, "%" PRIu64, v);
        binary_numeric(b, (struct span){text, (size_t)n});
        return;
    }
    binary_int(b, oid, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

static void put_uuid(struct buf *b, uint32_t oid, const char *at)
{
    put_span(b, at, oid == PG_UUID ? binary_uuid : binary_bytes);
}

static void put_member(struct buf *b, uint32_t oid, const struct member *m, const void *row)
{
    const char *at = (const char *)row + m->offset;
    int64_t v;
    uint64_t count;
    bool flag;
    switch (m->kind) {
    case CELL_TEXT:
    case CELL_BYTES:
        put_span(b, at, binary_bytes);
        break;
    case CELL_JSON:
        put_span(b, at, binary_jsonb);
        break;
    case CELL_UUID:
        put_uuid(b, oid, at);
        break;
    case CELL_INT:
        memcpy(&v, at, sizeof v);
        binary_int(b, oid, v);
        break;
    case CELL_COUNT:
        memcpy(&count, at, sizeof count);
        put_count(b, oid, count);
        break;
    case CELL_BOOL:
        memcpy(&flag, at, sizeof flag);
        binary_bool(b, flag);
        break;
    case CELL_TIME:
        memcpy(&v, at, sizeof v);
        if (v == TIME_NONE) {
            binary_null(b);
        } else {
            binary_time(b, v);
        }
        break;
    case CELL_DAY:
        memcpy(&v, at, sizeof v);
        if (v == DAY_NONE) {
            binary_null(b);
        } else {
            binary_day(b, v);
        }
        break;
    }
}

static void put_string(struct buf *b, uint32_t oid, struct span text)
{
    int64_t us;
    struct civil_date day;
    if (oid == PG_TIMESTAMPTZ) {
        if (time_parse(text, &us)) {
            binary_time(b, us);
        } else {
            binary_null(b);
        }
    } else if (oid == PG_DATE) {
        if (date_parse(text, &day)) {
            binary_day(b, date_days(day));
        } else {
            binary_null(b);
        }
    } else if (oid == PG_NUMERIC) {
        binary_numeric(b, text);
    } else if (oid == PG_JSONB) {
        binary_jsonb(b, text);
    } else {
        binary_bytes(b, text);
    }
}

static struct span code_name(const struct field_type *f, const void *item)
{
    const struct code_value *v =
        f->codes ? code_by_number(f->codes, (int)field_integer(f->desc, item)) : NULL;
    return v ? span_of(v->name) : SPAN_NONE;
}

static struct span string_of(const void *item)
{
    const char *text;
    memcpy(&text, item, sizeof text);
    return span_of(text);
}

static bool bool_of(const void *item)
{
    protobuf_c_boolean v;
    memcpy(&v, item, sizeof v);
    return v != 0;
}

static void json_item(struct buf *json, const struct field_type *f, const void *item)
{
    if (f->desc->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessage *message;
        memcpy(&message, item, sizeof message);
        json_write_message(f->message, message, JSON_OPEN, json);
    } else if (f->desc->type == PROTOBUF_C_TYPE_STRING) {
        buf_json_string(json, string_of(item));
    } else if (f->desc->type == PROTOBUF_C_TYPE_ENUM) {
        buf_json_string(json, code_name(f, item));
    } else if (f->desc->type == PROTOBUF_C_TYPE_BOOL) {
        buf_puts(json, bool_of(item) ? "true" : "false");
    } else {
        buf_printf(json, "%" PRId64, field_integer(f->desc, item));
    }
}

/* Repeated fields and submessages. */
static void put_json(struct rows *r, const struct field_type *f, const ProtobufCMessage *body)
{
    bool many = f->desc->label == PROTOBUF_C_LABEL_REPEATED;
    size_t n = field_count(body, f->desc);
    buf_reset(&r->json);
    if (many) {
        buf_putc(&r->json, '[');
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_putc(&r->json, ',');
        }
        json_item(&r->json, f, field_item(body, f->desc, i));
    }
    if (many) {
        buf_putc(&r->json, ']');
    }
    if (buf_failed(&r->json)) {
        r->buf.failed = true;
    }
    binary_jsonb(&r->buf, buf_span(&r->json));
}

static void put_field(struct rows *r, uint32_t oid, const struct field_type *f,
                      const ProtobufCMessage *body)
{
    if (!body || !field_present(body, f->desc)) {
        binary_null(&r->buf);
        return;
    }
    if (f->desc->label == PROTOBUF_C_LABEL_REPEATED || f->desc->type == PROTOBUF_C_TYPE_MESSAGE) {
        put_json(r, f, body);
        return;
    }
    const void *item = field_item(body, f->desc, 0);
    if (f->desc->type == PROTOBUF_C_TYPE_STRING) {
        put_string(&r->buf, oid, string_of(item));
    } else if (f->desc->type == PROTOBUF_C_TYPE_ENUM) {
        binary_bytes(&r->buf, code_name(f, item));
    } else if (f->desc->type == PROTOBUF_C_TYPE_BOOL) {
        binary_bool(&r->buf, bool_of(item));
    } else if (oid == PG_NUMERIC) {
        put_count(&r->buf, oid, (uint64_t)field_integer(f->desc, item));
    } else {
        binary_int(&r->buf, oid, field_integer(f->desc, item));
    }
}

void rows_add(struct rows *r, const void *row, const ProtobufCMessage *body)
{
    const struct table *t = r->layout->table;
    size_t at = r->buf.len;
    buf_be32(&r->buf, 0); /* length of the element, set below */
    buf_be32(&r->buf, (uint32_t)t->n_columns);
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct layout_cell *c = &r->layout->cells[i];
        uint32_t oid = t->columns[i].type;
        buf_be32(&r->buf, oid);
        if (c->member) {
            put_member(&r->buf, oid, c->member, row);
        } else if (c->field) {
            put_field(r, oid, c->field, body);
        } else {
            binary_null(&r->buf);
        }
    }
    if (!buf_failed(&r->buf)) {
        buf_patch_be32(&r->buf, at, (uint32_t)(r->buf.len - at - 4));
    }
    r->n++;
}

enum err rows_param(struct rows *r, struct pg_param *out)
{
    if (buf_failed(&r->buf)) {
        return ERR_NOMEM;
    }
    binary_array_end(&r->array, r->n);
    *out = (struct pg_param){r->buf.data, r->buf.len};
    return ERR_OK;
}
