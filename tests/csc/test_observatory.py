from __future__ import annotations

from pathlib import Path

import pytest

from csc import Observatory, load_observatory
from csc.observatory import tai_from_iso
from fsm import AuthorError, AuthorErrors, Clock, Journal, Name, Quantity, States, simulate
from tests.csc.rig import Rig
from tests.csc.tiny import SHEETS, catalogue, run

OBSERVATORIES = SHEETS.parent / "observatories"
SHEETS_READ = catalogue("tiny", "peer", "many")

# One file for each rule, named after what is wrong with it; its first line says what its author is told.
BAD = sorted((OBSERVATORIES / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_mistake_is_told_with_its_place_and_the_nearest_spelling(path: Path) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("# ")

    with pytest.raises(AuthorErrors) as caught:
        load_observatory(path, SHEETS_READ)

    assert [str(error) for error in caught.value.errors] == [f"{path.name}:{expected}"]


def test_all_mistakes_of_a_file_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    text = (OBSERVATORIES / "tiny.yaml").read_text()
    path.write_text(text.replace("ENABLED", "ENABELD").replace('"ON"', "OON").replace("[Tiny", "[Tinny"))

    with pytest.raises(AuthorErrors) as caught:
        load_observatory(path, SHEETS_READ)

    assert [error.line for error in caught.value.errors] == [5, 5, 8]


def test_components_begin_as_the_file_says() -> None:
    sheet = load_observatory(OBSERVATORIES / "tiny.yaml", SHEETS_READ)

    async def main(clock: Clock) -> None:
        async with Observatory(sheet, clock, Journal(lambda: clock.now), catalogue=SHEETS_READ) as observatory:
            tiny = observatory.find("Tiny")
            assert (tiny.summary_state, tiny.machines["lamp"].state) == ("ENABLED", "ON")
            assert tiny.parameters["warmup"] == 20.0
            assert observatory.find("Peer").summary_state == "STANDBY"
            assert list(observatory.group("Both", "test").remotes) == ["Tiny", "Peer"]

    simulate(main)


def test_the_start_is_tai() -> None:
    assert tai_from_iso("1970-01-01T00:00:10") == 10.0
    assert load_observatory(OBSERVATORIES / "tiny.yaml", SHEETS_READ).tai_start == 1_768_482_000.0


def test_a_component_is_found_by_its_alias() -> None:
    assert SHEETS_READ.find("Several").component == "Many"
    with pytest.raises(AuthorError, match=r"^there is no component Severel; did you mean Several\?$"):
        SHEETS_READ.find("Severel")


def test_a_component_that_is_not_there_is_not_found() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AuthorError, match=r"^there is no component Tinny here; did you mean Tiny\?$"):
            rig.observatory.find("Tinny")

    run(scenario)


def test_two_components_of_one_kind_are_apart() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.enable("Many:1")

        assert (rig.state("Many:1"), rig.state("Many:2")) == ("ENABLED", "STANDBY")
        assert rig.remote("Many:2").summary_state == "STANDBY"

    run(scenario, "Many:1", "Many:2", sheets=SHEETS_READ, states={})


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        (("Tiny",), States(("OFFLINE", "STANDBY", "DISABLED", "ENABLED", "FAULT"))),
        (("Both",), States(("OFFLINE", "STANDBY", "DISABLED", "ENABLED", "FAULT"))),
        (("Tiny", "lamp"), States(("OFF", "WARMUP", "ON", "BROKEN"))),
        (("Tiny", "set_power"), Quantity("W")),
        (("Tiny", "counter"), None),
        (("Tiny", "warmup"), None),
        (("Tinny",), None),
    ],
)
def test_procedures_may_name_what_is_published(parts: tuple[str, ...], subject: object) -> None:
    sheet = load_observatory(OBSERVATORIES / "tiny.yaml", SHEETS_READ)

    async def main(clock: Clock) -> object:
        observatory = Observatory(sheet, clock, Journal(lambda: clock.now), catalogue=SHEETS_READ)
        return observatory.vocabulary().describe(Name(parts))

    assert simulate(main) == subject


def test_an_instructor_may_name_what_is_not_published_too() -> None:
    sheet = load_observatory(OBSERVATORIES / "tiny.yaml", SHEETS_READ)

    async def main(clock: Clock) -> object:
        observatory = Observatory(sheet, clock, Journal(lambda: clock.now), catalogue=SHEETS_READ)
        return observatory.vocabulary(truth=True).describe(Name(("Tiny", "counter")))

    assert simulate(main) == States(("NEVER", "SOMETIMES"))
