"""Walks over the steps of a procedure, those inside others included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from procedures.model import Background, ForEach, Parallel, Repeat, Step, When

__all__ = ["inner_steps", "walk_steps"]


def inner_steps(step: Step) -> Iterator[tuple[str, Sequence[Step]]]:
    """Yield the lists of steps inside another, each with a title, perhaps empty."""
    match step:
        case Parallel(branches=branches):
            yield from ((f"branch {number}", branch) for number, branch in enumerate(branches, start=1))
        case When(steps=steps, otherwise=otherwise):
            yield "", steps
            if otherwise:
                yield "otherwise", otherwise
        case ForEach(steps=steps) | Repeat(steps=steps) | Background(steps=steps):
            yield "", steps


def walk_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield steps in the order of the file, each before those inside it."""
    for step in steps:
        yield step
        for _, inner in inner_steps(step):
            yield from walk_steps(inner)
        if step.on_failure:
            yield from walk_steps(step.on_failure)
