/* SPDX-License-Identifier: Apache-2.0 */
/* Counters, gauges and histograms by name, written out in Prometheus' text format 0.0.4.
 * One registry for the process; a metric is made once and kept as a pointer by its user. */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdint.h>

#include "base/buf.h"

struct metric;

/* labels: `verdict="stored"` or "". The same name and labels give the same metric. NULL only when
 * out of memory; every function takes NULL and does nothing. name and help must be literals or live
 * for ever; labels are copied. */
struct metric *metric_counter(const char *name, const char *labels, const char *help);
struct metric *metric_gauge(const char *name, const char *labels, const char *help);
/* bounds: n ascending upper limits, kept by the caller. */
struct metric *metric_histogram(const char *name, const char *labels, const char *help,
                                const double *bounds, int n);

void metric_add(struct metric *m, double v);
void metric_set(struct metric *m, double v);
void metric_observe(struct metric *m, double v);
double metric_value(const struct metric *m);

/* All metrics, grouped by name with one HELP and TYPE each. */
void metric_render(struct buf *out);
/* Frees all; pointers are dead afterwards. */
void metric_free_all(void);

#endif
