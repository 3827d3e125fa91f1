/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/adapt.h"

#include "adapt/choose.h"
#include "adapt/form.h"
#include "adapt/gather.h"

struct message_reading {
    struct reading reading;
    struct jobs jobs;
};

static enum err take_contents(void *ctx, struct contents *contents)
{
    struct message_reading *m = ctx;
    return choose_rows(&m->reading, contents, &m->jobs);
}

static enum err read_message(struct message_reading *m, struct span payload)
{
    struct reading *r = &m->reading;
    enum err err = container_read(r, payload, take_contents, m);
    return err != ERR_OK || reading_refused(r) ? err : translate_rows(r->t, &m->jobs, r->out);
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
    struct message_reading reading = {.reading = {.m = m, .t = &t, .out = out}};
    struct reading *r = &reading.reading;
    r->charset = charset.len > 0 ? charset_of_name(charset) : m->charset;
    if (r->charset == CHARSET_UNKNOWN && charset.len > 0) {
        const char *name = arena_strndup(arena, charset.at, charset.len);
        reading_refuse(r, REASON_BAD_ENCODING, name, SPAN_NONE, charset);
        return ERR_OK;
    }
    if (payload.len == 0) {
        reading_refuse(r, REASON_EMPTY_MESSAGE, NULL, SPAN_NONE, SPAN_NONE);
        return ERR_OK;
    }
    enum err err = read_message(&reading, payload);
    for (size_t i = 0; i < out->count && err == ERR_OK; i++) {
        adapt_blame(a, adapter, &out->items[i], arena);
    }
    return err;
}

/* The target of a canonical field as problems name it: "body.level", "uscc". */
static const struct target *target_of(const struct origin *origin, const char *field, size_t *index)
{
    static const char body[] = "body.";
    bool of_envelope = strncmp(field, body, sizeof body - 1) != 0;
    const char *path = of_envelope ? field : field + sizeof body - 1;
    size_t len = strcspn(path, "["); /* of a list the source names no items */
    for (size_t i = 0; i < origin->record->n_targets; i++) {
        const struct target *t = &origin->record->targets[i];
        if (t->of_envelope == of_envelope && strlen(t->path) == len &&
            strncmp(t->path, path, len) == 0) {
            *index = i;
            return t;
        }
    }
    return NULL;
}

void adapt_blame(const struct adapters *a, struct span adapter, struct report *r,
                 struct arena *arena)
{
    const struct origin *origin = r->native;
    (void)a;
    (void)adapter;
    if (!origin || r->problem.reason == REASON_NONE) {
        return;
    }
    size_t i = 0;
    const char *field = r->problem.field ? r->problem.field : "";
    const struct target *t = target_of(origin, field, &i);
    struct span name = span_of(field);
    if (t && (origin->names[i].at || t->n_sources > 0)) {
        name = origin->names[i].at ? origin->names[i] : t->sources[0].name;
    }
    r->problem.field = gather_place(origin->line, origin->place, name, arena);
    r->native = NULL; /* it has the source's name now */
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
