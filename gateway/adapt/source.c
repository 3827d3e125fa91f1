/* SPDX-License-Identifier: Apache-2.0 */
/* A text that is JSON is read once: its tree stays with the node. */
#include "adapt/source.h"

#include "adapt/fold.h"
#include "adapt/json_tree.h"

#define JSON_INSIDE_DEPTH 8

/* *out is NULL when there is nothing inside; then it is absent or, if so noted, broken. */
static enum err open_text(struct source_walk *w, struct node *text, struct node **out)
{
    struct problem problem = {.reason = REASON_NONE};
    struct span json = fold_trim(text->text);
    *out = text->inside;
    if (text->inside || json.len == 0) {
        return ERR_OK;
    }
    enum err err = json_tree(json, w->depth_max, w->arena, &text->inside, &problem);
    if (err == ERR_SYNTAX) {
        text->inside = NULL;
        w->broken = text;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        text->inside->parent = text->parent;
        text->inside->line = text->line;
        *out = text->inside;
    }
    return err;
}

static enum err step(struct source_walk *w, const struct source *s, struct node *at, size_t i);

static enum err step_inside(struct source_walk *w, const struct source *s, struct node *at,
                            size_t i)
{
    if (at->kind == NODE_NULL || w->stopped) {
        return ERR_OK;
    }
    if (at->kind == NODE_ARRAY && (i < s->path.n || w->items)) {
        enum err err = ERR_OK;
        for (struct node *it = at->first; it && err == ERR_OK; it = it->next) {
            if (!it->name.at) {
                it->name = at->name;
            }
            err = step_inside(w, s, it, i);
        }
        return err;
    }
    if (i == s->path.n) {
        w->stopped = !w->visit(w->ctx, at);
        return ERR_OK;
    }
    struct node *member = at->kind == NODE_OBJECT ? node_member(at, s->path.at[i]) : NULL;
    w->met = w->met || member;
    return member ? step(w, s, member, i + 1) : ERR_OK;
}

static enum err step(struct source_walk *w, const struct source *s, struct node *at, size_t i)
{
    if ((s->parsed & 1u << i) != 0 && node_is_text(at)) {
        enum err err = open_text(w, at, &at);
        if (err != ERR_OK || !at) {
            return err;
        }
    }
    return step_inside(w, s, at, i);
}

enum err source_walk(const struct source *source, struct node *from, struct source_walk *walk)
{
    struct node *at = from;
    for (unsigned i = 0; at && i < source->up; i++) {
        at = node_around(at);
    }
    walk->broken = NULL;
    walk->met = false;
    walk->stopped = false;
    return at ? step(walk, source, at, 0) : ERR_OK;
}

static bool take_first(void *ctx, struct node *node)
{
    struct node **out = ctx;
    *out = node;
    return false;
}

enum err source_find(const struct source *source, struct node *from, struct arena *arena,
                     struct node **out)
{
    struct source_walk walk = {
        .arena = arena, .depth_max = JSON_INSIDE_DEPTH, .visit = take_first, .ctx = out};
    *out = NULL;
    return source_walk(source, from, &walk);
}
