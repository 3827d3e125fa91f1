# SPDX-License-Identifier: Apache-2.0
"""adapters/README.md, "An adapter in an hour", followed to the letter: its mappings, its commands, its
claims. The samples are in tests/system/adapter_kit; no adapter of these names is shipped."""

import os
import shlex
import shutil
import subprocess

import pytest

from lib.gateway import cli
from lib.servers import ROOT

README = os.path.join(ROOT, "adapters/README.md")
KIT = os.path.join(ROOT, "tests/system/adapter_kit")
GAS = "91410411MA96003757"
SCHOOL = "124104114176129503"
FILES = {
    "sector.csv": "code,name,profile\ngas,燃气,gas\n",
    "firms.csv": "uscc,name,kind,division,sector\n%s,平顶山市鹰城气体充装站,ENTERPRISE,410411001,gas\n" % GAS,
}


def blocks():
    """The indented blocks of the section, as text without the indent."""
    with open(README, encoding="utf-8") as file:
        section = file.read().split("## An adapter in an hour\n")[1].split("\n## ")[0]
    found, lines = [], []
    for line in [*section.split("\n"), ""]:
        if line.startswith("    ") and (lines or not found or line.strip()):
            lines.append(line)
        elif lines:
            indent = min(len(one) - len(one.lstrip()) for one in lines)
            found.append("".join(one[indent:] + "\n" for one in lines))
            lines = []
    return found


def block(start):
    """The one that begins so."""
    matching = [text for text in blocks() if text.startswith(start)]
    assert len(matching) == 1, (start, blocks())
    return matching[0]


