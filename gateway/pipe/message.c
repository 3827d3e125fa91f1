/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetime of a message: one heap block for the struct, everything else in its arena. */
#include "pipe/message.h"

#include "base/alloc.h"

const char *verdict_word(enum verdict v)
{
    static const char *const words[VERDICT_COUNT] = {
        [VERDICT_NONE] = "none",           [VERDICT_STORED] = "stored",
        [VERDICT_DUPLICATE] = "duplicate", [VERDICT_STALE] = "stale",
        [VERDICT_PARKED] = "parked",       [VERDICT_REJECTED] = "rejected",
        [VERDICT_CONFLICT] = "conflict",
    };
    return v < VERDICT_COUNT ? words[v] : "none";
}

bool address_parse(struct span topic, struct address *out)
{
    *out = (struct address){0};
    struct span rest = topic;
    struct span root = span_cut(&rest, '/');
    struct span version = span_cut(&rest, '/');
    out->node = span_cut(&rest, '/');
    out->sector = span_cut(&rest, '/');
    out->publisher = span_cut(&rest, '/');
    struct span up = span_cut(&rest, '/');
    out->record = span_cut(&rest, '/');
    out->native = span_is(out->record, "native");
    return span_is(root, "dp") && span_is(version, "v1") && out->node.len > 0 &&
           out->sector.len > 0 && out->publisher.len > 0 && span_is(up, "up") &&
           out->record.len > 0 && rest.at == NULL;
}

static bool copy_span(struct arena *a, struct span from, struct span *to)
{
    char *text = arena_strndup(a, from.at, from.len);
    *to = (struct span){text, from.len};
    return text != NULL;
}

struct message *message_new(const struct incoming *in, int64_t received_us, size_t arena_max_bytes)
{
    struct message *m = mem_zalloc(sizeof *m);
    if (m == NULL) {
        return NULL;
    }
    list_init(&m->link);
    arena_init(&m->arena, arena_max_bytes);
    m->received_us = received_us;
    m->adapter = m->charset = m->publisher = "";
    if (!copy_span(&m->arena, in->topic, &m->topic) ||
        !copy_span(&m->arena, in->payload, &m->payload) ||
        !copy_span(&m->arena, in->content_type, &m->content_type) ||
        !copy_span(&m->arena, in->response_topic, &m->response_topic) ||
        !copy_span(&m->arena, in->correlation, &m->correlation)) {
        message_free(m);
        return NULL;
    }
    return m;
}

void message_free(struct message *m)
{
    if (m == NULL) {
        return;
    }
    arena_free(&m->arena);
    mem_free(m);
}
