"""The page of what was explored: as complete as `make explore` left it, its explanations about what there is."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

from csc import load_catalogue
from csc.exploration import KINDS, Exploration, Finding, Part, explore_components
from csc.exploration.findings import row_text
from tests.docs.blocks import DOCS

CATALOGUE = load_catalogue()
PAGE = (DOCS / "explanation" / "explored-machines.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages() -> Any:
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        yield importlib.import_module("explored_machines")
    finally:
        sys.path.remove(str(DOCS / "_ext"))


@pytest.fixture(scope="module")
def texts(pages) -> Any:
    return pages.explanations()


@pytest.fixture(scope="module")
def sound() -> Exploration:
    parts = [Part(name=name, plan=plan) for name, plan in sorted(CATALOGUE.items())]
    return explore_components(parts, CATALOGUE, together=False)


def subjects(component: str) -> set[str]:
    """Return everything that findings about a component may be about."""
    plan = CATALOGUE[component]
    machines = dict(plan.machines) | ({"summary": plan.summary_chart} if plan.summary_chart is not None else {})
    found = {f"{machine} {state}" for machine, chart in machines.items() for state in chart.state_names}
    found |= {row_text(machine, row) for machine, chart in plan.machines.items() for row in chart.transitions}
    part = Part(name=component, plan=plan)
    found |= {f"{where}: {condition}" for where, _, _, condition in part.invariants()}
    return found | {*part.orphans, *plan.faults, "nothing leads on", "to ENABLED"}


def test_every_explanation_is_about_something_that_the_data_sheets_have(texts) -> None:
    everything = set().union(*map(subjects, CATALOGUE))

    for component, keys in texts.items():
        known = everything if component == "all" else subjects(component)
        for key in keys:
            kind, _, subject = key.partition(": ")
            assert kind in KINDS, key
            assert subject in known, f"{component}: {key}; run `make explore`"


def test_what_goes_wrong_in_sound_components_is_explained(pages, texts, sound: Exploration) -> None:
    grave = [each for each in sound.findings if each.kind in ("deadlock", "broken invariant", "no way back", "outside")]

    assert pages.unexplained(grave, texts) == []


def test_the_page_has_every_component_and_leaves_nothing_unexplained(texts, sound: Exploration) -> None:
    assert all(f"| `{name}` |" in PAGE for name in CATALOGUE)
    assert "NOT EXPLAINED" not in PAGE
    assert all(" ".join(text.split())[:40].replace("`", "") in PAGE.replace("`", "").replace("\\", "")
               for keys in texts.values() for text in keys.values())  # fmt: skip


def test_the_page_says_how_much_there_is_of_each_component(sound: Exploration) -> None:
    rows = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `") and line.count("|") >= 6}

    for group in sound.groups:
        [name] = group.components
        number = f"{group.situations:,}".replace(",", " ")
        assert f"| {number} |" in rows[name], f"{name} has {number} situations; run `make explore`"


def test_a_finding_without_an_explanation_and_an_explanation_without_a_finding_are_told(pages) -> None:
    findings = [
        Finding(kind="dead state", component="Lamp", subject="bulb BROKEN"),
        Finding(kind="dead row", component="Lamp", subject="bulb: hit from ON to BROKEN"),
        Finding(kind="overlap", component="Lamp", subject="needs none"),
    ]
    texts = {"all": {"dead state: bulb BROKEN": "why"}, "Lamp": {"dead row: gone": "why"}}

    assert [each.key for each in pages.unexplained(findings, texts)] == ["dead row: bulb: hit from ON to BROKEN"]
    assert pages.stale(findings, texts) == ["Lamp: dead row: gone"]
