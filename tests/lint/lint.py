#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The gates of `make lint`, one function each; `ok NAME` or `FAIL NAME` and the places.

A gate fails on what a script can judge. Lengths and complexity are reported only: a person splits
a function where a name appears, not where a line count ends.
"""

import concurrent.futures
import glob
import hashlib
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 2))

# Which folder may include which other folder's headers (its own and base/ always).
MAY_INCLUDE = {
    "base": set(),
    "conf": set(),
    "model": set(),
    "adapt": {"model"},
    "pipe": {"conf", "model", "adapt"},
    "mqtt": {"conf"},
    "pg": {"conf", "model"},
    "admin": {"conf", "model"},
    "cli": {"conf", "model", "adapt", "pipe", "mqtt", "pg", "admin"},
    "app": {"conf", "model", "adapt", "pipe", "mqtt", "pg", "admin", "cli"},
}
# An implementer may include the header of the module that declares the ops it implements.
MAY_INCLUDE_HEADER = {
    "pg": {"pipe/batch.h", "pipe/message.h", "pipe/receipt.h", "pipe/feed.h", "pipe/tally.h"},
}
# Foreign headers that belong to one folder.
FOREIGN = {
    "mosquitto.h": {"mqtt", "cli", "app"},
    "mqtt_protocol.h": {"mqtt", "cli", "app"},
    "libpq-fe.h": {"pg", "cli", "app"},
    "microhttpd.h": {"admin", "app"},
    "uv.h": {"mqtt", "pg", "admin", "cli", "app"},
}
GENERATED_MODEL = {"model", "adapt", "pipe", "pg", "cli", "app", "admin"}

BANNED = re.compile(
    r"(?<![\w.>])(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|atof|gets|rand|srand|localtime"
    r"|gmtime|asctime|ctime|inet_ntoa|gethostbyname|setenv|putenv|tmpnam|mktemp|alloca|system"
    r"|popen)\s*\("
)
HEAP = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup|asprintf)\s*\(")
BLOCKING_PQ = re.compile(
    r"\b(PQexec|PQexecParams|PQexecPrepared|PQprepare|PQconnectdb|PQconnectdbParams|PQreset"
    r"|PQsetdbLogin|PQsetdb|PQcancel)\s*\("
)
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
TOP_LEVEL = {
    "README.md", "README.zh-CN.md", "LICENSE", "NEWS.md", "Makefile", "package.json",
    "package-lock.json", "gateway", "adapters", "proto", "config", "deploy", "tests",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def tracked(*patterns):
    """Files of the project: what git knows or would add; without git (a tarball), a walk."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--"] + list(patterns),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
    )
    if done.returncode == 0:
        names = done.stdout.decode().split("\0")
    else:
        names = []
        for folder, folders, files in os.walk("."):
            folders[:] = [f for f in folders if f not in (BUILD, "build", "var", ".git", "node_modules")]
            names += [os.path.relpath(os.path.join(folder, name), ".") for name in files]
    return sorted(name for name in names if name and os.path.isfile(name))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


CODE_NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def code_only(text):
    """The text with comments, strings and characters blanked; positions stay."""
    return CODE_NOISE.sub(blank, text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


SOURCES = [p for p in sorted(glob.glob("gateway/**/*.[ch]", root_dir=ROOT, recursive=True))]


def folder_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) == 3 else "app"


def include_direction():
    for path in SOURCES:
        own = folder_of(path)
        if own not in MAY_INCLUDE:
            yield "%s: folder %s is not one of the design's" % (path, own)
            continue
        text = read(path)
        for match in INCLUDE.finditer(text):
            kind, name = match.groups()
            where = "%s:%d" % (path, line_of(text, match.start(2)))
            if name.endswith(".pb-c.h"):
                if own not in GENERATED_MODEL:
                    yield "%s: %s may not include generated %s" % (where, own, name)
            elif os.path.basename(name) in FOREIGN and kind == "<":
                if own not in FOREIGN[os.path.basename(name)]:
                    yield "%s: %s may not include <%s>" % (where, own, name)
            elif "/" in name and name.split("/")[0] in MAY_INCLUDE:
                other = name.split("/")[0]
                allowed = other in ("base", own) or other in MAY_INCLUDE[own]
                if not allowed and name not in MAY_INCLUDE_HEADER.get(own, ()):
                    yield "%s: %s may not include %s" % (where, own, name)
            elif kind == '"' and not os.path.exists(os.path.join(BUILD, "gen", name)):
                yield '%s: include "%s" as "folder/name.h"' % (where, name)


def own_header_first():
    for path in SOURCES:
        if not path.endswith(".c") or path == "gateway/main.c":
            continue
        own = path[len("gateway/"):-2] + ".h"
        if not os.path.exists("gateway/" + own):
            continue
        first = INCLUDE.search(read(path))
        if first is None or first.group(2) != own:
            yield '%s: its first include must be "%s"' % (path, own)


