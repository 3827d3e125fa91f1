/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to rows: encoding, envelope, container, and which record they are of. The rows
 * themselves are translate's. */
#include "adapt/adapt.h"

#include "adapt/csv_rows.h"
#include "adapt/form.h"
#include "adapt/json_tree.h"
#include "adapt/translate.h"

/* A native message being read. */
struct reading {
    const struct mapping *m;
    const struct translation *t;
    enum charset charset;
    struct span payload;
    struct report_set *out;
    struct node *outer;  /* of JSON: the object around the rows, or NULL */
    struct node *header; /* of CSV */
    struct node *rows;
};

static void refuse(struct reading *r, enum reason reason, const char *label, struct span field,
                   struct span value)
{
    const char *name = field.at ? arena_strndup(r->t->arena, field.at, field.len) : NULL;
    node_problem(&r->out->problem, r->t->arena, reason, label, name, value);
}

static bool refused(const struct reading *r)
{
    return r->out->problem.reason != REASON_NONE;
}

static enum err decode(struct reading *r, struct span bytes, struct span *text)
{
    enum err err = charset_decode(r->charset, bytes, r->t->arena, text);
    if (err == ERR_SYNTAX) {
        const char *name = charset_name(r->charset);
        refuse(r, REASON_BAD_ENCODING, name, SPAN_NONE, span_of(name));
        return ERR_OK;
    }
    return err;
}

static enum err parse_json(struct reading *r, struct span text, struct node **out)
{
    enum err err = json_tree(text, r->t->limits->depth_max, r->t->arena, out, &r->out->problem);
    return err == ERR_SYNTAX ? ERR_OK : err;
}

/* The bytes inside the envelope. */
static enum err unseal(struct reading *r, struct span *plain)
{
    const struct node *sealed =
        r->outer->kind == NODE_OBJECT ? node_member(r->outer, r->m->sealed_member) : NULL;
    if (!sealed || sealed->kind != NODE_STRING) {
        refuse(r, REASON_BAD_ENVELOPE, NULL, r->m->sealed_member, r->m->sealed_member);
        return ERR_OK;
    }
    const struct reg_publisher *p = r->t->publisher;
    const char *why = "";
    enum err err = envelope_open(r->m->envelope, sealed->text, span_of(p->key ? p->key : ""),
                                 r->t->arena, plain, &why);
    if (err == ERR_INVALID) {
        refuse(r, REASON_BAD_ENVELOPE, NULL, r->m->sealed_member, span_of(why));
        return ERR_OK;
    }
    return err;
}

/* One object alone is a list of one. */
static enum err as_list(struct reading *r, struct node *found)
{
    if (found->kind != NODE_OBJECT) {
        r->rows = found;
        return ERR_OK;
    }
    r->rows = node_new(r->t->arena, NODE_ARRAY);
    if (!r->rows) {
        return ERR_NOMEM;
    }
    found->next = NULL;
    node_append(r->rows, found);
    return ERR_OK;
}

static struct node *rows_inside(struct reading *r, struct node *root)
{
    if (r->m->rows_member.len == 0) {
        return root;
    }
    for (struct node *it = root->kind == NODE_OBJECT ? root->first : NULL; it; it = it->next) {
        if (span_eq(it->name, r->m->rows_member)) {
            return it;
        }
    }
    refuse(r, REASON_MISSING_FIELD, r->m->rows_member.at, r->m->rows_member, SPAN_NONE);
    return NULL;
}

static enum err read_json(struct reading *r)
{
    struct span text = r->payload;
    enum err err = ERR_OK;
    if (r->m->envelope != ENVELOPE_NONE) {
        /* The envelope itself is ASCII, whatever is in it. */
        struct span sealed = SPAN_NONE;
        err = parse_json(r, r->payload, &r->outer);
        if (err == ERR_OK && !refused(r)) {
            err = unseal(r, &sealed);
        }
        text = sealed;
    }
    if (err == ERR_OK && !refused(r)) {
        err = decode(r, text, &text);
    }
    struct node *root = NULL;
    if (err == ERR_OK && !refused(r)) {
        err = parse_json(r, text, &root);
    }
    if (err != ERR_OK || refused(r) || !root) {
        return err;
    }
    r->outer = r->outer ? r->outer : root;
    root = rows_inside(r, root);
    return root ? as_list(r, root) : ERR_OK;
}

static enum err read_csv(struct reading *r)
{
    struct span text;
    struct csv_table table = {NULL, NULL};
    enum err err = decode(r, r->payload, &text);
    if (err == ERR_OK && !refused(r)) {
        err = csv_rows(text, r->m->delimiter, r->t->arena, &table, &r->out->problem);
    }
    r->header = table.header;
    r->rows = table.rows;
    return err == ERR_SYNTAX ? ERR_OK : err;
}

/* The first column of the record that the header lacks, or NULL. */
static const struct span *missing_column(const struct reading *r, const struct record_map *record)
{
    for (size_t i = 0; i < record->match.n; i++) {
        bool found = false;
        for (const struct node *it = r->header->first; it && !found; it = it->next) {
            found = span_eq(it->text, record->match.at[i]);
        }
        if (!found) {
            return &record->match.at[i];
        }
    }
    return NULL;
}

