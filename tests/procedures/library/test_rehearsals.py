"""The rehearsals of calibrations, on a good day and on bad ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from csc import load_catalogue, vocabulary_of
from csc.observatory import Observatory
from cscsim.locate import open_home
from fsm import AuthorError, Record, load_document
from procedures import (
    Blocks,
    Library,
    Rehearsal,
    Report,
    Scenario,
    load_procedure,
    parse_injection,
    rehearse,
    validate_config,
)
from tests.procedures.library.perform import LATISS, sheet

LIBRARY = Path(__file__).parents[3] / "procedures" / "library"
OWN = {
    "afternoon": """
procedure: afternoon
kind: rehearsal
title: the weekly procedure, what helps where it fails, and the weekly procedure again
steps:
  - {id: first, call: {procedure: weekly}, on_failure: warn}
  - {id: help, call: {procedure: misalignment}}
  - {id: again, call: {procedure: weekly}}
""",
    "busy": """
procedure: busy
kind: rehearsal
title: the weekly procedure while others use the queue
steps:
  - call: {procedure: auxtel/enable_atcs.py, via: "ScriptQueue:2", wait: false}
  - call: {procedure: weekly}
""",
}
"""Rehearsals of rehearsals, in one observatory."""


@dataclass
class Observer:
    """Answers yes to all but one question, and remembers what was asked and announced."""

    refuses: str = "never asked"
    said: list[str] = field(default_factory=list)

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        self.said.append(question)
        return self.refuses not in question

    async def announce(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Watcher:
    """Keeps every record."""

    records: list[Record] = field(default_factory=list)

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        pass

    def see(self, record: Record) -> None:
        self.records.append(record)

    def commands(self, component: str) -> list[str]:
        return [r["command"] for r in self.records if r["kind"] == "command" and r["who"] == component]

    def scripts(self) -> list[str]:
        """Paths of the scripts that were added to the queue, in order."""
        return [
            r["data"]["path"]
            for r in self.records
            if r["kind"] == "command" and r["who"] == "ScriptQueue:2" and r["command"] == "add"
        ]


@dataclass
class Play:
    report: Report
    observer: Observer
    watcher: Watcher

    def outcomes(self) -> dict[str, str]:
        """How each of the rehearsal's own steps ended."""
        return {step.id: step.outcome for step in self.report.steps}

    def counts(self, **where: Any) -> list[float]:
        return [
            image.counts
            for image in self.report.images
            if all(getattr(image, key) == value for key, value in where.items())
        ]

    def state(self, component: str, machine: str | None = None) -> str:
        seen = self.report.components[component]
        return str(seen["machines"][machine] if machine else seen["summary_state"])


def play(
    name: str,
    *faults: str,
    config: dict[str, Any] | None = None,
    refuses: str = "never asked",
    scenario: Scenario | None = None,
) -> Play:
    catalogue = load_catalogue()
    vocabulary = vocabulary_of(sheet(), catalogue)
    library = Library(vocabulary)
    truth = vocabulary_of(sheet(), catalogue, truth=True)
    rehearsal = Rehearsal(
        procedure=load_procedure(OWN[name], vocabulary) if name in OWN else library.find(name),
        library=library,
        blocks=Blocks(library),
        observatory=sheet(),
        seed=1,
        config=config or {},
        scenario=scenario,
        faults=tuple(parse_injection(fault, truth) for fault in faults),
    )
    observer, watcher = Observer(refuses), Watcher()
    return Play(rehearse(rehearsal, asker=observer, spectator=watcher), observer, watcher)


@cache
def weekly() -> Play:
    """The weekly procedure on a good day; only looked at."""
    return play("weekly")


@cache
def weekly_with_slip() -> Play:
    return play("weekly", "ATDome.encoder_slip")


