"""What came of a replay, on a terminal and as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cscsim.blocks_of_text import section
from cscsim.difference_page import records_table, where_it_parts
from cscsim.picture_page import picture_page
from cscsim.recorded import Recorded
from cscsim.style import time_of
from procedures import Report
from procedures.moment import Moment
from procedures.replay import Follower, Verdict, in_words
from procedures.replay.follower import Parting

__all__ = ["as_data", "head", "parting_lines", "replayed_page", "verdict_lines"]


def replayed_page(
    recorded: Recorded, follower: Follower, report: Report, moment: Moment | None
) -> Iterator[RenderableType]:
    """Return the page, part by part."""
    yield from head(recorded)
    yield from verdict_lines(recorded, follower, report, moment)
    if follower.parting is not None and follower.verdict is Verdict.PARTED:
        yield from parting_lines(recorded, follower.parting)
    shown = moment is not None or follower.verdict in (Verdict.PARTED, Verdict.CUT)
    if follower.picture is not None and shown:
        yield from picture_page(follower.picture)


def head(recorded: Recorded) -> Iterator[RenderableType]:
    """Say what was run again, and what is not as it was."""
    said = recorded.recording.circumstances
    words = [f"observatory {said['observatory']}", f"seed {said['seed']}"]
    words += [f"scenario {said['scenario']}"] if said["scenario"] else []
    words += [f"fault {fault}" for fault in said["faults"]]
    words += [f"{key}={value}" for key, value in said["config"].items()]
    title = recorded.rehearsal.procedure.title
    yield Text.assemble((said["procedure"], "bold cyan"), "  ", (title, "bold"))
    yield Text(" · ".join(words), style="dim")
    for record in recorded.recording.branches:
        yield Text(f"in the journal, at {time_of(record['t'])}, {in_words(record)}", style="dim")
    for change in recorded.changes:
        yield Text.assemble(("! ", "bold yellow"), change)


def verdict_lines(
    recorded: Recorded, follower: Follower, report: Report, moment: Moment | None
) -> Iterator[RenderableType]:
    """Say what came of it."""
    recording = recorded.recording
    held, end = follower.held, time_of(recording.last)
    match follower.verdict:
        case Verdict.STOPPED if follower.picture is not None:
            at = f"at {time_of(follower.picture.t)}, after record #{follower.picture.records}"
            yield Text.assemble(("Stopped ", "bold green"), f"{at}; all {held} records are the same as in the journal")
        case Verdict.SAME:
            yield Text.assemble(("The same: ", "bold green"), f"all {held} records up to {end}")
            yield Text.assemble(("digest  ", "dim"), report.digest)
        case Verdict.CUT:
            words = f"all {held} records are the same; the journal was cut at {end}, before the run had ended"
            yield Text.assemble(("The same as far as it goes: ", "bold yellow"), words)
        case Verdict.INTERRUPTED:
            words = f"all {held} records are the same; there, at {end}, somebody interrupted the run"
            yield Text.assemble(("The same until it was interrupted: ", "bold yellow"), words)
        case Verdict.PARTED if follower.parting is not None:
            parting = follower.parting
            common = min(record["t"] for record in (parting.then, parting.now) if record is not None)
            words = where_it_parts(parting.number, common, parting.step)
            yield Text.assemble(("Not the same: ", "bold red"), words)
        case _:
            yield Text.assemble(
                ("Not the same: ", "bold red"), f"the run ends after {held} of {recording.records} records"
            )
    if moment is not None and follower.verdict not in (Verdict.STOPPED, Verdict.PARTED, Verdict.BRANCHED):
        yield Text(f"The run was over before {moment} came.", style="yellow")


def parting_lines(recorded: Recorded, parting: Parting) -> Iterator[RenderableType]:
    """Show the two records, and say why that may be."""
    for name, record in (("journal", parting.then), ("now", parting.now)):
        told = f"at {record['t']:g} s: {in_words(record)}" if record is not None else "has ended"
        yield Text.assemble((f"  {name:<8}", "cyan"), told)
    if recorded.changes:
        yield Text("  The files named above have changed since the journal was written.", style="yellow")
    else:
        words = "The circumstances are the same: cscsim, its data sheets or its procedures have changed since then."
        yield Text(f"  {words}", style="yellow")
    then, now = parting.then or {}, parting.now or {}
    yield from section(f"Record #{parting.number}")
    yield records_table([(key, then.get(key), now.get(key)) for key in {**then, **now}], "journal", "now")


def as_data(recorded: Recorded, follower: Follower, report: Report) -> dict[str, Any]:
    """Return what came of it as plain data."""
    recording, parting = recorded.recording, follower.parting
    differs = parting is not None and follower.verdict is Verdict.PARTED
    return {
        "journal": {
            "file": Path(recording.path).name,
            "records": recording.records,
            "digest": recording.digest,
            "cut": recording.is_cut,
        },
        "circumstances": dict(recording.circumstances),
        "changes": list(recorded.changes),
        "verdict": follower.verdict.value,
        "records_same": follower.held,
        "digest": report.digest if follower.verdict is Verdict.SAME else None,
        "parting": (
            {"number": parting.number, "journal": parting.then, "now": parting.now} if parting and differs else None
        ),
        "picture": follower.picture.as_data() if follower.picture is not None else None,
    }
