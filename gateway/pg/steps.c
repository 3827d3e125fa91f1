/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/steps.h"

#include "base/alloc.h"

enum err steps_init(struct steps *s, size_t room, size_t max_bytes)
{
    *s = (struct steps){.n = 0};
    arena_init(&s->arena, max_bytes);
    buf_init(&s->scratch, max_bytes);
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_init(&s->rows[i], max_bytes);
    }
    s->at = mem_zalloc(room * sizeof *s->at);
    return s->at ? ERR_OK : ERR_NOMEM;
}

void steps_free(struct steps *s)
{
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_free(&s->rows[i]);
    }
    mem_free(s->at);
    buf_free(&s->scratch);
    arena_free(&s->arena);
    *s = (struct steps){.n = 0};
}

void steps_rest(struct steps *s)
{
    arena_reset(&s->arena);
    s->n = 0;
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_rest(&s->rows[i]);
    }
}

void steps_begin(struct steps *s, const struct statements *statements)
{
    arena_reset(&s->arena);
    s->n = 0;
    for (int i = 0; i < TABLE_KINDS; i++) {
        rows_begin(&s->rows[i], &statements->layouts[i]);
    }
}

enum err steps_add(struct steps *s, const struct pg_statement *statement,
                   const struct pg_param *params, size_t n)
{
    struct pg_param *kept = arena_alloc(&s->arena, n * sizeof *kept);
    if (!kept) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (!params[i].data && params[i].len > 0) {
            return ERR_NOMEM;
        }
        kept[i] = params[i];
    }
    s->at[s->n++] = (struct pg_step){statement, kept, n};
    return ERR_OK;
}

enum err steps_counted_rows(struct steps *s, const struct pg_statement *statement,
                            struct rows *rows)
{
    struct pg_param params[2];
    if (rows->n == 0 && !buf_failed(&rows->buf)) {
        return ERR_OK;
    }
    enum err e = rows_param(rows, &params[0]);
    params[1] = steps_number(s, (int64_t)rows->n, sizeof(int64_t));
    return e == ERR_OK ? steps_add(s, statement, params, 2) : e;
}

enum err steps_rows(struct steps *s, const struct pg_statement *statement, struct rows *rows)
{
    struct pg_param param;
    if (rows->n == 0 && !buf_failed(&rows->buf)) {
        return ERR_OK;
    }
    enum err e = rows_param(rows, &param);
    return e == ERR_OK ? steps_add(s, statement, &param, 1) : e;
}

enum err steps_table(struct steps *s, const struct write_context *c, enum table_kind kind)
{
    return steps_rows(s, &c->statements->insert[kind], &s->rows[kind]);
}

struct pg_param steps_number(struct steps *s, int64_t v, size_t len)
{
    uint8_t *at = arena_alloc(&s->arena, len);
    for (size_t i = 0; at && i < len; i++) {
        at[i] = (uint8_t)((uint64_t)v >> (8 * (len - 1 - i)));
    }
    return (struct pg_param){at, len};
}

struct span steps_pack(struct steps *s, const ProtobufCMessage *m)
{
    size_t len = protobuf_c_message_get_packed_size(m);
    uint8_t *at = arena_alloc(&s->arena, len);
    if (at) {
        protobuf_c_message_pack(m, at);
    }
    return (struct span){(const char *)at, len};
}
