# SPDX-License-Identifier: Apache-2.0
"""Faults while reports stream in at QoS 1. After each: promises.check_all().

Every kind has a short case (make test, sanitized build) and one of 20,000 reports (make test-long,
release build). Nobody restarts anything but what was killed or stopped."""

import os
import random
import time

import pytest

import promises
from lib import load
from lib.servers import NODE, ROOT
from lib.wait import wait_until

RELEASE = "build/dualgate"
FEED = "dp/v1/%s/feed/json/#" % NODE
SETTLE_SECONDS = 60
NOTICE_SECONDS = 10  # in which a hung server must be noticed


class Size:
    def __init__(self, reports, seconds, outage):
        self.reports, self.seconds, self.outage = reports, seconds, outage


SIZES = [
    pytest.param(Size(4000, 8, 3), id="short", marks=pytest.mark.one),
    pytest.param(Size(20000, 20, 10), id="full"),
]

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=SIZES)
def size(request, monkeypatch):
    full = request.param.reports >= 20000
    if full and os.access(os.path.join(ROOT, RELEASE), os.X_OK):
        monkeypatch.setenv("DUALGATE_TEST_BINARY",
                           os.environ.get("DUALGATE_TEST_BINARY", RELEASE))
    return request.param


class Run:
    """A gateway, publishers, and a department that listens; the faults are the test's."""

    def __init__(self, size, stack, district, db, gateway, folder):
        self.size, self.stack, self.db, self.gateway, self.folder = size, stack, db, gateway, folder
        self.stream = load.Stream(district.entities[:4], size.reports)
        self.feed, self.loads = None, []

    def begin(self, seconds):
        self.feed = load.Load(self.stack, os.path.join(self.folder, "feed"), "department", FEED,
                              port="gateway")
        self.loads = load.start(self.stack, self.folder, self.stream, seconds)

    def progress(self):
        """Part of the messages that the broker has acknowledged."""
        return sum(one.acked_count() for one in self.loads) / self.stream.total_messages()

    def wait_progress(self, part):
        wait_until(lambda: self.progress() >= part, 120, "%d %% published" % (100 * part))

    def is_streaming(self):
        return self.progress() < 1

    def start_again(self):
        self.gateway.start()
        self.gateway.wait_ready(40)

    def finish(self):
        promises.wait_published(self.stream, self.loads, 60 + 2 * self.size.seconds)
        promises.wait_receipts(self.stream, self.loads, SETTLE_SECONDS)
        promises.wait_settled(self.db, self.gateway, self.feed, SETTLE_SECONDS)
        promises.check_all(self.stream, self.db, self.gateway, self.loads, self.feed)

    def close(self):
        for one in self.loads + ([self.feed] if self.feed else []):
            one.kill()


@pytest.fixture
def prepared(size, stack, district, make_gateway, place):
    """A gateway that is ready; nothing is published yet."""
    gateway = make_gateway(pg={"statement_deadline_ms": 2000 if size.outage < 10 else 8000})
    gateway.start()
    gateway.wait_ready()
    made = Run(size, stack, district, None, gateway, place)
    yield made
    made.close()


@pytest.fixture
def run(prepared):
    prepared.begin(prepared.size.seconds)
    return prepared


@pytest.fixture
def finish(prepared):
    """Connects only now: the server may have been away."""
    def finishing():
        with prepared.stack.connect() as db:
            prepared.db = db
            prepared.finish()

    return finishing


# ---- the gateway killed ----------------------------------------------------------------------------

LANE_BACKEND = """
    select a.state, a.wait_event_type, a.xact_start from pg_stat_activity a join pg_locks l using (pid)
     where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.objid = 1
       and l.classid = (hashtext('dualgate.lane')::bigint & 4294967295)::oid
       and a.application_name = 'dualgate'"""


def open_transaction(watch):
    """(state, wait) of the lane's session while it has a transaction open, else None."""
    row = watch.execute(LANE_BACKEND).fetchone()
    if row and row[2] and row[0] in ("active", "idle in transaction"):
        return row[:2]
    return None


def kill_between_round_trips(run, watch):
    """Stopped in its tracks, so that what pg_stat_activity shows is still true when it dies."""
    def caught():
        if not open_transaction(watch):
            return False
        run.gateway.freeze()
        time.sleep(0.03)
        if (open_transaction(watch) or ("",))[0] == "idle in transaction":
            return True
        run.gateway.thaw()
        return False

    wait_until(caught, 60, "an open transaction", every=0)
    run.gateway.kill()


def kill_in_a_statement(run, watch):
    """The counters are locked by us: the transaction waits for them when the gateway dies."""
    with run.stack.connect() as blocker, blocker.transaction():
        blocker.execute("select n from dg.counter where name = 'ledger' for update")
        wait_until(lambda: open_transaction(watch) == ("active", "Lock"), 30,
                   "our transaction waiting for the counter")
        run.gateway.kill()
        assert open_transaction(watch) == ("active", "Lock")


def test_gateway_is_killed_five_times(run, finish):
    with run.stack.connect() as watch:
        deaths = [kill_between_round_trips, kill_in_a_statement, None, None, None]
        for number, death in enumerate(deaths):
            run.wait_progress(0.05 + 0.16 * number)
            assert run.is_streaming(), "the stream was over before the kills"
            if death:
                death(run, watch)
            else:
                time.sleep(random.Random(number).uniform(0, 0.05))
                run.gateway.kill()
            run.start_again()
    finish()


