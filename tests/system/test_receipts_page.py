# SPDX-License-Identifier: Apache-2.0
"""The page that explains receipts to enterprises names every reason and every finding of the program, each
once and with what to do about it, and nothing else."""

import json
import os
import re
import subprocess

import pytest

from lib.gateway import binary
from lib.servers import ROOT

PAGE = os.path.join(ROOT, "deploy/examples/receipts.zh-CN.md")
VERDICTS = ["stored", "duplicate", "stale", "parked", "rejected", "conflict"]


def section(number):
    with open(PAGE, encoding="utf-8") as file:
        parts = re.split(r"^## (.)、", file.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))[number]


def rows(text):
    """[(word, what it means, what to do)] of all tables of a section."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"`\w+`", cells[0]):
            found.append((cells[0].strip("`"), *cells[1:]))
    return found


def words_of(kind):
    done = subprocess.run([binary(), "check", "--reasons", "--json"], stdout=subprocess.PIPE, check=True)
    return [one["word"] for one in json.loads(done.stdout)[kind]]


@pytest.mark.parametrize("number, kind", [("三", "reasons"), ("四", "findings")])
def test_every_word_of_the_program_is_explained_once_and_no_other(number, kind):
    explained = sorted(row[0] for row in rows(section(number)))
    assert explained == sorted(words_of(kind))


@pytest.mark.parametrize("number", ["二", "三", "四"])
def test_each_is_explained_and_says_what_to_do(number):
    listed = rows(section(number))
    assert listed
    for row in listed:
        assert len(row) == 3 and all(re.search("[\u4e00-\u9fff]", cell) for cell in row[1:]), row


def test_the_six_verdicts_are_explained():
    assert [row[0] for row in rows(section("二"))] == VERDICTS
