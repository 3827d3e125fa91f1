/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/late_queue.h"

#include <string.h>

#include "base/alloc.h"
#include "pg/binary.h"
#include "pg/result.h"

enum err late_queue_init(struct late_queue *q, int32_t lane, size_t max, size_t arena_max_bytes)
{
    *q = (struct late_queue){.lane = lane, .max = max};
    arena_init(&q->arena, arena_max_bytes);
    buf_init(&q->array, 0);
    q->gone = mem_zalloc((max + 1) * sizeof *q->gone);
    return q->gone ? ERR_OK : ERR_NOMEM;
}

void late_queue_free(struct late_queue *q)
{
    arena_free(&q->arena);
    buf_free(&q->array);
    mem_free(q->gone);
}

void late_queue_forget(struct late_queue *q)
{
    q->last = q->again = 0;
    q->out = q->gone_n = q->deleting = 0;
}

static bool write_gone(struct late_queue *q, struct pg_param *out)
{
    buf_reset(&q->array);
    struct binary_array a = binary_array_begin(&q->array, PG_INT8);
    for (size_t i = 0; i < q->gone_n; i++) {
        binary_int(&q->array, PG_INT8, q->gone[i]);
    }
    if (buf_failed(&q->array)) {
        return false;
    }
    binary_array_end(&a, q->gone_n);
    *out = (struct pg_param){q->array.data, q->array.len};
    return true;
}

enum err late_queue_ask(struct late_queue *q, struct conn *conn, conn_done done, void *arg)
{
    uint8_t lane[4];
    uint8_t after[8];
    uint8_t room[4];
    int64_t last = q->again > 0 ? q->again - 1 : q->last;
    q->again = 0;
    binary_int4(lane, q->lane);
    binary_int4(room, (int32_t)(q->max - q->out));
    binary_int4(after, (int32_t)(last >> 32));
    binary_int4(after + 4, (int32_t)(uint32_t)last);
    struct pg_param gone;
    const struct pg_param params[] = {
        {lane, sizeof lane}, {after, sizeof after}, {room, sizeof room}};
    if (!write_gone(q, &gone)) {
        return ERR_NOMEM;
    }
    const struct pg_step steps[] = {{&late_delete, &gone, 1}, {&late_select, params, 3}};
    size_t skip = q->gone_n == 0 ? 1 : 0;
    q->deleting = q->gone_n;
    return conn_send(conn, steps + skip, 2 - skip, 0, done, arg);
}

static void hand_out_rows(struct late_queue *q, const struct pg_result *r,
                          void (*hand_out)(void *ctx, const struct late_receipt *late), void *ctx)
{
    for (size_t row = 0; row < result_rows(r); row++) {
        struct late_receipt late;
        if (late_take(r, row, &q->arena, &late) != ERR_OK) {
            return; /* asked for again after the lane's next start */
        }
        late_point(&late);
        q->last = late.no;
        q->out++;
        hand_out(ctx, &late);
    }
}

void late_queue_take(struct late_queue *q, const struct pg_reply *reply,
                     void (*hand_out)(void *ctx, const struct late_receipt *r), void *ctx)
{
    if (reply->err == ERR_OK) {
        q->gone_n -= q->deleting;
        memmove(q->gone, q->gone + q->deleting, q->gone_n * sizeof *q->gone);
        q->deleting = 0;
        hand_out_rows(q, reply->results[reply->n_results - 1], hand_out, ctx);
        arena_reset(&q->arena);
    }
    q->deleting = 0;
}

void late_queue_published(struct late_queue *q, int64_t no)
{
    if (q->out == 0 || q->gone_n >= q->max) {
        return;
    }
    q->out--;
    q->gone[q->gone_n++] = no;
}

void late_queue_failed(struct late_queue *q, int64_t no)
{
    if (q->out == 0) {
        return;
    }
    q->out--;
    if (q->again == 0 || no < q->again) {
        q->again = no;
    }
}
