# SPDX-License-Identifier: Apache-2.0
"""The publishers of deploy/examples, each killed and each with a broker that dies under it: every report
ends in done/ or refused/ beside its receipt, and stands once in the ledger."""

import json
import os
import random
import shutil
import subprocess
import time

import pytest

from lib import reports
from lib.gateway import sanitizer_env
from lib.servers import NODE, ROOT, tail
from lib.wait import wait_until

EXAMPLES = os.path.join(ROOT, "deploy/examples")
COMPILE = ["gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-g",
           "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
LIBRARIES = ["-lmosquitto", "-ljansson", "-lcrypto"]
COUNT = 120
KILLS = 4


@pytest.fixture(scope="session")
def mqtt_js():
    """node_modules as package-lock.json has them."""
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          check=False)
    assert done.returncode == 0, done.stdout


class Example:
    """One language: how it is started, and where its folders are."""

    def __init__(self, language, stack, entity, place):
        self.language, self.stack, self.entity = language, stack, entity
        self.folder = os.path.join(place, "outbox-" + language)
        self.log = os.path.join(place, language + ".log")
        self.binary = os.path.join(place, "publisher")
        if language == "c":
            subprocess.run([*COMPILE, "-o", self.binary, os.path.join(EXAMPLES, "c/publisher.c"),
                            *LIBRARIES], check=True)

    def command(self, files, once):
        port, code, sector = str(self.stack.port("mqtt")), self.entity.uscc, self.entity.sector
        if self.language == "c":
            return [self.binary, "-a", code, "-s", sector, "-n", NODE, "-p", port, "-d", self.folder,
                    *(["-1"] if once else []), *files]
        start = {"python": ["/usr/bin/python3", os.path.join(EXAMPLES, "python/publisher.py")],
                 "javascript": ["node", os.path.join(EXAMPLES, "javascript/publisher.mjs")]}
        return [*start[self.language], "--publisher", code, "--sector", sector, "--node", NODE,
                "--port", port, "--dir", self.folder, *(["--once"] if once else []), *files]

    def start(self, files=(), once=False):
        with open(self.log, "ab") as log:
            return subprocess.Popen(self.command(files, once), stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log, env=sanitizer_env(), cwd=ROOT)

    def names(self, place):
        folder = os.path.join(self.folder, place)
        if not os.path.isdir(folder):
            return []
        return sorted(name for name in os.listdir(folder)
                      if name.endswith(".json") and not name.startswith(".")
                      and not name.endswith(".receipt.json"))

    def settled(self):
        return len(self.names("done")) + len(self.names("refused"))

    def read(self, place, name):
        with open(os.path.join(self.folder, place, name), encoding="utf-8") as file:
            return json.load(file)

    def receipts(self, place):
        """{msg_id: receipt item} of the reports in that folder; each has one."""
        found = {}
        for name in self.names(place):
            item = self.read(place, name[:-len(".json")] + ".receipt.json")
            found[self.read(place, name)["msg_id"]] = item
        return found


def make_reports(entity):
    """Good ones, bad ones, and children that stand before their parents; (reports, ids of bad ones)."""
    made, bad = [], set()
    for number in range(COUNT // 3):
        unit = reports.risk_unit(entity.uscc)
        made += [reports.risk_event(entity.uscc, unit["body"]["id"]), unit,
                 reports.hazard(entity.uscc, level="SEVERE" if number % 10 == 3 else "GENERAL")]
        if number % 10 == 3:
            bad.add(made[-1]["msg_id"])
    return made, bad


@pytest.fixture
def example(request, stack, district, place, show_log):
    if request.param == "javascript":
        request.getfixturevalue("mqtt_js")
    made = Example(request.param, stack, district.one("hazchem"), place)
    show_log(made.log)
    return made


def wait_for_progress(example, process, at_least):
    wait_until(lambda: example.settled() >= at_least or process.poll() is not None, 60,
               "%d reports receipted" % at_least)
    assert process.poll() is None or example.settled() >= at_least, tail(example.log, 30)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("example", [
    pytest.param("python", marks=pytest.mark.one), "javascript", "c"], indirect=True)
def test_example_publisher_loses_nothing(example, stack, gateway, db, place):
    made, bad = make_reports(example.entity)
    path = os.path.join(place, "reports.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in made)

    # Killed while it still reads the file, and again and again while it sends.
    process = example.start([path])
    time.sleep(random.uniform(0.05, 0.5))
    for step in range(1, KILLS):
        process.kill()
        process.wait()
        process = example.start([path])
        wait_for_progress(example, process, step * COUNT // (2 * KILLS))
    # The broker dies under it and comes back.
    stack.kill("broker")
    time.sleep(1)
    stack.start("broker")
    wait_for_progress(example, process, COUNT * 2 // 3)
    process.kill()
    process.wait()

    process = example.start(once=True)
    assert process.wait(120) == 1, tail(example.log, 40)  # some were refused
    done, refused = example.receipts("done"), example.receipts("refused")
    assert set(done) | set(refused) == {one["msg_id"] for one in made}
    assert set(refused) == bad
    assert {item["reason"] for item in refused.values()} == {"unknown_code"}
    assert all(item["field"] == "body.level" and item["value"] == "SEVERE" for item in refused.values())
    assert all(item["ledger_no"] > 0 for item in done.values())
    assert example.names("outbox") == [] and example.names("waiting") == []
    rows = db.execute("select msg_id::text, count(*) from exchange.report group by 1").fetchall()
    assert dict(rows) == {msg_id: 1 for msg_id in done}


@pytest.mark.parametrize("example", ["python", "javascript", "c"], indirect=True)
def test_example_publisher_tells_a_message_that_cannot_be_read(example, gateway):
    outbox = os.path.join(example.folder, "outbox")
    os.makedirs(outbox)
    report = dict(reports.hazard(example.entity.uscc), record="no_such_record")
    with open(os.path.join(outbox, "1-%s.json" % report["msg_id"]), "w", encoding="utf-8") as file:
        json.dump(report, file)
    assert example.start(once=True).wait(60) == 1, tail(example.log, 40)
    refused = example.receipts("refused")
    assert [item["reason"] for item in refused.values()] == ["unknown_record"]


def test_example_of_c_is_compiled_as_its_comment_says(place):
    copy = os.path.join(place, "publisher.c")
    shutil.copy(os.path.join(EXAMPLES, "c/publisher.c"), copy)
    with open(copy, encoding="utf-8") as file:
        line = next(line for line in file if line.startswith(" *   cc "))
    subprocess.run(line[len(" *   "):].split(), cwd=place, check=True)
    assert os.access(os.path.join(place, "publisher"), os.X_OK)
