"""Images: counts at once, pixels when somebody asks for them, drawn elsewhere."""

from __future__ import annotations

import io
import multiprocessing

import pytest

from cscsim.console import pictures
from tests.cscsim.console.by_hand import Observer
from tests.cscsim.console.talking import console, plan_of


@pytest.fixture
def flat(free):
    """A console in which a flat was taken, its page, and the image's row."""
    with free.trainee() as page:
        page.ask("state", of="LATISS", to="ENABLED")
        request = Observer(free.room.plan.site.library).take("ATCamera", "FLAT", 2.0)
        page.ask(**request)
        told = page.until(lambda message: message.get("images"), seen=True)
        yield free, page, told["images"][0]


def test_an_image_has_its_counts_at_once_and_a_picture_when_asked_for(flat):
    pillow = pytest.importorskip("PIL.Image")
    pytest.importorskip("scipy")
    opened, page, row = flat
    assert (row["type"], row["exposure_time"]) == ("FLAT", 2.0)
    assert row["counts"] == pytest.approx(0.0, abs=10.0)

    first = opened.client.get(f"/images/{row['name']}.png", params={"size": "200"})
    again = opened.client.get(f"/images/{row['name']}.png", params={"size": "200"})
    measured = page.ask("image", name=row["name"])

    assert first.headers["content-type"] == "image/png"
    assert pillow.open(io.BytesIO(first.content)).size[0] == 200
    assert len(first.content) < 50_000
    assert again.content == first.content
    assert measured["statistics"]["median"] == pytest.approx(row["counts"], abs=10.0)
    assert len(multiprocessing.active_children()) == 1  # it is drawn there, not in the server


def test_no_process_is_left_when_the_console_has_ended(tmp_path):
    pytest.importorskip("scipy")
    with console(tmp_path, plan_of("auxtel")) as opened:
        drawing = opened.room.pictures
        assert drawing._pool is None  # nobody has asked for a picture
        opened.client.portal.call(drawing._away, abs, -1)
        assert len(multiprocessing.active_children()) == 1
    assert multiprocessing.active_children() == []


def test_without_what_draws_the_page_learns_how_to_get_it(flat, monkeypatch):
    opened, page, row = flat
    monkeypatch.setattr(pictures, "_NEEDED", ("no_such_module",))
    answer = opened.client.get(f"/images/{row['name']}.png")

    assert answer.status_code == 501
    assert answer.text == "pictures of images need no_such_module: pip install 'cscsim[pipelines]'"
    assert page.refused("image", name=row["name"]) == answer.text
    with opened.trainee() as other:
        assert other.hello["no_pictures"] == answer.text
    assert page.hello["no_pictures"] == ""


def test_what_was_drawn_is_kept_within_bounds(monkeypatch):
    monkeypatch.setattr(pictures, "_KEPT", 10)
    drawing = pictures.Pictures()
    for number in range(4):
        drawing._keep((1, str(number), 64), b"12345")

    assert [name for _, name, _ in drawing._kept] == ["2", "3"]


def test_pictures_that_cannot_be_drawn_are_refused(tmp_path):
    pytest.importorskip("scipy")
    with console(tmp_path, plan_of("auxtel")) as opened, opened.trainee() as page:
        assert page.refused("image", name="nothing") == "there is no image nothing"
        opened.room.pictures._waiting = 100
        assert opened.client.get("/images/nothing.png").status_code == 404
