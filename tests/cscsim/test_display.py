"""The live display: what it shows, that it fits, and that a rehearsal does not notice it."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from csc import load_catalogue
from cscsim.chronicle import Chronicle
from cscsim.display import Display
from cscsim.gauges import GAUGES
from cscsim.locate import open_site
from procedures import Rehearsal, Scenario, parse_injection, rehearse
from tests.cscsim.cli import DATA, LIGHT


class Photographer(Display):
    """Takes a picture of the display whenever a record is of a kind."""

    def __init__(self, *, width: int, height: int, when) -> None:
        self.paper = Console(file=io.StringIO(), width=width, height=height, force_terminal=False)
        super().__init__(Console(file=io.StringIO(), width=width, height=height, force_terminal=True), Chronicle())
        self.when = when
        self.pictures: list[str] = []

    def see(self, record) -> None:
        super().see(record)
        if self.when(record):
            with self.paper.capture() as capture:
                self.paper.print(self.render())
            self.pictures.append(capture.get())


def rehearsal(name: str, observatory: str = "auxtel", **changes) -> Rehearsal:
    site = open_site(observatory)
    faults = tuple(parse_injection(text, site.truth) for text in changes.pop("faults", ()))
    return Rehearsal(
        procedure=site.procedure(name),
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        faults=faults,
        **changes,
    )


def warming_up(record):
    return record["kind"] == "transition" and record["machine"] == "lamp" and record["state"] == "WARMUP"


def pictures_of(plan: Rehearsal, when, *, width: int = 100, height: int = 40) -> list[str]:
    display = Photographer(width=width, height=height, when=when)
    try:
        rehearse(plan, spectator=display)
    finally:
        display.end()
    return display.pictures


def test_step_states_and_lamp_messages_are_shown():
    plan = rehearsal(LIGHT, str(DATA / "small.yaml"), faults=["ATWhiteLight.bulb_will_not_ignite:times=1"])

    (picture,) = pictures_of(plan, warming_up)

    assert picture.startswith("Light on the screen ─")
    assert "step   lamp  Light the lamp" in picture
    assert " E  ATWhiteLight" in picture
    assert "lamp    WARMUP" in picture
    assert "Timed out waiting for light, attempt 1 of 3" in picture
    assert "about 18 min" in picture


def test_the_script_of_the_queue_and_its_checkpoint_are_shown():
    picture = pictures_of(rehearsal("weekly"), warming_up)[0]

    assert "auxtel/calibrations/power_on_atcalsys.py  RUNNING" in picture
    assert "at checkpoint Turning on lamp" in picture


def test_the_latest_image_is_shown_with_its_counts():
    def read_out(record):
        return record["kind"] == "event" and record["topic"] == "imageInOODS"

    last = pictures_of(rehearsal("daily"), read_out)[-1]

    assert "image   44  AT_O_20260115_000044  DARK 30 s" in last
    assert " adu" in last


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 12)])
def test_it_fits_the_terminal(width, height):
    def often(record):
        return record["n"] % 2000 == 0

    for picture in pictures_of(rehearsal("weekly"), often, width=width, height=height):
        lines = picture.splitlines()
        assert max(len(line) for line in lines) <= width
        assert width < 80 or len(lines) <= height


def test_time_goes_on_between_two_events_at_a_finite_speed():
    plan = rehearsal(LIGHT, str(DATA / "small.yaml"), speed=1e6)

    first, second = pictures_of(plan, lambda record: record["n"] in (60, 61))

    assert first.split("simulated ")[1][:7] < second.split("simulated ")[1][:7]


def test_a_rehearsal_does_not_notice_who_watches():
    plan = rehearsal(LIGHT, str(DATA / "small.yaml"))

    alone = rehearse(plan).digest
    remembered = rehearse(plan, spectator=Chronicle()).digest
    display = Display(Console(file=io.StringIO(), force_terminal=True), Chronicle())
    shown = rehearse(plan, spectator=display).digest
    display.end()

    assert alone == remembered == shown


def test_every_gauge_reads_what_components_publish():
    catalogue = load_catalogue()
    for gauge in GAUGES:
        for _, component, what, _ in gauge.parts:
            assert catalogue[component].published(what), f"{component}.{what}"


def test_a_scenario_is_named_but_its_faults_are_not():
    faults = (parse_injection("ATDome.encoder_slip:slip=2deg", open_site(str(DATA / "small.yaml")).truth),)
    scenario = Scenario(name="surprise", title="Something is wrong", faults=faults)
    plan = rehearsal(LIGHT, str(DATA / "small.yaml"), scenario=scenario, speed=math.inf)

    (picture,) = pictures_of(plan, warming_up)

    assert "scenario surprise" in picture
    assert "slip" not in picture
