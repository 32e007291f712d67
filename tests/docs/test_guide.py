"""The guide to calibrations is run in miniature, every command of it in one shell; what came of it is looked at."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler, Timespan

from csc.latiss.detector.sensor import latiss_sensor
from tests.docs.guide import PAGE, SMALL, Failed, Ran, Step, run_guide, steps_of
from tests.docs.warm import warm_commands

SCALE = 0.125
PLACE = {"instrument": "LATISS", "detector": 0}
PRODUCTS = {
    **dict.fromkeys(("bias", "dark", "defects", "linearity", "bfk", "crosstalk"), PLACE),
    **{kind: {**PLACE, "physical_filter": "RG610~empty"} for kind in ("flat", "sky")},
    "fringe": {**PLACE, "physical_filter": "SDSSz_65mm~empty"},
}
USER = "u/czw/DM-28920"

pytestmark = pytest.mark.timeout(600)  # a hundred seconds of one core, which others may want, too


class Guide:
    """The folder where the guide was run, and what its steps wrote."""

    def __init__(self, folder: Path, ran: list[Ran]) -> None:
        self.repository = folder / "repo"
        self.ran = ran

    def said(self, words: str) -> str:
        """Return what the steps wrote whose commands have these words."""
        return "".join(each.output for each in self.ran if words in each.step.text)

    def get(self, kind: str, collection: str = "LATISS/calib/DM-28920") -> object:
        with Butler.from_config(str(self.repository), collections=collection) as butler:
            (ref,) = butler.query_datasets(kind, where=_where(PRODUCTS[kind]), find_first=False)
            return butler.get(ref)


def _where(place: dict[str, object]) -> str:
    return " AND ".join(f"{key}={value!r}" for key, value in place.items())


def environment(front: Path) -> dict[str, str]:
    """Return what the shell of the guide begins with: our commands first, then those of this interpreter."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "TMPDIR", "PATH") if name in os.environ}
    path = os.pathsep.join((str(front), str(Path(sys.executable).parent), kept["PATH"]))
    return {**kept, **SMALL, "PATH": path}


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    """Run the guide, once for all processes that tests are spread over."""
    spread = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    place = tmp_path_factory.getbasetemp().parent / f"guide-{spread}" if spread else tmp_path_factory.mktemp("guide")
    place.mkdir(exist_ok=True)
    folder, ran = place / "run", place / "ran.pickle"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ran.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with warm_commands(tmp_path_factory.mktemp("bin")) as front:
                steps = steps_of(PAGE.read_text(encoding="utf-8"))
                ran.write_bytes(pickle.dumps(list(run_guide(steps, folder, environment(front)))))
        return Guide(folder, pickle.loads(ran.read_bytes()))


@pytest.fixture
def bash(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path)


def test_every_product_is_certified_until_far_away(guide: Guide) -> None:
    with Butler.from_config(str(guide.repository)) as butler:
        found = {
            kind: [
                str(each.timespan)
                for each in butler.registry.queryDatasetAssociations(kind, collections="LATISS/calib/DM-28920")
            ]
            for kind in PRODUCTS
        }

    always = "[2020-01-01T00:00:00, 2050-01-01T00:00:00)"
    assert found == {kind: [always] * (3 if kind == "flat" else 1) for kind in PRODUCTS}


def test_a_bias_of_a_day_is_valid_on_that_day(guide: Guide) -> None:
    with Butler.from_config(str(guide.repository)) as butler:
        (found,) = butler.registry.queryDatasetAssociations("bias", collections="LATISS/calib/dailyBiases")

    assert isinstance(found.timespan, Timespan)
    assert str(found.timespan) == "[2021-07-02T00:00:00, 2021-07-03T00:00:00)"


def test_the_mended_chain_has_the_better_defects_and_all_the_rest(guide: Guide) -> None:
    with Butler.from_config(str(guide.repository)) as butler:
        children = butler.collections.get_info(f"{USER}/calib.20210720").children

    names = ("bias", "dark", "defect", "flat", "linearity", "bfk", "crosstalk")
    assert [child.removeprefix(f"{USER}/calib/").partition(".")[0] for child in children] == list(names)
    assert f"{USER}/calib/defect.20210720a" in children


