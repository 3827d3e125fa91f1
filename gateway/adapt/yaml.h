/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a mapping file so that everything wrong with it is said in one go, each thing at its
 * place: file:line:column: what is wrong; what was expected. */
#ifndef ADAPT_YAML_H
#define ADAPT_YAML_H

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct complaints {
    const char *file;
    struct buf *out;
    size_t count;
    bool nomem;
};

/* A line for the node (of a container: its first item; NULL, or without items: the beginning of the
 * file). */
void yaml_complain(struct complaints *c, struct fy_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL with a complaint when the text is no YAML. fy_document_destroy() it. text must outlive it.
 */
struct fy_document *yaml_parse(struct complaints *c, struct span text);

/* The text of a plain scalar; complains and returns SPAN_NONE for anything else. */
struct span yaml_text(struct complaints *c, struct fy_node *node, const char *expected);
/* The same, copied, not empty. */
struct span yaml_word(struct complaints *c, struct fy_node *node, const char *expected,
                      struct arena *arena);
/* A scalar or a list of scalars, copied. Empty with a complaint when it is neither. */
struct span_list {
    struct span *at;
    size_t n;
};
struct span_list yaml_words(struct complaints *c, struct fy_node *node, const char *expected,
                            struct arena *arena);
bool yaml_true(struct complaints *c, struct fy_node *node);

/* What a mapping may hold, and what to do with each. */
struct yaml_member {
    const char *name;
    void (*read)(void *ctx, struct fy_node *key, struct fy_node *value);
};
/* Hands each member to its reader; complains about members that are not in the table, and about a
 * node that is no mapping. */
void yaml_members(struct complaints *c, struct fy_node *node, const struct yaml_member *members,
                  size_t n, void *ctx);
/* How many pairs a mapping has; 0 for anything else. */
size_t yaml_count(struct fy_node *node);
/* Each pair of a mapping, whatever the names. */
void yaml_pairs(struct complaints *c, struct fy_node *node,
                void (*read)(void *ctx, struct fy_node *key, struct fy_node *value), void *ctx);

#endif
