"""Whole sessions by clicks, with the console's own server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import run_console
from .devtools import Browser
from .observer import Observer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAKE = "auxtel/take_image_latiss.py"
FLAT = "image_type: FLAT\nnimages: 1\nexp_times: 6.0\nfilter: SDSSr_65mm\ngrating: empty_1\n"
STOP = "auxtel/stop_tracking.py"
NEWEST_COUNTS = "document.querySelector('.gallery tbody tr td:last-child').textContent"
WAITING = """[...document.querySelectorAll('section[aria-label="Waiting scripts"] .script')]
.map((each) => Number(each.getAttribute('aria-label').split(' ')[1]))"""


@pytest.mark.timeout(180)
def test_a_weekly_calibration_is_done_by_clicks(browser: Browser, tmp_path: Path) -> None:
    with run_console(tmp_path, "--training", "first_weekly", "--speed", "max") as (trainee, _):
        observer = Observer(browser.open())
        observer.enter(trainee)

        done = observer.follow()
        observer.open("Images")
        observer.page.until("document.querySelectorAll('.gallery tbody tr').length >= 200")
        debrief = observer.end()

    assert len(done) >= 10
    assert "A first weekly calibration" in debrief
    assert "Failed" not in debrief.split("goals reached")[0]


@pytest.mark.timeout(180)
def test_a_misaligned_dome_is_found_and_cured_by_clicks_and_scored(browser: Browser, tmp_path: Path) -> None:
    with run_console(tmp_path, "--training", "faint_flats", "--speed", "max") as (trainee, _):
        observer = Observer(browser.open())
        observer.enter(trainee)
        observer.follow(until="sets")

        observer.wait_for_script(observer.add_script(TAKE, FLAT), "DONE")
        observer.open("Images")
        observer.page.until(f"{NEWEST_COUNTS}.endsWith(' !')")
        observer.report("ATDome", "encoder_slip")
        observer.send("ATDome", "homeAzimuth")
        observer.send("ATDome", "moveAzimuth", azimuth="3")
        observer.wait_for_script(observer.add_script(TAKE, FLAT), "DONE")
        observer.open("Images")
        observer.page.until(f"parseInt({NEWEST_COUNTS}) > 10000")
        observer.do_step("shutdown")
        debrief = observer.end()

    rows = dict(line.split("\t")[:2] for line in debrief.splitlines() if line.count("\t") >= 2)
    assert rows["goals reached"] == "4 of 4"
    assert rows["time to notice: the encoder of the dome has slipped"] != "\u2013"
    assert rows["time to safe: the encoder of the dome has slipped"] != "\u2013"
    assert (rows["wrong cures tried"], rows["wrong reports"], rows["hints used"]) == ("0", "0", "0")


@pytest.mark.timeout(120)
def test_an_instructor_injects_and_the_trainee_cures(browser: Browser, tmp_path: Path) -> None:
    with run_console(tmp_path, "--training", "first_weekly", "--speed", "60x") as (trainee, instructor):
        observer, other = Observer(browser.open()), Observer(browser.open())
        observer.enter(f"{trainee}#/component/ATDome")
        other.enter(instructor)
        observer.page.click_words("ENABLED", "main .component")
        observer.page.until("document.querySelector('main .pill').textContent === 'ENABLED'")

        other.page.until(
            "document.querySelector('form[aria-label=\"Inject a fault\"] select')?.value === 'encoder_slip'"
        )
        other.page.click_words("Inject", "form[aria-label='Inject a fault']")
        other.page.until("document.querySelector('#side').innerText.includes('ATDome.encoder_slip')")
        observer.report("ATDome", "encoder_slip")
        observer.send("ATDome", "homeAzimuth")

        other.page.until("document.querySelector('#side').innerText.includes('Active faults (0)')")
        seen = observer.page.text("#side .lines").replace("suspects ATDome.encoder_slip", "")
        other.open("Instructor")
        other.page.go(other.page.until("document.querySelector('a[href^=\"/debrief\"]')?.href"))
        other.page.until("document.body.innerText.includes('encoder_slip')")

    assert "encoder_slip" not in seen


@pytest.mark.timeout(120)
def test_scripts_wait_are_moved_requeued_taken_off_and_run(browser: Browser, tmp_path: Path) -> None:
    with run_console(tmp_path, "--training", "faint_flats", "--speed", "max") as (trainee, _):
        observer = Observer(browser.open())
        page = observer.page
        observer.enter(trainee)
        page.click_words("Pause queue")
        page.until("document.querySelector('.queue .current .pill').textContent === 'PAUSED'")
        one, two, three = (observer.add_script(STOP, "") for _ in range(3))

        page.until(f"String({WAITING}) === '{one},{two},{three}'")
        page.until("[...document.querySelectorAll('.script .pill')].every((each) => each.textContent === 'CONFIGURED')")
        page.click(f"button[aria-label='Move {three} to the top']")
        page.until(f"String({WAITING}) === '{three},{one},{two}'")
        page.click(f"button[aria-label='Move {one} down']")
        page.until(f"String({WAITING}) === '{three},{two},{one}'")
        page.click(f"button[aria-label='Take {two} off the queue']")
        page.until(f"String({WAITING}) === '{three},{one}'")
        page.click(f"button[aria-label='Add {three} once more']")
        again = page.until(f"{WAITING}.length === 3 && {WAITING}[2]")
        page.click_words("Resume queue")
        page.until("document.querySelector('.queue .current .pill').textContent === 'RUNNING'")

        assert again > three
        for index in (three, one, again):
            page.until(f"document.querySelector('.queue').innerText.includes('{index}')")
        page.until(f"String({WAITING}) === ''")
        observer.wait_for_script(two, "TERMINATED")


@pytest.mark.timeout(120)
def test_config_is_checked_while_it_is_typed_and_outlives_the_server(browser: Browser, tmp_path: Path) -> None:
    errors = "document.querySelector('#config-errors').textContent"
    disabled = "document.querySelector('.config button.main').disabled"
    observer = Observer(browser.open())
    page = observer.page

    with run_console(tmp_path, "--training", "first_weekly") as (trainee, _):
        port = int(trainee.split("/")[2].rpartition(":")[2])
        observer.enter(trainee)
        observer.write_config(TAKE, "image_type: FLAT\nnimages: [1")
        page.until(f"{errors}.startsWith('line 2, column ')")
        assert page.evaluate(disabled)
        observer.rewrite_config("image_type: FLAT\nnimages: many")
        page.until(f"{errors}.includes(\"'many'\") && {errors}.includes('nimages')")
        assert page.evaluate(disabled)
        observer.rewrite_config(FLAT)
        page.until(f"{errors} === 'CONFIG is valid' && !{disabled}")
    page.until("document.querySelector('#banner').classList.contains('alert')")
    assert observer.config == FLAT
    page.type("# mine")
    with run_console(tmp_path, "--training", "first_weekly", port=port):
        page.until("document.querySelector('#banner').hidden")
        assert observer.config == f"{FLAT}# mine"
        page.until(f"{errors} === 'CONFIG is valid' && !{disabled}")
        page.click(".config button.main")
        page.until("document.querySelector('.queue').textContent.includes('# mine')")