# ------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    "path", sorted(path for path in LIBRARY.rglob("*.yaml") if "blocks" not in path.parts), ids=lambda path: path.name
)
def test_every_file_of_the_library_loads_at_home_under_its_own_name(path: Path) -> None:
    folder, *parts = path.relative_to(LIBRARY).with_suffix("").parts
    name = "/".join(parts) + (".py" if folder == "scripts" else "")

    procedure = open_home(name).library.find(name)

    assert procedure.name == name == load_document(path).data["procedure"]  # type: ignore[index, call-overload]
    assert f"{procedure.kind}s" == folder


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("weekly", {"scheduler": "x"}, r"there is no key scheduler"),
        ("weekly", {"scheduler_configuration": None}, "scheduler_configuration: None is not of type 'string'"),
        ("daily", {"latiss_configuration": None}, "there is no key latiss_configuration"),
        ("misalignment", {"latiss_configuration": 3}, "latiss_configuration: 3 is not valid"),
    ],
)
def test_a_rehearsal_refuses_a_wrong_configuration(name: str, config: dict[str, Any], message: str) -> None:
    procedure = Library(vocabulary_of(sheet(), load_catalogue())).find(name)

    with pytest.raises(AuthorError, match=message):
        validate_config(procedure, config)


# ----------------------------------------------------------------------- weekly


def test_the_weekly_calibrations_pass() -> None:
    report = weekly().report

    assert (report.outcome, report.because, report.violations) == ("passed", "", ())
    assert 6000 < report.simulated_seconds < 8000


def test_the_weekly_calibrations_run_these_scripts_in_order() -> None:
    add, state = "auxtel/scheduler/add_block.py", "set_summary_state.py"

    assert weekly().watcher.scripts() == [
        "auxtel/enable_atcs.py",
        "auxtel/enable_latiss.py",
        "auxtel/scheduler/enable.py",
        *(add, state, state, "auxtel/calibrations/power_on_atcalsys.py", "auxtel/prepare_for/flat.py"),
        *(add, *["auxtel/make_latiss_calibrations.py"] * 5, "auxtel/take_image_latiss.py"),
        *(add, "auxtel/calibrations/power_off_atcalsys.py", state, "auxtel/stop_tracking.py"),
    ]


def test_nothing_moves_before_people_have_said_yes() -> None:
    said = weekly().observer.said

    assert said[0].startswith("#summit-announce, #summit-auxtel")
    assert "Is the dome clear of people" in said[1]
    assert said[-1].startswith("#summit-announce, #summit-auxtel")


def test_the_weekly_calibrations_take_241_images() -> None:
    images = weekly().report.images

    assert len(images) == 241
    assert {kind: sum(image.kind == kind for image in images) for kind in ("bias", "dark", "flat")} == {
        "bias": 21 + 4 * 4,
        "dark": 23 + 4 * 4,
        "flat": 5 * 21 + 60,
    }


@pytest.mark.parametrize(
    ("where", "low", "high"),
    [
        ({"kind": "bias"}, -10.0, 10.0),
        ({"kind": "dark"}, -10.0, 10.0),
        ({"kind": "flat", "filter": "SDSSr_65mm", "exposure_time": 6.0}, 25_000.0, 30_000.0),
        ({"kind": "flat", "filter": "SDSSg_65mm"}, 10_000.0, 30_000.0),
        ({"kind": "flat", "filter": "SDSSz_65mm"}, 10_000.0, 30_000.0),
        ({"kind": "flat", "grating": "SDSSy_65mm"}, 10_000.0, 30_000.0),
        ({"kind": "flat", "filter": "empty_1", "grating": "empty_1"}, 60_000.0, 75_000.0),
    ],
    ids=str,
)
def test_the_counts_are_those_that_the_procedure_s_page_gives(where: dict[str, Any], low: float, high: float) -> None:
    counts = weekly().counts(**where)

    assert counts
    assert low <= min(counts)
    assert max(counts) <= high


def test_the_curve_saturates_from_30_s_on() -> None:
    curve = {image.exposure_time: image.saturated for image in weekly().report.images if image.reason == "weekly_PTC"}

    assert len(curve) == 30
    assert min(time for time, saturated in curve.items() if saturated) == 30.04
    assert not curve[24.16]


def test_the_weekly_calibrations_leave_all_as_the_page_says() -> None:
    played = weekly()

    assert played.state("ATWhiteLight") == "STANDBY"
    assert played.report.components["ATWhiteLight"]["outputs"]["lamp_light"] == 0.0
    assert played.state("ATWhiteLight", "thermotek") == "STANDBY"
    assert {played.state(name) for name in (*sheet().groups["ATCS"], *LATISS, "OCPS:1", "Scheduler:2")} == {"ENABLED"}
    assert played.state("ATPneumatics", "m1_cover") == "OPENED"
    assert played.state("ATMCS", "tracking") == "TRACKINGDISABLED"
    assert played.report.components["ATDome"]["outputs"]["true_azimuth"] == pytest.approx(3.0, abs=0.5)
    assert played.report.components["ATMCS"]["outputs"]["azimuth"] % 360.0 == pytest.approx(188.7, abs=0.01)
    assert played.report.components["ATMCS"]["outputs"]["elevation"] == pytest.approx(39.0, abs=0.01)


