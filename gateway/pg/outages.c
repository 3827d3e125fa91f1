/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/outages.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "pg/binary.h"

#define PARAMS 5

/* The lane's last batch, well after the outage began: another gateway had taken over. A commit that
 * was under way when the connection broke is not meant. */
static const struct pg_statement statement_insert = {
    NULL, "insert into dg.outage (lane, what, from_at, to_at, detail)"
          " select $1::int4, $2::text, o.from_at, o.to_at, $5::text"
          "   from (select timestamptz 'epoch' + $3::int8 * interval '1 microsecond' as from_at,"
          "                timestamptz 'epoch' + $4::int8 * interval '1 microsecond' as to_at) o"
          "  where not exists ("
          "        select from (select committed_at from dg.batch where lane = $1::int4"
          "                      order by no desc limit 1) b"
          "         where b.committed_at between o.from_at + interval '10 seconds' and o.to_at)"};

void outages_add(struct outages *o, const char *what, int64_t from_us, int64_t to_us,
                 const char *detail)
{
    if (o->n == OUTAGES_MAX) {
        o->at[o->n - 1].to_us = to_us;
        return;
    }
    struct outage *new = &o->at[o->n++];
    *new = (struct outage){.from_us = from_us, .to_us = to_us};
    (void)snprintf(new->what, sizeof new->what, "%s", what);
    (void)snprintf(new->detail, sizeof new->detail, "%s", detail);
    new->detail[utf8_valid_prefix(span_of(new->detail))] = '\0';
}

static void put_int8(uint8_t out[8], int64_t v)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
    }
}

enum err outages_send(struct outages *o, struct conn *conn, int32_t lane, conn_done done, void *arg)
{
    struct pg_step steps[OUTAGES_MAX];
    struct pg_param params[OUTAGES_MAX][PARAMS];
    uint8_t numbers[OUTAGES_MAX][2][8];
    uint8_t number[4];
    binary_int4(number, lane);
    for (size_t i = 0; i < o->n; i++) {
        const struct outage *one = &o->at[i];
        put_int8(numbers[i][0], one->from_us);
        put_int8(numbers[i][1], one->to_us);
        const struct pg_param row[PARAMS] = {{number, sizeof number},
                                             {one->what, strlen(one->what)},
                                             {numbers[i][0], 8},
                                             {numbers[i][1], 8},
                                             {one->detail, strlen(one->detail)}};
        memcpy(params[i], row, sizeof row);
        steps[i] = (struct pg_step){&statement_insert, params[i], PARAMS};
    }
    enum err e = conn_send(conn, steps, o->n, 0, done, arg);
    o->sent = e == ERR_OK ? o->n : 0;
    return e;
}

void outages_sent(struct outages *o)
{
    o->n -= o->sent;
    memmove(o->at, o->at + o->sent, o->n * sizeof o->at[0]);
    o->sent = 0;
}
