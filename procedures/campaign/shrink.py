"""Shrinking: the smallest scenario whose run still has a finding.

First pieces are left out, by delta debugging; then each fault that is left is said more simply, and its numbers are
made smaller; and so on until nothing more can be done. Of several tries that would do, the first is taken, so what is
found does not depend on how many are run at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from csc import ObservatoryVocabulary
from fsm import AuthorError
from procedures.campaign.beginnings import Beginning
from procedures.campaign.ddmin import smallest_part
from procedures.campaign.mixture import Mixture, Piece
from procedures.campaign.simpler import Quantity, quantities, restatements
from procedures.campaign.store import Row
from procedures.scenario_injection import Injection, parse_injection

__all__ = ["Shrinker", "Shrunk", "Try"]

AT_A_TIME = 4
"""Tries that are run together; always as many, so that the number of workers changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A mixture that was tried.

    Attributes
    ----------
    what
        In which way it is smaller, in words.
    keeps
        Whether its run has the finding.
    """

    what: str
    mixture: Mixture
    row: Row
    keeps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """What shrinking has come to.

    Attributes
    ----------
    row
        The run of what is left.
    tries
        In order.
    is_minimal
        Whether every way to make it smaller was tried; if not, the tries were used up.
    """

    mixture: Mixture
    row: Row
    tries: tuple[Try, ...]
    is_minimal: bool


class _UsedUp(Exception):
    """No more tries are left."""


class Shrinker:
    """Shrinks mixtures.

    Parameters
    ----------
    run
        Runs several mixtures and judges them; returns a row for each.
    keeps
        Tells whether a run has the finding.
    truth
        The names that faults may use.
    steps
        When the steps begin in a run without faults, in order.
    most
        Tries at the most.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Mixture]], Sequence[Row]],
        keeps: Callable[[Row], bool],
        truth: ObservatoryVocabulary,
        *,
        steps: Sequence[Beginning] = (),
        most: int = 200,
    ) -> None:
        self._run = run
        self._keeps = keeps
        self._truth = truth
        self._steps = steps
        self._most = most
        self._rows: dict[Mixture, Row] = {}
        self._tries: list[Try] = []
        self._floors: dict[tuple[str, str, str], float] = {}
        self._left = Mixture(())

    def shrink(self, mixture: Mixture, row: Row) -> Shrunk:
        """Return the smallest that has the finding.

        Parameters
        ----------
        row
            The run of the whole, which has the finding.
        """
        self._rows, self._tries, self._floors, self._left = {mixture: row}, [], {}, mixture
        before, is_minimal = None, True
        try:
            while before != self._left:
                before = self._left
                self._leave_out()
                for place, piece in enumerate(self._left.pieces):
                    if isinstance(piece, str):
                        self._say_more_simply(place)
                        self._make_smaller(place)
        except _UsedUp:
            is_minimal = False
        return Shrunk(mixture=self._left, row=self._rows[self._left], tries=tuple(self._tries), is_minimal=is_minimal)

    # -------------------------------------------------------------------- ways

    def _leave_out(self) -> None:
        def first(parts: Sequence[tuple[Piece, ...]]) -> tuple[Piece, ...] | None:
            found = self._take_first([(f"without {_missing(self._left, part)}", Mixture(part)) for part in parts])
            return found.pieces if found is not None else None

        smallest_part(self._left.pieces, first)

    def _say_more_simply(self, place: int) -> None:
        while True:
            fault = self._fault(place)
            happened = _happened(fault, self._rows[self._left])
            if self._take_first(self._instead(place, restatements(fault, self._truth, happened, self._steps))) is None:
                return

    def _make_smaller(self, place: int) -> None:
        for quantity in quantities(self._fault(place), self._truth):
            self._search_smallest(place, quantity.name)

    def _search_smallest(self, place: int, name: str) -> None:
        """Search the smallest magnitude of a number that keeps the finding, between nothing and what it is."""
        low = 0.0
        while True:
            fault = self._fault(place)
            quantity = _quantity(fault, name, self._truth)
            if quantity.is_narrow(low, abs(quantity.value)):
                return
            floor = self._floors.setdefault((fault.component, fault.fault, name), quantity.floor)
            values = [value for value in quantity.between(low, abs(quantity.value)) if abs(value) >= floor]
            ways = [way for value in values for way in self._instead(place, [quantity.inside(fault, value)])]
            if not ways:
                return
            taken = self._take_first(ways)
            high = abs(_quantity(self._fault(place), name, self._truth).value) if taken is not None else math.inf
            low = max([low, *(abs(value) for value in values if abs(value) < high)])

    # ------------------------------------------------------------------- tries

    def _fault(self, place: int) -> Injection:
        piece = self._left.pieces[place]
        if not isinstance(piece, str):
            raise TypeError(f"{piece} is no fault")
        return parse_injection(piece, self._truth)

    def _instead(self, place: int, faults: Iterable[Injection]) -> list[tuple[str, Mixture]]:
        """Return the mixtures with these instead of a fault, as far as they may be written so."""
        old, found = self._left.pieces[place], []
        for fault in faults:
            try:
                new = str(parse_injection(str(fault), self._truth))
            except AuthorError:
                continue
            if new != old:
                found.append((f"{new}, not {old}", self._left.replaced(place, new)))
        return list(dict.fromkeys(found))

    def _take_first(self, ways: Sequence[tuple[str, Mixture]]) -> Mixture | None:
        """Go on with the first of several mixtures that keeps the finding; return it, None if none does."""
        for number in range(0, len(ways), AT_A_TIME):
            some = ways[number : number + AT_A_TIME]
            self._try([way for way in some if way[1] not in self._rows])
            for _, mixture in some:
                if self._keeps(self._rows[mixture]):
                    self._left = mixture
                    return mixture
        return None

    def _try(self, ways: Sequence[tuple[str, Mixture]]) -> None:
        if len(self._tries) + len(ways) > self._most:
            raise _UsedUp
        mixtures = [mixture for _, mixture in ways]
        for (what, mixture), row in zip(ways, self._run(mixtures) if mixtures else (), strict=True):
            self._rows[mixture] = row
            self._tries.append(Try(what=what, mixture=mixture, row=row, keeps=self._keeps(row)))


def _happened(fault: Injection, row: Row) -> float | None:
    """Return when a fault has happened in a run [simulated s]."""
    for record in row.run.notable:
        if record["kind"] == "fault" and record["what"] == "injected":
            if (record["who"], record["fault"]) == (fault.component, fault.fault):
                return float(record["t"])
    return None


def _quantity(fault: Injection, name: str, truth: ObservatoryVocabulary) -> Quantity:
    return next(each for each in quantities(fault, truth) if each.name == name)


def _missing(whole: Mixture, part: Sequence[Piece]) -> str:
    left, missing = list(part), []
    for piece in whole.pieces:
        if piece in left:
            left.remove(piece)
        else:
            missing.append(str(piece))
    return ", ".join(missing)
