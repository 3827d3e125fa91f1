/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/bisect.h"

#include <stdint.h>

#include "base/alloc.h"

enum err bisect_begin(struct bisect *b, size_t n, bool bad)
{
    *b = (struct bisect){.n = n};
    b->culprit = mem_zalloc((n + 1) * sizeof *b->culprit);
    if (!b->culprit) {
        return ERR_NOMEM;
    }
    if (n > 0) {
        b->stack[b->depth++] = (struct bisect_range){0, n, bad, false};
    }
    return ERR_OK;
}

void bisect_end(struct bisect *b)
{
    mem_free(b->culprit);
    *b = (struct bisect){.n = 0};
}

static void split(struct bisect *b, struct bisect_range r)
{
    size_t middle = r.from + (r.to - r.from) / 2;
    b->stack[b->depth++] = (struct bisect_range){middle, r.to, false, false};
    b->stack[b->depth++] = (struct bisect_range){r.from, middle, false, true};
}

bool bisect_next(struct bisect *b)
{
    while (b->depth > 0) {
        struct bisect_range r = b->stack[--b->depth];
        if (!r.bad) {
            b->trying = r;
            return true;
        }
        if (r.to - r.from == 1) {
            b->culprit[r.from] = true;
            b->found++;
        } else {
            split(b, r);
        }
    }
    return false;
}

bool bisect_takes(const struct bisect *b, size_t i)
{
    return i < b->trying.to && !b->culprit[i];
}

/* What lies to the right of a part that fails is not known any better than what lies to the right
 * of that: both are tried as one. */
static void join_pending(struct bisect *b)
{
    if (b->depth < 2) {
        return;
    }
    const struct bisect_range *near = &b->stack[b->depth - 1];
    struct bisect_range *far = &b->stack[b->depth - 2];
    if (!near->bad && !far->bad && far->from == near->to) {
        far->from = near->from;
        b->depth--;
    }
}

/* When the left half of what fails is good, the right one must be bad: it needs no try of its own.
 */
void bisect_answer(struct bisect *b, bool failed)
{
    struct bisect_range r = b->trying;
    if (failed) {
        if (r.left) {
            join_pending(b);
        }
        r.bad = true;
        b->stack[b->depth++] = r;
    } else if (r.left) {
        b->stack[b->depth - 1].bad = true;
    }
}
