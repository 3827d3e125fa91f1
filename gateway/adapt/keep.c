/* SPDX-License-Identifier: Apache-2.0 */
/* A member is known as a whole, unknown as a whole, or looked into because a source names something
 * inside it. */
#include "adapt/keep.h"

#include "base/utf8.h"
#include "model/field.h"
#include "model/json_run.h"

#define PATH_BYTES_MAX 1024

static bool is_nothing(const struct node *node)
{
    return node->kind == NODE_NULL ||
           (node_is_scalar(node) && node->text.len == 0 && node->count == 0);
}

static void write_json(const struct node *node, struct buf *out);

static void write_children(const struct node *node, struct buf *out)
{
    bool object = node->kind == NODE_OBJECT;
    buf_putc(out, object ? '{' : '[');
    for (const struct node *it = node->first; it; it = it->next) {
        if (it != node->first) {
            buf_putc(out, ',');
        }
        if (object) {
            buf_json_string(out, it->name);
            buf_putc(out, ':');
        }
        write_json(it, out);
    }
    if (object && node->text.len > 0) {
        buf_puts(out, ",\"#text\":");
        buf_json_string(out, node->text);
    }
    buf_putc(out, object ? '}' : ']');
}

/* Depth is bounded by the container's reader. */
static void write_json(const struct node *node, struct buf *out)
{
    switch (node->kind) {
    case NODE_NULL:
        buf_puts(out, "null");
        break;
    case NODE_BOOL:
    case NODE_NUMBER:
        buf_put_span(out, node->text);
        break;
    case NODE_STRING:
        buf_json_string(out, node->text);
        break;
    case NODE_OBJECT:
        if (node->text.at && node->count == 0) {
            buf_json_string(out, node->text);
            break;
        }
        write_children(node, out);
        break;
    case NODE_ARRAY:
        write_children(node, out);
        break;
    }
}

static bool has_own_json(const struct row *r, const struct node *node)
{
    enum container_kind kind = r->t->mapping->container;
    return (kind == CONTAINER_JSON || kind == CONTAINER_NDJSON) && !node_is_scalar(node) &&
           node->raw.at;
}

/* A member's value as JSON, or NULL when no database could keep it. */
static enum err member_json(const struct row *r, const struct node *node, const char **out)
{
    struct buf json;
    *out = NULL;
    if (node->kind == NODE_STRING && !json_string_storable(node->text)) {
        return ERR_OK;
    }
    if (node->kind == NODE_NUMBER && !json_number_storable(node->text)) {
        return ERR_OK;
    }
    buf_init(&json, 0);
    if (has_own_json(r, node)) {
        buf_put_span(&json, node->raw);
    } else {
        write_json(node, &json);
    }
    enum err err = buf_failed(&json) ? ERR_NOMEM : ERR_OK;
    if (err == ERR_OK && !node_is_scalar(node)) {
        err = json_check(buf_span(&json), r->t->limits->depth_max);
    }
    if (err == ERR_OK) {
        *out = arena_strndup(r->t->arena, json.data, json.len);
        err = *out ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&json);
    return err == ERR_NOMEM ? err : ERR_OK;
}

/* Does the path lead into a field that the report does not have? There is nothing then in which the
 * member could stand: made for its sake, the field would be empty instead of absent. */
static bool leads_nowhere(const struct row *r, struct span path)
{
    const struct message_type *in = r->record->type->message;
    const ProtobufCMessage *m = r->report->body;
    while (path.at) {
        const struct field_type *field = message_field(in, span_cut(&path, '.'));
        if (!field || !field->message || !path.at) {
            return false;
        }
        if (field->desc->label == PROTOBUF_C_LABEL_REPEATED || !field_present(m, field->desc)) {
            return true;
        }
        in = field->message;
        m = *(ProtobufCMessage *const *)field_item(m, field->desc, 0);
    }
    return false;
}

/* "body.a.b" of a joined path. Where that is a field of the schema, which the source's member of
 * the same name was not mapped to, it stands apart from it. */
