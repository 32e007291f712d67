"""For workers of tests: they say that their code is that of the tests, which may be edited while tests run."""

from __future__ import annotations

from procedures.campaign import origin

MARK = "the code of the tests"


def dask_setup(worker: object) -> None:
    """Be called by a worker as it begins."""
    vars(origin)["_code"] = lambda: MARK
