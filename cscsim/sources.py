"""Files that a rehearsal is read from, besides what cscsim brings along: which, and what was in them.

A journal names them, so that the rehearsal can be done again, and tells whether they have changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cscsim.locate import is_file, is_path
from fsm import AuthorError

__all__ = ["Sources", "sources_of"]

_WORDS = {"parameter_set": "parameter set"}


def sources_of(
    *,
    procedure: str | None = None,
    observatory: str | None = None,
    parameter_set: str | None = None,
    scenario: str | None = None,
    training: str | None = None,
) -> dict[str, dict[str, str]]:
    """Return the path, as it was given, and the SHA-256 of each of these that is a file."""
    found = {}
    if procedure is not None and is_file(procedure):
        found["procedure"] = _source(procedure)
    others = {"observatory": observatory, "parameter_set": parameter_set, "scenario": scenario, "training": training}
    for what, name in others.items():
        if name is not None and is_path(name):
            found[what] = _source(name)
    return found


def _source(name: str) -> dict[str, str]:
    return {"path": name, "sha256": _sha256(Path(name))}


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise AuthorError(f"cannot be read: {error.strerror}", file=str(path)) from error


class Sources:
    """The files that a journal names.

    Parameters
    ----------
    journal
        The journal: its files are looked for where it was written, and beside it.
    named
        What it says of them, by what they are.

    Attributes
    ----------
    changes
        What is not as it was then, in words.
    """

    def __init__(self, journal: Path, named: Mapping[str, Any]) -> None:
        self._journal = journal
        self._named = named
        self.changes: list[str] = list(self._compared())

    def name(self, what: str, otherwise: Any) -> Any:
        """Return where to read something from: its file, or its name otherwise."""
        return str(self._path(what)) if what in self._named else otherwise

    def files(self) -> dict[str, dict[str, str]]:
        """Return what the journal says of them, for a run that is to write the same."""
        return {what: dict(source) for what, source in self._named.items()}

    def _path(self, what: str) -> Path:
        path = Path(self._named[what]["path"])
        for candidate in (path, self._journal.parent / path, self._journal.parent / path.name):
            if candidate.is_file():
                return candidate if is_path(str(candidate)) else Path(f"./{candidate}")
        words = _WORDS.get(what, what)
        raise AuthorError(
            f"its {words} was read from {path}, which is neither here nor beside the journal", file=str(self._journal)
        )

    def _compared(self) -> Iterator[str]:
        for what, source in self._named.items():
            path, before = self._path(what), str(source["sha256"])
            now = _sha256(path)
            if now != before:
                yield f"{path} has changed since: its SHA-256 was {before[:12]}…, it is {now[:12]}…"
