"""A branch from a run that was recorded: as it was up to a moment, then something else goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import click
from rich.console import RenderableType
from rich.text import Text

from cscsim.chronicle import Chronicle
from cscsim.errors import NOT_PASSED, Complaint
from cscsim.questions import asker_for
from cscsim.recorded import Recorded
from cscsim.rehearse import journal_file, read_fault
from cscsim.replay import follow
from cscsim.replayed_page import head, parting_lines, verdict_lines
from cscsim.sources import sources_of
from cscsim.style import console_for, time_of, write
from cscsim.summary import summary
from fsm import Record
from procedures import Report
from procedures.branch import Branch
from procedures.moment import Moment
from procedures.replay import Follower, Verdict

__all__ = ["branch_off"]


def branch_off(
    recorded: Recorded,
    moment: Moment | None,
    *,
    scenario: str | None,
    faults: Sequence[str],
    output: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Branch at a moment, go on to the end, and report.

    Raises
    ------
    Complaint
        If the moment never came.
    """
    if moment is None:
        raise Complaint("cscsim replay: --then and --fault branch at a moment; say which with --until")
    site = recorded.site
    branch = Branch(
        moment=moment,
        scenario=site.scenario(scenario) if scenario is not None else None,
        faults=tuple(read_fault(text, site) for text in faults),
        files=sources_of(scenario=scenario),
    )
    before = recorded.rehearsal
    rehearsal = replace(before, branches=(*before.branches, branch), journal=journal_file(output))
    chronicle = Chronicle()
    asker = asker_for(rehearsal, console_for(stderr=True), yes=yes or not _asks(recorded))
    follower, report = follow(recorded, rehearsal=rehearsal, branches=True, others=chronicle, asker=asker)
    if follower.verdict is Verdict.BRANCHED:
        _tell(recorded, follower, report, chronicle, branch, as_json=as_json)
        if not report.passed:
            raise SystemExit(NOT_PASSED)
        return
    if follower.verdict is Verdict.PARTED and follower.parting is not None:
        console = console_for()
        write(console, (*head(recorded), *verdict_lines(recorded, follower, report, None)))
        write(console, parting_lines(recorded, follower.parting))
        raise SystemExit(NOT_PASSED)
    over = time_of(report.simulated_seconds)
    raise Complaint(f"cscsim replay: --until {moment}: did not come; the run was over at {over}")


def _asks(recorded: Recorded) -> bool:
    """Tell whether a person has answered otherwise than yes: then one is asked again, beyond the branch."""
    return any(not answer for _, answer in recorded.recording.answers)


def _tell(
    recorded: Recorded, follower: Follower, report: Report, chronicle: Chronicle, branch: Branch, *, as_json: bool
) -> None:
    if as_json:
        import orjson

        told = {"branch": {**branch.fields, "records_same": follower.held}, **report.as_json()}
        click.echo(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY))
        return
    write(console_for(), (*head(recorded), *_branched(follower, branch, recorded.recording.end)))
    if chronicle.rehearsal is not None:
        write(console_for(), summary(chronicle.rehearsal, report, chronicle))


def _branched(follower: Follower, branch: Branch, end: Record | None) -> Iterator[RenderableType]:
    what = [f"scenario {branch.scenario.name}"] if branch.scenario else []
    what += [f"fault {fault}" for fault in branch.faults]
    words = f"at {branch.moment}, after record #{follower.held}: {', '.join(what)}"
    yield Text.assemble(("Branched ", "bold green"), words)
    if end is not None:
        because = f": {end['because']}" if end.get("because") else ""
        yield Text(f"Without it the run has {end['outcome']} at {time_of(end['t'])}{because}.", style="dim")
