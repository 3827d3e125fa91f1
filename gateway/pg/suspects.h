/* SPDX-License-Identifier: Apache-2.0 */
/* The reports of a batch of which the database refused something: in which order they are tried,
 * who takes part in a try, what was said of the culprits. For: keeping the halving (pg/bisect.h) in
 * step with the entries of the batch. Not for: trying, and what a refused report becomes
 * (pg/decide.h). Promises: parents are tried before their children; zeroed is empty; what was said
 * lives in the arenas of the messages. */
#ifndef PG_SUSPECTS_H
#define PG_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "pg/bisect.h"
#include "pg/plan.h"
#include "pipe/batch.h"

struct suspects {
    bool trying;
    struct bisect bisect;
    size_t *order;        /* entry numbers in order of decision; what bisect numbers */
    size_t *rank;         /* the inverse */
    const char **refused; /* by entry number: what the database said, or NULL */
    size_t n;             /* entries of the batch; 0 before the first suspicion */
};

/* plan: of the try that failed. bad: nobody but the batch's own reports took part in it. Again
 * after suspects_conclude, if the rest fails, too; suspects_end frees, also after ERR_NOMEM. */
MUST_CHECK enum err suspects_begin(struct suspects *s, const struct batch *batch,
                                   const struct plan *plan, bool bad);
/* True: try those who do not sit out, then suspects_answer; false: all culprits are found. */
bool suspects_next(struct suspects *s);
void suspects_answer(struct suspects *s, bool failed);
/* Says of each culprit found what the database said last; found: how many. ERR_NOMEM. */
MUST_CHECK enum err suspects_conclude(struct suspects *s, const struct batch *batch,
                                      const char *said, size_t *found);
void suspects_end(struct suspects *s);
/* By number of the entry in the batch. */
bool suspects_sits_out(const struct suspects *s, size_t entry);
const char *suspects_refused(const struct suspects *s, size_t entry);
size_t suspects_count(const struct suspects *s);

#endif
