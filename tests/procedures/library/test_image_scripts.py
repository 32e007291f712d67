"""The scripts that take images: their configuration, their commands in order, what fails them and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from csc import Observatory
from csc.ocps.backend import JobOutcome, JobRequest
from fsm import AuthorError
from procedures import parse_config
from procedures.failures import StepFailed
from tests.procedures.library.perform import LATISS, Performance, library, perform

TAKE = "auxtel/take_image_latiss.py"
MAKE = "auxtel/make_latiss_calibrations.py"
READY = (*LATISS, "OCPS:1")

SHORT = "n_bias: 2\nn_dark: 2\nn_flat: 2\nexp_times_dark: 1\nexp_times_flat: 1\n"
"""Few and short exposures, to which a test adds what it is about."""


def config_of(path: str, text: str) -> dict[str, Any]:
    return parse_config(library().find(path), text)


def duration_of(path: str, text: str) -> float:
    """The estimate [s] that the script's metadata gives."""

    class Scope:
        def __init__(self) -> None:
            self.config = config_of(path, text)

        def read(self, name: Any) -> Any:
            from procedures.scope import as_value

            return as_value(self.config.get(name.parts[1]))

    return float(library().find(path).duration.evaluate(Scope()))  # type: ignore[arg-type]


def jobs(performance: Performance) -> list[str]:
    """The pipelines that were asked for, without their folders."""
    return [job["pipeline"].rpartition("/")[2] for job in performance.sent("OCPS:1.execute")]


def exposures(performance: Performance) -> list[tuple[str, float, bool]]:
    """Type, time [s] and whether the shutter opens, of each image."""
    return [
        (image["keyValueMap"].split(",")[0].removeprefix("imageType: "), image["expTime"], image["shutter"])
        for image in performance.sent("ATCamera.takeImages")
    ]


# ------------------------------------------------------------------ take_image_latiss.py


def test_take_image_latiss_has_the_observatory_s_defaults() -> None:
    config = config_of(TAKE, "image_type: BIAS")

    assert config == {
        "image_type": "BIAS",
        "nimages": None,
        "exp_times": 0,
        "filter": None,
        "grating": None,
        "linear_stage": None,
        "slew_time": 0,
        "sleep_between_exposures": 0,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'image_type' is a required property"),
        ("image_type: FLATS", r"1:13: image_type: 'FLATS' is not one of \['BIAS', 'DARK', 'FLAT'"),
        ("image_type: FLAT\nexp_time: 3", r"2:\d+: there is no key exp_time; did you mean exp_times\?"),
        ("image_type: FLAT\nexp_times: -1", "exp_times: -1 is not valid under any of the given schemas"),
        ("image_type: FLAT\nexp_times: []", "exp_times: .*not valid under any"),
        ("image_type: FLAT\nexp_times: 0.25, 0.25, 1.42", "exp_times: '0.25, 0.25, 1.42' is not valid under any"),
        ("image_type: FLAT\nnimages: 0", "nimages: 0 is not valid"),
        ("image_type: FLAT\nfilter: 0", "filter: 0 is not valid"),
        ("image_type: FLAT\nnimages: 3\nexp_times: [1, 2]", "nimages and the number of exp_times differ"),
        ("image_type: OBJECT\nvisit_metadata: {ra: 1}", "visit_metadata: 'dec' is a required property"),
    ],
)
def test_take_image_latiss_refuses_a_wrong_configuration(text: str, message: str) -> None:
    with pytest.raises(AuthorError, match=message):
        config_of(TAKE, text)


def test_one_exposure_time_may_serve_several_images() -> None:
    assert config_of(TAKE, "{image_type: FLAT, nimages: 3, exp_times: 2}")["nimages"] == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{image_type: BIAS}", 4.0),
        ("{image_type: FLAT, nimages: 3, exp_times: 2, sleep_between_exposures: 1, slew_time: 10}", 31.0),
        ("{image_type: FLAT, exp_times: [1, 3]}", 12.0),
    ],
)
def test_the_estimate_counts_exposures_pauses_and_read_outs(text: str, expected: float) -> None:
    assert duration_of(TAKE, text) == pytest.approx(expected)


def test_the_photon_transfer_curve_is_estimated_at_23_minutes() -> None:
    from procedures import Blocks

    _, _, text = Blocks(library()).configuration("BLOCK-295")[-1]

    assert duration_of(TAKE, text) == pytest.approx(1372.5, abs=0.01)


