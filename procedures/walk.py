"""Walks over the steps of a procedure, those inside others included."""

from __future__ import annotations

from collections.abc import Iterator

from procedures.model import Background, ForEach, Parallel, Repeat, Step, When

__all__ = ["walk_steps"]


def walk_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield steps in the order of the file, each before those inside it."""
    for step in steps:
        yield step
        match step:
            case Parallel(branches=branches):
                for branch in branches:
                    yield from walk_steps(branch)
            case When(steps=inner, otherwise=otherwise):
                yield from walk_steps(inner)
                yield from walk_steps(otherwise)
            case ForEach(steps=inner) | Repeat(steps=inner) | Background(steps=inner):
                yield from walk_steps(inner)
        if step.on_failure:
            yield from walk_steps(step.on_failure)