def include_cycles():
    edges = {}
    for path in SOURCES:
        if path.endswith(".h"):
            own = path[len("gateway/"):]
            edges[own] = [name for _, name in INCLUDE.findall(read(path))]
    state, stack, found = {}, [], []

    def visit(node):
        state[node] = "open"
        stack.append(node)
        for other in edges.get(node, ()):
            if state.get(other) == "open":
                found.append(" -> ".join(stack[stack.index(other):] + [other]))
            elif other in edges and other not in state:
                visit(other)
        stack.pop()
        state[node] = "done"

    for node in sorted(edges):
        if node not in state:
            visit(node)
    yield from found


def flags():
    text = read("Makefile")
    warn = re.search(r"^warn := (.*?)(?<!\\)$", text, re.M | re.S).group(1).replace("\\\n", " ").split()
    return ["-std=c11", "-D_GNU_SOURCE", "-Igateway", "-isystem", os.path.join(BUILD, "gen"),
            "-isystem", "/usr/include/postgresql", "-isystem", "/usr/include/libxml2"] + warn


def cached(kind, path, extra, work):
    """work() -> text; remembered under the hash of everything that can change its answer."""
    digest = hashlib.sha256((kind + "\0" + "\0".join(extra)).encode())
    for name in dependencies(path):
        with open(name, "rb") as file:
            digest.update(name.encode() + b"\0" + file.read())
    place = os.path.join(BUILD, "lint", kind, digest.hexdigest())
    if os.path.exists(place):
        return read(place)
    answer = work()
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place + ".%d" % os.getpid(), "w", encoding="utf-8") as file:
        file.write(answer)
    os.replace(place + ".%d" % os.getpid(), place)
    return answer


def dependencies(path):
    """The file and all project and generated headers below it, found by reading includes."""
    seen, todo = set(), [path]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for _, included in INCLUDE.findall(read(name)):
            for base in ("gateway", os.path.join(BUILD, "gen"), "tests"):
                candidate = os.path.join(base, included)
                if os.path.isfile(candidate):
                    todo.append(candidate)
    return sorted(seen)


def parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for lines in pool.map(work, items):
            yield from lines


