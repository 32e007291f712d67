"""Every product of the construction guide, in its order, from tiny images whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lsst.daf.butler import Butler

from pipelines.camera import load_camera
from pipelines.image import MaskPlane
from tests.pipelines import raws, repositories

USER = "u/czw/DM-28920"
BIASES, DARKS, FLATS, STARS = raws.biases(4), raws.darks(3), raws.flats(2), raws.stars(2)
RAMP = [
    shot
    for number, seconds in enumerate((0.4, 0.8, 1.6, 3.2, 6.4))
    for shot in raws.flats(2, first=401 + 2 * number, exposure_time=seconds)
]
PLACE = {"instrument": "LATISS", "detector": 0}
SDSSR = {**PLACE, "physical_filter": "SDSSr_65mm~empty"}
DETECTOR = load_camera("LATISS").detectors[0]

EVERYTHING = ("doLinearize", "doCrosstalk", "doBrighterFatter", "doFringe", "usePtcGains", "doApplyGains")

pytestmark = pytest.mark.timeout(240)  # all of the guide is run for the first test


@dataclass
class Guide:
    """A repository on its way through the guide, and what was made in it."""

    repository: Path
    inputs: list[str] = field(default_factory=lambda: list(repositories.LATISS))

    def run(self, name: str, output: str, shots: list[raws.Shot], **options: Any) -> None:
        """Run a pipeline; later ones find what it made first."""
        chosen = {option.replace("__", ":").replace("_", "."): value for option, value in options.items()}
        repositories.run(self.repository, name, f"{USER}/{output}", shots, self.inputs, chosen)
        self.inputs.insert(0, f"{USER}/{output}/run")  # not the chain: chains of chains of chains take for ever

    def get(self, kind: str, place: dict[str, Any], **more: Any) -> Any:
        with Butler.from_config(str(self.repository), collections=self.inputs) as butler:
            return butler.get(kind, {**place, **more})


@pytest.fixture(scope="module")
def guide(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Guide:
    folder = tmp_path_factory.mktemp("guide")
    made = Guide(repositories.copied(template, folder / "repo"))
    repositories.fill(made.repository, [*BIASES, *DARKS, *FLATS, *STARS, *RAMP], folder / "raw")
    made.run("cp_pipe/Latiss/cpBias", "biasGen", BIASES, isr__doEmpiricalReadNoise=True)
    made.run("cp_verify/Latiss/verifyBias", "verifyBias", BIASES, verifyMeasureStats__twoSided=False)
    made.run("cp_pipe/Latiss/findDefects", "defectGen", BIASES[:2])
    made.run("cp_pipe/LATISS/cpDark", "darkGen", DARKS)
    made.run("cp_verify/VerifyDark", "verifyDark", DARKS)
    made.run("cp_pipe/Latiss/cpFlat", "flatGen", FLATS, cpFlatMeasure__doVignette=False)
    made.run("cp_verify/Latiss/verifyFlat", "verifyFlat", FLATS)
    made.run("cp_pipe/Latiss/findDefectsPostFlat", "defectGen2", [BIASES[0], *FLATS])
    made.run("cp_verify/VerifyDefectPostFlat", "verifyDefect", FLATS[:1])
    made.run(
        "cp_pipe/measurePhotonTransferCurve",
        "ptcGen",
        RAMP,
        isr__doCrosstalk=False,
        ptcExtract__minNumberGoodPixelsForCovariance=1000,
        ptcExtract__maximumRangeCovariancesAstier=3,
        ptcSolve__maximumRangeCovariancesAstier=3,
        ptcSolve__ptcFitType="EXPAPPROXIMATION",
    )
    made.run("cp_pipe/cpLinearitySolve", "linearityGen", RAMP[:1], linearitySolve__ignorePtcMask=True)
    made.run("cp_pipe/Latiss/cpBfkSolve", "bfkGen", RAMP[:1])
    made.run("cp_pipe/measureCrosstalk", "crosstalkGen", STARS, crosstalkExtract__grow=3, crosstalkExtract__wings=6)
    made.run("cp_pipe/Latiss/cpFringe", "fringeGen", STARS)
    made.run("cp_pipe/Latiss/cpSkySolve", "skyGen", STARS, cpSkySubtractBackground__backgroundSize=32)
    everything = {f"verifyFlatApply:{option}": True for option in EVERYTHING}
    repositories.run(
        made.repository, "cp_verify/Latiss/verifyFlat", f"{USER}/everything", FLATS[:1], made.inputs, everything
    )
    return made


def test_the_bias_is_what_every_image_has(guide: Guide) -> None:
    bias = guide.get("bias", PLACE)
    truth = raws.pattern(DETECTOR.serial, *bias.shape)["bias"]

    assert float(np.std(bias.image - truth)) == pytest.approx(8.4 / np.sqrt(len(BIASES)), rel=0.15)
    assert bias.header["OBSTYPE"] == "bias"
    assert [bias.header[f"CPP_INPUT_{number}"] for number in (0, 3)] == [
        "AT_O_20260301_000001",
        "AT_O_20260301_000004",
    ]
    assert "LSST CALIB BIAS C00 DISTRIBUTION 50.0-PCT" in bias.header


@pytest.mark.parametrize(("kind", "shots"), [("Bias", BIASES), ("Flat", FLATS)])
def test_good_images_pass(guide: Guide, kind: str, shots: list[raws.Shot]) -> None:
    found = guide.get(f"verify{kind}Stats", {"instrument": "LATISS"})

    assert found.pop("SUCCESS") is True
    assert found == {shot.exposure: {"SUCCESS": True} for shot in shots}


def test_three_darks_are_too_few_to_pass_the_noise(guide: Guide) -> None:
    """An image among the N that were combined has a residual noise too small by 1/(2N)."""
    found = guide.get("verifyDarkStats", {"instrument": "LATISS"})

    assert not found["SUCCESS"]
    assert {failure.split()[-1] for shot in DARKS for failure in found[shot.exposure]["FAILURES"]} == {"NOISE"}


def test_results_of_a_detector_have_every_part(guide: Guide) -> None:
    found = guide.get("verifyBiasDetStats", PLACE, exposure=BIASES[0].exposure)

    assert set(found) >= {"AMP", "METADATA", "CATALOG", "DET", "ISR", "VERIFY", "SUCCESS"}
    assert set(found["AMP"]["C00"]) >= {"MEAN", "NOISE", "CR_NOISE"}


def test_the_dark_is_the_current_of_a_second(guide: Guide) -> None:
    dark = guide.get("dark", PLACE)

    assert float(np.median(dark.image)) == pytest.approx(raws.DARK_CURRENT / 1.083, rel=0.1)


def test_the_flat_is_the_response_of_pixels(guide: Guide) -> None:
    flat = guide.get("flat", SDSSR)
    truth = raws.pattern(DETECTOR.serial, *flat.shape)["response"]

    assert float(flat.image.mean()) == pytest.approx(1.0, abs=0.001)
    assert np.corrcoef(flat.image.ravel(), truth.ravel())[0, 1] > 0.9


def test_hot_pixels_are_no_defects_of_biases_and_flats(guide: Guide) -> None:
    defects = guide.get("defects", PLACE)

    assert defects.mask((200, 512)).mean() < 0.01


def test_the_curve_has_the_gains_that_made_the_images(guide: Guide) -> None:
    curve = guide.get("ptc", PLACE)

    assert curve.bad_amps == ()
    assert {name: found.gain for name, found in curve.amplifiers.items()} == pytest.approx(
        {name: amplifier.gain for name, amplifier in DETECTOR.amplifiers.items()}, rel=0.08
    )
    assert len(curve.exposures) == 5


def test_pairs_are_kept_at_their_first_exposures(guide: Guide) -> None:
    with Butler.from_config(str(guide.repository), collections=guide.inputs) as butler:
        refs = butler.query_datasets("cpCovariances")

        assert {ref.dataId["exposure"] for ref in refs} == {shot.exposure for shot in RAMP[::2]}


def test_counts_that_are_proportional_need_little_correction(guide: Guide) -> None:
    linearizer = guide.get("linearity", PLACE)

    assert set(linearizer.coefficients) == set(DETECTOR.amplifiers)


def test_every_amplifier_has_a_kernel(guide: Guide) -> None:
    assert set(guide.get("bfk", PLACE).kernels) == set(DETECTOR.amplifiers)


def test_crosstalk_is_found_where_it_was_put(guide: Guide) -> None:
    matrix = guide.get("crosstalk", PLACE)
    ((names, truth),) = raws.CROSSTALK.items()
    place = tuple(matrix.amplifiers.index(name) for name in names)

    assert matrix.valid[place]
    assert matrix.coefficients[place] == pytest.approx(truth, rel=0.1)


@pytest.mark.parametrize("kind", ["fringe", "sky"])
def test_an_even_sky_leaves_nothing(guide: Guide, kind: str) -> None:
    left = guide.get(kind, SDSSR)

    assert abs(float(np.median(left.image))) < 0.01


def test_hot_pixels_lie_where_they_were(guide: Guide) -> None:
    """They look like rays, but in every dark; nothing is mirrored or shifted on the way to the combined one."""
    dark = guide.get("dark", PLACE)
    leak = raws.pattern(DETECTOR.serial, *dark.shape)["hot"]
    hot = leak > 0

    assert not dark.masked(MaskPlane.BAD)[hot].any()
    assert np.median(dark.image[hot] / leak[hot]) == pytest.approx(1 / 1.083, rel=0.15)
    assert dark.masked(MaskPlane.BAD).mean() < 0.05


def test_an_image_is_corrected_with_everything_that_the_guide_made(guide: Guide) -> None:
    with Butler.from_config(str(guide.repository), collections=f"{USER}/everything/run") as butler:
        flat = butler.get("verifyFlatProc", PLACE, exposure=FLATS[0].exposure)

    assert flat.header["BUNIT"] == "electron"
    assert float(np.median(flat.image)) == pytest.approx(raws.R_RATE * 2.0 * 1.083, rel=0.05)
