#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one tier of tests (check, test, test-long) and sums it up.

Every suite prints its seconds; the last line is `N passed, N failed`. What did not build, crashed,
was skipped or ran no test counts as failed, so that green means: it ran, and it was right.
Logs stand in build/results/; those of failures are shown.
"""

import concurrent.futures
import fcntl
import glob
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
PYTHON = "/usr/bin/python3"
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 2))
RESULTS = os.path.join(BUILD, "results")
SHOWN_LINES = 60
BINARY_SECONDS = 180
LONG_FUZZ_SECONDS = "5"
PYTEST_WORKERS = os.environ.get("PYTEST_WORKERS", "2")

BUILD_TROUBLE = re.compile(r"error|warning|undefined|\*\*\*")
RUN_LINE = re.compile(r"\[ RUN      \] (\S+)")
OK_LINE = re.compile(r"\[       OK \] (\S+)")


def sanitizer_env():
    env = dict(os.environ)
    env.setdefault(
        "ASAN_OPTIONS",
        "detect_leaks=1:detect_stack_use_after_return=1:allocator_may_return_null=1",
    )
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("LSAN_OPTIONS", "suppressions=%s/tests/lib/lsan.supp:print_suppressions=0" % ROOT)
    return env


class Tally:
    """What ran so far, and the line about it."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []

    def suite(self, name, passed, failed, seconds, failures=()):
        self.passed += passed
        self.failed += failed
        self.failures += ["%s: %s" % (name, what) for what in failures]
        print("%-14s %4d passed, %3d failed  %6.1f s" % (name, passed, failed, seconds), flush=True)


def show(title, text):
    lines = text.rstrip().splitlines()
    print("---- %s" % title)
    if len(lines) > SHOWN_LINES:
        print("     (%d lines before)" % (len(lines) - SHOWN_LINES))
    print("\n".join(lines[-SHOWN_LINES:]))
    print("----", flush=True)


def log_file(name):
    os.makedirs(RESULTS, exist_ok=True)
    return os.path.join(RESULTS, name.replace("/", "_") + ".log")


