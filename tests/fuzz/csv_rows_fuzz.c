/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as CSV: rows are slices of it in order, and know their lines. */
#include <stdint.h>

#include "adapt/csv_rows.h"
#include "tree_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rows_are_in_order(const struct csv_table *table, struct span text)
{
    const char *end = text.at;
    uint32_t line = 0;
    for (const struct node *it = table->rows->first; it; it = it->next) {
        tree_require(it->raw.at >= end && it->line > line);
        tree_require(it->kind == NODE_ARRAY || it->count == table->header->count);
        end = it->raw.at + it->raw.len;
        line = it->line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct problem problem = {.reason = REASON_NONE};
    struct csv_table table = {NULL, NULL};
    struct arena arena;
    if (utf8_valid_prefix(text) != text.len) {
        return 0;
    }
    arena_init(&arena, 1 << 24);
    enum err err = csv_rows(text, ',', &arena, &table, &problem);
    tree_outcome(err, table.rows, &problem, text, &arena);
    if (err == ERR_OK) {
        rows_are_in_order(&table, text);
    }
    arena_free(&arena);
    return 0;
}
