/* SPDX-License-Identifier: Apache-2.0 */
/* template: "{a}-{b:4}{c?}" of a field: texts and sources in turn. */
#include "adapt/compile_step.h"

#define TEMPLATE_PARTS_MAX 16
#define WIDTH_MAX          64

struct template_build {
    struct target_build *b;
    struct fy_node *at;
    struct part parts[TEMPLATE_PARTS_MAX];
    struct source sources[TEMPLATE_PARTS_MAX];
    size_t n, n_sources;
};

/* The digits after the last ':', or 0 where there are none: then the ':' is part of the name. */
static unsigned take_width(struct span *hole)
{
    const char *colon = memrchr(hole->at, ':', hole->len);
    unsigned width = 0;
    if (!colon || colon + 1 == hole->at + hole->len) {
        return 0;
    }
    for (const char *c = colon + 1; c < hole->at + hole->len; c++) {
        if (*c < '0' || *c > '9' || width > WIDTH_MAX) {
            return 0;
        }
        width = width * 10 + (unsigned)(*c - '0');
    }
    hole->len = (size_t)(colon - hole->at);
    return width <= WIDTH_MAX ? width : WIDTH_MAX;
}

static void add_hole(struct template_build *t, struct part *part, struct span hole)
{
    struct complaints *why = &t->b->c->why;
    part->optional = hole.len > 0 && hole.at[hole.len - 1] == '?';
    hole.len -= part->optional ? 1 : 0;
    part->width = hole.len > 0 ? take_width(&hole) : 0;
    part->source = t->n_sources;
    if (hole.len == 0) {
        yaml_complain(why, t->at, "an empty hole {}; expected a source field in it");
        return;
    }
    if (memchr(hole.at, '{', hole.len)) {
        yaml_complain(why, t->at, "“{%.*s”: expected } before the next {", SPAN_ARG(hole));
    }
    t->sources[t->n_sources++] = compile_source(t->b->c, t->at, hole);
}

static bool add_part(struct template_build *t, struct span *rest)
{
    struct complaints *why = &t->b->c->why;
    struct part *part = &t->parts[t->n];
    const char *brace = memchr(rest->at, '{', rest->len);
    size_t len = brace ? (size_t)(brace - rest->at) : rest->len;
    *part = (struct part){.text = {rest->at, len}, .source = PART_TEXT};
    if (len == 0) {
        const char *end = memchr(brace, '}', rest->len);
        if (!end) {
            yaml_complain(why, t->at, "“%.*s”: expected } after {", SPAN_ARG(*rest));
            return false;
        }
        add_hole(t, part, (struct span){brace + 1, (size_t)(end - brace) - 1});
        len = (size_t)(end - rest->at) + 1;
    }
    t->n++;
    *rest = (struct span){rest->at + len, rest->len - len};
    return true;
}

static void *kept(struct compiler *c, const void *items, size_t size)
{
    void *copy = compile_alloc(c, size + 1);
    if (copy) {
        memcpy(copy, items, size);
    }
    return copy;
}

void compile_option_template(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    struct template_build t = {.b = b, .at = value};
    struct span rest = yaml_word(&b->c->why, value, "a text with {source} in it", &b->c->m->arena);
    while (rest.len > 0 && t.n < TEMPLATE_PARTS_MAX && add_part(&t, &rest)) {
    }
    if (rest.len > 0 && t.n == TEMPLATE_PARTS_MAX) {
        yaml_complain(&b->c->why, value, "expected at most %d parts", TEMPLATE_PARTS_MAX);
    }
    if (t.n_sources == 0) {
        yaml_complain(&b->c->why, key, "template: expected {source} in it, or constant");
    }
    b->t->from = TARGET_TEMPLATE;
    b->t->parts = kept(b->c, t.parts, t.n * sizeof t.parts[0]);
    b->t->n_parts = b->t->parts ? t.n : 0;
    b->t->sources = kept(b->c, t.sources, t.n_sources * sizeof t.sources[0]);
    b->t->n_sources = b->t->sources ? t.n_sources : 0;
    b->origins++;
}
