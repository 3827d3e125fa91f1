# SPDX-License-Identifier: Apache-2.0
"""Reports of any record, made from the schema alone: with what is required, with every field, or with
every field at its limit, each code in its turn; and all the ways in which one field can be wrong.

    Maker(profile, org=…, fill=EVERY, turn=0).body(record)
    for wrong in wrongs(record, body, profile): wrong.body, wrong.reason, wrong.field
    for way in ways(record, body, profile): spoilt(body, way.path, way.value)
"""

import collections
import copy

from . import reports, schema
from .servers import NODE
from .uscc import uscc

REQUIRED, EVERY, LIMITS = "required", "every", "limits"
LINK = "sha256:" + "ab" * 32
LONG = 20000  # a longer text is one of narrow characters, or it would be too large a report
OFFICE = "awb"       # an organisation whose business is everything, and one with a long code
LONG_ORG = "o" * 32

# What rules across fields ask for beside what is required.
ASKED_ACROSS = {
    ("Hazard", "registered_at"), ("Hazard", "deadline"), ("Hazard", "resp_person"),
    ("Hazard", "accept_time"), ("Hazard", "accept_person"), ("CheckTask", "work_start"),
    ("CheckTask", "work_end"), ("CheckTask", "task_no"),
    ("InspectionFinding", "hazard_id"),  # without one it becomes a hazard
}


def is_made_of_fields(record, field):
    return field.name == "id" and bool(record.rule.key) and not field.rule.required


class Maker:
    def __init__(self, profile, org="awb", fill=EVERY, turn=0, about_org=False, ids=None, codes=None):
        self.profile, self.fill, self.turn, self.about_org = profile, fill, turn, about_org
        self.org, self.place = org, 0
        self.ids = ids or {}      # parent record -> the id of one that is there
        self.codes = codes or {}  # code system -> one of its codes

    # -- messages --

    def body(self, record):
        made = {}
        for field in record.message.fields:
            if field.name == "org" and len(record.subjects) == 2 and not self.about_org:
                continue
            if is_made_of_fields(record, field):
                continue
            if self.has(record.message, field) or (field.name == "org" and self.about_org):
                made[field.name] = self.value(record.message, field)
        return made

    def message(self, message):
        return {field.name: self.value(message, field) for field in message.fields
                if self.has(message, field)}

    def has(self, message, field):
        if field.rule.node_sets:
            return False
        return (self.fill != REQUIRED or field.required_in(self.profile)
                or (message.name, field.name) in ASKED_ACROSS)

    # -- values --

    def value(self, message, field):
        if field.repeated:
            return [self.of_list(message, field, place) for place in range(2 if self.fill == LIMITS else 1)]
        return self.item(message, field)

    def of_list(self, message, field, place):
        """No two say the same number: findings of one would be one hazard."""
        own = copy.copy(self)
        own.place = place
        return own.item(message, field)

    def item(self, message, field):
        fixed = self.fixed(message, field)
        if fixed is not None:
            return fixed
        if field.message:
            return self.message(field.message)
        if field.codes:
            return self.code(field)
        if field.flag:
            return self.turn % 2 == 0
        if field.number:
            top = self.fill == LIMITS and self.turn % 2 == 0
            return field.rule.max - self.place if top else field.rule.min + self.place
        return self.text(field)

    def code(self, field, further=0):
        return field.codes[(self.turn + further) % len(field.codes)]

    def fixed(self, message, field):
        """What a rule across fields demands."""
        if field.name in ("lat", "lon"):
            return {"lat": "34.99999999", "lon": "114.99999999"}[field.name]
        if (message.name, field.name) == ("CheckTask", "task_no"):
            return 9
        if (message.name, field.name) == ("HazardTransition", "from"):
            return self.code(field, 1)
        if (message.name, field.name) == ("Measure", "class1"):
            return first_class(message, self.code(message.field("class2"))) or self.code(field)
        return None

    def text(self, field):
        rule, late = field.rule, self.fill == LIMITS
        if rule.attachment:
            return LINK
        if rule.code_system in self.codes:
            return self.codes[rule.code_system]
        known = {
            "UUID": self.ids.get(rule.parent, "5f0c0192f3c48a107d319f6e2b6f5a1c"),
            "TIMESTAMP": "2020-12-31T23:59:59.999999+08:00" if late else "2020-11-02T09:00:00+08:00",
            "DATE": "2099-12-31" if late else "2020-11-02",
            "TIME_OF_DAY": "23:59:59" if late else "08:00:00",
            "USCC": uscc(1),
            "DIVISION": NODE + "001",
            "SECTOR": "hazchem",
            "PERIOD": "2020-11-02" if late else "2020-11",
            "JSON": "{}",
            "ORG": LONG_ORG if late else self.org,
            "DECIMAL": widest(rule) if late else "1",
        }.get(field.format)
        if known is not None:
            return known
        if field.format == "DIGITS":
            return "2" * (rule.max_chars if late else max(rule.min_chars, 1))
        if field.format == "DOC_NO":
            return ("平湛安〔2020〕" + "9" * (rule.max_chars - 9)) if late else "平湛安〔2020〕3号"
        if not late:
            return "长" * max(rule.min_chars, 1)
        return letter(field) * rule.max_chars


