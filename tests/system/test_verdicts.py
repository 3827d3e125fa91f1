# SPDX-License-Identifier: Apache-2.0
"""All six verdicts, on real servers: what becomes of a report that came before, late, early or wrong."""

import copy
import json

import pytest

from lib import reports
from lib.wait import wait_until


@pytest.fixture
def publisher(gateway, district, connect):
    return connect(district.one().uscc)


@pytest.fixture
def uscc(district):
    return district.one().uscc


def head(db, record, report):
    return db.execute("select * from exchange.%s where uscc = %%s and id = %%s" % record,
                      (report["uscc"], report["body"]["id"])).fetchone()


def hazard_name(db, report):
    row = db.execute("select name from exchange.hazard where uscc = %s and id = %s",
                     (report["uscc"], report["body"]["id"])).fetchone()
    return row and row[0]


def ledger_is_dense(db):
    numbers = [n for n, in db.execute("select ledger_no from dg.ledger order by 1")]
    return numbers == list(range(1, len(numbers) + 1))


def test_same_report_twice_is_a_duplicate_with_the_first_number(publisher, uscc, db):
    hazard = reports.hazard(uscc)
    first = publisher.send(hazard)
    publisher.publish(hazard)
    second = publisher.wait_item(hazard, count=2)
    assert (first["verdict"], second["verdict"]) == ("stored", "duplicate")
    assert second["ledger_no"] == first["ledger_no"]
    assert second["hash"] == first["hash"]
    assert db.execute("select count(*) from exchange.report").fetchone()[0] == 1


def test_same_content_written_otherwise_is_a_duplicate_too(publisher, uscc):
    hazard = reports.hazard(uscc)
    publisher.send(hazard)
    other = copy.deepcopy(hazard)
    other["body"] = dict(reversed(list(hazard["body"].items())))
    other["body"]["id"] = hazard["body"]["id"].upper()
    other["sent_at"] = reports.stamp()
    publisher.publish(other)
    assert publisher.wait_item(hazard, count=2)["verdict"] == "duplicate"


def test_same_report_twice_in_one_message(publisher, uscc, db):
    hazard = reports.hazard(uscc)
    publisher.publish([hazard, hazard])
    publisher.wait_items(hazard, count=2)
    items = publisher.receipts[0][1]["items"]
    assert [item["verdict"] for item in items] == ["stored", "duplicate"]
    assert items[0]["ledger_no"] == items[1]["ledger_no"]
    assert db.execute("select count(*) from exchange.hazard_history").fetchone()[0] == 1


def test_older_after_newer_is_stale_and_the_head_stays(publisher, uscc, db):
    hazard_id = reports.new_id()
    newer = reports.hazard(uscc, {"observed_at": reports.stamp(ago=60)}, id=hazard_id, name="新")
    older = reports.hazard(uscc, {"observed_at": reports.stamp(ago=600)}, id=hazard_id, name="旧")
    assert publisher.send(newer)["verdict"] == "stored"
    assert publisher.send(older)["verdict"] == "stale"
    assert hazard_name(db, newer) == "新"
    assert db.execute("select count(*) from exchange.hazard_history where id = %s",
                      (hazard_id,)).fetchone()[0] == 2


def test_both_versions_in_one_message_leave_the_newer(publisher, uscc, db):
    hazard_id = reports.new_id()
    versions = [reports.hazard(uscc, {"observed_at": reports.stamp(ago=ago)}, id=hazard_id, name=name)
                for ago, name in ((300, "二"), (600, "一"), (60, "三"))]
    items = publisher.send(versions)
    assert [item["verdict"] for item in items] == ["stored", "stale", "stored"]
    assert hazard_name(db, versions[0]) == "三"


def test_same_time_is_ordered_by_source_sequence(publisher, uscc, db):
    hazard_id, at = reports.new_id(), reports.stamp(ago=60)
    for seq, verdict in ((2, "stored"), (1, "stale"), (3, "stored")):
        report = reports.hazard(uscc, {"observed_at": at, "source_system": "ehs", "source_seq": seq},
                                id=hazard_id, name="第%d版" % seq)
        assert publisher.send(report)["verdict"] == verdict
    assert hazard_name(db, report) == "第3版"


