# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: a changed setting or mapping is taken while reports come in; a wrong one changes nothing and
says why."""

import os
import re
import shutil

import pytest

from lib import load, reports
from lib.servers import ROOT
from lib.wait import wait_until

RELOADS = 200
MAPPING = os.path.join(ROOT, "tests/system/school_mapping.yaml")
ROW = "编号,问题,程度,发现时间,限期,负责人,状况\n%s,栏杆松动,%s,2020/4/7,2020/4/20,李建国,整改中\n"


class Folder:
    """adapters/ with the adapter `school` and a sample of it."""

    def __init__(self, path):
        self.path = path
        self.mapping = os.path.join(path, "school", "mapping.yaml")
        self.samples = os.path.join(path, "school", "samples")
        with open(MAPPING, encoding="utf-8") as file:
            self.good = file.read()

    def add(self):
        os.makedirs(self.samples)
        self.write(self.good)
        self._put("register.csv", "uscc,name,division,sector\n"
                                  "91410411MA45ABCD6Y,湛河区第九小学,410411001,education\n")
        self._put("01.utf8.csv", ROW % ("a1" * 16, "一般"))
        self.expect("GENERAL")

    def _put(self, name, text):
        with open(os.path.join(self.samples, name), "w", encoding="utf-8") as file:
            file.write(text)

    def expect(self, level):
        self._put("01.utf8.csv.expected.jsonl",
                  '{"record": "hazard", "body": {"id": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "name": "栏杆松动", "level": "%s", '
                  '"found_at": "2020-04-07T00:00:00+08:00", "deadline": "2020-04-20", '
                  '"resp_person": "李建国", "state": "RECTIFYING"}}\n' % level)

    def write(self, text):
        with open(self.mapping, "w", encoding="utf-8") as file:
            file.write(text)

    def change(self, old, new):
        assert old in self.good
        self.write(self.good.replace(old, new, 1))


@pytest.fixture
def folder(place):
    path = os.path.join(place, "adapters")
    shutil.copytree(os.path.join(ROOT, "adapters"), path)
    return Folder(path)


@pytest.fixture
def school(folder, make_gateway, district, connect, db):
    """A gateway, and a publisher whose adapter is there only after a reload."""
    entity = district.one("machinery")
    db.execute("insert into register.publisher (code, kind, name, adapters)"
               " values (%s, 'ENTITY', '甲', '{school}')", (entity.uscc,))
    gateway = make_gateway(adapters={"path": folder.path})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(entity.uscc, sector="machinery")

    def send(level="一般"):
        count = len(publisher.receipts) + 1
        publisher.publish_raw("up/native", (ROW % (reports.new_id(), level)).encode("gb18030"))
        publisher.wait_receipts(count)
        return publisher.receipts[-1][1]["items"][0]

    return gateway, send


def stale(gateway):
    return gateway.metrics()["dualgate_config_stale"]


def refusals(gateway):
    return re.findall(r'who="reload" event=refused text="(.*)"\n', gateway.read_log())


# ---- settings --------------------------------------------------------------------------------------


def test_changed_setting_is_taken(gateway, district, connect):
    uscc = district.one().uscc
    publisher = connect(uscc)
    two = [reports.hazard(uscc), reports.hazard(uscc)]
    assert [item["verdict"] for item in publisher.send(two)] == ["stored", "stored"]
    gateway.write_settings(intake={"array_reports_max": 1}, node={"name": "新华区"})
    assert gateway.reload() == "ok" and stale(gateway) == 0
    publisher.publish([reports.hazard(uscc), reports.hazard(uscc)])
    publisher.wait_receipts(2)
    assert publisher.receipts[-1][1]["items"][0]["reason"] == "array_too_large"
    assert "新华区" in gateway.get("/")[1]
    assert "intake.array_reports_max: 500 -&gt; 1" in gateway.read_log().replace(">", "&gt;")


def test_setting_of_the_parked_reaches_the_lane(gateway, district, connect):
    uscc = district.one().uscc
    publisher = connect(uscc)
    gateway.write_settings(parked={"expiry_s": 1, "sweep_ms": 50}, batch={"age_ms": 5})
    assert gateway.reload() == "ok"
    orphan = reports.risk_event(uscc, reports.new_id())
    assert publisher.send(orphan)["verdict"] == "parked"
    assert publisher.wait_item(orphan, count=2)["reason"] == "parent_missing"


def test_wrong_setting_changes_nothing_and_is_named_with_its_place(gateway, district, connect):
    uscc = district.one().uscc
    publisher = connect(uscc)
    gateway.write_settings(intake={"array_reports_max": 1}, batch={"age_ms": "soon", "size": 3})
    assert gateway.reload() == "refused"
    assert stale(gateway) == 1 and gateway.ready()
    said = refusals(gateway)
    assert len(said) == 2
    assert re.search(r"gateway\.yaml:\d+:\d+: batch\.age_ms: ", said[0]), said
    assert re.search(r"gateway\.yaml:\d+:\d+: batch\.size: unknown setting", said[1]), said
    two = [reports.hazard(uscc), reports.hazard(uscc)]
    assert [item["verdict"] for item in publisher.send(two)] == ["stored", "stored"]
    del gateway.settings["batch"]["size"]
    gateway.write_settings(batch={"age_ms": 20})
    assert gateway.reload() == "ok" and stale(gateway) == 0


def test_setting_that_needs_a_restart_is_named_and_the_rest_is_taken(gateway):
    gateway.write_settings(mqtt={"keepalive_s": 20}, log={"level": "debug"})
    assert gateway.reload() == "ok"
    log = gateway.read_log()
    assert 'event=needs_restart text="mqtt.keepalive_s: 15 -> 20: needs a restart"' in log
    assert "log.level: " in log and gateway.ready()


def test_changed_password_is_named_and_an_open_one_refused(make_gateway, district, place):
    secret = os.path.join(place, "secret")

    def write(text):
        with open(secret, "w", encoding="ascii") as file:
            file.write(text + "\n")
        os.chmod(secret, 0o600)

    write("one")
    gateway = make_gateway(pg={"password_file": secret})
    gateway.start()
    gateway.wait_ready()
    assert gateway.reload() == "ok" and "another password" not in gateway.read_log()
    write("two")
    assert gateway.reload() == "ok"
    assert 'text="pg.password_file: another password: needs a restart"' in gateway.read_log()
    os.chmod(secret, 0o644)
    assert gateway.reload() == "refused"
    assert "pg.password_file" in refusals(gateway)[0]


# ---- adapters --------------------------------------------------------------------------------------


def test_new_folder_is_an_adapter_after_a_reload(school, folder):
    gateway, send = school
    assert send()["reason"] == "no_adapter"
    folder.add()
    assert gateway.reload() == "ok"
    assert send()["verdict"] == "stored"
    assert 'event=added text="school"' in gateway.read_log()


def test_changed_mapping_replaces_the_running_one(school, folder):
    gateway, send = school
    folder.add()
    assert gateway.reload() == "ok"
    assert send("特别")["reason"] == "unknown_code"
    folder.change("level: {from: 程度, codes: zh}", "level: {from: 程度, words: {特别: MAJOR, 一般: GENERAL}}")
    assert gateway.reload() == "ok"
    assert send("特别")["verdict"] == "stored"
    assert 'event=changed text="school"' in gateway.read_log()


def test_mapping_that_does_not_compile_keeps_the_old_one(school, folder):
    gateway, send = school
    folder.add()
    assert gateway.reload() == "ok"
    folder.change("level: {from: 程度, codes: zh}", "levl: {from: 程度, codes: hz}")
    assert gateway.reload() == "refused"
    assert stale(gateway) == 1 and gateway.ready()
    assert any(re.search(r"school/mapping\.yaml:\d+:\d+: ", line) for line in refusals(gateway))
    assert send()["verdict"] == "stored"


def test_mapping_that_contradicts_its_samples_keeps_the_old_one(school, folder, db):
    gateway, send = school
    folder.add()
    assert gateway.reload() == "ok"
    folder.change("name: 问题", "name: 负责人")
    gateway.write_settings(node={"name": "新华区"})
    assert gateway.reload() == "refused" and stale(gateway) == 1
    assert any("school/samples/01.utf8.csv" in line for line in refusals(gateway))
    assert send()["verdict"] == "stored"
    assert db.execute("select name from exchange.hazard").fetchone()[0] == "栏杆松动"
    assert "新华区" in gateway.get("/")[1]  # what is right is taken all the same
    folder.write(folder.good)
    assert gateway.reload() == "ok" and stale(gateway) == 0


def test_one_wrong_mapping_does_not_keep_the_others_back(school, folder):
    gateway, send = school
    folder.add()
    with open(os.path.join(folder.path, "gongmao", "mapping.yaml"), "a", encoding="utf-8") as file:
        file.write("nonsense: 1\n")
    assert gateway.reload() == "refused"
    assert send()["verdict"] == "stored"
    assert "gongmao" in str(refusals(gateway)) and "school" not in str(refusals(gateway))


def test_adapter_whose_folder_is_gone_serves_until_the_next_start(school, folder):
    gateway, send = school
    folder.add()
    assert gateway.reload() == "ok"
    shutil.rmtree(os.path.dirname(folder.mapping))
    assert gateway.reload() == "ok"
    assert 'event=gone text="school serves until the next start"' in gateway.read_log()
    assert send()["verdict"] == "stored"
    gateway.stop()
    gateway.start()
    gateway.wait_ready()
    assert send()["reason"] == "no_adapter"


# ---- under load ------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(240)
def test_two_hundred_reloads_under_load_lose_and_double_nothing(school, folder, district, stack, place, db):
    """The leak checker of the sanitized build looks when the gateway ends."""
    gateway, send = school
    folder.add()
    stream = load.Stream(district.of("hazchem")[:2], 6000)
    loads = load.start(stack, place, stream, seconds=15)
    stored = 0
    try:
        for number in range(RELOADS):
            folder.change("times: [yyyy/M/d]", "times: [yyyy/M/d]  # %d" % number)
            gateway.write_settings(batch={"age_ms": 5 + number % 20, "reports_max": 100 + number})
            if number % 10 == 9:
                folder.change("codes: zh", "codes: hz")
            assert gateway.reload() == ("refused" if number % 10 == 9 else "ok")
            if number % 20 == 0:
                assert send()["verdict"] == "stored"
                stored += 1
        wait_until(lambda: sum(one.acked_count() for one in loads) == stream.total_messages(), 60)
        want = set(stream.good)

        def all_there():
            rows = [str(row[0]) for row in db.execute(
                "select msg_id from dg.ledger where sector = 'hazchem'")]
            return len(rows) == len(want) and set(rows) == want

        wait_until(all_there, 60, "every report once", every=0.2)
        assert db.execute("select count(*) from exchange.hazard where source_system = 'school'"
                          ).fetchone()[0] == stored
        assert gateway.metrics()['dualgate_reload_total{result="ok"}'] == RELOADS * 9 // 10
    finally:
        for one in loads:
            one.kill()
    gateway.stop()
    gateway.check_sanitizers()
