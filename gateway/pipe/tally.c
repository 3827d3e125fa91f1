/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/tally.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/metric.h"
#include "base/utf8.h"

#define WORD_CHARS_MAX ((size_t)64)
/* Two labels with their words; every byte of an adapter's name may need a backslash. */
#define LABELS_CHARS_MAX (4 * WORD_CHARS_MAX + 32)

struct row {
    struct span adapter, verdict, reason; /* in key */
    struct metric *reports, *rejections;
    int64_t n, shown;
    size_t key_len;
    char key[];
};

void tally_init(struct tally *t)
{
    map_init(&t->rows);
}

void tally_free(struct tally *t)
{
    size_t at = 0;
    for (const struct map_slot *s; (s = map_next(&t->rows, &at)) != NULL;) {
        mem_free(s->value);
    }
    map_free(&t->rows);
}

/* Names of adapters come from the register, where anything may stand. */
static struct span clip(struct span word)
{
    word.len = word.len > WORD_CHARS_MAX ? WORD_CHARS_MAX : word.len;
    word.len = utf8_valid_prefix(word);
    return word;
}

static size_t write_key(struct span a, struct span v, struct span r, char *out, size_t size)
{
    int n = snprintf(out, size, "%.*s\n%.*s\n%.*s", SPAN_ARG(a), SPAN_ARG(v), SPAN_ARG(r));
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static struct row *row_new(const char *key, size_t len, struct span a, struct span v)
{
    struct row *row = mem_zalloc(sizeof *row + len + 1);
    if (row == NULL) {
        return NULL;
    }
    memcpy(row->key, key, len);
    row->key_len = len;
    row->adapter = (struct span){row->key, a.len};
    row->verdict = (struct span){row->key + a.len + 1, v.len};
    size_t before = a.len + v.len + 2;
    row->reason = (struct span){row->key + before, len - before};
    return row;
}

enum err tally_set(struct tally *t, struct span adapter, struct span verdict, struct span reason,
                   int64_t n)
{
    char key[3 * WORD_CHARS_MAX + 3];
    adapter = clip(adapter);
    verdict = clip(verdict);
    size_t len = write_key(adapter, verdict, clip(reason), key, sizeof key);
    struct row *row = map_get(&t->rows, (struct span){key, len});
    if (row == NULL) {
        row = row_new(key, len, adapter, verdict);
        if (row == NULL || map_put(&t->rows, (struct span){row->key, len}, row) != ERR_OK) {
            mem_free(row);
            return ERR_NOMEM;
        }
    }
    row->n = n;
    return ERR_OK;
}

/* name="value", in Prometheus' escapes. */
static size_t put_label(char *out, size_t at, const char *name, struct span value)
{
    at += (size_t)snprintf(out + at, LABELS_CHARS_MAX - at, "%s%s=\"", at > 0 ? "," : "", name);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '"' || c == '\\') {
            out[at++] = '\\';
        }
        out[at++] = c == '\n' ? ' ' : c;
    }
    out[at++] = '"';
    return at;
}

static struct metric *counter(const char *name, const char *help, const struct row *row,
                              const char *second, struct span word)
{
    char labels[LABELS_CHARS_MAX];
    size_t len = put_label(labels, 0, "adapter", row->adapter);
    len = put_label(labels, len, second, word);
    labels[len] = '\0';
    return metric_counter(name, labels, help);
}

static void make_metrics(struct row *row)
{
    if (row->reports == NULL) {
        row->reports =
            counter("dualgate_adapter_reports_total", "Reports that ended, by adapter and verdict",
                    row, "verdict", row->verdict);
    }
    if (row->rejections == NULL && row->reason.len > 0) {
        row->rejections =
            counter("dualgate_rejections_total", "Rejected reports by adapter and reason", row,
                    "reason", row->reason);
    }
}

void tally_show(struct tally *t)
{
    size_t at = 0;
    for (const struct map_slot *s; (s = map_next(&t->rows, &at)) != NULL;) {
        struct row *row = s->value;
        if (row->n == row->shown) {
            continue;
        }
        make_metrics(row);
        if (row->reports == NULL) {
            continue; /* out of memory: next time */
        }
        metric_add(row->reports, (double)(row->n - row->shown));
        metric_add(row->rejections, (double)(row->n - row->shown));
        row->shown = row->n;
    }
}
