"""Which two flats belong together: those that got the same light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Pair", "Pairing", "pair_by_number", "pair_by_value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two exposures, and what both have in common: the exposure time [s] or flux."""

    first: int
    second: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Pairs in the order of their values, and the exposures that found no partner."""

    pairs: tuple[Pair, ...]
    single: tuple[int, ...]


def pair_by_value(values: Mapping[int, float], tolerance: float = 5e-3) -> Pairing:
    """Pair exposures of equal time or flux; of three the third is left over.

    Parameters
    ----------
    values
        Exposure time [s] or flux of each exposure.
    tolerance
        By how much equal ones may differ, in the same unit.

    Examples
    --------
    >>> pair_by_value({7: 1.0, 8: 2.0, 9: 1.001, 10: 1.0}).pairs
    (Pair(first=7, second=9, value=1.0005),)
    """
    groups: list[list[int]] = []
    for exposure in sorted(values, key=lambda each: (values[each], each)):
        if groups and values[exposure] - values[groups[-1][0]] <= tolerance:
            groups[-1].append(exposure)
        else:
            groups.append([exposure])
    return _in_twos(groups, values)


def pair_by_number(values: Mapping[int, float]) -> Pairing:
    """Pair exposures that follow each other, whatever their values; an odd last one is left over."""
    return _in_twos([list(values)], values)


def _in_twos(groups: list[list[int]], values: Mapping[int, float]) -> Pairing:
    pairs, single = [], []
    for group in map(sorted, groups):
        for first, second in zip(group[::2], group[1::2], strict=False):
            pairs.append(Pair(first=first, second=second, value=(values[first] + values[second]) / 2.0))
        single += group[len(group) - len(group) % 2 :]
    return Pairing(pairs=tuple(pairs), single=tuple(single))
