/* SPDX-License-Identifier: Apache-2.0 */
/* Loading: unpack the set, join it with the C descriptors, make a record of each case of
 * Report.content, then check that what the options name exists. Look-ups search the sorted tables
 * that protobuf-c generates, with spans, because names come out of foreign text without a NUL. */
#include "model/schema.h"

#include "base/alloc.h"
#include "base/log.h"
#include "model/schema_join.h"
#include "model/schema_options.h"

extern const unsigned char descriptor_set_bytes[];
extern const size_t descriptor_set_size;

#define STORE_MAX_BYTES ((size_t)8 << 20)
#define SET_MAX_BYTES   ((size_t)32 << 20)

#define TAG_RECORD_RULE 51002

struct schema_store {
    struct schema schema;
    struct arena arena;
    size_t first_content; /* index in the envelope's fields of the first record */
};

static const Dualgate__V1__RecordRule no_rule = DUALGATE__V1__RECORD_RULE__INIT;

/* --- look-ups --------------------------------------------------------------------------------- */

/* Order of strcmp() between a NUL-terminated name and a span. */
static int compare_name(const char *name, struct span s)
{
    int c = strncmp(name, s.at, s.len);
    return c ? c : name[s.len] != '\0';
}

/* The name stands in the key between a quote and `":`. */
static bool is_named(const struct field_type *f, struct span name)
{
    return f->key.len == name.len + 3 && memcmp(f->key.at + 1, name.at, name.len) == 0;
}

const struct field_type *message_field(const struct message_type *m, struct span name)
{
    if (!name.len) {
        return NULL;
    }
    for (size_t at = slot_of_name(name) & m->slot_mask; m->slots[at];
         at = (at + 1) & m->slot_mask) {
        const struct field_type *f = &m->fields[m->slots[at] - 1];
        if (is_named(f, name)) {
            return f;
        }
    }
    return NULL;
}

