"""What the real system refuses is refused here, at the same place and with its reason."""

from __future__ import annotations

from tests.acceptance.stage import ENABLE_ALL, run, steps

ON = "{call: {procedure: auxtel/calibrations/power_on_atcalsys.py, via: 'ScriptQueue:2'}}"
FLAT = "{call: {procedure: auxtel/prepare_for/flat.py, via: 'ScriptQueue:2'}}"
TEST_FLAT = (
    "{call: {procedure: auxtel/take_image_latiss.py, via: 'ScriptQueue:2', "
    "config: {image_type: FLAT, exp_times: 6, filter: SDSSr_65mm, grating: empty_1}}}"
)
START_LAMP = (
    "{command: ATWhiteLight.startChiller}",
    "{command: ATWhiteLight.openShutter}",
    "{command: ATWhiteLight.turnLampOn, with: {power: 910.0}}",
)


def test_lamp_is_not_turned_off_within_the_warm_up():
    report = run(steps(*ENABLE_ALL, *START_LAMP, "{wait: 5 min}", "{command: ATWhiteLight.turnLampOff}"))

    assert report.outcome == "failed"
    assert "ATWhiteLight.turnLampOff: FAILED" in report.because
    assert report.components["ATWhiteLight"]["machines"]["lamp"] == "WARMUP"


def test_forced_lamp_is_turned_off_within_the_warm_up():
    report = run(
        steps(*ENABLE_ALL, *START_LAMP, "{wait: 5 min}", "{command: ATWhiteLight.turnLampOff, with: {force: true}}")
    )

    assert report.components["ATWhiteLight"]["machines"]["lamp"] == "COOLDOWN"


def test_white_light_does_not_go_to_standby_within_the_cool_down():
    report = run(
        steps(
            *ENABLE_ALL,
            *START_LAMP,
            "{wait: until ATWhiteLight.lamp is ON, timeout: 1000 s}",
            "{command: ATWhiteLight.turnLampOff}",
            "{wait: 1 min}",
            "{summary_state: {of: ATWhiteLight, to: STANDBY}}",
        )
    )

    assert report.outcome == "failed"
    assert "cool" in report.because
    assert report.components["ATWhiteLight"]["machines"]["lamp"] == "COOLDOWN"


def test_dome_does_not_move_before_it_was_homed():
    report = run(steps(*ENABLE_ALL, "{command: ATDome.moveAzimuth, with: {azimuth: 3.0}}"), "ATDome.not_homed")

    assert report.outcome == "failed"
    assert "ATDome.moveAzimuth: FAILED" in report.because
    assert "homed" in report.because
    assert report.components["ATDome"]["outputs"]["azimuth"] == 285.0


def test_cover_is_not_opened_with_the_m1_correction_on():
    report = run(
        steps(
            *ENABLE_ALL,
            "{call: {procedure: ataos/enable_corrections}}",
            "{call: {procedure: m1_cover/open}}",
        )
    )

    assert report.outcome == "failed"
    assert "m1" in report.because
    assert report.components["ATPneumatics"]["machines"]["m1_cover"] == "CLOSED"


def test_flats_in_g_are_refused_with_the_default_wheels():
    report = run("weekly", latiss_configuration="")

    assert report.outcome == "failed"
    assert (
        "Invalid filter name 'SDSSg_65mm'; installed are empty_1, BG40_65mm_1, SDSSr_65mm, OG550_65mm_1"
        in report.because
    )


def test_flat_position_again_does_not_cure_a_slipped_encoder():
    report = run(steps(*ENABLE_ALL, ON, FLAT, TEST_FLAT, FLAT, TEST_FLAT), "ATDome.encoder_slip:slip=2.5deg")

    assert report.outcome == "passed"
    assert all(image.counts < 10_000 for image in report.images)
    assert report.components["ATDome"]["outputs"]["azimuth"] < 3.5


def test_weekly_calibrations_do_not_begin_with_a_vent_gate_open():
    open_gate = "{command: ATBuilding.openVentGate, with: {gate: [2, -1, -1, -1]}}"
    by_csc = "{command: ATBuilding.setExtractionFanManualControlMode, with: {enableManualControlMode: false}}"

    report = run(steps(by_csc, open_gate, "{wait: 1 min}", "{call: {procedure: weekly}}"))

    assert report.outcome == "failed"
    assert "close the vent gates first" in report.because
    assert report.components["ATDome"]["summary_state"] == "STANDBY"
