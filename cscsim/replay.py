"""`cscsim replay`: a run again from its journal, verified, looked at, gone through step by step, or branched."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import NOT_PASSED, Complaint

if TYPE_CHECKING:
    from cscsim.recorded import Recorded
    from fsm import Record
    from procedures import Asker, Report
    from procedures.moment import Moment
    from procedures.replay import Follower

__all__ = ["command"]

_HELP = """\
Run again what JOURNAL has recorded, and hold every record against it.

With --until it stops there, and shows every component, what is being done, and why each open condition is what it is.
T is a time (20min, 1:02:03), a record (#812) or a condition ("ATWhiteLight.lamp is ON"), held against the truth, not
against what is published. With --then, or --fault, it branches there: up to T all is as it was, and then something else
goes wrong. A scenario's times count from T. What people answered is answered again.

\b
  cscsim replay weekly.jsonl
  cscsim replay weekly.jsonl --until 20min
  cscsim replay weekly.jsonl --until "ATDome.homing is HOMING" --then encoder_slip --journal what_if.jsonl
  cscsim replay weekly.jsonl --step

Exit code: 0 the same came again (and a branch has passed), 1 it did not, 2 bad input."""


@click.command(name="replay", help=_HELP, short_help="run a journal again, stop in it, branch from it")
@click.argument("journal", metavar="JOURNAL", type=click.Path(path_type=Path))
@click.option("--until", metavar="T", help="stop there and look: a time, #RECORD or a condition")
@click.option("--step", "stepping", is_flag=True, help="go through it step by step, from T or from the start")
@click.option("--then", "scenario", metavar="NAME|FILE", help="branch at T: a scenario whose times count from there")
@click.option(
    "--fault", "faults", multiple=True, metavar="FAULT[@WHEN]", help="branch at T with a fault; may be repeated"
)
@click.option("--journal", "output", metavar="FILE", help="write the journal of the branch")
@click.option("--yes", is_flag=True, help="answer human checks of the branch with yes")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    journal: Path,
    until: str | None,
    stepping: bool,
    scenario: str | None,
    faults: tuple[str, ...],
    output: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Read the arguments, and do what they say."""
    from cscsim.recorded import find_recorded
    from procedures.replay import read_recording

    branches = scenario is not None or bool(faults)
    _check_options(journal, until, stepping=stepping, branches=branches, output=output, as_json=as_json)
    recorded = find_recorded(read_recording(journal))
    moment = _moment(until, recorded)
    if branches:
        from cscsim.branching import branch_off

        branch_off(recorded, moment, scenario=scenario, faults=faults, output=output, yes=yes, as_json=as_json)
    elif stepping:
        from cscsim.stepping import go_through

        go_through(recorded, moment, output)
    else:
        from cscsim.replayed_page import as_data, replayed_page
        from cscsim.style import console_for, write

        follower, report = follow(recorded, until=moment)
        if as_json:
            import orjson

            options = orjson.OPT_SERIALIZE_NUMPY
            click.echo(orjson.dumps(as_data(recorded, follower, report), default=str, option=options))
        else:
            write(console_for(), replayed_page(recorded, follower, report, moment))
        raise_if_not_same(follower, moment is not None)


def _check_options(
    journal: Path, until: str | None, *, stepping: bool, branches: bool, output: str | None, as_json: bool
) -> None:
    if branches and until is None:
        raise Complaint("cscsim replay: --then and --fault branch at a moment; say which with --until")
    if branches and stepping:
        raise Complaint("cscsim replay: --step goes through what was, --then branches from it; leave one of them out")
    if output is not None and not (branches or stepping):
        raise Complaint("cscsim replay: --journal is for a branch; without one the journal is what it was")
    if output is not None and Path(output).resolve() == journal.resolve():
        raise Complaint(f"cscsim replay: --journal {output}: is the journal that is replayed; name another file")
    if stepping and as_json:
        raise Complaint("cscsim replay: --step is for a person, --json for a program; leave one of them out")
    if stepping and not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        raise Complaint("cscsim replay: --step needs a terminal; --until T shows one moment without")


def _moment(until: str | None, recorded: Recorded) -> Moment | None:
    from fsm import AuthorError
    from procedures.moment import parse_moment

    if until is None:
        return None
    try:
        return parse_moment(until, recorded.site.truth)
    except AuthorError as error:
        raise Complaint(f"cscsim replay: --until {until}: {error}") from error


def raise_if_not_same(follower: Follower, wanted_stop: bool) -> None:
    """End with the exit code that says whether the same came again, up to where it was to stop."""
    from procedures.replay import Verdict

    fine = {Verdict.STOPPED} if wanted_stop else {Verdict.SAME, Verdict.CUT, Verdict.INTERRUPTED}
    if follower.verdict not in fine:
        raise SystemExit(NOT_PASSED)


def follow(recorded: Recorded, **options: Any) -> tuple[Follower, Report]:
    """Run again what was recorded, with what `Follower` takes; on a terminal, show how far it is."""
    from procedures import rehearse
    from procedures.asker import RecordedAsker
    from procedures.replay import Follower

    others: Asker | None = options.pop("asker", None)
    rehearsal = options.pop("rehearsal", recorded.rehearsal)
    with progress(recorded.recording.records, is_shown=options.pop("shows_progress", True)) as notice:
        follower = Follower(recorded.recording, **options)
        watching = _Watching(follower, notice) if notice is not None else follower
        report = rehearse(rehearsal, asker=RecordedAsker(recorded.recording.answers, others), spectator=watching)
    return follower, report


class _Watching:
    """Watches a run and notices how far it is."""

    def __init__(self, follower: Follower, notice: Callable[[int], None]) -> None:
        self._notice = notice
        self._follower = follower
        self.begin = follower.begin

    def see(self, record: Record) -> None:
        """See a record."""
        self._follower.see(record)
        if not record["n"] % 256:
            self._notice(record["n"])


@contextmanager
def progress(records: int, *, is_shown: bool = True) -> Iterator[Callable[[int], None] | None]:
    """Show on a terminal how far a long replay is; elsewhere nothing is shown."""
    from cscsim.style import console_for, is_live

    console = console_for(stderr=True)
    if not is_shown or not is_live(console):
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("replay", total=records, visible=False)
        shown = began

        def notice(number: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= 0.1:
                shown = now
                bar.update(task, completed=number, visible=now - began > 0.5, refresh=True)

        yield notice
