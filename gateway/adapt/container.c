/* SPDX-License-Identifier: Apache-2.0 */
/* One small reader for each container, over the module that knows its syntax. */
#include "adapt/container.h"

#include "adapt/csv_rows.h"
#include "adapt/fold.h"
#include "adapt/form_rows.h"
#include "adapt/frames.h"
#include "adapt/json_tree.h"
#include "adapt/ndjson.h"
#include "adapt/source.h"
#include "adapt/xml_tree.h"

void reading_refuse(struct reading *r, enum reason reason, const char *label, struct span field,
                    struct span value)
{
    const char *name = field.at ? arena_strndup(r->t->arena, field.at, field.len) : NULL;
    node_problem(&r->out->problem, r->t->arena, reason, label, name, value);
}

bool reading_refused(const struct reading *r)
{
    return r->out->problem.reason != REASON_NONE;
}

/* ERR_SYNTAX has become the message's problem. */
static enum err unless_refused(enum err err)
{
    return err == ERR_SYNTAX ? ERR_OK : err;
}

static enum err decode(struct reading *r, struct span bytes, struct span *text)
{
    enum err err = charset_decode(r->charset, bytes, r->t->arena, text);
    if (err == ERR_SYNTAX) {
        const char *name = charset_name(r->charset);
        reading_refuse(r, REASON_BAD_ENCODING, name, SPAN_NONE, span_of(name));
        return ERR_OK;
    }
    return err;
}

static enum err parse_json(struct reading *r, struct span text, struct node **out)
{
    return unless_refused(
        json_tree(text, r->t->limits->depth_max, r->t->arena, out, &r->out->problem));
}

/* The bytes inside the envelope. */
static enum err unseal(struct reading *r, const struct node *outer, struct span *plain)
{
    const struct node *sealed =
        outer->kind == NODE_OBJECT ? node_member(outer, r->m->sealed_member) : NULL;
    if (!sealed || sealed->kind != NODE_STRING) {
        reading_refuse(r, REASON_BAD_ENVELOPE, NULL, r->m->sealed_member, r->m->sealed_member);
        return ERR_OK;
    }
    const struct reg_publisher *p = r->t->publisher;
    const char *why = "";
    enum err err = envelope_open(r->m->envelope, sealed->text, span_of(p->key ? p->key : ""),
                                 r->t->arena, plain, &why);
    if (err == ERR_INVALID) {
        reading_refuse(r, REASON_BAD_ENVELOPE, NULL, r->m->sealed_member, span_of(why));
        return ERR_OK;
    }
    return err;
}

/* The envelope itself is ASCII, whatever is in it. */
static enum err read_sealed(struct reading *r, struct span text, struct contents *c)
{
    struct span plain = SPAN_NONE;
    enum err err = parse_json(r, text, &c->outer);
    if (err == ERR_OK && !reading_refused(r)) {
        err = unseal(r, c->outer, &plain);
    }
    if (err == ERR_OK && !reading_refused(r)) {
        err = decode(r, plain, &plain);
    }
    if (err == ERR_OK && !reading_refused(r)) {
        err = parse_json(r, plain, &c->root);
    }
    if (err == ERR_OK && c->root) {
        c->root->parent = c->outer;
    }
    return err;
}

static enum err read_json(struct reading *r, struct span text, struct contents *c)
{
    enum err err = parse_json(r, text, &c->root);
    c->outer = c->root;
    return err;
}

static enum err read_ndjson(struct reading *r, struct span text, struct contents *c)
{
    return ndjson_rows(text, r->t->limits->depth_max, r->t->limits->reports_max + 1, r->t->arena,
                       &c->root);
}

static bool has_column(const struct node *row, struct span name)
{
    for (const struct node *it = row->first; it; it = it->next) {
        if (span_eq(fold_trim(it->text), name)) {
            return true;
        }
    }
    return false;
}

/* All the columns by which a record is known. */
static bool is_header(const void *ctx, const struct node *row)
{
    const struct mapping *m = ctx;
    for (size_t i = 0; i < m->n_records; i++) {
        const struct record_map *record = &m->records[i];
        size_t k = 0;
        while (k < record->n_keys && has_column(row, record->keys[k].name)) {
            k++;
        }
        if (!record->inner && k > 0 && k == record->n_keys) {
            return true;
        }
    }
    return false;
}

