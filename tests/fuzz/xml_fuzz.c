/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as XML, whatever it says of entities and encodings. */
#include <stdint.h>

#include "adapt/xml_tree.h"
#include "tree_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct problem problem = {.reason = REASON_NONE};
    struct node *root = NULL;
    struct arena arena;
    struct span name = xml_declared_encoding(text);
    tree_require(!name.at || (name.at > text.at && name.at + name.len < text.at + text.len));
    if (utf8_valid_prefix(text) != text.len) {
        return 0;
    }
    arena_init(&arena, 1 << 24);
    enum err err = xml_tree(text, 16, &arena, &root, &problem);
    tree_outcome(err, root, &problem, text, &arena);
    if (err == ERR_OK) {
        tree_require(root->count == 1 && root->first->raw.len > 0);
    }
    arena_free(&arena);
    return 0;
}
