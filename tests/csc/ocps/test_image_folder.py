"""A folder of real images: what it refuses, what it keeps, and what its archive does with an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from csc.latiss.detector.recipes import make_exposure
from csc.ocps import archive as module
from csc.ocps import image_folder as opening
from csc.ocps.image_folder import image_folder
from fsm import AuthorError
from pipelines.middleware.jobs import certify
from tests.csc.rig import run

SCALE = 0.04


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder that was opened once."""
    folder = tmp_path_factory.mktemp("images") / "here"
    with image_folder(folder, SCALE):
        pass
    return Path(folder)


def take(folder: Path, number: int, **arguments: Any) -> str:
    with image_folder(folder, SCALE) as lent:
        archive: Any = lent["archive"]
        exposure = make_exposure("BIAS", number, exposure_time=0.0, seed=number)
        return str(archive.take(exposure, "LATISS", arguments.get("sensor", "R00_S00")))


def test_a_folder_is_made_with_its_repository(folder) -> None:
    assert (folder / "repo" / "butler.yaml").is_file()
    assert (folder / "scale").read_text() == "0.04\n"


@pytest.mark.parametrize(
    ("scale", "text"),
    [(0.0, "above 0 and at most 1"), (-1.0, "above 0"), (1.5, "at most 1"), (0.001, "leaves 1 x 2 pixels")],
)
def test_a_scale_that_is_none_is_refused(tmp_path, scale, text) -> None:
    with pytest.raises(AuthorError, match=text), image_folder(tmp_path / "a", scale):
        pass

    assert not (tmp_path / "a").exists()


def test_images_of_another_scale_are_refused(folder) -> None:
    with pytest.raises(AuthorError, match="have the scale 0.04, not 0.5"), image_folder(folder, 0.5):
        pass


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")

    with pytest.raises(AuthorError, match="not empty; name another one"), image_folder(tmp_path, SCALE):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(AuthorError, match="cannot hold images"), image_folder(tmp_path / "file", SCALE):
        pass


def test_without_the_pipelines_it_says_what_to_install(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda name: None)

    with pytest.raises(AuthorError, match=r"pip install 'cscsim\[pipelines\]'"), image_folder(tmp_path / "a", SCALE):
        pass


def test_an_image_is_written_and_ingested_and_the_next_ones_are_numbered_after_it(folder) -> None:
    assert take(folder, 7) == ""

    [file] = folder.glob("raw/LATISS/*/*.fits")
    day = int(file.parent.name)
    with image_folder(folder, SCALE) as lent:
        images: Any = lent["images"]
        assert images.next_seq_num(day) == 8
        assert images.next_seq_num(day + 1) == 1


def test_an_image_that_cannot_be_written_is_told_and_costs_no_other(folder, monkeypatch) -> None:
    def full(*arguments: Any, **more: Any) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_raw", full)
        assert take(folder, 11) == "No space left on device"

    assert take(folder, 12) == ""


def test_an_image_is_never_written_over(folder) -> None:
    assert take(folder, 15) == ""

    assert take(folder, 15) == "there is a file AT_O_20260115_000015_R00_S00.fits already"


def test_what_cannot_be_certified_leaves_the_repository_as_it_is(folder, tmp_path) -> None:
    log = tmp_path / "a.log"

    report = certify(str(folder / "repo"), ["u/nobody", "LATISS/calib/daily", "bias"], log=log)

    assert not report.succeeded
    assert "u/nobody" in report.message
    assert take(folder, 13) == ""


def test_the_header_says_what_was_known_when_the_image_began(folder) -> None:
    async def scenario(rig: Any) -> None:
        with image_folder(folder, SCALE) as lent:
            archive: Any = lent["archive"]
            exposure = make_exposure("BIAS", 21, exposure_time=0.0, seed=3)
            archive.note(exposure.name, rig.observatory)
            assert archive.take(exposure, "LATISS", "R00_S00") == ""

    run(scenario, "ATDome", states={"ATDome": "ENABLED"})

    [file] = folder.glob("raw/LATISS/*/*_000021_*.fits")
    assert fits.getheader(file)["DOMEAZ"] == pytest.approx(285.0)
