"""A procedure's steps as a numbered list: what each does, in the words of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from docutils import nodes

from cscsim.sphinx.words import Words, bullets, code, emphasis, joined, numbered, paragraph, said, strong, yaml_block
from fsm import Expression, Template
from procedures import Step, inner_steps, model
from procedures.model import Argument, Check
from procedures.telling import tell_value

if TYPE_CHECKING:
    from cscsim.sphinx.page import CscDirective

__all__ = ["Steps", "checked"]

_MADE_UP = (
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
"""How the names begin that steps are given if their author gives none."""


def checked(items: Sequence[Check]) -> list[nodes.Node]:
    """Return conditions as a list."""
    return [bullets(_check(item) for item in items)] if items else []


def _check(item: Check) -> list[nodes.Node]:
    words: list[nodes.Node] = [code(item.that)]
    if item.otherwise is not None:
        words += [nodes.Text(", else “"), *said(item.otherwise.text), nodes.Text("”")]
    return words


class Steps:
    """Steps on a page.

    Parameters
    ----------
    page
        Makes the links.
    """

    def __init__(self, page: CscDirective) -> None:
        self._page = page

    def tree(self, steps: Sequence[Step], depth: int = 0) -> list[nodes.Node]:
        """Return a list of steps, those inside others below them."""
        return [numbered((self._item(step, depth) for step in steps), depth)] if steps else []

    def _item(self, step: Step, depth: int) -> Words:
        name = _name(step)
        told = joined(self._told(step), "; ")
        named = [*said(name), nodes.Text(": " if told else "")] if name else []
        body: list[nodes.Node] = [paragraph(strong(step.id), " – ", named, told)]
        if isinstance(step, model.Call) and step.config:
            body.append(yaml_block("\n".join(f"{key}: {tell_value(value)}" for key, value in step.config.items())))
        around = list(_around(step))
        if around:
            body.append(bullets(around))
        for label, inner in inner_steps(step):
            body += [paragraph(emphasis(label))] if label else []
            body += self.tree(inner, depth + 1)
        if step.on_failure is not None:
            body.append(paragraph(emphasis("if it fails" if step.on_failure else "a failure only warns")))
            body += self.tree(step.on_failure, depth + 1)
        return body

    def _told(self, step: Step) -> Iterator[Words]:
        """Yield what a step does, and the limit it has."""
        yield self._does(step)
        if isinstance(step, model.Wait):
            for each in step.unless:
                yield [nodes.Text("fails when "), code(each.when), nodes.Text(": "), *_quoted(each.because)]
        if step.timeout is not None:
            yield [nodes.Text("within "), code(step.timeout)]

    def _does(self, step: Step) -> Words:
        text = nodes.Text
        match step:
            case model.Command():
                name = f"{step.component}.{step.command}"
                linked = f"{step.component.partition(':')[0]}.{step.command}"
                return [text("command "), self._page.link("command", linked, name), *_given(step.fields)]
            case model.SummaryStateStep():
                return [text("bring "), *_text(step.of), text(" to "), *_text(step.to)]
            case model.Wait(until=None, event=None):
                return [text("wait "), *_text(step.duration)]
            case model.Wait(until=None):
                return [text("wait for event "), code(".".join(step.event or ()))]
            case model.Wait():
                return [text("wait until "), code(step.until)]
            case model.Expect():
                return [text("expect "), *_check(step.check)]
            case model.Confirm():
                where = [text(f" (look at {', '.join(step.look_at)})")] if step.look_at else []
                return [text("ask a person: "), *said(step.question.text), *where]
            case model.Announce():
                return [text("announce "), *_quoted(step.text)]
            case model.Call():
                return [text("run "), *self._linked("procedure", step.procedure), *_by(step.via)]
            case model.Block():
                return [text("run block "), *self._linked("block", step.block), *_by(step.via)]
            case model.Parallel():
                return [text("at the same time")]
            case model.When():
                return [text("when "), code(step.condition)]
            case model.ForEach():
                return [text("for each "), code(step.item), text(" of "), code(step.of)]
            case model.Repeat():
                until = [text(" until "), code(step.until)] if step.until is not None else []
                return [text("up to "), code(step.times), text(" times"), *until]
            case model.TakeImages():
                what = [*_text(step.count), text(" images of type "), *_text(step.image_type)]
                times = [*_text(step.exposure_times), text(" each, with "), *_text(step.camera)]
                return [text("take "), *what, text(", "), *times]
            case model.Ingested():
                return [text("wait for "), *_text(step.images), text(" in "), *_text(step.oods)]
            case model.Pipeline():
                return [*_text(step.ocps), text(" processes "), *_text(step.pipeline)]
            case model.Background():
                return [text("meanwhile, as "), code(step.task)]
            case model.Join():
                return [text("wait for "), *joined(step.tasks), text(", "), code(step.limit), text(" each at most")]
            case model.Checkpoint():
                return [text("checkpoint "), *_quoted(step.text)]
            case model.Log():
                return [text("log "), *_quoted(step.text)]
            case model.Let():
                return joined([code(name), text(" is "), code(value)] for name, value in step.values)
            case _:
                raise TypeError(f"no page knows the step {type(step).__name__}")

    def _linked(self, kind: str, name: Argument) -> Words:
        text = name.text if isinstance(name, Template) else name
        fixed = isinstance(text, str) and not (isinstance(name, Template) and name.names)
        return [self._page.link(kind, text)] if fixed and isinstance(text, str) else _text(name)


def _around(step: Step) -> Iterator[Words]:
    """Yield what must hold around a step."""
    for label, checks in (
        ("before", step.preconditions),
        ("meanwhile", step.invariants),
        ("afterwards", step.postconditions),
    ):
        if len(checks) == 1:
            yield [emphasis(label), nodes.Text(" "), *_check(checks[0])]
        elif checks:
            yield [paragraph(emphasis(label)), *checked(checks)]


def _name(step: Step) -> str:
    """Return the name its author gave; what was made up from its kind says nothing new."""
    raw = f"{step.component}.{step.command}" if isinstance(step, model.Command) else ""
    made_up = step.name.startswith(_MADE_UP) or (raw and step.name in raw)
    return "" if made_up else step.name


def _by(queue: str | None) -> Words:
    return [nodes.Text(" by "), code(queue)] if queue else []


def _quoted(template: Template) -> Words:
    return [nodes.Text("“"), *said(template.text), nodes.Text("”")]


def _given(values: Mapping[str, Argument]) -> Words:
    if not values:
        return []
    return [
        nodes.Text(" with "),
        *joined([code(key), nodes.Text(" = "), *_text(value)] for key, value in values.items()),
    ]


def _text(value: Argument) -> Words:
    match value:
        case Expression():
            return [code(value)]
        case Template():
            return [code(value.text)]
        case Mapping():
            parts = joined([code(key), nodes.Text(" = "), *_text(item)] for key, item in value.items())
            return [nodes.Text("("), *parts, nodes.Text(")")]
        case tuple():
            return joined(_text(item) for item in value) or [nodes.Text("nothing")]
        case None:
            return [nodes.Text("null")]
        case _:
            return [code(value)]
