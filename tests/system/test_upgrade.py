# SPDX-License-Identifier: Apache-2.0
"""A database of the first schema, with reports in it, becomes one of the newest and goes on."""

import os

from lib import reports
from lib.district import District
from lib.gateway import Gateway, cli
from lib.publisher import Publisher

# The migrations of the first release. Never raise this: it is what old databases have.
FIRST_SCHEMA = 2
REPORTS = 1000

# As the first release wrote them: claimed, in the ledger, as head and as history.
OLD_REPORTS = """
with made as (
    select n, gen_random_uuid() as msg_id, lpad(to_hex(n), 32, '0') as id, sha256(n::text::bytea) as hash,
           timestamptz '2020-10-01 08:00+08' + n * interval '1 minute' as at
      from generate_series(1, {n}) n),
claimed as (
    insert into dg.msg_key (msg_id, publisher, hash, raw_hash, ledger_no)
    select msg_id, '{uscc}', hash, hash, n from made),
noted as (
    insert into dg.ledger (ledger_no, received_at, observed_at, lane, batch_no, msg_id, publisher, record, op,
                           uscc, id, division, sector, verdict, hash, raw_hash)
    select n, at, at, 1, 1, msg_id, '{uscc}', 'hazard', 'UPSERT', '{uscc}', id, '{division}', 'hazchem',
           'stored', hash, hash from made),
history as (
    insert into exchange.hazard_history (uscc, id, unit, division, sector, township, name, level, state,
                                         observed_at, source_system, source_seq, state_rank, ledger_no, deleted,
                                         id_as_sent, origin_node, op)
    select '{uscc}', id, '', '{division}', 'hazchem', '{division}', '隐患' || n, 'GENERAL', 'RECTIFYING',
           at, '', 0, 30, n, false, id, '410411', 'UPSERT' from made)
insert into exchange.hazard (uscc, id, unit, division, sector, township, name, level, state,
                             observed_at, source_system, source_seq, state_rank, ledger_no, deleted,
                             id_as_sent, origin_node)
select '{uscc}', id, '', '{division}', 'hazchem', '{division}', '隐患' || n, 'GENERAL', 'RECTIFYING',
       at, '', 0, 30, n, false, id, '410411' from made
"""


def heads(db):
    return db.execute("select uscc, id, name, level, state, observed_at, ledger_no from exchange.hazard"
                      " where ledger_no <= %s order by 1, 2", (REPORTS,)).fetchall()


def test_first_schema_with_a_thousand_reports_becomes_the_newest(down_stack, place):
    stack = down_stack
    stack.up(migrated=False, fsync=False, environment={}, only=("pg", "broker", "watch"))
    cli(stack, "migrate", "--to", str(FIRST_SCHEMA))
    district = District(stack)
    entity = district.one()
    with stack.connect() as db:
        db.execute("update dg.counter set n = %s where name = 'ledger'", (REPORTS,))
        db.execute(OLD_REPORTS.format(n=REPORTS, uscc=entity.uscc, division=entity.division))
        before = heads(db)
        assert len(before) == REPORTS
        done = cli(stack, "migrate", "--list")
        assert "applied" in done.stdout
        cli(stack, "migrate")
        assert heads(db) == before

        gateway = Gateway(stack, os.path.join(place, "gateway"))
        publisher = Publisher(stack, entity.uscc).connect()
        try:
            gateway.start()
            gateway.wait_ready()
            old = before[6]
            newer = reports.hazard(entity.uscc, id=old[1], name="新的")
            item = publisher.send(newer)
            assert (item["verdict"], item["ledger_no"]) == ("stored", REPORTS + 1)
            assert db.execute("select name from exchange.hazard where id = %s", (old[1],)).fetchone()[0] == "新的"
            older = reports.hazard(entity.uscc, {"observed_at": "2019-01-01T08:00:00+08:00"},
                                   id=before[7][1], found_at="2019-01-01T08:00:00+08:00")
            assert publisher.send(older)["verdict"] == "stale"
        finally:
            publisher.close()
            gateway.end()