def test_child_waits_for_its_parent_and_is_released_with_it(publisher, uscc, db):
    unit = reports.risk_unit(uscc)
    event = reports.risk_event(uscc, unit["body"]["id"])
    publisher.publish(event)
    assert publisher.wait_item(event)["verdict"] == "parked"
    assert head(db, "risk_event", event) is None
    assert publisher.send(unit)["verdict"] == "stored"
    released = publisher.wait_item(event, count=2)
    assert released["verdict"] == "stored"
    assert head(db, "risk_event", event) is not None
    together = db.execute("select count(distinct coalesce(resolved_batch, batch_no)) from dg.ledger"
                          " where id in (%s, %s)", (unit["body"]["id"], event["body"]["id"]))
    assert together.fetchone()[0] == 1, "the child was not released by its parent's transaction"


def test_child_before_parent_in_the_same_batch_is_not_parked(gateway, district, connect, db):
    # An array carries one record; two messages in one burst make one batch.
    publisher = connect(district.one().uscc)
    unit = reports.risk_unit(district.one().uscc)
    event = reports.risk_event(district.one().uscc, unit["body"]["id"])
    gateway.freeze()
    publisher.publish(event)
    publisher.publish(unit, wait=True)
    gateway.thaw()
    items = publisher.wait_items(event, unit)
    assert [item["verdict"] for item in items] == ["stored", "stored"]


def test_parent_never_comes(make_gateway, district, connect, db):
    gateway = make_gateway(parked={"expiry_s": 1, "sweep_ms": 200})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(district.one().uscc)
    event = reports.risk_event(district.one().uscc, reports.new_id())
    assert publisher.send(event)["verdict"] == "parked"
    expired = publisher.wait_item(event, count=2)
    assert (expired["verdict"], expired["reason"]) == ("rejected", "parent_missing")
    row = db.execute("select reason, convert_from(payload, 'utf8') from exchange.quarantine").fetchone()
    assert row[0] == "parent_missing"
    assert json.loads(row[1])["msg_id"] == event["msg_id"]
    # its msg_id is free again
    unit = reports.risk_unit(district.one().uscc, id=event["body"]["risk_unit_id"])
    publisher.send(unit)
    publisher.publish(event)
    assert publisher.wait_item(event, count=3)["verdict"] == "stored"


def test_whole_tree_is_released_with_its_root(publisher, uscc, db):
    unit = reports.risk_unit(uscc)
    event = reports.risk_event(uscc, unit["body"]["id"])
    measure = reports.report("measure", uscc, {
        "id": reports.new_id(), "risk_event_id": event["body"]["id"], "control_mode": "CHECK",
        "description": "每班检查", "class1": "ENGINEERING", "class2": "PROCESS_CONTROL",
        "check_content": "压力"})
    assert publisher.send(measure)["verdict"] == "parked"
    assert publisher.send(event)["verdict"] == "parked"
    publisher.send(unit)
    items = publisher.wait_items(event, measure, count=2)
    assert [item["verdict"] for item in items] == ["stored", "stored"]
    assert db.execute("select count(*) from dg.parked").fetchone()[0] == 0


def test_same_msg_id_with_other_content_is_a_conflict(publisher, uscc, db):
    hazard = reports.hazard(uscc)
    publisher.send(hazard)
    other = copy.deepcopy(hazard)
    other["body"]["name"] = "另一个隐患"
    publisher.publish(other)
    item = publisher.wait_item(hazard, count=2)
    assert (item["verdict"], item["reason"]) == ("conflict", "content_conflict")
    assert hazard_name(db, hazard) == hazard["body"]["name"]
    assert db.execute("select reason from exchange.quarantine").fetchall() == [("content_conflict",)]


def test_rejected_report_comes_again_corrected_under_its_msg_id(publisher, uscc, db):
    hazard = reports.hazard(uscc, state="NOWHERE")
    item = publisher.send(hazard)
    assert (item["verdict"], item["reason"]) == ("rejected", "unknown_code")
    hazard["body"]["state"] = "RECTIFYING"
    publisher.publish(hazard)
    assert publisher.wait_item(hazard, count=2)["verdict"] == "stored"
    assert hazard_name(db, hazard) == hazard["body"]["name"]


def test_bad_message_again_adds_no_row_but_is_counted(publisher, uscc, db):
    hazard = reports.hazard(uscc, level="7")
    publisher.send(hazard)
    publisher.publish(hazard)
    publisher.wait_item(hazard, count=2)
    assert db.execute("select times, state from exchange.quarantine").fetchall() == [(2, "NEW")]


