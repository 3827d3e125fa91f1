# SPDX-License-Identifier: Apache-2.0
"""The database's disk is full: nothing more is acknowledged, the gateway says why, and when there is room
again it goes on by itself; nothing is lost and nothing doubled.

The tables stand on a file system of their own, a few MB larger than they are. (Where also the
write-ahead log has no room PostgreSQL ends: that is the case of a killed database.)"""

import os
import re
import shutil
import subprocess
import time

import pytest

import promises
from lib import load
from lib.servers import NODE
from lib.wait import wait_until

FEED = "dp/v1/%s/feed/json/#" % NODE
MIB = 1 << 20
ROOM = 1 * MIB        # what is left for reports
WATCH_SECONDS = 5
TRIES_PER_SECOND = 12  # a full disk is not asked more often than this

pytestmark = [pytest.mark.one, pytest.mark.timeout(240)]


class Disk:
    """The folder of all tables on a tmpfs."""

    def __init__(self, folder):
        self.folder, self.filler = folder, os.path.join(folder, "filler")
        kept = folder + ".kept"
        os.rename(folder, kept)
        used = int(subprocess.check_output(["du", "-sb", kept]).split()[0])
        os.mkdir(folder)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % (used * 5 // 4 + 16 * MIB),
                               "tmpfs", folder], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            os.rmdir(folder)
            os.rename(kept, folder)
            pytest.skip("no file system can be mounted here: " + done.stderr)
        subprocess.run(["cp", "-a", kept + "/.", folder], check=True)
        owner = os.stat(kept)
        os.chown(folder, owner.st_uid, owner.st_gid)
        os.chmod(folder, 0o700)
        shutil.rmtree(kept)

    def free(self):
        status = os.statvfs(self.folder)
        return status.f_bavail * status.f_bsize

    def fill(self):
        with open(self.filler, "wb") as file:
            for _ in range((self.free() - ROOM) // MIB):
                file.write(b"\0" * MIB)

    def make_room(self):
        os.unlink(self.filler)

    def leave(self):
        subprocess.run(["umount", "--lazy", self.folder], check=False)


@pytest.fixture
def disk(stack):
    stack.stop("pg")
    made = Disk(os.path.join(stack.data, "base"))
    try:
        stack.start("pg")
        yield made
        stack.stop("pg", immediate=True)
    finally:
        made.leave()


def committed(stack):
    return stack.value("select coalesce(sum(received), 0) from dg.lane")


def test_full_disk_stops_the_lane_and_room_lets_it_go_on(stack, disk, district, make_gateway, place):
    gateway = make_gateway()
    gateway.start()
    gateway.wait_ready()
    stream = load.Stream(district.entities[:4], 6000)
    feed = load.Load(stack, os.path.join(place, "feed"), "department", FEED, port="gateway")
    loads = []
    try:
        disk.fill()
        loads = load.start(stack, place, stream, 5)
        wait_until(lambda: "53100" in gateway.read_log(), 60, "the full disk")
        wait_until(lambda: not gateway.ready(), 20, "/readyz")
        # The lane stands still, and says what is missing; it does not hammer at the database.
        before, log_before = committed(stack), len(gateway.read_log())
        why, end = set(), time.monotonic() + WATCH_SECONDS
        while time.monotonic() < end:
            why.add(gateway.get("/readyz")[1])
            time.sleep(0.05)
        assert any("53100" in one for one in why), why
        assert committed(stack) - before < len(stream) / 2
        tries = len(re.findall(r'who="lane 1" event=database_connected', gateway.read_log()[log_before:]))
        assert tries <= TRIES_PER_SECOND * WATCH_SECONDS, tries
        assert committed(stack) < len(stream)
        disk.make_room()
        gateway.wait_ready()
        promises.wait_published(stream, loads, 60)
        promises.wait_receipts(stream, loads, 60)
        with stack.connect() as db:
            promises.wait_settled(db, gateway, feed, 60)
            promises.check_all(stream, db, gateway, loads, feed)
    finally:
        for one in loads + [feed]:
            one.kill()