static enum err read_csv(struct reading *r, struct span text, struct contents *c)
{
    struct csv_table table = {NULL, NULL};
    struct csv_titles titles = {r->m->title_rows, is_header, r->m};
    enum err err = csv_rows_below(text, r->m->delimiter, r->m->title_rows > 0 ? &titles : NULL,
                                  r->t->arena, &table, &r->out->problem);
    c->header = table.header;
    c->root = table.rows;
    return unless_refused(err);
}

static enum err read_form(struct reading *r, struct span bytes, struct contents *c)
{
    struct form_reading how = {
        .charset = r->charset,
        .known = &r->m->keys,
        .secret = r->m->secret,
        .rows = r->m->n_rows > 0 ? r->m->rows[0].name : SPAN_NONE,
        .rows_max = r->t->limits->reports_max + 1,
        .arena = r->t->arena,
    };
    enum err err = form_rows(bytes, &how, &c->root, &r->out->problem);
    c->outer = c->root;
    return unless_refused(err);
}

static enum err read_xml(struct reading *r, struct span text, struct contents *c)
{
    struct node *document = NULL;
    enum err err =
        xml_tree(text, r->t->limits->depth_max, r->t->arena, &document, &r->out->problem);
    c->outer = document;
    c->root = document && r->m->n_rows == 0 ? document->first : document;
    return unless_refused(err);
}

static enum err read_text(struct reading *r, struct span text, struct contents *c)
{
    switch (r->m->container) {
    case CONTAINER_CSV:
        return read_csv(r, text, c);
    case CONTAINER_NDJSON:
        return read_ndjson(r, text, c);
    case CONTAINER_FORM:
        return read_form(r, text, c);
    case CONTAINER_XML:
        return read_xml(r, text, c);
    case CONTAINER_JSON:
        break;
    }
    return r->m->envelope.kind != ENVELOPE_NONE ? read_sealed(r, text, c) : read_json(r, text, c);
}

/* An XML declaration that says otherwise than the publisher or the mapping is a contradiction, not
 * a choice. */
static void settle_charset(struct reading *r, struct span payload)
{
    struct span name =
        r->m->container == CONTAINER_XML ? xml_declared_encoding(payload) : SPAN_NONE;
    enum charset said = name.at ? charset_of_name(name) : CHARSET_UNKNOWN;
    if (name.at &&
        (said == CHARSET_UNKNOWN || (r->charset != CHARSET_UNKNOWN && r->charset != said))) {
        reading_refuse(r, REASON_BAD_ENCODING, "XML", SPAN_NONE, name);
    } else if (r->charset == CHARSET_UNKNOWN) {
        r->charset = name.at ? said : CHARSET_UTF8;
    }
}

struct taking {
    enum err (*take)(void *ctx, struct contents *contents);
    void *ctx;
};

static enum err read_one(struct reading *r, struct span text, const struct taking *t)
{
    struct contents contents = {.root = NULL};
    enum err err = read_text(r, text, &contents);
    return err != ERR_OK || reading_refused(r) ? err : t->take(t->ctx, &contents);
}

/* Frames of one message are taken together or not at all. */
static enum err read_frames(struct reading *r, struct span bytes, const struct taking *t)
{
    enum err err = ERR_OK;
    enum frame state = FRAME_WHOLE;
    size_t n = 0;
    while (err == ERR_OK && !reading_refused(r)) {
        struct span frame;
        state = frame_take(&bytes, r->m->frame_end, bytes.len, &frame);
        if (state != FRAME_WHOLE) {
            break;
        }
        n++;
        err = read_one(r, frame, t);
    }
    if (err == ERR_OK && !reading_refused(r) && (state == FRAME_MORE || n == 0)) {
        const char *why = arena_printf(r->t->arena, "%zu frames, then one without “%.*s”", n,
                                       SPAN_ARG(r->m->frame_end));
        reading_refuse(r, REASON_BAD_ENVELOPE, NULL, SPAN_NONE, span_of(why));
    }
    return err;
}

