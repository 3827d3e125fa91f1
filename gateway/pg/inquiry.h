/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan wants to know, as steps of one request, and the answers back into the plan: which
 * identities are claimed, which records are known, who waits for those that this batch may store,
 * what was ever said about a hazard when something older than its head comes. Parked reports that
 * are found join the plan and raise new questions, so it is asked again until there are none: one
 * round for a batch without parked children. Not for: deciding, transactions.
 */
#ifndef PG_INQUIRY_H
#define PG_INQUIRY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "pg/plan.h"
#include "pg/statements.h"

/* What of the parked ones a sweep looks at. */
enum sweep_part { SWEEP_NONE, SWEEP_READY = 1, SWEEP_EXPIRED = 2, SWEEP_BOTH = 3 };

enum ask_kind { ASK_MSGS, ASK_HEADS, ASK_PARKED, ASK_SWEEP_END, ASK_ATTACHED, ASK_PAST };

struct ask {
    enum ask_kind kind;
    size_t type;              /* ASK_HEADS: index of the record type */
    size_t first;             /* the first one asked about */
    struct plan_life **lives; /* ASK_PAST: those asked about */
    size_t n_lives;
};

struct inquiry {
    const struct schema *schema;
    struct arena *arena; /* of the batch; parked rows live in it */
    struct buf scratch;
    struct pg_step *steps;
    struct ask *asks;
    size_t n;
    struct map seen; /* parked rows by ledger number */
    size_t n_parked;
    bool attached; /* what the reports name by hash was asked for */
    bool past;     /* what was said before about some life was asked for */

    /* of a sweep */
    int64_t sweep_last; /* last ledger number looked at; 0: past the end */
    int64_t parked_now; /* parked reports of the node; -1: not asked */
    uint32_t life_events_max;
};

struct inquiry_options {
    bool waiting;          /* look for those who wait */
    uint32_t parked_max;   /* and take no more of them */
    enum sweep_part sweep; /* in this round */
    int64_t sweep_after;
    uint32_t sweep_rows;
    uint32_t life_events_max; /* of one life's past */
};

MUST_CHECK enum err inquiry_init(struct inquiry *p, const struct schema *schema,
                                 struct arena *arena, size_t max_bytes);
void inquiry_free(struct inquiry *p);
void inquiry_reset(struct inquiry *p);
/* p->n steps; none: everything is known. Parameters live in the arena. ERR_NOMEM. */
MUST_CHECK enum err inquiry_make(struct inquiry *p, struct plan *plan, const struct statements *s,
                                 const struct inquiry_options *options);
/* results: one for each step. ERR_NOMEM; ERR_FATAL when a result is not of the expected shape. */
MUST_CHECK enum err inquiry_take(struct inquiry *p, struct plan *plan,
                                 struct pg_result *const *results);
/* Parameters in the arena; false when it is exhausted. A bigint; the topics of a plan as three
 * arrays. */
MUST_CHECK bool inquiry_number(struct inquiry *p, int64_t v, struct pg_param *out);
MUST_CHECK bool inquiry_topics(struct inquiry *p, const struct plan *plan, struct pg_param out[3]);

#endif
