/* SPDX-License-Identifier: Apache-2.0 */
/* The worker goes round and round: read rows → publish them → all taken → move the cursor → read.
 * One step is under way at a time; `pending` counts the callbacks still to come, and a worker that
 * was stopped starts again only when none is left. */
#include "pipe/feed.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/map.h"
#include "base/metric.h"
#include "model/civil_time.h"
#include "model/json_write.h"
#include "model/proto_read.h"

#define SCRATCH_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* Last feed_seq of one record on one (sector, township). */
struct head_record {
    struct head_record *next;
    char *name;
    int64_t last_seq;
};

/* One retained head message. */
struct head {
    char *key; /* "sector/township" */
    struct head_record *records;
    bool dirty;
};

struct feed {
    struct feed_settings set;
    const struct schema *schema;
    const struct clock *clock;
    const struct outbox_ops *source;
    void *source_ctx;
    const struct feed_sink_ops *sink;
    void *sink_ctx;

    bool running;
    size_t pending;    /* callbacks still to come, those of heads not counted */
    int64_t cursor;    /* moved to here */
    int64_t published; /* last one handed to the sink in this round */
    bool round_failed;
    bool more; /* the last read was full, or somebody woke us: read again at once */
    int64_t next_poll_ms;
    int64_t next_head_ms;

    struct map heads;
    struct arena scratch;
    struct buf topic, payload;
    struct metric *fed, *cursor_gauge;
};

static void step(struct feed *f);

enum err feed_new(struct feed **out, const struct feed_settings *settings,
                  const struct schema *schema, const struct clock *clock,
                  const struct outbox_ops *source, void *source_ctx,
                  const struct feed_sink_ops *sink, void *sink_ctx)
{
    struct feed *f = mem_zalloc(sizeof *f);
    if (f == NULL) {
        return ERR_NOMEM;
    }
    f->set = *settings;
    f->schema = schema;
    f->clock = clock;
    f->source = source;
    f->source_ctx = source_ctx;
    f->sink = sink;
    f->sink_ctx = sink_ctx;
    map_init(&f->heads);
    arena_init(&f->scratch, SCRATCH_BYTES_MAX);
    buf_init(&f->topic, 0);
    buf_init(&f->payload, 0);
    f->fed = metric_counter("dualgate_feed_items_total", "", "Feed items taken by the broker");
    f->cursor_gauge =
        metric_gauge("dualgate_feed_cursor", "", "feed_seq up to which all is fed on");
    *out = f;
    return ERR_OK;
}

void feed_set(struct feed *f, const struct feed_settings *settings)
{
    const char *node = f->set.node;
    f->set = *settings;
    f->set.node = node;
}

static void head_free(struct head *h)
{
    while (h->records != NULL) {
        struct head_record *r = h->records;
        h->records = r->next;
        mem_free(r->name);
        mem_free(r);
    }
    mem_free(h->key);
    mem_free(h);
}

void feed_free(struct feed *f)
{
    if (f == NULL) {
        return;
    }
    size_t at = 0;
    for (const struct map_slot *slot = map_next(&f->heads, &at); slot;
         slot = map_next(&f->heads, &at)) {
        head_free(slot->value);
    }
    map_free(&f->heads);
    arena_free(&f->scratch);
    buf_free(&f->topic);
    buf_free(&f->payload);
    mem_free(f);
}

/* ---- heads ---- */

