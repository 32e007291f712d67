"""Checks procedures with mistakes planted in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from csc import load_catalogue
from cscsim.locate import Site, open_site
from fsm import parse_condition
from procedures import load_procedure
from procedures.checking import Checker, CheckReport, Finding, load_rules
from procedures.checking.check import MOST_SITUATIONS

QUEUE = "ScriptQueue:2"
ENABLE_ATCS = {"call": {"procedure": "auxtel/enable_atcs.py", "via": QUEUE}}
ENABLE_LATISS = {
    "call": {"procedure": "auxtel/enable_latiss.py", "config": {"atspectrograph": "anytime_survey.yaml"}, "via": QUEUE}
}
ENABLE_LIGHT = {"summary_state": {"of": "ATWhiteLight", "to": "ENABLED"}}
LIGHT_ON = {"call": {"procedure": "auxtel/calibrations/power_on_atcalsys.py"}}
LIGHT_OFF = {"call": {"procedure": "auxtel/calibrations/power_off_atcalsys.py"}}
FLAT = {"call": {"procedure": "auxtel/prepare_for/flat.py"}}


@cache
def site() -> Site:
    return open_site("auxtel")


def checker(*assume: str, limit: int = MOST_SITUATIONS) -> Checker:
    here = site()
    return Checker(
        library=here.library,
        blocks=here.blocks,
        observatory=here.sheet,
        vocabulary=here.vocabulary,
        catalogue=load_catalogue(),
        rules=load_rules(here.vocabulary),
        assume=[parse_condition(text, here.vocabulary) for text in assume],
        limit=limit,
    )


def play(*steps: Mapping[str, Any], assume: tuple[str, ...] = (), **keys: Any) -> CheckReport:
    """Check a rehearsal of these steps."""
    import yaml

    document = {"procedure": "play", "kind": "rehearsal", "title": "a play", "steps": list(steps), **keys}
    procedure = load_procedure(yaml.safe_dump(document, sort_keys=False), site().vocabulary)
    return checker(*assume).check(procedure)


def refuted(report: CheckReport, words: str) -> Finding:
    """Return the one refuted finding with these words in its condition or in what was seen."""
    found = [each for each in report.refuted if words in each.that or words in each.seen]
    assert found, [f"{each.where}: {each.what} {each.that} ({each.seen})" for each in report.refuted]
    return found[0]
