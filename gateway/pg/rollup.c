/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/rollup.h"

#include <stdlib.h>
#include <string.h>

#include "model/civil_time.h"
#include "pg/statements.h"

/* What an authority says of a unit does not do the unit's duty. */
static bool counts(const struct report *r)
{
    return !r->by_org && r->type->rule->has_counts_as_report && r->type->rule->counts_as_report &&
           r->env->op != DUALGATE__V1__OP__CODE__DELETE;
}

static void fill(struct unit_month_row *row, const struct report *r)
{
    struct civil_date day = date_of_time(r->order.observed_us);
    day.day = 1;
    *row = (struct unit_month_row){
        .uscc = rows_text(r->env->uscc),
        .unit = rows_text(r->env->unit),
        .month = date_days(day),
        .sector = rows_text(r->env->sector),
        .division = rows_text(r->township), /* the registered place counts, not the reported one */
        .n = 1,
        .zero = r->env->op == DUALGATE__V1__OP__CODE__ZERO,
    };
}

static int by_key(const void *a, const void *b)
{
    const struct unit_month_row *x = a;
    const struct unit_month_row *y = b;
    int order = strcmp(x->uscc.at, y->uscc.at);
    order = order != 0 ? order : strcmp(x->unit.at, y->unit.at);
    return order != 0 ? order : (x->month > y->month) - (x->month < y->month);
}

enum err rollup_add(const struct plan *p, struct arena *arena, struct rows *out)
{
    struct unit_month_row *all = arena_alloc(arena, p->feed.n * sizeof *all);
    size_t n = 0;
    if (!all) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->feed.n; i++) {
        const struct report *r = &p->feed.at[i]->entry->report;
        if (counts(r)) {
            fill(&all[n++], r);
        }
    }
    qsort(all, n, sizeof *all, by_key);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && by_key(&all[i], &all[i + 1]) == 0) {
            all[i + 1].n += all[i].n;
            all[i + 1].zero += all[i].zero;
        } else {
            rows_add(out, &all[i], NULL);
        }
    }
    return ERR_OK;
}
