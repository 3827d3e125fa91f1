/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/receipt.h"

#include "base/digest.h"
#include "model/civil_time.h"

/* Members are written with a comma in front; the caller opened the object with a first member. Keys
 * are literals, quotes and all: nothing is put together for each receipt that is the same for all.
 */
#define KEY(name) ",\"" name "\":"

static void member_text(struct buf *out, const char *key, const char *value)
{
    if (value != NULL) {
        buf_puts(out, key);
        buf_json_string(out, span_of(value));
    }
}

static void member_time(struct buf *out, const char *key, int64_t us)
{
    char text[TIME_TEXT_MAX];
    time_format(us, text);
    member_text(out, key, text);
}

static void member_hex(struct buf *out, const char *key, const uint8_t *hash)
{
    if (hash != NULL) {
        char hex[DIGEST_HEX + 1];
        hex_encode(hash, DIGEST_BYTES, hex);
        member_text(out, key, hex);
    }
}

static void write_problem(const struct problem *p, struct buf *out)
{
    member_text(out, KEY("reason"), reason_word(p->reason));
    member_text(out, KEY("field"), p->field);
    member_text(out, KEY("value"), p->value);
    struct buf text;
    buf_init(&text, 0);
    reason_text_zh(p->reason, span_of(p->label_zh ? p->label_zh : p->field), span_of(p->value),
                   &text);
    member_text(out, KEY("text"), buf_text(&text));
    buf_reset(&text);
    reason_text_en(p->reason, span_of(p->label_en ? p->label_en : p->field), span_of(p->value),
                   &text);
    member_text(out, KEY("text_en"), buf_text(&text));
    if (buf_failed(&text)) {
        out->failed = true;
    }
    buf_free(&text);
}

static void write_warnings(const struct warning *w, struct buf *out)
{
    if (w == NULL) {
        return;
    }
    buf_puts(out, ",\"warnings\":[");
    for (; w != NULL; w = w->next) {
        buf_json_string(out, span_of(w->text));
        buf_puts(out, w->next ? "," : "");
    }
    buf_putc(out, ']');
}

static void write_findings(const struct finding *f, struct buf *out)
{
    if (f == NULL) {
        return;
    }
    buf_puts(out, ",\"findings\":[");
    for (; f != NULL; f = f->next) {
        buf_puts(out, "{\"code\":");
        buf_json_string(out, span_of(f->code));
        member_text(out, KEY("field"), f->field);
        member_text(out, KEY("reported"), f->reported);
        member_text(out, KEY("expected"), f->expected);
        buf_puts(out, f->next ? "}," : "}");
    }
    buf_putc(out, ']');
}

void receipt_write_item(const struct receipt_item *item, struct buf *out)
{
    buf_puts(out, "{\"index\":");
    buf_put_int(out, item->index);
    member_text(out, KEY("msg_id"), item->msg_id);
    member_text(out, KEY("record"), item->record);
    member_text(out, KEY("id"), item->id);
    member_text(out, KEY("verdict"), verdict_word(item->verdict));
    if (item->ledger_no > 0) {
        buf_puts(out, KEY("ledger_no"));
        buf_put_int(out, item->ledger_no);
    }
    member_hex(out, KEY("hash"), item->hash);
    if (item->problem != NULL && item->problem->reason != REASON_NONE) {
        write_problem(item->problem, out);
    }
    write_warnings(item->warnings, out);
    write_findings(item->findings, out);
    member_hex(out, KEY("payload_sha256"), item->payload_hash);
    buf_putc(out, '}');
}

static void write_entry(const struct message *m, const struct entry *e, bool brief, struct buf *out)
{
    const struct report *r = &e->report;
    bool named = r->env != NULL && r->env->msg_id != NULL;
    bool claimed = e->ledger_no > 0;
    struct receipt_item item = {
        .index = r->index,
        .msg_id = named ? r->env->msg_id : NULL,
        .record = report_record_name(r),
        .id = r->id_as_sent,
        .verdict = e->verdict,
        .ledger_no = e->ledger_no,
        .hash = claimed ? e->answer_hash : NULL,
        .problem = &r->problem,
        .warnings = brief ? NULL : r->warnings,
        .findings = brief ? NULL : r->findings,
        .payload_hash = named ? NULL : m->payload_hash,
    };
    receipt_write_item(&item, out);
}

/* Up to the opening of the items. */
static void write_head(const char *node, int32_t lane, int64_t batch_no, int64_t received_us,
                       int64_t committed_us, const char *note, struct buf *out)
{
    buf_puts(out, "{\"node\":");
    buf_json_string(out, span_of(node));
    member_time(out, KEY("received_at"), received_us);
    member_time(out, KEY("committed_at"), committed_us);
    buf_puts(out, KEY("lane"));
    buf_put_int(out, lane);
    buf_puts(out, KEY("batch"));
    buf_put_int(out, batch_no);
    member_text(out, KEY("note"), note);
    buf_puts(out, ",\"items\":[");
}

static void write_receipt(const char *node, const struct batch *batch, const struct message *m,
                          bool brief, struct buf *out)
{
    write_head(node, batch->lane, batch->no, m->received_us, batch->committed_us,
               m->response_topic_refused ? "response_topic_refused" : NULL, out);
    for (size_t i = 0; i < m->n_entries; i++) {
        if (m->entries[i].source != NULL) {
            continue; /* the sender does not know it */
        }
        if (i > 0) {
            buf_putc(out, ',');
        }
        write_entry(m, &m->entries[i], brief, out);
    }
    buf_puts(out, "]}");
}

void receipt_write(const char *node, const struct batch *batch, const struct message *m,
                   struct buf *out)
{
    write_receipt(node, batch, m, false, out);
}

void receipt_write_brief(const char *node, const struct batch *batch, const struct message *m,
                         struct buf *out)
{
    write_receipt(node, batch, m, true, out);
}

void receipt_write_late(const char *node, int32_t lane, int64_t batch_no, int64_t received_us,
                        int64_t committed_us, const struct receipt_item *item, struct buf *out)
{
    write_head(node, lane, batch_no, received_us, committed_us, NULL, out);
    receipt_write_item(item, out);
    buf_puts(out, "]}");
}

/* dp/v1/{node}/{sector}/{publisher} of the topic the message came on, and what follows. */
static void own_topic(const struct message *m, const char *tail, struct buf *out)
{
    struct span publisher = m->address.publisher;
    size_t own = publisher.len > 0 ? (size_t)(publisher.at + publisher.len - m->topic.at) : 0;
    buf_put(out, m->topic.at, own);
    buf_puts(out, tail);
}

void receipt_topic(const struct message *m, struct buf *out)
{
    if (m->response_topic.len > 0) {
        buf_put_span(out, m->response_topic);
    } else {
        own_topic(m, "/down/receipt", out);
    }
}

void receipt_topic_native(const struct message *m, struct buf *out)
{
    own_topic(m, "/down/receipt/native", out);
}
