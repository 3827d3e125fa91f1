/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/adapt.h"

#include "adapt/choose.h"
#include "adapt/form.h"
#include "adapt/form_rows.h"
#include "adapt/origin.h"

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

enum err adapt_redact(void *ctx, struct span adapter, struct span payload, struct arena *arena,
                      struct span *out)
{
    const struct mapping *m = adapters_find(ctx, adapter);
    *out = payload;
    return m && m->container == CONTAINER_FORM && m->secret.n > 0
               ? form_redact(payload, m->secret, &m->keys, arena, out)
               : ERR_OK;
}

void adapt_blame(const struct adapters *a, struct span adapter, struct report *r,
                 struct arena *arena)
{
    (void)a;
    (void)adapter;
    if (r->native && r->problem.reason != REASON_NONE) {
        origin_blame(r->native, r, arena);
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
