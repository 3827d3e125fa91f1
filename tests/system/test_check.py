# SPDX-License-Identifier: Apache-2.0
"""`dualgate check` says all that is wrong, each at its place, in one go."""

import json
import os
import re
import shutil
import subprocess

import pytest

from lib.gateway import cli
from lib.servers import ROOT, _stack
from lib.wait import wait_until


@pytest.fixture
def configured(stack, place):
    """configured(section={…}) -> the path of a configuration that differs from the stack's."""
    def make(**settings):
        path = os.path.join(place, "check.yaml")
        stack.write_config(path, **settings)
        return path

    return make


@pytest.fixture
def careless_broker(place):
    """Mosquitto as it comes: it drops what it acknowledged once 1000 messages wait."""
    port = _stack.choose_port([])
    config = os.path.join(place, "careless.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write("listener %d 127.0.0.1\nallow_anonymous true\nmax_packet_size 1000000\n" % port)
    with open(os.path.join(place, "careless.log"), "wb") as log:
        process = subprocess.Popen([_stack.MOSQUITTO, "-c", config], stdout=log, stderr=log)
    yield port
    process.terminate()
    process.wait(10)


def complaints(stack, config):
    done = cli(stack, "check", "--json", config=config, check=False)
    said = json.loads(done.stdout)
    assert said["ok"] == (done.returncode == 0) == (not said["complaints"])
    return said["complaints"]


def test_good_stack_has_nothing_to_complain_of_but_its_fsync(stack):
    done = cli(stack, "check", check=False)
    # test clusters run without fsync, and that must be said
    assert [line.split(":")[1].split()[0] for line in done.stderr.splitlines()] == ["fsync", "full_page_writes"]
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["settings", "ok"], ["adapters", "ok"], ["database", "wrong"], ["broker", "ok"],
        ["publishers", "ok"]]


def test_broker_that_drops_what_it_acknowledged_is_found_out(stack, configured, careless_broker):
    wait_until(lambda: not complaints(stack, configured(
        mqtt={"port": careless_broker}))[0].startswith("mqtt.host: no MQTT"), 10)
    said = complaints(stack, configured(mqtt={"port": careless_broker}))
    about = [line for line in said if line.startswith("mqtt.host:")]
    assert any("max_packet_size" in line for line in about), said
    assert any("max_queued_messages" in line for line in about), said


def test_everything_wrong_is_said_in_one_go(stack, configured, place, db):
    adapters = os.path.join(place, "adapters")
    shutil.copytree(os.path.join(ROOT, "adapters"), adapters)
    mapping = os.path.join(adapters, "gongmao", "mapping.yaml")
    with open(mapping, encoding="utf-8") as file:
        lines = file.read().replace("charset: GB18030", "charset: KOI8", 1)
    with open(mapping, "w", encoding="utf-8") as file:
        file.write(lines)
    db.execute("update dg.migration set checksum = 'x' where no = 1")
    said = complaints(stack, configured(adapters={"path": adapters},
                                        mqtt={"publishers_port": _stack.choose_port([])}))
    assert any("gongmao/mapping.yaml:" in line for line in said), said
    assert any("migration 1" in line for line in said), said
    assert any(line.startswith("mqtt.publishers_host: no MQTT 5 broker") for line in said), said


def test_sample_that_comes_out_differently_is_a_complaint(stack, configured, place):
    adapters = os.path.join(place, "adapters")
    shutil.copytree(os.path.join(ROOT, "adapters"), adapters)
    mapping = os.path.join(adapters, "gongmao", "mapping.yaml")
    with open(mapping, encoding="utf-8") as file:
        text = file.read()
    changed = text.replace("name: 隐患名称", "name: 隐患描述", 1)
    assert changed != text
    with open(mapping, "w", encoding="utf-8") as file:
        file.write(changed)
    done = cli(stack, "check", "--offline", config=configured(adapters={"path": adapters}), check=False)
    assert done.returncode == 1
    # which line of which file: what is in the table's column 隐患名称 is the name no longer
    assert re.search(r"gongmao/samples/01-taizhang\.utf8\.csv\.expected\.jsonl:1: report 0: .*: expected .*, came ",
                     done.stderr), done.stderr
    alone = cli(stack, "adapt", "gongmao", "--check", config=configured(adapters={"path": adapters}), check=False)
    assert alone.returncode == 1 and "01-taizhang.utf8.csv.expected.jsonl:1: " in alone.stderr


def test_wrong_samples_of_all_adapters_are_told_in_one_go(stack, configured, place):
    adapters = os.path.join(place, "adapters")
    shutil.copytree(os.path.join(ROOT, "adapters"), adapters)
    for adapter, sample in (("gongmao", "02-rejected.utf8.csv"), ("hazchem", "07-hazard.plain.json")):
        path = os.path.join(adapters, adapter, "samples", sample + ".expected.jsonl")
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        lines[0] = '{"rejected": "too_deep"}'
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n\n" + "\n".join(lines) + "\n")
    done = cli(stack, "check", "--offline", "--json", config=configured(adapters={"path": adapters}), check=False)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and not said["ok"]
    for sample in ("gongmao/samples/02-rejected.utf8.csv", "hazchem/samples/07-hazard.plain.json"):
        assert any(re.search(re.escape(sample) + r"\.expected\.jsonl:3: report 0: .+: expected too_deep, came ", line)
                   for line in said["complaints"]), said


def test_closed_lists_are_printed_with_sentences(stack):
    lists = json.loads(cli(stack, "check", "--reasons", "--json").stdout)
    for kind, header, some in (("reasons", "reason.h", "unknown_code"), ("findings", "finding.h", "reopened")):
        with open(os.path.join(ROOT, "gateway/model", header), encoding="utf-8") as file:
            want = re.findall(r'^    X\([A-Z0-9_]+, "(\w+)"', file.read(), re.M)
        assert [entry["word"] for entry in lists[kind]] == want and some in want
        for entry in lists[kind]:
            assert re.search("[一-龥]", entry["text"]) and re.search("[a-z]{2}", entry["text_en"])
            assert "%" not in entry["text"] + entry["text_en"], entry
    plain = cli(stack, "check", "--reasons").stdout.split("\n\n")
    assert [len(part.strip().splitlines()) for part in plain] == [len(lists["reasons"]), len(lists["findings"])]


def test_wrong_settings_are_named_with_line_and_column(stack, place):
    path = os.path.join(place, "wrong.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("mqtt:\n  port: 99999\nbatch:\n  mesages_max: 3\n")
    done = cli(stack, "check", config=path, check=False)
    assert done.returncode != 0
    assert "wrong.yaml:2:" in done.stderr and "mqtt.port" in done.stderr
    assert "wrong.yaml:4:" in done.stderr and "mesages_max" in done.stderr
