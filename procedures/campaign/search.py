"""The moment at which a fault does most: the beginnings of steps and random moments first, then nearer and nearer.

Between two moments whose runs are of different classes lies one at which the class changes: the wider they are apart,
the sooner it is looked between them. The rest of the tries goes to both sides of the worst. What is found depends on
the seed alone, not on how many runs there are at a time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from procedures.campaign.badness import Badness, badness_of, label_of
from procedures.campaign.run import Run
from procedures.campaign.store import Row

__all__ = ["Interval", "Sample", "Timeline", "search_worst"]

FIRST = 0.5
"""Part of the tries that goes to steps and random moments."""
AT_A_TIME = 6
"""Moments that are tried together while the search goes nearer."""
GRAIN = 1
"""How near moments may be [s]."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment that was tried [simulated s], and its run."""

    t: int
    row: Row
    label: str
    badness: Badness


@dataclass(frozen=True, slots=True)
class Interval:
    """Moments one after another whose runs are of one class.

    Attributes
    ----------
    begins, ends
        Between which moments it is so [simulated s]; where the class changes, half-way to the next moment tried.
    samples
        The moments tried.
    """

    label: str
    begins: float
    ends: float
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What comes of a fault, whenever it happens.

    Attributes
    ----------
    duration
        How long the procedure takes without it [simulated s].
    samples
        Every moment that was tried, in order.
    """

    duration: float
    samples: tuple[Sample, ...]

    @property
    def worst(self) -> Sample:
        """The worst; of several, the first."""
        return max(self.samples, key=lambda sample: (sample.badness, -sample.t))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The moments of each class that stand together, in order."""
        groups = [tuple(group) for _, group in groupby(self.samples, key=lambda sample: sample.label)]
        bounds = [(first[-1].t + then[0].t) / 2 for first, then in pairwise(groups)]
        return tuple(
            Interval(group[0].label, begins, ends, group)
            for group, begins, ends in zip(groups, [0.0, *bounds], [*bounds, self.duration], strict=True)
        )

    def label_at(self, t: float) -> str:
        """Return the class of a fault at a time [simulated s], as far as it is known."""
        return next((each.label for each in self.intervals if t <= each.ends), self.samples[-1].label)


def search_worst(
    run: Callable[[Sequence[int]], Sequence[Row]],
    baseline: Run,
    steps: Iterable[float],
    *,
    tries: int,
    seed: str,
) -> Timeline:
    """Search the moment whose run is the worst.

    Parameters
    ----------
    run
        Runs the fault at each of several moments [simulated s], and judges the runs.
    steps
        When steps begin without the fault [simulated s].
    tries
        How many moments to try.
    """
    found: dict[int, Sample] = {}

    def look(moments: Sequence[int]) -> None:
        for t, row in zip(moments, run(moments), strict=True):
            found[t] = Sample(t, row, label_of(row), badness_of(row, baseline))

    look(_first_moments(steps, baseline.seconds, min(tries, max(2, round(FIRST * tries))), seed))
    while len(found) < tries:
        samples = [found[t] for t in sorted(found)]
        moments = _between(samples, min(AT_A_TIME, tries - len(found)))
        if not moments:
            break
        look(moments)
    return Timeline(baseline.seconds, tuple(found[t] for t in sorted(found)))


def _first_moments(steps: Iterable[float], duration: float, most: int, seed: str) -> list[int]:
    """Return the beginning, beginnings of steps, spread if there are too many, and random moments for the rest."""
    end = int(duration)
    begun = sorted({min(end, int(t)) for t in (0.0, *steps)})
    if len(begun) > most:
        begun = sorted({begun[len(begun) * number // most] for number in range(most)})
    chosen, dice = dict.fromkeys(begun), random.Random(seed)
    while len(chosen) < min(most, end + 1):
        chosen.setdefault(dice.randint(0, end))
    return sorted(chosen)


def _between(samples: Sequence[Sample], most: int) -> list[int]:
    """Return moments to try next: where the class changes, the widest gap first, then beside the worst."""
    gaps = [(a.t, b.t) for a, b in pairwise(samples) if a.label != b.label]
    gaps.sort(key=lambda gap: (gap[0] - gap[1], gap))
    worst = max(samples, key=lambda sample: (sample.badness, -sample.t))
    place = samples.index(worst)
    beside = [(a.t, b.t) for a, b in pairwise(samples[max(0, place - 1) : place + 2])]
    near = list(dict.fromkeys((*gaps[: most - 1], *beside, *gaps)))
    wide = sorted(((a.t, b.t) for a, b in pairwise(samples)), key=lambda gap: (gap[0] - gap[1], gap))
    moments = (*_parts(near, (2,)), *_parts(near, (1, 3)), *_parts(wide, (2,)))
    return list(dict.fromkeys(moments))[:most]


def _parts(gaps: Iterable[tuple[int, int]], quarters: Sequence[int]) -> Iterator[int]:
    """Yield moments inside gaps: so many quarters of the way, where there is room."""
    for low, high in gaps:
        for quarter in quarters:
            moment = low + (high - low) * quarter // 4
            if low + GRAIN <= moment <= high - GRAIN:
                yield moment
