"""A block whose configuration a procedure overrides: what its scripts get, and what is refused."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cscsim.locate import open_site
from fsm import Record
from procedures import Rehearsal, Report, load_procedure, rehearse

ADDED = """\
procedure: added
kind: rehearsal
title: a block
begins: {{states: {{LATISS: ENABLED, "OCPS:1": ENABLED, "Scheduler:2": ENABLED}}}}
steps:
  - {{id: block, block: BLOCK-295, override: {override}, timeout: 4 h}}
"""


class Pipelines:
    """Counts the pipelines that OCPS is asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def begin(self, *_: Any) -> None:
        """Begin."""

    def see(self, record: Record) -> None:
        if record["kind"] == "command" and record["command"] == "execute":
            self.asked[str(record["data"]["pipeline"]).rpartition("/")[2]] += 1


def carry_out(override: str) -> tuple[Report, Counter[str]]:
    site, pipelines = open_site(), Pipelines()
    procedure = load_procedure(ADDED.format(override=override), site.vocabulary)
    rehearsal = Rehearsal(procedure=procedure, library=site.library, blocks=site.blocks, observatory=site.sheet, seed=1)
    return rehearse(rehearsal, spectator=pipelines), pipelines.asked


@pytest.mark.parametrize(("override", "generated"), [("{generate_calibrations: true}", True), ("{}", False)])
def test_scripts_get_what_is_overridden(override, generated) -> None:
    _, asked = carry_out(override)  # the first set; LATISS has not the filters of the others

    assert asked["verifyFlat.yaml"] == 1
    assert ("cpFlat.yaml" in asked) is generated


def test_null_leaves_a_value_as_the_block_has_it() -> None:
    assert carry_out("{generate_calibrations: null}")[1] == carry_out("{}")[1]


def test_a_value_that_the_block_does_not_take_is_refused() -> None:
    report, _ = carry_out("{generate: true}")

    assert not report.passed
    assert "generate" in report.because
