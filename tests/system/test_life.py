# SPDX-License-Identifier: Apache-2.0
"""The life of a hazard (domain: 2.6) through broker and database: what is in force, what was reported,
what waits for the department, and that the order of arrival does not matter."""

import datetime
import itertools

import pytest

from lib import reports
from lib.servers import NODE

DEPARTMENT, OTHER = "yjglj", "awb"
BASIS = {"clause": "第三条"}


@pytest.fixture
def office(gateway_with_orgs, connect):
    """office(code) -> the organisation's own connection, on its own topic."""
    made = {}

    def of(code):
        if code not in made:
            made[code] = connect(code, sector="org")
        return made[code]

    return of


@pytest.fixture
def gateway_with_orgs(district, make_gateway, db):
    for code, kind, sectors in ((DEPARTMENT, "DEPARTMENT", ["hazchem"]), (OTHER, "COMMITTEE", [])):
        db.execute("insert into register.org (code, name, kind, division, sectors) values (%s, %s, %s, %s, %s)",
                   (code, code, kind, NODE, sectors))
    gateway = make_gateway()
    gateway.start()
    gateway.wait_ready()
    return gateway


def day(ahead):
    return (datetime.datetime.now(reports.SHANGHAI).date() + datetime.timedelta(days=ahead)).isoformat()


class Case:
    """One hazard of an entity and everything said about it, each thing ten seconds after the one before."""

    def __init__(self, entity, connect, office, db):
        self.uscc, self.office, self.db = entity.uscc, office, db
        self.unit = connect(entity.uscc, sector=entity.sector)
        self.id = reports.new_id()
        self.seconds = itertools.count(3600, -10)
        self.number = itertools.count(1)

    def at(self):
        return {"observed_at": reports.stamp(ago=next(self.seconds))}

    def version(self, state, level="GENERAL", envelope=None, **changes):
        if state in ("ACCEPTED", "CLOSED"):
            changes.setdefault("accept_time", reports.stamp(ago=60))
        if level == "MAJOR":
            changes.setdefault("major_basis", BASIS)
        changes.setdefault("registered_at", reports.stamp(ago=7200))
        return reports.hazard(self.uscc, envelope or self.at(), id=self.id, state=state, level=level, **changes)

    def step(self, to, **changes):
        envelope = self.at()
        return reports.transition(self.uscc, self.id, to, envelope, at=envelope["observed_at"], **changes)

    def deletion(self):
        return reports.delete("hazard", self.uscc, self.id, **self.at())

    def beside(self, record, **body):
        body = {"hazard_id": self.id, "n": next(self.number), **body}
        return reports.report(record, self.uscc, body, **self.at())

    def supervision(self, state):
        return self.beside("supervision", state=state, at=reports.stamp(), level="DISTRICT")

    def extension(self, decision, to, **more):
        return self.beside("extension", decision=decision, requested_at=more.pop("requested_at", reports.stamp()),
                           reason="设备到货延迟", new_deadline=to, **more)

    def decision(self, kind, decision):
        return self.beside("withdrawal_decision", kind=kind, decision=decision, decided_at=reports.stamp(),
                           reason="经现场核实")

    def stored(self, report, by=None, verdict="stored"):
        """Sends it and gives the codes of the findings."""
        item = (self.office(by) if by else self.unit).send(report)
        assert item["verdict"] == verdict, item
        return [finding["code"] for finding in item.get("findings", ())]

    def refused(self, report, by=None):
        item = (self.office(by) if by else self.unit).send(report)
        assert item["verdict"] == "rejected", item
        assert item["text"] and item["text_en"]
        return item["reason"]

    def head(self, columns):
        return self.db.execute("select %s from exchange.hazard where uscc = %%s and id = %%s" % columns,
                               (self.uscc, self.id)).fetchone()

    def life(self, columns):
        return self.db.execute("select %s from exchange.hazard_life where uscc = %%s and id = %%s" % columns,
                               (self.uscc, self.id)).fetchone()

    def versions(self, column="state"):
        return [value for value, in self.db.execute(
            "select %s from exchange.hazard_history where uscc = %%s and id = %%s order by observed_at" % column,
            (self.uscc, self.id))]

    def listed_in(self, view):
        return self.db.execute("select count(*) from exchange.%s where uscc = %%s and id = %%s" % view,
                               (self.uscc, self.id)).fetchone()[0]