static const struct record_map *record_by_header(struct reading *r)
{
    for (size_t i = 0; i < r->m->n_records; i++) {
        if (!missing_column(r, &r->m->records[i])) {
            return &r->m->records[i];
        }
    }
    /* With several records there is no telling which one was meant: the first's lack is as good. */
    const struct span *column = missing_column(r, &r->m->records[0]);
    refuse(r, REASON_MISSING_FIELD, column->at, *column, SPAN_NONE);
    return NULL;
}

static const struct record_map *record_by_member(struct reading *r)
{
    const struct node *node =
        r->outer && r->outer->kind == NODE_OBJECT ? node_member(r->outer, r->m->find_name) : NULL;
    struct span value = node && node_is_scalar(node) ? span_trim(node->text) : SPAN_NONE;
    const struct record_map *record = translate_find(r->m, value);
    if (!node) {
        refuse(r, REASON_MISSING_FIELD, r->m->find_name.at, r->m->find_name, SPAN_NONE);
    } else if (!record) {
        refuse(r, REASON_UNKNOWN_RECORD, NULL, r->m->find_name, value);
    }
    return record;
}

/* NULL with a refusal, or when each row names its own. */
static const struct record_map *find_record(struct reading *r)
{
    switch (r->m->find) {
    case FIND_HEADER:
        return record_by_header(r);
    case FIND_MEMBER:
        return record_by_member(r);
    case FIND_FIELD:
        return NULL;
    case FIND_FIXED:
        break;
    }
    return &r->m->records[0];
}

static void check_rows(struct reading *r)
{
    if (!r->rows || r->rows->kind != NODE_ARRAY) {
        refuse(r, REASON_UNREADABLE, "JSON", SPAN_NONE, SPAN_LIT("not an array of objects"));
    } else if (r->rows->count == 0) {
        refuse(r, REASON_EMPTY_MESSAGE, NULL, SPAN_NONE, SPAN_NONE);
    } else if (r->rows->count > r->t->limits->reports_max) {
        const char *count = arena_printf(r->t->arena, "%zu", r->rows->count);
        refuse(r, REASON_ARRAY_TOO_LARGE, NULL, SPAN_NONE, span_of(count));
    }
}

static enum err read_message(struct reading *r)
{
    enum err err = r->m->container == CONTAINER_CSV ? read_csv(r) : read_json(r);
    if (err != ERR_OK || refused(r)) {
        return err;
    }
    const struct record_map *record = find_record(r);
    if (!refused(r)) {
        check_rows(r);
    }
    return refused(r) ? ERR_OK : translate_rows(r->t, record, r->rows, r->out);
}

enum err adapt_read(void *ctx, struct span adapter, struct span payload, struct span charset,
                    const struct reg_publisher *publisher, const struct registry *registry,
                    int64_t received_us, struct arena *arena, struct report_set *out)
{
    const struct adapters *a = ctx;
    const struct mapping *m = adapters_find(a, adapter);
    (void)received_us; /* what a row does not say about its time, the rules know better */
    *out = (struct report_set){.count = 0};
    if (!m) {
        return ERR_NOT_FOUND;
    }
    struct translation t = {
        .mapping = m,
        .limits = adapters_limits(a),
        .publisher = publisher,
        .registry = registry,
        .arena = arena,
    };
    struct reading r = {.m = m, .t = &t, .payload = payload, .out = out};
    r.charset = charset.len > 0 ? charset_of_name(charset) : m->charset;
    if (r.charset == CHARSET_UNKNOWN) {
        const char *name = arena_strndup(arena, charset.at, charset.len);
        refuse(&r, REASON_BAD_ENCODING, name, SPAN_NONE, charset);
        return ERR_OK;
    }
    if (payload.len == 0) {
        refuse(&r, REASON_EMPTY_MESSAGE, NULL, SPAN_NONE, SPAN_NONE);
        return ERR_OK;
    }
    return read_message(&r);
}

void adapt_blame(const struct adapters *a, struct span adapter, struct report *r,
                 struct arena *arena)
{
    const struct mapping *m = adapters_find(a, adapter);
    const char *field = r->problem.field;
    for (size_t i = 0; m && r->type && field && i < m->n_records; i++) {
        const char *source =
            m->records[i].type == r->type ? mapping_source_of(&m->records[i], field) : NULL;
        if (source) {
            r->problem.field = arena_strdup(arena, source);
            return;
        }
    }
}

enum err adapt_native_receipt(const struct adapters *a, struct span adapter, struct span request_id,
                              const struct adapt_answer *rows, size_t n, struct buf *out)
{
    const struct mapping *m = adapters_find(a, adapter);
    if (!m || !m->answers) {
        return ERR_NOT_FOUND;
    }
    struct buf items;
    buf_init(&items, 0);
    struct form_values values = {.request = request_id, .count = n};
    buf_putc(&items, '[');
    for (size_t i = 0; i < n; i++) {
        if (rows[i].ok) {
            continue;
        }
        struct form_values item = {.id = rows[i].id, .word = rows[i].word, .text = rows[i].text};
        if (values.failed++ > 0) {
            buf_putc(&items, ',');
        }
        form_write(&m->answer_item, &item, &items);
    }
    buf_putc(&items, ']');
    values.items = buf_span(&items);
    form_write(values.failed > 0 ? &m->answer_bad : &m->answer_good, &values, out);
    enum err err = buf_failed(&items) || buf_failed(out) ? ERR_NOMEM : ERR_OK;
    buf_free(&items);
    return err;
}
