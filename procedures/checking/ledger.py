"""What was judged while a procedure was thought through: every condition, where it stands, and what came of it.

A condition is met again and again, in one situation after another. In the end it is proved if it was true each time,
refuted if it was true in none, and open otherwise.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from csc.foresight import Key
from fsm import Condition, Position, Truth
from fsm.conditions import Truths, View, assumption, dependencies

__all__ = ["Finding", "Ledger", "Seen", "Trail", "Verdict"]


class Verdict(enum.StrEnum):
    """What is known of a condition before anything runs."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Trail:
    """The steps that led to a situation, the last one first.

    Attributes
    ----------
    frame
        The procedure that the step belongs to, with its callers.
    machines
        States in which machines could be when the step began.
    """

    place: str
    frame: str
    machines: Mapping[Key, frozenset[str]]
    before: Trail | None = None
    length: int = 1

    def steps(self, about: Collection[Key] = ()) -> list[str]:
        """Return the steps from the first on, each with states that have changed.

        Of other procedures only those are told that are still under way.

        Parameters
        ----------
        about
            Machines whose states are told.
        """
        kept: list[Trail] = []
        trail: Trail | None = self
        while trail is not None:
            if f"{self.frame} > ".startswith(f"{trail.frame} > "):
                kept.append(trail)
            trail = trail.before
        found, before = [], {key: frozenset[str]() for key in about}
        for each in reversed(kept):
            now = {key: each.machines[key] for key in about if key in each.machines}
            changed = [_shown(key, states) for key, states in now.items() if states != before[key]]
            found.append(f"{each.place} ({', '.join(changed)})" if changed else each.place)
            before = now
        return found


def _shown(key: Key, states: frozenset[str]) -> str:
    name = key[0] if key[1] == "summary" else ".".join(key)
    return f"{name} {' or '.join(sorted(states))}"


class Seen(NamedTuple):
    """What the names of a condition may be, and what would have to be so for it to be true."""

    values: str = ""
    assumption: str = ""

    @classmethod
    def of(cls, condition: Condition, view: View) -> Seen:
        """Look at a condition."""
        return cls(dependencies(condition, view), assumption(condition, view))


@dataclass(slots=True)
class Finding:
    """A condition at its place.

    Attributes
    ----------
    call
        The procedure with its callers and their configurations: tells apart calls of the same procedure.
    where
        Procedure and step.
    what
        precondition, postcondition, invariant, expect, guard, summary state, field, rows, simulated, rule, wait or
        config.
    that
        The condition, or words for it.
    truths
        Every truth that it may have there.
    seen
        What the names in it may be, where it was not true.
    assumption
        What would have to be so for it to be true.
    otherwise
        What its author says where it does not hold.
    trail
        The shortest way on which it was not true.
    about
        Machines that it names.
    """

    call: str
    where: str
    what: str
    that: str
    truths: set[Truth] = field(default_factory=set)
    seen: str = ""
    assumption: str = ""
    otherwise: str = ""
    position: Position | None = None
    trail: Trail | None = None
    about: tuple[Key, ...] = ()

    @property
    def path(self) -> list[str]:
        """The shortest way on which it was not true, step by step, with the states of the machines it names."""
        return [] if self.trail is None else self.trail.steps(self.about)

    @property
    def verdict(self) -> Verdict:
        """Whether it holds always, never, or it depends."""
        if self.truths == {True}:
            return Verdict.PROVED
        return Verdict.OPEN if True in self.truths else Verdict.REFUTED

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "call": self.call,
            "where": self.where,
            "what": self.what,
            "condition": self.that,
            "verdict": str(self.verdict),
            "seen": self.seen,
            "proved_if": self.assumption,
            "otherwise": self.otherwise,
            "file": self.position.file if self.position else None,
            "line": self.position.line if self.position else None,
            "path": self.path if self.verdict is not Verdict.PROVED else [],
        }


class Ledger:
    """All findings of one check, in the order in which they were first met."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, str, str, str], Finding] = {}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings.values())

    def note(
        self,
        where: str,
        what: str,
        that: str,
        truths: Truths,
        *,
        call: str,
        seen: Callable[[], Seen] = Seen,
        otherwise: str = "",
        position: Position | None = None,
        trail: Trail | None = None,
        about: Callable[[], Iterable[Key]] = tuple,
    ) -> None:
        """Note what a condition may be in one more situation; `call` tells apart calls of the same procedure."""
        if not truths:
            return
        key = (call, where, what, that)
        finding = self._findings.get(key)
        if finding is None:
            about_it = tuple(about())
            finding = Finding(call, where, what, that, otherwise=otherwise, position=position, about=about_it)
            self._findings[key] = finding
        worse = True not in truths
        longer = finding.trail is not None and trail is not None and trail.length >= finding.trail.length
        if truths != {True} and (finding.trail is None or (worse and True in finding.truths) or not longer):
            finding.seen, finding.assumption = seen()
            finding.trail = trail
        finding.truths |= truths

    def of(self, verdict: Verdict) -> list[Finding]:
        """Return the findings with a verdict."""
        return [finding for finding in self if finding.verdict is verdict]