def test_a_slipped_encoder_shows_in_the_first_flat() -> None:
    played = weekly_with_slip()

    (counts,) = played.counts(kind="flat")
    assert counts < 10_000.0
    assert played.report.outcome == "failed"
    assert f"the SDSSr flat of 6 s has {counts:g} adu" in played.report.because
    assert "dome and white light are not aligned" in played.report.because
    assert played.outcomes()["sets"] == "failed"
    assert "shutdown" not in played.outcomes()


def test_after_a_failure_the_queue_is_paused() -> None:
    played = weekly_with_slip()

    assert played.state("ScriptQueue:2", "processing") == "PAUSED"
    assert "pause" in played.watcher.commands("ScriptQueue:2")


def test_too_much_light_shows_in_the_first_flat() -> None:
    bright = Scenario(name="bright", title="bright", parameters={"ATWhiteLight": {"reference_power": "800 W"}})

    played = play("weekly", scenario=bright)

    assert played.report.outcome == "failed"
    assert "flats stay below 30000 adu" in played.report.because
    assert len(played.counts(kind="flat")) == 1


def test_a_small_slip_is_within_the_tolerance() -> None:
    assert play("weekly", "ATDome.encoder_slip:slip=0.4deg").report.passed


@pytest.mark.parametrize("override", [None, ""])
def test_with_the_default_wheels_the_g_set_is_refused(override: str | None) -> None:
    played = play("weekly", config={"latiss_configuration": override})

    assert played.report.outcome == "failed"
    assert "BLOCK-295 ended ERROR" in played.report.because
    assert "SDSSg_65mm" in played.report.because


def test_a_scheduler_configuration_that_does_not_exist_stops_the_procedure_early() -> None:
    played = play("weekly", config={"scheduler_configuration": "auxtel_fbs_image_photocal.yaml"})

    assert played.outcomes()["enable_scheduler"] == "failed"
    assert "auxtel_fbs_image_photocal.yaml" in played.report.because
    assert played.report.images == ()


def test_without_a_clear_dome_nothing_is_sent() -> None:
    played = play("weekly", refuses="clear of people")

    assert played.report.outcome == "aborted"
    assert played.watcher.scripts() == []


def test_a_paused_queue_is_seen_before_anything_begins() -> None:
    played = play("weekly", "ScriptQueue:2.paused_by_somebody")

    assert played.report.outcome == "failed"
    assert "the ATQueue must be ENABLED and running" in played.report.because
    assert played.observer.said == []


# ------------------------------------------------------------------------ daily


@cache
def daily() -> Play:
    return play("daily")


def test_the_daily_calibrations_pass_within_a_quarter_of_an_hour() -> None:
    report = daily().report

    assert (report.outcome, report.because) == ("passed", "")
    assert 700 < report.simulated_seconds < 1000


def test_the_daily_calibrations_take_biases_and_darks_only() -> None:
    played = daily()

    assert len(played.counts(kind="bias")) == 21
    assert len(played.counts(kind="dark")) == 23
    assert len(played.report.images) == 44


def test_the_daily_calibrations_move_nothing() -> None:
    watcher = daily().watcher

    for component in ("ATDome", "ATPtg", "ATMCS", "ATPneumatics", "ATWhiteLight"):
        assert set(watcher.commands(component)) <= {"start", "enable"}


def test_the_daily_calibrations_leave_latiss_in_standby() -> None:
    played = daily()

    assert {played.state(name) for name in LATISS} == {"STANDBY"}
    assert {played.state(name) for name in sheet().groups["ATCS"]} == {"ENABLED"}


# ----------------------------------------------------------------- misalignment


HOME = "auxtel/atdome/home_dome.py"
SLEW = "auxtel/atdome/slew_dome.py"


def reported(played: Play) -> bool:
    return any("dome and white light are misaligned" in text for text in played.observer.said)