def test_the_noise_of_c07_is_found_in_the_overscan(guide: Guide) -> None:
    sensor = latiss_sensor(SCALE)
    (truth,) = (each.read_noise / each.gain for each in sensor.readout.amplifiers if each.name == "C07")

    assert f"Empirical read noise of C07: {int(truth)}" in guide.said("cpBias.yaml")


@pytest.mark.parametrize("run", ["20210712a", "20210712b", "20210721Ya", "20210721Yb"])
def test_no_curve_is_made_with_the_curated_defects_that_mask_c07(guide: Guide, run: str) -> None:
    with Butler.from_config(str(guide.repository), collections=f"{USER}/ptcGen.{run}") as butler:
        defects = butler.find_dataset("defects", PLACE)
        wanted = butler.find_dataset("defects", PLACE, collections=f"{USER}/defectGen.20210712a")

    assert defects is not None
    assert defects == wanted


def test_masking_the_defects_saves_c04_and_c11(guide: Guide) -> None:
    before, after = (guide.said(words) for words in ("-c isr:doEmpiricalReadNoise=True", "verifyBiasApply:doDefect"))
    first = guide.said("Latiss/verifyBias.yaml")

    assert before
    assert all(f"{amplifier} CR_NOISE failed in" in first for amplifier in ("C04", "C11"))
    assert not any(f"{amplifier} CR_NOISE failed in" in after for amplifier in ("C04", "C11"))
    assert "C07 NOISE failed in" in after


def test_intermediate_images_are_gone_and_products_are_not(guide: Guide) -> None:
    kinds = {path.name.partition("_")[0] for path in (guide.repository / "u").rglob("*.fits")}

    assert kinds == {"bias", "dark", "flat", "fringe", "sky"}


def test_the_flat_is_the_response_of_the_sensor(guide: Guide) -> None:
    flat = guide.get("flat")

    assert float(np.median(flat.image)) == pytest.approx(1.0, abs=0.02)  # type: ignore[attr-defined]


def test_fringes_are_seen_where_the_light_is_red(guide: Guide) -> None:
    fringe = guide.get("fringe")

    assert float(np.std(fringe.image)) > 0.005  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [
        *("Latiss/cpBias", "Latiss/verifyBias", "Latiss/findDefects", "verifyDefect", "verifyBias", "LATISS/cpDark"),
        *("VerifyDark", "Latiss/cpFlat", "Latiss/verifyFlat", "Latiss/findDefectsPostFlat", "VerifyDefectPostFlat"),
        *("measurePhotonTransferCurve", "cpLinearitySolve", "measurePtcWithLinearity", "Latiss/cpBfkSolve"),
        *("measureCrosstalk", "Latiss/cpFringe", "Latiss/cpSkySolve"),
    ],
)
def test_every_pipeline_of_the_observatorys_guide_is_run(name: str) -> None:
    assert any(f"/pipelines/{name}.yaml" in step.text for step in steps_of(PAGE.read_text(encoding="utf-8")))


PLAIN = """
# A page

```bash
NAME=world
```

```bash
echo hello $NAME
```

% what it writes has
```text
hello ...
```

% exit code 3
```bash
(exit 3)
```
"""


def test_steps_share_a_shell_and_are_held_to_what_the_page_says(tmp_path: Path, bash: dict[str, str]) -> None:
    ran = list(run_guide(steps_of(PLAIN), tmp_path, bash))

    assert [each.output for each in ran] == ["", "hello world\n", ""]
    assert [each.step.heading for each in ran] == ["A page"] * 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hello ...", "goodbye", "line 9: the page says"),
        ("NAME=world", "false", "line 5, 'A page', ended at a command that failed"),
        ("NAME=world", "false\ntrue", "line 5"),
        ("(exit 3)", "(exit 4)", "ended with exit code 4"),
        ("$NAME", "$NOBODY", "line 9"),
        ("echo hello $NAME", "false | cat", "line 9"),
    ],
)
def test_a_page_that_is_wrong_is_told_where(
    tmp_path: Path, bash: dict[str, str], old: str, new: str, said: str
) -> None:
    with pytest.raises(Failed, match=said):
        list(run_guide(steps_of(PLAIN.replace(old, new)), tmp_path, bash))


def test_a_step_is_found_on_its_line() -> None:
    assert steps_of(PLAIN)[2] == Step(heading="A page", line=19, text="(exit 3)", code=3)
