"""What a verification says of a run, in lines for people: how many exposures passed, and what failed how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lsst.daf.butler import Butler, MissingCollectionError

from pipelines.middleware.errors import RepositoryFault

__all__ = ["RUN_STATISTICS", "report_lines", "run_statistics"]

RUN_STATISTICS = ("verifyBiasStats", "verifyDarkStats", "verifyFlatStats", "verifyDefectStats")
"""Dataset types of the results of a run."""
_ALL = "SUCCESS"


def run_statistics(butler: Butler, collection: str) -> tuple[str, Mapping[Any, Any]]:
    """Return the dataset type and the newest results of the verification that a collection holds.

    Raises
    ------
    RepositoryFault
        If there is no such collection, or no verification in it.
    """
    try:
        butler.collections.get_info(collection)
    except MissingCollectionError:
        raise RepositoryFault(f"{collection}: there is no such collection") from None
    for name in RUN_STATISTICS:
        for ref in butler.query_datasets(name, collections=collection, find_first=True, explain=False):
            results: Mapping[Any, Any] = butler.get(ref)
            return name, results
    raise RepositoryFault(f"{collection}: no verification of bias, dark, flat or defects in it")


def report_lines(name: str, results: Mapping[Any, Any]) -> Iterator[str]:
    r"""Yield the lines of a report: the tests that failed, those first that failed in most exposures.

    Examples
    --------
    >>> bad = {"SUCCESS": False, "FAILURES": ["RXX_S00 C07 NOISE"]}
    >>> print(*report_lines("verifyBiasStats", {1: bad, 2: {"SUCCESS": True}, "SUCCESS": False}), sep="\n")
    verifyBiasStats: 1 of 2 exposures passed
    RXX_S00 C07 NOISE failed in 1 of 2
    """
    exposures = {key: value for key, value in results.items() if key != _ALL}
    passed = sum(bool(found[_ALL]) for found in exposures.values())
    yield f"{name}: {passed} of {len(exposures)} exposures passed"
    failures = Counter(failure for found in exposures.values() for failure in found.get("FAILURES", ()))
    for failure, count in sorted(failures.items(), key=lambda each: (-each[1], each[0])):
        yield f"{failure} failed in {count} of {len(exposures)}"
    if passed == len(exposures) and not results.get(_ALL, True):
        yield "each exposure passed, all of them together did not"