def letter(field):
    if field.format == "DIGITS":
        return "2"
    return "x" if field.rule.max_chars > LONG else "长"


def first_class(message, second):
    """The tens of the second class are the first one."""
    number = message.field("class2").code_number(second)
    return message.field("class1").code_name(number // 10)


def widest(rule):
    """The greatest there may be, all digits used."""
    if rule.decimal_max:
        return rule.decimal_max
    whole = "9" * (rule.precision - rule.scale)
    return whole + ("." + "9" * rule.scale if rule.scale else "")


def turns(message):
    """How many it takes until every code of every list had its turn."""
    return max([2] + [len(field.codes) for field in message.fields if field.codes]
               + [turns(field.message) for field in message.fields if field.message])


def report(record, uscc, body, about_org=False):
    return reports.report(record.topic, None if about_org else uscc, body, op=record.op)


# ---- what can be wrong ----------------------------------------------------------------------------------

Way = collections.namedtuple("Way", "kind path value reason field")
Wrong = collections.namedtuple("Wrong", "kind body reason field")
GONE = object()


def spoilt(body, path, value):
    made = copy.deepcopy(body)
    at = made
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    elif isinstance(at, dict) or path[-1] < len(at):
        at[path[-1]] = value
    return made


def leads(body, path, whole):
    """Whether the path's place is there; not whole: whether it could be."""
    at = body
    for step in path if whole else path[:-1]:
        if not (at if isinstance(at, dict) and step in at else isinstance(at, list) and step < len(at)):
            return False
        at = at[step]
    return True


def path_text(path):
    text = "body"
    for step in path:
        text += "[%d]" % step if isinstance(step, int) else "." + step
    return text


def wrong_formats(rule, kind):
    if rule.attachment:
        return "sha256:12", "attachment_broken"
    if kind in ("TIMESTAMP", "DATE", "TIME_OF_DAY", "PERIOD"):
        return "x", "bad_date"
    word = {"USCC": "bad_uscc", "SECTOR": "unknown_code", "ORG": "unknown_org"}.get(kind)
    return "x", word or ("too_short" if rule.min_chars > 1 else "bad_format")


def wrong_texts(field):
    rule, kind = field.rule, field.format
    if kind != "JSON":
        yield "control", "a\u0001", "control_character"
    if rule.max_chars and not rule.attachment:
        yield "long", letter(field) * (rule.max_chars + 1), "too_long"
    if rule.min_chars > 1:
        yield "short", "2" * (rule.min_chars - 1), "too_short"
    if rule.attachment or kind not in ("TEXT", "DOC_NO", "JSON"):
        yield ("format",) + wrong_formats(rule, kind)
    if kind == "DECIMAL":
        yield "high", "9" * (rule.precision - rule.scale + 1), "out_of_range"
        yield "fine", "0." + "0" * rule.scale + "1", "out_of_range"
        if rule.decimal_min:
            yield "low", (rule.decimal_min if rule.decimal_min[0] == "-" else "-0") + ".1", "out_of_range"


def wrong_items(field):
    """(kind, value, reason) of one value of the field."""
    if field.codes:
        yield "code", "NO_SUCH_CODE", "unknown_code"
        yield "number", 987654, "unknown_code"
    if field.text:
        yield from wrong_texts(field)
    if field.number:
        yield "low", field.rule.min - 1, "out_of_range"
        yield "high", field.rule.max + 1, "out_of_range"
    yield "type", {} if field.text or field.codes else [True], "wrong_type"


def ways(record, body, profile):
    """Every way in which one field of the body can be wrong, one at a time."""
    def about(field, path):
        if path == ["org"] and "org" in record.subjects:
            for kind, value, reason in wrong_items(field):
                yield kind, value, reason if kind == "type" else "unknown_org", path
            yield "missing", GONE, "subject_missing", ["uscc"] if "unit" in record.subjects else path
            return
        if field.required_in(profile):
            yield "missing", GONE, "missing_field", path
            if field.text and not field.repeated:
                yield "empty", "", "missing_field", path
        for kind, value, reason in wrong_items(field):
            yield kind, value, reason, path + [0] if field.repeated else path
        if field.repeated:
            yield "list", {"0": 1}, "wrong_type", path
            smallest = Maker(profile, fill=REQUIRED)
            many = [smallest.item(record.message, field)] * (field.rule.max_items + 1)
            yield "many", many, "too_many", path

    def inside(message, path):
        for field in message.fields:
            here = path + [field.name]
            if field.rule.node_sets or (here == ["org"] and "org" not in body):
                continue
            yield from about(field, here)
            if field.message:
                yield from inside(field.message, here + [0] if field.repeated else here)

    for kind, value, reason, path in inside(record.message, []):
        if reason == "subject_missing":
            yield Way(kind, ["org"], GONE, reason, "body.org" if path == ["org"] else path[0])
        elif leads(body, path, value is GONE):
            yield Way(kind, path, value, reason, path_text(path))


def wrongs(record, body, profile):
    for way in ways(record, body, profile):
        yield Wrong(way.kind, spoilt(body, way.path, way.value), way.reason, way.field)
