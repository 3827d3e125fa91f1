# SPDX-License-Identifier: Apache-2.0
"""Reports as enterprises send them: canonical JSON as Python dicts, right unless a test spoils them."""

import datetime
import os
import time
import uuid

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def uuid7():
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def new_id():
    return uuid.uuid4().hex


def stamp(at=None, ago=0):
    """RFC 3339 in +08:00; `ago` seconds before now."""
    at = at or datetime.datetime.now(SHANGHAI)
    return (at - datetime.timedelta(seconds=ago)).astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def report(record, uscc, body, **envelope):
    """An envelope around a body; a keyword set to None leaves that member out."""
    made = {
        "msg_id": uuid7(),
        "schema": "dualgate.v1",
        "record": record,
        "op": "UPSERT",
        "uscc": uscc,
        "observed_at": stamp(),
        "body": body,
    }
    made.update(envelope)
    return {key: value for key, value in made.items() if value is not None}


def without_none(body, changes):
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}


def hazard(uscc, envelope=None, **changes):
    today = datetime.datetime.now(SHANGHAI).date()
    body = {
        "id": new_id(),
        "name": "储罐区可燃气体报警器失效",
        "level": "GENERAL",
        "found_at": stamp(ago=3600),
        "registered_at": stamp(ago=1800),
        "registrant": "李建国",
        "source": "DAILY",
        "manage_type": "DEADLINE",
        "discipline": "INSTRUMENT",
        "description": "2号储罐南侧可燃气体报警器无显示",
        "resp_person": "张建国",
        "deadline": (today + datetime.timedelta(days=7)).isoformat(),
        "accept_person": "王敏",
        "state": "RECTIFYING",
    }
    return report("hazard", uscc, without_none(body, changes), **(envelope or {}))


def transition(uscc, hazard_id, to, envelope=None, **changes):
    body = {"id": hazard_id, "to": to, "at": stamp(), "by": "王敏", "reason": "现场复核"}
    made = report("hazard", uscc, without_none(body, changes), op="TRANSITION")
    made.update(envelope or {})
    return made


def delete(record, uscc, record_id, **envelope):
    return report(record, uscc, {"id": record_id}, op="DELETE", **envelope)


def zero_report(uscc, period=None, envelope=None, **changes):
    body = {
        "period": period or datetime.datetime.now(SHANGHAI).strftime("%Y-%m"),
        "kind": "HAZARD",
        "statement": "本月未发现隐患",
        "checks_done": 12,
    }
    made = report("zero_report", uscc, without_none(body, changes), op="ZERO")
    made.update(envelope or {})
    return made


def risk_object(uscc, envelope=None, **changes):
    body = {"id": new_id(), "name": "液氨储罐区", "risk_object_code": "RO-1",
            "resp_dept": "生产部", "resp_person": "张建国"}
    return report("risk_object", uscc, without_none(body, changes), **(envelope or {}))


def risk_unit(uscc, envelope=None, **changes):
    body = {"id": new_id(), "name": "1号液氨储罐", "risk_object_code": "RO-1",
            "resp_dept": "生产部", "resp_person": "张建国"}
    return report("risk_unit", uscc, without_none(body, changes), **(envelope or {}))


def risk_event(uscc, unit_id, envelope=None, **changes):
    body = {"id": new_id(), "risk_unit_id": unit_id, "name": "液氨泄漏"}
    return report("risk_event", uscc, without_none(body, changes), **(envelope or {}))
