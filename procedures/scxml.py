"""A procedure as an SCXML document that follows it while somebody else carries it out.

Each step is a state; what the journal says of a step is an event: ``started.lamp``, ``done.lamp``, ``failed.lamp``.
After `done` the next step's state is active, after `failed` that of what is done about it. `when` and loops go where
the step that is started next stands, branches are regions side by side, and so is each background task. At its end
the document hears ``passed`` or ``broken``: whether the postconditions held. So any engine can watch the order of the
steps, or check a record of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fsm.diagrams.scxml import Arc, Document, Place, write_scxml
from procedures import model
from procedures.model import Check, Procedure, Step

__all__ = ["scxml_procedure", "token"]

_DONE, _FAILED, _BEFORE, _AFTERWARDS = "done", "failed", "before", "afterwards"


def token(step: str) -> str:
    """Return a step's id as it stands in events and states: without dots, which SCXML reads.

    >>> token("4.2")
    '4_2'
    """
    return re.sub(r"[^\w-]", "_", step)


def scxml_procedure(procedure: Procedure) -> str:
    """Write a procedure as an SCXML document."""
    return write_scxml(_Follower(procedure).document())


class _Follower:
    """The states of one procedure."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure = procedure
        self._tasks: list[Place] = []

    def document(self) -> Document:
        procedure = self._procedure
        handling = (*procedure.on_failure, *procedure.cleanup)
        failure = _id(handling[0]) if handling else _FAILED
        places = [
            Place(
                id=_BEFORE,
                arcs=(*_begun(procedure.steps), Arc(event="broken", target=_FAILED)),
                note=_said(procedure.preconditions),
            ),
            *self._sequence(procedure.steps, _AFTERWARDS, failure),
            Place(
                id=_AFTERWARDS,
                arcs=(Arc(event="passed", target=_DONE), Arc(event="broken", target=failure)),
                note=_said(procedure.postconditions),
            ),
            *self._sequence(handling, _FAILED, _FAILED),
            Place(id=_DONE, kind="final"),
            Place(id=_FAILED, kind="final"),
        ]
        main = Place(id="procedure", initial=_BEFORE, places=tuple(places), note=procedure.title)
        if self._tasks:
            main = Place(id="all", kind="parallel", places=(main, *self._tasks))
        return Document(name=token(procedure.name), initial=main.id, places=(main,))

    def _sequence(self, steps: Sequence[Step], after: str, failure: str | None) -> Iterator[Place]:
        """Yield the states of steps, one after the other.

        Parameters
        ----------
        steps
            What is done.
        after
            The state after the last one.
        failure
            Where a failure leads that no step does something about; None if the step around them hears of it.
        """
        for step, following in zip(steps, [*map(_id, steps[1:]), after], strict=False):
            yield from self._step(step, following, failure)

    def _step(self, step: Step, following: str, failure: str | None) -> Iterator[Place]:
        arcs = [Arc(event=f"done.{token(step.id)}", target=following)]
        handled = failure if step.on_failure is None else _id(step.on_failure[0]) if step.on_failure else following
        if handled is not None:
            arcs.append(Arc(event=f"failed.{token(step.id)}", target=handled))
        places = tuple(self._inside(step))
        initial = places[0].id if places else None
        yield Place(id=_id(step), initial=initial, arcs=tuple(arcs), places=places, note=step.name)
        yield from self._sequence(step.on_failure or (), following, failure)

    def _inside(self, step: Step) -> Iterator[Place]:
        """Yield the states inside that of a step, the first one first."""
        head, end = f"{_id(step)}.head", f"{_id(step)}.end"
        match step:
            case model.When():
                yield Place(id=head, arcs=(*_begun(step.steps), *_begun(step.otherwise)), note=str(step.condition))
                yield from self._sequence(step.steps, end, None)
                yield from self._sequence(step.otherwise, end, None)
                yield Place(id=end)
            case model.ForEach() | model.Repeat():
                yield Place(id=head, arcs=tuple(_begun(step.steps)))
                yield from self._sequence(step.steps, head, None)
            case model.Parallel():
                branches = enumerate(step.branches, start=1)
                yield Place(id=head, kind="parallel", places=tuple(self._branch(step, *each) for each in branches))
            case model.Background():
                self._tasks.append(self._task(step))

    def _branch(self, step: Step, number: int, steps: Sequence[Step]) -> Place:
        name = f"{_id(step)}.branch{number}"
        end = f"{name}.end"
        places = (*self._sequence(steps, end, None), Place(id=end))
        return Place(id=name, initial=places[0].id, places=places)

    def _task(self, step: model.Background) -> Place:
        """Return a background task as a region; it may be begun again."""
        idle, end = f"{_id(step)}.idle", f"{_id(step)}.end"
        places = (
            Place(id=idle, arcs=tuple(_begun(step.steps))),
            *self._sequence(step.steps, end, end),
            Place(id=end, arcs=tuple(_begun(step.steps))),
        )
        return Place(id=f"{_id(step)}.task", initial=idle, places=places, note=step.task)


def _id(step: Step) -> str:
    return f"step.{token(step.id)}"


def _begun(steps: Sequence[Step]) -> Iterator[Arc]:
    """Yield what leads to the first of some steps."""
    for step in steps[:1]:
        yield Arc(event=f"started.{token(step.id)}", target=_id(step))


def _said(checks: Sequence[Check]) -> str:
    return "; ".join(str(check.that) for check in checks)
