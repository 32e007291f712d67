"""What conditions and arguments of procedures may be in a situation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from csc.foresight import FOREVER, Foresight, Key, Member, Span
from fsm import Condition, Name
from fsm.conditions import Possible, Truths, View, judge, narrow
from procedures.checking.frame import Frame, ProcedureView, weigh_argument
from procedures.checking.ledger import Ledger, Seen, Trail
from procedures.checking.situation import Situation
from procedures.model import Argument, Check, Step

__all__ = ["Judging"]


class Judging:
    """Judges conditions, and writes what was found into a ledger.

    Parameters
    ----------
    foresight
        What components may do.
    canonical
        Turns an alias of a component into its name on the bus.
    """

    def __init__(self, foresight: Foresight, canonical: Callable[[str], str]) -> None:
        self.foresight = foresight
        self.cast = foresight.cast
        self.canonical = canonical
        self.ledger = Ledger()
        self.durations: dict[str, Span] = {}

    def view(self, situation: Situation, frame: Frame, *, fresh: bool = False) -> ProcedureView:
        """Return what a procedure sees."""
        return ProcedureView(self.cast, situation.world, self.canonical, frame, situation.variables, fresh=fresh)

    def value(self, situation: Situation, frame: Frame, argument: Argument) -> Possible:
        """Return what an argument of a step may be."""
        return weigh_argument(argument, self.view(situation, frame))

    def span(self, situation: Situation, frame: Frame, argument: Argument, default: float | None) -> Span | None:
        """Return what a time limit may be; None if there is none."""
        if argument is None:
            return None if default is None else Span(default, default)
        hull = self.value(situation, frame, argument).known.hull
        return FOREVER if hull is None else Span(max(0.0, hull[0]), max(0.0, hull[1]))

    def split(
        self, situation: Situation, frame: Frame, condition: Condition, *, fresh: bool = False
    ) -> tuple[Truths, Situation | None, Situation | None]:
        """Judge a condition; return its truths, and the situation where it holds and that where it does not."""
        view = self.view(situation, frame, fresh=fresh)
        truths = judge(condition, view)
        return truths, self._narrowed(situation, condition, view, frame, holds=True), self._narrowed(
            situation, condition, view, frame, holds=False
        )  # fmt: skip

    def _narrowed(
        self, situation: Situation, condition: Condition, view: View, frame: Frame, *, holds: bool
    ) -> Situation | None:
        more = narrow(condition, view, holds=holds)
        if more is None:
            return None
        return self.learn(situation, more, frame)

    def learn(self, situation: Situation, more: Mapping[Name, Possible], frame: Frame) -> Situation:
        """Return a situation of which more is known."""
        wiser = situation.in_world(self.foresight.learn(situation.world, more))
        for name, value in more.items():
            if str(name) in wiser.variables.get(frame.name, {}):
                wiser.let(frame.name, str(name), value)
        return wiser

    def seen(self, situation: Situation, frame: Frame, condition: Condition) -> Seen:
        """Say what the names of a condition may be, and what would have to be so."""
        return Seen.of(condition, self.view(situation, frame))

    def note_check(
        self,
        frame: Frame,
        where: str,
        what: str,
        check: Check,
        truths: Truths,
        seen: Callable[[], Seen],
        step: Step | None,
        trail: Trail | None,
    ) -> None:
        """Write down what a condition may be at its place."""
        self.ledger.note(
            where,
            what,
            str(check.that),
            truths,
            call=frame.name,
            seen=seen,
            otherwise="" if check.otherwise is None else check.otherwise.text,
            position=None if step is None else step.position,
            trail=trail,
            about=partial(self.about, check.that),
        )

    def about(self, condition: Condition, member: Member | None = None) -> list[Key]:
        """Return the machines that a condition names: those of procedures, or of a component's own."""
        found: list[Key] = []
        for name in sorted(condition.names, key=str):
            parts = name.parts
            if member is not None and len(parts) == 1 and parts[0] in (*member.charts, "summary"):
                found.append((member.name, parts[0]))
            elif len(parts) == 1 and parts[0] in self.cast.groups:
                found.extend((each, "summary") for each in self.cast.groups[parts[0]])
            elif len(parts) in (1, 2) and (owner := self.member(parts[0])) is not None:
                what = parts[1] if len(parts) > 1 else "summary"
                found.extend([(owner.name, what)] if what in (*owner.charts, "summary") else [])
        return found

    def last(self, name: str, span: Span) -> None:
        """Note how long something may take."""
        before = self.durations.get(name)
        self.durations[name] = span if before is None else before.join(span)

    def member(self, component: str) -> Member | None:
        """Return a component by its name on the bus or an alias."""
        return self.cast.find(self.canonical(component))
