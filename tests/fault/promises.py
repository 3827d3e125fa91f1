# SPDX-License-Identifier: Apache-2.0
"""What dualgate promises, checked after a fault: nothing acknowledged is lost or doubled, every stored
report has its receipt, the counters add up, the numbers are dense, the feed's and the batches' chains
are whole."""

import collections
import hashlib
import json
import struct

from lib.load import NO_SUBSCRIBER, REFUSED
from lib.wait import wait_until

VERDICTS = ("stored", "duplicate", "stale", "parked", "rejected", "conflict")


def receipts_of(loads):
    """{msg_id: [items]} of all that the publishers received, oldest first."""
    items = collections.defaultdict(list)
    for load in loads:
        for topic, receipt in load.received():
            assert "/down/receipt" in topic
            for item in receipt["items"]:
                items[item["msg_id"]].append(item)
    return items


def taken_ids(loads):
    """msg_ids of the messages that the broker acknowledged and took; none may be refused."""
    ids, refused = set(), []
    for load in loads:
        for message, code in load.answers():
            if code == NO_SUBSCRIBER or code >= REFUSED:
                refused.append((message.topic, code))
            else:
                ids.update(message.ids)
    assert not refused, "the broker refused %d messages: %s" % (len(refused), refused[:3])
    return ids


def wait_published(stream, loads, timeout):
    total = stream.total_messages()
    wait_until(lambda: sum(load.acked_count() for load in loads) >= total, timeout,
               "PUBACK of all %d messages" % total, every=0.1)


def wait_receipts(stream, loads, timeout):
    def none_missing():
        items = receipts_of(loads)
        missing = [one for one in list(stream.good) + list(stream.bad) if one not in items]
        assert not missing, "%d are missing: %s" % (len(missing), missing[:3])
        return True

    wait_until(none_missing, timeout, "receipts of all %d reports" % len(stream), every=0.2)


def wait_settled(db, gateway, feed, timeout):
    """Nobody waits for a parent, no second receipt is owed, everything is fed on."""
    def settled():
        owed = db.execute("select (select count(*) from dg.parked),"
                          " (select count(*) from dg.late_receipt),"
                          " (select n from dg.counter where name = 'feed')"
                          " - (select feed_seq from dg.feed_cursor where name = 'feed')").fetchone()
        assert owed == (0, 0, 0), owed
        return True

    wait_until(settled, timeout, "nothing parked, owed or unfed", every=0.1)
    head = db.execute("select n from dg.counter where name = 'feed'").fetchone()[0]
    wait_until(lambda: head <= max((item["feed_seq"] for _, item in feed.received()), default=0),
               timeout, "the last feed item", every=0.1)
    wait_until(lambda: gateway.metrics()["dualgate_in_flight_reports"] == 0, timeout)


# ---- the checks -------------------------------------------------------------------------------


def check_ledger(stream, db, taken, verdicts=("stored",)):
    """What the broker took stands exactly once, under its own name, and nothing else does."""
    rows = db.execute("select msg_id, publisher, record, id, verdict from exchange.report").fetchall()
    times = collections.Counter(row[0] for row in rows)
    twice = [msg_id for msg_id, n in times.items() if n > 1]
    assert not twice, "%d reports stand more than once: %s" % (len(twice), twice[:3])
    good = set(stream.good)
    lost = (taken & good) - set(times)
    assert not lost, "%d of %d acknowledged reports are lost: %s" % (
        len(lost), len(taken), sorted(lost)[:3])
    assert not set(times) - good, "reports that nobody sent"
    for msg_id, publisher, record, record_id, verdict in rows:
        assert (publisher, record, record_id) == stream.good[msg_id], msg_id
        assert verdict in verdicts, (msg_id, verdict)


def check_heads(stream, db):
    """The current state of every record is its newest version."""
    for record in ("hazard", "risk_unit", "risk_event"):
        held = {(record, uscc, record_id): name for uscc, record_id, name
                in db.execute("select uscc, id, name from exchange.%s" % record)}
        wanted = {key: name for key, name in stream.heads.items() if key[0] == record}
        assert held == wanted, "heads of %s: %d held, %d wanted" % (record, len(held), len(wanted))
        versions = db.execute("select count(*) from exchange.%s_history" % record).fetchone()[0]
        assert versions == sum(1 for _, kind, _ in stream.good.values() if kind == record)


def check_quarantine(stream, db):
    rows = db.execute("select publisher, reason, convert_from(payload, 'utf8')"
                      " from exchange.quarantine").fetchall()
    held = {json.loads(payload)["msg_id"]: (publisher, reason) for publisher, reason, payload in rows}
    assert len(rows) == len(held), "a redelivery added a row"
    assert held == stream.bad


def check_receipts(stream, db, loads):
    """A receipt for each report, right about its number; a second one for each that was parked."""
    items = receipts_of(loads)
    for msg_id, first, ledger_no, digest in db.execute(
            "select msg_id::text, verdict, ledger_no, encode(hash, 'hex') from dg.ledger"):
        mine = items.get(msg_id)
        assert mine, "%s stands in the ledger without a receipt" % msg_id
        for item in mine:
            assert (item["ledger_no"], item["hash"]) == (ledger_no, digest), item
        words = {item["verdict"] for item in mine}
        assert words <= {"stored", "duplicate", "parked"}, mine
        if first == "parked":
            assert "stored" in words, "no second receipt for %s: %s" % (msg_id, mine)
        else:
            assert "parked" not in words, mine
    for msg_id, (_, reason) in stream.bad.items():
        assert {(item["verdict"], item.get("reason")) for item in items[msg_id]} == {
            ("rejected", reason)}


