/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/statement.h"

const struct pg_statement statement_begin = {"begin", "begin isolation level read committed"};
const struct pg_statement statement_commit = {"commit", "commit"};
const struct pg_statement statement_rollback = {"rollback", "rollback"};

const struct pg_statement statement_msg_keys = {
    "msg_keys", "select k.n, m.hash, m.raw_hash, m.ledger_no"
                "  from unnest($1::uuid[], $2::text[]) with ordinality k(msg_id, publisher, n)"
                "  join dg.msg_key m on m.msg_id = k.msg_id and m.publisher = k.publisher"};

const struct pg_statement statement_counter = {
    "counter", "update dg.counter set n = n + $2::int8 where name = $1::text"
               " returning n - $2::int8, clock_timestamp()"};

const struct pg_statement statement_feed_heads = {
    "feed_heads", "select k.n, h.last_seq"
                  "  from unnest($1::text[], $2::text[], $3::text[])"
                  "       with ordinality k(sector, township, record, n)"
                  "  join dg.feed_head h on h.sector = k.sector and h.township = k.township"
                  "   and h.record = k.record"};

const struct pg_statement statement_parked_drop = {
    "parked_drop",
    "with w as (delete from dg.parked where ledger_no = any ($1::int8[]) returning 1)"
    " select dg.expect('parked', $2::int8, (select count(*) from w))"};

const struct pg_statement statement_parked_move = {
    "parked_move", "with w as (update dg.parked p set parent_record = x.record, parent_id = x.id"
                   "  from unnest($1::int8[], $2::text[], $3::text[]) x(no, record, id)"
                   "  where p.ledger_no = x.no returning 1)"
                   " select dg.expect('parked', $4::int8, (select count(*) from w))"};

const struct pg_statement statement_resolve = {
    "resolve", "update dg.ledger l set resolved_verdict = x.verdict, resolved_lane = $3::int4,"
               "       resolved_batch = $4::int8"
               "  from unnest($1::int8[], $2::text[]) x(no, verdict)"
               " where l.ledger_no = x.no"};

const struct pg_statement statement_msg_key_drop = {
    "msg_key_drop", "delete from dg.msg_key m"
                    " using unnest($1::uuid[], $2::text[]) k(msg_id, publisher)"
                    " where m.msg_id = k.msg_id and m.publisher = k.publisher"};

const struct pg_statement statement_batch = {
    "batch",
    "with b as (insert into dg.batch (lane, no, prev_hash, hash, ledger_from, ledger_to, received,"
    "    stored, duplicate, stale, parked, rejected, conflict, released, expired, committed_at)"
    "  values ($1::int4, $2::int8, $3::bytea, $4::bytea, $5::int8, $6::int8, $7::int4, $8::int4,"
    "    $9::int4, $10::int4, $11::int4, $12::int4, $13::int4, $14::int4, $15::int4,"
    "    clock_timestamp())"
    "  returning committed_at),"
    " l as (update dg.lane set batch_no = $2::int8, batch_hash = $4::bytea,"
    "    received = received + $7::int4, stored = stored + $8::int4,"
    "    duplicate = duplicate + $9::int4, stale = stale + $10::int4,"
    "    parked = parked + $11::int4, rejected = rejected + $12::int4,"
    "    conflict = conflict + $13::int4, released = released + $14::int4,"
    "    expired = expired + $15::int4"
    "  where lane = $1::int4 and batch_no = $2::int8 - 1"
    "  returning 1)"
    " select b.committed_at, dg.expect('lane', 1, (select count(*) from l)) from b"};

const struct pg_statement statement_sweep_end = {
    "sweep_end", "select max(p.ledger_no), (select count(*) from dg.parked)"
                 "  from (select ledger_no from dg.parked where ledger_no > $1::int8"
                 "         order by ledger_no limit $2::int4) p"};
