/* SPDX-License-Identifier: Apache-2.0 */
/* yajl events into nodes. The open containers are a fixed stack: the depth limit bounds it, and
 * nothing recurses. */
#include "adapt/json_tree.h"

#include <stdio.h>

#include "base/utf8.h"
#include "model/json_run.h"

#define DEPTH_CEILING 64

struct builder {
    struct arena *arena;
    struct span text;
    const struct json_run *run;

    struct node *open[DEPTH_CEILING];
    unsigned depth;
    unsigned depth_max;
    size_t count;
    struct span key;
    struct node *root;

    enum err err;
    enum reason reason; /* why parsing was cancelled; REASON_NONE for bad syntax */
};

static int cancel(struct builder *b, enum err err, enum reason reason)
{
    b->err = err;
    b->reason = reason;
    return 0;
}

static struct node *add(struct builder *b, enum node_kind kind)
{
    if (++b->count > NODE_COUNT_MAX) {
        cancel(b, ERR_SYNTAX, REASON_TOO_MANY);
        return NULL;
    }
    struct node *node = node_new(b->arena, kind);
    if (!node) {
        cancel(b, ERR_NOMEM, REASON_NONE);
        return NULL;
    }
    if (b->depth == 0) {
        b->root = node;
        return node;
    }
    struct node *parent = b->open[b->depth - 1];
    node->name = parent->kind == NODE_OBJECT ? b->key : SPAN_NONE;
    node_append(parent, node);
    return node;
}

static int add_text(struct builder *b, enum node_kind kind, const char *text, size_t len)
{
    struct node *node = add(b, kind);
    if (!node) {
        return 0;
    }
    char *copy = arena_strndup(b->arena, text, len);
    if (!copy) {
        return cancel(b, ERR_NOMEM, REASON_NONE);
    }
    node->text = (struct span){copy, len};
    return 1;
}

static int on_null(void *ctx)
{
    return add(ctx, NODE_NULL) != NULL;
}

static int on_boolean(void *ctx, int value)
{
    return value ? add_text(ctx, NODE_BOOL, "true", 4) : add_text(ctx, NODE_BOOL, "false", 5);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    return add_text(ctx, NODE_NUMBER, text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    return add_text(ctx, NODE_STRING, (const char *)text, len);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
    struct builder *b = ctx;
    char *copy = arena_strndup(b->arena, (const char *)text, len);
    if (!copy) {
        return cancel(b, ERR_NOMEM, REASON_NONE);
    }
    b->key = (struct span){copy, len};
    return 1;
}

static int open_container(struct builder *b, enum node_kind kind)
{
    if (b->depth >= b->depth_max) {
        return cancel(b, ERR_SYNTAX, REASON_TOO_DEEP);
    }
    struct node *node = add(b, kind);
    if (!node) {
        return 0;
    }
    node->raw.at = b->text.at + json_run_at(b->run) - 1;
    b->open[b->depth++] = node;
    return 1;
}

static int on_start_map(void *ctx)
{
    return open_container(ctx, NODE_OBJECT);
}

static int on_start_array(void *ctx)
{
    return open_container(ctx, NODE_ARRAY);
}

static int on_end(void *ctx)
{
    struct builder *b = ctx;
    struct node *node = b->open[--b->depth];
    const char *end = b->text.at + json_run_at(b->run);
    node->raw.len = (size_t)(end - node->raw.at);
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

static void explain(struct builder *b, const struct json_fault *fault, struct problem *problem)
{
    char value[JSON_FAULT_TEXT_MAX + 32];
    switch ((int)b->reason) {
    case REASON_TOO_DEEP:
        (void)snprintf(value, sizeof value, "%u", b->depth_max);
        break;
    case REASON_TOO_MANY:
        (void)snprintf(value, sizeof value, "%d", NODE_COUNT_MAX);
        break;
    default:
        (void)snprintf(value, sizeof value, "byte %zu: %s", fault->offset, fault->text);
        b->reason = REASON_UNREADABLE;
        break;
    }
    node_problem(problem, b->arena, b->reason, "JSON", NULL, span_of(value));
}

enum err json_tree(struct span text, unsigned depth_max, struct arena *arena, struct node **out,
                   struct problem *problem)
{
    if (text.len == 0) {
        node_problem(problem, arena, REASON_EMPTY_MESSAGE, NULL, NULL, SPAN_NONE);
        return ERR_SYNTAX;
    }
    /* yajl turns an escaped lone surrogate into bytes that are no UTF-8. */
    if (utf8_json_valid_prefix(text) != text.len) {
        node_problem(problem, arena, REASON_BAD_ENCODING, "JSON", NULL, SPAN_LIT("UTF-8"));
        return ERR_SYNTAX;
    }
    struct builder b = {
        .arena = arena,
        .text = text,
        .depth_max = depth_max < DEPTH_CEILING ? depth_max : DEPTH_CEILING,
    };
    struct json_fault fault = {0, ""};
    enum err err = json_run(&callbacks, &b, text, &b.run, &fault);
    *out = b.root;
    if (err == ERR_INVALID) {
        err = b.err;
    }
    if (err == ERR_SYNTAX) {
        explain(&b, &fault, problem);
    }
    return err;
}
