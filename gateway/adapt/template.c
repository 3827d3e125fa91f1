/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/template.h"

#include "adapt/fold.h"

/* The words that mean no value, by the target's own step. */
static bool is_absent(const struct target *t, struct span text)
{
    for (size_t i = 0; i < t->n_steps; i++) {
        if (t->steps[i].kind == STEP_ABSENT) {
            return words_hold(t->steps[i].absent, text);
        }
    }
    return text.len == 0;
}

static enum err value_of(struct row *r, const struct target *t, const struct part *part,
                         struct span *value)
{
    const struct source *source = &t->sources[part->source];
    struct node *node = NULL;
    enum err err = gather_find(r, source, &node);
    *value = SPAN_NONE;
    if (err != ERR_OK || !node) {
        return err;
    }
    if (!node_is_scalar(node)) {
        gather_reject(r, REASON_WRONG_TYPE, source->name, target_leaf(t), node->raw);
        return ERR_OK;
    }
    struct span text = fold_trim(node->text);
    if (part->width > 0) {
        text = fold_width(text, r->t->arena);
        if (!text.at) {
            return ERR_NOMEM;
        }
    }
    *value = is_absent(t, text) ? SPAN_NONE : text;
    return ERR_OK;
}

static bool all_digits(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return true;
}

static void put_padded(struct buf *out, struct span value, unsigned width)
{
    for (size_t n = value.len; n < width && all_digits(value); n++) {
        buf_putc(out, '0');
    }
    buf_put_span(out, value);
}

enum err template_fill(struct row *r, const struct target *t, struct span *text)
{
    struct buf out;
    const struct part *lacking = NULL;
    bool some = false;
    enum err err = ERR_OK;
    buf_init(&out, 0);
    for (size_t i = 0; i < t->n_parts && err == ERR_OK; i++) {
        const struct part *part = &t->parts[i];
        if (part->source == PART_TEXT) {
            buf_put_span(&out, part->text);
            continue;
        }
        struct span value;
        err = value_of(r, t, part, &value);
        if (value.at) {
            some = true;
            put_padded(&out, value, part->width);
        } else if (!part->optional && !lacking) {
            lacking = part;
        }
    }
    *text = SPAN_NONE;
    if (err == ERR_OK && some && lacking) {
        gather_reject(r, REASON_MISSING_FIELD, t->sources[lacking->source].name, NULL, SPAN_NONE);
    } else if (err == ERR_OK && some) {
        char *copy = buf_failed(&out) ? NULL : arena_strndup(r->t->arena, out.data, out.len);
        *text = (struct span){copy, out.len};
        err = copy ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&out);
    return err;
}
