"""Two journals side by side."""

from __future__ import annotations

from typing import Any

from procedures import parse_injection
from procedures.replay import compare_journals
from tests.procedures.replay.lamp import branch, lamp, record, site

DIES = "ATWhiteLight.bulb_dies@5 min"


def faulty(text):
    return (parse_injection(text, site().truth),)


def test_a_journal_is_the_same_as_itself(tmp_path):
    recording = record(lamp(), tmp_path / "a.jsonl")

    found: Any = compare_journals(recording.path, recording.path)

    assert (found.number, found.circumstances, found.fields) == (None, (), ())
    assert found.first == found.second
    assert found.first.outcome == "passed"


def test_circumstances_that_differ_are_told_and_do_not_count(tmp_path):
    first, second = record(lamp(seed=1), tmp_path / "a.jsonl"), record(lamp(seed=2), tmp_path / "b.jsonl")

    found: Any = compare_journals(first.path, second.path)

    assert found.circumstances == (("seed", 1, 2),)
    assert found.number is None or found.number > 1


def test_the_first_record_that_differs_is_found(tmp_path):
    first = record(lamp(), tmp_path / "a.jsonl")
    second = record(lamp(faults=faulty(DIES)), tmp_path / "b.jsonl")

    found: Any = compare_journals(first.path, second.path)

    assert (found.a["n"], found.b["n"]) == (found.number, found.number)
    assert (found.b["kind"], found.b["fault"], found.b["t"]) == ("fault", "bulb_dies", 300.0)
    assert found.step.id == "warm"
    assert found.common < 300.0
    assert ("fault", None, "bulb_dies") in found.fields
    assert found.second.faults == [(300.0, "ATWhiteLight.bulb_dies")]
    assert (found.first.outcome, found.second.outcome) == ("passed", "failed")


def test_a_journal_that_was_cut_ends_where_the_other_goes_on(tmp_path):
    whole = record(lamp(), tmp_path / "a.jsonl")
    lines = whole.path.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(lines[:50]) + lines[50][:20])

    found: Any = compare_journals(whole.path, cut)

    assert (found.number, found.b) == (51, None)
    assert found.second.outcome == "cut"


def test_a_branch_parts_where_it_branches(tmp_path):
    first = record(lamp(), tmp_path / "a.jsonl")
    second = record(lamp(branches=(branch("2 min", "ATWhiteLight.bulb_dies"),)), tmp_path / "b.jsonl")

    found: Any = compare_journals(first.path, second.path)

    assert (found.b["kind"], found.b["t"], found.circumstances) == ("branch", 120.0, ())
    assert found.as_data()["words"]["b"] == "the run branches: fault ATWhiteLight.bulb_dies"
