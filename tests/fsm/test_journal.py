from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fsm import AuthorError, Journal, Record, line_of, read_journal


def write_some(journal: Journal) -> None:
    journal.write("command", "ATDome", command="moveAzimuth", data={"azimuth": 3.0}, seq=1, by="test")
    journal.write("event", "ATDome", topic="azimuthState", data={"state": 2, "names": ("a", "b")})


def test_the_same_records_are_the_same_bytes_and_the_same_digest(tmp_path: Path) -> None:
    digests = []
    for name in ("first", "second"):
        with Journal(lambda: 1.5, path=tmp_path / name) as journal:
            write_some(journal)
            digests.append(journal.digest)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert digests[0] == digests[1] == hashlib.sha256((tmp_path / "first").read_bytes()).hexdigest()


def test_the_digest_does_not_depend_on_whether_a_file_is_written(tmp_path: Path) -> None:
    with Journal(lambda: 1.5, path=tmp_path / "run.jsonl") as written:
        write_some(written)
    kept = Journal(lambda: 1.5)
    write_some(kept)

    assert kept.digest == written.digest


def test_the_digest_tells_records_apart() -> None:
    one, other = Journal(lambda: 1.0), Journal(lambda: 1.0)
    one.write("event", "ATDome", data=1)
    other.write("event", "ATDome", data=2)

    assert one.digest != other.digest


def test_a_record_has_time_to_the_microsecond_and_number_first(tmp_path: Path) -> None:
    with Journal(lambda: 0.1 + 0.2, path=tmp_path / "run.jsonl") as journal:
        journal.write("transition", "ATDome", machine="door", state="OPEN")

    expected = b'{"t":0.3,"n":1,"kind":"transition","who":"ATDome","machine":"door","state":"OPEN"}\n'
    assert (tmp_path / "run.jsonl").read_bytes() == expected


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b", "a", "c"}, ["a", "b", "c"]),
        (frozenset({2, 1}), [1, 2]),
        ((1, 2), [1, 2]),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (float("nan"), None),
        (Path("a") / "b", "a/b"),
    ],
    ids=["words", "numbers", "pair", "float", "integer", "array", "nan", "path"],
)
def test_values_that_json_does_not_know_are_written_in_a_fixed_form(tmp_path: Path, value: Any, written: Any) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 0.0, path=path) as journal:
        journal.write("event", "ATDome", data=value)

    assert [record["data"] for record in read_journal(path)] == [written]


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else "deep"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("half \ud83d of it", "half \\ud83d of it"),
        (2**70, "0x400000000000000000"),
        ({1: {(2, 3): True}}, {"1": {"[2, 3]": True}}),
        ([2**64 - 1, -(2**63), 2**64], [2**64 - 1, -(2**63), "0x10000000000000000"]),
    ],
    ids=["surrogate", "70 bits", "keys", "list"],
)
def test_values_that_json_cannot_say_are_written_as_what_is_nearest(tmp_path: Path, value: Any, written: Any) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 0.0, path=path) as journal:
        journal.write("command", "ATDome", data=value)

    assert [record["data"] for record in read_journal(path)] == [written]
    assert journal.records[0]["data"] == written


def test_what_is_nested_too_deep_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 0.0, path=path) as journal:
        journal.write("command", "ATDome", data=nested(900))

    [record] = read_journal(path)
    assert str(record["data"]).count("[") == 31


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 1.5, path=path) as journal:
        write_some(journal)

    assert [(record["n"], record["kind"]) for record in read_journal(path)] == [(1, "command"), (2, "event")]


def test_records_are_kept_by_kind_or_not_at_all() -> None:
    kept, not_kept = Journal(lambda: 0.0), Journal(lambda: 0.0, keep=False)
    write_some(kept)
    write_some(not_kept)

    assert [record["n"] for record in kept.of_kind("event", "ack")] == [2]
    assert not_kept.records == []
    assert not_kept.count == 2


def test_a_listener_gets_every_record_from_then_on() -> None:
    heard: list[Record] = []
    journal = Journal(lambda: 0.0)
    journal.write("event", "ATDome")
    journal.listen(heard.append)
    journal.write("event", "ATMCS")

    assert [record["who"] for record in heard] == ["ATMCS"]


def test_each_record_is_in_the_file_before_the_next_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 0.0, path=path) as journal:
        journal.write("event", "ATDome")

        assert len(list(read_journal(path))) == 1


def test_after_kill_9_the_run_is_read_to_its_last_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from fsm import Journal\n"
        f"journal = Journal(lambda: 0.0, path=Path({str(path)!r}))\n"
        "for number in range(1000):\n"
        "    journal.write('event', 'ATDome', number=number)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=50)

    assert ended.returncode == -signal.SIGKILL
    assert [record["number"] for record in read_journal(path)] == list(range(1000))


@pytest.mark.parametrize("kept", [1, 20, -2])
def test_a_line_cut_short_at_the_end_is_left_out(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 1.5, path=path) as journal:
        write_some(journal)
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:kept])

    assert [record["n"] for record in read_journal(path)] == [1]


def test_a_last_record_without_its_line_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(lambda: 1.5, path=path) as journal:
        write_some(journal)
    os.truncate(path, path.stat().st_size - 1)

    assert [record["n"] for record in read_journal(path)] == [1, 2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"t": 1,\n', r"run\.jsonl:2: not a journal record: "),
        (b"\n", r"run\.jsonl:2: not a journal record: "),
        (b"\xff\n", r"run\.jsonl:2: not a journal record: "),
        (b"[1]\n", r"run\.jsonl:2: not a journal record: an object is expected"),
    ],
)
def test_a_broken_line_before_the_last_is_an_error_with_its_number(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"n":1}\n' + line + b'{"n":3}\n')

    with pytest.raises(AuthorError, match=message) as caught:
        list(read_journal(path))

    assert caught.value.line == 2


def test_records_before_a_broken_line_are_still_yielded(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"n":1}\nbroken\n{"n":3}\n')
    records = read_journal(path)

    assert next(records) == {"n": 1}


def test_nothing_is_recorded_once_it_is_closed(tmp_path: Path) -> None:
    journal = Journal(lambda: 1.5, path=tmp_path / "run.jsonl")
    write_some(journal)
    digest = journal.digest
    journal.close()

    write_some(journal)

    assert (journal.count, journal.digest, len(journal.records)) == (2, digest, 2)
    assert hashlib.sha256((tmp_path / "run.jsonl").read_bytes()).hexdigest() == digest


def test_a_listener_may_leave_while_it_is_told() -> None:
    journal = Journal(lambda: 1.5)
    heard: list[str] = []

    def once(record: Record) -> None:
        heard.append(f"once {record['n']}")
        leave()

    leave = journal.listen(once)
    journal.listen(lambda record: heard.append(f"always {record['n']}"))
    write_some(journal)

    assert heard == ["once 1", "always 1", "always 2"]


def test_a_line_says_the_record_that_was_written(tmp_path: Path) -> None:
    with Journal(lambda: 1.5, path=tmp_path / "run.jsonl") as journal:
        write_some(journal)

    assert (tmp_path / "run.jsonl").read_bytes() == b"".join(map(line_of, journal.records))
