# SPDX-License-Identifier: Apache-2.0
"""dualgate simulate: a whole district through real servers, the same for the same seed."""

import base64
import collections
import json
import signal
import subprocess

import pytest

from lib.gateway import binary, cli, sanitizer_env
from lib.servers import ROOT
from lib.uscc import check_digit, org_check
from lib.wait import wait_until

START = ("--start", "2026-03-20")
SIMULATE_SECONDS = 110


@pytest.fixture
def bare_gateway(make_gateway):
    """A gateway whose register is empty: the simulator fills it."""
    made = make_gateway()
    made.start()
    made.wait_ready()
    return made


def simulate(stack, *arguments, **more):
    return cli(stack, "simulate", *arguments, timeout=SIMULATE_SECONDS,
               config=more.pop("config", None), **more)


def dry_run(*arguments):
    done = subprocess.run([binary(), "simulate", "--dry-run", *START, *arguments], cwd=ROOT,
                          stdout=subprocess.PIPE, env=sanitizer_env(), check=True, timeout=60)
    return done.stdout


def counts(stack):
    tables = ("dg.ledger", "exchange.quarantine", "register.entity", "register.unit",
              "register.publisher", "register.authorisation", "exchange.hazard_history", "dg.outbox")
    return {table: stack.value("select count(*) from " + table) for table in tables}


def test_the_same_seed_prints_the_same_and_another_does_not():
    first = dry_run("--seed", "7", "--days", "10", "--entities", "60")
    assert first == dry_run("--seed", "7", "--days", "10", "--entities", "60")
    assert first != dry_run("--seed", "8", "--days", "10", "--entities", "60")


def test_a_dry_run_is_readable_and_its_codes_are_right():
    seen = collections.Counter()
    for line in dry_run("--seed", "7", "--days", "10", "--entities", "60").decode().splitlines():
        message = json.loads(line)
        native = message["topic"].endswith("/native")
        seen[message["expected"], native] += 1
        if message["content_type"].startswith("text/csv"):
            text = base64.b64decode(message["payload_base64"]).decode("gb18030")
            assert len(text.splitlines()) > 1
        if message["expected"] != "taken" or native:
            continue
        assert message["at"].endswith("+08:00")
        body = json.loads(message["payload"])
        for report in body if isinstance(body, list) else [body]:
            code = report["uscc"]
            assert code[17] == check_digit(code[:17]) and code[16] == org_check(code[8:16])
    assert seen["taken", False] > 100 and seen["taken", True] > 5
    assert len({reason for reason, _ in seen}) > 5


@pytest.mark.parametrize("arguments", [("--days", "0"), ("--entities", "5"), ("--start", "2026-02-30"),
                                       ("--seed", "x"), ("more",), ("--nothing",)])
def test_wrong_usage_is_said(arguments):
    done = subprocess.run([binary(), "simulate", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=20,
                          env=sanitizer_env())
    assert done.returncode == 2 and done.stderr and not done.stdout


@pytest.mark.timeout(300)
def test_a_month_of_a_district_arrives_as_it_should(stack, bare_gateway):
    done = simulate(stack, "--seed", "7", "--days", "30", "--json", *START)
    totals = json.loads(done.stdout)
    assert totals["unexpected"] == 0 and totals["missing"] == 0
    assert len(totals["reasons"]) >= 5
    verdicts = totals["verdicts"]
    assert all(verdicts[word] > 0 for word in ("stored", "duplicate", "stale", "parked", "rejected"))
    assert totals["released"] == verdicts["parked"]

    query = stack.query
    assert len(query("select distinct u.sector from exchange.report r"
                     " join register.unit u using (uscc, unit)")) == 16
    assert len(query("select distinct division from register.entity")) == 10
    assert len(query("select distinct left(u.division, 9) from exchange.report r"
                     " join register.unit u using (uscc, unit)")) == 10
    states = {row[0] for row in query("select distinct state from exchange.hazard")}
    assert len(states) >= 6 and "VOID" in states
    assert stack.value("select count(*) from exchange.hazard where level = 'MAJOR'") > 0
    assert stack.value("select count(*) from exchange.hazard where state = 'RECTIFYING'"
                       " and deadline < date '2026-04-19'") > 0
    assert len(query("select distinct reason from exchange.quarantine")) >= 5
    systems = {row[0] for row in query("select distinct source_system from exchange.hazard")}
    assert {"hazchem-w1", "gongmao"} <= systems
    records = {row[0] for row in query("select distinct record from exchange.report"
                                       " where verdict = 'stored'")}
    assert {"entity", "risk_object", "risk_unit", "risk_event", "measure", "check_task",
            "check_record", "hazard", "zero_report"} <= records
    assert stack.value("select count(*) from exchange.hazard_transition") > 0
    # What went through a sector's own form came out as it was meant: whole hundreds of yuan.
    assert stack.value("select count(*) from exchange.hazard where source_system = 'gongmao'"
                       " and (cost < 500 or cost % 500 <> 0)") == 0

    before = counts(stack)
    again = json.loads(simulate(stack, "--seed", "7", "--days", "30", "--json", *START).stdout)
    assert again["verdicts"]["stored"] == 0 and again["unexpected"] == 0
    assert again["reports"] == totals["reports"]
    assert counts(stack) == before


@pytest.mark.timeout(200)
def test_following_goes_on_with_the_present_until_interrupted(stack, bare_gateway):
    process = subprocess.Popen(
        [binary(), "simulate", "--config", stack.config_file, "--seed", "3", "--days", "2",
         "--entities", "20", "--follow", "--rate", "40"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=sanitizer_env(), text=True, cwd=ROOT)
    fresh = ("select count(*) from exchange.report where record = 'hazard'"
             " and observed_at > now() - interval '1 minute'")
    try:
        wait_until(lambda: stack.value(fresh) > 30, 60, "reports of now")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err
    assert "without a receipt" in out and "Sanitizer" not in err


def test_a_login_that_may_not_write_the_register_is_told_so(stack, place):
    config = place + "/reader.yaml"
    with stack.connect() as db:
        db.execute("create role simulate_reader login")
    stack.write_config(config, pg={"user": "simulate_reader"})
    done = simulate(stack, "--days", "1", "--entities", "16", config=config, check=False)
    assert done.returncode == 1
    assert "simulate_reader may not write the register" in done.stderr
