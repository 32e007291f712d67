"""What has come about, counted by item: of one run or of many, together or packed small."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from procedures.coverage.item import Item

__all__ = ["Seen", "note_run"]


@dataclass(slots=True, kw_only=True)
class Seen:
    """What has come about.

    Attributes
    ----------
    counts
        How often each item has.
    codes
        Fingerprints of the code and data sheets that it came about with.
    files
        Files that do not come along with cscsim and that it came from: SHA-256 by path.
    """

    counts: Counter[Item] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)

    def add(self, other: Seen) -> None:
        """Add what has come about elsewhere."""
        self.counts.update(other.counts)
        self.codes |= other.codes
        self.files |= other.files

    def of(self, kind: str) -> Iterable[tuple[Item, int]]:
        """Yield the items of a kind, in their order, with how often each has come about."""
        return ((item, self.counts[item]) for item in sorted(self.counts) if item[0] == kind)

    @property
    def runs(self) -> int:
        """How many runs it is from."""
        return sum(count for item, count in self.counts.items() if item[0] == "run")

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, in a fixed order: each item is a list of its texts, and its count."""
        return {
            "codes": sorted(self.codes),
            "files": dict(sorted(self.files.items())),
            "items": [[*item, count] for item, count in sorted(self.counts.items())],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_data` has written.

        Raises
        ------
        ValueError
            If it is something else.
        """
        try:
            counts: Counter[Item] = Counter()
            for line in data["items"]:
                counts[_item(line)] += int(line[-1])
            files = {str(path): str(digest) for path, digest in data["files"].items()}
            return cls(counts=counts, codes=set(map(str, data["codes"])), files=files)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"no items of coverage: {error}") from error

    def pack(self) -> str:
        """Return it as a short text."""
        return base64.b85encode(zlib.compress(orjson.dumps(self.as_data()), 3)).decode()

    @classmethod
    def unpack(cls, text: str) -> Self:
        """Read what `pack` has written; an empty text is nothing.

        Raises
        ------
        ValueError
            If it is something else.
        """
        if not text:
            return cls()
        try:
            return cls.from_data(orjson.loads(zlib.decompress(base64.b85decode(text))))
        except zlib.error as error:
            raise ValueError(f"no items of coverage: {error}") from error


def note_run(seen: Seen, circumstances: Mapping[str, Any]) -> None:
    """Note of which run something is, by its circumstances, as a journal's first record has them."""
    files = circumstances.get("files", {})
    paths = {what: str(source["path"]) for what, source in files.items()}
    procedure, observatory = str(circumstances["procedure"]), str(circumstances["observatory"])
    seen.counts["run", procedure, paths.get("procedure", ""), observatory, paths.get("observatory", "")] += 1
    seen.files |= {str(source["path"]): str(source["sha256"]) for source in files.values()}


def _item(line: Sequence[Any]) -> Item:
    *texts, count = line
    if not texts or not all(isinstance(text, str) for text in texts) or not isinstance(count, int):
        raise ValueError(f"no item of coverage: {line}")
    return tuple(texts)
