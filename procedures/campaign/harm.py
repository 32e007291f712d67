"""What harm a fault has done: a run held against the same run without it.

Harm is what somebody would miss later: images that are missing or show other light, products that were not made,
machines left in another state. How it came, and whether anybody noticed, is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from procedures.campaign.run import Run

__all__ = ["COUNTS", "FRACTION", "find_harm", "is_other_light"]

COUNTS = 10.0
"""Difference of an image's counts that is no harm [adu]: what procedures allow a bias or a dark."""
FRACTION = 0.03
"""Difference of an image's counts that is no harm, relative."""


def find_harm(run: Run, baseline: Run) -> tuple[str, ...]:
    """Return each harm in words, images first; nothing if the run is as good as the baseline.

    Of more images of a kind than usual the last count: whatever came before was taken again.
    """
    return (*_in_images(run, baseline), *_in_products(run, baseline), *_in_states(run, baseline))


def _in_images(run: Run, baseline: Run) -> Iterator[str]:
    missing, of, without = 0, 0, []
    for kind, usual in baseline.images.items():
        counts = run.images.get(kind, ())
        if len(counts) < len(usual):
            missing, of = missing + len(usual) - len(counts), of + len(usual)
            without.append(kind)
    if missing:
        yield f"{missing} of {of} images are missing ({_listed(without)})"
    for kind, usual in baseline.images.items():
        counts = run.images.get(kind, ())
        if len(counts) < len(usual):
            continue
        odd = [
            (seen, wanted)
            for seen, wanted in zip(counts[-len(usual) :], usual, strict=True)
            if is_other_light(seen, wanted)
        ]
        if odd:
            seen, wanted = max(odd, key=lambda pair: abs(pair[0] - pair[1]))
            how = "dimmer" if seen < wanted else "brighter"
            yield f"{len(odd)} of {len(usual)} images {kind} are {how}: {seen:.0f} adu, not {wanted:.0f} adu"
        more = run.saturated.get(kind, 0) - baseline.saturated.get(kind, 0)
        if more and not odd:
            yield f"{abs(more)} {'more' if more > 0 else 'fewer'} of the images {kind} are saturated"


def is_other_light(seen: float, wanted: float) -> bool:
    """Tell whether an image's counts [adu] are not what they should be."""
    return abs(seen - wanted) > COUNTS + FRACTION * abs(wanted)


def _in_products(run: Run, baseline: Run) -> Iterator[str]:
    for product, usual in baseline.products.items():
        missing = usual - run.products.get(product, 0)
        if missing > 0:
            who, _, what = product.partition(": ")
            yield f"{missing} of {usual} {what} by {who} are missing"


def _in_states(run: Run, baseline: Run) -> Iterator[str]:
    """Tell the machines that end otherwise, without what the fault itself has done.

    Of the component that has the fault, only those are asked that the procedure uses: that move without the fault, too.
    """
    faulted = {record["who"] for record in run.notable if record["kind"] == "fault"}
    used = set(baseline.moved)
    for machine, usual in baseline.states.items():
        state = run.states.get(machine)
        if state in (usual, run.own.get(machine)):
            continue
        component, _, name = machine.rpartition(".")
        if component in faulted and name != "summary" and machine not in used:
            continue
        what = component if name == "summary" else machine
        yield f"{what} ends {state}, not {usual}" if state is not None else f"{component} is gone at the end"


def _listed(kinds: Sequence[str], most: int = 2) -> str:
    rest = f" and {len(kinds) - most} other kinds" if len(kinds) > most else ""
    return ", ".join(kinds[:most]) + rest