@pytest.fixture
def case(district, connect, office, db):
    return lambda: Case(district.one("hazchem"), connect, office, db)


def test_a_general_hazard_lives_from_registration_to_its_second_closing(case):
    c = case()
    for state in ("REGISTERED", "ASSESSED", "RECTIFYING", "EXTENSION_REQUESTED", "RECTIFYING", "RECTIFIED",
                  "REINSPECTING"):
        assert c.stored(c.version(state)) == []
        assert c.head("state, round, closed_at") == (state, None, None)
    assert c.life("count(*)") == (0,), "a usual life needs no row beside its head"
    # not accepted, in both ways
    assert c.stored(c.step("REJECTED")) == []
    assert c.stored(c.step("RECTIFYING")) == []
    assert c.stored(c.version("RECTIFIED")) == []
    assert c.stored(c.version("RECTIFYING")) == []
    assert c.life("rejections, reopenings") == (2, 0)
    # a skip is stored, and said; what is accepted counts as closed
    assert c.stored(c.version("ACCEPTED")) == ["state_skipped"]
    assert c.head("state, closed_at = accept_time") == ("ACCEPTED", True)
    assert c.versions("closed_at")[-1] is None
    # opened again
    assert c.stored(c.step("RECTIFYING")) == ["reopened"]
    assert c.head("state, round, closed_at, accept_time") == ("RECTIFYING", 2, None, None)
    assert c.stored(c.version("CLOSED", round=2)) == ["state_skipped"]
    assert c.head("state, round, closed_at is not null") == ("CLOSED", 2, True)
    assert c.life("rejections, reopenings") == (2, 1)
    assert c.stored(c.step("RECTIFIED")) == ["state_moved_back"]


def test_a_deadline_is_put_off_by_the_unit_or_by_the_department(case):
    general, major = case(), case()
    for c, level, found, deadline in ((general, "GENERAL", ["deadline_moved"], day(20)),
                                      (major, "MAJOR", ["deadline_not_moved"], day(7))):
        assert c.stored(c.version("RECTIFYING", level, deadline=day(7))) == []
        assert c.stored(c.version("RECTIFYING", level, deadline=day(20))) == found
        assert c.head("deadline::text") == (deadline,)
        assert c.versions("deadline::text") == [day(7), day(20)]
    assert general.life("self_extensions, extensions") == (1, 0)
    assert general.listed_in("hazard_self_extended") == 1
    assert major.life("self_extensions, reported_deadline::text") == (0, day(20))
    # its own approval does not count, the department's does, and repeating the old date changes nothing
    assert major.stored(major.extension("REQUESTED", day(20))) == []
    assert major.stored(major.extension("APPROVED", day(20))) == ["deadline_not_moved"]
    assert major.stored(major.extension("APPROVED", day(25)), by=DEPARTMENT) == []
    assert major.head("deadline::text") == (day(25),)
    assert major.stored(major.version("RECTIFIED", "MAJOR", deadline=day(20))) == []
    assert major.head("deadline::text, state") == (day(25), "RECTIFIED")
    assert major.life("extensions") == (1,)


def test_a_day_of_a_deadline_ends_at_midnight_in_shanghai(case):
    c = case()
    c.stored(c.version("RECTIFYING", "MAJOR", deadline="2020-11-10", registered_at="2020-11-01T09:00:00+08:00",
                       found_at="2020-11-01T09:00:00+08:00"))
    assert c.stored(c.extension("REQUESTED", day(5), requested_at="2020-11-10T23:59:59+08:00")) == []
    assert c.stored(c.extension("REQUESTED", day(5), requested_at="2020-11-10T16:00:00Z")) == [
        "extension_after_expiry"]


