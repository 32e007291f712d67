"""A procedure as a flow chart: its steps in their order, what must hold around them, and where they branch.

* conditions of the procedure stand in boxes before the first step and after the last, those of a step in its box;
* `when` is a hexagon with two ways out; a loop is one to which its last step leads back;
* branches that run at the same time stand in frames between two bars; so do background steps, which `join` awaits;
* what is done about a failure hangs on a broken red arrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from csc.palette import SUMMARY_COLOURS
from fsm.diagrams import PAINTS, Drawing, Edge, Frame, Node, Paint, Shape, wrap_condition, wrap_words
from procedures import model
from procedures.model import Check, Procedure, Step
from procedures.telling import tell, tell_value

__all__ = ["draw_procedure"]

_WIDTH = 40
"""Characters of a line."""
_LINES = 6
"""Lines of what a step does that are shown."""

_LOOKS: Mapping[type[Step], tuple[Shape, str]] = {
    model.Command: (Shape.STEP, "step"),
    model.SummaryStateStep: (Shape.STEP, "step"),
    model.TakeImages: (Shape.STEP, "step"),
    model.Pipeline: (Shape.STEP, "step"),
    model.Wait: (Shape.WAIT, "wait"),
    model.Ingested: (Shape.WAIT, "wait"),
    model.Join: (Shape.WAIT, "wait"),
    model.Expect: (Shape.CONDITION, "condition"),
    model.Confirm: (Shape.PERSON, "person"),
    model.Announce: (Shape.PERSON, "person"),
    model.Call: (Shape.CALL, "call"),
    model.Block: (Shape.CALL, "call"),
    model.When: (Shape.CHOICE, "condition"),
    model.ForEach: (Shape.CHOICE, "order"),
    model.Repeat: (Shape.CHOICE, "order"),
    model.Parallel: (Shape.STEP, "order"),
    model.Background: (Shape.STEP, "order"),
    model.Checkpoint: (Shape.STEP, "order"),
    model.Log: (Shape.STEP, "order"),
    model.Let: (Shape.STEP, "order"),
}


def draw_procedure(procedure: Procedure) -> Drawing:
    """Draw a procedure as a flow chart."""
    return _Chart(procedure).drawing()


class _Way(NamedTuple):
    """A way out of a box that leads to the next one."""

    source: str
    lines: tuple[str, ...] = ()
    paint: Paint = PAINTS["arrow"]


class _Part:
    """Boxes that stand in one frame."""

    def __init__(self, id: str, title: str = "") -> None:
        self.id = id
        self.title = title
        self.nodes: list[Node] = []
        self.parts: list[_Part] = []

    def frame(self, edges: Sequence[Edge] = ()) -> Frame:
        inner = tuple(part.frame() for part in self.parts if part.nodes or part.parts)
        rows = (inner,) if inner else ()
        return Frame(id=self.id, title=self.title, nodes=tuple(self.nodes), edges=tuple(edges), rows=rows)


class _Chart:
    """The boxes and arrows of one procedure as they are drawn."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure = procedure
        self._root = _Part("s")
        self._edges: list[Edge] = []
        self._count = 0
        self._tasks: dict[str, list[_Way]] = {}

    def drawing(self) -> Drawing:
        procedure, root = self._procedure, self._root
        ways = self._sign(Shape.START, [], root)
        ways = self._conditions("before", procedure.preconditions, ways, root)
        ways = self._sequence(procedure.steps, ways, root)
        ways = self._conditions("afterwards", procedure.postconditions, ways, root)
        self._sign(Shape.END, [*ways, *(way for ways in self._tasks.values() for way in ways)], root)
        for title, steps in (("on failure", procedure.on_failure), ("cleanup", procedure.cleanup)):
            if steps:
                part = self._inside(root, title)
                self._sign(Shape.END, self._sequence(steps, self._sign(Shape.START, [], part), part), part)
        return Drawing(title=f"{procedure.name}: {procedure.title}", frame=root.frame(self._edges))

    # ---------------------------------------------------------------- boxes

    def _id(self, words: str) -> str:
        self._count += 1
        return re.sub(r"\W", "_", f"s{self._count}__{words}")

    def _inside(self, part: _Part, title: str) -> _Part:
        inner = _Part(self._id("frame"), title)
        part.parts.append(inner)
        return inner

    def _put(self, node: Node, ways: Sequence[_Way], part: _Part) -> list[_Way]:
        part.nodes.append(node)
        self._edges += [Edge(source=way.source, target=node.id, lines=way.lines, paint=way.paint) for way in ways]
        return [_Way(node.id)]

    def _sign(self, shape: Shape, ways: Sequence[_Way], part: _Part) -> list[_Way]:
        return self._put(Node(id=self._id(shape.name.lower()), shape=shape), ways, part)

    def _conditions(self, word: str, checks: Sequence[Check], ways: list[_Way], part: _Part) -> list[_Way]:
        if not checks:
            return ways
        lines = tuple(line for check in checks for line in wrap_condition(f"• {check.that}", _WIDTH))
        node = Node(id=self._id(word), shape=Shape.CONDITION, lines=(word,), inner=lines, paint=PAINTS["condition"])
        return self._put(node, ways, part)

    def _box(self, step: Step) -> Node:
        shape, paint = _LOOKS[type(step)]
        texts = [text.removeprefix(step.name).strip() for text in tell(step) if text not in step.name]
        told = [line for text in texts for line in wrap_words(text, _WIDTH)]
        if len(told) > _LINES:
            told = [*told[: _LINES - 1], "…"]
        return Node(
            id=self._id(step.id),
            shape=shape,
            lines=tuple(wrap_words(step.name, _WIDTH)),
            small=tuple(told),
            inner=tuple(_around(step)),
            paint=_own_colour(step) or PAINTS[paint],
            key=(self._procedure.name, step.id),
        )

    # ---------------------------------------------------------------- steps

    def _sequence(self, steps: Sequence[Step], ways: list[_Way], part: _Part) -> list[_Way]:
        for step in steps:
            ways = self._step(step, ways, part)
        return ways

    def _step(self, step: Step, ways: list[_Way], part: _Part) -> list[_Way]:
        node = self._box(step)
        joined = (
            [way for task in step.tasks for way in self._tasks.pop(task, ())] if isinstance(step, model.Join) else []
        )
        here = self._put(node, [*ways, *joined], part)
        out = self._ordered(step, here[0].source, part)
        if step.on_failure:
            failed = _Way(node.id, ("if it fails",), PAINTS["by_fault"])
            out += self._sequence(step.on_failure, [failed], part)
        return out

    def _ordered(self, step: Step, here: str, part: _Part) -> list[_Way]:
        """Draw what is inside a step; return the ways out of it."""
        match step:
            case model.When():
                then = self._sequence(step.steps, [_Way(here, ("yes",))], part)
                return [*then, *self._sequence(step.otherwise, [_Way(here, ("no",))], part)]
            case model.ForEach() | model.Repeat():
                inner = self._inside(part, step.name)
                again = self._sequence(
                    step.steps, [_Way(here, ("each",) if isinstance(step, model.ForEach) else ())], inner
                )
                self._edges += [Edge(source=way.source, target=here, lines=way.lines, paint=way.paint) for way in again]
                return [_Way(here, ("then",))]
            case model.Parallel():
                inner = self._inside(part, step.name)
                ends = []
                for number, branch in enumerate(step.branches, start=1):
                    ends += self._sequence(branch, [_Way(here)], self._inside(inner, f"branch {number}"))
                return self._sign(Shape.BAR, ends, part)
            case model.Background():
                inner = self._inside(part, f"meanwhile: {step.task}")
                self._tasks[step.task] = self._sequence(step.steps, [_Way(here)], inner)
                return [_Way(here)]
            case _:
                return [_Way(here)]


def _around(step: Step) -> Iterator[str]:
    """Yield what must hold before, during and after a step, its limit, and what ends it early."""
    for word, checks in (
        ("before", step.preconditions),
        ("meanwhile", step.invariants),
        ("after", step.postconditions),
    ):
        for check in checks:
            yield from wrap_condition(f"{word}: {check.that}", _WIDTH)
    if isinstance(step, model.Wait):
        for unless in step.unless:
            yield from wrap_condition(f"fails when {unless.when}", _WIDTH)
    if step.timeout is not None:
        yield f"within {step.timeout}"
    if step.on_failure == ():
        yield "a failure only warns"


def _own_colour(step: Step) -> Paint | None:
    """Return the colour of the summary state to which a step brings something."""
    colour = SUMMARY_COLOURS.get(tell_value(step.to)) if isinstance(step, model.SummaryStateStep) else None
    return None if colour is None else colour.paint
