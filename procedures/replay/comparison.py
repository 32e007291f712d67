"""Two journals side by side: where they first part, and how they differ afterwards.

Both are read once, line by line, however large they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from fsm import Record
from procedures.replay.recording import lines_of, read_recording, record_of
from procedures.replay.tracker import Begun, Tracker
from procedures.replay.words import in_words

__all__ = ["Comparison", "Digested", "compare_journals"]


@dataclass(slots=True)
class Digested:
    """What a journal comes to.

    Attributes
    ----------
    outcome, because
        How it ended; the outcome is ``cut`` if the journal does not say.
    faults
        Those that were injected, each with its time [s].
    violated
        Conditions that did not hold, each with its time [s], place and reason.
    images
        How many images were read out.
    end
        Time of the last record [s].
    """

    records: int = 0
    outcome: str = "cut"
    because: str = ""
    faults: list[tuple[float, str]] = field(default_factory=list)
    violated: list[tuple[float, str, str]] = field(default_factory=list)
    steps: int = 0
    images: int = 0
    end: float = 0.0

    def see(self, record: Record) -> None:
        """Take a record in."""
        self.records += 1
        self.end = record["t"]
        match record["kind"]:
            case "fault" if record["what"] == "injected":
                self.faults.append((record["t"], f"{record['who']}.{record['fault']}"))
            case "condition" if record["truth"] is not True:
                because = str(record.get("because") or record["condition"])
                self.violated.append((record["t"], record["where"], because))
            case "step" if record["what"] == "done":
                self.steps += 1
            case "event" if record["topic"] == "endReadout":
                self.images += 1
            case "end":
                self.outcome, self.because = record["outcome"], record.get("because", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two journals side by side.

    Attributes
    ----------
    circumstances
        What of the circumstances differs: name, in the first, in the second.
    number
        The first record that differs, beside the circumstances; None if all are the same.
    a, b
        That record in each; None where the journal has ended.
    step
        The last step that began in both.
    common
        Time of the last record that both have [s].
    first, second
        What each comes to.
    """

    circumstances: tuple[tuple[str, Any, Any], ...]
    number: int | None
    a: Record | None
    b: Record | None
    step: Begun | None
    common: float
    first: Digested
    second: Digested

    @property
    def fields(self) -> tuple[tuple[str, Any, Any], ...]:
        """Every field of the two records, with what it is in each; None where one has no such field."""
        one, other = self.a or {}, self.b or {}
        return tuple((key, one.get(key), other.get(key)) for key in {**one, **other})

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        words = {key: in_words(record) for key, record in (("a", self.a), ("b", self.b)) if record is not None}
        return {"same": self.number is None, **asdict(self), "words": words}


def compare_journals(first: Path, second: Path) -> Comparison:
    """Compare two journals record by record; their circumstances may differ.

    Raises
    ------
    AuthorError
        If one of them is no journal.
    """
    one, other = read_recording(first).circumstances, read_recording(second).circumstances
    tracker = Tracker()
    digests = Digested(), Digested()
    parted: tuple[int, Record | None, Record | None] | None = None
    common = 0.0
    for number, (a, b) in enumerate(zip_longest(lines_of(first), lines_of(second)), start=1):
        here = [_record(a, first, number), _record(b, second, number)]
        for digest, record in zip(digests, here, strict=True):
            if record is not None:
                digest.see(record)
        if parted is None and a != b and number > 1:
            parted = (number, here[0], here[1])
        if parted is None and here[0] is not None:
            tracker.see(here[0])
            common = here[0]["t"]
    return Comparison(
        circumstances=tuple(_different(one, other)),
        number=parted[0] if parted else None,
        a=parted[1] if parted else None,
        b=parted[2] if parted else None,
        step=tracker.last_step,
        common=common,
        first=digests[0],
        second=digests[1],
    )


def _record(line: bytes | None, path: Path, number: int) -> Record | None:
    return None if line is None else record_of(line, path, number)


def _different(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in {**one, **other}:
        if one.get(key) != other.get(key):
            yield key, one.get(key), other.get(key)
