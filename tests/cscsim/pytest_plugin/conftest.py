"""What the runs of pytest within this process share."""

from __future__ import annotations

import importlib

import pytest

from tests.acceptance.stage import weekly


@pytest.fixture(scope="session", autouse=True)
def _all_is_loaded() -> None:
    """Load what a run needs before the first: pytester forgets what is loaded in one, and numpy is loaded only once."""
    importlib.import_module("cscsim.pytest_plugin.running")
    importlib.import_module("cscsim.pytest_plugin.rehearsing")
    assert weekly().passed
