/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/settle.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/utf8.h"
#include "pipe/receipt.h"

#define LOGGED_BYTES_MAX ((size_t)128)

struct settler {
    const char *node;
    struct sink sink;
    const struct native_answer_ops *native;
    void *native_ctx;

    const struct settler_ops *ops;
    void *ctx;
    size_t waiting; /* receipts published and not yet taken by the broker */

    struct buf topic, payload;
    struct metric *reports[VERDICT_COUNT];
    int64_t totals[VERDICT_COUNT]; /* what the counters show of this lane */
    struct metric *receipts, *undeliverable;
};

enum err settler_new(struct settler **out, const char *node, const struct sink *sink,
                     const struct native_answer_ops *native, void *native_ctx,
                     const struct settler_ops *ops, void *ctx)
{
    static const char *const labels[VERDICT_COUNT] = {
        [VERDICT_STORED] = "verdict=\"stored\"",     [VERDICT_DUPLICATE] = "verdict=\"duplicate\"",
        [VERDICT_STALE] = "verdict=\"stale\"",       [VERDICT_PARKED] = "verdict=\"parked\"",
        [VERDICT_REJECTED] = "verdict=\"rejected\"", [VERDICT_CONFLICT] = "verdict=\"conflict\"",
    };
    struct settler *s = mem_zalloc(sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->node = node;
    s->sink = *sink;
    s->native = native;
    s->native_ctx = native_ctx;
    s->ops = ops;
    s->ctx = ctx;
    buf_init(&s->topic, 0);
    buf_init(&s->payload, 0);
    for (int v = VERDICT_STORED; v < VERDICT_COUNT; v++) {
        s->reports[v] = v == VERDICT_PARKED ? metric_gauge("dualgate_parked_reports", "",
                                                           "Reports that wait for their parent")
                                            : metric_counter("dualgate_reports_total", labels[v],
                                                             "Reports that ended, by verdict");
    }
    s->receipts = metric_counter("dualgate_receipts_total", "", "Receipts taken by the broker");
    s->undeliverable = metric_counter("dualgate_receipts_undeliverable_total", "",
                                      "Receipts that no broker would take");
    *out = s;
    return ERR_OK;
}

void settler_free(struct settler *s)
{
    if (s == NULL) {
        return;
    }
    buf_free(&s->topic);
    buf_free(&s->payload);
    mem_free(s);
}

void settle_count(struct settler *s, const int64_t totals[VERDICT_COUNT], struct tally *by_adapter)
{
    for (int v = VERDICT_STORED; v < VERDICT_COUNT; v++) {
        metric_add(s->reports[v], (double)(totals[v] - s->totals[v]));
        s->totals[v] = totals[v];
    }
    if (by_adapter != NULL) {
        tally_show(by_adapter);
    }
}

static void on_receipt_taken(void *arg, enum err result)
{
    struct settler *s = arg;
    s->waiting--;
    if (result == ERR_OK) {
        metric_add(s->receipts, 1);
    } else {
        s->ops->on_failed(s->ctx);
    }
    if (s->waiting == 0) {
        s->ops->on_idle(s->ctx);
    }
}

/* topic and payload of the settler hold what is to be sent. */
static enum err publish(struct settler *s, const struct message *m)
{
    if (buf_failed(&s->topic) || buf_failed(&s->payload)) {
        return ERR_NOMEM;
    }
    enum err e = s->sink.ops->publish(s->sink.ctx, buf_span(&s->topic), buf_span(&s->payload),
                                      m->correlation, on_receipt_taken, s);
    if (e == ERR_OK) {
        s->waiting++;
    }
    return e;
}

/* A topic too long to be one, a packet larger than the broker takes: the batch is committed, and to
 * have it delivered again would end in the same place for ever. */
static enum err unless_undeliverable(struct settler *s, const struct message *m, enum err e)
{
    if (e != ERR_INVALID && e != ERR_DATA) {
        return e;
    }
    struct span topic = m->topic;
    topic.len = topic.len > LOGGED_BYTES_MAX ? LOGGED_BYTES_MAX : topic.len;
    topic.len = utf8_valid_prefix(topic);
    log_error("receipts", "event=undeliverable topic=\"%.*s\" why=\"%s\"", SPAN_ARG(topic),
              err_text(e));
    metric_add(s->undeliverable, 1);
    return ERR_OK;
}

static enum err publish_native(struct settler *s, const struct batch *batch,
                               const struct message *m)
{
    buf_reset(&s->payload);
    if (s->native == NULL || m->adapter[0] == '\0' ||
        !s->native->write(s->native_ctx, batch, m, &s->payload)) {
        return ERR_OK;
    }
    buf_reset(&s->topic);
    receipt_topic_native(m, &s->topic);
    return unless_undeliverable(s, m, publish(s, m));
}

static enum err publish_receipt(struct settler *s, const struct batch *batch,
                                const struct message *m)
{
    if (m->address.publisher.len == 0) {
        return ERR_OK; /* a topic without a publisher names nobody to answer */
    }
    buf_reset(&s->topic);
    buf_reset(&s->payload);
    receipt_topic(m, &s->topic);
    receipt_write(s->node, batch, m, &s->payload);
    enum err e = publish(s, m);
    if (e == ERR_DATA) {
        buf_reset(&s->payload);
        receipt_write_brief(s->node, batch, m, &s->payload);
        e = publish(s, m);
    }
    e = unless_undeliverable(s, m, e);
    return e == ERR_OK ? publish_native(s, batch, m) : e;
}

enum err settle_batch(struct settler *s, const struct batch *batch)
{
    enum err e = ERR_OK;
    for (const struct list *link = batch->messages.next; link != &batch->messages && e == ERR_OK;
         link = link->next) {
        e = publish_receipt(s, batch, LIST_CONST_ITEM(link, struct message, link));
    }
    s->sink.ops->flush(s->sink.ctx);
    return e;
}

size_t settler_waiting(const struct settler *s)
{
    return s->waiting;
}
