/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sentence.h"

#include "base/utf8.h"

static void put_value(struct span value, struct buf *out)
{
    struct span head = utf8_clip(value, SENTENCE_VALUE_CHARS);
    buf_put_span(out, head);
    if (head.len < value.len) {
        buf_puts(out, "…");
    }
}

void sentence_write(const char *template, const struct sentence_parts *parts, struct buf *out)
{
    const char *from = template;
    for (const char *place = strchr(from, '%'); place; place = strchr(from, '%')) {
        buf_put(out, from, (size_t)(place - from));
        if (place[1] == '1') {
            buf_put_span(out, parts->label);
        } else if (place[1] == '2' || place[1] == '3') {
            put_value(parts->values[place[1] - '2'], out);
        }
        from = place + (place[1] ? 2 : 1);
    }
    buf_puts(out, from);
}
