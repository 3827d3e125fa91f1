/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/suspects.h"

#include "base/alloc.h"

static size_t entries_of(const struct batch *b)
{
    size_t n = 0;
    LIST_EACH (it, &b->messages) {
        n += LIST_ITEM(it, struct message, link)->n_entries;
    }
    return n;
}

/* Entry numbers by the order in which they were decided: parents before children. */
static void order_suspects(struct suspects *s, const struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->rank[i] = s->n;
    }
    for (size_t i = 0; i < plan->order.n; i++) {
        size_t place = plan->order.at[i]->place;
        if (place < s->n) {
            s->rank[place] = n;
            s->order[n++] = place;
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->rank[i] == s->n) {
            s->rank[i] = n;
            s->order[n++] = i;
        }
    }
}

enum err suspects_begin(struct suspects *s, const struct batch *batch, const struct plan *plan,
                        bool bad)
{
    if (!s->refused) {
        s->n = entries_of(batch);
        size_t n = s->n + 1;
        s->refused = mem_zalloc(n * sizeof *s->refused);
        s->order = mem_zalloc(n * sizeof *s->order);
        s->rank = mem_zalloc(n * sizeof *s->rank);
        if (!s->refused || !s->order || !s->rank) {
            return ERR_NOMEM;
        }
    }
    order_suspects(s, plan);
    enum err e = bisect_begin(&s->bisect, s->n, bad);
    s->trying = e == ERR_OK;
    return e;
}

bool suspects_next(struct suspects *s)
{
    return bisect_next(&s->bisect);
}

void suspects_answer(struct suspects *s, bool failed)
{
    bisect_answer(&s->bisect, failed);
}

static enum err note_culprits(struct suspects *s, const struct batch *batch, const char *said)
{
    size_t i = 0;
    LIST_EACH (it, &batch->messages) {
        struct message *m = LIST_ITEM(it, struct message, link);
        for (size_t k = 0; k < m->n_entries; k++, i++) {
            if (s->bisect.culprit[s->rank[i]] && !s->refused[i]) {
                s->refused[i] = arena_strdup(&m->arena, said);
                if (!s->refused[i]) {
                    return ERR_NOMEM;
                }
            }
        }
    }
    return ERR_OK;
}

enum err suspects_conclude(struct suspects *s, const struct batch *batch, const char *said,
                           size_t *found)
{
    enum err e = note_culprits(s, batch, said);
    *found = s->bisect.found;
    bisect_end(&s->bisect);
    s->trying = false;
    return e;
}

void suspects_end(struct suspects *s)
{
    if (s->trying) {
        bisect_end(&s->bisect);
        s->trying = false;
    }
    mem_free(s->order);
    mem_free(s->rank);
    mem_free(s->refused);
    s->order = s->rank = NULL;
    s->refused = NULL;
    s->n = 0;
}

bool suspects_sits_out(const struct suspects *s, size_t entry)
{
    return s->trying && (s->refused[entry] || !bisect_takes(&s->bisect, s->rank[entry]));
}

const char *suspects_refused(const struct suspects *s, size_t entry)
{
    return s->refused ? s->refused[entry] : NULL;
}

size_t suspects_count(const struct suspects *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        n += s->refused[i] != NULL;
    }
    return n;
}
