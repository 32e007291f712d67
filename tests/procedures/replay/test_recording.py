"""What a journal says of its run, and what is said of a file that is none."""

from __future__ import annotations

import json

import pytest

from fsm import AuthorError
from procedures.replay import read_recording
from tests.procedures.replay.lamp import Saying, branch, lamp, record

RUN = {
    "t": 0.0, "n": 1, "kind": "run", "who": "observer", "procedure": "light", "observatory": "small",
    "parameter_set": "summit", "seed": 1, "config": {}, "scenario": None, "faults": [],
}  # fmt: skip


def written(tmp_path, text):
    path = tmp_path / "run.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_journal_says_what_its_run_was(tmp_path):
    recording = record(lamp(seed=3, branches=(branch("1 min"),)), tmp_path / "run.jsonl", asker=Saying(True))

    assert recording.circumstances["procedure"] == "light"
    assert recording.circumstances["seed"] == 3
    assert recording.answers == (("Is the dome free of people?", True),)
    assert [each["t"] for each in recording.branches] == [60.0]
    assert recording.end is not None
    assert recording.end["outcome"] == "passed"
    assert not recording.is_cut
    assert not recording.was_interrupted


def test_the_digest_is_that_of_the_run(tmp_path):
    from hashlib import sha256

    recording = record(lamp(), tmp_path / "run.jsonl")

    assert recording.digest == sha256(recording.path.read_bytes()).hexdigest()


def test_a_cut_line_is_left_out(tmp_path):
    recording = read_recording(written(tmp_path, json.dumps(RUN) + '\n{"t":0.0,"n":2,"ki'))

    assert recording.records == 1
    assert recording.is_cut


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no record"),
        ("hello", "holds no record"),
        ("hello\n", r"run.jsonl:1: not a journal record: unexpected character"),
        (b"\xff\xfe\n", r"run.jsonl:1: not a journal record"),
        ("[1]\n", r"run.jsonl:1: not a journal record: an object is expected"),
        ('{"t": 0}\n', r"run.jsonl:1: not a journal record: n, kind, who is missing"),
        (json.dumps(RUN | {"kind": "event"}) + "\n", "it begins with event, not with run"),
        (json.dumps(RUN | {"seed": "one"}) + "\n", "seed is missing or not what it should be"),
        (json.dumps(RUN) + "\n{}\n", r"run.jsonl:2: not a journal record: t, n, kind, who is missing"),
    ],
)
def test_what_is_no_journal_is_told(tmp_path, text, message):
    with pytest.raises(AuthorError, match=message):
        read_recording(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(AuthorError, match=r"none.jsonl: cannot be read: No such file"):
        read_recording(tmp_path / "none.jsonl")