static struct head *head_of(struct feed *f, const char *sector, const char *township)
{
    buf_reset(&f->topic);
    buf_printf(&f->topic, "%s/%s", sector, township);
    struct span key = buf_span(&f->topic);
    struct head *h = map_get(&f->heads, key);
    if (h != NULL || buf_failed(&f->topic)) {
        return h;
    }
    h = mem_zalloc(sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->key = mem_strndup(key.at, key.len);
    if (h->key == NULL || map_put(&f->heads, span_of(h->key), h) != ERR_OK) {
        head_free(h);
        return NULL;
    }
    return h;
}

static enum err head_set(struct feed *f, const char *sector, const char *township,
                         const char *record, int64_t seq)
{
    struct head *h = head_of(f, sector, township);
    if (h == NULL) {
        return ERR_NOMEM;
    }
    struct head_record *r = h->records;
    while (r != NULL && strcmp(r->name, record) != 0) {
        r = r->next;
    }
    if (r == NULL) {
        r = mem_zalloc(sizeof *r);
        if (r == NULL) {
            return ERR_NOMEM;
        }
        r->name = mem_strdup(record);
        if (r->name == NULL) {
            mem_free(r);
            return ERR_NOMEM;
        }
        r->next = h->records;
        h->records = r;
    }
    if (seq > r->last_seq) {
        r->last_seq = seq;
        h->dirty = true;
    }
    return ERR_OK;
}

enum err feed_seed_head(struct feed *f, const char *sector, const char *township,
                        const char *record, int64_t last_seq)
{
    return head_set(f, sector, township, record, last_seq);
}

/* What the broker holds is not known: it may have lost its retained messages with its life. */
static void doubt_heads(struct feed *f)
{
    size_t at = 0;
    for (const struct map_slot *slot = map_next(&f->heads, &at); slot;
         slot = map_next(&f->heads, &at)) {
        struct head *h = slot->value;
        h->dirty = true;
    }
}

static void on_head_taken(void *arg, enum err result)
{
    if (result != ERR_OK) {
        doubt_heads(arg);
    }
}

static void publish_head(struct feed *f, struct head *h)
{
    buf_reset(&f->topic);
    buf_reset(&f->payload);
    buf_printf(&f->topic, "dp/v1/%s/feed/head/%s", f->set.node, h->key);
    buf_putc(&f->payload, '{');
    for (const struct head_record *r = h->records; r != NULL; r = r->next) {
        buf_json_string(&f->payload, span_of(r->name));
        buf_printf(&f->payload, ": %" PRId64 "%s", r->last_seq, r->next ? ", " : "");
    }
    buf_putc(&f->payload, '}');
    if (buf_failed(&f->topic) || buf_failed(&f->payload)) {
        return;
    }
    if (f->sink->publish(f->sink_ctx, buf_span(&f->topic), buf_span(&f->payload), true,
                         on_head_taken, f) == ERR_OK) {
        h->dirty = false;
    }
}

static void publish_heads(struct feed *f)
{
    size_t at = 0;
    for (const struct map_slot *slot = map_next(&f->heads, &at); slot;
         slot = map_next(&f->heads, &at)) {
        struct head *h = slot->value;
        if (h->dirty) {
            publish_head(f, h);
        }
    }
    f->sink->flush(f->sink_ctx);
}

/* ---- items ---- */

void feed_topic(const char *node, const struct feed_row *row, struct buf *out)
{
    buf_puts(out, "dp/v1/");
    buf_puts(out, node);
    buf_puts(out, "/feed/json/");
    buf_puts(out, row->sector);
    buf_putc(out, '/');
    buf_puts(out, row->township);
    buf_putc(out, '/');
    buf_puts(out, row->record);
}

enum err feed_payload(const struct schema *schema, const char *node, const struct feed_row *row,
                      struct arena *scratch, struct buf *out)
{
    char accepted[TIME_TEXT_MAX];
    char hash[DIGEST_HEX + 1];
    const Dualgate__V1__Report *report = proto_read_one(row->report, scratch);
    if (report == NULL) {
        return ERR_DATA;
    }
    time_format(row->accepted_us, accepted);
    hex_encode(row->hash, DIGEST_BYTES, hash);
    buf_puts(out, "{\"feed_seq\":");
    buf_put_int(out, row->feed_seq);
    buf_puts(out, ",\"prev\":");
    buf_put_int(out, row->prev);
    buf_puts(out, ",\"node\":\"");
    buf_puts(out, node);
    buf_puts(out, "\",\"accepted_at\":\"");
    buf_puts(out, accepted);
    buf_puts(out, "\",\"ledger_no\":");
    buf_put_int(out, row->ledger_no);
    buf_puts(out, ",\"hash\":\"");
    buf_puts(out, hash);
    buf_puts(out, "\",\"report\":");
    json_write_report(schema, report, JSON_MASKED, out);
    buf_putc(out, '}');
    return buf_failed(out) ? ERR_NOMEM : ERR_OK;
}

static void poll_later(struct feed *f, uint32_t after_ms)
{
    f->next_poll_ms = clock_steady_ms(f->clock) + after_ms;
}

static void on_cursor_moved(void *arg, enum err result)
{
    struct feed *f = arg;
    f->pending--;
    if (result == ERR_OK) {
        f->cursor = f->published;
        metric_set(f->cursor_gauge, (double)f->cursor);
    } else {
        f->more = false;
    }
    poll_later(f, f->set.poll_ms);
    step(f);
}

/* Every item of the round has been called back. */
static void end_round(struct feed *f)
{
    if (!f->running || f->round_failed || f->published <= f->cursor) {
        f->more = f->more && !f->round_failed;
        poll_later(f, f->set.poll_ms);
        return;
    }
    if (f->source->move_cursor(f->source_ctx, f->published, on_cursor_moved, f) == ERR_OK) {
        f->pending++;
    } else {
        poll_later(f, f->set.poll_ms);
    }
}

static void on_item_taken(void *arg, enum err result)
{
    struct feed *f = arg;
    f->pending--;
    if (result == ERR_OK) {
        metric_add(f->fed, 1);
    } else {
        f->round_failed = true;
    }
    if (f->pending == 0) {
        end_round(f);
        step(f);
    }
}

static enum err publish_row(struct feed *f, const struct feed_row *row)
{
    buf_reset(&f->topic);
    buf_reset(&f->payload);
    arena_reset(&f->scratch);
    enum err e = feed_payload(f->schema, f->set.node, row, &f->scratch, &f->payload);
    if (e == ERR_OK) {
        feed_topic(f->set.node, row, &f->topic);
        e = buf_failed(&f->topic)
                ? ERR_NOMEM
                : f->sink->publish(f->sink_ctx, buf_span(&f->topic), buf_span(&f->payload), false,
                                   on_item_taken, f);
    }
    if (e == ERR_OK) {
        f->pending++;
        e = head_set(f, row->sector, row->township, row->record, row->feed_seq);
    }
    return e;
}

static void on_rows(void *arg, const struct feed_row *rows, size_t n, enum err result)
{
    struct feed *f = arg;
    f->round_failed = result != ERR_OK;
    f->more = n == f->set.rows_max;
    for (size_t i = 0; i < n && f->running && !f->round_failed; i++) {
        enum err e = publish_row(f, &rows[i]);
        if (e == ERR_OK) {
            f->published = rows[i].feed_seq;
            continue;
        }
        /* What was published so far moves the cursor; the rest is read again. */
        log_warn("feed", "event=publish_stopped feed_seq=%" PRId64 " why=\"%s\"", rows[i].feed_seq,
                 err_text(e));
        f->more = false;
        break;
    }
    f->sink->flush(f->sink_ctx);
    f->pending--;
    if (f->pending == 0) {
        end_round(f);
    }
    step(f);
}

static void step(struct feed *f)
{
    if (!f->running || f->pending > 0) {
        return;
    }
    if (!f->more && clock_steady_ms(f->clock) < f->next_poll_ms) {
        return;
    }
    f->more = false;
    f->published = f->cursor;
    if (f->source->read(f->source_ctx, f->cursor, f->set.rows_max, on_rows, f) == ERR_OK) {
        f->pending++;
    } else {
        poll_later(f, f->set.poll_ms);
    }
}

void feed_start(struct feed *f, int64_t cursor)
{
    f->running = true;
    f->cursor = f->published = cursor;
    f->next_poll_ms = 0;
    metric_set(f->cursor_gauge, (double)cursor);
    doubt_heads(f);
    step(f);
}

void feed_stop(struct feed *f)
{
    f->running = false;
    f->more = false;
}

int64_t feed_cursor(const struct feed *f)
{
    return f->cursor;
}

void feed_wake(struct feed *f)
{
    f->more = true;
    step(f);
}

void feed_tick(struct feed *f, int64_t now_ms)
{
    step(f);
    if (f->running && now_ms >= f->next_head_ms) {
        f->next_head_ms = now_ms + f->set.head_interval_ms;
        publish_heads(f);
    }
}
