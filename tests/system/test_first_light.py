# SPDX-License-Identifier: Apache-2.0
"""A real report goes in over MQTT, stands in PostgreSQL, and its sender holds a receipt."""

import json
import os
import subprocess
import sys

import pytest

from lib import reports
from lib.servers import ROOT
from lib.wait import wait_until


def stored_hazard(db, hazard):
    return db.execute("select name, level, state, township, ledger_no from exchange.hazard"
                      " where uscc = %s and id = %s",
                      (hazard["uscc"], hazard["body"]["id"])).fetchone()


def test_mosquitto_pub_gets_its_receipt(gateway, stack, district, db):
    hazard = reports.hazard(district.one().uscc)
    base = "dp/v1/410411/hazchem/%s" % hazard["uscc"]
    port = str(stack.port("mqtt"))
    with subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-C", "1",
                           "-W", "20", "-t", base + "/down/receipt"],
                          stdout=subprocess.PIPE, text=True) as listening:
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-q", "1",
                        "-t", base + "/up/hazard", "-m", json.dumps(hazard, ensure_ascii=False)],
                       check=True)
        wait_until(lambda: stored_hazard(db, hazard), 20, "the row")
        # mosquitto_sub may have subscribed after the receipt: a sender repeats until it has one.
        while listening.poll() is None:
            subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-q", "1",
                            "-t", base + "/up/hazard",
                            "-m", json.dumps(hazard, ensure_ascii=False)], check=True)
            try:
                listening.wait(0.5)
            except subprocess.TimeoutExpired:
                pass
        receipt = json.loads(listening.stdout.read())
    item = receipt["items"][0]
    assert receipt["node"] == "410411"
    assert item["msg_id"] == hazard["msg_id"]
    assert item["verdict"] in ("stored", "duplicate")
    assert item["ledger_no"] == stored_hazard(db, hazard)[4]


@pytest.mark.parametrize("version", [4, 5])
def test_paho_gets_its_receipt(gateway, district, connect, db, version):
    entity = district.one()
    publisher = connect(entity.uscc, version=version)
    hazard = reports.hazard(entity.uscc)
    item = publisher.send(hazard)
    assert item["verdict"] == "stored"
    assert item["record"] == "hazard"
    assert item["id"] == hazard["body"]["id"]
    assert stored_hazard(db, hazard)[:3] == ("储罐区可燃气体报警器失效", "GENERAL", "RECTIFYING")
    row = db.execute("select publisher, record, uscc, id, verdict, ledger_no, hash,"
                     " committed_at >= received_at from exchange.report where msg_id::text = %s",
                     (hazard["msg_id"],)).fetchone()
    assert row == (entity.uscc, "hazard", entity.uscc, hazard["body"]["id"], "stored",
                   item["ledger_no"], item["hash"], True)


def test_receipt_names_the_time_of_the_commit_that_the_database_holds(gateway, district, connect, db):
    publisher = connect(district.one().uscc)
    hazard = reports.hazard(district.one().uscc)
    publisher.send(hazard)
    receipt = publisher.receipts[-1][1]
    committed = db.execute("select committed_at from dg.batch where lane = %s and no = %s",
                           (receipt["lane"], receipt["batch"])).fetchone()[0]
    assert db.execute("select %s::timestamptz = %s", (receipt["committed_at"], committed)).fetchone()[0]


ENCODE = """
import json, sys
from google.protobuf import json_format
import report_pb2
batch = report_pb2.ReportBatch()
for source in json.load(sys.stdin):
    made = batch.reports.add()
    body = source.pop("body")
    json_format.ParseDict(source, made)
    json_format.ParseDict(body, made.hazard)
sys.stdout.buffer.write(batch.SerializeToString())
"""


@pytest.fixture(scope="module")
def encode(tmp_path_factory):
    """hazards -> a ReportBatch, by our .proto compiled by protoc for Python, as a publisher would."""
    out = str(tmp_path_factory.mktemp("proto"))
    folder = os.path.join(ROOT, "proto")
    names = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".proto")]
    subprocess.run(["protoc", "-I" + folder, "-I/usr/include", "--python_out=" + out, *names], check=True)

    def make(hazards):
        return subprocess.run([sys.executable, "-c", ENCODE], cwd=out, check=True, stdout=subprocess.PIPE,
                              input=json.dumps(hazards).encode()).stdout

    return make