def test_take_image_latiss_sets_the_spectrograph_up_and_then_takes_image_after_image() -> None:
    text = (
        "{image_type: FLAT, exp_times: [1, 2.5], filter: SDSSr_65mm, grating: empty_1, linear_stage: 60,"
        " reason: weekly_PTC, program: BLOCK-295, note: a remark}"
    )

    performance = perform(TAKE, text, enabled=LATISS)

    assert performance.error is None
    assert performance.commands == [
        "ATSpectrograph.changeFilter",
        "ATSpectrograph.changeDisperser",
        "ATSpectrograph.moveLinearStage",
        "ATCamera.takeImages",
        "ATCamera.takeImages",
    ]
    assert performance.sent("ATSpectrograph.changeFilter") == [{"filter": 0, "name": "SDSSr_65mm"}]
    assert performance.sent("ATSpectrograph.moveLinearStage") == [{"distanceFromHome": 60.0}]
    assert exposures(performance) == [("FLAT", 1.0, True), ("FLAT", 2.5, True)]
    assert performance.control.checkpoints == ["setup instrument", "exposure 1 of 2", "exposure 2 of 2"]
    image = performance.sent("ATCamera.takeImages")[0]
    assert image["keyValueMap"].endswith("reason: weekly_PTC, program: BLOCK-295")
    assert image["obsNote"] == "a remark"


def test_a_slot_is_given_as_a_number_and_what_is_not_given_stays() -> None:
    performance = perform(TAKE, "{image_type: BIAS, filter: 2}", enabled=LATISS)

    assert performance.commands == ["ATSpectrograph.changeFilter", "ATCamera.takeImages"]
    assert performance.sent("ATSpectrograph.changeFilter") == [{"filter": 2, "name": ""}]


@pytest.mark.parametrize("image_type", ["BIAS", "DARK"])
def test_the_shutter_stays_closed_for_bias_and_dark(image_type: str) -> None:
    performance = perform(TAKE, f"{{image_type: {image_type}, exp_times: 0.05}}", enabled=LATISS)

    assert performance.error is None
    assert exposures(performance) == [(image_type, 0.05, False)]


def test_an_open_shutter_needs_a_tenth_of_a_second() -> None:
    performance = perform(TAKE, "{image_type: FLAT, exp_times: 0.05}", enabled=LATISS)

    assert isinstance(performance.error, StepFailed)
    assert "FLAT of 0.05 s: at least 0.1 s" in str(performance.error)
    assert exposures(performance) == []


def test_a_filter_that_is_not_installed_fails_before_any_image() -> None:
    performance = perform(TAKE, "{image_type: FLAT, exp_times: 1, filter: SDSSg_65mm}", enabled=LATISS)

    assert "SDSSg_65mm" in str(performance.error)
    assert exposures(performance) == []


def test_flats_look_at_neither_telescope_nor_lamp() -> None:
    performance = perform(TAKE, "{image_type: FLAT, exp_times: 1}", enabled=LATISS)

    assert performance.error is None


def test_images_of_the_sky_wait_for_the_telescope() -> None:
    performance = perform(TAKE, "{image_type: OBJECT, exp_times: 1}", enabled=LATISS)

    assert "ATMCS.all_axes is IN_POSITION" in str(performance.error)
    assert performance.t >= 30.0
    assert exposures(performance) == []


def test_images_of_the_sky_do_not_wait_for_a_telescope_that_is_ignored() -> None:
    performance = perform(TAKE, "{image_type: OBJECT, exp_times: 1, ignore: [ATMCS]}", enabled=LATISS)

    assert performance.error is None


# ----------------------------------------------------------- make_latiss_calibrations.py


