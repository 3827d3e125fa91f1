# SPDX-License-Identifier: Apache-2.0
"""`dualgate report` as an enterprise uses it, `dualgate feed` as a department does."""

import json
import os
import signal
import subprocess
import time

import pytest

from lib import reports
from lib.gateway import binary, cli, sanitizer_env
from lib.wait import wait_until


def write_lines(path, many):
    with open(path, "w", encoding="utf-8") as file:
        for one in many:
            file.write(json.dumps(one, ensure_ascii=False) + "\n")


def start(stack, *arguments, **more):
    return subprocess.Popen([binary(), arguments[0], "--config", stack.config_file, *arguments[1:]],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=sanitizer_env(), **more)


def test_file_of_reports_is_sent_and_its_state_removed(gateway, stack, district, db, place):
    uscc = district.one().uscc
    path = os.path.join(place, "reports.json")
    many = [reports.hazard(uscc, {"sector": "hazchem"}) for _ in range(20)]
    del many[3]["msg_id"]
    write_lines(path, many)
    done = cli(stack, "report", path)
    assert "20 stored" in done.stdout
    assert db.execute("select count(*) from exchange.report").fetchone()[0] == 20
    assert os.listdir(place).count("reports.json.outbox") == 0


def test_refused_report_is_told_and_ends_with_1(gateway, stack, district, place):
    path = os.path.join(place, "reports.json")
    write_lines(path, [reports.hazard(district.one().uscc, {"sector": "hazchem"}, level="7")])
    done = cli(stack, "report", path, check=False)
    assert done.returncode == 1
    assert "unknown_code" in done.stdout and "body.level" in done.stdout


def test_wrong_line_is_named_and_nothing_is_sent(gateway, stack, district, db, place):
    path = os.path.join(place, "reports.json")
    write_lines(path, [reports.hazard(district.one().uscc, {"sector": "hazchem"})])
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"record": \n')
    done = cli(stack, "report", path, check=False)
    assert done.returncode == 1
    assert "reports.json:2:" in done.stderr
    assert db.execute("select count(*) from exchange.report").fetchone()[0] == 0


def test_report_killed_three_times_stores_each_line_once(gateway, stack, district, db, place):
    uscc = district.one().uscc
    path = os.path.join(place, "reports.json")
    many = [reports.hazard(uscc, {"sector": "hazchem"}) for _ in range(3000)]
    for one in many[::2]:
        del one["msg_id"]  # the outbox gives them theirs, and keeps it
    write_lines(path, many)
    killed = 0
    for reached in (200, 900, 1700):
        running = start(stack, "report", "--window", "50", path)
        wait_until(lambda: running.poll() is not None or
                   db.execute("select count(*) from exchange.report").fetchone()[0] >= reached, 60)
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.communicate()
    assert killed == 3, "it was through before it could be killed"
    done = cli(stack, "report", path)
    assert "taken up" in done.stderr
    rows, ids = db.execute("select count(*), count(distinct id) from exchange.report").fetchone()
    assert (rows, ids) == (3000, 3000)
    assert db.execute("select count(*) from exchange.hazard").fetchone()[0] == 3000


def feed_lines(output):
    return [json.loads(line) for line in output.splitlines() if line]


def test_feed_delivers_each_item_once_over_runs(gateway, stack, district, connect, place):
    uscc = district.one().uscc
    publisher = connect(uscc)
    state = os.path.join(place, "feed.state")
    follow = start(stack, "feed", "--sector", "hazchem", "--state", state, "--follow")
    try:
        wait_until(lambda: "feed/json/hazchem" in open(stack.broker_log, encoding="utf-8").read(), 20)
        first = [reports.hazard(uscc) for _ in range(30)]
        publisher.send(first)
        time.sleep(1)
    finally:
        follow.send_signal(signal.SIGTERM)
        output, _ = follow.communicate(timeout=20)
    # what comes while it is away is kept by the broker
    second = [reports.hazard(uscc) for _ in range(30)]
    publisher.send(second)
    again = cli(stack, "feed", "--sector", "hazchem", "--state", state, "--idle", "2")
    items = feed_lines(output) + feed_lines(again.stdout)
    assert [item["feed_seq"] for item in items] == list(range(1, 61))
    assert [item["prev"] for item in items] == list(range(0, 60))
    assert {item["report"]["body"]["id"] for item in items} == \
        {one["body"]["id"] for one in first + second}
    assert all("建国" not in json.dumps(item, ensure_ascii=False) for item in items), "not masked"


def test_feed_says_where_an_item_is_missing(gateway, stack, district, connect, place):
    uscc = district.one().uscc
    publisher = connect(uscc)
    state = os.path.join(place, "feed.state")
    township = district.one().division
    topic = "dp/v1/410411/feed/json/hazchem/%s/hazard" % township
    with open(state, "w", encoding="utf-8") as file:
        file.write("client %s\n%s 5\n" % ("0" * 32, topic))
    follow = start(stack, "feed", "--township", township, "--state", state, "--idle", "3")
    wait_until(lambda: "feed/json/+/" in open(stack.broker_log, encoding="utf-8").read(), 20)
    publisher.send([reports.hazard(uscc) for _ in range(12)])
    output, errors = follow.communicate(timeout=30)
    assert [item["feed_seq"] for item in feed_lines(output)] == list(range(6, 13))
    assert follow.returncode == 0, errors


@pytest.mark.parametrize("arguments", [["feed"], ["feed", "--sector", "a/b"], ["report"], ["rate", "--month", "x"],
                                       ["quarantine", "show", "x"], ["nothing"]])
def test_wrong_usage_ends_with_2(stack, arguments):
    assert cli(stack, *arguments, check=False).returncode == 2
