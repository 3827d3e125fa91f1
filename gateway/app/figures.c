/* SPDX-License-Identifier: Apache-2.0 */
#include "app/figures.h"

#include <stdio.h>
#include <string.h>

#include "base/metric.h"

struct figure {
    const char *metric, *labels;
    const char *zh, *en;
};

static const struct figure figures[] = {
    {"dualgate_reports_total", "verdict=\"stored\"", "已入库", "stored"},
    {"dualgate_reports_total", "verdict=\"duplicate\"", "重复", "duplicate"},
    {"dualgate_reports_total", "verdict=\"stale\"", "过时", "stale"},
    {"dualgate_parked_reports", "", "等待上级记录", "parked"},
    {"dualgate_reports_total", "verdict=\"rejected\"", "退回", "rejected"},
    {"dualgate_reports_total", "verdict=\"conflict\"", "冲突", "conflict"},
    {"dualgate_receipts_total", "", "回执已送达", "receipts taken"},
    {"dualgate_feed_items_total", "", "已推送", "fed on"},
};

void figures_say(const char *node, bool english, health_say say, void *arg)
{
    char value[32];
    say(arg, english ? "node" : "节点", node);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const struct figure *f = &figures[i];
        bool gauge = strcmp(f->metric, "dualgate_parked_reports") == 0;
        const struct metric *m = gauge ? metric_gauge(f->metric, f->labels, "")
                                       : metric_counter(f->metric, f->labels, "");
        snprintf(value, sizeof value, "%.0f", metric_value(m));
        say(arg, english ? f->en : f->zh, value);
    }
}
