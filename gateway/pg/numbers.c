/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/numbers.h"

#include <string.h>

#include "pg/result.h"
#include "pg/statement.h"

/* Counter rows in the order in which every lane takes them. */
static const char *const counters[] = {"ledger", "feed"};
enum { COUNTER_LEDGER, COUNTER_FEED, COUNTERS };

bool numbers_wanted(const struct plan *p)
{
    return p->claims.n + p->feed.n > 0;
}

enum err numbers_ask(struct conn *conn, const struct plan *p, struct inquiry *inquiry,
                     uint32_t timeout_ms, conn_done done, void *arg)
{
    const size_t wanted[COUNTERS] = {p->claims.n, p->feed.n};
    struct pg_param params[COUNTERS][2];
    struct pg_param topics[3];
    struct pg_step steps[COUNTERS + 1];
    size_t n = 0;
    for (int i = 0; i < COUNTERS; i++) {
        if (wanted[i] > 0) {
            params[i][0] = (struct pg_param){counters[i], strlen(counters[i])};
            if (!inquiry_number(inquiry, (int64_t)wanted[i], &params[i][1])) {
                return ERR_NOMEM;
            }
            steps[n++] = (struct pg_step){&statement_counter, params[i], 2};
        }
    }
    if (p->n_topics > 0) {
        if (!inquiry_topics(inquiry, p, topics)) {
            return ERR_NOMEM;
        }
        steps[n++] = (struct pg_step){&statement_feed_heads, topics, 3};
    }
    return conn_send(conn, steps, n, timeout_ms, done, arg);
}

enum err numbers_take(struct plan *p, const struct pg_reply *reply, int64_t *accepted_us)
{
    const size_t wanted[COUNTERS] = {p->claims.n, p->feed.n};
    int64_t before[COUNTERS] = {0, 0};
    size_t step = 0;
    for (int i = 0; i < COUNTERS; i++) {
        if (wanted[i] == 0) {
            continue;
        }
        if (!result_int(reply->results[step], 0, 0, &before[i]) ||
            !result_time(reply->results[step], 0, 1, accepted_us)) {
            return ERR_FATAL;
        }
        step++;
    }
    for (size_t row = 0; p->n_topics > 0 && row < result_rows(reply->results[step]); row++) {
        int64_t n = 0;
        int64_t seq = 0;
        if (!result_int(reply->results[step], row, 0, &n) ||
            !result_int(reply->results[step], row, 1, &seq) || n < 1 || (size_t)n > p->n_topics) {
            return ERR_FATAL;
        }
        p->topics[n - 1]->last_seq = seq;
    }
    plan_number(p, before[COUNTER_LEDGER], before[COUNTER_FEED]);
    return ERR_OK;
}