static char *shown_path(const struct row *r, struct span path)
{
    const struct schema *schema = r->t->mapping->schema;
    char *text = arena_printf(r->t->arena, "body.%.*s", SPAN_ARG(path));
    for (char *c = text; c && *c; c++) {
        *c = *c == FATE_JOINT ? '.' : *c;
    }
    if (text && (report_path_is_field(schema, r->record->type, text) ||
                 leads_nowhere(r, span_of(text + strlen("body."))))) {
        return arena_printf(r->t->arena, "body.native.%s", text + strlen("body."));
    }
    return text;
}

static enum err keep_member(struct row *r, const struct node *node, struct span path,
                            enum fate fate)
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
    if (env->n_unknown_members == REPORT_UNKNOWN_MAX) {
        gather_reject(r, REASON_TOO_MANY, node->name, NULL, SPAN_NONE);
        return ERR_OK;
    }
    if (!env->unknown_members) {
        env->unknown_members = arena_alloc(r->t->arena, REPORT_UNKNOWN_MAX * sizeof(void *));
    }
    Dualgate__V1__UnknownMember *m = arena_alloc(r->t->arena, sizeof *m);
    char *shown = shown_path(r, path);
    char *value = arena_strdup(r->t->arena, json);
    if (!env->unknown_members || !m || !shown || !value) {
        return ERR_NOMEM;
    }
    dualgate__v1__unknown_member__init(m);
    m->path = shown;
    m->json = value;
    env->unknown_members[env->n_unknown_members++] = m;
    if (fate != FATE_KEEP) {
        report_warn(r->report, r->t->arena, shown);
    }
    return ERR_OK;
}

struct joined {
    char text[PATH_BYTES_MAX];
};

/* The member's path; too long a one is that of no source, and stays what it is inside its object.
 */
static struct span join(struct span path, struct span name, struct joined *room)
{
    if (path.len == 0 || path.len + 1 + name.len > sizeof room->text) {
        return name;
    }
    memcpy(room->text, path.at, path.len);
    room->text[path.len] = FATE_JOINT;
    memcpy(room->text + path.len + 1, name.at, name.len);
    return (struct span){room->text, path.len + 1 + name.len};
}

/* Nothing in it is unknown. */
static bool is_known(const struct row *r, const struct node *node, struct span path)
{
    if (node->inside) {
        return is_known(r, node->inside, path);
    }
    if (is_nothing(node)) {
        return true;
    }
    if (node_is_scalar(node)) {
        return false;
    }
    for (const struct node *it = node->first; it; it = it->next) {
        struct joined room;
        struct span name = node->kind == NODE_OBJECT ? join(path, it->name, &room) : path;
        enum fate fate = node->kind == NODE_OBJECT ? mapping_fate(r->record, name) : FATE_INSIDE;
        if (fate != FATE_KNOWN && !(fate == FATE_INSIDE && is_known(r, it, name))) {
            return false;
        }
    }
    return true;
}

static enum err look(struct row *r, const struct node *object, struct span path)
{
    enum err err = ERR_OK;
    for (const struct node *it = object->first; it && err == ERR_OK; it = it->next) {
        struct joined room;
        struct span name = join(path, it->name, &room);
        enum fate fate = mapping_fate(r->record, name);
        const struct node *inside = it->inside ? it->inside : it;
        if (it->doubled) {
            gather_reject(r, REASON_DUPLICATE_MEMBER, it->name, NULL, SPAN_NONE);
        } else if (fate == FATE_KNOWN || is_nothing(it)) {
            continue;
        } else if (fate == FATE_INSIDE && inside->kind == NODE_OBJECT && inside->count > 0) {
            err = look(r, inside, name);
        } else if (fate != FATE_INSIDE || !is_known(r, it, name)) {
            err = keep_member(r, it, name, fate);
        }
    }
    return err;
}

enum err keep_members(struct row *r)
{
    enum err err = look(r, r->node, SPAN_NONE);
    if (err == ERR_OK && r->report->env->n_unknown_members > 0) {
        report_check_members(r->report, r->t->arena, r->t->mapping->schema);
    }
    return err;
}
