"""How soon a click is seen: from the click to the frame in which the new state stands in the page.

A console runs in a process of its own, and Chromium without a window opens a component's page. There the mouse clicks
the button of a command that changes the summary state; the page itself notes when the click came and when the first
frame had been drawn in which chip, pill and state diagram show the new state. What the page takes to draw is in it, as
is everything between: request, command, acknowledgement, event, batch. The button is held as long as a finger does,
each time otherwise: a click comes at any time between two frames. (Pressed and released at once, it would always come
just behind a frame, since the browser acknowledges a press when that is drawn.)

Chromium puts off all that comes after a click until it has drawn the released button, answers of a server too: the one
that comes soonest waits for a frame more. What that costs is seen beside a Chromium that is told not to.

Run alone: python -m benchmarks.clicks [CLICKS]
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.devtools import Page

COMPONENT = "Electrometer:1"
WAYS = (("start", "DISABLED"), ("enable", "ENABLED"), ("disable", "DISABLED"), ("standby", "STANDBY"))
CLICKS = 120
PAUSE = 0.15  # between clicks: until all that the one before has set off is drawn, and nothing moves any more [s]
HURRIES = "--disable-features=DeferRendererTasksAfterInput"  # puts nothing off behind a click
HELD = (0.06, 0.11)  # for how long the mouse's button is held: three frames' worth of different times [s]

WATCH = """(state) => {
  const chip = document.querySelector('.chip[href="#/component/COMPONENT"]');
  window.began = null;
  window.took = new Promise((done) => {
    addEventListener("click", (event) => { window.began = event.timeStamp; }, { once: true, capture: true });
    const isDrawn = () => chip.getAttribute("aria-label").includes(state)
      && document.querySelector("main .component .pill").textContent === state
      && document.querySelector(".diagram g.node.active")?.textContent.includes(state);
    const watcher = new MutationObserver(() => {
      if (!isDrawn()) return;
      watcher.disconnect();
      const painted = new MessageChannel(); // what is posted in a frame arrives when that frame has been drawn
      painted.port1.onmessage = () => done(performance.now() - window.began);
      const shows = new ResizeObserver(() => { // called within the frame that shows what has just been changed
        shows.disconnect();
        painted.port2.postMessage(0);
      });
      shows.observe(document.body);
    });
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
}""".replace("COMPONENT", COMPONENT)


def measure(page: Page, address: str, clicks: int) -> list[float]:
    """Return how long [ms] each of so many clicks took to be seen."""
    page.go(f"{address}#/component/{COMPONENT}")
    page.send("Network.disable")  # nobody's browser reports what it sends and hears
    fingers = random.Random(1)
    page.until("document.querySelector('.diagram g.node.active')?.textContent.includes('STANDBY')")
    for command, _ in WAYS:
        page.click(f"[data-key={command}] summary")
    took = []
    for number in range(clicks):
        command, state = WAYS[number % len(WAYS)]
        time.sleep(PAUSE)
        page.evaluate(f"({WATCH})('{state}')")
        page.click(f"[data-key={command}] button.main", held=fingers.uniform(*HELD))
        took.append(float(page.evaluate("window.took")))
    return took


@cache
def milliseconds(*flags: str) -> tuple[float, ...]:
    """Return the times of all clicks [ms] in a browser with such flags, after a few that are not counted."""
    from tests.browser.conftest import run_console
    from tests.browser.devtools import open_browser, program

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = ("--training", "first_weekly", "--speed", "1x")
        with (
            run_console(folder, *arguments) as (address, _),
            open_browser(program(), folder / "chromium", *flags) as browser,
        ):
            return tuple(measure(browser.open(), address, CLICKS + 2 * len(WAYS))[2 * len(WAYS) :])


def median(*flags: str) -> float:
    """Return the median time from click to drawn state [ms] in a browser with such flags."""
    return statistics.median(milliseconds(*flags))


def slow() -> float:
    """Return the time that 95 of 100 clicks stay below [ms]."""
    return statistics.quantiles(milliseconds(), n=20)[-1]


if __name__ == "__main__":
    CLICKS = int(sys.argv[1]) if len(sys.argv) > 1 else CLICKS
    print(f"click to drawn state, {CLICKS} clicks: median {median():.1f} ms, 95 of 100 below {slow():.1f} ms")
    print(f"where nothing is put off behind a click: median {median(HURRIES):.1f} ms")
