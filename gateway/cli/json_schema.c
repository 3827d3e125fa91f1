/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json_schema.h"

#include <inttypes.h>
#include <string.h>

#include "model/report.h"

#define INDENT 2

/* A document being written: members of objects and where their commas go. */
struct doc {
    const struct schema *schema;
    struct buf *out;
    unsigned depth;
    bool first; /* of the open object or array */
};

static void new_line(struct doc *d)
{
    buf_puts(d->out, d->first ? "\n" : ",\n");
    for (unsigned i = 0; i < d->depth * INDENT; i++) {
        buf_putc(d->out, ' ');
    }
    d->first = false;
}

static void name(struct doc *d, const char *key)
{
    new_line(d);
    buf_json_string(d->out, span_of(key));
    buf_puts(d->out, ": ");
}

static void open(struct doc *d, char bracket)
{
    buf_putc(d->out, bracket);
    d->depth++;
    d->first = true;
}

static void close(struct doc *d, char bracket)
{
    bool empty = d->first;
    d->depth--;
    d->first = true;
    if (!empty) {
        new_line(d);
    }
    d->first = false;
    buf_putc(d->out, bracket);
}

static void text(struct doc *d, const char *key, const char *value)
{
    name(d, key);
    buf_json_string(d->out, span_of(value));
}

static void number(struct doc *d, const char *key, int64_t value)
{
    name(d, key);
    buf_put_int(d->out, value);
}

static void word(struct doc *d, const char *value)
{
    new_line(d);
    buf_json_string(d->out, span_of(value));
}

/* ---- one field ---- */

/* What a format adds to "type": "string": a pattern, or one of the formats that JSON Schema names.
 */
static const struct {
    const char *key, *value;
} formats[] = {
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID] =
        {"pattern", "^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP] = {"format", "date-time"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE] = {"format", "date"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY] = {"pattern",
                                                             "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL] = {"pattern", "^-?[0-9]+([.][0-9]+)?$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC] = {"pattern", "^[0-9A-HJ-NPQRTUWXY]{18}$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION] = {"pattern",
                                                          "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD] =
        {"pattern", "^[0-9]{4}(-Q[1-4]|-[0-9]{2}(-[0-9]{2})?)?$"},
    [DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS] = {"pattern", "^[0-9]+$"},
};

#define N_FORMATS (sizeof formats / sizeof formats[0])

static void string_rules(struct doc *d, const Dualgate__V1__FieldRule *rule)
{
    size_t format = rule->has_format ? (size_t)rule->format : 0;
    text(d, "type", "string");
    if (format < N_FORMATS && formats[format].key) {
        text(d, formats[format].key, formats[format].value);
    }
    if (rule->has_min_chars) {
        number(d, "minLength", (int64_t)rule->min_chars);
    }
    if (rule->has_max_chars) {
        number(d, "maxLength", (int64_t)rule->max_chars);
    }
}

static void integer_rules(struct doc *d, const struct field_type *f)
{
    bool wide = f->desc->type == PROTOBUF_C_TYPE_INT64 || f->desc->type == PROTOBUF_C_TYPE_UINT64 ||
                f->desc->type == PROTOBUF_C_TYPE_SINT64;
    if (wide) {
        /* Beyond 2^53 numbers of JSON are not safe: they may be strings. */
        name(d, "type");
        open(d, '[');
        word(d, "integer");
        word(d, "string");
        close(d, ']');
    } else {
        text(d, "type", "integer");
    }
    if (f->rule->has_min) {
        number(d, "minimum", f->rule->min);
    }
    if (f->rule->has_max) {
        number(d, "maximum", f->rule->max);
    }
}

static void code_rules(struct doc *d, const struct code_list *list)
{
    name(d, "enum");
    open(d, '[');
    for (size_t i = 0; i < list->n_values; i++) {
        word(d, list->values[i].name);
    }
    close(d, ']');
    name(d, "x-codes");
    open(d, '{');
    for (size_t i = 0; i < list->n_values; i++) {
        const Dualgate__V1__CodeRule *rule = list->values[i].rule;
        text(d, list->values[i].name, rule && rule->zh ? rule->zh : "");
    }
    close(d, '}');
}

static void message_rules(struct doc *d, const struct message_type *m, bool keys_only);

static void value_rules(struct doc *d, const struct field_type *f)
{
    if (f->message) {
        message_rules(d, f->message, false);
    } else if (f->codes) {
        code_rules(d, f->codes);
    } else if (f->desc->type == PROTOBUF_C_TYPE_STRING) {
        string_rules(d, f->rule);
    } else if (f->desc->type == PROTOBUF_C_TYPE_BOOL) {
        text(d, "type", "boolean");
    } else {
        integer_rules(d, f);
    }
}

static void labels(struct doc *d, const Dualgate__V1__FieldRule *rule)
{
    if (rule->zh) {
        text(d, "title", rule->zh);
    }
    if (rule->en) {
        text(d, "description", rule->en);
    }
    if (rule->source) {
        text(d, "x-source", rule->source);
    }
    if (rule->parent) {
        text(d, "x-parent", rule->parent);
    }
    if (rule->n_required_in > 0) {
        name(d, "x-required-in");
        open(d, '[');
        for (size_t i = 0; i < rule->n_required_in; i++) {
            word(d, rule->required_in[i]);
        }
        close(d, ']');
    }
}

