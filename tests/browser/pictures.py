"""The pictures of the console in the docs: each view in two sizes and two themes, of two trainings played here.

`make pictures` writes them to `docs/pictures`. Seed, times and acts are fixed and simulated time stands still while a
picture is taken, so that the next ones show the same.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from .calling import Caller
from .conftest import run_console
from .devtools import Browser, Page, open_browser, program

__all__ = ["FOLDER", "LARGEST", "SIZES", "THEMES", "VIEWS", "name_of", "take_all"]

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = ((1400, 900), (1024, 768))
THEMES = ("light", "dark")
VIEWS = (
    "start",
    "training",
    "procedure",
    "config",
    "queue",
    "component",
    "machine",
    "dome",
    "latiss",
    "images",
    "plots",
    "log",
    "instructor",
    "debrief",
)
LARGEST = 120_000
"""Of a picture [bytes]."""

_COLOURS = (128, 96, 64, 48, 32)
_REST = 0.4  # until a page has drawn what it was told [s, real]
_OTHER_THEME = "document.querySelector('#top [aria-label^=Change]')"
_QUEUE = "ScriptQueue:2"
_MISTAKE = "atspectrograf: anytime_survey.yaml"
_FLAT = "{image_type: FLAT, exp_times: 6, filter: SDSSr_65mm, grating: empty_1}"


def name_of(view: str, size: tuple[int, int], theme: str) -> str:
    """Return the name of a picture's file.

    >>> name_of("queue", (1400, 900), "dark")
    'queue-1400-dark.png'
    """
    return f"{view}-{size[0]}-{theme}.png"


def take_all(folder: Path) -> list[Path]:
    """Take all pictures.

    Returns
    -------
    list of Path
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, open_browser(program(), Path(place) / "browser") as browser:
        taken = [*_first_weekly(browser, folder, Path(place)), *_faint_flats(browser, folder, Path(place))]
    return taken


def _first_weekly(browser: Browser, folder: Path, place: Path) -> Iterator[Path]:
    """Play the first training up to its first flats."""
    with _played("first_weekly", place) as (trainee, _), Caller(trainee) as caller:
        page, plots = browser.open(), browser.open()
        page.go(trainee)
        plots.go(f"{trainee}#/plots")
        for each in (page, plots):
            each.until("document.querySelectorAll('.chip').length > 15")
        caller.until(60.0)
        yield from _of(page, folder, "start", "#/queue")
        yield from _of(page, folder, "training", "#/training")

        caller.ask("announce", step="announce")
        for step in ("clear", "checkout", "vent"):
            caller.ask("confirm", step=step, answer=True)
        _add(caller, "auxtel/enable_atcs.py", "")
        caller.until(120.0)
        yield from _of(page, folder, "procedure", "#/procedure")
        page.evaluate("location.hash = '#/queue/add/auxtel%2Fenable_latiss.py'")
        page.until("document.querySelector('#config-errors')?.textContent === 'CONFIG is valid'")
        page.click("[aria-label=CONFIG] .ace_content")
        page.type(_MISTAKE)
        page.until("document.querySelector('#config-errors').textContent.includes('line 1')")
        yield from _of(page, folder, "config")

        _add(caller, "auxtel/enable_latiss.py", _MISTAKE.replace("graf:", "graph:"))
        _add(caller, "auxtel/scheduler/enable.py", "config: auxtel_fbs_spec_flex_survey.yaml")
        _add(caller, "auxtel/scheduler/add_block.py", "id: BLOCK-309")
        caller.until(600.0)
        yield from _of(page, folder, "queue", "#/queue")
        yield from _of(page, folder, "machine", "#/machine/ATWhiteLight/lamp")
        plots.send("Page.bringToFront")
        caller.until(1230.0)
        caller.ask("speed", to="30x")  # the dome turns, and the plots are drawn meanwhile
        time.sleep(100.0 / 30.0)
        caller.until(1380.0)
        yield from _of(plots, folder, "plots")
        caller.until(1500.0)
        yield from _of(page, folder, "dome", "#/dome")
        yield from _of(page, folder, "component", "#/component/ATDome")

        caller.ask("confirm", step="light", answer=True)
        _add(caller, "auxtel/scheduler/add_block.py", "id: BLOCK-295")
        caller.until(2700.0)
        page.evaluate("location.hash = '#/images/AT_O_20260115_000060'")
        page.until("document.querySelector('.picture img')?.naturalWidth > 0")
        yield from _of(page, folder, "images")
        yield from _of(page, folder, "latiss", "#/latiss")
        yield from _of(page, folder, "log", "#/log")