def put(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Folder:
    """adapters/ with the two adapters of the README, beside files for its commands."""

    def __init__(self, place):
        self.place = place
        self.path = os.path.join(place, "adapters")
        self.config = None
        for name in ("school", "gas"):
            shutil.copytree(os.path.join(KIT, name), os.path.join(self.path, name))
            put(self.mapping(name), block("adapter: %s\n" % name))
        for name, text in FILES.items():
            put(os.path.join(place, name), text)

    def mapping(self, name):
        return os.path.join(self.path, name, "mapping.yaml")

    def sample(self, name, file):
        return os.path.join(self.path, name, "samples", file)

    def change(self, path, old, new):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert text.count(old) == 1, (path, old)
        put(path, text.replace(old, new))

    def gb18030(self, file):
        with open(self.sample("gas", file), encoding="utf-8") as opened:
            return opened.read().encode("gb18030")


@pytest.fixture
def folder(place):
    return Folder(place)


@pytest.fixture
def adapt(down_stack, folder):
    """`dualgate adapt`, without servers."""
    config = os.path.join(folder.place, "offline.yaml")
    put(config, "adapters:\n  path: %s\n" % folder.path)

    def run(*arguments, check=True):
        return cli(down_stack, "adapt", *arguments, check=check, config=config)

    return run


def test_readme_school(folder, adapt):
    assert block("uscc,name,division,sector\n").split("\n")[1].startswith(SCHOOL)
    with open(folder.sample("school", "register.csv"), encoding="utf-8") as file:
        assert file.read() == block("uscc,name,division,sector\n")
    done = adapt("school", "--check")
    assert (done.stderr, done.stdout) == (
        "", "school: 2 samples: 2 reports accepted and 4 rejected as expected\n")


def test_readme_gas(folder, adapt):
    with open(folder.sample("gas", "good.utf8.csv"), encoding="utf-8") as file:
        assert file.read() == block("用户编号;")
    done = adapt("gas", "--check")
    assert done.stderr == ""
    assert done.stdout == "gas: 3 samples: 8 reports accepted and 4 rejected as expected\n"


def test_expected_lines_can_be_printed(folder, adapt):
    for name in ("good.utf8.csv", "bad.utf8.csv"):
        lines = adapt("gas", folder.sample("gas", name), "--expected", check=False).stdout
        put(folder.sample("gas", name + ".expected.jsonl"), lines)
    assert adapt("gas", "--check").stderr == ""


MAPPING, GOOD, EXPECTED, REGISTER = "mapping.yaml", "samples/good.utf8.csv", \
    "samples/good.utf8.csv.expected.jsonl", "samples/register.csv"


@pytest.mark.parametrize("file,old,new,complaint", [
    (MAPPING, "container: csv", "container: cvs", "mapping.yaml:3:12: container “cvs”; expected json, ndjson, csv"),
    (MAPPING, "record: {by: fixed}", "record: fixed", "mapping.yaml:6:9: “fixed”; expected a mapping {name: value}"),
    (MAPPING, "uscc: 统一", "ussc: 统一", "mapping.yaml:10:3: report has no field “ussc”; expected one of: msg_id uscc"),
    (MAPPING, "正常: NORMAL", "正常: OK", ":40: “OK” is no value of “result”; expected one of NORMAL, HAZARD, NOT_DONE"),
    (MAPPING, "each: .", "each: 隐患描述", "each: a cell holds no rows; expected . for the row itself"),
    (MAPPING, "checker: 巡检员", "checker: 巡检人", ":1: report 0: body.checker: expected \"张建国\", came nothing"),
    (MAPPING, "    keep: [经度, 纬度]\n", "", "warnings: expected [], came [\"body.经度\", \"body.纬度\"]"),
    (GOOD, "8:05", "25:05", "came bad_date [line 2].巡检日期: checked at is not a valid date or time: \"2020.11.2 25:05\""),
    (GOOD, "\"data:image/png;base64,iVBORw0KGgo=\"", "data:image/png;base64,iVBORw0KGgo=",
     "came bad_format [line 3]: "),
    (EXPECTED, "\"result\": \"NORMAL\"", "\"result\": \"HAZARD\"",
     ":1: report 0: body.result: expected \"HAZARD\", came \"NORMAL\""),
    (REGISTER, "410411001", "41041100", "register.csv:2:1: the row has no division; expected 6, 9 or 12 digits"),
])
def test_mistakes_are_named(folder, adapt, file, old, new, complaint):
    folder.change(os.path.join(folder.path, "gas", file), old, new)
    done = adapt("gas", "--check", check=False)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_samples_and_expected_lines_belong_together(folder, adapt):
    os.rename(folder.sample("gas", "good.utf8.csv.expected.jsonl"),
              folder.sample("gas", "godo.utf8.csv.expected.jsonl"))
    done = adapt("gas", "--check", check=False)
    assert "good.utf8.csv.expected.jsonl: not found; expected a file with a line for each report" in done.stderr
    assert "godo.utf8.csv.expected.jsonl: belongs to no sample; expected a file" in done.stderr


def run_readme_commands(stack, gateway, folder):
    """The block that puts the adapter into a district, line by line."""
    commands = [shlex.split(line, comments=True) for line in block("dualgate register import").strip().split("\n")]
    assert [command[1] for command in commands] == ["register", "register", "register", "check"]
    for command in commands[:-1]:
        files = [os.path.join(folder.place, word) if word in FILES else word for word in command[1:]]
        cli(stack, *files)
    done = cli(stack, "check", check=False, config=gateway.config)
    assert "gas" not in done.stdout + done.stderr, done.stdout + done.stderr


def put_between(stack, folder):
    """The README's own lines of mosquitto_pub, mosquitto_sub and iconv, in a shell."""
    lines = block("iconv ").strip().split("\n")
    assert len(lines) == 3
    shutil.copy(folder.sample("gas", "good.utf8.csv"), folder.place)
    lines[1] = "timeout 30 " + lines[1]
    lines.insert(2, "sleep 1")
    done = subprocess.run(["sh", "-ec", "\n".join([*lines, "wait"])], cwd=folder.place,
                          env={**os.environ, **stack.env()}, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout


def verdicts(receipt):
    return [(item["verdict"], item.get("reason"), item.get("field")) for item in receipt["items"]]


def test_readme_into_a_district(folder, stack, district, db, make_gateway, connect):
    gateway = make_gateway(adapters={"path": folder.path})
    gateway.write_settings()
    run_readme_commands(stack, gateway, folder)
    gateway.start()
    gateway.wait_ready()

    # A real file by the README's own commands.
    assert put_between(stack, folder).count('"verdict":"stored"') == 3
    assert db.execute("select checker, result, unknown->>'body.经度' from exchange.check_record order by checked_at") \
        .fetchall() == [("张建国", "NORMAL", "113.27°"), ("张建国", "HAZARD", "113.27°")]
    hazards = "select h.name, h.level, h.state, h.deadline::text, h.cost, c.result from exchange.hazard h" \
        " join exchange.check_record c on c.uscc = h.uscc and c.id = h.check_record_id order by h.name"
    assert db.execute(hazards).fetchall() == [("软管老化", "GENERAL", "RECTIFYING", "2020-11-05", 1200, "HAZARD")]

    # Rows that are wrong, each for itself.
    publisher = connect(GAS, sector="gas")
    publisher.publish_raw("up/native", folder.gb18030("bad.utf8.csv"))
    publisher.wait_receipts(1)
    assert verdicts(publisher.receipts[-1][1]) == [
        ("rejected", "bad_date", "[line 2].巡检日期"),
        ("rejected", "unknown_code", "[line 3].巡检结果"), ("parked", None, None),
        ("stored", None, None), ("rejected", "unknown_code", "[line 4].隐患级别"),
        ("stored", None, None), ("rejected", "bad_format", "[line 5].处理金额")]
    listed = cli(stack, "quarantine", "list").stdout
    assert "unknown_code [line 4].隐患级别" in listed

    # A changed mapping without its samples is not taken, and the reason stands in the log.
    folder.change(folder.mapping("gas"), "words: {一般: GENERAL, ", "words: {一般: GENERAL, 较大: GENERAL, ")
    assert gateway.reload() == "refused"
    assert "bad.utf8.csv.expected.jsonl:5: report 4: reason: expected unknown_code, came" in gateway.read_log()
    expected = folder.sample("gas", "bad.utf8.csv.expected.jsonl")
    folder.change(expected, '{"rejected": "unknown_code", "field": "[line 4].隐患级别", "value": "较大"}',
                  '{"record": "hazard"}')
    assert gateway.reload() == "ok"

    # What was refused is run again by itself; a row that nobody mended is refused again.
    number, = db.execute("select id from exchange.quarantine where field = '[line 4].隐患级别'").fetchone()
    dry = cli(stack, "quarantine", "requeue", str(number), config=gateway.config).stdout
    assert dry.count("passes the rules now") == 2, dry
    other, = db.execute("select id from exchange.quarantine where field = '[line 2].巡检日期'").fetchone()
    again = cli(stack, "quarantine", "requeue", str(other), check=False, config=gateway.config)
    assert "bad_date: [line 2].巡检日期" in again.stdout
    cli(stack, "quarantine", "requeue", str(number), "--yes", config=gateway.config)
    publisher.wait_receipts(2)
    assert verdicts(publisher.receipts[-1][1]) == [("duplicate", None, None), ("stored", None, None)]
    assert db.execute("select count(*) from exchange.hazard where level = 'GENERAL'").fetchone() == (2,)
