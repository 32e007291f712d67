from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lsst.daf.butler import Butler
from lsst.daf.butler.cli import butler as command_line

from tests.pipelines import raws


def butler(*arguments: object) -> Result:
    """Run `butler` with arguments, in this process."""
    return CliRunner().invoke(command_line.cli, [str(argument) for argument in arguments])


@pytest.fixture
def images(tmp_path: Path) -> Path:
    raws.write_all([*raws.biases(2), *raws.flats(1, image_type="OBJECT")], tmp_path / "raw")
    return tmp_path / "raw"


def test_a_repository_is_made_for_the_instruments_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.middleware.repository.register_dataset_types", lambda butler: None)

    done = butler("create-calibration-repo", tmp_path / "repo", "--instrument", "LSSTComCam")

    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'repo'}: ready for LSSTComCam\n")
    assert "LSSTComCam" in butler("query-dimension-records", tmp_path / "repo", "instrument").output


def test_an_unknown_instrument_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = butler("create-calibration-repo", tmp_path / "repo", "--instrument", "HSC")

    assert done.exit_code == 1
    assert done.output == "Error: no instrument 'HSC'; there are LATISS, LSSTComCam\n"


def test_images_are_ingested_counted_and_found(repository: Path, images: Path) -> None:
    done = butler("ingest-raws", repository, images)

    assert (done.exit_code, done.output) == (0, "3 ingested, 0 already there, 0 failed\n")
    found = butler(
        "query-dimension-records",
        repository,
        "exposure",
        "--where",
        "instrument='LATISS'"
        " AND exposure.observation_type='bias' AND exposure.target_name='Park position'"
        " AND exposure.exposure_time=0.0 AND exposure.dark_time < 0.1 AND exposure.day_obs > 20210101",
    )
    assert found.output.count("AT_O_20260301_00000") == 2


def test_what_failed_is_said_and_the_exit_code_tells(repository: Path, images: Path) -> None:
    (images / "zz.fits").write_text("no image")

    done = butler("ingest-raws", repository, images)

    assert done.exit_code == 1
    assert "3 ingested, 0 already there, 1 failed\n" in done.output
    assert f"Error: {images}/zz.fits: not a FITS file" in done.output


def test_failing_fast_says_which_file_and_ingests_none(repository: Path, images: Path) -> None:
    (images / "zz.fits").write_text("no image")

    done = butler("ingest-raws", repository, images, "--fail-fast")

    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {images}/zz.fits: not a FITS file")
    assert "No results" in butler("query-dimension-records", repository, "exposure").output


def test_images_go_into_the_run_asked_for(repository: Path, images: Path) -> None:
    butler("ingest-raws", repository, images, "--output-run", "LATISS/raw/lab", "--transfer", "symlink")

    assert "LATISS/raw/lab" in butler("query-datasets", repository, "raw", "--collections", "*").output


def test_visits_are_counted(repository: Path, images: Path) -> None:
    butler("ingest-raws", repository, images)

    done = butler("define-visits", repository, "pipelines.middleware.instrument.Latiss")

    assert (done.exit_code, done.output) == (0, "1 science exposures have visits\n")


@pytest.mark.parametrize(
    ("options", "collection"),
    [
        ((), "LATISS/calib/curated"),
        (("--label", "DM-28920"), "LATISS/calib/DM-28920"),
        (("--collection", "u/me/defects"), "u/me/defects"),
    ],
)
def test_curated_calibrations_are_certified(repository: Path, options: tuple[str, ...], collection: str) -> None:
    done = butler("write-curated-calibrations", repository, "LATISS", *options)

    assert (done.exit_code, done.output) == (0, "1 of 1 curated calibrations are new\n")
    assert collection in butler("query-collections", repository, "--collection-type", "CALIBRATION").output


def test_the_butlers_own_commands_make_a_repository_too(tmp_path: Path, images: Path) -> None:
    repository = tmp_path / "own"
    seed = str(files("pipelines.middleware") / "repo.yaml")

    assert butler("create", "--seed-config", seed, repository).exit_code == 0
    assert butler("register-instrument", repository, "pipelines.middleware.instrument.Latiss").exit_code == 0
    assert butler("ingest-raws", repository, images).output == "3 ingested, 0 already there, 0 failed\n"
    assert butler("write-curated-calibrations", repository, "Latiss").exit_code == 0


def test_exposures_are_checked_before_they_are_used(repository: Path, images: Path) -> None:
    butler("ingest-raws", repository, images)

    right = butler("check-exposures", repository, "LATISS", "2026030100001, 2026030100002", "2026030100001")
    missing = butler("check-exposures", repository, "LATISS", "2026030100001, 2026030100099")
    no_id = butler("check-exposures", repository, "LATISS", "2026030100001, bias")

    assert (right.exit_code, right.output) == (0, "2 exposures, all of them there\n")
    assert (missing.exit_code, no_id.exit_code) == (1, 1)
    assert "Error: exposure 2026030100099 of LATISS is not in the repository" in missing.output
    assert "Error: 'bias': no exposure id" in no_id.output


def test_a_verification_is_shown_with_what_fails_most_first(repository: Path) -> None:
    results = {
        1: {"SUCCESS": False, "FAILURES": ["RXX_S00 C07 NOISE", "RXX_S00 C04 MEAN"]},
        2: {"SUCCESS": False, "FAILURES": ["RXX_S00 C07 NOISE"]},
        3: {"SUCCESS": True},
        "SUCCESS": False,
    }
    with Butler.from_config(str(repository), writeable=True, run="u/verify/run") as opened:
        opened.put(results, "verifyBiasStats", instrument="LATISS")
        opened.collections.register("u/nothing")

    shown = butler("show-verification", repository, "u/verify/run")
    nothing, nowhere = (butler("show-verification", repository, name) for name in ("u/nothing", "u/nowhere"))

    assert shown.output.splitlines() == [
        "verifyBiasStats: 1 of 3 exposures passed",
        "RXX_S00 C07 NOISE failed in 2 of 3",
        "RXX_S00 C04 MEAN failed in 1 of 3",
    ]
    assert "Error: u/nothing: no verification of bias, dark, flat or defects in it" in nothing.output
    assert "Error: u/nowhere: there is no such collection" in nowhere.output
