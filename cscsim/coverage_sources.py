"""Where coverage comes from: stores of campaigns, journals, and what `cscsim coverage --json` has written; all merged.

A store's runs count if they are of this code, and of the files as they are now. A journal is run again, because its
records do not tell everything; where the same does not come again, the records alone count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from csc import load_catalogue
from csc.diagrams import charts_of
from cscsim.coverage_universe import site_of_run
from cscsim.locate import Site
from fsm import AuthorError, CscsimError, read_journal
from procedures import rehearse
from procedures.asker import RecordedAsker
from procedures.campaign import is_store, kept_runs, world_of
from procedures.coverage import Collector, Finder, Seen, collect_records, note_run
from procedures.replay import read_recording

__all__ = ["Given", "kind_of", "read_all", "stores_in"]


@dataclass(slots=True)
class Given:
    """What was read.

    Attributes
    ----------
    notes
        What is to be known of it, in words: what was left out, and why.
    """

    seen: Seen = field(default_factory=Seen)
    notes: list[str] = field(default_factory=list)


def read_all(paths: Sequence[Path]) -> Given:
    """Read and merge files.

    Raises
    ------
    AuthorError
        If one is neither a store, nor a journal, nor a coverage.
    """
    given = Given()
    for path in paths:
        _READERS[kind_of(path)](path, given)
    return given


def kind_of(path: Path) -> str:
    """Return what a file is: store, coverage or journal.

    Raises
    ------
    AuthorError
        If it is none of these, or cannot be read.
    """
    try:
        if is_store(path):
            return "store"
        with path.open("rb") as stream:
            first = stream.readline()
    except OSError as error:
        raise AuthorError(f"cannot be read: {error.strerror}", file=str(path)) from error
    what = "not a journal record, and no store of a campaign or coverage of `cscsim coverage --json`"
    try:
        data = orjson.loads(first or path.read_bytes())
    except orjson.JSONDecodeError:
        try:
            data = orjson.loads(path.read_bytes())  # a coverage that somebody has laid out in lines
        except orjson.JSONDecodeError as error:
            raise AuthorError(what, file=str(path), line=1) from error
    if isinstance(data, dict) and "kind" in data:
        return "journal"
    if isinstance(data, dict) and data.get("coverage") == 1:
        return "coverage"
    raise AuthorError(what, file=str(path), line=1)


def _read_store(path: Path, given: Given) -> None:
    present, stale, without = world_of(), 0, 0
    for run in kept_runs(path):
        seen = run.seen
        if not run.coverage:
            without += 1
        elif seen.codes != {present} or _changed(seen.files):
            stale += 1
        else:
            given.seen.add(seen)
    if stale:
        given.notes.append(f"{path}: {stale} runs are older than the code or a file, and are left out; run it again")
    if without:
        given.notes.append(f"{path}: of {without} runs nothing was counted, and they are left out; run it again")


def _changed(files: Mapping[str, str]) -> list[str]:
    return [path for path, digest in files.items() if _digest(path) != digest]


@cache
def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def _read_coverage(path: Path, given: Given) -> None:
    try:
        seen = Seen.from_data(orjson.loads(path.read_bytes()))
    except ValueError as error:
        raise AuthorError(f"is no coverage of `cscsim coverage --json`: {error}", file=str(path)) from error
    if seen.codes - {world_of()}:
        given.notes.append(f"{path}: is of another version of the code; what is there no more does not count")
    given.seen.add(seen)


def _read_journal(path: Path, given: Given) -> None:
    try:
        seen, why = _run_again(path)
    except CscsimError as error:
        seen, why = None, str(error)
    if seen is None:
        given.notes.append(f"{path}: only its records count, because it cannot be run again: {why}")
        seen = _from_records(path)
    given.seen.add(seen)


def _run_again(path: Path) -> tuple[Seen | None, str]:
    """Run a journal again; return what came about, or why that is not what was recorded."""
    from cscsim.recorded import find_recorded

    recording = read_recording(path)
    if recording.is_cut or recording.was_interrupted:
        return None, "the run did not come to its end"
    recorded = find_recorded(recording)
    collector = Collector()
    report = rehearse(recorded.rehearsal, asker=RecordedAsker(recording.answers), spectator=collector)
    if report.digest != recording.digest:
        return None, "something else comes of it now; cscsim replay says where"
    seen = collector.seen()
    seen.codes.add(world_of())
    note_run(seen, recorded.rehearsal.circumstances)
    return seen, ""


def _from_records(path: Path) -> Seen:
    records = [dict(record) for record in read_journal(path)]
    run = next((record for record in records if record["kind"] == "run"), {})
    site = site_of_run(str(run.get("observatory", "")), run.get("files", {}).get("observatory", {}).get("path", ""))
    seen = collect_records(
        records, load_catalogue(), Finder(site.library) if site is not None else None, _beginnings(site)
    )
    if {"procedure", "observatory"} <= run.keys():
        note_run(seen, run)
    return seen


def _beginnings(site: Site | None) -> dict[str, dict[str, str]]:
    placed = site.sheet.components if site is not None else {}
    found = {}
    for name, item in placed.items():
        charts = charts_of(load_catalogue()[name.partition(":")[0]])
        found[name] = {key: chart.initial for key, chart in charts.items()} | dict(item.machines)
        if "summary" in charts:
            found[name]["summary"] = item.state
    return found


_READERS: Mapping[str, Any] = {"store": _read_store, "coverage": _read_coverage, "journal": _read_journal}


def stores_in(folder: Path) -> Iterator[Path]:
    """Yield the stores of a folder, in order of their names."""
    yield from sorted(path for path in folder.glob("*.sqlite") if path.is_file())
