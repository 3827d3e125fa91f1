# SPDX-License-Identifier: Apache-2.0
"""Photos and documents: taken out of reports, stored once, linked, missing, pruned, read by whom they concern."""

import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import random
import socket
import subprocess

import pytest

from lib import reports
from lib.gateway import cli
from lib.publisher import Subscriber
from lib.servers import ROOT
from lib.wait import wait_until

MIB = 1 << 20
MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff\xe0", "application/pdf": b"%PDF-1.4\n"}


def photo(size=2000, kind="image/png", seed=1):
    """Bytes that begin as the kind does; the rest is chance."""
    head = MAGIC[kind]
    return head + random.Random(seed).randbytes(size - len(head))


def uri(content, kind="image/png"):
    return "data:%s;base64,%s" % (kind, base64.b64encode(content).decode())


def link(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


@pytest.fixture
def publisher(gateway, district, connect):
    return connect(district.one().uscc)


@pytest.fixture
def uscc(district):
    return district.one().uscc


def stored(db):
    rows = db.execute("select hash, media_type, size, refs from exchange.attachment order by hash").fetchall()
    return {"sha256:" + row[0]: row[1:] for row in rows}


def test_photo_is_stored_by_its_hash_and_the_record_holds_the_link(publisher, uscc, db):
    content = photo()
    hazard = reports.hazard(uscc, photo_before=[uri(content)], attachment=["http://example.com/a.pdf"])
    item = publisher.send(hazard)
    assert item["verdict"] == "stored" and "findings" not in item, item
    row = db.execute("select photo_before, attachment from exchange.hazard").fetchone()
    assert row == ([link(content)], ["http://example.com/a.pdf"])
    assert stored(db) == {link(content): ("image/png", len(content), 1)}
    assert db.execute("select bytes from dg.attachment").fetchone()[0] == content


def test_same_photo_in_two_hazards_is_one_row(publisher, uscc, db):
    content = photo(kind="image/jpeg")
    first = reports.hazard(uscc, photo_before=[uri(content, "image/jpeg")], photo_after=[uri(content, "image/jpg")])
    second = reports.hazard(uscc, photo_before=[uri(content, "image/jpeg")])
    third = reports.hazard(uscc, photo_before=[link(content)])
    assert [item["verdict"] for item in publisher.send([first, second])] == ["stored", "stored"]
    assert publisher.send(third)["verdict"] == "stored"
    assert stored(db) == {link(content): ("image/jpeg", len(content), 4)}


def test_link_in_place_of_the_bytes_is_the_same_content(publisher, uscc, db):
    content = photo()
    hazard = reports.hazard(uscc, photo_before=[uri(content)])
    first = publisher.send(hazard)
    hazard["body"]["photo_before"] = [link(content)]
    publisher.publish(hazard)
    second = publisher.wait_item(hazard, count=2)
    assert second["verdict"] == "duplicate" and second["hash"] == first["hash"]
    assert db.execute("select count(*) from dg.attachment_ref").fetchone()[0] == 1


def test_large_photos_pass_in_one_message_and_memory_comes_back(publisher, uscc, db, gateway):
    """A message of 12 MiB holds one photo of 5 MiB in base64 and most of another."""
    large, other = photo(5 * MIB), photo(3 * MIB + MIB // 2, "image/jpeg", seed=2)
    for round in range(3):
        hazard = reports.hazard(uscc, photo_before=[uri(large)], photo_after=[uri(other, "image/jpeg")])
        assert publisher.send(hazard, timeout=60)["verdict"] == "stored"
    assert stored(db) == {link(large): ("image/png", 5 * MIB, 3), link(other): ("image/jpeg", len(other), 3)}
    two = [reports.hazard(uscc, photo_before=[uri(photo(3 * MIB, seed=n))]) for n in (5, 6)]
    assert [item["verdict"] for item in publisher.send(two, timeout=60)] == ["stored", "stored"]


WRONG = [
    ("attachment_too_large", "photo_before", lambda: uri(photo(5 * MIB + 1)), str(5 * MIB + 1)),
    ("attachment_type", "photo_before", lambda: uri(photo(), "image/jpeg"), "image/jpeg"),
    ("attachment_type", "photo_after", lambda: uri(b"<html><script>alert(1)</script></html>"), "image/png"),
    ("attachment_type", "photo_after", lambda: uri(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
     "image/svg+xml"),
    ("attachment_type", "photo_before", lambda: uri(photo(kind="application/pdf"), "application/pdf"),
     "application/pdf"),
    ("attachment_broken", "photo_before", lambda: uri(photo())[:-1], None),
    ("attachment_broken", "attachment", lambda: "sha256:abc", "sha256:abc"),
]


@pytest.mark.parametrize("reason, field, value, shown", WRONG)
def test_wrong_attachment_rejects_its_report_and_nothing_of_it_is_lost(publisher, uscc, db, reason, field, value,
                                                                       shown):
    good = reports.hazard(uscc)
    bad = reports.hazard(uscc, **{field: [uri(photo()), value()]})
    items = publisher.send([good, bad], timeout=60)
    assert items[0]["verdict"] == "stored"
    assert (items[1]["verdict"], items[1]["reason"]) == ("rejected", reason)
    assert items[1]["field"] == "body.%s[1]" % field
    assert shown is None or items[1]["value"] == shown
    assert stored(db) == {}
    kept = db.execute("select payload from exchange.quarantine").fetchone()[0]
    assert json.loads(bytes(kept)) == bad


def test_document_is_taken_where_documents_belong(publisher, uscc, db):
    content = photo(kind="application/pdf")
    assert publisher.send(reports.hazard(uscc, attachment=[uri(content, "application/pdf")]))["verdict"] == "stored"
    assert stored(db)[link(content)][0] == "application/pdf"


def test_missing_attachment_is_a_finding_until_it_arrives(publisher, uscc, db):
    content = photo()
    item = publisher.send(reports.hazard(uscc, photo_before=[link(content)]))
    assert item["verdict"] == "stored"
    assert [finding["code"] for finding in item["findings"]] == ["attachment_missing"]
    assert db.execute("select field, reported from dg.finding").fetchone() == ("body.photo_before[0]", link(content))
    missing = "select hash, field from exchange.attachment_missing"
    assert db.execute(missing).fetchall() == [(link(content)[7:], "body.photo_before[0]")]
    assert publisher.send(reports.hazard(uscc, photo_after=[uri(content)]))["verdict"] == "stored"
    assert db.execute(missing).fetchall() == []


def test_link_and_bytes_in_one_message_are_not_missing(publisher, uscc, db):
    content = photo()
    items = publisher.send([reports.hazard(uscc, photo_before=[link(content)]),
                            reports.hazard(uscc, photo_before=[uri(content)])])
    assert [item.get("findings") for item in items] == [None, None]


def test_parked_report_keeps_its_photo(publisher, uscc, db):
    content = photo()
    hazard = reports.hazard(uscc, check_record_id=reports.new_id(), photo_before=[uri(content)])
    assert publisher.send(hazard)["verdict"] == "parked"
    assert stored(db) == {link(content): ("image/png", len(content), 1)}


def test_pruning_takes_only_what_no_record_names(publisher, uscc, db):
    named, unnamed = photo(seed=1), photo(seed=2)
    hazard = reports.hazard(uscc, photo_before=[uri(named), uri(unnamed)])
    publisher.send(hazard)
    newer = dict(hazard, msg_id=reports.uuid7(), observed_at=reports.stamp())
    newer["body"] = dict(hazard["body"], photo_before=[link(named)])
    assert publisher.send(newer)["verdict"] == "stored"
    db.execute("update dg.attachment set first_seen_at = now() - interval '40 days'")
    assert db.execute("select dg.attachment_prune(30)").fetchone()[0] == 0, "history names both"
    db.execute("delete from dg.attachment_ref where hash = %s", (hashlib.sha256(unnamed).digest(),))
    assert db.execute("select dg.attachment_prune(60)").fetchone()[0] == 0, "too young"
    assert db.execute("select dg.attachment_prune(30)").fetchone()[0] == 1
    assert list(stored(db)) == [link(named)]


def test_feed_carries_only_the_link(gateway, stack, publisher, uscc):
    content = photo(100000)
    feed = Subscriber(stack, "dp/v1/+/feed/json/#").connect()
    try:
        publisher.send(reports.hazard(uscc, photo_before=[uri(content)]))
        wait_until(lambda: len(feed.messages) >= 1, 20, "a feed item")
        item = feed.parsed()[0][1]
    finally:
        feed.close()
    assert item["report"]["body"]["photo_before"] == [link(content)]


KEY = b"attachments-2020"


def seal(rows):
    """As the hazchem platform sends them: AES-128-CBC, key and vector the same, base64."""
    plain = json.dumps(rows, ensure_ascii=False).encode()
    done = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", KEY.hex(), "-iv", KEY.hex()],
                          input=plain, capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


def test_native_rows_bring_photos_too(gateway, district, connect, db):
    entity = district.one()
    db.execute("update register.entity set company_code = '041041001' where uscc = %s", (entity.uscc,))
    db.execute("insert into register.publisher (code, kind, adapters, adapter_key, company_code)"
               " values (%s, 'ENTITY', '{hazchem}', %s, '041041001')", (entity.uscc, KEY.decode()))
    wait_until(lambda: "event=loaded" in gateway.read_log(), 20, "the register")
    content = photo()
    with open(os.path.join(ROOT, "adapters/hazchem/samples/07-hazard.plain.json"), encoding="utf-8") as file:
        outer = json.load(file)
    row = dict(outer["datas"][0], id=reports.new_id(), dangerImg=uri(content))
    del row["recordId" if "recordId" in row else "checkRecordId"]
    row.pop("riskMeasureId", None)
    row.pop("hazardCode", None)
    bad = dict(row, id=reports.new_id(), dangerImg=uri(content, "image/jpeg"))
    publisher = connect(entity.uscc)
    message = json.dumps(dict(outer, datas=seal([row, bad])))

    def answered():
        publisher.publish_raw("up/native", message)
        publisher.wait_receipts(len(publisher.receipts) + 1)
        return publisher.receipts[-1][1]["items"][0].get("reason") not in ("unknown_publisher", "no_adapter")

    wait_until(answered, 20, "the register")
    items = publisher.receipts[-1][1]["items"]
    assert items[0]["verdict"] in ("stored", "parked", "duplicate"), items
    assert (items[1]["reason"], items[1]["field"]) == ("attachment_type", "dangerImg")
    assert stored(db) == {link(content): ("image/png", len(content), 1)}


def fetch(gateway, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_photo_is_served_as_what_it_is_and_as_nothing_else(publisher, uscc, gateway):
    content = photo(5 * MIB, "image/jpeg")
    paper = photo(kind="application/pdf")
    publisher.send(reports.hazard(uscc, photo_before=[uri(content, "image/jpeg")],
                                  attachment=[uri(paper, "application/pdf")]), timeout=60)
    name = link(content)[7:]
    status, headers, body = fetch(gateway, "/attachments/" + name)
    assert status == 200 and body == content
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(5 * MIB)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == 'inline; filename="%s.jpg"' % name
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["ETag"] == '"%s"' % name and "immutable" in headers["Cache-Control"]
    status, headers, body = fetch(gateway, "/attachments/" + link(paper)[7:])
    assert (status, body, headers["Content-Type"]) == (200, paper, "application/pdf")
    assert headers["Content-Disposition"].startswith("attachment; ")
    status, headers, body = fetch(gateway, "/attachments/" + name, "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(5 * MIB))


def test_what_is_not_there_is_404_in_json(gateway):
    wait_until(lambda: fetch(gateway, "/attachments/" + "0" * 64)[0] == 404, 20, "the database")
    for path in ("0" * 64, "0" * 63, "", "../healthz", "0" * 65, "g" * 64):
        status, headers, body = fetch(gateway, "/attachments/" + path)
        assert status == 404 and headers["Content-Type"].startswith("application/json"), path
        assert "error" in json.loads(body)
    assert fetch(gateway, "/attachments/" + "0" * 64, "POST")[0] == 404


def test_many_readers_at_once_and_those_who_leave(publisher, uscc, gateway):
    content = photo(3 * MIB)
    publisher.send(reports.hazard(uscc, photo_before=[uri(content)]), timeout=60)
    path = "/attachments/" + link(content)[7:]
    leaving = []
    for _ in range(5):
        gone = socket.create_connection(("127.0.0.1", gateway.port))
        gone.sendall(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path).encode())
        leaving.append(gone)
    for gone in leaving:
        gone.close()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: fetch(gateway, path), range(12)))
    assert all(status == 200 and body == content for status, _, body in answers)
    slow = socket.create_connection(("127.0.0.1", gateway.port))
    slow.sendall(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path).encode())
    slow.recv(1000)
    gateway.stop()  # with one under way: nothing leaks, nothing hangs
    slow.close()


def test_command_line_gets_and_lists(publisher, uscc, stack, place):
    content, absent = photo(300000), photo(seed=3)
    hazard = reports.hazard(uscc, photo_before=[uri(content)], photo_after=[link(absent)])
    publisher.send(hazard)
    path = os.path.join(place, "photo.png")
    cli(stack, "attachment", "get", link(content), "-o", path)
    with open(path, "rb") as file:
        assert file.read() == content
    rows = json.loads(cli(stack, "attachment", "list", "--uscc", uscc, "--json").stdout)
    assert [(row["hash"], row["media_type"], row["field"]) for row in rows] == [
        (link(absent)[7:], "missing", "body.photo_after[0]"), (link(content)[7:], "image/png", "body.photo_before[0]")]
    assert cli(stack, "attachment", "list", "--uscc", "0").stdout == ""
    done = cli(stack, "attachment", "get", link(absent), "-o", path, check=False)
    assert done.returncode == 1 and "no such attachment" in done.stderr
    assert cli(stack, "attachment", "get", "abc", "-o", path, check=False).returncode == 2
    assert cli(stack, "attachment", "get", link(content), check=False).returncode == 2


@pytest.fixture
def organisations(district, db):
    first = district.one()
    for org in ("near", "far"):
        db.execute("create role org_%s login in role dualgate_org" % org)
    db.execute('insert into register."grant" (principal, verb, sector, township, record)'
               " values ('org_near', 'READ', %s, '*', 'hazard'), ('org_far', 'READ', 'machinery', '*', '*')",
               (first.sector,))


def test_only_who_may_read_the_record_sees_its_photo(publisher, uscc, stack, organisations):
    content = photo()
    publisher.send(reports.hazard(uscc, photo_before=[uri(content)], photo_after=[link(photo(seed=9))]))
    for user, n in (("org_near", 1), ("org_far", 0), ("dualgate_parent", 0), ("dualgate_admin", 1)):
        with stack.connect(user=user) as db:
            assert len(db.execute("select * from exchange.attachment").fetchall()) == n, user
            assert len(db.execute("select bytes from dg.attachment").fetchall()) == n, user
            assert len(db.execute("select * from exchange.attachment_missing").fetchall()) == n, user