def tool(command, source=None):
    done = subprocess.run(command, input=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, done.stdout


def header_alone():
    def one(path):
        def work():
            code, output = tool(["gcc", "-fsyntax-only", "-xc", "-"] + flags(),
                                '#include "%s"\n' % path[len("gateway/"):])
            return output if code != 0 else ""
        answer = cached("header", path, flags(), work)
        return ["%s does not compile alone:\n%s" % (path, answer)] if answer else []

    yield from parallel(one, [p for p in SOURCES if p.endswith(".h")])


def banned_functions():
    for path in SOURCES:
        code = code_only(read(path))
        for pattern, allowed, why in (
            (BANNED, (), "is banned"),
            (HEAP, ("gateway/base/alloc.c",), "is for base/alloc.c; use mem_*"),
            (BLOCKING_PQ, ("gateway/pg/sync.c",), "blocks; only pg/sync.c may"),
        ):
            if path in allowed:
                continue
            for match in pattern.finditer(code):
                yield "%s:%d: %s %s" % (path, line_of(code, match.start()), match.group(1), why)


def licence_lines():
    for path in tracked():
        if not re.search(r"\.(c|h|py|sh|proto|sql|js|mjs)$", path):
            continue
        head = "\n".join(read(path).splitlines()[:3])
        if head and "SPDX-License-Identifier: Apache-2.0" not in head:
            yield "%s: no SPDX line at its top" % path


def forbidden_words():
    for path in tracked():
        if path in ("LICENSE", "tests/lint/lint.py") or not re.search(
                r"(\.(c|h|py|sh|md|proto|sql|yaml|yml|js|mjs|css|html)|/[\w-]+|Makefile)$", path):
            continue
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        for match in FORBIDDEN_WORDS.finditer(text):
            yield "%s:%d: says %s" % (path, line_of(text, match.start()), match.group(1))


def top_level():
    for path in sorted({name.split("/")[0] for name in tracked()}):
        if not path.startswith(".") and path not in TOP_LEVEL:
            yield "%s does not belong at the top level" % path


def shell_scripts():
    for path in tracked():
        with open(path, "rb") as file:
            first = file.readline()
        if re.match(rb"#!.*\b(ba|da)?sh\b", first):
            code, output = tool(["bash", "-n", path])
            if code != 0:
                yield output.rstrip()


def python_scripts():
    for path in tracked():
        with open(path, "rb") as file:
            data = file.read()
        if path.endswith(".py") or re.match(rb"#!.*python", data):
            try:
                compile(data, path, "exec")
            except SyntaxError as error:
                yield "%s:%s: %s" % (path, error.lineno, error.msg)


def settings_shown():
    """Every setting of the table stands in config/gateway.yaml, under its section."""
    table, shown = "gateway/conf/settings.c", "config/gateway.yaml"
    if not os.path.exists(table):
        return
    keys = [a or b for a, b in re.findall(
        r'^\s*(?:ROW\(([a-z0-9_]+\.[a-z0-9_]+)|NAMED\("([a-z0-9_.]+)")', read(table), re.M)]
    if not keys:
        yield "%s: no setting found; its rows look different now" % table
    if not os.path.exists(shown):
        yield "%s is missing" % shown
        return
    found, section = set(), ""
    for line in read(shown).splitlines():
        match = re.match(r"^( *)#? ?([a-z0-9_]+):", line)
        if match and not match.group(1):
            section = match.group(2)
        elif match:
            found.add("%s.%s" % (section, match.group(2)))
    for key in keys:
        if key not in found:
            yield "%s: setting %s is not shown" % (shown, key)


def wire_names():
    """The schema is the program: no field name of a national wire format stands in C."""
    for path in SOURCES:
        if path.endswith(".c") and folder_of(path) in ("adapt", "pipe", "pg", "mqtt"):
            text = read(path)
            for match in re.finditer(r'"((?:company|hazard|risk|danger|dangerous)[A-Z]\w*)"', text):
                yield "%s:%d: wire field name %s" % (path, line_of(text, match.start()), match.group(1))


def clang_tidy():
    config = read(".clang-tidy")

    def one(path):
        def work():
            # Warnings that gcc and clang already judge in the build are not asked again here.
            code, output = tool(["clang-tidy-14", "--quiet", path, "--"]
                                + [f for f in flags() if not f.startswith("-W")])
            # One line a finding; the whole path of the analyzer is one clang-tidy-14 call away.
            kept = [line.replace(ROOT + "/", "") for line in output.splitlines()
                    if re.search(r": (error|warning): ", line)]
            return "\n".join(kept) or (output if code != 0 else "")
        answer = cached("tidy", path, [config], work)
        return [answer] if answer else []

    sources = [p for p in SOURCES if p.endswith(".c")]
    # What changed last comes first: its author waits for exactly that answer.
    yield from parallel(one, sorted(sources, key=os.path.getmtime, reverse=True))


FUNCTION = re.compile(r"^(?!\s|#|\}|typedef|struct\s+\w+\s*\{|enum|static const|const)[^\n;={}]*?(\w+)\([^;{}]*\)\s*\n\{\n(.*?)^\}",
                      re.M | re.S)
BRANCH = re.compile(r"\b(if|for|while|case|LIST_EACH\w*)\b|&&|\|\||\?")


def report_lengths():
    """Printed, never failed: what a person should look at."""
    seen = {}
    for path in SOURCES:
        # A subcommand bears the name of what it is about; its prefix is cli_.
        if path.endswith(".h") and folder_of(path) != "cli":
            other = seen.setdefault(os.path.basename(path), path)
            if other != path:
                print("     one name, two modules: %s, %s" % (other, path))
    lengths = []
    for path in SOURCES:
        text = read(path)
        lines = text.count("\n")
        if lines > 400:
            print("     long file: %s (%d lines)" % (path, lines))
        code = code_only(text)
        for match in FUNCTION.finditer(code):
            length = match.group(2).count("\n") + 1
            branches = 1 + len(BRANCH.findall(match.group(2)))
            lengths.append(length)
            if length > 60 or branches > 15:
                print("     look at: %s:%d %s (%d lines, complexity %d)" % (
                    path, line_of(code, match.start()), match.group(1), length, branches))
    lengths.sort()
    if lengths:
        print("     %d functions: median %d lines, 90 %% up to %d, longest %d" % (
            len(lengths), lengths[len(lengths) // 2], lengths[len(lengths) * 9 // 10], lengths[-1]))


GATES = [
    include_direction, own_header_first, include_cycles, header_alone, banned_functions,
    licence_lines, forbidden_words, top_level, shell_scripts, python_scripts, settings_shown,
    wire_names, clang_tidy,
]


def main():
    os.chdir(ROOT)
    chosen = [gate for gate in GATES if len(sys.argv) == 1 or gate.__name__ in sys.argv[1:]]
    failed = 0
    for gate in chosen:
        problems = list(gate())
        print("%s %s" % ("FAIL" if problems else "ok  ", gate.__name__), flush=True)
        for problem in problems:
            print("     " + problem.replace("\n", "\n     "), flush=True)
        failed += bool(problems)
    report_lengths()
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
