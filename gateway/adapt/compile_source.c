/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of a mapping: "a.b" of JSON, "^name" for the object around the row, "text>name" through a
 * text that is JSON. A column or a form's key may hold points: there they part nothing. */
#include "adapt/compile.h"

/* What parts the names before the first '>', or '\0'. */
static char parting(enum container_kind kind)
{
    switch (kind) {
    case CONTAINER_JSON:
    case CONTAINER_NDJSON:
        return '.';
    case CONTAINER_XML:
        return '/';
    case CONTAINER_CSV:
    case CONTAINER_FORM:
        break;
    }
    return '\0';
}

/* The next name off the front of *rest; *opens when '>' ends it. */
static struct span cut_step(struct span *rest, char part, bool *opens)
{
    size_t n = 0;
    while (n < rest->len && rest->at[n] != '>' && (part == '\0' || rest->at[n] != part)) {
        n++;
    }
    struct span name = {rest->at, n};
    *opens = n < rest->len && rest->at[n] == '>';
    if (n == rest->len) {
        *rest = SPAN_NONE;
    } else {
        *rest = (struct span){rest->at + n + 1, rest->len - n - 1};
    }
    return name;
}

/* As senders know it: without the marks of the language. */
static struct span shown_name(struct compiler *c, struct span path)
{
    char *text = arena_strndup(&c->m->arena, path.at, path.len);
    c->why.nomem = c->why.nomem || !text;
    size_t len = text ? path.len : 0;
    while (len > 0 && text[len - 1] == '>') {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        text[i] = text[i] == '>' ? '.' : text[i];
    }
    if (text) {
        text[len] = '\0';
    }
    return (struct span){text, len};
}

struct source compile_source(struct compiler *c, struct fy_node *at, struct span name)
{
    struct source source = {.up = 0};
    struct span rest = name;
    char part = parting(c->m->container);
    while (rest.len > 0 && rest.at[0] == '^' && c->m->container != CONTAINER_CSV) {
        source.up++;
        rest = (struct span){rest.at + 1, rest.len - 1};
    }
    source.name = shown_name(c, rest);
    struct span *path = compile_alloc(c, SOURCE_STEPS_MAX * sizeof *path);
    size_t n = 0;
    if (!path || !source.name.at) {
        return source;
    }
    const char *written = rest.at;
    struct span todo = rest;
    while (todo.at && n < SOURCE_STEPS_MAX) {
        bool opens = false;
        struct span step = cut_step(&todo, part, &opens);
        /* A slice of what is shown: that lives as long as the mapping. */
        path[n++] = (struct span){source.name.at + (step.at - written), step.len};
        if (step.len == 0) {
            yaml_complain(&c->why, at, "“%.*s”: a name is empty; expected a path of names",
                          SPAN_ARG(name));
        }
        if (opens) {
            source.parsed |= 1u << n;
            part = '.';
            todo = todo.len > 0 ? todo : SPAN_NONE;
        }
    }
    if (todo.at) {
        yaml_complain(&c->why, at, "“%.*s”: expected at most %d names", SPAN_ARG(name),
                      SOURCE_STEPS_MAX);
    }
    source.path = (struct words){path, n};
    return source;
}

struct sources compile_sources(struct compiler *c, struct fy_node *value, const char *expected)
{
    struct span_list names = yaml_words(&c->why, value, expected, &c->m->arena);
    struct source *sources = compile_alloc(c, (names.n + 1) * sizeof *sources);
    for (size_t i = 0; sources && i < names.n; i++) {
        if (names.at[i].len == 0) {
            yaml_complain(&c->why, value, "an empty name; expected %s", expected);
        } else {
            sources[i] = compile_source(c, value, names.at[i]);
        }
    }
    return (struct sources){sources, sources ? names.n : 0};
}

struct source compile_each(struct compiler *c, struct fy_node *value)
{
    if (span_is(yaml_text(&c->why, value, "a path"), ".")) {
        return (struct source){.up = 0};
    }
    struct sources each = compile_sources(c, value, "where its rows stand inside a row");
    if (each.n != 1 || each.at[0].up > 0) {
        yaml_complain(&c->why, value, "each: expected one path into a row");
    }
    if (c->m->container == CONTAINER_FORM) {
        yaml_complain(&c->why, value, "each: keys of a form hold no rows");
    }
    if (c->m->container == CONTAINER_CSV && each.n == 1 && each.at[0].parsed == 0) {
        yaml_complain(&c->why, value,
                      "each: a cell holds no rows; expected . for the row itself, or COLUMN> where "
                      "cells are JSON");
    }
    return each.n > 0 ? each.at[0] : (struct source){.up = 0};
}