const struct code_value *code_by_name(const struct code_list *list, struct span name)
{
    const ProtobufCEnumDescriptor *d = list->desc;
    size_t low = 0;
    size_t high = name.len && !memchr(name.at, '\0', name.len) ? d->n_value_names : 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = compare_name(d->values_by_name[mid].name, name);
        if (c == 0) {
            return &list->values[d->values_by_name[mid].index];
        }
        if (c < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const struct code_value *code_by_number(const struct code_list *list, int number)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(list->desc, number);
    return v ? &list->values[v - list->desc->values] : NULL;
}

/* Order between an alias and "system:code". */
static int compare_alias(const char *alias, struct span system, struct span code)
{
    int c = strncmp(alias, system.at, system.len);
    if (c) {
        return c;
    }
    unsigned char next = (unsigned char)alias[system.len];
    return next == ':' ? compare_name(alias + system.len + 1, code) : (int)next - ':';
}

const struct code_value *code_by_alias(const struct code_list *list, struct span system,
                                       struct span code)
{
    size_t low = 0;
    bool sane = system.len && code.len && !memchr(system.at, '\0', system.len) &&
                !memchr(code.at, '\0', code.len);
    size_t high = sane ? list->n_aliases : 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = compare_alias(list->aliases[mid].text, system, code);
        if (c == 0) {
            return list->aliases[mid].value;
        }
        if (c < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const struct record_type *schema_record(const struct schema *s, struct span name)
{
    const struct field_type *f = message_field(s->report, name);
    if (!f || !(f->desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
        return NULL;
    }
    return &s->records[(size_t)(f - s->report->fields) - s->store->first_content];
}

const struct record_type *schema_body_of(const struct schema *s, const struct record_type *record,
                                         Dualgate__V1__Op__Code op)
{
    unsigned bit = 1u << op;
    if (!(record->ops & bit) || record->via) {
        return NULL;
    }
    for (size_t i = 0; i < s->n_records; i++) {
        if (s->records[i].via == record && (s->records[i].ops & bit)) {
            return &s->records[i];
        }
    }
    return record;
}

/* --- records ---------------------------------------------------------------------------------- */

static unsigned op_bit(const char *name)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value_by_name(&dualgate__v1__op__code__descriptor, name);
    return v ? 1u << v->value : 0;
}

static bool read_ops(struct schema_join *j, struct record_type *r)
{
    r->ops = r->rule->n_ops ? 0 : op_bit("UPSERT") | op_bit("DELETE");
    for (size_t i = 0; i < r->rule->n_ops; i++) {
        unsigned bit = op_bit(r->rule->ops[i]);
        if (!bit) {
            return join_fail(j, ERR_INVALID, "%s: there is no operation %s", r->name,
                             r->rule->ops[i]);
        }
        r->ops |= bit;
    }
    return true;
}

static bool build_record(struct schema_join *j, const struct field_type *f, size_t index,
                         struct record_type *r)
{
    if (f->desc->type != PROTOBUF_C_TYPE_MESSAGE) {
        return join_fail(j, ERR_INVALID, "Report.%s: a record is a message", f->desc->name);
    }
    const ProtobufCMessage *rule = join_message_option(j, f->message->desc->name, TAG_RECORD_RULE,
                                                       &dualgate__v1__record_rule__descriptor);
    *r = (struct record_type){
        .name = f->desc->name,
        .message = f->message,
        .rule = rule ? (const Dualgate__V1__RecordRule *)(const void *)rule : &no_rule,
        .content = f->desc,
        .index = index,
    };
    return j->err == ERR_OK && read_ops(j, r);
}

/* Record `r` is a body of another record under one operation; that one takes the operation too. */
static bool link_via(struct schema_join *j, struct schema *s, struct record_type *records,
                     struct record_type *r)
{
    if (!r->rule->via) {
        return true;
    }
    const struct record_type *via = schema_record(s, span_of(r->rule->via));
    unsigned bit = r->rule->via_op ? op_bit(r->rule->via_op) : 0;
    if (!via || via == r || via->rule->via || !(r->ops & bit)) {
        return join_fail(j, ERR_INVALID, "%s: via or via_op is wrong", r->name);
    }
    r->via = via;
    records[via->index].ops |= bit;
    return true;
}

static bool has_field(const struct message_type *m, const char *name)
{
    return name && message_field(m, span_of(name));
}

static bool check_key(struct schema_join *j, const struct schema *s, const struct record_type *r)
{
    for (size_t i = 0; i < r->rule->n_key; i++) {
        const char *part = r->rule->key[i];
        bool of_envelope = part[0] == '@';
        if (!has_field(of_envelope ? s->report : r->message, part + of_envelope)) {
            return join_fail(j, ERR_INVALID, "%s: key names no field: %s", r->name, part);
        }
    }
    if (r->rule->n_key == 0 && !has_field(r->message, "id")) {
        return join_fail(j, ERR_INVALID, "%s: has neither key nor id", r->name);
    }
    if (r->rule->rank && !has_field(r->message, r->rule->rank)) {
        return join_fail(j, ERR_INVALID, "%s: rank names no field: %s", r->name, r->rule->rank);
    }
    return true;
}

static bool check_parents(struct schema_join *j, const struct schema *s,
                          const struct record_type *r)
{
    for (size_t i = 0; i < r->message->n_fields; i++) {
        const struct field_type *f = &r->message->fields[i];
        if (f->rule->parent && (!schema_record(s, span_of(f->rule->parent)) ||
                                f->desc->type != PROTOBUF_C_TYPE_STRING)) {
            return join_fail(j, ERR_INVALID, "%s.%s: there is no record %s", r->name, f->desc->name,
                             f->rule->parent);
        }
    }
    return true;
}

/* The cases of `content` stand together at the end of the envelope. */
static bool find_content(struct schema_join *j, const struct message_type *report, size_t *first)
{
    size_t at = 0;
    while (at < report->n_fields &&
           !(report->fields[at].desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
        at++;
    }
    *first = at;
    for (; at < report->n_fields; at++) {
        if (!(report->fields[at].desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
            return join_fail(j, ERR_INVALID, "Report.%s: stands among the records",
                             report->fields[at].desc->name);
        }
    }
    return *first < report->n_fields || join_fail(j, ERR_INVALID, "Report: has no records");
}

static bool build_records(struct schema_join *j, struct schema_store *store)
{
    struct schema *s = &store->schema;
    if (!find_content(j, s->report, &store->first_content)) {
        return false;
    }
    s->n_records = s->report->n_fields - store->first_content;
    struct record_type *records = join_alloc(j, s->n_records, sizeof(*records));
    s->records = records;
    bool fine = records;
    for (size_t i = 0; fine && i < s->n_records; i++) {
        fine = build_record(j, &s->report->fields[store->first_content + i], i, &records[i]);
    }
    for (size_t i = 0; fine && i < s->n_records; i++) {
        fine = link_via(j, s, records, &records[i]);
    }
    for (size_t i = 0; fine && i < s->n_records; i++) {
        fine = check_key(j, s, &records[i]) && check_parents(j, s, &records[i]) &&
               options_take(j, s, &records[i]);
    }
    return fine;
}

/* --- life ------------------------------------------------------------------------------------- */

static enum err load_into(struct schema_store *store, struct span set, struct buf *why)
{
    struct arena scratch;
    arena_init(&scratch, SET_MAX_BYTES);
    struct schema_join j = {.arena = &store->arena, .why = why};
    enum err e = descriptors_read(set, &scratch, &j.set);
    if (e != ERR_OK) {
        (void)join_fail(&j, e, "the descriptor set does not parse");
        goto out;
    }
    store->schema.report = join_message(&j, &dualgate__v1__report__descriptor);
    if (store->schema.report) {
        (void)build_records(&j, store);
    }
out:
    arena_free(&scratch);
    return j.err;
}

enum err schema_load_from(struct span set, struct schema **out, struct buf *why)
{
    *out = NULL;
    struct schema_store *store = mem_zalloc(sizeof(*store));
    if (!store) {
        return ERR_NOMEM;
    }
    arena_init(&store->arena, STORE_MAX_BYTES);
    store->schema.store = store;
    enum err e = load_into(store, set, why);
    if (e != ERR_OK) {
        schema_free(&store->schema);
        return e;
    }
    *out = &store->schema;
    return ERR_OK;
}

enum err schema_load(struct schema **out, const char **why)
{
    struct buf place;
    buf_init(&place, 0);
    struct span set = {(const char *)descriptor_set_bytes, descriptor_set_size};
    enum err e = schema_load_from(set, out, &place);
    *why = e == ERR_OK      ? ""
           : e == ERR_NOMEM ? "out of memory"
                            : "the embedded schema contradicts itself; the log names the place";
    if (e != ERR_OK) {
        log_error("schema", "event=load_failed why=\"%s\"", buf_text(&place));
    }
    buf_free(&place);
    return e;
}

void schema_free(struct schema *s)
{
    if (s) {
        struct schema_store *store = s->store;
        arena_free(&store->arena);
        mem_free(store);
    }
}