def test_an_aligned_dome_is_neither_reported_nor_homed() -> None:
    played = play("misalignment")

    assert played.report.passed
    assert len(played.counts(kind="flat")) == 1
    assert HOME not in played.watcher.scripts()
    assert not reported(played)
    assert played.state("ATWhiteLight") == "STANDBY"


@pytest.mark.parametrize("slip", ["2deg", "-3deg", "10deg"])
def test_homing_cures_a_slipped_encoder(slip: str) -> None:
    played = play("misalignment", f"ATDome.encoder_slip:slip={slip}")

    low, high = played.counts(kind="flat")
    assert played.report.passed
    assert low < 10_000.0 < high
    assert played.watcher.scripts().count(HOME) == 1
    assert SLEW not in played.watcher.scripts()
    assert reported(played)
    assert played.report.components["ATDome"]["outputs"]["true_azimuth"] == pytest.approx(3.0, abs=0.5)


@cache
def once_homed() -> Play:
    return play("misalignment", "ATDome.encoder_slip")


def slips_again(slip: str) -> Play:
    """Let the encoder slip, and slip again after it was homed and the dome has come back."""
    back = next(step.end for step in once_homed().report.steps if step.id == "setup_again")
    assert back is not None
    return play("misalignment", "ATDome.encoder_slip", f"ATDome.encoder_slip:slip={slip}@{back + 1} s")


def test_small_turns_find_the_light_where_homing_did_not_help() -> None:
    played = slips_again("2deg")

    counts = played.counts(kind="flat")
    assert played.report.passed
    assert max(counts[:-1]) <= 10_000.0 < counts[-1]
    assert 1 <= played.watcher.scripts().count(SLEW) < 6


def test_what_small_turns_do_not_find_fails() -> None:
    played = slips_again("20deg")

    assert played.report.outcome == "failed"
    assert played.watcher.scripts().count(SLEW) == 6
    assert "dome and white light are still misaligned" in played.report.because
    assert played.state("ScriptQueue:2", "processing") == "PAUSED"


# ------------------------------------------------------------------ called off


def queue_of(played: Play) -> tuple[str, int, tuple[int, ...]]:
    outputs = played.report.components["ScriptQueue:2"]["outputs"]
    return played.state("ScriptQueue:2", "processing"), outputs["current_script"], tuple(outputs["waiting_scripts"])


def test_a_weekly_that_failed_leaves_nothing_on_the_queue() -> None:
    played = weekly_with_slip()

    assert queue_of(played) == ("PAUSED", 0, ())
    assert len(played.counts(kind="flat")) == 1
    assert played.watcher.commands("ScriptQueue:2").count("resume") == 0


def test_a_weekly_that_failed_says_how_it_leaves_the_observatory() -> None:
    last = weekly_with_slip().observer.said[-1]

    assert last.startswith("#summit-announce, #summit-auxtel: weekly LATISS calibrations have stopped")
    assert "the ATQueue is PAUSED and 0 scripts wait on it; the lamp of the white light is ON" in last


def test_a_script_that_failed_keeps_its_place_and_the_rest_is_withdrawn() -> None:
    played = play("weekly", config={"latiss_configuration": None})

    processing, current, waiting = queue_of(played)
    assert (processing, waiting) == ("PAUSED", ())
    assert current != 0


@pytest.mark.parametrize("name", ["weekly", "misalignment"])
def test_without_a_clear_dome_the_queue_is_left_alone(name: str) -> None:
    played = play(name, refuses="clear of people")

    assert played.watcher.commands("ScriptQueue:2") == []
    assert not any("stopped" in text for text in played.observer.said)


def test_misalignment_goes_on_where_the_weekly_failed_and_the_weekly_passes_then() -> None:
    played = play("afternoon", "ATDome.encoder_slip")

    assert played.report.outcome == "passed", played.report.because
    assert played.outcomes()["first"] == "failed"
    assert reported(played)
    assert played.watcher.scripts().count(HOME) == 1
    assert len(played.counts(kind="flat", reason="weekly_PTC")) == 60
    assert queue_of(played) == ("RUNNING", 0, ())


def test_other_scripts_on_the_queue_are_neither_met_nor_stopped() -> None:
    played = play("busy")

    assert "other scripts are on the ATQueue; let them end, or stop them" in played.report.because
    assert "stopScripts" not in played.watcher.commands("ScriptQueue:2")
