/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a payload. Siblings are a singly linked list: rows are short and read in order. */
#include "adapt/node.h"

#include "base/utf8.h"

#define PROBLEM_VALUE_CHARS 200

struct node *node_new(struct arena *arena, enum node_kind kind)
{
    struct node *node = arena_zalloc(arena, sizeof *node);
    if (node) {
        node->kind = kind;
    }
    return node;
}

void node_append(struct node *parent, struct node *child)
{
    if (parent->kind == NODE_OBJECT) {
        if (parent->count >= NODE_MEMBERS_MAX) {
            parent->crowded = true;
            return;
        }
        child->doubled = node_member(parent, child->name) != NULL;
    }
    child->parent = parent;
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

static void put_in_place_of(struct node *object, struct node *old, struct node *with)
{
    struct node **link = &object->first;
    while (*link != old) {
        link = &(*link)->next;
    }
    *link = with;
    with->next = old->next;
    with->parent = object;
    if (object->last == old) {
        object->last = with;
    }
}

bool node_gather(struct node *object, struct node *child, struct arena *arena)
{
    struct node *before = node_member(object, child->name);
    if (!before) {
        node_append(object, child);
        return true;
    }
    if (!before->grouped) {
        struct node *list = node_new(arena, NODE_ARRAY);
        if (!list) {
            return false;
        }
        list->grouped = true;
        list->name = before->name;
        list->line = before->line;
        put_in_place_of(object, before, list);
        node_append(list, before);
        before = list;
    }
    node_append(before, child);
    return true;
}

struct node *node_member(const struct node *object, struct span name)
{
    for (struct node *it = object->first; it; it = it->next) {
        if (span_eq(it->name, name)) {
            return it;
        }
    }
    return NULL;
}

struct node *node_around(const struct node *node)
{
    struct node *it = node->parent;
    while (it && it->kind != NODE_OBJECT) {
        it = it->parent;
    }
    return it;
}

bool node_is_scalar(const struct node *node)
{
    return node->kind != NODE_ARRAY && (node->kind != NODE_OBJECT || node->text.at);
}

bool node_is_text(const struct node *node)
{
    return node->kind == NODE_STRING || (node->kind == NODE_OBJECT && node->text.at);
}

void node_problem(struct problem *p, struct arena *arena, enum reason reason, const char *label,
                  const char *field, struct span value)
{
    struct span shown = utf8_clip(value, PROBLEM_VALUE_CHARS);
    *p = (struct problem){
        .reason = reason,
        .field = field ? arena_strdup(arena, field) : NULL,
        .label_zh = label ? arena_strdup(arena, label) : NULL,
        .label_en = label ? arena_strdup(arena, label) : NULL,
        .value = shown.at ? arena_strndup(arena, shown.at, shown.len) : NULL,
    };
}
