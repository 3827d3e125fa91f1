/* SPDX-License-Identifier: Apache-2.0 */
#include "app/native.h"

#include "adapt/adapt.h"
#include "app/mappings.h"
#include "base/alloc.h"

#define REQUEST_ID_CHARS 32

static enum err read_native(void *ctx, struct span adapter, struct span payload,
                            struct span charset, const struct reg_publisher *publisher,
                            const struct registry *registry, int64_t received_us,
                            struct arena *arena, struct report_set *out)
{
    const struct mappings *m = ctx;
    return adapt_read(m->running, adapter, payload, charset, publisher, registry, received_us,
                      arena, out);
}

static enum err redact(void *ctx, struct span adapter, struct span payload, struct arena *arena,
                       struct span *out)
{
    const struct mappings *m = ctx;
    return adapt_redact(m->running, adapter, payload, arena, out);
}

static void blame(void *ctx, struct span adapter, struct report *r, struct arena *arena)
{
    const struct mappings *m = ctx;
    adapt_blame(m->running, adapter, r, arena);
}

const struct native_ops native_reading = {redact, read_native, blame};

/* Taken, or waiting to be: the sender need not send it again. */
static bool is_taken(enum verdict v)
{
    return v == VERDICT_STORED || v == VERDICT_DUPLICATE || v == VERDICT_STALE ||
           v == VERDICT_PARKED;
}

static void answer_of(const struct entry *e, struct buf *texts, struct adapt_answer *out)
{
    const struct problem *p = &e->report.problem;
    size_t from = texts->len;
    if (p->reason != REASON_NONE) {
        reason_text_zh(p->reason, span_of(p->label_zh ? p->label_zh : p->field), span_of(p->value),
                       texts);
    }
    *out = (struct adapt_answer){
        .id = span_of(e->report.id_as_sent),
        .word = span_of(verdict_word(e->verdict)),
        .text = {NULL, texts->len - from}, /* the place is known when all texts are written */
        .ok = is_taken(e->verdict),
    };
}

static bool write_answer(void *ctx, const struct batch *batch, const struct message *m,
                         struct buf *out)
{
    const struct mappings *mappings = ctx;
    (void)batch;
    char request_id[DIGEST_HEX + 1];
    struct adapt_answer *rows = mem_zalloc(m->n_entries * sizeof *rows);
    size_t n = 0;
    struct buf texts;
    buf_init(&texts, 0);
    for (size_t i = 0; rows != NULL && i < m->n_entries; i++) {
        if (m->entries[i].source == NULL) {
            answer_of(&m->entries[i], &texts, &rows[n++]);
        }
    }
    bool written = false;
    if (rows != NULL && !buf_failed(&texts)) {
        const char *at = texts.data;
        for (size_t i = 0; i < n; i++) {
            rows[i].text.at = at;
            at += rows[i].text.len;
        }
        hex_encode(m->payload_hash, DIGEST_BYTES, request_id);
        written = adapt_native_receipt(mappings->running, span_of(m->adapter),
                                       (struct span){request_id, REQUEST_ID_CHARS}, rows, n,
                                       out) == ERR_OK;
    }
    buf_free(&texts);
    mem_free(rows);
    return written;
}

const struct native_answer_ops native_answering = {write_answer};
