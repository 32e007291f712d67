"""Conditions that ask for a field of the last event of a topic."""

from __future__ import annotations

import pytest

from fsm import AuthorError, parse_condition
from tests.procedures.play import load, play, vocabulary

POWERED = "  - {command: Tiny.turnOn, with: {power: 0.5}}\n"


def test_a_field_is_that_of_the_last_event_in_the_canonical_unit() -> None:
    played = play(f"  - let: {{before: Tiny.lampState.power}}\n{POWERED}  - let: {{after: Tiny.lampState.power}}\n")

    assert played.error is None
    assert (played.variables["before"], played.variables["after"]) == (0.0, 500.0)


def test_a_field_of_an_event_that_never_came_is_unknown() -> None:
    played = play("  - expect: known(Tiny.levels.level)\n")

    assert str(played.error) == "Tiny.levels.level is unknown (never published)"


def test_a_wait_ends_with_the_event() -> None:
    played = play(
        f"{POWERED}  - parallel:\n    - [{{command: Tiny.openCover}}]\n"
        "    - [{wait: until Tiny.coverState.open, id: waited}]\n"
    )

    assert played.error is None
    [end] = [record["t"] for record in played.of("step") if record["step"] == "waited" and record["what"] == "done"]
    assert end == pytest.approx(15.0)


def test_an_invariant_is_broken_by_an_event() -> None:
    played = play(
        "  - id: all\n    parallel:\n"
        "      - [{command: Tiny.turnOn, with: {power: 0.5}}]\n"
        "    invariants: [Tiny.counted.times == 0]\n"
    )

    assert str(played.error) == "Tiny.counted.times is 1, not 0"


def test_a_field_whose_numbers_have_names_is_asked_for_by_name() -> None:
    from cscsim.locate import open_site

    site = open_site()

    assert str(parse_condition("ATOODS.imageInOODS.statusCode is INGESTED", site.vocabulary))
    with pytest.raises(AuthorError, match=r"INGEST_FAILED, METADATA_FAILED|did you mean INGESTED"):
        parse_condition("ATOODS.imageInOODS.statusCode is INGESTE", site.vocabulary)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("Tiny.lampstate.power > 3 W", r"did you mean Tiny\.lampState\.power\?"),
        ("Tiny.lampState.powr > 3 W", r"did you mean Tiny\.lampState\.power\?"),
        ("Tiny.lampState.power > 3 s", "is in s"),
        ("Tiny.temperature.lamp > 3 deg_C", "there is no Tiny.temperature.lamp|no name"),
    ],
)
def test_a_wrong_field_is_refused(condition, text) -> None:
    with pytest.raises(AuthorError, match=text):
        load(f"  - expect: {condition}\n")


def test_the_truth_has_no_events() -> None:
    from csc import vocabulary_of
    from tests.csc import tiny
    from tests.procedures.play import SHEET

    truth = vocabulary_of(SHEET, tiny.catalogue(), truth=True)

    with pytest.raises(AuthorError):
        parse_condition("Tiny.lampState.power > 3 W", truth)
    parse_condition("Tiny.lampState.power > 3 W", vocabulary())
