/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/attachment_reader.h"

#include <string.h>

#include "base/alloc.h"
#include "base/list.h"
#include "pg/binary.h"
#include "pg/result.h"

#define PIECE_BYTES 262144

/* Stored uncompressed, so that a slice costs a slice. */
static const struct pg_statement read_piece = {
    "attachment_piece", "select a.media_type, a.size, substring(a.bytes from $2::int4 for $3::int4)"
                        "  from dg.attachment a where a.hash = $1::bytea"};

struct question {
    struct list link;
    uint8_t hash[DIGEST_BYTES];
    uint64_t from;
    attachment_done done;
    void *arg;
};

struct attachment_reader {
    struct conn *conn;
    struct list queue; /* the first is under way */
    uint32_t n, queue_max;
    bool sent;
    void (*closed)(void *arg);
    void *closed_arg;
};

/* The first of the queue: detach, free, then call. */
static void answer(struct attachment_reader *r, enum err e, const struct attachment_part *part)
{
    struct question *q = LIST_ITEM(r->queue.next, struct question, link);
    attachment_done done = q->done;
    void *arg = q->arg;
    list_remove(&q->link);
    r->n--;
    mem_free(q);
    done(arg, e, part);
}

static void answer_all(struct attachment_reader *r, enum err e)
{
    while (!list_empty(&r->queue)) {
        answer(r, e, NULL);
    }
}

static enum err take_part(const struct pg_result *result, struct attachment_part *out)
{
    struct span type;
    int64_t size;
    if (result_rows(result) == 0) {
        return ERR_NOT_FOUND;
    }
    if (!result_text(result, 0, 0, &type) || !result_int(result, 0, 1, &size) ||
        !result_bytes(result, 0, 2, &out->bytes)) {
        return ERR_FATAL;
    }
    out->kind = media_of_type(type);
    out->size = (uint64_t)size;
    return out->kind != MEDIA_NONE ? ERR_OK : ERR_FATAL;
}

static void on_piece(void *arg, const struct pg_reply *reply);

/* The first of the queue. */
static enum err send_first(struct attachment_reader *r)
{
    const struct question *q = LIST_ITEM(r->queue.next, struct question, link);
    uint8_t from[4];
    uint8_t count[4];
    binary_int4(from, (int32_t)(q->from + 1));
    binary_int4(count, PIECE_BYTES);
    const struct pg_param params[] = {
        {q->hash, DIGEST_BYTES}, {from, sizeof from}, {count, sizeof count}};
    const struct pg_step step = {&read_piece, params, 3};
    enum err e = conn_send(r->conn, &step, 1, 0, on_piece, r);
    r->sent = e == ERR_OK;
    return e;
}

static void on_piece(void *arg, const struct pg_reply *reply)
{
    struct attachment_reader *r = arg;
    struct attachment_part part = {.kind = MEDIA_NONE};
    enum err e = reply->err == ERR_OK ? take_part(reply->results[0], &part) : reply->err;
    r->sent = false;
    answer(r, e, e == ERR_OK ? &part : NULL);
    while (!r->sent && !list_empty(&r->queue)) {
        e = send_first(r);
        if (e != ERR_OK) {
            answer(r, e, NULL);
        }
    }
}

static void on_up(void *arg)
{
    (void)arg;
}

static void on_down(void *arg, enum err err, const char *why)
{
    (void)err;
    (void)why;
    answer_all(arg, ERR_TRANSIENT);
}

static const struct conn_events events = {on_up, on_down};

enum err attachment_reader_new(struct attachment_reader **out, uv_loop_t *loop,
                               const struct conn_config *config, uint32_t queue_max)
{
    struct attachment_reader *r = mem_zalloc(sizeof *r);
    if (!r) {
        return ERR_NOMEM;
    }
    list_init(&r->queue);
    r->queue_max = queue_max;
    enum err e = conn_new(&r->conn, loop, config, &events, r);
    if (e != ERR_OK) {
        mem_free(r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

void attachment_reader_start(struct attachment_reader *r)
{
    conn_start(r->conn);
}

enum err attachment_reader_ask(struct attachment_reader *r, const uint8_t hash[DIGEST_BYTES],
                               uint64_t from, attachment_done done, void *arg)
{
    if (!conn_up(r->conn) || r->closed || from >= INT32_MAX) {
        return ERR_CLOSED;
    }
    if (r->n >= r->queue_max) {
        return ERR_FULL;
    }
    struct question *q = mem_zalloc(sizeof *q);
    if (!q) {
        return ERR_NOMEM;
    }
    memcpy(q->hash, hash, DIGEST_BYTES);
    q->from = from;
    q->done = done;
    q->arg = arg;
    list_append(&r->queue, &q->link);
    r->n++;
    enum err e = r->sent ? ERR_OK : send_first(r);
    if (e != ERR_OK) {
        list_remove(&q->link);
        r->n--;
        mem_free(q);
    }
    return e;
}

static void on_conn_closed(void *arg)
{
    struct attachment_reader *r = arg;
    void (*closed)(void *) = r->closed;
    void *closed_arg = r->closed_arg;
    answer_all(r, ERR_CLOSED);
    mem_free(r);
    closed(closed_arg);
}

void attachment_reader_close(struct attachment_reader *r, void (*closed)(void *arg), void *arg)
{
    r->closed = closed;
    r->closed_arg = arg;
    conn_close(r->conn, on_conn_closed, r);
}
