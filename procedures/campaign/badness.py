"""Which of two runs is worse: by what somebody would rather not have had happen, in a fixed order.

First by class: silent before stuck, before a simulation that broke down, before an end that is not safe, before what
was noticed, dealt with, or did nothing. Within a class more lost images are worse, then a later detection, then more
time lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.campaign.harm import is_other_light
from procedures.campaign.run import Run
from procedures.campaign.store import Row

__all__ = ["CLASSES_BY_BADNESS", "Badness", "badness_of", "label_of", "lost_images"]

CLASSES_BY_BADNESS = ("silent", "stuck", "crashed", "unsafe", "detected", "recovered", "harmless", "not_injected")
"""From the worst; unsafe are all others whose end is not safe."""


@dataclass(frozen=True, slots=True, order=True)
class Badness:
    """How bad a run is; what is greater is worse.

    Attributes
    ----------
    rank
        Of its class; the worst has the greatest.
    images
        How many images are lost.
    undetected
        How long the fault was not noticed [s]; infinite if it never was.
    seconds
        How much time was lost [s]: all of it if the run did not pass.
    """

    rank: int
    images: int
    undetected: float
    seconds: float


def label_of(row: Row) -> str:
    """Return the class of a run as it is ordered here."""
    name = row.classification
    is_calm = CLASSES_BY_BADNESS.index(name) > CLASSES_BY_BADNESS.index("unsafe")
    return "unsafe" if is_calm and row.verdict is not None and row.verdict.unsafe else name


def badness_of(row: Row, baseline: Run) -> Badness:
    """Return how bad a run is, held against the same without a fault."""
    run, verdict = row.run, row.verdict
    after = verdict.detected_after if verdict is not None else None
    return Badness(
        rank=-CLASSES_BY_BADNESS.index(label_of(row)),
        images=lost_images(run, baseline),
        undetected=math.inf if after is None else after,
        seconds=run.seconds - baseline.seconds if run.outcome == "passed" else run.seconds,
    )


def lost_images(run: Run, baseline: Run) -> int:
    """Return how many images of the baseline are missing in a run, or show other light."""
    return sum(_lost(run.images.get(kind, ()), usual) for kind, usual in baseline.images.items())


def _lost(counts: Sequence[float], usual: Sequence[float]) -> int:
    missing = max(0, len(usual) - len(counts))
    last = counts[-len(usual) :] if not missing else ()
    return missing + sum(is_other_light(seen, wanted) for seen, wanted in zip(last, usual, strict=False))