def test_make_latiss_calibrations_has_the_observatory_s_defaults() -> None:
    config = config_of(MAKE, "script_mode: BIAS_DARK_FLAT")

    assert config.pop("exp_times_dark") == [5] * 5 + [15] * 2 + [30] * 16
    assert {key: config.pop(key) for key in list(config) if key.startswith("input_collections")} == {
        f"input_collections_{kind}": "LATISS/calib"
        for kind in ("bias", "verify_bias", "dark", "verify_dark", "flat", "verify_flat", "defects", "ptc")
    }
    assert {key: config.pop(key) for key in list(config) if key.startswith("config_options")} == {
        f"config_options_{kind}": " " for kind in ("bias", "dark", "flat", "defects", "ptc")
    }
    assert config == {
        "script_mode": "BIAS_DARK_FLAT",
        "n_bias": 20,
        "n_dark": 22,
        "n_flat": 20,
        "n_discard_bias": 1,
        "n_discard_dark": 1,
        "n_discard_flat": 1,
        "exp_times_flat": 5,
        "wait_between_exposures": 0,
        "generate_calibrations": False,
        "do_verify": True,
        "number_verification_tests_threshold_bias": 8,
        "number_verification_tests_threshold_dark": 8,
        "number_verification_tests_threshold_flat": 8,
        "do_defects": False,
        "do_ptc": False,
        "do_gain_from_flat_pairs": True,
        "n_processes": 8,
        "certify_calib_begin_date": "1950-01-01",
        "certify_calib_end_date": "2050-01-01",
        "oods_timeout": 120,
        "background_task_timeout": 30,
        "filter": None,
        "grating": None,
        "calib_collection": "LATISS/calib/daily",
        "repo": "/repo/LATISS/butler+sasquatch.yaml",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_bias: 3", "'script_mode' is a required property"),
        ("script_mode: BIAS_FLAT", r"1:14: script_mode: 'BIAS_FLAT' is not one of"),
        (
            "script_mode: BIAS\nexp_times_flats: 5",
            r"2:\d+: there is no key exp_times_flats; did you mean exp_times_flat",
        ),
        ("script_mode: BIAS\ndetectors: [0]", "there is no key detectors"),
        ("script_mode: BIAS\nn_bias: 0", "n_bias: 0 is not valid"),
        ("script_mode: BIAS\nn_flat: null", "n_bias, n_dark and n_flat must be numbers"),
        ("script_mode: BIAS\nn_discard_dark: null", "n_discard_dark and n_discard_flat must be numbers"),
        ("script_mode: BIAS\ntest_case: {name: T1}", "test_case: 'execution' is a required property"),
    ],
)
def test_make_latiss_calibrations_refuses_a_wrong_configuration(text: str, message: str) -> None:
    with pytest.raises(AuthorError, match=message):
        config_of(MAKE, text)


def test_the_estimate_counts_images_of_all_types_whatever_the_mode() -> None:
    assert duration_of(MAKE, "script_mode: BIAS") == 65 * 602.0


def test_make_latiss_calibrations_goes_through_the_types_in_order() -> None:
    text = (
        f"{SHORT}script_mode: BIAS_DARK_FLAT\nfilter: SDSSr_65mm\ngrating: empty_1\nprogram: BLOCK-295\nreason: check\n"
    )

    performance = perform(MAKE, text, enabled=READY)

    assert performance.error is None
    assert performance.commands[:2] == ["ATSpectrograph.changeFilter", "ATSpectrograph.changeDisperser"]
    assert exposures(performance) == (
        [("BIAS", 0.0, False)] * 3 + [("DARK", 1.0, False)] * 3 + [("FLAT", 1.0, True)] * 3
    )
    assert performance.control.checkpoints == [
        "MakeLatissCalibrations BLOCK-295  check: Start",
        "Setup instrument.",
        "Taking 2 biases.",
        "Images taken: (2026011500002, 2026011500003); type: BIAS",
        "Taking 2 darks.",
        "Images taken: (2026011500005, 2026011500006); type: DARK",
        "Taking 2 flats.",
        "Images taken: (2026011500008, 2026011500009); type: FLAT",
        "Data-taking part completed.",
        "MakeLatissCalibrations BLOCK-295  check: Done",
    ]


@pytest.mark.parametrize(
    ("mode", "types"),
    [("BIAS", {"BIAS"}), ("DARK", {"DARK"}), ("BIAS_DARK", {"BIAS", "DARK"})],
)
def test_the_mode_says_which_types_are_taken(mode: str, types: set[str]) -> None:
    performance = perform(MAKE, f"{SHORT}script_mode: {mode}", enabled=READY)

    assert performance.error is None
    assert {image_type for image_type, _, _ in exposures(performance)} == types
    assert sorted(jobs(performance)) == sorted(f"verify{kind.capitalize()}.yaml" for kind in types)


def test_by_default_images_are_verified_against_older_calibrations() -> None:
    performance = perform(MAKE, f"{SHORT}script_mode: BIAS_DARK_FLAT", enabled=READY)

    assert sorted(jobs(performance)) == [
        "cpPtc.yaml#cpPtcGainFromFlatPairs",
        "verifyBias.yaml",
        "verifyDark.yaml",
        "verifyFlat.yaml",
    ]
    first = performance.sent("OCPS:1.execute")[0]
    assert first["pipeline"] == "${CP_VERIFY_DIR}/pipelines/LATISS/verifyBias.yaml"
    assert first["config"].split() == ["-j", "8", "-i", "LATISS/calib", "--register-dataset-types"]
    assert first["data_query"] == (
        "instrument='LATISS' AND detector IN (0) AND exposure IN (2026011500002, 2026011500003)"
    )


