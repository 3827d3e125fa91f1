# SPDX-License-Identifier: Apache-2.0
"""A record without C, a format without a build, an old database brought up to date."""

import os
import re
import shutil
import subprocess

import pytest

from lib import reports
from lib.gateway import Gateway, cli
from lib.servers import ROOT

# An invented record: a fire drill that a unit held.
DRILL_MESSAGE = """
message Drill {
  option (record) = {zh: "应急演练" en: "drill" source: "test"};
  message Kind {
    enum Code {
      FIRE = 0 [(code) = {zh: "消防" en: "fire"}];
      LEAK = 1 [(code) = {zh: "泄漏" en: "leak"}];
    }
  }
  optional string id = 1 [(rule) = {required: true format: UUID zh: "演练编号" en: "drill id"}];
  optional string theme = 2 [(rule) = {required: true max_chars: 100 zh: "主题" en: "theme"}];
  optional Kind.Code kind = 3 [(rule) = {required: true zh: "类别" en: "kind"}];
  optional string held_on = 4 [(rule) = {format: DATE zh: "日期" en: "held on"}];
  optional int32 persons = 5 [(rule) = {min: 1 max: 100000 zh: "人数" en: "persons"}];
}
"""


@pytest.fixture
def tree(place):
    """A copy of the sources and of the generated code, to be changed."""
    copy = os.path.join(place, "tree")
    os.mkdir(copy)
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split("\n")
    for name in filter(None, names):
        source = os.path.join(ROOT, name)
        if os.path.isfile(source):
            target = os.path.join(copy, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target)
    return copy


def edit(tree, name, change):
    path = os.path.join(tree, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    changed = change(text)
    assert changed != text
    with open(path, "w", encoding="utf-8") as file:
        file.write(changed)


def build(tree):
    # Unoptimised: what is tested is that it builds at all and runs.
    subprocess.run(["make", "-s", "-j2", "build-release", "release_cflags=-O0 -w", "hardening="],
                   cwd=tree, check=True, timeout=400)
    return os.path.join(tree, "build/dualgate")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_new_record(tree, place, stack, district, connect, db, monkeypatch):
    edit(tree, "proto/records.proto", lambda text: text + DRILL_MESSAGE)
    edit(tree, "proto/report.proto", lambda text: re.sub(
        r"(oneof content \{\n)", r"\1    Drill drill = 199;\n", text))
    binary = build(tree)
    draft = subprocess.run([binary, "migrate", "--draft", "drill"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    assert "create table exchange.drill" in draft
    number = len(os.listdir(os.path.join(tree, "deploy/sql")))
    with open(os.path.join(tree, "deploy/sql/%04d_drill.sql" % number), "w", encoding="utf-8") as file:
        file.write(draft)
    build(tree)
    monkeypatch.setenv("DUALGATE_TEST_BINARY", binary)
    cli(stack, "migrate")
    gateway = Gateway(stack, os.path.join(place, "gateway"))
    try:
        gateway.start()
        gateway.wait_ready()
        publisher = connect(district.one().uscc)
        drill = reports.report("drill", district.one().uscc, {
            "id": reports.new_id(), "theme": "液氨泄漏处置", "kind": "LEAK",
            "held_on": "2020-10-20", "persons": 45})
        item = publisher.send(drill)
        assert item["verdict"] == "stored", item
        assert db.execute("select theme, kind, held_on::text, persons from exchange.drill").fetchone() \
            == ("液氨泄漏处置", "LEAK", "2020-10-20", 45)
        assert db.execute("select record from dg.outbox").fetchall() == [("drill",)]
        bad = reports.report("drill", district.one().uscc, {
            "id": reports.new_id(), "theme": "无", "kind": "WAR"})
        item = publisher.send(bad)
        assert (item["reason"], item["field"]) == ("unknown_code", "body.kind")
        assert "类别" in item["text"]
    finally:
        gateway.end()


MAPPING_NAME = "school"


def test_new_mapping(place, stack, district, connect, db, make_gateway):
    """A third CSV adapter: a folder with a mapping, and a gateway that is not rebuilt."""
    folder = os.path.join(place, "adapters")
    shutil.copytree(os.path.join(ROOT, "adapters"), folder)
    os.mkdir(os.path.join(folder, MAPPING_NAME))
    with open(os.path.join(ROOT, "tests/system/school_mapping.yaml"), encoding="utf-8") as file:
        mapping = file.read()
    with open(os.path.join(folder, MAPPING_NAME, "mapping.yaml"), "w", encoding="utf-8") as file:
        file.write(mapping)
    entity = district.one("machinery")
    db.execute("insert into register.publisher (code, kind, name, adapters, charset)"
               " values (%s, 'ENTITY', '甲', %s, 'GB18030')", (entity.uscc, [MAPPING_NAME]))
    gateway = make_gateway(adapters={"path": folder})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(entity.uscc, sector="machinery")
    text = "编号,问题,程度,发现时间,限期,负责人,状况\n" \
           "%s,栏杆松动,一般,2020/4/7,2020/4/20,李建国,整改中\n" \
           "%s,插座破损,特别,2020/4/7,2020/4/20,李建国,整改中\n" % (reports.new_id(), reports.new_id())
    publisher.publish_raw("up/native", text.encode("gb18030"))
    publisher.wait_receipts(1)
    items = publisher.receipts[0][1]["items"]
    assert items[0]["verdict"] == "stored", items
    assert (items[1]["verdict"], items[1]["reason"], items[1]["value"]) == \
        ("rejected", "unknown_code", "特别")
    assert db.execute("select name, level, deadline::text from exchange.hazard").fetchone() == \
        ("栏杆松动", "GENERAL", "2020-04-20")


def test_no_wire_name_of_an_adapter_stands_in_c():
    """What a sector calls its fields is the mapping's business alone."""
    names = set()
    for top, _, files in os.walk(os.path.join(ROOT, "adapters")):
        for name in files:
            if name == "mapping.yaml":
                with open(os.path.join(top, name), encoding="utf-8") as file:
                    text = "\n".join(line.split("#")[0] for line in file)
                names |= set(re.findall(r"\b[a-z]+[A-Z][A-Za-z]{3,}\b", text))
    assert len(names) > 30
    found = []
    for top, _, files in os.walk(os.path.join(ROOT, "gateway")):
        # The simulator speaks as an enterprise's system does.
        for name in files:
            if name.endswith(".c") and not name.startswith(("simulate", "district")):
                with open(os.path.join(top, name), encoding="utf-8") as file:
                    text = file.read()
                found += [(name, word) for word in names if re.search(r'"[^"\n]*\b%s\b' % word, text)]
    assert not found
