"""The tiny sheets of tests/data/sheets, and how a test gives them a behaviour."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from csc import Behaviour, Catalogue
from csc.catalogue import read_sheets
from tests.csc import rig
from tests.csc.rig import Rig

SHEETS = Path(__file__).parents[1] / "data" / "sheets"

Scenario = Callable[[Rig], Any]


@cache
def catalogue(*names: str) -> Catalogue:
    """Read tiny sheets by name."""
    return read_sheets([SHEETS / f"{name}.yaml" for name in names or ("tiny", "peer")])


def run(scenario: Scenario, *components: str, **arguments: Any) -> Any:
    """Run a scenario with tiny components, Tiny alone if none is named; they begin in ENABLED."""
    names = components or ("Tiny",)
    arguments.setdefault("states", dict.fromkeys(names, "ENABLED"))
    return rig.run(scenario, *names, catalogue=arguments.pop("sheets", catalogue()), **arguments)


def give(monkeypatch: Any, **behaviours: type[Behaviour]) -> None:
    """Let components of these names have behaviours."""
    monkeypatch.setattr("csc.observatory.behaviour_of", lambda plan: behaviours.get(plan.component))
