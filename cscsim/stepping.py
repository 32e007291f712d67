"""A run that was recorded, gone through step by step at a terminal.

Simulated time stands still while a person looks and types. Nothing of the run changes by it, unless something is
injected: from there on it is a branch.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from csc import Observatory
from csc.truth import TruthScope
from cscsim.blocks_of_text import pairs
from cscsim.errors import Complaint
from cscsim.picture_page import component_lines, condition_line, picture_page
from cscsim.recorded import Recorded
from cscsim.rehearse import journal_file, read_fault
from cscsim.replay import follow, raise_if_not_same
from cscsim.replayed_page import head, parting_lines, verdict_lines
from cscsim.style import console_for, time_of, write
from cscsim.terminal_asker import TerminalAsker
from fsm import AuthorError, Record, format_value, parse_condition, parse_quantity
from procedures import Rehearsal
from procedures.branch import Branch
from procedures.moment import Moment, parse_moment
from procedures.replay import Follower, OpenCondition, Verdict, Watchable, in_words, matters

__all__ = ["go_through"]

_MOST = 12
"""Records that are told at once; of more, the last ones."""

_HELP = (
    ("Enter", "go on to the next record that matters: a step, transition, command, condition, fault, answer"),
    ("n 5min", "let so much time pass"),
    ("until T", "go on to a time, a #record or a condition"),
    ("state", "show everything as it is now"),
    ("state ATDome", "show all of one component"),
    ("why CONDITION", "say whether it is true, and why"),
    ("inject FAULT", "let a fault happen now: the run branches"),
    ("end", "go on to the end"),
    ("quit", "leave"),
)


def go_through(recorded: Recorded, moment: Moment | None, output: str | None) -> None:
    """Go through a run from a moment on, or from its beginning."""
    console = console_for()
    write(console, head(recorded))
    console.print(Text("Enter goes on, help says what else there is.", style="dim"))
    begin = moment or Moment(text="#1", number=1)
    stepper = _Stepper(recorded, console, begin)
    rehearsal = replace(recorded.rehearsal, journal=journal_file(output))
    follower, report = follow(
        recorded,
        rehearsal=rehearsal,
        until=begin,
        look=stepper.look,
        others=stepper,
        asker=TerminalAsker(console),
        shows_progress=False,
    )
    if stepper.left:
        same = "" if follower.branched else f"; all {follower.held} records so far are the same as in the journal"
        console.print(Text(f"Left at {time_of(stepper.now)}{same}."))
        return
    if follower.branched:
        because = f": {report.because}" if report.because else ""
        console.print(Text(f"The branch has {report.outcome} at {time_of(report.simulated_seconds)}{because}."))
        return
    write(console, verdict_lines(recorded, follower, report, None))
    if follower.verdict is Verdict.PARTED and follower.parting is not None:
        write(console, parting_lines(recorded, follower.parting))
    raise_if_not_same(follower, wanted_stop=False)


def _after(record: Record) -> Moment:
    return Moment(text=f"#{record['n']}", number=record["n"])


class _NextThatMatters:
    """The next record that somebody who goes through a run stops at."""

    def watch(self, observatory: Observatory, act: Callable[[], object]) -> Callable[[], None]:
        """Call `act` when it has come."""

        def see(record: Record) -> None:
            if matters(record):
                end()
                observatory.clock.loop.interrupt(act)

        end = observatory.journal.listen(see)
        return end


class _Stepper:
    """Asks a person where to go on to.

    Attributes
    ----------
    left
        Whether the person has left, at simulated time `now` [s].
    """

    def __init__(self, recorded: Recorded, console: Console, begin: Moment) -> None:
        self.left = False
        self.now = 0.0
        self._recorded = recorded
        self._truth = recorded.site.truth
        self._console = console
        self._seen: list[Record] = []
        self._count = 0
        self._here: Moment | None = begin
        self._by_word: dict[str, Callable[[Follower, str], Watchable | None]] = {
            "": lambda follower, _: _NextThatMatters(),
            "n": lambda follower, text: self._later(text),
            "until": lambda follower, text: parse_moment(text, self._truth),
            "state": self._state,
            "why": self._why,
            "inject": self._inject,
            "help": self._help,
        }

    # ------------------------------------------------------------ the spectator

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Learn that the run begins."""

    def see(self, record: Record) -> None:
        """Remember a record that matters."""
        self.now = record["t"]
        if matters(record):
            self._count += 1
            self._seen.append(record)
            del self._seen[:-_MOST]

    # ------------------------------------------------------------ the dialogue

    def look(self, follower: Follower) -> Watchable | None:
        """Show what has come, and ask where to go on to; None leaves."""
        loop = follower.observatory.clock.loop
        self.now = loop.t
        self._tell(follower)
        while True:
            line = self._ask(f"{time_of(loop.t)} #{follower.observatory.journal.count}> ")
            if line is None or line in ("quit", "q", "exit"):
                self.left = True
                return None
            if line == "end":
                return _Never()
            word, _, rest = line.partition(" ")
            following = self._answer(follower, word, rest.strip())
            if following is not None:
                return following

    def _answer(self, follower: Follower, word: str, rest: str) -> Watchable | None:
        command = self._by_word.get(word)
        if command is None:
            self._console.print(Text(f"There is no {word}; help says what there is.", style="yellow"))
            return None
        try:
            following = command(follower, rest)
        except (AuthorError, Complaint, ValueError) as error:
            self._console.print(Text(str(getattr(error, "message", error)), style="yellow"))
            return None
        if following is not None:
            self._here = following if isinstance(following, Moment) else None
        return following

    def _tell(self, follower: Follower) -> None:
        if self._count > len(self._seen):
            self._console.print(Text(f"  … {self._count - len(self._seen)} records that matter before", style="dim"))
        for record in self._seen:
            number = Text.assemble(
                (f"{time_of(record['t'])} ", "dim"), (f"#{record['n']:<6} ", "cyan"), in_words(record)
            )
            self._console.print(number)
        if self._seen and self._here is None:
            self._here = _after(self._seen[-1])
        self._seen.clear()
        self._count = 0

    def _ask(self, prompt: str) -> str | None:
        """Read a line; None if there is none any more, or Ctrl-C was typed."""
        handler = signal.getsignal(signal.SIGINT)
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._console.print(Text(prompt, style="bold"), end="")
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            line = ""
        finally:
            signal.signal(signal.SIGINT, handler)
        if not line:
            self._console.print()
            return None
        return line.strip()

    # ------------------------------------------------------------ what can be asked

    def _later(self, text: str) -> Moment:
        duration, unit = parse_quantity(text)
        if unit != "s" or duration < 0:
            raise AuthorError(f"n {text}: a time is wanted, such as 5 min")
        at = self.now + duration
        return Moment(text=f"{at!r} s", at=at)

    def _state(self, follower: Follower, name: str) -> None:
        picture = follower.take_picture()
        if not name:
            write(self._console, picture_page(picture))
            return
        canonical = follower.observatory.find(name).name
        for component in picture.components:
            if component.name == canonical:
                self._console.print(Text.assemble((component.name, "bold cyan"), f"  {component.summary_state}"))
                for line in component_lines(component, everything=True):
                    self._console.print(Padding(line, (0, 0, 0, 2)))
                outputs = follower.observatory.components[canonical].blueprint.outputs
                rows: list[tuple[str, RenderableType]] = [
                    (key, format_value(value, outputs[key].unit))
                    for key, value in component.outputs.items()
                    if value is not None
                ]
                for part in pairs(rows):
                    self._console.print(Padding(part, (0, 0, 0, 2)))

    def _why(self, follower: Follower, text: str) -> None:
        with follower.observatory.streams.kept():
            self._tell_why(follower, text)

    def _tell_why(self, follower: Follower, text: str) -> None:
        condition = parse_condition(text, self._truth)
        told = [OpenCondition.of("", condition, TruthScope(follower.observatory))]
        with contextlib.suppress(AuthorError, IndexError):
            published = parse_condition(text, self._recorded.site.vocabulary)
            told.append(OpenCondition.of("as it is published:", published, follower.stage.frames[0].scope))
        for item in told:
            if item is told[0] or (item.truth, item.because) != (told[0].truth, told[0].because):
                for part in condition_line(item):
                    self._console.print(part)

    def _inject(self, follower: Follower, text: str) -> None:
        if self._here is None:  # pragma: no cover  # a record that matters was what it stopped at
            raise Complaint("nothing has come yet")
        follower.branch(Branch(moment=self._here, faults=(read_fault(text, self._recorded.site),)))
        self._here = None
        self._tell(follower)

    def _help(self, follower: Follower, text: str) -> None:
        for part in pairs([(word, meaning) for word, meaning in _HELP]):
            self._console.print(part)


class _Never:
    """What does not come: the run goes on to its end."""

    def watch(self, observatory: Observatory, act: Callable[[], object]) -> Callable[[], None]:
        """Call nothing."""
        return lambda: None
