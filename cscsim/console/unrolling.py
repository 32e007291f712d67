"""A procedure laid out for whoever follows it by hand: another one that it carries out here is laid out in its place.

What a script queue runs stays one step, for it is one act of a person. What has no script of its own, such as a look
at the weather, is for the person to do step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsm import AuthorError, Template
from procedures import Library, Procedure, model
from procedures.model import Argument, Step

__all__ = ["Part", "unroll"]

_DEEPEST = 8
"""How many procedures may lie in each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(model.Parallel):
    """Another procedure in the place of its call; its steps are the only branch, their ids begin with the call's."""

    call: model.Call
    procedure: Procedure


def unroll(steps: Sequence[Step], library: Library, prefix: str = "", depth: int = 0) -> tuple[Step, ...]:
    """Return steps with each procedure that is carried out here in the place of its call.

    Parameters
    ----------
    prefix
        What the ids of these steps begin with, as in the journal.
    """
    return tuple(_unrolled(step, library, prefix, depth) for step in steps)


def _unrolled(step: Step, library: Library, prefix: str, depth: int) -> Step:
    step = replace(step, id=f"{prefix}{step.id}")

    def inner(steps: Sequence[Step]) -> tuple[Step, ...]:
        return unroll(steps, library, prefix, depth)

    match step:
        case model.When():
            return replace(step, steps=inner(step.steps), otherwise=inner(step.otherwise))
        case model.Repeat() | model.ForEach() | model.Background():
            return replace(step, steps=inner(step.steps))
        case model.Parallel():
            return replace(step, branches=tuple(inner(branch) for branch in step.branches))
        case model.Call() if step.via is None and depth < _DEEPEST:
            procedure = _found(step.procedure, library)
            return step if procedure is None else _part(step, procedure, library, depth)
    return step


def _part(call: model.Call, procedure: Procedure, library: Library, depth: int) -> Part:
    return Part(
        id=call.id,
        name=call.name,
        position=call.position,
        timeout=call.timeout,
        preconditions=(*call.preconditions, *procedure.preconditions),
        postconditions=(*procedure.postconditions, *call.postconditions),
        invariants=call.invariants,
        on_failure=call.on_failure,
        branches=(unroll(procedure.steps, library, f"{call.id}/", depth + 1),),
        call=call,
        procedure=procedure,
    )


def _found(name: Argument, library: Library) -> Procedure | None:
    """Return the procedure of a name; None if it is known only when the step begins."""
    try:
        return library.find(name.text if isinstance(name, Template) else str(name))
    except AuthorError:
        return None
