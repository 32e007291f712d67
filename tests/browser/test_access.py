"""The page for who reads badly, has no mouse, or has it read aloud: contrast, keyboard, names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .devtools import Browser, Page
from .stand_in import StandIn
from .test_page import ROUTES

pytestmark = pytest.mark.browser

ACCESS = Path(__file__).with_name("access.js").read_text()
DRAWN = "document.querySelector('main .diagram svg') !== null"
THERE = {  # what comes last
    "config": "document.querySelector('#config-errors').textContent === 'CONFIG is valid'",
    "component": DRAWN,
    "machine": DRAWN,
}
QUIET = """new Promise((done) => {
  const end = () => { watcher.disconnect(); done(1); };
  const watcher = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 200); });
  let timer = setTimeout(end, 200);
  watcher.observe(document.querySelector("main"), { subtree: true, childList: true });
})"""  # until nothing is put into the panel any more
LEAST = 4.5  # contrast of text (WCAG 2.1, 1.4.3)
NAMED = {
    "button",
    "link",
    "textbox",
    "searchbox",
    "checkbox",
    "combobox",
    "tab",
    "tabpanel",
    "tablist",
    "navigation",
    "complementary",
    "region",
    "dialog",
    "img",
    "image",
    "log",
    "progressbar",
    "spinbutton",
    "DisclosureTriangle",
}


@pytest.fixture(params=ROUTES)
def panel(request: pytest.FixtureRequest, browser: Browser, instructed: StandIn) -> Page:
    """Each panel, as an instructor sees it."""
    page = browser.open()
    page.go(f"http://127.0.0.1:{instructed.port}/{ROUTES[request.param]}")
    page.until("document.querySelectorAll('.chip').length > 15")
    page.until("document.querySelector('main > .panel').innerText.length > 30")
    page.until(THERE.get(request.param, "true"))
    page.evaluate(QUIET)
    page.evaluate(f"window.access = {ACCESS}; 1")
    return page


def test_every_text_can_be_read_in_both_themes(panel: Page) -> None:
    hard = {}

    for theme in ("dark", "light"):
        panel.evaluate(
            f"document.documentElement.dataset.theme = '{theme}'; window.dispatchEvent(new Event('themechange'))"
        )
        panel.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        hard[theme] = panel.evaluate(f"access.hard({LEAST})")

    assert hard == {"dark": [], "light": []}


def test_everything_in_a_panel_is_reached_by_the_keyboard(panel: Page) -> None:
    wanted = panel.evaluate("access.wanted()")
    panel.evaluate("document.querySelector('[role=tab][aria-selected=true]').focus()")
    reached = {panel.evaluate("access.focused()")}

    for _ in range(2 * len(wanted)):
        panel.press("Tab")
        focused = panel.evaluate("[document.activeElement.closest('.ace_editor') !== null, access.focused()]")
        if focused[0]:
            panel.press("Escape")  # leaves an editor, in which Tab moves a line
            focused[1] = panel.evaluate("access.focused()")
        reached.add(focused[1])
        if len(reached - {None}) == len(wanted):
            break

    missed = [each for at, each in enumerate(wanted) if str(at) not in reached]
    assert missed == []


def test_everything_is_named_to_who_has_it_read_aloud(panel: Page) -> None:
    nodes = panel.send("Accessibility.getFullAXTree")["nodes"]

    told = [(_value(each, "role"), _value(each, "name").strip()) for each in nodes if not each["ignored"]]
    assert [role for role, name in told if role in NAMED and not name] == []
    regions = {name for role, name in told if role in ("navigation", "complementary", "tabpanel")}
    assert {"Components", "Log and questions"} < regions
    assert ("tab", "Queue") in told


def _value(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))
