/* SPDX-License-Identifier: Apache-2.0 */
/* Finds which of n things make a whole fail, by trying parts of it: halving, each part together
 * with all that stands before it and was found good, because a thing may depend on an earlier one.
 * For: which part to try next. Not for: trying. Promises: as long as the whole fails for the things
 * in it, at least one is found; k culprits of n need about k·log2(n) tries. */
#ifndef PG_BISECT_H
#define PG_BISECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define BISECT_DEPTH 128

struct bisect_range {
    size_t from, to;
    bool bad;  /* known to fail */
    bool left; /* half of what fails; the other half lies below it on the stack */
};

struct bisect {
    size_t n;
    bool *culprit; /* n of them */
    struct bisect_range stack[BISECT_DEPTH];
    size_t depth;
    struct bisect_range trying;
    size_t found;
};

/* bad: the whole is known to fail. ERR_NOMEM. */
MUST_CHECK enum err bisect_begin(struct bisect *b, size_t n, bool bad);
/* True: try what bisect_takes() says, then bisect_answer(); false: all culprits are found. */
bool bisect_next(struct bisect *b);
/* Is thing i part of the try? */
bool bisect_takes(const struct bisect *b, size_t i);
void bisect_answer(struct bisect *b, bool failed);
void bisect_end(struct bisect *b);

#endif
