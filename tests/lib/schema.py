# SPDX-License-Identifier: Apache-2.0
"""The schema that the program embeds, read from the same descriptor set: records, fields, rules, codes.

    for record in schema.records(): record.name, record.message.fields, record.rule
    schema.pack([report])    protobuf of canonical reports (dicts)
    schema.unpack(bytes)     the canonical report of one packed Report
"""

import functools
import os

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, symbol_database

from .servers import ROOT

SET = os.path.join(ROOT, os.environ.get("BUILD", "build"), "gen/descriptor_set.bin")
FORMATS = ("TEXT UUID TIMESTAMP DATE TIME_OF_DAY DECIMAL USCC DIVISION SECTOR PERIOD JSON DIGITS ORG"
           " DOC_NO").split()


@functools.lru_cache(maxsize=None)
def pool():
    with open(SET, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    made = descriptor_pool.Default()
    mine = [one for one in files if one.package == "dualgate.v1"]
    for one in mine:
        made.AddSerializedFile(one.SerializeToString())
    symbol_database.Default().GetMessages([one.name for one in mine])
    return made


def extension(name, options):
    return options.Extensions[pool().FindExtensionByName("dualgate.v1." + name)]


def classes():
    return symbol_database.Default()


class Field:
    def __init__(self, descriptor):
        self.name = descriptor.name
        self.rule = extension("rule", descriptor.GetOptions())
        self.repeated = descriptor.label == descriptor.LABEL_REPEATED
        self.message = Message(descriptor.message_type) if descriptor.message_type else None
        self.list = descriptor.enum_type
        self.codes = [value.name for value in self.list.values] if self.list else None
        self.text = descriptor.type == descriptor.TYPE_STRING
        self.flag = descriptor.type == descriptor.TYPE_BOOL
        self.number = descriptor.type == descriptor.TYPE_INT32
        self.format = FORMATS[self.rule.format] if self.text else None

    def code_number(self, name):
        return self.list.values_by_name[name].number

    def code_name(self, number):
        found = self.list.values_by_number.get(number)
        return found and found.name

    def required_in(self, profile):
        return self.rule.required or profile in self.rule.required_in


class Message:
    def __init__(self, descriptor):
        self.name = descriptor.name
        self.fields = [Field(one) for one in descriptor.fields]

    def field(self, name):
        return next(one for one in self.fields if one.name == name)


class Record:
    def __init__(self, case):
        self.name = case.name
        self.message = Message(case.message_type)
        self.rule = extension("record", case.message_type.GetOptions())
        self.subjects = list(self.rule.subject) or ["unit"]
        self.topic = self.rule.via or self.name
        self.op = self.rule.via_op or (self.rule.ops[0] if self.rule.ops else "UPSERT")


@functools.lru_cache(maxsize=None)
def records():
    report = pool().FindMessageTypeByName("dualgate.v1.Report")
    return [Record(case) for case in report.oneofs_by_name["content"].fields]


def profiles():
    """What required_in of any field names."""
    found = set()

    def look(message):
        for field in message.fields:
            found.update(field.rule.required_in)
            if field.message:
                look(field.message)

    for record in records():
        look(record.message)
    return sorted(found)


def as_message(report):
    content = {key: value for key, value in report.items() if key != "body"}
    case = report["record"]
    if report.get("op") == "TRANSITION":
        case += "_transition"
    content[case] = report["body"]
    made = classes().GetPrototype(pool().FindMessageTypeByName("dualgate.v1.Report"))()
    return json_format.ParseDict(content, made)


def pack(reports):
    batch = classes().GetPrototype(pool().FindMessageTypeByName("dualgate.v1.ReportBatch"))()
    batch.reports.extend(as_message(one) for one in reports)
    return batch.SerializeToString()


def unpack(data):
    kind = classes().GetPrototype(pool().FindMessageTypeByName("dualgate.v1.Report"))
    report = kind.FromString(data)
    case = report.WhichOneof("content")
    made = json_format.MessageToDict(report, preserving_proto_field_name=True)
    made["body"] = made.pop(case)
    return made