def test_calibrations_are_generated_verified_and_certified_in_this_order() -> None:
    performance = perform(MAKE, f"{SHORT}script_mode: DARK\ngenerate_calibrations: true", enabled=READY)

    generation, verification, certification = performance.sent("OCPS:1.execute")
    assert jobs(performance) == ["cpDark.yaml", "verifyDark.yaml", "butler certify-calibrations"]
    assert "-i LATISS/calib/daily,LATISS/calib " in generation["config"]
    assert verification["config"].startswith("-j 8 -i u/ocps/")
    assert verification["config"].split()[3].endswith(",LATISS/calib")
    assert certification["config"].split()[2:] == [
        "LATISS/calib/daily",
        "--begin-date",
        "1950-01-01",
        "--end-date",
        "2050-01-01",
        "dark",
    ]
    assert performance.control.lines[-1] == (
        "info",
        "dark: certified in LATISS/calib/daily from 1950-01-01 to 2050-01-01",
    )


def test_a_combined_bias_needs_no_calibration_of_this_run() -> None:
    performance = perform(
        MAKE, f"{SHORT}script_mode: BIAS\ngenerate_calibrations: true\ndo_verify: false", enabled=READY
    )

    assert jobs(performance) == ["cpBias.yaml", "butler certify-calibrations"]
    assert "-i LATISS/calib " in performance.sent("OCPS:1.execute")[0]["config"]


def test_defects_and_the_curve_are_certified_unverified_and_the_curve_replaces_the_gains() -> None:
    text = f"{SHORT}script_mode: BIAS_DARK_FLAT\ndo_verify: false\ndo_defects: true\ndo_ptc: true"

    performance = perform(MAKE, text, enabled=READY)

    assert sorted(jobs(performance)) == [
        "butler certify-calibrations",
        "butler certify-calibrations",
        "cpDefects.yaml",
        "cpPtc.yaml",
    ]
    defects = next(job for job in performance.sent("OCPS:1.execute") if "cpDefects" in job["pipeline"])
    assert defects["data_query"].endswith("(2026011500005, 2026011500006, 2026011500008, 2026011500009)")


def test_processing_goes_on_beside_the_next_images() -> None:
    performance = perform(MAKE, f"{SHORT}script_mode: BIAS_DARK", enabled=READY)

    order = [name for name in performance.commands if name in ("ATCamera.takeImages", "OCPS:1.execute")]

    assert order.index("OCPS:1.execute") < len(order) - 1 - order[::-1].index("ATCamera.takeImages")


@pytest.mark.parametrize(("down", "words"), [("ATOODS", "all of LATISS"), ("OCPS:1", "OCPS:1")])
def test_make_latiss_calibrations_demands_that_all_are_enabled(down: str, words: str) -> None:
    enabled = tuple(name for name in READY if name != down)

    performance = perform(MAKE, f"{SHORT}script_mode: BIAS\nprogram: BLOCK-295", enabled=enabled)

    assert isinstance(performance.error, StepFailed)
    assert f"{words} must be ENABLED" in str(performance.error)
    assert performance.commands == []
    assert performance.control.checkpoints == [
        "MakeLatissCalibrations BLOCK-295 : Start",
        "MakeLatissCalibrations BLOCK-295 : Done",
    ]


def test_a_list_of_the_wrong_length_fails_only_when_its_images_are_due() -> None:
    text = "script_mode: BIAS_DARK\nn_bias: 1\nn_dark: 3\nexp_times_dark: [1, 2, 3]"

    performance = perform(MAKE, text, enabled=READY)

    assert "3 exposure times for 4 images" in str(performance.error)
    assert exposures(performance) == [("BIAS", 0.0, False)] * 2


def test_the_default_exposures_fit_only_the_default_number_of_darks() -> None:
    performance = perform(MAKE, "script_mode: DARK\nn_dark: 3", enabled=READY)

    assert "23 exposure times for 4 images" in str(performance.error)


