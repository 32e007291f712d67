"""The history of one quantity as a chain of closed-form pieces, and integrals over such histories.

Nothing ticks: a quantity is a function of time (or a constant) from one change to the next.
A `Timeline` remembers the latest pieces, so that somebody who looks later, such as an exposure that just ended,
can still ask what the quantity was and integrate over it exactly.

It decides when a question reaches too far back.
What the functions mean, and in which unit they answer, is left to whoever writes them.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

__all__ = ["Piece", "Timeline", "integral"]

Piece: TypeAlias = float | Callable[[float], float]
"""A constant, or a function of the time [s]."""


class Timeline:
    """The piecewise history of one quantity.

    Parameters
    ----------
    initial
        The value, or the function of the time [s], from `start` on.
    start
        When the history begins [s].
    keep
        How many pieces are remembered; the oldest are forgotten.

    Examples
    --------
    >>> lamp = Timeline(0.0)
    >>> lamp.follow(10.0, lambda t: 1.0 - math.exp(-(t - 10.0) / 150.0))
    >>> lamp.follow(900.0, 1.0)
    >>> lamp.value(5.0), lamp.value(2000.0), lamp.breaks(0.0, 2000.0)
    (0.0, 1.0, (10.0, 900.0))
    """

    __slots__ = ("_keep", "_kinks", "_pieces", "_starts")

    def __init__(self, initial: Piece, start: float = 0.0, keep: int = 64) -> None:
        if keep < 1:
            raise ValueError(f"{keep=} must be at least 1")
        self._keep = keep
        self._starts = [float(start)]
        self._pieces: list[Piece] = [_piece(initial)]
        self._kinks: list[tuple[float, ...]] = [()]

    def __repr__(self) -> str:
        return f"Timeline({len(self._starts)} pieces, {self.oldest} s to {self.latest} s)"

    @property
    def oldest(self) -> float:
        """Start of the oldest piece that is remembered [s]."""
        return self._starts[0]

    @property
    def latest(self) -> float:
        """Start of the present piece [s]."""
        return self._starts[-1]

    def follow(self, t: float, piece: Piece, kinks: Iterable[float] = ()) -> None:
        """Begin a new piece.

        Parameters
        ----------
        t
            When it begins [s]. At the start of the present piece, the new one takes its place.
        piece
            The constant, or the function of the time [s], that holds from then on.
        kinks
            Times [s] at which the function is not smooth, such as the end of an acceleration.
            They become breaks, so that integrals stay exact. A constant has none.

        Raises
        ------
        ValueError
            If `t` lies before the start of the present piece.
        """
        if not t >= self._starts[-1]:
            raise ValueError(f"{t=} s lies before the present piece, which began at {self._starts[-1]} s")
        new = _piece(piece)
        corners = tuple(sorted(kinks)) if callable(new) else ()
        if t == self._starts[-1]:
            self._pieces[-1], self._kinks[-1] = new, corners
            return
        self._starts.append(float(t))
        self._pieces.append(new)
        self._kinks.append(corners)
        if len(self._starts) > self._keep:
            del self._starts[0], self._pieces[0], self._kinks[0]

    def piece(self, t: float) -> Piece:
        """Give the constant or the function that holds at a time.

        Raises
        ------
        ValueError
            If `t` [s] lies before the oldest piece that is remembered.
        """
        return self._pieces[-1] if t >= self._starts[-1] else self._pieces[self._index(t)]

    def value(self, t: float) -> float:
        """Give the value at a time.

        Raises
        ------
        ValueError
            If `t` [s] lies before the oldest piece that is remembered.
        """
        piece = self.piece(t)
        return piece(t) if callable(piece) else piece

    def breaks(self, t0: float, t1: float) -> tuple[float, ...]:
        """Give the times [s] strictly between `t0` and `t1` at which a piece begins or has a kink, in order.

        Raises
        ------
        ValueError
            If `t0` lies before the oldest piece that is remembered.
        """
        starts = self._starts
        first = len(starts) - 1 if t0 >= starts[-1] else self._index(t0)
        found: list[float] = []
        for index in range(first, len(starts)):
            begin = starts[index]
            if begin >= t1:
                break
            if begin > t0:
                found.append(begin)
            if self._kinks[index]:
                end = starts[index + 1] if index + 1 < len(starts) else math.inf
                found.extend(kink for kink in self._kinks[index] if max(begin, t0) < kink < min(end, t1))
        return tuple(found)

    def constant(self, t0: float, t1: float) -> bool:
        """Tell whether the quantity is known to keep one value from `t0` to `t1` [s].

        A function counts as changing, whatever it returns. A piece that begins at `t1` does not count.

        Raises
        ------
        ValueError
            If `t0` lies before the oldest piece that is remembered.
        """
        first = self.piece(t0)
        return not callable(first) and all(self.piece(t) == first for t in self.breaks(t0, t1))

    def _index(self, t: float) -> int:
        index = bisect_right(self._starts, t) - 1
        if index < 0:
            raise ValueError(f"{t=} s lies before the oldest piece kept, which began at {self._starts[0]} s")
        return index


def integral(
    timelines: Sequence[Timeline], combine: Callable[..., float], t0: float, t1: float, order: int = 5
) -> float:
    """Integrate a function of several histories over a time.

    Between two breaks of any history, the integral is one evaluation if all pieces are constants,
    and a Gauss-Legendre sum otherwise.

    Parameters
    ----------
    timelines
        The histories.
    combine
        Takes one value per history, in their order; must be smooth where they are.
    t0, t1
        Limits [s].
    order
        Number of points per smooth piece: exact for polynomials up to degree 2 * order - 1.

    Returns
    -------
    float
        The integral [unit of `combine` times s].

    Raises
    ------
    ValueError
        If `t1` lies before `t0`, `order` is below 1, or `t0` lies before what a history remembers.
    """
    if not t1 >= t0:
        raise ValueError(f"{t1=} s must not lie before {t0=} s")
    points = _gauss_legendre(order)
    cuts: set[float] = set()
    for timeline in timelines:
        cuts.update(timeline.breaks(t0, t1))
    total = 0.0
    for begin, end in pairwise((t0, *sorted(cuts), t1)):
        pieces = [timeline.piece(begin) for timeline in timelines]
        if not any(map(callable, pieces)):
            total += (end - begin) * combine(*pieces)
            continue
        middle, half = (begin + end) / 2.0, (end - begin) / 2.0
        for node, weight in points:
            t = middle + half * node
            total += half * weight * combine(*[piece(t) if callable(piece) else piece for piece in pieces])
    return total


def _piece(piece: Piece) -> Piece:
    return piece if callable(piece) else float(piece)


@lru_cache(maxsize=16)
def _gauss_legendre(order: int) -> tuple[tuple[float, float], ...]:
    """Give nodes in (-1, 1) and weights: Newton's method on the Legendre polynomial, as in any textbook."""
    if order < 1:
        raise ValueError(f"{order=} must be at least 1")
    points = []
    for i in range(order):
        x, slope = math.cos(math.pi * (i + 0.75) / (order + 0.5)), 1.0
        for _ in range(8):  # quadratic convergence from a start good to 1e-2: four rounds reach float64
            before, now = 0.0, 1.0
            for n in range(1, order + 1):
                before, now = now, ((2 * n - 1) * x * now - (n - 1) * before) / n
            slope = order * (x * now - before) / (x * x - 1.0)
            x -= now / slope
        points.append((x, 2.0 / ((1.0 - x * x) * slope * slope)))
    return tuple(points)