enum err container_read(struct reading *r, struct span payload,
                        enum err (*take)(void *ctx, struct contents *contents), void *ctx)
{
    struct taking taking = {take, ctx};
    struct span text = payload;
    enum err err = ERR_OK;
    settle_charset(r, payload);
    /* What hides characters behind ASCII is decoded where they come out. */
    if (r->m->envelope.kind == ENVELOPE_NONE && r->m->container != CONTAINER_FORM &&
        !reading_refused(r)) {
        err = decode(r, payload, &text);
    }
    if (err != ERR_OK || reading_refused(r)) {
        return err;
    }
    return r->m->frame_end.len > 0 ? read_frames(r, text, &taking) : read_one(r, text, &taking);
}

/* ---- rows ---- */

struct row_take {
    struct arena *arena;
    struct row_list *out;
    size_t cap, most;
    bool nomem;
    bool other; /* something stands there that is neither a row nor a list of them */
};

/* Those beyond the limit are only counted: the message is refused with their number. */
static bool take_row(void *ctx, struct node *node)
{
    struct row_take *t = ctx;
    struct row_list *list = t->out;
    bool item = node->kind == NODE_OBJECT || (node->parent && node->parent->kind == NODE_ARRAY);
    if (!item && node_is_scalar(node)) {
        t->other = true;
        return false;
    }
    if (list->n > t->most) {
        list->n++;
        return true;
    }
    if (list->n == t->cap) {
        size_t cap = t->cap > 0 ? 2 * t->cap : 32;
        struct node **at = arena_alloc(t->arena, cap * sizeof(struct node *));
        if (!at) {
            t->nomem = true;
            return false;
        }
        if (list->n > 0) {
            memcpy(at, list->at, list->n * sizeof(struct node *));
        }
        list->at = at;
        t->cap = cap;
    }
    list->at[list->n++] = node;
    return true;
}

static void refuse_other(struct reading *r)
{
    bool xml = r->m->container == CONTAINER_XML;
    reading_refuse(r, REASON_UNREADABLE, xml ? "XML" : "JSON", SPAN_NONE,
                   xml ? SPAN_LIT("no elements") : SPAN_LIT("not an array of objects"));
}

static enum err walk_to_rows(struct reading *r, const struct contents *c, struct row_take *t)
{
    bool met = false;
    for (size_t i = 0; i < r->m->n_rows; i++) {
        struct source_walk walk = {.arena = r->t->arena,
                                   .depth_max = r->t->limits->depth_max,
                                   .items = true,
                                   .visit = take_row,
                                   .ctx = t};
        enum err err = source_walk(&r->m->rows[i], c->root, &walk);
        if (err != ERR_OK || t->nomem) {
            return ERR_NOMEM;
        }
        met = met || walk.met;
        if (walk.broken) {
            reading_refuse(r, REASON_UNREADABLE, "JSON", walk.broken->name, walk.broken->text);
            return ERR_OK;
        }
    }
    if (t->other) {
        refuse_other(r);
    } else if (!met) {
        reading_refuse(r, REASON_MISSING_FIELD, r->m->rows[0].name.at, r->m->rows[0].name,
                       SPAN_NONE);
    }
    return ERR_OK;
}

/* The payload is the rows, or the only one. */
static enum err take_all(struct node *root, struct row_take *t)
{
    if (root->kind == NODE_OBJECT) {
        (void)take_row(t, root);
    }
    for (struct node *it = root->kind == NODE_ARRAY ? root->first : NULL; it; it = it->next) {
        if (!take_row(t, it)) {
            break;
        }
    }
    return t->nomem ? ERR_NOMEM : ERR_OK;
}

enum err container_rows(struct reading *r, const struct contents *contents, struct row_list *out)
{
    struct row_take t = {.arena = r->t->arena, .out = out, .most = r->t->limits->reports_max};
    *out = (struct row_list){.at = NULL};
    if (r->m->n_rows > 0) {
        return walk_to_rows(r, contents, &t);
    }
    if (contents->root->kind != NODE_ARRAY && contents->root->kind != NODE_OBJECT) {
        refuse_other(r);
        return ERR_OK;
    }
    return take_all(contents->root, &t);
}
