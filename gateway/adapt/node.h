/* SPDX-License-Identifier: Apache-2.0 */
/* What a sector's payload holds, whatever its container: rows that are objects with named members.
 * A small tree in the arena of the message. Texts are UTF-8; numbers stay as they were written, so
 * that nothing is lost that a mapping may want to see. */
#ifndef ADAPT_NODE_H
#define ADAPT_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "model/reason.h"
#include "model/report.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT };

/* Members of one object beyond this are dropped and the object is marked crowded: no source has
 * more than a hundred, and looking for doubled names is quadratic. */
#define NODE_MEMBERS_MAX 256
/* Values in one payload. */
#define NODE_COUNT_MAX 200000

struct node {
    enum node_kind kind;
    bool doubled;     /* a member of this name stood before in the same object */
    bool crowded;     /* an object that had more than NODE_MEMBERS_MAX members */
    bool grouped;     /* an array made of members of one name */
    uint32_t line;    /* of the row's first line, where the container has lines; else 0 */
    struct span name; /* of a member of an object */
    struct span text; /* of a string, decoded; of a number and a boolean as written; of an object
                         that is an element without elements; else at NULL */
    struct span raw;  /* of objects and arrays: their bytes */
    struct node *parent;
    struct node *first, *last, *next;
    size_t count;              /* children */
    struct node *inside;       /* of a string that was read as JSON: what it holds */
    const struct problem *bad; /* of a row that its container could not read, or NULL */
};

/* NULL when the arena is exhausted. */
struct node *node_new(struct arena *arena, enum node_kind kind);
/* Appends child to parent; of an object's members it marks the doubled. */
void node_append(struct node *parent, struct node *child);
/* The same for containers that write a list as several members of one name: those become one
 * member, an array. False when the arena is exhausted. */
bool node_gather(struct node *object, struct node *child, struct arena *arena);
/* The first member of that name, or NULL. */
struct node *node_member(const struct node *object, struct span name);
/* The object around a node, arrays not counted, or NULL. */
struct node *node_around(const struct node *node);
/* True for what is one text: neither array nor object, or an object that has a text of its own. */
bool node_is_scalar(const struct node *node);
/* True for a string, however the container writes it. */
bool node_is_text(const struct node *node);
/* A problem of a whole message. Texts are copied into the arena, the value is clipped. */
void node_problem(struct problem *p, struct arena *arena, enum reason reason, const char *label,
                  const char *field, struct span value);

#endif
