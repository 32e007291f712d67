"""Somebody at the console who does what a page of the docs says, and looks for what it says is there.

Names are found as a reader finds them: by the words that are seen, and beside other words if the page says so. What is
hidden is not there, and what lies below something else cannot be clicked.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from .calling import Caller
from .devtools import Browser, Page
from .reading import Line, Verb

__all__ = ["Reader"]

_AT_ONCE = 10.0  # within which what the page says must be there [s, real]
_LONG = 40.0  # the same, where the reader is told to wait [s, real]
_NEAR = 0.05  # how far a number may be from the one on the page, of it
_STRETCHES = (10, 20, 40, 80, 160, 320)  # the first ones, and then always the last [simulated s]
_AFTER = 0.2  # until the page has drawn what happened in it [s, real]
_SEEN = "new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))"

_FIND = Path(__file__).with_name("finding.js").read_text(encoding="utf-8")


class Reader:
    """A reader before a browser.

    Parameters
    ----------
    browser
        In which pages are opened.
    trainee, instructor
        The addresses that the console has written.
    """

    def __init__(self, browser: Browser, trainee: str, instructor: str) -> None:
        self._browser, self._trainee, self._instructor = browser, trainee, instructor
        self._pages: dict[str, Page] = {}
        self.page = self._open(trainee)
        self.speed = "1x"

    @property
    def complaints(self) -> list[str]:
        """What went wrong in all pages."""
        return [said for page in self._pages.values() for said in page.complaints]

    def do(self, line: Line) -> None:
        """Do what a line says, or look for what it tells.

        Raises
        ------
        AssertionError
            If it cannot be done, or is not so.
        """
        try:
            _ACTS[line.verb](self, line)
        except AssertionError as error:
            raise AssertionError(f"{line}\n{error}") from error

    def _open(self, address: str) -> Page:
        if address not in self._pages:
            page = self._pages[address] = self._browser.open()
            page.go(address)
            page.until("document.body.innerText.length > 200")
        page = self._pages[address]
        page.send("Page.bringToFront")  # a page behind another one is not drawn
        return page

    def _until(self, script: str, patience: float = _AT_ONCE) -> Any:
        return self.page.until(f"(() => {{ {_FIND} return {script}; }})()", patience)

    def _point(self, found: str) -> None:
        """Click an element, once it is there and nothing lies over it."""
        self._until(f"middle({found})")
        self.page.click_found(f"(() => {{ {_FIND} return {found}; }})()")

    def _click(self, line: Line) -> None:
        (name,) = line.names
        found = _call("toClick", name, line.beside)
        (away,) = self._until(f"{found} && [{found}.target === '_blank' ? {found}.href : '']")
        if away:  # another tab: opened here, so that it can be steered
            self.page = self._open(away)
            return
        self._point(found)
        self.page.evaluate(_SEEN)
        if re.fullmatch(r"\d+×", name):
            self.speed = name.replace("×", "x")

    def _type(self, line: Line) -> None:
        self._point(_call("labelled", line.names[0], line.beside))
        if line.verb is Verb.REPLACE:
            for kind in ("keyDown", "keyUp"):
                self.page.send("Input.dispatchKeyEvent", type=kind, key="a", code="KeyA", windowsVirtualKeyCode=65,
                               modifiers=2, commands=["selectAll"] if kind == "keyDown" else [])  # fmt: skip
        self.page.type(line.text)

    def _choose(self, line: Line) -> None:
        name, under = line.names
        self._until(_call("choose", under, line.beside, name))

    def _see(self, line: Line) -> None:
        for name in line.names:
            self._until(f"{_call('named', name, line.beside)}.length > 0")

    def _wait(self, line: Line) -> None:
        found = " && ".join(f"{_call('named', name, line.beside)}.length > 0" for name in line.names)
        script = f"(() => {{ {_FIND} return {found or _reads(line.text)}; }})()"
        end = time.monotonic() + _LONG
        stretches = chain(_STRETCHES, repeat(_STRETCHES[-1]))
        with Caller(self._instructor) as caller:
            while not self._comes(script, _AFTER):
                assert time.monotonic() < end, f"it does not come: {self.page.text('main')[:1500]}"
                caller.on(next(stretches))
            caller.ask("speed", to=self.speed)

    def _comes(self, script: str, within: float) -> bool:
        end = time.monotonic() + within
        while not (is_so := bool(self.page.evaluate(script))) and time.monotonic() < end:
            time.sleep(0.02)
        return is_so

    def _read(self, line: Line) -> None:
        self._until(_reads(line.text))

    def _count(self, line: Line) -> None:
        end = time.monotonic() + _AT_ONCE
        while True:
            numbers = [
                int(each[0]) for cell in self._until(_call("column", *line.names)) if (each := _NUMBER.match(cell))
            ]
            if any(abs(number - line.count) <= _NEAR * line.count for number in numbers):
                return
            assert time.monotonic() < end, f"none is about {line.count}: {numbers}"
            time.sleep(0.05)

    def _instruct(self, _: Line) -> None:
        self.page = self._open(self._instructor)

    def _return(self, _: Line) -> None:
        self.page = self._open(self._trainee)


_NUMBER = re.compile(r"-?\d+")
_ACTS: Mapping[Verb, Callable[[Reader, Line], None]] = {
    Verb.CLICK: Reader._click,
    Verb.TYPE: Reader._type,
    Verb.REPLACE: Reader._type,
    Verb.CHOOSE: Reader._choose,
    Verb.SEE: Reader._see,
    Verb.COUNT: Reader._count,
    Verb.READ: Reader._read,
    Verb.WAIT: Reader._wait,
    Verb.WAIT_TO_READ: Reader._wait,
    Verb.INSTRUCT: Reader._instruct,
    Verb.RETURN: Reader._return,
}


def _reads(words: str) -> str:
    parts = [re.escape(part.strip()) for part in words.split("...")]
    return f"new RegExp({json.dumps('.*'.join(parts))}).test(plain(document.body.innerText))"


def _call(function: str, *arguments: str) -> str:
    return f"{function}({', '.join(map(json.dumps, arguments))})"