def test_protobuf_batch_gets_its_receipt(gateway, district, connect, db, encode):
    publisher = connect(district.one().uscc)
    first, second = (reports.hazard(district.one().uscc) for _ in range(2))
    publisher.publish_raw("up/hazard", encode([first, second]),
                          {"ContentType": "application/x-protobuf"})
    items = publisher.wait_items(first, second)
    assert [item["verdict"] for item in items] == ["stored", "stored"]
    assert [item["index"] for item in items] == [0, 1]
    assert stored_hazard(db, first) and stored_hazard(db, second)


def test_response_topic_and_correlation_come_back(gateway, district, connect):
    publisher = connect(district.one().uscc)
    hazard = reports.hazard(district.one().uscc)
    asked = publisher.base + "/down/receipt/line-7"
    publisher.publish(hazard, properties={"ResponseTopic": asked, "CorrelationData": b"\x00\xff42"})
    publisher.wait_item(hazard)
    topic, receipt, properties = publisher.receipts[-1]
    assert topic == asked
    assert properties.CorrelationData == b"\x00\xff42"
    assert "note" not in receipt


@pytest.mark.parametrize("asked", ["elsewhere", "other", "wildcard"])
def test_foreign_response_topic_is_refused_and_said_so(gateway, district, connect, asked):
    publisher = connect(district.one().uscc)
    hazard = reports.hazard(district.one().uscc)
    topics = {"elsewhere": "news", "wildcard": publisher.base + "/down/receipt/x",
              "other": "dp/v1/410411/hazchem/%s/down/receipt" % district.of("hazchem")[1].uscc}
    if asked == "wildcard":
        # A client library refuses wildcards itself; what it lets through is one level too high.
        topics["wildcard"] = publisher.base + "/down"
    publisher.publish(hazard, properties={"ResponseTopic": topics[asked]})
    publisher.wait_item(hazard)
    topic, receipt, _ = publisher.receipts[-1]
    assert topic == publisher.base + "/down/receipt"
    assert receipt["note"] == "response_topic_refused"
    assert receipt["items"][0]["verdict"] == "stored"


def test_array_has_an_item_per_report_in_order(gateway, district, connect):
    publisher = connect(district.one().uscc)
    many = [reports.hazard(district.one().uscc) for _ in range(5)]
    many[2]["body"]["level"] = "7"
    items = publisher.send(many)
    assert [item["index"] for item in items] == list(range(5))
    assert [item["verdict"] for item in items] == ["stored", "stored", "rejected", "stored", "stored"]
    assert items[2]["reason"] == "unknown_code"
    assert items[2]["field"] == "body.level"
    assert items[2]["value"] == "7"
    assert "“7”" in items[2]["text"] and "\"7\"" in items[2]["text_en"]
    assert len({receipt["batch"] for _, receipt, _ in publisher.receipts}) == 1


def test_retained_message_is_refused(gateway, stack, district, connect, db):
    publisher = connect(district.one().uscc)
    hazard = reports.hazard(district.one().uscc)
    publisher.publish(hazard, retain=True)
    publisher.wait_receipts(1)
    item = publisher.receipts[0][1]["items"][0]
    assert (item["verdict"], item["reason"]) == ("rejected", "retained_message")
    assert stored_hazard(db, hazard) is None


def test_status_is_retained_and_says_down_after_the_end(gateway, stack):
    from lib.publisher import Subscriber
    reader = Subscriber(stack, "dp/v1/410411/status/+").connect()
    try:
        wait_until(lambda: any(status["state"] == "up" for _, status in reader.parsed()), 10, "up")
        gateway.stop()
        wait_until(lambda: reader.parsed()[-1][1]["state"] == "down", 10, "down")
    finally:
        reader.close()


def test_counters_add_up_and_health_is_told(gateway, district, connect):
    publisher = connect(district.one().uscc)
    good = [reports.hazard(district.one().uscc) for _ in range(3)]
    bad = reports.hazard(district.one().uscc, level="WORST")
    publisher.send(good + [bad])
    publisher.send(good)
    assert gateway.get("/healthz")[0] == 200
    assert gateway.get("/readyz")[0] == 200
    wait_until(lambda: gateway.metrics()['dualgate_reports_total{verdict="duplicate"}'] == 3, 5)
    metrics = gateway.metrics()
    assert metrics['dualgate_reports_total{verdict="stored"}'] == 3
    assert metrics['dualgate_reports_total{verdict="rejected"}'] == 1
    assert metrics["dualgate_parked_reports"] == 0
    assert metrics["dualgate_in_flight_reports"] == 0
