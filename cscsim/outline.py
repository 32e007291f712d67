"""Where each step of a procedure lies in the others: from its model, since ids alone do not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fsm import AuthorError, Template
from procedures import Library, Procedure, Step, inner_steps, model

__all__ = ["Place", "called_by", "outline_of"]

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A step and how many others it lies in."""

    step: Step
    depth: int

    @property
    def is_quiet(self) -> bool:
        """Whether the step only speaks or reckons."""
        return isinstance(self.step, (model.Let, model.Log, model.Checkpoint))


def outline_of(procedure: Procedure, library: Library) -> Mapping[str, Place]:
    """Return the place of each step, by the id that the journal gives it; steps of called procedures included."""
    places: dict[str, Place] = {}

    def add(steps: Sequence[Step], prefix: str, depth: int) -> None:
        for step in steps:
            identity = f"{prefix}{step.id}"
            places[identity] = Place(step, depth)
            for _, inner in inner_steps(step):
                add(inner, prefix, depth + 1)
            add(step.on_failure or (), prefix, depth + 1)
            called = called_by(step, library) if depth < _DEEPEST else None
            if called is not None:
                add((*called.steps, *called.on_failure), f"{identity}/", depth + 1)

    add((*procedure.steps, *procedure.on_failure), "", 0)
    return places


def called_by(step: Step, library: Library) -> Procedure | None:
    """Return the procedure that a step carries out itself, if its name is fixed."""
    if not isinstance(step, model.Call) or step.via is not None:
        return None
    if not isinstance(step.procedure, Template) or step.procedure.names:
        return None
    try:
        return library.find(step.procedure.text)
    except AuthorError:
        return None  # it is reported when the step comes
