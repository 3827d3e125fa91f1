/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/batch.h"

void batch_init(struct batch *b)
{
    *b = (struct batch){0};
    list_init(&b->messages);
}

void batch_add(struct batch *b, struct message *m, int64_t now_ms)
{
    if (b->n_messages == 0) {
        b->opened_ms = now_ms;
    }
    list_append(&b->messages, &m->link);
    b->n_messages++;
    b->n_entries += m->n_entries;
    b->bytes += m->bytes;
}

bool batch_full(const struct batch *b, const struct batch_limits *limits)
{
    return b->n_messages >= limits->messages_max || b->n_entries >= limits->reports_max ||
           b->bytes >= limits->bytes_max;
}

bool batch_empty(const struct batch *b)
{
    return b->n_messages == 0;
}

void batch_clear(struct batch *b)
{
    for (struct list *link = list_pop(&b->messages); link; link = list_pop(&b->messages)) {
        message_free(LIST_ITEM(link, struct message, link));
    }
    batch_init(b);
}
