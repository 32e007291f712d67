from __future__ import annotations

import pytest

from tests.cscsim.console.talking import console, plan_of


@pytest.fixture
def training(tmp_path):
    """A console with a first weekly calibration."""
    with console(tmp_path, plan_of(training="first_weekly")) as opened:
        yield opened


@pytest.fixture
def free(tmp_path):
    """A console with an observatory in which nothing is to be learnt, at full speed."""
    with console(tmp_path, plan_of("auxtel"), speed=float("inf")) as opened:
        yield opened