def check_counters(db, gateway):
    """Batches add up to lanes, lanes to the metrics, and every arrival has exactly one verdict."""
    names = ("received",) + VERDICTS + ("released", "expired")
    sums = ", ".join("coalesce(sum(%s), 0)::bigint" % name for name in names)
    by_batch, by_lane = (dict(zip(names, db.execute("select %s from %s" % (sums, table)).fetchone()))
                         for table in ("dg.batch", "dg.lane"))
    assert by_batch == by_lane
    parked = by_lane["parked"] - by_lane["released"] - by_lane["expired"]
    assert parked == db.execute("select count(*) from dg.parked").fetchone()[0]
    counted = {name: by_lane[name] for name in VERDICTS}
    counted["parked"] = parked
    assert by_lane["received"] == sum(counted.values())
    metrics = gateway.metrics()
    shown = {name: metrics['dualgate_reports_total{verdict="%s"}' % name]
             for name in VERDICTS if name != "parked"}
    shown["parked"] = metrics["dualgate_parked_reports"]
    assert shown == counted
    for verdict in shown:
        by_adapter = sum(n for name, n in metrics.items() if name.startswith("dualgate_adapter_reports_total{")
                         and name.endswith('verdict="%s"}' % verdict))
        assert verdict == "parked" or by_adapter == counted[verdict], verdict
    claimed = db.execute("select count(*) from dg.ledger").fetchone()[0]
    assert claimed == by_lane["stored"] + by_lane["stale"] + parked


def check_dense(db):
    for table, column, counter in (("dg.ledger", "ledger_no", "ledger"),
                                   ("dg.outbox", "feed_seq", "feed")):
        first, last, count, n = db.execute(
            "select min(%s), max(%s), count(*), (select n from dg.counter where name = '%s')"
            " from %s" % (column, column, counter, table)).fetchone()
        assert (first, last, count) == (1, n, n), "%s has holes: %s" % (column, (first, last, count, n))
    wrong = db.execute(
        "select count(*) from (select prev, coalesce(lag(feed_seq) over"
        " (partition by sector, township, record order by feed_seq), 0) as before"
        " from dg.outbox) o where prev <> before").fetchone()[0]
    assert wrong == 0, "%d items of the outbox name the wrong one before" % wrong


def check_feed(db, feed):
    """Per topic: every item, each naming the one before; a repeat says the same again."""
    chains, said = collections.defaultdict(list), {}
    for topic, item in feed.received():
        seq = item["feed_seq"]
        if seq in said:
            assert said[seq] == (topic, item), "feed item %d was said differently again" % seq
            continue
        last = chains[topic][-1] if chains[topic] else 0
        assert item["prev"] == last, "%s: a gap, %d after %d" % (topic, seq, last)
        chains[topic].append(seq)
        said[seq] = (topic, item)
    head = db.execute("select n from dg.counter where name = 'feed'").fetchone()[0]
    assert len(said) == head, "%d of %d feed items came" % (len(said), head)
    ledger = dict(db.execute("select feed_seq, ledger_no from dg.outbox"))
    assert {seq: item["ledger_no"] for seq, (_, item) in said.items()} == ledger


def check_chain(db):
    """Each batch's hash is that of its content and of the batch before, per lane without a hole."""
    claims, resolved = collections.defaultdict(list), collections.defaultdict(list)
    for row in db.execute("select lane, batch_no, ledger_no, hash, verdict, resolved_lane,"
                          " resolved_batch, resolved_verdict from dg.ledger order by ledger_no"):
        lane, batch, ledger_no, digest, verdict, late_lane, late_batch, late_verdict = row
        claims[lane, batch].append((ledger_no, digest, verdict))
        if late_verdict:
            resolved[late_lane, late_batch].append((ledger_no, digest, late_verdict))
    last = {}
    for lane, no, prev, digest in db.execute(
            "select lane, no, prev_hash, hash from dg.batch order by lane, no"):
        before_no, before = last.get(lane, (0, b""))
        assert (no, prev) == (before_no + 1, before), "lane %d breaks at batch %d" % (lane, no)
        content = prev + struct.pack(">IQ", lane, no)
        for ledger_no, of, verdict in claims.pop((lane, no), []) + resolved.pop((lane, no), []):
            content += struct.pack(">Q", ledger_no) + of + bytes([VERDICTS.index(verdict)])
        assert hashlib.sha256(content).digest() == digest, "batch %d of lane %d" % (no, lane)
        last[lane] = (no, digest)
    assert not claims and not resolved, "reports of batches that do not exist"
    for lane, no, digest in db.execute("select lane, batch_no, batch_hash from dg.lane"):
        assert last.get(lane, (0, b"")) == (no, digest)


def check_all(stream, db, gateway, loads, feed, taken=None):
    check_ledger(stream, db, taken_ids(loads) if taken is None else taken)
    check_heads(stream, db)
    check_quarantine(stream, db)
    check_receipts(stream, db, loads)
    check_counters(db, gateway)
    check_dense(db)
    check_feed(db, feed)
    check_chain(db)
