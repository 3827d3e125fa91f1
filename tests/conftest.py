# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests against real servers. Each test has its own directory, ports and processes.

    stack     PostgreSQL (newest schema) and Mosquitto, both up       cluster, broker: one of them
    district  the stack with a register that can report
    gateway   `dualgate run` on that, ready                           make_gateway(...) for more
    connect   publishers and subscribers, closed at the end

The longest way to fail is a limit of 120 s (marker `timeout`); logs are shown on failure.
"""

import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lib import made, schema  # noqa: E402
from lib.district import District, Entity  # noqa: E402
from lib.gateway import Gateway  # noqa: E402
from lib.publisher import Publisher  # noqa: E402
from lib.servers import Stack, tail  # noqa: E402

TEST_SECONDS = 120


class TestTookTooLong(Exception):
    __test__ = False


def raise_too_long(_signum, _frame):
    raise TestTookTooLong


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    marker = item.get_closest_marker("timeout")
    seconds = marker.args[0] if marker else TEST_SECONDS
    before = signal.signal(signal.SIGALRM, raise_too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for log in getattr(item, "logs_to_show", []):
            report.sections.append((os.path.basename(log), tail(log, 60)))


@pytest.fixture
def show_log(request):
    """show_log(path): its end is shown when the test fails."""
    request.node.logs_to_show = []
    return request.node.logs_to_show.append


@pytest.fixture
def place():
    """A short path of one's own: a Unix socket's may not be longer than 107 bytes."""
    folder = tempfile.mkdtemp(prefix="dg-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def down_stack(place, show_log):
    """A stack whose servers the test starts itself."""
    stack = Stack(os.path.join(place, "dev"))
    show_log(stack.pg_log)
    show_log(stack.broker_log)
    yield stack
    stack.thaw("pg")
    stack.thaw("broker")
    stack.down()


def bring_up(stack, only):
    stack.up(migrated=True, fsync=False, environment={}, only=only)
    return stack


@pytest.fixture
def cluster(down_stack):
    return bring_up(down_stack, ("pg",))


@pytest.fixture
def broker(down_stack):
    return bring_up(down_stack, ("broker", "watch"))


@pytest.fixture
def stack(down_stack):
    return bring_up(down_stack, ("pg", "broker", "watch"))


@pytest.fixture
def db(stack):
    """A connection as superuser, autocommit."""
    with stack.connect() as connection:
        yield connection


@pytest.fixture
def district(stack):
    return District(stack)


@pytest.fixture
def make_gateway(stack, place, show_log):
    """make_gateway(name="gateway", **settings) -> a Gateway that is not started yet."""
    made = []

    def make(name="gateway", **settings):
        made.append(Gateway(stack, os.path.join(place, name), **settings))
        show_log(made[-1].log)
        return made[-1]

    yield make
    for gateway in made:
        gateway.end()


@pytest.fixture
def gateway(make_gateway, district):
    made = make_gateway()
    made.start()
    made.wait_ready()
    return made


@pytest.fixture
def connect(stack, request):
    """connect("91…", version=4) -> a connected Publisher."""
    made = []

    def make(code, version=5, **more):
        made.append(Publisher(stack, code, version=version, **more))
        made[-1].connect()
        return made[-1]

    yield make
    for publisher in made:
        publisher.close()


@pytest.fixture
def everybody_s_office(district, db):
    """The office of the committee: everything in the node is its business."""
    for code in (made.OFFICE, made.LONG_ORG):
        db.execute("insert into register.org (code, name, kind, division)"
                   " values (%s, '湛河区安委办', 'COMMITTEE', '410411')", (code,))
    return made.OFFICE


@pytest.fixture
def units(district, db):
    """{profile: uscc}: an entity in each profile that a field names, and in one that none does."""
    found = {"machinery": district.one("machinery").uscc}
    for number, profile in enumerate(schema.profiles(), 50):
        db.execute("insert into register.sector (code, name, profile) values (%s, %s, %s)"
                   " on conflict do nothing", (profile, profile, profile))
        entity = Entity(number, profile, "410411001")
        district.add(db, entity)
        found[profile] = entity.uscc
    return found


@pytest.fixture
def authority(everybody_s_office, units, gateway, connect):
    """The office's connection to the gateway."""
    return connect(everybody_s_office, sector="org")
