"""Coverage as plain data: figures, what is missing in words, and the items from which it can be read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from cscsim.coverage_universe import Universe
from procedures.coverage import Coverage, Figure, Item, Part, ProcedureAdvice, percent

__all__ = ["as_data", "figures_of_component", "figures_of_procedure", "missing_of", "summary_of", "words_for"]

_TRUTHS = ("both", "true", "false", "unknown", "never")
Words = Callable[[Item], tuple[str, str]]


def as_data(coverage: Coverage, universe: Universe, notes: list[str]) -> dict[str, Any]:
    """Return all of it; `cscsim coverage` reads it again."""
    return {
        "coverage": 1,
        "runs": coverage.seen.runs,
        **summary_of(coverage),
        "missing": {
            name: {group: [{"what": what, "how": how} for what, how in lines] for group, lines in groups.items()}
            for name, groups in missing_of(coverage, universe).items()
        },
        "notes": notes,
        **coverage.seen.as_data(),
    }


def summary_of(coverage: Coverage) -> dict[str, Any]:
    """Return the figures: of everything, of each component, of each procedure."""
    return {
        "percent": _rounded(coverage.figure),
        "seen": coverage.figure.seen,
        "of": coverage.figure.of,
        "components": {name: figures_of_component(part) for name, part in coverage.components.items()},
        "procedures": {name: figures_of_procedure(part) for name, part in coverage.procedures.items()},
    }


def figures_of_component(part: Part) -> dict[str, Any]:
    """Return what of a component was seen: [seen, all] by what it is."""
    return {"percent": _rounded(part.figure), **{name: _pair(group.figure) for name, group in part.groups.items()}}


def figures_of_procedure(part: Part) -> dict[str, Any]:
    """Return what of a procedure was seen: of its steps, its conditions, and its steps under faults."""
    steps, words = part.groups["steps"], Counter(part.conditions().values())
    return {
        "percent": _rounded(part.figure),
        "steps": {what: _pair(steps.ending(what)) for what in ("begun", "done", "failed")},
        "conditions": {"all": sum(words.values()), **{word: words[word] for word in _TRUTHS}},
        "faults_at_steps": _pair(part.struck.figure),
    }


def missing_of(coverage: Coverage, universe: Universe) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return what never came about, and how it would: by component or procedure, and by what it is."""
    found = {}
    for part in (*coverage.components.values(), *coverage.procedures.values()):
        words = words_for(part.name, universe)
        groups = {name: [words(item) for item in group.missing] for name, group in part.groups.items() if group.missing}
        if groups:
            found[part.name] = groups
    return found


def words_for(name: str, universe: Universe) -> Words:
    """Return what says an item of a component or a procedure in words, and how to reach it."""
    if name in universe.components:
        return universe.advice(name).words
    return ProcedureAdvice(universe.procedures[name]).words


def _pair(figure: Figure) -> list[int]:
    return [figure.seen, figure.of]


def _rounded(figure: Figure) -> float:
    return round(percent(figure), 1)
