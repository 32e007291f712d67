"""The laboratory that all of these tests share; ``--scale 1`` makes it one of full size."""

from __future__ import annotations

import pytest

from tests.pipelines.acceptance.laboratory import Laboratory

SMALL = 0.2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scale", type=float, default=SMALL, help="side of the detector; 1 is full size, some 20 minutes")


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Laboratory:
    return Laboratory(request.config.getoption("--scale", SMALL))
