/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/ndjson.h"

#include "adapt/json_tree.h"

static enum err bad_row(uint32_t line, const struct problem *problem, struct arena *arena,
                        struct node **out)
{
    struct problem *bad = arena_alloc(arena, sizeof *bad);
    struct node *row = node_new(arena, NODE_NULL);
    const char *place = arena_printf(arena, "[line %u]", line);
    if (!bad || !row || !place) {
        return ERR_NOMEM;
    }
    *bad = *problem;
    bad->field = place;
    row->bad = bad;
    *out = row;
    return ERR_OK;
}

static enum err read_line(struct span text, uint32_t line, unsigned depth_max, struct arena *arena,
                          struct node *rows)
{
    struct node *row = NULL;
    struct problem problem = {.reason = REASON_NONE};
    enum err err = json_tree(text, depth_max, arena, &row, &problem);
    if (err == ERR_SYNTAX) {
        err = bad_row(line, &problem, arena, &row);
    }
    if (err == ERR_OK) {
        row->line = line;
        row->raw = text;
        node_append(rows, row);
    }
    return err;
}

enum err ndjson_rows(struct span text, unsigned depth_max, size_t rows_max, struct arena *arena,
                     struct node **out)
{
    uint32_t line = 0;
    enum err err = ERR_OK;
    *out = node_new(arena, NODE_ARRAY);
    if (!*out) {
        return ERR_NOMEM;
    }
    for (struct span rest = text; rest.at && err == ERR_OK && (*out)->count < rows_max;) {
        struct span physical = span_trim(span_cut(&rest, '\n'));
        line++;
        if (physical.len > 0) {
            err = read_line(physical, line, depth_max, arena, *out);
        }
    }
    return err;
}
