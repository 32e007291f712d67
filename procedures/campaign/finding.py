"""What is to be kept of a run while its scenario shrinks: its class, its unsafe end, or a condition of its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csc import ObservatoryVocabulary
from fsm import AuthorError, nearest, parse_condition
from procedures.campaign.judging import CLASSES
from procedures.campaign.store import Row

__all__ = ["Finding", "Wanted", "find_what_to_keep", "read_wanted"]

_KEPT = "what is kept"
_CLASSES = tuple(dict.fromkeys(each.name for each in CLASSES))
_OUTCOMES = ("failed", "aborted")
_WORDS = (*_CLASSES, *_OUTCOMES, "unsafe")
_NOTHING = ("harmless", "not_injected")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is kept.

    Attributes
    ----------
    words
        What it is, for a person.
    is_in
        Tells whether a run has it.
    """

    words: str
    is_in: Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked to be kept: a word, a condition, or neither, for what the run is.

    Attributes
    ----------
    safe_end
        What has to be looked at when a run ends, as a condition of a campaign's safe end.
    """

    word: str = ""
    condition: str = ""

    @property
    def safe_end(self) -> tuple[tuple[str, str], ...]:
        """Return the condition that is looked at."""
        return ((_KEPT, self.condition),) if self.condition else ()


def read_wanted(text: str | None, truth: ObservatoryVocabulary) -> Wanted:
    """Read what is to be kept: a class, ``failed``, ``aborted``, ``unsafe``, or a condition of how the run ends.

    Raises
    ------
    AuthorError
        If it is none of these; names the nearest.
    """
    if text is None:
        return Wanted()
    if text in _WORDS:
        return Wanted(word=text)
    try:
        return Wanted(condition=str(parse_condition(text, truth)))
    except AuthorError as error:
        if " " in text.strip():
            raise
        near = nearest(text, _WORDS)
        raise AuthorError(f"is neither a condition nor one of {', '.join(_WORDS)}", suggestion=near) from error


def find_what_to_keep(wanted: Wanted, row: Row, baseline: Row) -> Finding:
    """Return what is kept of a run.

    Parameters
    ----------
    row, baseline
        The run, and the same without anything that goes wrong.

    Raises
    ------
    AuthorError
        If the run has not what is wanted, or has nothing worth keeping.
    """
    if wanted.condition:
        return _condition(wanted.condition, row, baseline)
    if wanted.word == "unsafe":
        return _unsafe(row)
    if wanted.word:
        if wanted.word not in (row.classification, row.run.outcome):
            raise AuthorError(f"the run is {_called(row)}, not {wanted.word}: nothing can be kept")
        return Finding(
            wanted.word.replace("_", " "), lambda other: wanted.word in (other.classification, other.run.outcome)
        )
    if row.classification in _NOTHING:
        if row.verdict is not None and row.verdict.unsafe:
            return _unsafe(row)
        raise AuthorError(f"the run is {_called(row)}: nothing is found in it that a smaller scenario could keep")
    return _as_it_is(row)


def _as_it_is(row: Row) -> Finding:
    by = row.verdict.detected_by if row.verdict is not None and row.classification == "detected" else None

    def is_in(other: Row) -> bool:
        return other.classification == row.classification and (
            by is None or (other.verdict is not None and other.verdict.detected_by == by)
        )

    return Finding(f"{_called(row)}{f' by {by}' if by else ''}", is_in)


def _unsafe(row: Row) -> Finding:
    broken = _broken(row)
    if not broken:
        raise AuthorError(f"the run is {_called(row)} and ends safe: nothing can be kept")
    return Finding(f"it ends and not {' or not '.join(sorted(broken))}", lambda other: bool(broken & _broken(other)))


def _broken(row: Row) -> set[str]:
    """Return the names of the conditions of a safe end that a run breaks, and its baseline does not."""
    return {each.partition(": ")[0] for each in row.verdict.unsafe} if row.verdict is not None else set()


def _condition(text: str, row: Row, baseline: Row) -> Finding:
    def is_in(other: Row) -> bool:
        return not other.run.crash and all(name != _KEPT for name, _ in other.run.unsafe)

    if is_in(baseline):
        raise AuthorError(f"{text}: is so without anything that goes wrong, too")
    if not is_in(row):
        why = next((why for name, why in row.run.unsafe if name == _KEPT), row.run.crash)
        raise AuthorError(f"{text}: is not so when the run ends ({why})")
    return Finding(f"it ends with {text}", is_in)


def _called(row: Row) -> str:
    return row.classification.replace("_", " ")
