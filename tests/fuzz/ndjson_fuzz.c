/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as JSON lines: what is wrong with a line is that row's alone. */
#include <stdint.h>

#include "adapt/ndjson.h"
#include "tree_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    const struct problem none = {.reason = REASON_NONE};
    struct node *rows = NULL;
    struct arena arena;
    if (utf8_valid_prefix(text) != text.len) {
        return 0;
    }
    arena_init(&arena, 1 << 24);
    enum err err = ndjson_rows(text, 16, 100, &arena, &rows);
    tree_require(err != ERR_SYNTAX);
    tree_outcome(err, rows, &none, text, &arena);
    uint32_t line = 0;
    for (const struct node *it = err == ERR_OK ? rows->first : NULL; it; it = it->next) {
        tree_require(it->line > line && (!it->bad || it->bad->reason != REASON_NONE));
        line = it->line;
    }
    arena_free(&arena);
    return 0;
}
