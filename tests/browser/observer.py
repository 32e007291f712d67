"""What an observer does at the console, by clicks and keys alone."""

from __future__ import annotations

import json
import time

from .devtools import Page

__all__ = ["Observer"]

_STEP = "document.querySelector('.step[aria-current]')"
_WORDS = ("Yes", "Announced", "Do this step for me")
_EDITOR = "[aria-label=CONFIG] .editor"


class Observer:
    """Somebody who sits before a page.

    Parameters
    ----------
    page
        A page of the console.
    """

    def __init__(self, page: Page) -> None:
        self.page = page

    def enter(self, address: str) -> None:
        """Open the console, and wait until it is there."""
        self.page.go(address)
        self.page.until("document.querySelectorAll('.chip').length > 15")

    def open(self, tab: str) -> None:
        """Go to a panel."""
        self.page.click_words(tab, "[role=tablist]")
        self.page.until(f"document.querySelector('[role=tab][aria-selected=true]').textContent === {json.dumps(tab)}")

    def open_component(self, name: str) -> None:
        """Go to a component's page."""
        self.page.click(f".chip[href='#/component/{name}']")
        self.page.until(f"document.querySelector('main .component h1')?.textContent === {json.dumps(name)}")

    def follow(self, *, until: str | None = None, patience: float = 120.0) -> list[str]:
        """Do the procedure's steps as it proposes them, to its end or until a step is due; return which."""
        self.open("Procedure")
        self.page.until(f"{_STEP} !== null")
        done: list[str] = []
        end = time.monotonic() + patience
        while time.monotonic() < end:
            step = self.page.evaluate(f"{_STEP}?.dataset.step ?? null")
            if step in (None, until):
                return done
            state, offered = self.page.evaluate(
                f"(() => {{ const step = {_STEP}; return [step?.querySelector('.pill').textContent, "
                f"Boolean(step && {_button(_WORDS)})]; }})()"
            )
            assert state != "failed", self.page.text(".step[aria-current]")
            if offered and step not in done:
                self.page.click_found(_button(_WORDS))
                done.append(step)
            time.sleep(0.05)
        raise AssertionError(f"the procedure does not end; done are {done}")

    def do_step(self, name: str) -> None:
        """Have a step done that is not due yet."""
        self.open("Procedure")
        self.page.click(f"button[aria-label='Do this step for me: step {name}']")
        self.page.until(f"document.querySelector('[data-step={name}] .pill').textContent === 'done for you'")

    def write_config(self, path: str, text: str) -> None:
        """Choose a script of the queue, and write its CONFIG."""
        self.open("Queue")
        self.page.click("input[aria-label='Filter scripts']")
        self.page.press("a", ctrl=True)
        self.page.type(path)
        self.page.click(f"button[title='Add {path}']")
        title = "document.querySelector('.config h1')"
        self.page.until(f"{title}.checkVisibility() && {title}.textContent === {json.dumps(path)}")
        self.page.until("document.querySelector('#config-errors').textContent === 'CONFIG is valid'")
        self.rewrite_config(text)

    def rewrite_config(self, text: str) -> None:
        """Write another CONFIG, in place of that which stands there."""
        self.page.click(f"{_EDITOR} .ace_content")
        self.page.press("a", ctrl=True)
        self.page.press("Backspace")
        self.page.type(text)

    @property
    def config(self) -> str:
        """What stands in CONFIG."""
        return str(self.page.evaluate(f"ace.edit(document.querySelector('{_EDITOR}')).getValue()"))

    def add_script(self, path: str, config: str) -> int:
        """Add a script to the queue; return its number."""
        before = self._newest()
        self.write_config(path, config)
        self.page.click(".config button.main")
        return int(self.page.until(f"(() => {{ const found = {_NEWEST}; return found > {before} && found; }})()"))

    def wait_for_script(self, index: int, state: str) -> None:
        """Wait until a script has ended so."""
        self.page.until(
            f'document.querySelector(\'section[aria-label="Finished scripts"] [aria-label="script {index}"] .pill\')'
            f"?.textContent === '{state}'"
        )

    def send(self, component: str, command: str, **fields: str) -> None:
        """Send a command from the component's page, and wait until it is complete."""
        self.open_component(component)
        row = f"[data-key={command}]"
        self.page.until(f"document.querySelector('{row} .why')?.textContent !== ''")
        if not self.page.evaluate(f"document.querySelector('{row}').open"):
            self.page.click(f"{row} summary")
        for name, value in fields.items():
            label = (
                f"[...document.querySelectorAll('{row} label')].find((each) => each.textContent.startsWith('{name}'))"
            )
            self.page.click_found(f"document.getElementById({label}.htmlFor)")
            self.page.type(value)
        self.page.click(f"{row} button.main")
        self.page.until(f"document.querySelector('{row} .said').textContent.startsWith('COMPLETE')")

    def report(self, component: str, fault: str) -> None:
        """Report what is suspected."""
        self.open("Training")
        within = 'section[aria-label="Report what you suspect"]'
        for number, value in enumerate((component, fault)):
            found = f"document.querySelectorAll('{within} select')[{number}]"
            self.page.until(f"[...({found}?.options ?? [])].some((each) => each.value === '{value}')")
            self.page.evaluate(f"{found}.value = '{value}'; {found}.dispatchEvent(new Event('change'))")
        self.page.click_words("Report", within)
        self.page.until(
            f"document.querySelector('main').innerText.includes({json.dumps(f'{component}.{fault} is reported.')})"
        )

    def end(self) -> str:
        """End the session, and read the debrief."""
        self.open("Training")
        self.page.click_words("End the session")
        self.page.click_words("End it")
        self.page.go(self.page.until("document.querySelector('#banner a')?.href"))
        self.page.until("document.body.innerText.includes('Score')")
        return self.page.text("body")

    def _newest(self) -> int:
        self.open("Queue")
        return int(self.page.until(f"({_NEWEST}) + 1")) - 1


_NEWEST = (
    "Math.max(0, ...[...document.querySelectorAll('.queue .script, .queue .current .row > .dim')]"
    ".map((each) => parseInt(each.getAttribute('aria-label')?.split(' ')[1] ?? each.textContent)).filter(Boolean))"
)


def _button(words: tuple[str, ...]) -> str:
    return (
        f"[...{_STEP}.querySelectorAll('button:not(:disabled):not([hidden])')]"
        f".find((each) => {json.dumps(words)}.includes(each.textContent))"
    )
