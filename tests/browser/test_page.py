"""What the page does with what it is told, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .devtools import Browser, Page
from .session import HOSTILE, NOW
from .stand_in import StandIn

pytestmark = pytest.mark.browser

Show = Callable[[int, str], Page]
ROUTES = {
    "queue": "#/queue",
    "config": "#/queue/add/auxtel%2Ftake_image_latiss.py",
    "procedure": "#/procedure",
    "dome": "#/dome",
    "latiss": "#/latiss",
    "images": "#/images/AT_O_20260115_000002",
    "plots": "#/plots",
    "component": "#/component/ATDome",
    "machine": "#/machine/ATWhiteLight/lamp",
    "log": "#/log",
    "training": "#/training",
    "instructor": "#/instructor",
}
CONFIG = ROUTES["config"]
SIZES = ((1400, 900), (1024, 768))
UNNAMED = """[...document.querySelectorAll('button, a, input, select, textarea, section, nav, aside, dialog, [role]')]
.filter((each) => each.offsetParent !== null && !['presentation', 'status'].includes(each.getAttribute('role')))
.filter((each) => !(each.getAttribute('aria-label') || each.getAttribute('aria-labelledby') || each.textContent.trim()
  || each.labels?.length || each.title || each.alt)).map((each) => each.outerHTML.slice(0, 120))"""
BEYOND = """[document.documentElement, ...document.querySelectorAll('#top, #components, #side, main > .panel')]
.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => `${each.id || each.className}
${each.scrollWidth}`)"""
TEXT_OF_CONFIG = "ace.edit(document.querySelector('[aria-label=CONFIG] .editor')).getValue()"


@pytest.mark.parametrize("name", ROUTES)
def test_every_panel_is_drawn_named_and_fits(browser: Browser, instructed: StandIn, name: str) -> None:
    page = browser.open()

    page.go(f"http://127.0.0.1:{instructed.port}/{ROUTES[name]}")
    page.until("document.querySelector('main > .panel').innerText.length > 30")
    page.until("document.querySelectorAll('.chip').length > 15")

    for width, height in SIZES:
        page.size(width, height)
        page.until(f"innerWidth === {width}")
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate(BEYOND) == []
        assert page.evaluate("document.querySelectorAll('[role=tab][aria-selected=true]').length") == 1


@pytest.mark.parametrize("route", ["#/log", "#/queue", "#/images", "#/procedure", "#/training", "#/instructor"])
def test_text_from_outside_is_shown_as_text(show: Show, instructed: StandIn, route: str) -> None:
    hello = instructed.hello
    script = hello["queues"]["ScriptQueue:2"]["past"][0]
    script |= {"path": HOSTILE, "reason": HOSTILE, "description": HOSTILE, "config": HOSTILE}
    hello["images"][0] |= {"program": HOSTILE, "filter": HOSTILE}
    hello["procedure"] = {**hello["procedure"], "title": HOSTILE, "overview": HOSTILE}
    hello["training"] |= {"title": HOSTILE, "briefing": HOSTILE}
    hello["instructor"]["trainees"][0] |= {"name": HOSTILE, "panel": f"#/{HOSTILE}"}
    page = show(instructed.port, route)

    page.until(f"document.querySelector('main').innerText.includes({json.dumps(HOSTILE)})")

    assert page.evaluate("document.title") != "hacked"
    assert page.evaluate("[...document.images].filter((each) => each.src.endsWith('/x')).length") == 0


def test_the_active_state_moves_in_a_picture_that_is_drawn_once(show: Show, stand_in: StandIn) -> None:
    active = "document.querySelector('.diagram g.node.active')?.textContent.trim()"
    page = show(stand_in.port, "#/component/ATDome/summary")
    page.until(f"{active} === 'ENABLED (2)'")
    page.evaluate("document.querySelector('.diagram svg').dataset.first = 'yes'")

    dome = stand_in.hello["components"]["ATDome"]
    stand_in.say(
        components={
            "ATDome": {**dome, "state": "FAULT", "letter": "F", "machines": {**dome["machines"], "summary": "FAULT"}}
        }
    )

    page.until(f"{active} === 'FAULT (3)'")
    assert page.evaluate("document.querySelectorAll('.diagram g.node.active').length") == 1
    assert page.evaluate("document.querySelector('.diagram svg').dataset.first") == "yes"
    assert page.evaluate("document.querySelector('.chip[href$=ATDome]').getAttribute('aria-label')").startswith(
        "ATDome, FAULT"
    )


def test_a_command_is_explained_before_it_is_sent_and_its_refusal_shown(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/component/ATDome")
    row = "details[data-key=moveAzimuth]"
    page.until(f"document.querySelector('{row} .why').textContent === 'ATDome: azimuth is homing'")

    page.click(f"{row} summary")
    page.until(f"document.querySelector('{row} .conditions li.no') !== null")
    page.click(f"{row} input")
    page.type("3.5")
    stand_in.wait_for("explain", fields={"moveAzimuth": {"azimuth": 3.5}})
    page.press("Enter")

    said = f"document.querySelector('{row} .said').textContent"
    page.until(f"{said}.startsWith('FAILED: Failed: azimuth is homing')")
    sent = [asked for asked in stand_in.asked if asked["do"] == "command"]
    assert [(each["command"], each["fields"]) for each in sent] == [("moveAzimuth", {"azimuth": 3.5})]


def test_config_is_checked_while_it_is_typed(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, CONFIG)
    page.until("document.querySelector('#config-errors').textContent === 'CONFIG is valid'")

    page.evaluate("ace.edit(document.querySelector('[aria-label=CONFIG] .editor')).setValue('nimages: [1', 1)")
    page.until(
        "document.querySelector('#config-errors').textContent.startsWith('line 1, column 12: a list is not closed')"
    )

    assert page.evaluate("document.querySelector('.options button.main').disabled")
    assert page.evaluate("document.querySelector('[aria-label=CONFIG] .ace_gutter-cell.ace_error') !== null")


def test_what_is_typed_survives_a_reload_and_another_server(show: Show) -> None:
    first = StandIn()
    page = show(first.port, CONFIG)
    page.until("document.querySelector('#config-errors').textContent === 'CONFIG is valid'")
    page.click("[aria-label=CONFIG] .ace_content")
    page.type("# mine\n")
    page.until(f"{TEXT_OF_CONFIG}.includes('# mine')")

    first.close()
    page.until("!document.querySelector('#banner').hidden")
    kept = page.evaluate(TEXT_OF_CONFIG)
    second = StandIn(port=first.port)
    try:
        page.until("document.querySelector('#banner').hidden")
        again = page.evaluate(TEXT_OF_CONFIG)
        page.go("about:blank")
        page.go(f"http://127.0.0.1:{second.port}/{CONFIG}")
        page.until(f"{TEXT_OF_CONFIG}.includes('# mine')")
    finally:
        second.close()

    assert "# mine" in kept
    assert again == kept


def test_every_panel_is_reached_by_the_keyboard(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/queue")
    page.evaluate("document.querySelector('[role=tab][aria-selected=true]').focus()")
    seen = []

    for _ in range(10):
        seen.append(page.evaluate("document.querySelector('main > .panel').dataset.panel"))
        page.press("ArrowRight")
        page.until(f"document.querySelector('main > .panel').dataset.panel !== {json.dumps(seen[-1])}")
        page.until("document.activeElement.getAttribute('role') === 'tab'")

    assert seen == [name for name in ROUTES if name not in ("config", "instructor")]


def test_only_the_instructor_sees_where_the_dome_truly_is(show: Show, stand_in: StandIn, instructed: StandIn) -> None:
    trainee, instructor = show(stand_in.port, "#/dome"), show(instructed.port, "#/dome")

    instructor.until("document.querySelector('main > .panel').innerText.includes('0.7°')")
    trainee.until("document.querySelector('main > .panel').innerText.includes('3.2°')")

    assert "188.7°" in trainee.text("main > .panel")
    assert "truly" not in trainee.text("main > .panel")
    assert "truth" not in json.dumps([asked for asked in stand_in.asked if asked["do"] == "subscribe"])
    assert trainee.evaluate("document.querySelector('#tab-instructor')") is None


def test_a_page_whose_frames_do_not_come_is_drawn_all_the_same(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/dome")
    page.evaluate("window.requestAnimationFrame = () => 0")  # as a page that was hidden before its frame came

    stand_in.say(telemetry={"ATDome.position": {"t": NOW, "data": {"azimuthPosition": 77.0}}})

    page.until("document.querySelector('main > .panel').innerText.includes('77°')")


def test_who_is_not_heard_looks_so(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/queue")

    label = page.evaluate("document.querySelector('.chip.stale').getAttribute('aria-label')")

    assert label == "ATMonochromator, STANDBY, no heartbeat for 1 min 00 s"
    assert page.evaluate("document.querySelectorAll('.chip.stale').length") == 1


def test_a_plot_grows_and_marks_a_fault(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/plots")
    page.until("document.querySelectorAll('.uplot').length === 3")

    stand_in.hello["t"] = NOW + 5.0
    fault = {"t": NOW + 4.0, "n": 9, "kind": "fault", "who": "ATDome", "fault": "stall", "what": "injected"}
    stand_in.say(telemetry={"ATDome.position": {"t": NOW + 5.0, "data": {"azimuthPosition": 9.0}}}, records=[fault])

    page.until("document.querySelector('.marks').textContent.includes('ATDome.stall injected')")


def test_images_are_gone_through_by_arrow_keys(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/images")
    page.until("location.hash === '#/images/AT_O_20260115_000003'")

    page.press("ArrowDown")
    page.until("location.hash === '#/images/AT_O_20260115_000002'")
    page.until("document.querySelector('.picture img').naturalWidth > 0")

    assert page.text(".gallery .head h2") == "AT_O_20260115_000002"
    low = page.evaluate("document.querySelector('td.words-warning').textContent")
    assert low == "7312 !"


def test_scripts_are_moved_requeued_and_stopped(show: Show, stand_in: StandIn) -> None:
    page = show(stand_in.port, "#/queue")

    for label in ("Move 200012 up", "Add 200009 once more", "Take 200011 off the queue"):
        page.click(f"button[aria-label='{label}']")
    page.click_words("Pause queue")
    stand_in.wait_for("queue", what="pause")

    told = [
        {key: each[key] for key in each if key not in ("id", "do", "queue")}
        for each in stand_in.asked
        if each["do"] == "queue"
    ]
    assert told == [
        {"what": "move", "index": 200012, "position": "before", "anchor": 200011},
        {"what": "requeue", "index": 200009, "position": "last"},
        {"what": "stop", "indices": [200011], "terminate": False},
        {"what": "pause"},
    ]
