"""Watches the truth for what a training wants to know: whether its goals are reached, and whether a cause is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from csc import Observatory
from csc.truth import TruthScope
from fsm import Condition, Truth
from procedures.training.model import SAFE, SHOWS, Training

__all__ = ["TRAINING", "Aim", "Watch", "aims_of"]

TRAINING = "training"
"""Who says in the journal that a goal is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A condition whose truth is journaled; `holds` as for a goal."""

    id: str
    that: Condition
    holds: Literal["once", "at_end", "never"]


def aims_of(training: Training) -> Iterator[Aim]:
    """Yield what is watched: goals, when causes show, and the end of those that do not end with a fault."""
    for goal in training.goals:
        yield Aim(id=goal.id, that=goal.that, holds=goal.holds)
    for cause in training.causes:
        if cause.shows is not None:
            yield Aim(id=f"{SHOWS}{cause.id}", that=cause.shows, holds="once")
        if cause.safe is not None:
            yield Aim(id=f"{SAFE}{cause.id}", that=cause.safe, holds="at_end")


class Watch:
    """Looks at one aim whenever a component that it names changes, or an image is taken.

    A quantity that only time changes is looked at when something else of its component happens, and at the end.
    """

    def __init__(self, aim: Aim, observatory: Observatory) -> None:
        self._aim = aim
        self._observatory = observatory
        self._scope = TruthScope(observatory)
        self._truth: Truth = False
        self._was_true = False
        self._ends: list[Callable[[], None]] = [
            observatory.components[name].watch(self.look) for name in self._scope.components(aim.that.names)
        ]
        images = observatory.services.get("images")
        if images is not None and any(name.function is not None for name in aim.that.names):
            self._ends.append(images.listen(lambda _: self.look()))
        self.look()

    @property
    def is_reached(self) -> bool:
        """Whether it is so now, or was so once if that is enough."""
        match self._aim.holds:
            case "once":
                return self._was_true
            case "never":
                return not self._was_true
        return self._truth is True

    @property
    def id(self) -> str:
        """Name of the aim."""
        return self._aim.id

    def look(self) -> None:
        """Look now, and journal it if it has become true, or is true no more."""
        if self._was_true and self._aim.holds != "at_end":
            return
        truth = self._aim.that.evaluate(self._scope) is True
        if truth == self._truth:
            return
        self._truth = truth
        self._was_true = self._was_true or truth
        self._observatory.journal.write(
            "goal",
            TRAINING,
            goal=self._aim.id,
            what="reached" if truth == (self._aim.holds != "never") else "lost",
            condition=str(self._aim.that),
            because=self._aim.that.explain(self._scope),
        )

    def end(self) -> None:
        """Look no more."""
        for end in self._ends:
            end()
        self._ends.clear()