def pile_up(run):
    """The broker holds everything and gives it as fast as it is taken: full batches, full windows."""
    run.gateway.kill()
    run.begin(seconds=0)
    promises.wait_published(run.stream, run.loads, 60)
    run.gateway.start()


def wait_ledger(run, db, part):
    wanted = int(run.size.reports * part)
    wait_until(lambda: db.execute("select n from dg.counter where name = 'ledger'")
               .fetchone()[0] >= wanted, 60, "%d reports" % wanted, every=0.001)


def backlog_is_left(run, db):
    return db.execute("select count(*) from dg.ledger").fetchone()[0] < len(run.stream.good)


def test_gateway_is_killed_while_it_works_off_a_backlog(prepared, finish):
    run = prepared
    pile_up(run)
    with run.stack.connect() as db:
        for number in range(4):
            wait_ledger(run, db, 0.1 + 0.2 * number)
            run.gateway.kill()
            assert backlog_is_left(run, db), "the backlog was gone before the kills"
            run.gateway.start()
    run.gateway.wait_ready(40)
    finish()


def test_servers_stop_while_a_backlog_is_worked_off(prepared, finish):
    run = prepared
    pile_up(run)
    pid = run.gateway.pid
    for part, server in ((0.2, "pg"), (0.4, "broker"), (0.6, "pg")):
        with run.stack.connect() as db:
            wait_ledger(run, db, part)
            run.stack.stop(server, immediate=server == "pg")
        run.stack.start(server)
        with run.stack.connect() as db:
            assert backlog_is_left(run, db), "the backlog was gone before the fault"
    run.gateway.wait_ready(40)
    assert run.gateway.running() and run.gateway.pid == pid
    finish()


# ---- PostgreSQL --------------------------------------------------------------------------------------


def test_postgresql_stops_at_once_and_starts(run, finish):
    pid = run.gateway.pid
    run.wait_progress(0.2)
    assert run.is_streaming()
    run.stack.stop("pg", immediate=True)
    wait_until(lambda: not run.gateway.ready(), NOTICE_SECONDS, "not ready")
    time.sleep(run.size.outage)
    assert run.gateway.get("/healthz")[0] == 200
    run.stack.start("pg")
    run.gateway.wait_ready(30)
    assert run.gateway.running() and run.gateway.pid == pid
    finish()


def test_postgresql_hangs(run, finish):
    pid = run.gateway.pid
    run.wait_progress(0.2)
    assert run.is_streaming()
    run.stack.freeze("pg")
    begin = time.monotonic()
    wait_until(lambda: not run.gateway.ready(), NOTICE_SECONDS, "the hung server to be noticed")
    status, why = run.gateway.get("/readyz")
    assert status == 503 and "lane 1" in why, why
    time.sleep(max(0.0, 2 * run.size.outage - (time.monotonic() - begin)))
    assert run.gateway.get("/healthz")[0] == 200
    run.stack.thaw("pg")
    run.gateway.wait_ready(40)
    assert run.gateway.running() and run.gateway.pid == pid
    finish()


# ---- the broker --------------------------------------------------------------------------------------


def test_broker_stops_and_starts(run, finish):
    pid = run.gateway.pid
    for part in (0.2, 0.6):
        run.wait_progress(part)
        assert run.is_streaming()
        run.stack.stop("broker")
        wait_until(lambda: not run.gateway.ready(), NOTICE_SECONDS, "not ready")
        time.sleep(0.5)
        run.stack.start("broker")
        run.gateway.wait_ready(30)
    assert run.gateway.running() and run.gateway.pid == pid
    finish()


def say_again(run, number):
    """A broker that is killed forgets what it acknowledged; a sender repeats until the receipt."""
    items = promises.receipts_of(run.loads)
    again = []
    for index, entity in enumerate(run.stream.entities):
        messages = [message for message in run.stream.messages[entity.uscc]
                    if any(one not in items for one in message.ids)]
        if messages:
            again.append(load.Load(
                run.stack, os.path.join(run.folder, "again-%d-%d" % (number, index)),
                "again-%d-%d" % (number, index), load.down_topics(entity), messages))
    run.loads += again
    for one in again:
        wait_until(lambda: one.acked_count() == len(one.messages), 60, "PUBACKs")


def test_gateway_and_broker_are_both_killed(run):
    run.stack.save()  # the sessions of publishers and department, as they stand
    run.wait_progress(0.3)
    assert run.is_streaming()
    run.gateway.kill()
    run.stack.kill("broker")
    run.stack.start("broker")
    run.start_again()
    run.wait_progress(0.6)
    run.stack.kill("broker")
    run.stack.start("broker")
    run.gateway.kill()
    run.start_again()
    promises.wait_published(run.stream, run.loads, 60 + 2 * run.size.seconds)
    for number in range(3):
        time.sleep(1)
        say_again(run, number)
        try:
            promises.wait_receipts(run.stream, run.loads, 20)
            break
        except AssertionError:
            if number == 2:
                raise
    with run.stack.connect() as db:
        promises.wait_settled(db, run.gateway, run.feed, SETTLE_SECONDS)
        # What was said again may have been overtaken by a newer version of the same record.
        promises.check_ledger(run.stream, db, set(run.stream.good), ("stored", "stale"))
        promises.check_heads(run.stream, db)
        promises.check_quarantine(run.stream, db)
        promises.check_counters(db, run.gateway)
        promises.check_dense(db)
        promises.check_feed(db, run.feed)
        promises.check_chain(db)