def test_delete_leaves_a_tombstone_that_a_newer_upsert_revives(publisher, uscc, db):
    hazard = reports.hazard(uscc, {"observed_at": reports.stamp(ago=100)})
    publisher.send(hazard)
    gone = reports.delete("hazard", uscc, hazard["body"]["id"], observed_at=reports.stamp(ago=50))
    assert publisher.send(gone)["verdict"] == "stored"
    deleted = "select deleted, name from exchange.hazard where id = %s"
    assert db.execute(deleted, (hazard["body"]["id"],)).fetchone()[0] is True
    again = reports.hazard(uscc, {"observed_at": reports.stamp(ago=10)}, id=hazard["body"]["id"],
                           name="又来了")
    assert publisher.send(again)["verdict"] == "stored"
    assert db.execute(deleted, (hazard["body"]["id"],)).fetchone() == (False, "又来了")


def test_transition_moves_the_state_and_waits_for_its_hazard(publisher, uscc, db):
    hazard = reports.hazard(uscc, {"observed_at": reports.stamp(ago=100)})
    moved = reports.transition(uscc, hazard["body"]["id"], "RECTIFIED")
    assert publisher.send(moved)["verdict"] == "parked"
    publisher.send(hazard)
    assert publisher.wait_item(moved, count=2)["verdict"] == "stored"
    state = db.execute("select state from exchange.hazard where id = %s",
                       (hazard["body"]["id"],)).fetchone()[0]
    assert state == "RECTIFIED"
    assert db.execute("select \"to\" from exchange.hazard_transition").fetchall() == [("RECTIFIED",)]


def test_zero_report_is_keyed_by_period_and_kind(publisher, uscc, db):
    zero = reports.zero_report(uscc, period="2020-10",
                               envelope={"observed_at": "2020-10-31T18:00:00+08:00"})
    item = publisher.send(zero)
    assert item["verdict"] == "stored"
    assert db.execute("select id, period from exchange.zero_report").fetchone()[1] == "2020-10"


def test_unknown_members_are_kept_and_named(publisher, uscc, db):
    hazard = reports.hazard(uscc, {"colour": "红"}, wind=[1, {"a": None}])
    item = publisher.send(hazard)
    assert item["verdict"] == "stored"
    assert any("body.wind" in warning for warning in item["warnings"])
    assert any("colour" in warning for warning in item["warnings"])
    unknown = db.execute("select unknown from exchange.hazard").fetchone()[0]
    assert unknown["body.wind"] == [1, {"a": None}]


def test_five_thousand_redeliveries_leave_no_hole(gateway, district, connect, db):
    publisher = connect(district.one().uscc)
    batch = [reports.hazard(district.one().uscc) for _ in range(50)]
    publisher.send(batch)
    for _ in range(100):
        publisher.publish(batch)
    publisher.wait_items(*batch, count=101, timeout=60)
    after = [reports.hazard(district.one().uscc) for _ in range(50)]
    publisher.send(after)
    assert ledger_is_dense(db)
    assert db.execute("select max(ledger_no) from dg.ledger").fetchone()[0] == 100
    feed = [n for n, in db.execute("select feed_seq from dg.outbox order by 1")]
    assert feed == list(range(1, 101))


def test_unreadable_message_is_answered_by_its_digest(publisher, db):
    publisher.publish_raw("up/hazard", b'{"msg_id": ')
    publisher.wait_receipts(1)
    item = publisher.receipts[0][1]["items"][0]
    assert (item["verdict"], item["reason"]) == ("rejected", "unreadable")
    assert "msg_id" not in item
    digest = db.execute("select encode(payload_sha256, 'hex') from exchange.quarantine").fetchone()[0]
    assert item["payload_sha256"] == digest


def test_requeue_after_the_register_was_mended(gateway, stack, district, connect, db):
    from lib.district import Entity
    from lib.gateway import cli
    stranger = Entity(99, "hazchem", district.one().division)
    publisher = connect(stranger.uscc)
    hazard = reports.hazard(stranger.uscc)
    assert publisher.send(hazard)["reason"] == "unknown_entity"
    number = str(db.execute("select id from exchange.quarantine").fetchone()[0])
    assert cli(stack, "quarantine", "requeue", number, check=False).returncode == 1
    with db.transaction():
        district.add(db, stranger)
    dry = cli(stack, "quarantine", "requeue", number)
    assert "passes" in dry.stdout
    assert hazard_name(db, hazard) is None

    def loaded():
        done = cli(stack, "quarantine", "requeue", number, "--yes", check=False)
        return done.returncode == 0 and hazard_name(db, hazard)

    wait_until(loaded, 20, "the requeued report", every=0.5)
    assert publisher.wait_item(hazard, count=2)["verdict"] in ("stored", "duplicate", "rejected")
    wait_until(lambda: publisher.items[hazard["msg_id"]][-1]["verdict"] != "rejected", 10)
    assert db.execute("select state from exchange.quarantine").fetchone()[0] in ("REQUEUED", "DONE")
