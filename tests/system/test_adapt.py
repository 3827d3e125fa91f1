# SPDX-License-Identifier: Apache-2.0
"""`dualgate adapt`: an adapter tried on files, with neither broker nor database nor configuration."""

import json
import os
import subprocess

from lib.gateway import binary
from lib.servers import ROOT

SAMPLES = os.path.join(ROOT, "adapters", "%s", "samples")


def adapt(*arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith("DUALGATE_")}
    return subprocess.run([binary(), "adapt", *arguments], cwd=ROOT, env=env, capture_output=True, text=True,
                          timeout=60, check=False)


def sample(adapter, name):
    return os.path.join(SAMPLES % adapter, name)


def test_good_rows_become_canonical_json():
    done = adapt("gongmao", sample("gongmao", "01-taizhang.utf8.csv"))
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == 5
    assert reports[0]["record"] == "hazard" and reports[0]["body"]["cost"] == "2000"


def test_rejected_rows_say_why_on_stderr():
    done = adapt("gongmao", sample("gongmao", "02-rejected.utf8.csv"))
    assert done.returncode == 1 and done.stdout == ""
    assert "unknown_code [line 2].隐患等级" in done.stderr


def test_json_has_an_object_for_every_report():
    done = adapt("hazchem", sample("hazchem", "04-measure.plain.json"), "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["index"] for line in lines] == [0, 1, 2, 3]
    assert [line.get("reason") for line in lines] == [None, None, "unknown_code", "class2_mismatch"]
    assert lines[2]["value"] == "9" and lines[0]["report"]["record"] == "measure"


def test_the_envelope_opens_with_the_key_that_is_given(tmp_path):
    key = tmp_path / "key.txt"
    key.write_text("another-key-2020\n")
    file = sample("hazchem", "10-sealed.json")
    assert adapt("hazchem", file).returncode == 0
    done = adapt("hazchem", file, "--key-file", str(key))
    assert done.returncode == 1 and "bad_envelope" in done.stderr


def test_the_declared_encoding_comes_first():
    file = sample("gongmao", "04-utf8-undeclared.csv")
    assert adapt("gongmao", file).returncode == 1
    assert adapt("gongmao", file, "--charset", "UTF-8").returncode == 0


def test_who_is_registered_comes_from_a_file(tmp_path):
    register = tmp_path / "register.csv"
    register.write_text("uscc,name,division,sector\n91410411MA45ABCD6Y,甲公司,410411001,machinery\n", encoding="utf-8")
    done = adapt("gongmao", sample("gongmao", "01-taizhang.utf8.csv"), "--register", str(register))
    assert done.returncode == 1 and "unknown_entity" in done.stderr


def test_samples_are_checked():
    for adapter in ("hazchem", "gongmao"):
        done = adapt(adapter, "--check")
        assert done.returncode == 0, done.stderr


def test_wrong_usage_is_said():
    assert adapt().returncode == 2
    assert adapt("nosuch", "file").returncode == 2
    assert adapt("gongmao", "--nosuch", "file").returncode == 2
    assert adapt("gongmao", "/nonexistent").returncode == 1
    help_text = adapt("--help")
    assert help_text.returncode == 0 and "usage: dualgate adapt" in help_text.stdout
