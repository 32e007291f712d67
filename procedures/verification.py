"""Whether verified images are good enough: the observatory's rule for what cp_verify finds.

An exposure is bad if one kind of test failed in it as often as the threshold, times the majority of the detectors.
The images are refused if the majority of the exposures is bad. The observatory's script takes that majority of the
entries of the statistics, among them the overall verdict: with a single exposure nothing can ever be refused.

References
----------
lsst-ts/ts_externalscripts: python/lsst/ts/externalscripts/base_make_calibrations.py;
lsst/cp_verify: python/lsst/cp/verify/mergeResults.py (the statistics).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Verdict", "judge"]

OVERALL = "SUCCESS"
_MOST = 3
"""So many amplifiers and exposures are named in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What comes out of a verification.

    Attributes
    ----------
    passed
        Whether a calibration made of these images may be certified.
    bad
        Exposures with too many failures of one kind.
    limit
        So many bad exposures refuse it.
    failures
        Failures by kind of test, over all exposures.
    places
        By kind of test, in how many exposures it failed at each amplifier, the worst first.
    """

    passed: bool
    bad: tuple[str, ...] = ()
    limit: int = 0
    failures: Mapping[str, int]
    places: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.failures:
            return "no test failed"
        kinds = ", ".join(f"{kind} {number}{self._where(kind)}" for kind, number in sorted(self.failures.items()))
        return f"tests failed: {kinds}; bad exposures {self._bad()}, refused from {self.limit}"

    def _where(self, kind: str) -> str:
        """Say at which amplifiers a kind of test failed most."""
        places = list(self.places.get(kind, {}).items())
        if not places:
            return ""
        worst = ", ".join(f"{place} {number}" for place, number in places[:_MOST])
        return f" ({worst}{' ...' if len(places) > _MOST else ''})"

    def _bad(self) -> str:
        if not self.bad:
            return "0"
        names = ", ".join(self.bad[:_MOST])
        return f"{len(self.bad)} ({names}{' ...' if len(self.bad) > _MOST else ''})"


def judge(statistics: Mapping[str, Any], *, threshold: int, detectors: int) -> Verdict:
    """Judge the statistics of a run.

    Parameters
    ----------
    statistics
        By exposure id: ``SUCCESS`` and, if it is false, ``FAILURES`` such as ``RXX_S00 C07 NOISE``; and ``SUCCESS``
        of all.
    threshold
        Failures of one kind of test per detector that make an exposure bad.
    detectors
        Number of detectors.

    Examples
    --------
    >>> noisy = {"SUCCESS": False, "FAILURES": [f"RXX_S00 C{n} NOISE" for n in range(16)]}
    >>> print(judge({"1": noisy, "2": noisy, "3": noisy, "SUCCESS": False}, threshold=8, detectors=1))
    tests failed: NOISE 48 (C0 3, C1 3, C2 3 ...); bad exposures 3 (1, 2, 3), refused from 3
    """
    exposures = {key: value for key, value in statistics.items() if key != OVERALL}
    kinds = {key: Counter(text.split()[-1] for text in _failures(value)) for key, value in exposures.items()}
    limit = len(statistics) // 2 + 1
    worst = threshold * (detectors // 2 + 1)
    bad = tuple(key for key, counts in kinds.items() if counts and max(counts.values()) >= worst)
    passed = bool(statistics.get(OVERALL, False)) or len(bad) < limit
    return Verdict(
        passed=passed, bad=bad, limit=limit, failures=sum(kinds.values(), Counter()), places=_places(exposures.values())
    )


def _places(exposures: Iterable[Mapping[str, Any]]) -> Mapping[str, Mapping[str, int]]:
    """Count, by kind of test, the exposures in which it failed at each place: ``C07``, or ``R22_S11 C07`` of a raft."""
    found: dict[str, Counter[str]] = {}
    for exposure in exposures:
        for text in _failures(exposure):
            *place, kind = text.split()
            found.setdefault(kind, Counter())[" ".join(place).removeprefix("RXX_S00 ")] += 1
    return {kind: dict(counts.most_common()) for kind, counts in found.items()}


def _failures(exposure: Mapping[str, Any]) -> Sequence[str]:
    return [str(text) for text in exposure.get("FAILURES", ())]