def test_a_listed_hazard_is_closed_by_the_department_after_it_was_delisted(case, db):
    c = case()
    assert c.stored(c.version("RECTIFYING", "MAJOR")) == []
    assert c.stored(c.version("RECTIFYING", "MAJOR", supervision_state="DELISTED")) == ["supervision_differs"]
    assert c.stored(c.supervision("LISTED"), by=DEPARTMENT) == []
    assert c.head("supervision_state") == ("LISTED",)
    assert c.refused(c.supervision("DELISTED"), by=OTHER) == "not_authorised"
    assert c.refused(c.supervision("EXTENDED"), by=OTHER) == "not_authorised"
    assert c.stored(c.supervision("EXTENDED"), by=DEPARTMENT) == []
    c.stored(c.version("RECTIFIED", "MAJOR"))
    c.stored(c.version("ACCEPTED", "MAJOR"))
    assert c.head("state, supervision_state, closed_at") == ("ACCEPTED", "EXTENDED", None)
    for by in (None, DEPARTMENT):
        assert c.refused(c.step("CLOSED"), by) == "hazard_listed"
        assert c.refused(c.version("CLOSED", "MAJOR"), by) == "hazard_listed"
    assert c.stored(c.supervision("DELISTED"), by=DEPARTMENT) == []
    assert c.stored(c.version("CLOSED", "MAJOR")) == ["closed_by_unit"]
    assert c.head("state, closed_at") == ("ACCEPTED", None)
    assert c.versions()[-1] == "CLOSED"
    assert c.stored(c.step("CLOSED"), by=DEPARTMENT) == []
    assert c.head("state, supervision_state, closed_at is not null") == ("CLOSED", "DELISTED", True)
    # the unit's own system goes on saying "accepted"
    assert c.stored(c.version("ACCEPTED", "MAJOR")) == []
    assert c.head("state") == ("CLOSED",)
    kinds = [code for code, in db.execute("select distinct code from dg.finding where id = %s order by 1", (c.id,))]
    assert kinds == ["closed_by_unit", "supervision_differs"]


REQUESTS = {
    "VOID": (lambda c: c.version("VOID", "MAJOR"), "VOID", "MAJOR", False),
    "DELETE": (lambda c: c.deletion(), "RECTIFYING", "MAJOR", True),
    "REGRADE": (lambda c: c.version("RECTIFYING", "GENERAL"), "RECTIFYING", "GENERAL", False),
}


def test_a_unit_cannot_withdraw_a_major_hazard_alone(case):
    for kind, (asks, state, level, deleted) in REQUESTS.items():
        c = case()
        before = ("RECTIFYING", "MAJOR", False)
        c.stored(c.version("RECTIFYING", "MAJOR"))
        for verdict in ("REFUSED", "CONFIRMED"):
            assert c.stored(asks(c)) == ["withdrawal_pending"], kind
            assert c.head("state, level, deleted, withdrawal") == before + (kind,)
            assert c.head("name") == ("储罐区可燃气体报警器失效",)
            assert c.listed_in("hazard_withdrawal_pending") == 1
            assert c.stored(c.decision(kind, verdict), by=DEPARTMENT) == []
            assert c.listed_in("hazard_withdrawal_pending") == 0
            if verdict == "REFUSED":
                assert c.head("state, level, deleted, withdrawal") == before + (None,)
                c.stored(c.version("RECTIFYING", "MAJOR"))
        assert c.head("state, level, deleted, withdrawal") == (state, level, deleted, None), kind
        assert c.listed_in("hazard_withdrawn") == (kind != "REGRADE")
        assert c.stored(c.decision(kind, "CONFIRMED"), by=DEPARTMENT) == ["nothing_to_decide"]
        c = case()
        c.stored(c.version("RECTIFYING", "MAJOR"))
        c.stored(asks(c), by=DEPARTMENT)
        assert c.head("state, level, deleted, withdrawal") == (state, level, deleted, None), kind


def test_what_an_authority_found_is_protected_and_a_general_hazard_is_not(case):
    found, own = case(), case()
    found.stored(found.version("RECTIFYING", enforcement_no="湛应急责改〔2020〕7号"))
    assert found.head("found_by") == ("AUTHORITY",)
    assert found.stored(found.deletion()) == ["withdrawal_pending"]
    assert found.head("deleted, state") == (False, "RECTIFYING")
    own.stored(own.version("RECTIFYING"))
    assert own.stored(own.deletion()) == ["withdrawn"]
    assert own.head("deleted, name is not null") == (True, True)
    assert own.listed_in("hazard_withdrawn") == 1
    own.stored(own.version("RECTIFYING"))
    assert own.head("deleted") == (False,)
    assert own.stored(own.step("VOID")) == ["withdrawn"]
    for report in (own.version("RECTIFYING"), own.step("RECTIFYING")):
        assert own.refused(report) == "hazard_void"
        assert own.refused(report, by=DEPARTMENT) == "hazard_void"
    assert own.head("state") == ("VOID",)


