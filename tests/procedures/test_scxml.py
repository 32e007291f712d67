"""Procedures as SCXML: an independent engine follows rehearsals by what their journals say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fsm import Record, read_journal
from procedures import Procedure, Rehearsal, rehearse
from procedures.scxml import scxml_procedure, token
from tests.csc.test_scxml import check_scxml
from tests.fsm.diagrams.engine import running
from tests.procedures.play import load, play
from tests.procedures.test_flowchart import HOMES, NAMES, procedure


def follow(plan: Procedure, records: list[Record], who: str, *, passed: bool) -> str:
    """Give an engine what a journal says of a procedure's steps, and check that each begins where it should.

    Returns
    -------
    str
        The state in which it ends: done or failed.
    """
    with running(scxml_procedure(plan)) as engine:
        for record in records:
            if record["kind"] == "step" and record["who"] == who and "/" not in record["step"]:
                engine.give(f"{record['what']}.{token(record['step'])}")
                if record["what"] == "started":
                    assert f"step.{token(record['step'])}" in engine.states
        engine.give("passed" if passed else "broken")
        [end] = engine.states & {"done", "failed"}
        return end


A, B, C = ("{id: a, wait: 1 s}", "{id: b, wait: 2 s}", "{id: c, wait: 3 s}")
LOOP = "for_each: {{item: n, of: '{}', steps: [{}]}}"
PLAYS: dict[str, str] = {
    "in order": f"- {A}\n- {B}",
    "numbered": "- wait: 1 s\n- {when: Tiny.lamp is OFF, then: [{wait: 1 s}, {wait: 2 s}]}\n- wait: 1 s",
    "when it is": f"- {{id: w, when: Tiny is ENABLED, then: [{A}], otherwise: [{B}]}}\n- {C}",
    "when it is not": f"- {{id: w, when: Tiny is FAULT, then: [{A}], otherwise: [{B}]}}\n- {C}",
    "when without otherwise": f"- {{id: w, when: Tiny is FAULT, then: [{A}]}}\n- {C}",
    "for each": f"- {{id: f, {LOOP.format('[1, 2, 3]', f'{A}, {B}')}}}\n- {C}",
    "for none": f"- {{id: f, {LOOP.format('[]', A)}}}\n- {C}",
    "repeat": f"- {{id: r, repeat: {{times: 3, steps: [{A}]}}}}\n- {C}",
    "side by side": f"- {{id: p, parallel: [[{A}, {C}], [{B}]]}}\n- {{id: d, wait: 1 s}}",
    "background": f"- {{id: g, background: t, steps: [{A}, {B}]}}\n- {C}\n- join: {{tasks: [t], limit: 9 s}}",
    "warned": f"- {{id: x, expect: Tiny is FAULT, on_failure: warn}}\n- {B}",
    "mended": f"- {{id: x, expect: Tiny is FAULT, on_failure: [{A}, {B}]}}\n- {C}",
}


@pytest.mark.parametrize("steps", PLAYS.values(), ids=PLAYS)
def test_an_engine_follows_a_procedure_to_its_end(steps: str) -> None:
    played = play(steps)

    assert played.error is None
    assert follow(load(steps), played.records, "play", passed=True) == "done"


FAILING: dict[str, tuple[str, str]] = {
    "a step": ("- {id: a, expect: Tiny is FAULT}\n- {id: b, wait: 1 s}", ""),
    "inside": ("- {id: w, when: Tiny is ENABLED, then: [{id: a, expect: Tiny is FAULT}]}\n- {id: b, wait: 1 s}", ""),
    "a branch": (
        "- {id: p, parallel: [[{id: a, wait: 9 s}], [{id: b, wait: 1 s}, {id: c, expect: Tiny is FAULT}]]}",
        "",
    ),
    "cleaned up": (
        "- {id: a, expect: Tiny is FAULT}",
        "on_failure: [{id: x, wait: 1 s}]\ncleanup: [{id: y, wait: 1 s}]",
    ),
    "before": ("- {id: a, wait: 1 s}", "preconditions: [Tiny is FAULT]"),
    "afterwards": ("- {id: a, wait: 1 s}", "postconditions: [Tiny is FAULT]"),
}


@pytest.mark.parametrize(("steps", "head"), FAILING.values(), ids=FAILING)
def test_an_engine_follows_a_procedure_that_fails(steps: str, head: str) -> None:
    played = play(steps, head=head)

    assert played.error is not None
    assert follow(load(steps, head), played.records, "play", passed=False) == "failed"


def test_a_step_that_comes_out_of_turn_is_noticed() -> None:
    steps = "- {id: a, wait: 1 s}\n- {id: b, wait: 1 s}"
    records: list[Any] = [
        {"kind": "step", "who": "play", "step": step, "what": what} for step in "ba" for what in ("started", "done")
    ]

    with pytest.raises(AssertionError):
        follow(load(steps), records, "play", passed=True)


@pytest.mark.parametrize("name", ["daily", "misalignment"])
def test_an_engine_follows_a_rehearsal_and_every_script_that_its_queue_runs(name: str, tmp_path: Path) -> None:
    site = HOMES.of(name)
    journal = tmp_path / "journal.jsonl"
    rehearsal = Rehearsal(
        procedure=site.procedure(name),
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        journal=journal,
    )

    report = rehearse(rehearsal)

    records = [dict(record) for record in read_journal(journal)]
    described = [record for record in records if record["kind"] == "event" and record["topic"] == "description"]
    scripts = {record["who"]: record["data"]["classname"] for record in described}
    assert report.outcome == "passed"
    assert len(scripts) >= 5
    for who, script in {"observer": name, **scripts}.items():
        assert follow(site.library.find(script), records, who, passed=True) == "done", script


@pytest.mark.parametrize("name", NAMES)
def test_the_document_of_every_procedure_keeps_the_rules_and_begins(name: str) -> None:
    text = scxml_procedure(procedure(name))

    check_scxml(text)
    with running(text) as engine:
        assert "before" in engine.states
