"""`cscsim images`, `image` and `ptc` as a person or a program uses them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cscsim.command_line import main
from tests.cscsim.cli import call

PNG = b"\x89PNG\r\n\x1a\n"
SMALL = ("--scale", "0.05")


@pytest.fixture(scope="module")
def comcam(tmp_path_factory):
    path = tmp_path_factory.mktemp("comcam") / "comcam.jsonl"
    assert call("rehearse", "comcam", "--yes", "--seed", "1", "--journal", str(path)).exit_code == 0
    return str(path)


@pytest.fixture(scope="module")
def slip(tmp_path_factory):
    path = tmp_path_factory.mktemp("slip") / "slip.jsonl"
    fault = ("--fault", "ATDome.encoder_slip:slip=2.5deg")
    assert call("rehearse", "weekly", "--yes", "--seed", "1", *fault, "--journal", str(path)).exit_code == 1
    return str(path)


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    path = tmp_path_factory.mktemp("weekly") / "weekly.jsonl"
    assert call("rehearse", "weekly", "--yes", "--seed", "1", "--journal", str(path)).exit_code == 0
    return str(path)


def test_images_are_listed_with_what_an_observer_needs(slip):
    result = call("images", slip, "--type", "flat")

    assert result.exit_code == 0
    head, line, count = result.stdout.splitlines()
    assert head.split() == "name type filter grating time counts begin".split()
    assert line.split()[:5] == ["AT_O_20260115_000045", "FLAT", "SDSSr_65mm", "empty_1", "6"]
    assert "1 5" in line  # a misaligned dome: far below 10 000
    assert count == "1 of 45 images; time in s, counts in adu"


def test_a_list_as_data_has_everything(slip):
    last = json.loads(call("images", slip, "--last", "1", "--json").stdout)

    assert len(last) == 1
    assert last[0]["name"] == "AT_O_20260115_000045"
    assert last[0]["counts_adu"] < 10_000.0
    assert set(last[0]) >= {"id", "type", "filter", "grating", "saturated", "reason", "program", "group", "time_tai"}


def test_nothing_of_a_kind_is_no_error(comcam):
    result = call("images", comcam, "--type", "bias", "--filter", "r_03", "--last", "1")

    assert result.stdout.splitlines()[-1].startswith("1 of 29 images")


def test_a_list_renders_nothing(comcam):
    code = (
        "import sys\nfrom cscsim.command_line import main\n"
        f"main(['images', {comcam!r}], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    heavy = {"matplotlib", "scipy", "astropy.io.fits", "pipelines", "csc.latiss.detector.rendering"}
    assert heavy.isdisjoint(done.stderr.split())


def test_an_image_is_told_amplifier_by_amplifier(slip):
    result = call("image", slip, "last", "flat", *SMALL)

    assert result.exit_code == 0
    assert result.stdout.startswith("AT_O_20260115_000045   FLAT   SDSSr_65mm ~ empty_1   6 s\n")
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith("C") and line[1:3].isdigit()]
    assert [row[0] for row in rows][:2] == ["C10", "C11"]
    assert len(rows) == 16
    assert all(1_300.0 < float(row[1]) < 1_700.0 for row in rows)


def test_an_image_as_data(slip):
    told = json.loads(call("image", slip, "45", *SMALL, "--json").stdout)

    (detector,) = told["detectors"]
    assert told["type"] == "FLAT"
    assert detector["name"] == "R00_S00"
    assert len(detector["amplifiers"]) == 16
    assert detector["amplifiers"][0]["nominal_gain"] == 1.0811


def test_pictures_are_written(comcam, tmp_path):
    for number, arguments in enumerate(((), ("--detector", "4"), ("--detector", "4", "--raw", "--log"))):
        path = tmp_path / f"{number}.png"

        result = call("image", comcam, "flat", *SMALL, *arguments, "--png", str(path))

        assert (result.exit_code, result.stdout) == (0, f"wrote {path}\n")
        assert path.read_bytes().startswith(PNG)


def test_a_raft_is_told_sensor_by_sensor(comcam):
    result = call("image", comcam, "last", "dark", *SMALL)

    assert result.exit_code == 0
    assert sum(line.startswith("R22_S") for line in result.stdout.splitlines()) == 9


def test_files_are_written_and_are_a_source_then(comcam, tmp_path):
    folder = tmp_path / "raw"
    assert call("image", comcam, "flat", *SMALL, "--detector", "4", "--fits", str(folder)).exit_code == 0

    listed = json.loads(call("images", str(folder), "--json").stdout)
    shown = json.loads(call("image", str(folder), "--json").stdout)
    rendered = json.loads(call("image", comcam, "flat", *SMALL, "--detector", "4", "--json").stdout)

    assert [path.name for path in folder.iterdir()] == ["CC_O_20260115_000029_R22_S11.fits"]
    assert [each["detectors"] for each in listed] == [[4]]
    assert shown["detectors"] == rendered["detectors"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lst", "flat"), "there is no image lst flat; .* did you mean flat?"),
        (("77",), "there is no image 77; there are 29"),
        (("flat", "--detector", "9"), "CC_O_20260115_000029 has no detector 9; it has 0, 1, 2, 3, 4, 5, 6, 7, 8"),
        (("flat", "--scale", "0"), "scale=0.0 must be above 0 and at most 1"),
        (("flat", "--scale", "0.01"), "an amplifier needs 16 x 16"),
        (("flat", "--raw"), "--raw and --log are of a picture; name its file with --png"),
        (("flat", *SMALL, "--detector", "1", "--png", "no/where/x.png"), "no/where/x.png: cannot be written: No such"),
        (("flat", *SMALL, "--detector", "1", "--fits", "/dev/null"), "/dev/null/.* was not written"),
    ],
)
def test_what_cannot_be_shown_is_told(comcam, arguments, message):
    result = call("image", comcam, *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.search(message, result.stderr), result.stderr


def test_files_have_the_scale_that_they_have(comcam, tmp_path):
    call("image", comcam, "flat", *SMALL, "--detector", "4", "--fits", str(tmp_path))

    for command in ("image", "ptc"):
        result = call(command, str(tmp_path), "--scale", "0.5")

        assert result.exit_code == 2
        assert "their pixels have a scale, leave out --scale" in result.stderr


@pytest.mark.parametrize("command", ["images", "image", "ptc"])
def test_what_is_no_source_is_told(command, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("nothing\n", encoding="utf-8")

    assert "there is no image in it" in call(command, str(tmp_path)).stderr
    assert "not a journal record" in call(command, str(other)).stderr
    assert "cannot be read: No such file" in call(command, str(tmp_path / "run.jsonl")).stderr


def test_a_journal_that_no_longer_comes_true_gives_what_came_before(comcam, tmp_path):
    lines = Path(comcam).read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "000012" in line and '"endReadout"' in line)
    lines[place] = lines[place].replace("000012", "000013")
    changed = tmp_path / "changed.jsonl"
    changed.write_text("".join(lines), encoding="utf-8")

    result = call("images", str(changed))

    assert result.exit_code == 0
    assert f"from record #{place + 1} on" in result.stderr
    assert result.stdout.splitlines()[-1].startswith(("11 images", "12 images"))


def test_a_run_with_real_images_points_to_their_folder(comcam, tmp_path):
    first, *others = Path(comcam).read_text(encoding="utf-8").splitlines(keepends=True)
    journal = tmp_path / "real.jsonl"
    journal.write_text("".join([first.replace("}\n", ',"lent":["archive","images"]}\n'), *others]), encoding="utf-8")

    result = call("images", str(journal))

    assert result.exit_code == 2
    assert "written to files: give the folder of its --images" in result.stderr


def test_a_combined_bias_is_subtracted(comcam, tmp_path):
    import numpy as np
    from astropy.io import fits

    path = tmp_path / "bias.fits"
    header = fits.Header({"OBSTYPE": "bias"})
    pixels = np.full((200, 200), 50.0, np.float32)
    fits.HDUList([fits.PrimaryHDU(header=header), fits.ImageHDU(pixels, name="IMAGE")]).writeto(path)
    image = ("image", comcam, "dark", *SMALL, "--json")

    plain = json.loads(call(*image, "--detector", "4").stdout)
    result = call(*image, "--detector", "4", "--with", str(path))

    for before, after in zip(
        plain["detectors"][0]["amplifiers"],
        json.loads(result.stdout)["detectors"][0]["amplifiers"],
        strict=True,
    ):
        assert after["mean_adu"] == pytest.approx(before["mean_adu"] - 50.0, abs=0.01)
    assert "say which with --detector" in call(*image, "--with", str(path)).stderr


@pytest.mark.parametrize("module", ["scipy", "matplotlib"])
def test_without_the_extra_it_says_what_to_install(comcam, tmp_path, monkeypatch, module):
    find = importlib.util.find_spec
    monkeypatch.setattr("cscsim.pictures.notes.find_spec", lambda name: None if name == module else find(name))

    result = call("image", comcam, "--png", str(tmp_path / "x.png"))

    assert result.exit_code == 2
    assert f"pictures of images need {module}: pip install 'cscsim[pipelines]'" in result.stderr
    assert call("images", comcam).exit_code == 0


def test_a_curve_is_measured_and_drawn(weekly, tmp_path):
    path = tmp_path / "curve.png"

    told = call("ptc", weekly, *SMALL, "--truth")
    drawn = call("ptc", weekly, *SMALL, "--truth", "--png", str(path), "--json")

    assert told.exit_code == drawn.exit_code == 0
    assert told.stdout.startswith("Photon transfer curve of LATISS detector 0: 30 pairs of flats\n")
    assert path.read_bytes().startswith(PNG)
    amplifiers = json.loads(drawn.stdout)["amplifiers"]
    assert len(amplifiers) == 16
    off = [one["gain"] / one["true_gain"] - 1.0 for name, one in amplifiers.items() if name != "C05"]
    assert abs(sum(off) / len(off)) < 0.02


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no flats for a photon transfer curve; the weekly calibrations take pairs"),
        (("--reason", "ptc"), "no image has the reason ptc; there is none at all"),
    ],
)
def test_a_run_without_pairs_has_no_curve(comcam, arguments, message):
    result = call("ptc", comcam, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("columns", "seen"), [("60", ()), ("100", ("reason",)), ("140", ("reason", "program", "group"))]
)
def test_a_name_stands_whole_on_any_terminal(weekly, columns, seen):
    result = CliRunner(env={"COLUMNS": columns}).invoke(main, ["images", weekly, "--reason", "weekly_PTC"])

    lines = result.stdout.splitlines()
    assert all(f"AT_O_20260115_{number:06d} " in result.stdout for number in range(182, 242))
    assert [title for title in ("reason", "program", "group") if title in lines[0].split()] == list(seen)
