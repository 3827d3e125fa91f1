/* SPDX-License-Identifier: Apache-2.0 */
/* The registry: a list in which metrics of one name stand side by side, so that rendering is one
 * walk. A handful of hundreds are expected; making one is a linear search, using one is an
 * addition. Not for several threads at once. */
#include "base/metric.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

enum kind { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

struct metric {
    struct metric *next;
    enum kind kind;
    const char *name;
    char *labels;
    const char *help;
    double value; /* of a histogram: the sum of what was observed */

    const double *bounds;
    int n;
    uint64_t counts[]; /* n + 1: per bucket, not cumulated; the last is above every bound */
};

static struct metric *registry;

/* Where a metric of this name goes: after its last namesake, or at the end. Sets *found if it is
 * there already. */
static struct metric **place_of(const char *name, const char *labels, struct metric **found)
{
    struct metric **at = &registry;
    struct metric **place = NULL;
    *found = NULL;
    for (; *at; at = &(*at)->next) {
        if (strcmp((*at)->name, name) == 0) {
            place = &(*at)->next;
            if (strcmp((*at)->labels, labels) == 0) {
                *found = *at;
            }
        }
    }
    return place ? place : at;
}

static struct metric *make(enum kind kind, const char *name, const char *labels, const char *help,
                           int n)
{
    struct metric *m;
    struct metric **place = place_of(name, labels, &m);
    if (m) {
        return m->kind == kind ? m : NULL;
    }
    size_t buckets = kind == KIND_HISTOGRAM ? (size_t)n + 1 : 0;
    m = mem_zalloc(sizeof(*m) + buckets * sizeof(m->counts[0]));
    char *kept = mem_strdup(labels);
    if (!m || !kept) {
        mem_free(m);
        mem_free(kept);
        return NULL;
    }
    m->kind = kind;
    m->name = name;
    m->labels = kept;
    m->help = help;
    m->next = *place;
    *place = m;
    return m;
}

struct metric *metric_counter(const char *name, const char *labels, const char *help)
{
    return make(KIND_COUNTER, name, labels, help, 0);
}

struct metric *metric_gauge(const char *name, const char *labels, const char *help)
{
    return make(KIND_GAUGE, name, labels, help, 0);
}

struct metric *metric_histogram(const char *name, const char *labels, const char *help,
                                const double *bounds, int n)
{
    struct metric *m = make(KIND_HISTOGRAM, name, labels, help, n);
    if (m && !m->bounds) {
        m->bounds = bounds;
        m->n = n;
    }
    return m;
}

void metric_add(struct metric *m, double v)
{
    if (m) {
        m->value += v;
    }
}

void metric_set(struct metric *m, double v)
{
    if (m) {
        m->value = v;
    }
}

void metric_observe(struct metric *m, double v)
{
    if (!m || m->kind != KIND_HISTOGRAM) {
        return;
    }
    int i = 0;
    while (i < m->n && v > m->bounds[i]) {
        i++;
    }
    m->counts[i]++;
    m->value += v;
}

double metric_value(const struct metric *m)
{
    return m ? m->value : 0;
}

static void put_number(struct buf *out, double v)
{
    if (isinf(v)) {
        buf_puts(out, v > 0 ? "+Inf" : "-Inf");
    } else if (v >= -1e15 && v <= 1e15 && v == (double)(int64_t)v) {
        buf_printf(out, "%.0f", v);
    } else {
        buf_printf(out, "%.15g", v);
    }
}

static void put_sample(struct buf *out, const struct metric *m, const char *suffix, double v)
{
    buf_printf(out, m->labels[0] ? "%s%s{%s} " : "%s%s%s ", m->name, suffix, m->labels);
    put_number(out, v);
    buf_putc(out, '\n');
}

static void put_bucket(struct buf *out, const struct metric *m, double bound, uint64_t count)
{
    buf_printf(out, "%s_bucket{%s%sle=\"", m->name, m->labels, m->labels[0] ? "," : "");
    put_number(out, bound);
    buf_puts(out, "\"} ");
    put_number(out, (double)count);
    buf_putc(out, '\n');
}

static void put_histogram(struct buf *out, const struct metric *m)
{
    uint64_t below = 0;
    for (int i = 0; i < m->n; i++) {
        below += m->counts[i];
        put_bucket(out, m, m->bounds[i], below);
    }
    below += m->counts[m->n];
    put_bucket(out, m, HUGE_VAL, below);
    put_sample(out, m, "_sum", m->value);
    put_sample(out, m, "_count", (double)below);
}

void metric_render(struct buf *out)
{
    static const char *const type[] = {"counter", "gauge", "histogram"};
    const char *name = "";
    for (const struct metric *m = registry; m; m = m->next) {
        if (strcmp(name, m->name) != 0) {
            name = m->name;
            buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, m->help, name, type[m->kind]);
        }
        if (m->kind == KIND_HISTOGRAM) {
            put_histogram(out, m);
        } else {
            put_sample(out, m, "", m->value);
        }
    }
}

void metric_free_all(void)
{
    while (registry) {
        struct metric *m = registry;
        registry = m->next;
        mem_free(m->labels);
        mem_free(m);
    }
}