def test_a_failed_pipeline_does_not_fail_the_script_and_nothing_is_certified() -> None:
    async def fail(observatory: Observatory) -> None:
        observatory.find("OCPS:1").faults.inject("job_error", times=1)

    performance = perform(
        MAKE,
        f"{SHORT}script_mode: BIAS\ngenerate_calibrations: true\ndo_verify: false",
        enabled=READY,
        before=fail,
    )

    assert performance.error is None
    assert jobs(performance) == ["cpBias.yaml"]
    assert performance.control.lines[-1][0] == "error"
    assert "is error: the pipeline failed" in performance.control.lines[-1][1]


def test_a_failed_verification_does_not_fail_the_script_and_nothing_is_certified() -> None:
    async def fail(observatory: Observatory) -> None:
        observatory.find("OCPS:1").faults.inject("job_error", times=1)

    performance = perform(MAKE, f"{SHORT}script_mode: BIAS", enabled=READY, before=fail)

    assert performance.error is None
    assert performance.control.lines[-1] == ("error", "bias: not verified; the pipeline failed; see its log")


class Verified:
    """A back end that reports as many noisy exposures as it is told, of three."""

    def __init__(self, noisy: int) -> None:
        self.noisy = noisy

    async def run(self, request: JobRequest) -> JobOutcome:
        if "verify" not in request.pipeline:
            return JobOutcome(succeeded=True)
        bad = {"SUCCESS": False, "FAILURES": [f"RXX_S00 C{number:02d} NOISE" for number in range(16)]}
        exposures = {str(number): bad if number < self.noisy else {"SUCCESS": True} for number in range(3)}
        return JobOutcome(succeeded=True, verification={**exposures, "SUCCESS": not self.noisy})


FAILED = "tests failed: NOISE {0} (C00 {1}, C01 {1}, C02 {1} ...);"


@pytest.mark.parametrize(
    ("noisy", "threshold", "level", "words", "certified"),
    [
        (0, 8, "info", "bias: verified; no test failed", True),
        (2, 8, "warning", f"bias: verified; {FAILED.format(32, 2)} bad exposures 2 (0, 1), refused from 3", True),
        (3, 8, "error", f"bias: not verified; {FAILED.format(48, 3)} bad exposures 3 (0, 1, 2), refused from 3", False),
        (3, 17, "warning", f"bias: verified; {FAILED.format(48, 3)} bad exposures 0, refused from 3", True),
    ],
)
def test_the_statistics_decide_whether_a_calibration_is_certified(
    noisy: int, threshold: int, level: str, words: str, certified: bool
) -> None:
    async def lend(observatory: Observatory) -> None:
        observatory.find("OCPS:1").behaviour._backend = Verified(noisy)  # type: ignore[attr-defined]

    text = (
        f"{SHORT}script_mode: BIAS\ngenerate_calibrations: true\nnumber_verification_tests_threshold_bias: {threshold}"
    )
    performance = perform(MAKE, text, enabled=READY, before=lend)

    assert performance.error is None
    assert (level, words) in performance.control.lines
    assert ("butler certify-calibrations" in jobs(performance)) is certified


def test_an_unreachable_service_is_only_logged() -> None:
    async def fail(observatory: Observatory) -> None:
        observatory.find("OCPS:1").faults.inject("service_down")

    performance = perform(MAKE, f"{SHORT}script_mode: BIAS", enabled=READY, before=fail)

    assert performance.error is None
    assert ("error", "bias: not verified; it went wrong") in performance.control.lines


def test_the_wait_for_the_processing_ends_after_its_limit_for_each_task() -> None:
    async def slow(observatory: Observatory) -> None:
        observatory.find("OCPS:1").faults.inject("job_slow", factor=600.0)

    text = f"{SHORT}script_mode: BIAS_DARK\nbackground_task_timeout: 40"
    performance = perform(MAKE, text, enabled=READY, before=slow)

    assert performance.error is None
    assert performance.control.lines == [
        ("warning", "BIAS is not finished after 80 s and is cancelled"),
        ("warning", "DARK is not finished after 80 s and is cancelled"),
    ]


def test_images_that_never_arrive_in_the_archive_are_only_logged() -> None:
    async def silence(observatory: Observatory) -> None:
        observatory.find("ATOODS").faults.inject("silent")

    performance = perform(MAKE, f"{SHORT}script_mode: BIAS\noods_timeout: 60", enabled=READY, before=silence)

    assert performance.error is None
    assert performance.control.lines[0][0] == "error"
    assert "ATOODS: not ingested after 60 s: AT_O_20260115_000001" in performance.control.lines[0][1]
    assert jobs(performance) == ["verifyBias.yaml"]
