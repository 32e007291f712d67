"""What the guide would have done, beside what was done: each step of a procedure with the acts that fit it.

A step that the journal itself names, because the procedure was carried out, ends as the journal says. One that a person
did by commands is found by those: a script by its path, a block by its name or by all of its scripts, a command by its
name. What nobody can see from outside, such as a wait, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fsm import Template
from procedures import model
from procedures.blocks import Blocks
from procedures.debrief.timeline import Span
from procedures.model import Argument, Procedure, Step
from procedures.telling import tell
from procedures.training.act import Act

__all__ = ["Guided", "follow_guide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guided:
    """A step of the guide, or acts that belong to none.

    Attributes
    ----------
    id
        Empty for acts that the guide does not have.
    does
        What the step does, in words.
    outcome
        As the journal says; ``not needed`` if it names others but not this one, which only some runs take; empty if it
        names none.
    acts
        What was done for it.
    depth
        How many other steps it lies in, such as one that is taken only if something holds.
    """

    id: str = ""
    name: str = ""
    does: str = ""
    outcome: str = ""
    acts: tuple[Act, ...] = ()
    depth: int = 0

    @property
    def was_done(self) -> bool:
        """Whether anything tells that it was done."""
        return bool(self.acts) or self.outcome == "done"


_INVISIBLE = (model.Let, model.Wait, model.Log, model.Checkpoint, model.Join, model.Expect)


def follow_guide(procedure: Procedure, acts: Sequence[Act], steps: Sequence[Span], blocks: Blocks) -> Iterator[Guided]:
    """Yield the steps of a procedure with what was done, in the order of the guide; then what it does not have.

    Parameters
    ----------
    acts
        What people did, in order; each belongs to one step at most, the first that it fits.
    steps
        Steps that the journal names.
    blocks
        Which scripts a block has.
    """
    spans = {span.label: span for span in steps}
    left = [act for act in acts if act.kind not in ("report", "note", "hint", "pause")]
    for step, depth in _visible(procedure.steps, 0):
        span = spans.get(step.id)
        found = tuple(_done(step, left, blocks))
        if not found and span is not None and isinstance(step, model.Call) and step.via is None:
            found = tuple(_within(span, left))
        for act in found:
            left.remove(act)
        yield Guided(
            id=step.id,
            name=step.name,
            does="; ".join(" ".join(line.split()) for line in tell(step)),
            outcome=span.what if span is not None else "not needed" if depth and spans else "",
            acts=found,
            depth=depth,
        )
    reported = [act for act in acts if act.kind in ("report", "note")]
    besides = tuple(sorted([*left, *reported], key=lambda act: act.n))
    if besides:
        yield Guided(name="besides", acts=besides)


def _visible(steps: Sequence[Step], depth: int) -> Iterator[tuple[Step, int]]:
    for step in steps:
        match step:
            case model.When():
                yield step, depth
                yield from _visible(step.steps, depth + 1)
                yield from _visible(step.otherwise, depth + 1)
            case model.Repeat() | model.ForEach() | model.Background():
                yield step, depth
                yield from _visible(step.steps, depth + 1)
            case model.Parallel():
                for branch in step.branches:
                    yield from _visible(branch, depth)
            case _ if not isinstance(step, _INVISIBLE):
                yield step, depth


def _done(step: Step, acts: Sequence[Act], blocks: Blocks) -> Iterator[Act]:
    """Yield the acts by which a step was done."""
    match step:
        case model.Call():
            yield from _first(acts, "script", _word(step.procedure))
        case model.Block():
            name = _word(step.block)
            whole = list(_first(acts, "block", name))
            yield from whole or _script_by_script(name, acts, blocks)
        case model.Command():
            sent = (act for act in acts if act.kind == "command" and act.component == step.component)
            yield from _first(list(sent), "command", step.command)
        case model.Confirm():
            yield from _first(acts, "confirm", step.id)
        case model.Announce():
            yield from _first(acts, "announce", step.id)


def _within(span: Span, acts: Sequence[Act]) -> Iterator[Act]:
    """Yield what was done while a step was carried out that has steps of its own."""
    return (act for act in acts if act.n > span.n and (span.end is None or act.t < span.end))


def _first(acts: Sequence[Act], kind: str, what: str) -> Iterator[Act]:
    found = next((act for act in acts if act.kind == kind and act.what == what), None)
    if found is not None:
        yield found


def _script_by_script(name: str, acts: Sequence[Act], blocks: Blocks) -> Iterator[Act]:
    """Yield the scripts of a block that somebody has put on the queue one by one, if all of them are there."""
    block = blocks.get(name)
    left = list(acts)
    found = []
    for script in block.scripts if block is not None else ():
        act = next(_first(left, "script", script.name), None)
        if act is None:
            return
        left.remove(act)
        found.append(act)
    yield from found


def _word(argument: Argument) -> str:
    return argument.text if isinstance(argument, Template) else str(argument)