def test_nobody_escapes_by_sending_things_late(case):
    c = case()
    early = c.version("RECTIFYING", "MAJOR")
    assert c.stored(c.version("RECTIFYING", "GENERAL")) == []
    assert c.head("level") == ("GENERAL",)
    assert c.stored(early, verdict="stale") == []
    assert c.head("level, withdrawal") == ("MAJOR", "REGRADE")
    # dated back before everything
    c.seconds = itertools.count(3900, -10)
    c.stored(c.version("RECTIFYING", "MAJOR", deadline=day(300)), verdict="stale")
    c.stored(c.version("VOID", "GENERAL"), verdict="stale")
    assert c.head("state, level, withdrawal, deadline::text") == ("RECTIFYING", "MAJOR", "REGRADE", day(7))


def life_of(c):
    return (c.head("state, level, deadline::text, round, supervision_state, withdrawal, deleted, rectified_at,"
                   " accept_time, closed_at"),
            c.life("rejections, reopenings, self_extensions, extensions, lister, reported_state, reported_level,"
                   " reported_deadline::text"))


def everything(c):
    """Sender and report, oldest first; nothing in it is refused in whatever order it comes."""
    start = datetime.datetime.now(reports.SHANGHAI) - datetime.timedelta(seconds=3000)
    accept = reports.stamp(start)
    made = [
        (None, c.version("RECTIFYING", "GENERAL", deadline=day(7))),
        (None, c.version("RECTIFYING", "GENERAL", deadline=day(9))),
        (None, c.version("RECTIFYING", "MAJOR", deadline=day(9))),
        (DEPARTMENT, c.supervision("LISTED")),
        (DEPARTMENT, c.extension("APPROVED", day(30))),
        (None, c.version("RECTIFIED", "MAJOR", deadline=day(30))),
        (None, c.step("RECTIFYING")),
        (None, c.version("ACCEPTED", "MAJOR", deadline=day(40), accept_time=accept)),
        (None, c.version("RECTIFYING", "GENERAL", deadline=day(40))),
    ]
    return made


def test_the_order_of_arrival_does_not_matter(case):
    orders = {"as it happened": list, "backwards": lambda made: made[:1] + made[:0:-1],
              "inside out": lambda made: made[4:] + made[:4], "twice": lambda made: made + made}
    lives = {}
    clock = reports.stamp
    fixed = datetime.datetime.now(reports.SHANGHAI)
    try:
        reports.stamp = lambda at=None, ago=0: clock(at or fixed, ago)
        for name, order in orders.items():
            c = case()
            made = order(everything(c))
            for i, (by, report) in enumerate(made):
                sender = c.office(by) if by else c.unit
                seen = sum(r is report for _, r in made[:i])
                sender.publish(report)
                assert sender.wait_item(report, count=seen + 1)["verdict"] in ("stored", "stale", "parked",
                                                                              "duplicate")
            for by, report in made:
                item = (c.office(by) if by else c.unit).wait_item(report)
                assert item["verdict"] != "rejected", (name, item)
            lives[name] = life_of(c)
    finally:
        reports.stamp = clock
    assert lives["as it happened"][0][:7] == ("RECTIFYING", "MAJOR", day(30), 2, "LISTED", "REGRADE", False)
    for name, life in lives.items():
        assert life == lives["as it happened"], name


def test_children_of_a_deleted_hazard_are_listed_and_live(case, db):
    c = case()
    c.stored(c.version("RECTIFYING"))
    c.stored(c.extension("REQUESTED", day(20)))
    c.stored(c.deletion())
    assert db.execute("select record, parent_record, parent_id from exchange.child_of_deleted"
                      " where uscc = %s", (c.uscc,)).fetchall() == [("extension", "hazard", c.id)]


def test_the_whole_life_in_one_message(case):
    c = case()
    made = [c.version("RECTIFYING", "MAJOR"), c.version("RECTIFIED", "MAJOR"),
            c.version("RECTIFYING", "MAJOR", deadline=day(30)), c.version("VOID", "MAJOR"), c.deletion()]
    items = c.unit.send(made[::-1])
    assert [item["verdict"] for item in items] == ["stored"] + ["stale"] * 4
    assert c.head("state, level, deadline::text, withdrawal, deleted") == (
        "RECTIFYING", "MAJOR", day(7), "DELETE", False)
    assert c.life("rejections") == (1,)
    assert c.head("observed_at = (select max(observed_at) from exchange.hazard_history h where h.id = hazard.id)"
                  ) == (True,)
