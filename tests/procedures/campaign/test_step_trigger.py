"""A fault that happens as a step of the procedure begins."""

from __future__ import annotations

import pytest

from cscsim.locate import open_site
from fsm import AuthorError, read_journal
from procedures import Rehearsal, load_procedure, load_scenario, parse_injection, rehearse
from tests.acceptance.stage import run, site, steps

WAITS = steps("{id: first, wait: 1 min}", "{id: again, repeat: {times: '3', steps: [{id: inner, wait: 10 s}]}}")


def injected_at(fault, path):
    run(WAITS, fault, journal=path)
    return [record["t"] for record in read_journal(path) if record["kind"] == "fault" and record["what"] == "injected"]


@pytest.mark.parametrize(
    ("when", "t"), [("step first", 0.0), ("step again", 60.0), ("step inner #3", 80.0), ("step inner #4", None)]
)
def test_it_happens_as_the_step_begins(tmp_path, when, t):
    assert injected_at(f"ATDome.encoder_slip@{when}", tmp_path / "run.jsonl") == ([t] if t is not None else [])


def test_it_is_written_as_it_is_read():
    text = "ATDome.silence@step sets #2 for 300 s"

    assert str(parse_injection(text, site().truth)) == text


def test_a_step_that_the_procedure_has_not_is_a_mistake():
    with pytest.raises(AuthorError, match=r"play has no step frist; did you mean first\?"):
        run(WAITS, "ATDome.encoder_slip@step frist")


def test_in_a_file_it_stands_alone(tmp_path):
    path = tmp_path / "scenario.yaml"
    text = "scenario: s\ntitle: t\nfaults:\n  - fault: ATDome.stall\n    on: {step: turn, nth: 2}\n"
    path.write_text(text)

    assert str(load_scenario(path, site().truth).faults[0]) == "ATDome.stall@step turn #2"

    path.write_text(text.replace("step: turn", "step: turn, command: ATDome.moveAzimuth"))
    with pytest.raises(AuthorError, match="say one of `command`, `transition` and `step`"):
        load_scenario(path, site().truth)


def test_a_step_in_a_file_is_one_of_its_procedure(tmp_path):
    path = tmp_path / "scenario.yaml"
    text = "scenario: s\ntitle: t\nprocedure: weekly\nfaults:\n  - fault: ATDome.stall\n    on: {step: sets}\n"
    path.write_text(text)
    auxtel = open_site()

    assert str(auxtel.scenario(str(path)).faults[0]) == "ATDome.stall@step sets #1"

    path.write_text(text.replace("step: sets", "step: setz"))
    with pytest.raises(AuthorError, match=r"scenario.yaml:6:16: weekly has no step setz; did you mean sets\?"):
        auxtel.scenario(str(path))


def test_a_scenario_with_a_step_of_another_procedure_is_refused(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text("scenario: s\ntitle: t\nfaults:\n  - fault: ATDome.stall\n    on: {step: turn}\n")
    here = site()
    procedure = load_procedure(WAITS, here.vocabulary)
    scenario = load_scenario(path, here.truth)
    rehearsal = Rehearsal(
        procedure=procedure, library=here.library, blocks=here.blocks, observatory=here.sheet, scenario=scenario
    )

    with pytest.raises(AuthorError, match="scenario s: fault ATDome.stall@step turn #1: play has no step turn"):
        rehearse(rehearsal)
