/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form. The first says in which encoding: even GB18030, odd UTF-8. The value of the
 * secret key never comes out. */
#include <stdint.h>

#include "adapt/form_rows.h"
#include "tree_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_secret(const struct node *node, struct span secret)
{
    tree_require(!span_eq(node->name, secret));
    for (const struct node *it = node->first; it; it = it->next) {
        no_secret(it, secret);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct span names[] = {{"a", 1}, {"b.c", 3}, {"pwd", 3}, {"d[e]", 4}};
    static struct map known;
    struct span bytes = {(const char *)data + 1, size - 1};
    struct problem problem = {.reason = REASON_NONE};
    struct node *root = NULL;
    struct arena arena;
    if (size == 0) {
        return 0;
    }
    for (size_t i = 0; known.count < 4; i++) {
        tree_require(map_put(&known, names[i], &known) == ERR_OK);
    }
    arena_init(&arena, 1 << 24);
    struct form_reading how = {
        .charset = data[0] % 2 == 0 ? CHARSET_GB18030 : CHARSET_UTF8,
        .known = &known,
        .secret = {&names[2], 1},
        .rows = {"r", 1},
        .rows_max = 20,
        .arena = &arena,
    };
    enum err err = form_rows(bytes, &how, &root, &problem);
    tree_require(err == ERR_OK || err == ERR_SYNTAX || (err == ERR_NOMEM && arena.capped));
    tree_require((err == ERR_SYNTAX) == (problem.reason != REASON_NONE));
    if (err == ERR_OK) {
        no_secret(root, names[2]);
    }
    arena_free(&arena);
    return 0;
}
