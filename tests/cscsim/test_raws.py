"""`cscsim raws` as a person uses it, and what wrong plans are told."""

from __future__ import annotations

import errno
import re
import shutil
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from astropy.io import fits
from astropy.time import Time

import cscsim.raws_writing
from csc.latiss.detector.raw_file import write_raw
from cscsim.locate import known
from cscsim.raws_plan import read_plan
from tests.cscsim.cli import call

PLAN = """\
raws: tiny
scale: 0.05
exposures:
  - group: bias
    image_type: BIAS
    day_obs: 20260301
    first: 5
    number: 2
    target: Park position
  - group: ramp
    image_type: FLAT
    day_obs: 20260301
    first: 10
    repeat: 2
    filter: RG610
    ramp: {shortest: 0.2 s, longest: 5 s, steps: 2}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "raw"


def raws(plan: Path, folder: Path, *arguments: str):
    return call("raws", str(plan), str(folder), "--workers", "1", *arguments)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.fits"))}


def test_a_plan_becomes_files_with_its_numbers_and_words(plan, folder):
    said = raws(plan, folder)

    assert said.exit_code == 0, said.output
    assert said.stdout.startswith(f"{folder}: 6 raw images at scale 0.05, 0.00 GB; ")
    assert list(contents(folder)) == [f"AT_O_20260301_{number:06d}_R00_S00.fits" for number in (5, 6, 10, 11, 12, 13)]
    with fits.open(folder / "AT_O_20260301_000005_R00_S00.fits") as units:
        header = units[0].header
        assert (header["IMGTYPE"], header["OBJECT"], header["DAYOBS"]) == ("BIAS", "Park position", "20260301")
        assert units[1].shape == (148, 92)
    times = [fits.getheader(path)["EXPTIME"] for path in sorted(folder.glob("*.fits"))]
    assert times == [0.0, 0.0, 0.2, 0.2, 5.0, 5.0]


def test_exposures_of_a_day_lie_within_it_and_never_overlap():
    shots = [each.exposure for each in read_plan("guide").shots(1)]
    noon = {each.day_obs: Time(f"{each.name[5:9]}-{each.name[9:11]}-{each.name[11:13]}T12:00:00") for each in shots}

    assert all(before.tai_end < after.tai_begin for before, after in pairwise(shots) if before.day_obs == after.day_obs)
    assert all(0.0 < each.tai_begin - 37.0 - noon[each.day_obs].unix < 86_400.0 for each in shots)


def test_what_is_there_is_left_alone_and_what_is_missing_is_made_the_same(plan, folder):
    raws(plan, folder)
    first = contents(folder)
    (folder / "AT_O_20260301_000006_R00_S00.fits").unlink()

    said = raws(plan, folder)

    assert "6 raw images at scale 0.05, 0.00 GB, 5 of them were there" in said.stdout
    pixels = [fits.getdata(folder / name, 3).tobytes() for name in first]
    assert contents(folder).keys() == first.keys()
    (folder / "again").mkdir()
    raws(plan, folder / "again")
    assert [fits.getdata(folder / "again" / name, 3).tobytes() for name in first] == pixels


def test_seeds_make_other_pixels(plan, folder, tmp_path):
    raws(plan, folder)
    raws(plan, tmp_path / "other", "--seed", "2")
    name = "AT_O_20260301_000005_R00_S00.fits"

    assert (fits.getdata(folder / name, 1) != fits.getdata(tmp_path / "other" / name, 1)).any()


@pytest.mark.parametrize("arguments", [("--seed", "2"), ("--scale", "0.06")])
def test_a_folder_takes_images_of_one_plan_only(plan, folder, arguments):
    raws(plan, folder)

    said = raws(plan, folder, *arguments)

    assert said.exit_code == 2
    assert f"{folder}: it holds images of another plan, scale or seed" in said.output


def test_a_disk_without_room_is_told_before_anything_is_written(plan, folder, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))

    said = raws(plan, folder)

    assert said.exit_code == 2
    assert "6 images need about" in said.output
    assert not folder.exists()


def test_a_disk_that_fills_up_ends_it_and_the_same_command_goes_on(plan, folder, monkeypatch):

    def full(exposure, *arguments, **more):
        if exposure.seq_num == 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_raw(exposure, *arguments, **more)

    monkeypatch.setattr(cscsim.raws_writing, "write_raw", full)
    said = raws(plan, folder)
    monkeypatch.undo()

    assert said.exit_code == 1
    assert "AT_O_20260301_000010: No space left on device; the same command goes on from there" in said.output
    assert len(contents(folder)) == 2
    assert "2 of them were there" in raws(plan, folder).stdout


def test_several_processes_write_the_same(plan, folder, tmp_path):
    raws(plan, folder)

    said = call("raws", str(plan), str(tmp_path / "two"), "--workers", "2")

    assert said.exit_code == 0
    for name in contents(folder):
        assert (fits.getdata(folder / name, 2) == fits.getdata(tmp_path / "two" / name, 2)).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("filter: RG610", "filter: RG601", r"tiny.yaml:\d+:\d+: .*there is no filter RG601; did you mean RG610\?"),
        ("filter: RG610", "grating: ronchi", r"there is no grating ronchi; did you mean ronchi\w+\?"),
        (
            "longest: 5 s",
            "longest: 5 deg",
            r"tiny.yaml:16:\d+: .*is 5 deg; expected a number with its unit, such as 30 s",
        ),
        ("longest: 5 s", "longest: 5", r"expected a number with its unit"),
        ("first: 10", "first: 6", r"tiny.yaml:13:\d+: ramp: number 6 of 20260301 is one of bias, too"),
        ("first: 10", "first: 99998", r"is beyond the last number of a day, 99999"),
        ("day_obs: 20260301\n    first: 5", "day_obs: 20260231\n    first: 5", r"20260231 is no day"),
        ("number: 2", "exposure_times: [3 s]", r"a BIAS has an exposure time of 0 s"),
        ("repeat: 2", "exposure_times: [3 s]", r"has exposure_times and a ramp"),
        ("repeat: 2", "sky: {background: 3 adu/s}", r"a FLAT sees no sky"),
        ("repeat: 2", "repeats: 2", r"repeats.*repeat"),
    ],
)
def test_mistakes_of_a_plan_are_told_with_their_place(tmp_path, folder, old, new, message):
    path = tmp_path / "tiny.yaml"
    path.write_text(PLAN.replace(old, new), encoding="utf-8")

    said = raws(path, folder)

    assert said.exit_code == 2, said.output
    assert re.search(message, said.output), said.output
    assert not folder.exists()


def test_a_day_has_so_many_seconds(tmp_path, folder):
    path = tmp_path / "tiny.yaml"
    path.write_text(PLAN.replace("longest: 5 s", "longest: 50000 s"), encoding="utf-8")

    said = raws(path, folder)

    assert said.exit_code == 2
    assert "the exposures of 20260301 take longer than a day" in said.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("guid", "raw"), "there is no plan of raw images guid; did you mean guide?"),
        (("guide_small", "raw", "--scale", "0.01"), "leaves 5 x 20 pixels"),
        (("guide_small", "raw", "--scale", "2"), "scale=2.0"),
    ],
)
def test_arguments_that_are_wrong(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)

    said = call("raws", *arguments)

    assert said.exit_code == 2
    assert message in said.output


def test_every_plan_that_comes_along_can_be_read():
    assert {"guide", "guide_small"} <= set(known("raws"))
    for name in known("raws"):
        assert read_plan(name).name == name


def test_the_small_plan_has_the_groups_of_the_large_one():
    large, small = (read_plan(name) for name in ("guide", "guide_small"))

    assert {each.group for each in small.groups} == {each.group for each in large.groups}
    assert {(each.day_obs, each.first) for each in small.groups} <= {
        (each.day_obs, each.first) for each in large.groups
    }
