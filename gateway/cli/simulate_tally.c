/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_tally.h"

#include <stdio.h>
#include <string.h>

#define COMPLAINTS_MAX 20

static enum verdict verdict_of(const char *text)
{
    for (int v = VERDICT_STORED; text != NULL && v < VERDICT_COUNT; v++) {
        if (strcmp(text, verdict_word((enum verdict)v)) == 0) {
            return (enum verdict)v;
        }
    }
    return VERDICT_NONE;
}

static const char *text_of(const json_t *item, const char *name)
{
    return json_string_value(json_object_get(item, name));
}

static bool is_taken(enum verdict v)
{
    return v == VERDICT_STORED || v == VERDICT_DUPLICATE || v == VERDICT_STALE ||
           v == VERDICT_PARKED;
}

static void complain(struct sim_totals *totals, const struct sim_message *m, size_t index,
                     const json_t *item, enum reason expected)
{
    if (totals->unexpected++ < COMPLAINTS_MAX) {
        const char *reason = text_of(item, "reason");
        const char *text = text_of(item, "text_en");
        const char *verdict = text_of(item, "verdict");
        fprintf(stderr, "%s report %zu: %s %s instead of %s: %s\n", m->topic, index,
                verdict ? verdict : "no verdict", reason ? reason : "",
                expected == REASON_NONE ? "taken" : reason_word(expected), text ? text : "");
    }
}

static void count_item(struct sim_totals *totals, const struct sim_message *m, size_t index,
                       const json_t *item)
{
    enum verdict v = verdict_of(text_of(item, "verdict"));
    const char *word = text_of(item, "reason");
    enum reason reason = word ? reason_of_word(span_of(word)) : REASON_NONE;
    enum reason expected = index == m->wrong ? m->reason : REASON_NONE;
    totals->reports++;
    totals->verdicts[v]++;
    totals->reasons[reason] += reason != REASON_NONE;
    bool right =
        expected == REASON_NONE ? is_taken(v) : v == VERDICT_REJECTED && reason == expected;
    if (!right) {
        complain(totals, m, index, item, expected);
    }
}

void sim_tally_late(struct sim_totals *totals, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        totals->released += verdict_of(text_of(item, "verdict")) == VERDICT_STORED;
    }
}

void sim_tally(struct sim_totals *totals, const struct sim_message *m, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        count_item(totals, m, i, json_array_get(items, i));
    }
    if (json_array_size(items) != m->reports) {
        fprintf(stderr, "%s: a receipt of %zu items for %zu reports\n", m->topic,
                json_array_size(items), m->reports);
        totals->unexpected++;
    }
}
