# SPDX-License-Identifier: Apache-2.0
"""`dualgate schema`: what it refuses the gateway refuses, what the gateway's own samples say it takes."""

import copy
import glob
import json
import os
import subprocess
import uuid

import jsonschema
import pytest

from lib import reports
from lib.gateway import binary
from lib.servers import ROOT
from lib.uscc import uscc


FOLDER = os.path.join(ROOT, "deploy/examples/schema")


def dualgate(*arguments):
    return subprocess.run([binary(), "schema", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def schema_of(record):
    with open(os.path.join(FOLDER, record + ".schema.json"), encoding="utf-8") as file:
        return json.load(file)


def test_schema_files_are_those_of_the_program(place):
    assert dualgate("--dir", place).returncode == 0
    made, kept = sorted(os.listdir(place)), sorted(os.listdir(FOLDER))
    assert made == kept, "run make schemas"
    for name in made:
        with open(os.path.join(place, name), encoding="utf-8") as new, \
                open(os.path.join(FOLDER, name), encoding="utf-8") as old:
            assert new.read() == old.read(), "%s: run make schemas" % name
    listed = [line.split()[0] for line in dualgate().stdout.splitlines()]
    assert sorted(listed) == [name[:-len(".schema.json")] for name in kept]


def test_schema_of_an_unknown_record_is_wrong_usage():
    done = dualgate("hazzard")
    assert done.returncode == 2 and "hazzard" in done.stderr


def test_every_schema_is_a_schema():
    for path in glob.glob(os.path.join(FOLDER, "*.json")):
        with open(path, encoding="utf-8") as file:
            jsonschema.Draft202012Validator.check_schema(json.load(file))


def golden_reports():
    """(file, report) of every accepted line of the adapters' samples, in a full envelope."""
    for path in sorted(glob.glob(os.path.join(ROOT, "adapters/*/samples/*.expected.jsonl"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                expected = json.loads(line) if line.strip() else {}
                if "body" not in expected or expected.get("op") == "DELETE":
                    continue
                report = {key: value for key, value in expected.items() if key != "warnings"}
                report.setdefault("msg_id", str(uuid.uuid4()))
                report.setdefault("uscc", uscc(1))
                yield path, report


def test_what_adapters_make_is_valid():
    count = 0
    for path, report in golden_reports():
        record = report["record"]
        if report.get("op") == "TRANSITION":
            record = "hazard_transition"
        jsonschema.validate(report, schema_of(record), jsonschema.Draft202012Validator)
        count += 1
    assert count > 20


@pytest.mark.parametrize("spoil", [
    lambda report: report.pop("msg_id"),
    lambda report: report.pop("uscc"),
    lambda report: report.pop("body"),
    lambda report: report["body"].pop("name"),
    lambda report: report["body"].update(level="SEVERE"),
    lambda report: report["body"].update(name="长" * 301),
    lambda report: report["body"].update(round=0),
    lambda report: report.update(op="ZERO"),
    lambda report: report.update(record="risk_unit"),
])
def test_what_is_refused_is_refused(spoil):
    good = reports.hazard(uscc(1))
    validator = jsonschema.Draft202012Validator(schema_of("hazard"))
    assert validator.is_valid(good)
    bad = copy.deepcopy(good)
    spoil(bad)
    assert not validator.is_valid(bad)


def test_a_delete_needs_only_its_key():
    jsonschema.validate(reports.delete("hazard", uscc(1), uuid.uuid4().hex), schema_of("hazard"),
                        jsonschema.Draft202012Validator)
