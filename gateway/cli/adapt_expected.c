/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/adapt_expected.h"

#include <jansson.h>
#include <stdio.h>

#include "model/json_write.h"

static void print_expected(json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_malloc_t take = NULL;
    json_free_t release = NULL;
    json_get_alloc_funcs(&take, &release);
    puts(text ? text : "");
    release(text);
    json_decref(line);
}

static void expect_problem(const struct problem *p)
{
    json_t *line = json_object();
    (void)json_object_set_new(line, "rejected", json_string(reason_word(p->reason)));
    if (p->field) {
        (void)json_object_set_new(line, "field", json_string(p->field));
    }
    if (p->value) {
        (void)json_object_set_new(line, "value", json_string(p->value));
    }
    print_expected(line);
}

/* Of the envelope what tells reports apart. */
static void expect_report(const struct schema *schema, const struct report *r)
{
    static const char *const members[] = {"record", "op", "uscc", "unit", "observed_at"};
    struct buf text;
    buf_init(&text, 0);
    json_write_report(schema, r->env, JSON_OPEN, &text);
    json_t *all = json_loadb(buf_text(&text), text.len, 0, NULL);
    json_t *line = json_object();
    json_t *warnings = json_array();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_t *value = json_object_get(all, members[i]);
        if (value) {
            (void)json_object_set(line, members[i], value);
        }
    }
    for (const struct warning *w = r->warnings; w; w = w->next) {
        (void)json_array_append_new(warnings, json_string(w->text));
    }
    (void)json_object_set_new(line, "warnings", warnings);
    (void)json_object_set(line, "body", json_object_get(all, "body"));
    print_expected(line);
    json_decref(all);
    buf_free(&text);
}

bool adapt_expected_print(const struct schema *schema, const struct report_set *set)
{
    bool taken = set->problem.reason == REASON_NONE;
    if (!taken) {
        expect_problem(&set->problem);
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct problem *p = &set->items[i].problem;
        if (p->reason == REASON_NONE) {
            expect_report(schema, &set->items[i]);
        } else {
            expect_problem(p);
            taken = false;
        }
    }
    return taken;
}
