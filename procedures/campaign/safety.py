"""What is safe at the end of a run: a table of conditions, and no component in FAULT that the fault does not explain.

The table is ``safe_end.yaml``; a campaign may add to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from csc import ObservatoryVocabulary
from csc.latiss.images import Exposure
from fsm import AuthorError, AuthorErrors, Condition, load_document, parse_condition
from procedures.expectations import Expectations, judge_expectations

__all__ = ["SafeSheet", "find_unsafe", "safe_conditions", "unexplained_faults"]


class SafeSheet(BaseModel):
    """A condition of a safe end."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    that: str


@dataclass(frozen=True, slots=True)
class _Safe:
    name: str
    condition: Condition


@cache
def _table() -> tuple[SafeSheet, ...]:
    text = files("procedures.campaign").joinpath("safe_end.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[SafeSheet, ...]).validate_python(load_document(text, name="safe_end.yaml").data)


def safe_conditions(truth: ObservatoryVocabulary, extra: Iterable[tuple[str, str]] = ()) -> tuple[_Safe, ...]:
    """Return the conditions of the table that the observatory has the components for, and those that a campaign adds.

    Parameters
    ----------
    truth
        The names that they may use.
    extra
        Name and text of each that is added.

    Raises
    ------
    AuthorError
        If one that is added is wrong.
    """
    found = []
    for sheet in _table():
        try:
            found.append(_Safe(sheet.name, parse_condition(sheet.that, truth)))
        except (AuthorError, AuthorErrors):
            continue  # it speaks of components that are not here
    return (*found, *(_Safe(name, parse_condition(text, truth)) for name, text in extra))


def find_unsafe(
    conditions: Sequence[_Safe],
    snapshot: Mapping[str, Any],
    *,
    vocabulary: ObservatoryVocabulary,
    images: Sequence[Exposure],
) -> tuple[tuple[str, str], ...]:
    """Return the name of each condition that does not hold in the observatory as it was left, and why."""
    asked = Expectations(ends=tuple(each.condition for each in conditions))
    judged = judge_expectations(asked, (), snapshot, vocabulary=vocabulary, images=images).judged
    return tuple((safe.name, found.because) for safe, found in zip(conditions, judged, strict=True) if not found.met)


def unexplained_faults(
    snapshot: Mapping[str, Any], faulted: Collection[str], vocabulary: ObservatoryVocabulary
) -> tuple[str, ...]:
    """Return the components left in FAULT, without those that had a fault and those that depend on one that had.

    Whoever senses or commands a component depends on it, by its data sheet.
    """
    without_index = {name.partition(":")[0] for name in faulted}
    found = []
    for name, component in snapshot.items():
        if component["summary_state"] != "FAULT" or name in faulted:
            continue
        plan = vocabulary.blueprints[name]
        if not without_index & {*plan.remotes, *(sense.component.partition(":")[0] for sense in plan.senses.values())}:
            found.append(name)
    return tuple(found)
