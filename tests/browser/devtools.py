"""A headless Chromium, steered by its DevTools protocol: pages, clicks, keys, pictures; it needs only a websocket.

Every request of a page, every line that it writes to the console and every exception is kept, so that a test can say
that nothing leaves the machine and nothing went wrong.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import ClientConnection, connect

__all__ = ["Browser", "Page", "open_browser", "program"]

_VARIABLE = "CSCSIM_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_UNTIL_LEFT = (
    'exec 3<&0; "$0" "$@" 3<&- & browser=$!; (read -r _ <&3; kill $browser) & wait $browser; kill $! 2>/dev/null'
)
"""Runs a browser until nobody holds the other end of its standard input any more."""
_TRIES = 3
_TWO_FRAMES = "new Promise((on) => { requestAnimationFrame(() => requestAnimationFrame(on)); setTimeout(on, 200); })"
_MIDDLE = """(() => {
  const each = %s;
  each.scrollIntoView({ block: "nearest" });
  document.documentElement.dataset.hit = "no";
  const note = () => { document.documentElement.dataset.hit = "yes"; };
  each.addEventListener("click", note, { once: true, capture: true });
  const box = each.getBoundingClientRect();
  return [box.x + Math.min(box.width / 2, 200), box.y + Math.min(box.height / 2, 60)];
})()"""
"""Brings an element into view, notes whether it is clicked from now on, and gives its middle."""
_WITHIN = ("data", "about", "blob")  # addresses that ask nobody
_SERVER_IS_GONE = "net::ERR_CONNECTION_"
_PATIENCE = 20.0  # for anything that a test waits for [s, real]
_KEYS = {
    "Backspace": 8,
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    " ": 32,
    "a": 65,
}


def program() -> str:
    """Return where a Chromium is; without one a test is skipped, or fails with CSCSIM_BROWSER=required."""
    path = next((path for path in map(shutil.which, _NAMES) if path is not None), None)
    if path is not None:
        return path
    if os.environ.get(_VARIABLE) == "required":
        pytest.fail(f"Chromium is not installed, and {_VARIABLE}=required: make system")
    pytest.skip("Chromium is not installed: make system")


@dataclass(slots=True)
class Page:
    """A page of the browser.

    Attributes
    ----------
    requests
        The addresses of everything that it has asked for.
    complaints
        What went wrong in it: errors on its console, exceptions, requests that failed.
    origins
        The hosts and ports that a test has opened in it.
    """

    socket: ClientConnection
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)
    number: int = 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the protocol and return its result."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                message = json.loads(self.socket.recv(timeout=max(0.0, end - time.monotonic())))
            except TimeoutError:
                raise AssertionError(f"not answered after {_PATIENCE:g} s: {method} {parameters}") from None
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(told["url"])
            case "Network.responseReceived" if told["response"]["status"] >= 400:
                self.complaints.append(f"{told['response']['status']} {told['response']['url']}")
            case "Runtime.exceptionThrown":
                detail = told["exceptionDetails"]
                self.complaints.append(detail.get("exception", {}).get("description", detail["text"]))
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                self.complaints.append(
                    " ".join(str(each.get("value", each.get("description"))) for each in told["args"])
                )
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")

    def close(self) -> None:
        """Close the page."""
        self.send("Page.close")
        self.socket.close()

    @property
    def faults(self) -> list[str]:
        """What went wrong, and what was asked of another host; that a server has ended is no fault of the page."""
        self.evaluate("0")  # what has happened until now is told before this is answered
        complaints = [each for each in self.complaints if _SERVER_IS_GONE not in each]
        asked = [urlsplit(url) for url in self.requests]
        foreign = [each for each in asked if each.scheme not in _WITHIN and each.netloc not in self.origins]
        return complaints + [f"asked for {each.geturl()}" for each in foreign]

    def go(self, url: str) -> None:
        """Open an address."""
        self.origins |= {urlsplit(url).netloc} - {""}
        self.send("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page; promises are awaited."""
        told = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise AssertionError(f"{script}: {told['exceptionDetails'].get('exception', {}).get('description')}")
        return told["result"].get("value")

    def until(self, script: str, patience: float = _PATIENCE) -> Any:
        """Wait until an expression is true in the page, and return its value."""
        end = time.monotonic() + patience
        while True:
            value = self.evaluate(f"(() => {{ try {{ return {script}; }} catch {{ return null; }} }})()")
            if value:
                return value
            if time.monotonic() > end:
                text = self.evaluate("document.body.innerText.slice(0, 1500)")
                raise AssertionError(f"not so after {patience:g} s: {script}\n{text}")
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """Return what an element says."""
        return str(self.until(f"document.querySelector({json.dumps(selector)})?.innerText ?? null"))

    def click(self, selector: str, held: float = 0.0) -> None:
        """Click the middle of an element, as a mouse does whose button is held for so long [s]."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.until(f"{found} !== null && !{found}.disabled")
        self._click(found, held)

    def click_words(self, words: str, within: str = "body") -> None:
        """Click the button or link with these words on it."""
        found = (
            f"[...document.querySelector({json.dumps(within)}).querySelectorAll('button, a, summary')]"
            f".find((each) => each.textContent.trim() === {json.dumps(words)} && each.offsetParent !== null)"
        )
        self.until(f"{found} !== undefined && !{found}.disabled")
        self._click(found)

    def click_found(self, found: str) -> None:
        """Click the element that an expression gives."""
        self.until(f"{found} && !{found}.disabled")
        self._click(found)

    def _click(self, found: str, held: float = 0.0) -> None:
        """Click an element once it has come to rest, and again if it has moved away meanwhile."""
        self.send("Page.bringToFront")
        for _ in range(_TRIES):
            before, at = None, self.evaluate(_MIDDLE % found)
            while at != before:
                self.evaluate(_TWO_FRAMES)
                before, at = at, self.evaluate(_MIDDLE % found)
            for kind, after in (("mousePressed", 0.0), ("mouseReleased", held)):
                time.sleep(after)
                self.send("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)
            if self.evaluate("document.documentElement.dataset.hit !== 'no'"):
                return
        raise AssertionError(f"it cannot be hit: it moves: {found}")

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.send("Input.insertText", text=text)

    def press(self, key: str, *, ctrl: bool = False) -> None:
        """Press a key and let it go."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": 2 if ctrl else 0}
        self.send("Input.dispatchKeyEvent", type="keyDown", **code, **({"text": "\r"} if key == "Enter" else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def size(self, width: int, height: int) -> None:
        """Give the page a size [pixels]."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name: str) -> None:
        """Let the page's system prefer dark or light."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


class Browser:
    """A browser that runs."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pages: list[Page] = []

    def open(self, width: int = 1400, height: int = 900) -> Page:
        """Open an empty page."""
        asked = Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urlopen(asked, timeout=_PATIENCE) as answer:
            url = json.load(answer)["webSocketDebuggerUrl"]
        page = Page(connect(url, max_size=None, compression=None, ping_interval=None))
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.send(f"{domain}.enable")
        page.size(width, height)
        page.scheme("dark")
        self._pages.append(page)
        return page

    @property
    def faults(self) -> list[str]:
        """What went wrong in any of its pages."""
        return [fault for page in self._pages for fault in page.faults]

    def forget(self) -> None:
        """Close all pages, and forget what they have kept."""
        for page in self._pages:
            page.send("Network.clearBrowserCookies")
            if page.evaluate("location.protocol") == "http:":
                page.evaluate("localStorage.clear()")
            page.close()
        self._pages.clear()


@contextmanager
def open_browser(path: str, folder: Path, *flags: str) -> Iterator[Browser]:
    """Run a browser whose profile is in a folder; it ends with all its processes, even if who runs it is killed."""
    command = ["/bin/sh", "-c", _UNTIL_LEFT, path, *_FLAGS, *flags, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdin is not None
    try:
        yield Browser(_port_of(folder, process))
    finally:
        process.stdin.close()
        try:
            process.wait(10.0)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _port_of(folder: Path, process: subprocess.Popen[bytes]) -> int:
    told = folder / "DevToolsActivePort"
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if told.exists() and told.read_text():
            return int(told.read_text().splitlines()[0])
        time.sleep(0.05)
    raise AssertionError("the browser does not start")
