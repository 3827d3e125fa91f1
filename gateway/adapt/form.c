/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/form.h"

static const struct {
    const char *name;
    enum hole hole;
} holes[] = {
    {"request", HOLE_REQUEST}, {"count", HOLE_COUNT}, {"failed", HOLE_FAILED},
    {"items", HOLE_ITEMS},     {"id", HOLE_ID},       {"word", HOLE_WORD},
    {"text", HOLE_TEXT},
};

static enum hole hole_of(struct span name)
{
    for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        if (span_is(name, holes[i].name)) {
            return holes[i].hole;
        }
    }
    return HOLE_NONE;
}

/* The next piece off the front of *rest. */
static bool next_piece(struct span *rest, struct piece *out, struct span *wrong)
{
    size_t at = 0;
    while (at + 1 < rest->len && (rest->at[at] != '$' || rest->at[at + 1] != '{')) {
        at++;
    }
    if (at + 1 >= rest->len) {
        at = rest->len;
    }
    if (at > 0) {
        *out = (struct piece){HOLE_NONE, {rest->at, at}};
        *rest = (struct span){rest->at + at, rest->len - at};
        return true;
    }
    struct span name = {rest->at + 2, rest->len - 2};
    const char *end = memchr(name.at, '}', name.len);
    name.len = end ? (size_t)(end - name.at) : name.len;
    *out = (struct piece){.hole = hole_of(name)};
    *wrong = name;
    if (!end || out->hole == HOLE_NONE) {
        return false;
    }
    *rest = (struct span){end + 1, (size_t)(rest->at + rest->len - end - 1)};
    return true;
}

bool form_compile(struct span text, struct arena *arena, struct form *out, struct span *wrong)
{
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++) {
        most += text.at[i] == '$' ? 2 : 0;
    }
    struct piece *pieces = arena_zalloc(arena, most * sizeof *pieces);
    *wrong = SPAN_NONE;
    if (!pieces) {
        return false;
    }
    size_t n = 0;
    while (text.len > 0) {
        if (!next_piece(&text, &pieces[n++], wrong)) {
            return false;
        }
    }
    *out = (struct form){pieces, n};
    return true;
}

static void fill(enum hole hole, const struct form_values *v, struct buf *out)
{
    switch (hole) {
    case HOLE_NONE:
        break;
    case HOLE_REQUEST:
        buf_json_string(out, v->request);
        break;
    case HOLE_COUNT:
        buf_printf(out, "%zu", v->count);
        break;
    case HOLE_FAILED:
        buf_printf(out, "%zu", v->failed);
        break;
    case HOLE_ITEMS:
        buf_put_span(out, v->items);
        break;
    case HOLE_ID:
        buf_json_string(out, v->id);
        break;
    case HOLE_WORD:
        buf_json_string(out, v->word);
        break;
    case HOLE_TEXT:
        buf_json_string(out, v->text);
        break;
    }
}

void form_write(const struct form *form, const struct form_values *values, struct buf *out)
{
    for (size_t i = 0; i < form->n; i++) {
        const struct piece *p = &form->pieces[i];
        if (p->hole == HOLE_NONE) {
            buf_put_span(out, p->text);
        } else {
            fill(p->hole, values, out);
        }
    }
}
