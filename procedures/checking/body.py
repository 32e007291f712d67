"""What all kinds of step have in common while they are thought through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from csc.foresight import Key, Member
from csc.foresight.sending import Judged
from fsm import Name
from fsm.conditions import Possible, Truths
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.ledger import Seen
from procedures.checking.resting import in_background
from procedures.checking.situation import Situation

__all__ = ["Body", "Nothing"]


class Body:
    """What one kind of step does.

    Parameters
    ----------
    frame
        The procedure it belongs to.
    step
        The step.
    """

    def __init__(self, frame: Frame, step: Any) -> None:
        self.frame = frame
        self.step = step

    @property
    def names(self) -> frozenset[Name]:
        """Names that are sampled before it is done."""
        return frozenset()

    @property
    def where(self) -> str:
        """The place, as a journal names it."""
        return self.frame.where(self.step.id)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Do it, in place; return every situation that may come of it."""
        raise NotImplementedError

    def keep(self, situation: Situation, thread: str, variable: str | None, value: Possible) -> None:
        """Let a variable have a value from now on; what goes on in the background may not be so far yet."""
        if variable is not None:
            unknown = value.unknown or in_background(thread)
            situation.let(self.frame.name, variable, Possible(value.values, value.low, value.high, unknown))

    def note(
        self,
        explorer: Explorer,
        situation: Situation,
        what: str,
        that: str,
        truths: Truths,
        *,
        seen: Callable[[], Seen] = Seen,
        about: Callable[[], Iterable[Key]] = tuple,
    ) -> None:
        """Note what something that the step needs may be."""
        position, trail = self.step.position, situation.trail
        where, call = self.where, self.frame.name
        explorer.ledger.note(
            where, what, that, truths, call=call, seen=seen, position=position, trail=trail, about=about
        )

    def note_judged(
        self, explorer: Explorer, situation: Situation, member: Member, judged: Iterable[Judged], *, of: str
    ) -> None:
        """Note what a component needs to take a command."""
        for each in judged:
            that = f"{member.name}.{of}: {each.that}" if each.what == "guard" else each.that
            condition, own = each.condition, ((member.name, "summary"),)
            about = partial(tuple, own) if condition is None else partial(explorer.about, condition, member)
            seen = partial(Seen, each.seen, each.assumption)
            self.note(explorer, situation, each.what, that, each.truths, seen=seen, about=about)


class Nothing(Body):
    """A step that changes nothing."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go on."""
        return [situation]
