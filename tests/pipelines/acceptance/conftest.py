"""The laboratory that all of these tests share; ``--scale 1`` makes it one of full size."""

from __future__ import annotations

import os

import pytest

from tests.pipelines.acceptance.laboratory import Laboratory

SMALL = 0.2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scale", type=float, default=SMALL, help="side of the detector; 1 is full size, some 20 minutes")


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Make a laboratory that shares its calibrations with the other processes which tests are spread over."""
    spread = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    shelf = tmp_path_factory.getbasetemp().parent / f"laboratory-{spread}" if spread else None
    if shelf is not None:
        shelf.mkdir(exist_ok=True)
    return Laboratory(request.config.getoption("--scale", SMALL), shelf)
