/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the JSON of a sector. */
#include <stdint.h>

#include "adapt/json_tree.h"
#include "tree_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct problem problem = {.reason = REASON_NONE};
    struct node *root = NULL;
    struct arena arena;
    arena_init(&arena, 1 << 24);
    enum err err = json_tree(text, 16, &arena, &root, &problem);
    tree_outcome(err, root, &problem, text, &arena);
    arena_free(&arena);
    return 0;
}