def _faint_flats(browser: Browser, folder: Path, place: Path) -> Iterator[Path]:
    """Play the training with a slipped encoder to its end."""
    with _played("faint_flats", place) as (trainee, instructor), Caller(trainee) as caller:
        page = browser.open()
        page.go(instructor)
        page.until("document.querySelectorAll('.chip').length > 15")
        _add(caller, "auxtel/scheduler/add_block.py", "id: BLOCK-309")
        caller.until(1500.0)
        _add(caller, "auxtel/take_image_latiss.py", _FLAT)
        caller.until(1560.0)
        caller.ask("panel", hash="#/images", detail="")
        yield from _of(page, folder, "instructor", "#/instructor")

        caller.ask("report", suspicion="ATDome.encoder_slip", text="a flat of 6 s is faint, lamp and shutter are well")
        caller.ask("command", component="ATDome", command="homeAzimuth", fields={})
        caller.until(1620.0)
        _add(caller, "auxtel/prepare_for/flat.py", "")
        _add(caller, "auxtel/take_image_latiss.py", _FLAT)
        _add(caller, "auxtel/scheduler/add_block.py", "id: BLOCK-310")
        caller.until(2880.0)
        caller.ask("end")
        for theme in THEMES:
            debrief = browser.open()
            debrief.scheme(theme)
            debrief.go(f"{trainee}debrief")
            debrief.until("document.body.innerText.includes('goals reached')")
            yield from _in_sizes(debrief, folder, "debrief", theme)


@contextmanager
def _played(training: str, place: Path) -> Iterator[tuple[str, str]]:
    here = place / training
    here.mkdir()
    with run_console(here, "--training", training) as addresses:
        yield addresses


def _add(caller: Caller, path: str, config: str) -> None:
    caller.ask("queue", queue=_QUEUE, what="add", path=path, standard=True, config=config,
               pause="", stop="", log_level="INFO", position="last")  # fmt: skip


def _of(page: Page, folder: Path, view: str, route: str = "") -> Iterator[Path]:
    """Take the pictures of a view."""
    if route:
        page.evaluate(f"location.hash = {route!r}")
    for theme in THEMES:
        page.evaluate(f"document.documentElement.dataset.theme === {theme!r} || {_OTHER_THEME}.click()")
        yield from _in_sizes(page, folder, view, theme)


def _in_sizes(page: Page, folder: Path, view: str, theme: str) -> Iterator[Path]:
    page.send("Page.bringToFront")  # a page behind another one is not drawn
    for size in SIZES:
        page.size(*size)
        page.evaluate("document.querySelectorAll('#notices button').forEach((each) => each.click())")
        time.sleep(_REST)
        path = folder / name_of(view, size, theme)
        page.picture(path)
        _make_small(path)
        yield path


def _make_small(path: Path) -> None:
    """Write a picture anew with few colours: as many as fit."""
    from PIL import Image

    with Image.open(BytesIO(path.read_bytes())) as image:
        whole = image.convert("RGB")
    for colours in _COLOURS:
        few = whole.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def main() -> None:
    """Take all pictures for the docs, and say how large they are."""
    written = take_all(FOLDER)
    sizes = [path.stat().st_size for path in written]
    print(
        f"wrote {len(written)} pictures to {FOLDER}: {sum(sizes) / 1e6:.1f} MB, the largest {max(sizes) / 1e3:.0f} kB"
    )
    sys.exit(max(sizes) > LARGEST)


if __name__ == "__main__":
    main()
