"""Pictures are PNG files of a known size, whatever is in the image; and what stands on them is what was measured."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import imread

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import latiss_sensor
from csc.ocps.developing import develop, raw_from_pixels
from csc.ocps.photon_transfer import measure_curve
from cscsim.pictures.canvas import place, sampled, show_pixels, stretch
from cscsim.pictures.curve_drawing import draw_curve
from cscsim.pictures.curves import truth_of
from cscsim.pictures.drawing import draw_image, draw_thumbnail
from cscsim.pictures.mosaic import draw_mosaic
from cscsim.pictures.sources import Run
from cscsim.pictures.words import COLUMNS, as_json, raft_lines, subtitle, table_lines, title

SENSOR = latiss_sensor(0.05)
EXPOSURES = {
    "bias": make_exposure("BIAS", 1),
    "dark": make_exposure("DARK", 2, exposure_time=60.0),
    "flat": make_exposure("FLAT", 3, exposure_time=6.0, filter="SDSSr_65mm"),
    "saturated": make_exposure("FLAT", 4, exposure_time=60.0, filter="SDSSr_65mm"),
}
VERMILLION = np.array([213, 94, 0]) / 255.0


def looked_at(kind, **options):
    exposure = EXPOSURES[kind]
    (shot,) = Run(exposures=(exposure,)).shots
    return shot, develop(raw_from_pixels(render(exposure, SENSOR), SENSOR.readout), "LATISS", 0, **options)


def pixels_of(png):
    return imread(io.BytesIO(png))


def reddish(picture):
    return (np.abs(picture[..., :3] - VERMILLION) < 0.02).all(axis=-1).mean()


# Any two of these meet once.
@pytest.mark.parametrize(
    ("kind", "is_raw", "is_log"),
    [(kind, is_raw, is_raw != number % 2) for number, kind in enumerate(EXPOSURES) for is_raw in (False, True)],
)
def test_every_kind_of_image_is_drawn(kind, is_raw, is_log):
    shot, image = looked_at(kind, is_raw=is_raw)

    picture = pixels_of(draw_image(shot, image, is_log=is_log))

    assert picture.shape[:2] == (860, 1400)
    assert (reddish(picture) > 0.02) == (kind == "saturated")


def test_a_picture_leaves_no_setting_behind():
    before = dict(matplotlib.rcParams)

    draw_image(*looked_at("flat"))

    assert dict(matplotlib.rcParams) == before


def test_the_same_image_gives_the_same_bytes():
    assert draw_image(*looked_at("flat")) == draw_image(*looked_at("flat"))


def test_a_thumbnail_is_small():
    _, image = looked_at("flat")

    assert pixels_of(draw_thumbnail(image)).shape[:2] == (200, 200)


def test_a_raft_is_drawn_sensor_by_sensor():
    exposure = make_exposure("FLAT", 3, exposure_time=1.0, filter="SDSSr_65mm")
    (shot,) = Run(exposures=(exposure,)).shots
    images = [
        develop(raw_from_pixels(render(exposure, each), each.readout), "LSSTComCam", each.detector)
        for each in true_sensors(0.05)
    ]

    assert pixels_of(draw_mosaic(shot, images)).shape[:2] == (860, 1400)
    assert len(raft_lines(images)) == 10
    assert [each["detector"] for each in as_json(shot, images)["detectors"]] == list(range(9))


@pytest.mark.parametrize("shows_truth", [False, True])
def test_a_curve_is_drawn_also_where_it_has_too_few_points(shows_truth):
    flats = [make_exposure("FLAT", n, exposure_time=float(t), filter="SDSSr_65mm") for n, t in ((1, 1), (2, 1))]
    run = Run(exposures=tuple(flats))
    by_id = {shot.id: shot for shot in run.shots}
    curve = measure_curve(dict.fromkeys(by_id, 1.0), lambda one: run.raw(by_id[one], 0, 0.05), "LATISS", 0)

    picture = draw_curve(curve, run.shots, "LATISS", truth_of("LATISS", 0) if shows_truth else None)

    assert pixels_of(picture).shape[:2] == (1100, 1500)


def test_a_stretch_leaves_out_the_extremes():
    pixels = np.random.default_rng(1).normal(1000.0, 10.0, (100, 100)).astype(np.float32)
    pixels[0, :20], pixels[1, 0] = 1e6, np.nan

    norm = stretch(pixels, is_log=False)

    assert norm.vmin == pytest.approx(974.0, abs=4.0)
    assert norm.vmax == pytest.approx(1026.0, abs=6.0)


@pytest.mark.parametrize("level", [0.0, -20.0, 5000.0])
@pytest.mark.parametrize("is_log", [False, True])
def test_a_stretch_of_an_even_image_has_room(level, is_log):
    norm = stretch(np.full((8, 8), level, np.float32), is_log=is_log)

    assert norm.vmin is not None
    assert norm.vmax is not None
    assert norm.vmax > norm.vmin
    assert isinstance(norm, LogNorm) == is_log
    assert not is_log or norm.vmin > 0.0


def test_an_image_without_any_number_is_still_shown():
    assert stretch(np.full((8, 8), np.nan, np.float32), is_log=False).vmax == 1.0


def test_a_large_image_is_shown_by_means_and_no_saturated_pixel_is_lost():
    axes = Figure().add_subplot()
    pixels = np.zeros((2100, 2100), np.float32)
    pixels[0:3, 0:3], saturated = 9.0, np.zeros((2100, 2100), np.bool_)
    saturated[1000, 1000] = True

    shown = show_pixels(axes, pixels, saturated, stretch(pixels, is_log=False))

    values = shown.get_array()
    assert values is not None
    assert values.shape == (700, 700)
    assert values[0, 0] == 9.0
    overlay = axes.images[1].get_array()
    assert overlay is not None
    assert overlay[..., 3].sum() == 1.0


def test_pixels_stay_square():
    figure = Figure(figsize=(10.0, 5.0))

    left, bottom, width, height = place((0.1, 0.1, 0.8, 0.8), (100, 200), figure)

    assert (left, bottom) == pytest.approx((0.1, 0.1))
    assert width * 10.0 / 200 == pytest.approx(height * 5.0 / 100)
    assert sampled(np.zeros((4000, 4072), np.float32)).size <= 2**20


def test_the_title_says_which_image_and_what_it_was_for():
    shot, image = looked_at("saturated")

    assert title(shot, image) == "AT_O_20260115_000004   FLAT   SDSSr_65mm ~ empty_1   60 s"
    assert subtitle(shot, image).startswith(f"{round(shot.counts):,} adu, saturated".replace(",", " ", 1))
    assert "overscan subtracted" in subtitle(shot, image)
    assert subtitle(shot, image).endswith(f"{SENSOR.shape[1]}×{SENSOR.shape[0]} pixels")


def test_the_table_has_a_line_for_each_amplifier_and_no_column_of_nothing():
    _, flat = looked_at("flat")
    _, saturated = looked_at("saturated")

    titles, *lines = table_lines(flat.amplifiers)

    assert len(lines) == 16
    assert lines[0].startswith("C10")
    assert "sat. %" not in titles
    assert list(COLUMNS)[-1] in table_lines(saturated.amplifiers)[0]
    assert len({len(line) for line in [titles, *lines]}) == 1
