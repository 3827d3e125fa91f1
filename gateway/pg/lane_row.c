/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/lane_row.h"

#include <string.h>

#include "pg/binary.h"
#include "pg/lane_count.h"
#include "pg/result.h"
#include "pg/statements.h"

/* Tables grow from nothing to millions under one prepared plan: it must be the nested loop over the
 * keys' index from the first day on. */
static const struct pg_statement session_settings = {
    NULL, "select set_config('plan_cache_mode', 'force_generic_plan', false),"
          "       set_config('enable_seqscan', 'off', false),"
          "       set_config('enable_bitmapscan', 'off', false),"
          "       set_config('enable_hashjoin', 'off', false),"
          "       set_config('enable_mergejoin', 'off', false),"
          "       set_config('jit', 'off', false)"};

static const struct pg_statement statement_lock = {
    NULL, "select pg_try_advisory_lock(hashtext('dualgate.lane'), $1::int4)"};

static const struct pg_statement statement_create = {
    NULL, "insert into dg.lane (lane) values ($1::int4) on conflict do nothing"};

static const struct pg_statement statement_row = {
    NULL, "select client_id, batch_no, batch_hash, received, stored, duplicate, stale, parked,"
          "       rejected, conflict, released, expired, (select count(*) from dg.parked)"
          "  from dg.lane where lane = $1::int4"};

enum err lane_row_lock(struct conn *conn, int32_t lane, conn_done done, void *arg)
{
    uint8_t number[4];
    binary_int4(number, lane);
    struct pg_param param = {number, sizeof number};
    const struct pg_step steps[] = {{&session_settings, NULL, 0}, {&statement_lock, &param, 1}};
    return conn_send(conn, steps, 2, 0, done, arg);
}

bool lane_row_locked(const struct pg_reply *reply, bool *ours)
{
    return reply->err == ERR_OK && result_bool(reply->results[1], 0, 0, ours);
}

enum err lane_row_load(struct conn *conn, int32_t lane, conn_done done, void *arg)
{
    uint8_t number[4];
    binary_int4(number, lane);
    struct pg_param param = {number, sizeof number};
    const struct pg_step steps[] = {
        {&statement_create, &param, 1},
        {&statement_row, &param, 1},
        {&tables_select, NULL, 0},
        {&statement_lane_counts, &param, 1},
    };
    return conn_send(conn, steps, sizeof steps / sizeof *steps, 0, done, arg);
}

static bool take_totals(const struct pg_result *r, struct lane_totals *t)
{
    return result_int(r, 0, 3, &t->received) && result_int(r, 0, 4, &t->stored) &&
           result_int(r, 0, 5, &t->duplicate) && result_int(r, 0, 6, &t->stale) &&
           result_int(r, 0, 7, &t->parked) && result_int(r, 0, 8, &t->rejected) &&
           result_int(r, 0, 9, &t->conflict) && result_int(r, 0, 10, &t->released) &&
           result_int(r, 0, 11, &t->expired);
}

enum err lane_row_take(const struct pg_reply *reply, struct lane_row *out)
{
    const struct pg_result *r = reply->results[1];
    struct span id;
    struct span hash;
    *out = (struct lane_row){.parked_now = 0};
    if (!result_text(r, 0, 0, &id) || id.len > LANE_ROW_CLIENT_ID_MAX ||
        !result_int(r, 0, 1, &out->last.no) || !result_bytes(r, 0, 2, &hash) ||
        hash.len > DIGEST_BYTES || !take_totals(r, &out->totals) ||
        !result_int(r, 0, 12, &out->parked_now)) {
        return ERR_FATAL;
    }
    memcpy(out->client_id, id.at, id.len);
    memcpy(out->last.hash, hash.at, hash.len);
    out->last.hash_len = hash.len;
    out->counts = reply->results[3];
    return ERR_OK;
}

const struct pg_result *lane_row_catalogue(const struct pg_reply *reply)
{
    return reply->results[2];
}