def run(command, timeout=None, env=None):
    """Runs a command in a process group of its own; on timeout that group alone is killed."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=timeout)
        return child.returncode, output.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        return -1, output.decode("utf-8", "replace") + "\nstopped after %d s\n" % timeout
    finally:
        # Ctrl-C and SIGTERM end us; nothing that we started may go on without us.
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)


def step(tally, name, command, timeout=None, worth=None):
    """A suite that is one command: it passes or it fails. `worth`: which lines of it to show."""
    begin = time.monotonic()
    code, output = run(command, timeout)
    with open(log_file(name), "w", encoding="utf-8") as log:
        log.write(output)
    if code != 0:
        lines = [line for line in output.splitlines() if worth and worth.search(line)]
        show(name, "\n".join(lines) or output)
    tally.suite(name, int(code == 0), int(code != 0), time.monotonic() - begin, [name] if code else [])
    return code == 0


def format_check(tally):
    files = subprocess.run(
        ["make", "-s", "list-c"], stdout=subprocess.PIPE, check=True, text=True
    ).stdout.split()
    begin = time.monotonic()
    parts = [files[i::JOBS] for i in range(JOBS) if files[i::JOBS]]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        answers = list(pool.map(lambda part: run(["clang-format-14", "--dry-run", "-Werror"] + part), parts))
    bad = any(code != 0 for code, _ in answers)
    if bad:
        show("format (make format mends it)", "".join(output for _, output in answers))
    if files:
        tally.suite("format", int(not bad), int(bad), time.monotonic() - begin, ["format"] if bad else [])


def build(tally, flavour):
    """Builds what builds; a test that has no binary counts as failed where it would run."""
    return step(tally, "build-" + flavour, ["make", "-k", "-j%d" % JOBS, "build-" + flavour], worth=BUILD_TROUBLE)


def judge_cmocka(code, output):
    """(passed names, failures): a test that began and was not OK has failed, crashes included."""
    began = RUN_LINE.findall(output)
    good = set(OK_LINE.findall(output))
    failures = [name for name in began if name not in good]
    if not began:
        failures.append("no test ran")
    elif code != 0 and not failures:
        failures.append("exit code %d after all tests" % code)
    return [name for name in began if name in good], failures


def with_stack(binary):
    """Tests of tests/system and tests/fault get private servers, by the variables of `stack env`."""
    return [
        "deploy/dev/stack", "with", "--migrated", "--no-fsync",
        "--dir", os.path.join(BUILD, "stacks", os.path.basename(binary)), "--", binary,
    ]


def cmocka(tally, name, sources, needs_stack=False):
    if not sources:
        return
    begin = time.monotonic()

    def one(source):
        binary = os.path.join(BUILD, "asan", source[:-2])
        if not os.path.exists(binary):
            return source, [], ["not built"], ""
        command = with_stack(binary) if needs_stack else [binary]
        code, output = run(command, BINARY_SECONDS, sanitizer_env())
        good, failures = judge_cmocka(code, output)
        return source, good, failures, output

    passed, failures = 0, []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for source, good, bad, output in pool.map(one, sources):
            passed += len(good)
            failures += ["%s: %s" % (source, what) for what in bad]
            with open(log_file(source), "w", encoding="utf-8") as log:
                log.write(output)
            if bad:
                show(source, output + "\n" + "\n".join(bad))
    tally.suite(name, passed, len(failures), time.monotonic() - begin, failures)


def judge_junit(path):
    passed, failures = 0, []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        label = "%s::%s" % (case.get("classname"), case.get("name"))
        verdicts = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
        if verdicts:
            failures.append("%s (%s)" % (label, ", ".join(verdicts)))
        else:
            passed += 1
    return passed, failures


def pytest(tally, name, folder, marks, must_select, timeout):
    """Marks choose the tests; `must_select`: that none was chosen is a failure."""
    if not glob.glob(os.path.join(folder, "**", "test_*.py"), recursive=True):
        return
    begin = time.monotonic()
    junit = log_file(name)[:-4] + ".xml"
    if os.path.exists(junit):
        os.remove(junit)
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", junit, folder]
    if marks:
        command += ["-m", marks]
    if PYTEST_WORKERS not in ("0", "1"):
        command += ["-n", PYTEST_WORKERS]
    code, output = run(command, timeout, sanitizer_env())
    with open(log_file(name), "w", encoding="utf-8") as log:
        log.write(output)
    passed, failures = 0, []
    if os.path.exists(junit):
        passed, failures = judge_junit(junit)
    if code == 5 or (code == 0 and passed == 0):
        if not must_select:
            return
        failures.append("no test ran")
    elif code != 0 and not failures:
        failures.append("exit code %d" % code)
    if failures:
        show(name, output)
    tally.suite(name, passed, len(failures), time.monotonic() - begin, failures)


def lint(tally):
    begin = time.monotonic()
    code, output = run([PYTHON, "tests/lint/lint.py"], 600)
    with open(log_file("lint"), "w", encoding="utf-8") as log:
        log.write(output)
    good = re.findall(r"^ok   (\S+)", output, re.M)
    bad = re.findall(r"^FAIL (\S+)", output, re.M)
    if code != 0 and not bad:
        bad = ["exit code %d" % code]
    if bad:
        show("lint", output)
    tally.suite("lint", len(good), len(bad), time.monotonic() - begin, bad)


def fuzz_targets(tally, name, flavour, arguments, seconds, environment=None):
    """Each target of tests/fuzz counts as one; for coverage, each reader too."""
    if not glob.glob("tests/fuzz/*_fuzz.c"):
        return
    if not step(tally, "build-" + flavour, ["make", "-k", "-j%d" % JOBS, "build-" + flavour],
                worth=BUILD_TROUBLE):
        return
    begin = time.monotonic()
    code, output = run([PYTHON, "tests/fuzz/run"] + arguments, seconds,
                       dict(sanitizer_env(), **(environment or {})))
    with open(log_file(name), "w", encoding="utf-8") as log:
        log.write(output)
    good = re.findall(r"^ok   (\S+)", output, re.M)
    bad = re.findall(r"^FAIL (\S+)", output, re.M)
    if code != 0 and not bad:
        bad = ["exit code %d" % code]
    if bad:
        show(name, output)
    tally.suite(name, len(good), len(bad), time.monotonic() - begin, bad)


def fuzz_replay(tally):
    """Each target reads its whole corpus once: seconds, and old crashes stay mended."""
    fuzz_targets(tally, "fuzz-replay", "fuzz", ["--replay"], 300)


def tests_in(folder):
    return sorted(glob.glob("tests/%s/*_test.c" % folder))


def check(tally):
    format_check(tally)
    build(tally, "asan")
    cmocka(tally, "unit", tests_in("unit"))
    cmocka(tally, "golden", tests_in("golden"))
    pytest(tally, "golden-py", "tests/golden", "not long", False, 120)


def test(tally):
    check(tally)
    build(tally, "release")
    build(tally, "clang")
    lint(tally)
    fuzz_replay(tally)
    cmocka(tally, "system-c", tests_in("system"), needs_stack=True)
    pytest(tally, "system", "tests/system", "not long", True, 900)
    cmocka(tally, "fault-c", tests_in("fault"), needs_stack=True)
    pytest(tally, "fault", "tests/fault", "one", True, 420)


def test_long(tally):
    build(tally, "asan")
    build(tally, "release")
    pytest(tally, "system-long", "tests/system", "long", False, 900)
    pytest(tally, "fault-long", "tests/fault", "not one", False, 1200)
    pytest(tally, "golden-long", "tests/golden", "long", False, 300)
    fuzz_targets(tally, "fuzz", "fuzz", [], 600, {"FUZZ_SECONDS": LONG_FUZZ_SECONDS})
    fuzz_targets(tally, "fuzz-coverage", "cov", ["--coverage"], 300)


TIERS = {"check": check, "test": test, "test-long": test_long}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in TIERS:
        print("usage: tier.py check|test|test-long", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    # make's own job server is not for the makes below: they get their -j from here.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(RESULTS, exist_ok=True)
    lock = open(os.path.join(RESULTS, "lock"), "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another run in this tree", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    begin = time.monotonic()
    tally = Tally()
    TIERS[sys.argv[1]](tally)
    if tally.passed + tally.failed == 0:
        tally.suite(sys.argv[1], 0, 1, 0.0, ["no test ran"])
    for failure in tally.failures:
        print("failed: %s" % failure)
    print("%s took %.0f s" % (sys.argv[1], time.monotonic() - begin))
    print("%d passed, %d failed" % (tally.passed, tally.failed), flush=True)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
