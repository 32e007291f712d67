"""The page of faults that nobody notices: every run that it tells of comes out as it says, and no fault is missing."""

from __future__ import annotations

import importlib
import re
import sys
from functools import cache
from typing import Any

import pytest

from cscsim.campaign_opening import open_case
from cscsim.campaign_plan import Plan, declared_faults, plan_cases
from procedures.campaign import Case, Run, Verdict, judge, run_case
from procedures.campaign.witness import Limits
from tests.docs.blocks import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
try:
    silent_faults: Any = importlib.import_module("silent_faults")
finally:
    sys.path.remove(str(DOCS / "_ext"))

PAGE = silent_faults.PAGE.read_text(encoding="utf-8")
UNNOTICED = ("silent", "stuck")


def told(heading: str) -> list[list[str]]:
    """Return the last table below a heading, row by row."""
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, flags=re.MULTILINE)
    return [[cell.strip() for cell in row.strip().strip("|").split(" | ")] for row in tables[-1].splitlines()[2:]]


def names(cell: str) -> list[str]:
    """Return the names in a cell, in backquotes or not."""
    return [name.strip().strip("`") for name in cell.split(",")]


@cache
def baseline(case: Case) -> Run:
    return run_case(case, open_case)


@cache
def verdict(procedure: str, fault: str, at: str = "beginning") -> Verdict:
    """Judge a fault at a moment as a campaign does, once for all that ask."""
    [case] = plan_cases(Plan(name="test", procedures=(procedure,), faults=(fault,), at=(at,)), lambda case: 0.0)
    usual = baseline(case.baseline)
    return judge(run_case(case, open_case, limits=Limits.beside(usual)), usual)


def agrees(found: Verdict, cell: str) -> None:
    """Hold a verdict against what a cell says that notices the fault."""
    if found.detected_by is None:
        assert f"({found.classification})" in cell
    else:
        assert cell.startswith(f"`{found.detected_by}`") or cell.startswith(f"`` {found.detected_by} ``")


BEGINNING = told("From the beginning")
STEPS = [(row[0], names(row[1])[-1], row[3]) for row in told("At the beginning of")]
ALONE = [(row[0], names(row[1])[-1]) for row in told("What the conditions")]


@pytest.mark.parametrize(("fault", "procedure", "guarded"), [(row[0], row[1], row[3]) for row in BEGINNING])
def test_a_fault_from_the_beginning_is_silent_until_it_is_guarded_against(fault, procedure, guarded) -> None:
    [name] = names(fault)

    assert verdict(procedure, name).classification in UNNOTICED
    agrees(verdict(silent_faults.GUARDED.format(procedure), name), guarded)


@pytest.mark.parametrize(("fault", "step", "guarded"), STEPS)
def test_a_fault_at_a_step_of_weekly_is_silent_until_it_is_guarded_against(fault, step, guarded) -> None:
    [name] = names(fault)

    assert verdict("weekly", name, step).classification in UNNOTICED
    agrees(verdict("weekly-guarded", name, step), guarded)


@pytest.mark.parametrize(("fault", "moment"), ALONE)
def test_a_fault_is_not_noticed_where_the_blocks_are_alone(fault, moment) -> None:
    [name] = names(fault)

    assert verdict(str(silent_faults.ALONE), name, moment).classification in UNNOTICED


@pytest.mark.parametrize("fault", declared_faults(Plan(name="", procedures=("weekly",)).site("weekly")))
def test_the_guarded_weekly_calibrations_let_no_fault_pass(fault) -> None:
    found = verdict("weekly-guarded", fault)

    assert found.classification not in (*UNNOTICED, "crashed", "not_injected"), found.because


def test_all_that_is_silent_in_the_daily_calibrations_is_told() -> None:
    site = Plan(name="", procedures=("daily",)).site("daily")

    silent = {fault for fault in declared_faults(site) if verdict("daily", fault).classification in UNNOTICED}

    assert silent == {name for row in BEGINNING if row[1] == "daily" for name in names(row[0])}
