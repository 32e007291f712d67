"""A procedure's steps as a tree: what each does, in the words of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fsm import Expression, Template
from procedures import Step, inner_steps, model
from procedures.model import Argument, Check
from reference_pages.markdown import code, joined, prose

__all__ = ["checks", "tree"]


def tree(steps: Sequence[Step], depth: int = 0) -> Iterator[str]:
    """Yield the lines of a list of steps, those inside others below them."""
    for step in steps:
        name, told = _name(step), "; ".join(_told(step))
        yield _line(depth, f"**{prose(step.id)}** {f'{name}: ' if name else ''}{told}")
        for label, each in _checks_of(step):
            yield _line(depth + 1, f"*{label}* {check(each)}")
        for label, inner in inner_steps(step):
            deeper = depth + 1
            if label:
                yield _line(deeper, f"*{label}*")
                deeper += 1
            yield from tree(inner, deeper)
        if step.on_failure is not None:
            yield _line(depth + 1, "*if it fails*" if step.on_failure else "*a failure only warns*")
            yield from tree(step.on_failure, depth + 2)


def checks(items: Sequence[Check]) -> str:
    """Return conditions as a list."""
    return "\n".join(f"- {check(item)}" for item in items) + "\n"


def check(item: Check) -> str:
    """Return a condition, and what is said otherwise."""
    return code(item.that) + (f", else “{prose(item.otherwise.text)}”" if item.otherwise is not None else "")


def _line(depth: int, text: str) -> str:
    return f"{'  ' * depth}- {text}"


def _name(step: Step) -> str:
    """Return the name its author gave; what was made up from its kind says nothing new."""
    made_up = step.name.startswith(_KINDS) or any(step.name in words for words in _raw(step))
    return "" if made_up else prose(step.name)


_KINDS = (
    "announce ",
    "at the same time",
    "bring ",
    "checkpoint ",
    "confirm ",
    "expect ",
    "for each ",
    "log ",
    "repeat up to ",
    "run ",
    "take ",
    "wait ",
    "when ",
    "work out ",
)


def _raw(step: Step) -> Iterator[str]:
    if isinstance(step, model.Command):
        yield f"{step.component}.{step.command}"


def _checks_of(step: Step) -> Iterator[tuple[str, Check]]:
    yield from (("before", each) for each in step.preconditions)
    yield from (("meanwhile", each) for each in step.invariants)
    yield from (("afterwards", each) for each in step.postconditions)


def _told(step: Step) -> Iterator[str]:
    """Yield what a step does, and the limit it has."""
    match step:
        case model.Command():
            yield f"command {code(f'{step.component}.{step.command}')}{_given(step.fields)}"
        case model.SummaryStateStep():
            yield f"bring {_text(step.of)} to {_text(step.to)}"
        case model.Wait():
            yield _wait(step)
            yield from (f"fails when {code(each.when)}: “{prose(each.because.text)}”" for each in step.unless)
        case model.Expect():
            yield f"expect {check(step.check)}"
        case model.Confirm():
            yield f"ask a person: {prose(step.question.text)}"
            if step.look_at:
                yield f"look at {', '.join(prose(place) for place in step.look_at)}"
        case model.Announce():
            yield f"announce “{prose(step.text.text)}”"
        case model.Call():
            by = f" by {code(step.via)}" if step.via else ""
            yield f"run {_text(step.procedure)}{by}{_given(step.config or {})}"
        case model.Block():
            yield f"run block {_text(step.block)} by {code(step.via)}"
        case model.Parallel():
            yield "at the same time"
        case model.When():
            yield f"when {code(step.condition)}"
        case model.ForEach():
            yield f"for each {code(step.item)} of {code(step.of)}"
        case model.Repeat():
            until = f" until {code(step.until)}" if step.until is not None else ""
            yield f"up to {code(step.times)} times{until}"
        case model.TakeImages():
            what = f"{_text(step.count)} images of type {_text(step.image_type)}"
            yield f"take {what}, {_text(step.exposure_times)} each, with {_text(step.camera)}"
        case model.Ingested():
            yield f"wait for {_text(step.images)} in {_text(step.oods)}"
        case model.Pipeline():
            yield f"{_text(step.ocps)} processes {_text(step.pipeline)}"
        case model.Background():
            yield f"meanwhile, as {code(step.task)}"
        case model.Join():
            yield f"wait for {joined(step.tasks)}, {code(step.limit)} each at most"
        case model.Checkpoint():
            yield f"checkpoint “{prose(step.text.text)}”"
        case model.Log():
            yield f"log “{prose(step.text.text)}”"
        case model.Let():
            yield ", ".join(f"{code(name)} is {code(value)}" for name, value in step.values)
        case _:
            raise TypeError(f"the reference does not know the step {type(step).__name__}")
    if step.timeout is not None:
        yield f"within {code(step.timeout)}"


def _wait(step: model.Wait) -> str:
    if step.until is not None:
        return f"wait until {code(step.until)}"
    return f"wait for event {code('.'.join(step.event))}" if step.event else f"wait {_text(step.duration)}"


def _given(values: Mapping[str, Argument]) -> str:
    if not values:
        return ""
    return " with " + ", ".join(f"{code(key)} = {_text(value)}" for key, value in values.items())


def _text(value: Argument) -> str:
    match value:
        case Expression():
            return code(value)
        case Template():
            return code(value.text)
        case Mapping():
            return f"({', '.join(f'{code(key)} = {_text(item)}' for key, item in value.items())})"
        case tuple():
            return ", ".join(_text(item) for item in value) or "nothing"
        case None:
            return "null"
        case _:
            return code(value)
