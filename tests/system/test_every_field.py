# SPDX-License-Identifier: Apache-2.0
"""For every record a right report is taken; and for every field of it, however deep, one that is wrong
there alone is refused for exactly that, at exactly that place, through broker and database. All of it
from the embedded descriptors: a new record, field or code list is asked the same."""

import collections
import json

import pytest

from lib import made, reports, schema

ARRAY = 500
MESSAGE_BYTES = 8 << 20


def send_all(publisher, record, many):
    """The receipt items, in order; in arrays of up to 500."""
    arrays, size = [[]], 0
    for one in many:
        length = len(json.dumps(one, ensure_ascii=False).encode())
        if len(arrays[-1]) == ARRAY or size + length > MESSAGE_BYTES:
            arrays.append([])
            size = 0
        arrays[-1].append(one)
        size += length
    for array in arrays:
        publisher.publish(array, record=record.topic)
    return publisher.wait_items(*many, timeout=60)


def examples(units):
    """(record, profile, about_org) of all that can be said."""
    for record in schema.records():
        for profile in units:
            for subject in record.subjects:
                yield record, profile, subject == "org"


@pytest.mark.timeout(240)
def test_every_field_of_every_record(authority, units, db):
    asked, kinds = 0, collections.Counter()
    wrong = []
    for record, profile, about_org in examples(units):
        body = made.Maker(profile, org=made.OFFICE, about_org=about_org).body(record)
        right = made.report(record, units[profile], body, about_org)
        spoilt = [one for one in made.wrongs(record, body, profile)
                  if profile in schema.profiles() or one.kind in ("missing", "code")]
        assert spoilt, "nothing of %s can be wrong" % record.name
        many = [right] + [made.report(record, units[profile], one.body, about_org) for one in spoilt]
        items = send_all(authority, record, many)
        if items[0]["verdict"] not in ("stored", "parked", "stale"):
            wrong.append("%s in %s: a right one is %s" % (record.name, profile, items[0]))
        for one, item in zip(spoilt, items[1:]):
            asked += 1
            kinds[one.kind] += 1
            got = item["verdict"], item.get("reason"), item.get("field")
            if got != ("rejected", one.reason, one.field):
                wrong.append("%s in %s: %s gives %s, wanted %s at %s" % (
                    record.name, profile, one.kind, got, one.reason, one.field))
            elif not item.get("text") or not item.get("text_en"):
                wrong.append("%s: no words for %s" % (record.name, item))
    assert not wrong, "%d of %d wrong:\n%s" % (len(wrong), asked, "\n".join(wrong[:20]))
    assert asked > 20 * len(schema.records()) and kinds["missing"] and kinds["code"]
    assert db.execute("select count(*) from exchange.quarantine").fetchone()[0] == asked


@pytest.mark.timeout(120)
def test_what_one_profile_demands_another_does_not(authority, units):
    """A field that is required in some profiles may be left out in the others."""
    found = 0
    for record in schema.records():
        fields = [field.name for field in record.message.fields
                  if field.rule.required_in and not field.rule.required]
        body = made.Maker("machinery", org=made.OFFICE).body(record)
        for name in fields:
            if (record.message.name, name) in made.ASKED_ACROSS:
                continue
            spared = made.spoilt(body, [name], made.GONE)
            spared.update({"id": reports.new_id()} if "id" in spared else {})
            item = authority.send(made.report(record, units["machinery"], spared))
            assert item["verdict"] in ("stored", "parked"), (record.name, name, item)
            found += 1
    assert found > 0
