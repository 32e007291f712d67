"""Parameter sets: what a file may say, and what stands above what."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc import Observatory, load_observatory, load_parameter_set
from fsm import AuthorErrors, Clock, Journal, simulate
from tests.csc.tiny import SHEETS, catalogue

SHEETS_READ = catalogue("tiny", "peer", "many")
TINY = SHEETS.parent / "observatories" / "tiny.yaml"
QUICK = """\
parameter_set: quick
title: A quick lamp
components:
  Tiny: {warmup: 5 s, tries: 2}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "quick.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_replaces_the_data_sheets_values_and_yields_to_the_observatory(tmp_path: Path) -> None:
    quick = load_parameter_set(written(tmp_path, QUICK), SHEETS_READ)
    sheet = load_observatory(TINY, SHEETS_READ).with_parameters(quick)

    async def main(clock: Clock) -> None:
        async with Observatory(sheet, clock, Journal(lambda: clock.now), catalogue=SHEETS_READ) as observatory:
            parameters = observatory.find("Tiny").parameters
            assert parameters["tries"] == 2
            assert parameters["warmup"] == 20.0  # the observatory gives its own

    assert sheet.parameter_set == "quick"
    simulate(main)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("Tiny: {warmup: 5 s", "Tinny: {warmup: 5 s|quick.yaml:4:10: there is no component Tinny; did you mean Tiny?"),
        ("warmup", "warmpu|quick.yaml:4:18: Tiny has no parameter warmpu; did you mean warmup?"),
        ("5 s", "5 deg|quick.yaml:4:18: warmup=5 deg: a quantity in s is expected"),
        ("title", "titel|quick.yaml:2:1: .*titel.*title"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, wrong: str, told: str) -> None:
    replacement, _, message = told.partition("|")

    with pytest.raises(AuthorErrors, match=message):
        load_parameter_set(written(tmp_path, QUICK.replace(wrong, replacement)), SHEETS_READ)
