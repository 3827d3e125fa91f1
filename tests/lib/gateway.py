# SPDX-License-Identifier: Apache-2.0
"""`dualgate run` as a test's own process: started, asked, stopped, killed, stopped in its tracks."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

from .servers import ROOT, _stack, tail
from .wait import wait_until

STOP_SECONDS = 20

# Short, so that tests wait for events and not for timers.
TEST_SETTINGS = {
    "mqtt": {"backoff_first_ms": 50, "backoff_max_ms": 500},
    "pg": {"user": "dualgate_gateway", "backoff_first_ms": 50, "backoff_max_ms": 500,
           "lock_poll_ms": 100},
    "reg": {"poll_ms": 200},
    "parked": {"sweep_ms": 500},
}


def binary():
    """$DUALGATE_TEST_BINARY, else the sanitized build, else the release build."""
    for name in (os.environ.get("DUALGATE_TEST_BINARY"), "build/asan/dualgate", "build/dualgate"):
        if name and os.access(os.path.join(ROOT, name), os.X_OK):
            return os.path.join(ROOT, name)
    raise AssertionError("nothing is built: run make build-asan")


def sanitizer_env():
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:detect_stack_use_after_return=1"
                                   ":allocator_may_return_null=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("LSAN_OPTIONS", "suppressions=%s/tests/lib/lsan.supp:print_suppressions=0" % ROOT)
    return env


def cli(stack, *arguments, check=True, config=None, timeout=60, stdin=None, env=None):
    """A subcommand on this stack; CompletedProcess with text."""
    done = subprocess.run(
        [binary(), arguments[0], "--config", config or stack.config_file, *arguments[1:]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, input=stdin, timeout=timeout,
        env={**sanitizer_env(), **(env or {})}, check=False)
    if check:
        assert done.returncode == 0, "dualgate %s: exit code %d\n%s%s" % (
            " ".join(arguments), done.returncode, done.stdout, done.stderr)
    return done


class Gateway:
    def __init__(self, stack, folder, **settings):
        """Settings are sections: batch={"age_ms": 5}. They go over those for tests and the stack's."""
        self.stack = stack
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.config = os.path.join(folder, "gateway.yaml")
        self.log = os.path.join(folder, "gateway.log")
        self.process = None
        self.settings = json.loads(json.dumps(TEST_SETTINGS))
        self.settings["http"] = {"port": stack.port("http") if folder.endswith("/gateway")
                                 else _stack.choose_port(stack.load()["ports"].values())}
        for section, members in settings.items():
            self.settings.setdefault(section, {}).update(members)
        self.port = self.settings["http"]["port"]

    # -- process --

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def write_settings(self, **changed):
        """The file as it will be read at the next start or reload."""
        for section, members in changed.items():
            self.settings.setdefault(section, {}).update(members)
        settings = dict(self.settings)
        if "reg" in settings:
            # In the file the section bears its full name.
            settings["register"] = settings.pop("reg")
        self.stack.write_config(self.config, **settings)

    def start(self):
        assert not self.running()
        self.write_settings()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "run", "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=sanitizer_env(), start_new_session=True)
        return self

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def reload(self):
        """SIGHUP, and what came of it: "ok" or "refused"."""
        def counts():
            metrics = self.metrics()
            return {word: metrics['dualgate_reload_total{result="%s"}' % word]
                    for word in ("ok", "refused")}

        before = counts()
        os.kill(self.pid, signal.SIGHUP)
        wait_until(lambda: counts() != before, 20, "the reload")
        return next(word for word, n in counts().items() if n > before[word])

    def stop(self, seconds=STOP_SECONDS):
        """SIGTERM: it drains and ends with 0, sanitizers silent."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        assert code == 0, "gateway ended with %d:\n%s" % (code, tail(self.log, 40))

    def end(self):
        """However it is: gone afterwards, and a complaint of a sanitizer is a failure."""
        if self.running():
            self.thaw()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self.check_sanitizers()

    def check_sanitizers(self):
        text = self.read_log()
        found = re.search(r"ERROR: (Address|Leak)Sanitizer|runtime error:", text)
        assert not found, "sanitizer:\n" + text[max(0, found.start() - 200): found.start() + 4000]

    def read_log(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    # -- HTTP --

    def get(self, path, timeout=5):
        """(status, text)."""
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path),
                                        timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def wait_ready(self, timeout=20):
        def ready_or_dead():
            if not self.running():
                return "dead"
            return self.ready()

        state = wait_until(ready_or_dead, timeout, "/readyz")
        assert state is True, "gateway ended with %s:\n%s" % (
            self.process.returncode, tail(self.log, 40))

    def metrics(self):
        """{'name{labels}': value}."""
        found = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
        return found