static void field(struct doc *d, const struct field_type *f)
{
    name(d, f->desc->name);
    open(d, '{');
    labels(d, f->rule);
    if (f->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        text(d, "type", "array");
        if (f->rule->has_max_items) {
            number(d, "maxItems", (int64_t)f->rule->max_items);
        }
        name(d, "items");
        open(d, '{');
        value_rules(d, f);
        close(d, '}');
    } else {
        value_rules(d, f);
    }
    close(d, '}');
}

/* ---- messages ---- */

/* A sender does not set what the node sets. */
static bool is_senders(const struct field_type *f)
{
    return !f->rule->node_sets;
}

static void required_of(struct doc *d, const struct message_type *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_fields; i++) {
        n += m->fields[i].rule->required ? 1 : 0;
    }
    if (n == 0) {
        return;
    }
    name(d, "required");
    open(d, '[');
    for (size_t i = 0; i < m->n_fields; i++) {
        if (m->fields[i].rule->required) {
            word(d, m->fields[i].desc->name);
        }
    }
    close(d, ']');
}

static void message_rules(struct doc *d, const struct message_type *m, bool keys_only)
{
    text(d, "type", "object");
    name(d, "properties");
    open(d, '{');
    for (size_t i = 0; i < m->n_fields; i++) {
        if (is_senders(&m->fields[i])) {
            field(d, &m->fields[i]);
        }
    }
    close(d, '}');
    if (!keys_only) {
        required_of(d, m);
    }
}

/* ---- the envelope ---- */

/* The oneof's cases are named by `record` and stand in `body`; kept members are the reader's. */
static bool is_envelope_field(const struct doc *d, const struct field_type *f)
{
    static const char *const own[] = {"record", "op", "unknown_members"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(f->desc->name, own[i]) == 0) {
            return false;
        }
    }
    return !schema_record(d->schema, span_of(f->desc->name)) || !f->message;
}

static void operations(struct doc *d, const struct record_type *record)
{
    const struct field_type *op = message_field(d->schema->report, SPAN_LIT("op"));
    const struct record_type *topic = record->via ? record->via : record;
    name(d, "op");
    open(d, '{');
    labels(d, op->rule);
    name(d, "enum");
    open(d, '[');
    for (size_t i = 0; i < op->codes->n_values; i++) {
        Dualgate__V1__Op__Code code = (Dualgate__V1__Op__Code)op->codes->values[i].number;
        if (schema_body_of(d->schema, topic, code) == record) {
            word(d, op->codes->values[i].name);
        }
    }
    close(d, ']');
    close(d, '}');
}

static void envelope(struct doc *d, const struct record_type *record)
{
    const struct message_type *m = d->schema->report;
    name(d, "properties");
    open(d, '{');
    name(d, "record");
    open(d, '{');
    text(d, "const", record->via ? record->via->name : record->name);
    close(d, '}');
    operations(d, record);
    for (size_t i = 0; i < m->n_fields; i++) {
        if (is_envelope_field(d, &m->fields[i])) {
            field(d, &m->fields[i]);
        }
    }
    name(d, "body");
    open(d, '{');
    /* A DELETE needs no more than the key. */
    message_rules(d, record->message, true);
    close(d, '}');
    close(d, '}');
}

static void required_members(struct doc *d, const struct record_type *record)
{
    const struct message_type *m = d->schema->report;
    name(d, "required");
    open(d, '[');
    for (size_t i = 0; i < m->n_fields; i++) {
        bool is_uscc = strcmp(m->fields[i].desc->name, "uscc") == 0;
        bool must = is_uscc ? !record->about_org : m->fields[i].rule->required;
        if (must) {
            word(d, m->fields[i].desc->name);
        }
    }
    if (record->via) {
        word(d, "op");
    }
    word(d, "body");
    close(d, ']');
}

/* Unless it is a DELETE, the body holds what every sector owes. */
static void required_body(struct doc *d, const struct record_type *record)
{
    name(d, "if");
    open(d, '{');
    name(d, "not");
    open(d, '{');
    name(d, "properties");
    open(d, '{');
    name(d, "op");
    open(d, '{');
    text(d, "const", "DELETE");
    close(d, '}');
    close(d, '}');
    name(d, "required");
    open(d, '[');
    word(d, "op");
    close(d, ']');
    close(d, '}');
    close(d, '}');
    name(d, "then");
    open(d, '{');
    name(d, "properties");
    open(d, '{');
    name(d, "body");
    open(d, '{');
    required_of(d, record->message);
    close(d, '}');
    close(d, '}');
    close(d, '}');
}

void json_schema_write(const struct schema *schema, const struct record_type *record,
                       struct buf *out)
{
    struct doc d = {.schema = schema, .out = out};
    open(&d, '{');
    text(&d, "$schema", "https://json-schema.org/draft/2020-12/schema");
    text(&d, "$id", record->name);
    text(&d, "title", record->rule->zh ? record->rule->zh : record->name);
    text(&d, "description", record->rule->en ? record->rule->en : record->name);
    text(&d, "type", "object");
    envelope(&d, record);
    required_members(&d, record);
    required_body(&d, record);
    close(&d, '}');
    buf_putc(out, '\n');
}
