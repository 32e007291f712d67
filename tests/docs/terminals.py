"""Pages that tell what to type in several terminals, and in a notebook: this does it, and reads what comes.

What a block is for stands before it:

``% first terminal``
    One command that goes on while the others are run; it ends with the page.
``% the first terminal says``
    Lines that it writes, sooner or later, with ``...`` as in `tests.docs.blocks`.
``% after Ctrl-C the first terminal says``
    The same once it was ended by Ctrl-C.
``% what it writes has``
    The same of the block of `bash` or `python` before.
``% exit code 1``
    How the last command of a block of `bash` ends; without it every command must succeed.

Blocks of `python` are cells of one notebook, in which ``await`` stands at the top.
The port of the pages, MQTT's or the console's own, is another one here.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.blocks import GAP, matches
from tests.mqtt.brokers import free_port

__all__ = ["Block", "blocks_of", "run_page"]

_FENCE = re.compile(r" *```(?P<language>bash|python|text)\s*")
_HERE = re.compile(r"mqtt://(?P<user>\S+@)?127\.0\.0\.1(:1883)?")
_PATIENCE = 30.0
_PRELUDE = r"""
set -e
cscsim() {
    case "$1" in
        serve) exec "$PYTHON" -m cscsim "$@" --port "$PORT" ;;
        console) exec "$PYTHON" -m cscsim "$@" --port "$PORT" --no-browser ;;
        send|watch) "$PYTHON" -m cscsim "$@" --broker "mqtt://127.0.0.1:$PORT" ;;
        *) "$PYTHON" -m cscsim "$@" ;;
    esac
}
mosquitto_pub() { command mosquitto_pub -p "$PORT" "$@"; }
mosquitto_sub() { command mosquitto_sub -p "$PORT" "$@"; }
"""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block: its language, the line where it begins, what stands before it, and its text."""

    language: str
    line: int
    how: str
    text: str


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the blocks of a page that are run, or say what comes of it."""
    lines = iter(enumerate(page.splitlines(), 1))
    how = ""
    for number, line in lines:
        fence = _FENCE.fullmatch(line)
        if fence:
            body = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                body.append(inner)
            text = textwrap.dedent("\n".join(body))
            if fence["language"] != "text" or how:
                yield Block(language=fence["language"], line=number + 1, how=how, text=text)
            how = ""
        elif line.startswith("% "):
            how = line[2:].strip()
        elif line.startswith("<!-- ") and line.endswith(" -->"):  # the same where comments of MyST would show
            how = line[5:-4].strip()
        elif line.strip():
            how = ""


def run_page(page: str, folder: Path) -> None:
    """Do what a page says, in a folder."""
    _Desk(folder, free_port()).work(list(blocks_of(page)))


class _Desk:
    """A desk with terminals and a notebook."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._first: subprocess.Popen[bytes] | None = None
        self._said = folder / "first_terminal.txt"
        self._written = ""
        self._names: dict[str, Any] = {}
        self._loop = asyncio.Runner()
        self._done: dict[tuple[str, bool], Callable[[Block], None]] = {}

    def work(self, blocks: list[Block]) -> None:
        """Do all of it."""
        try:
            for block in blocks:
                self._do(block)
        finally:
            self._loop.close()
            self._end()

    def _do(self, block: Block) -> None:
        if block.how == "first terminal":
            self._begin(block)
        elif block.how == "the first terminal says":
            self._expect(block, lambda: self._said.read_text(encoding="utf-8"), _PATIENCE)
        elif block.how == "after Ctrl-C the first terminal says":
            self._end()
            self._expect(block, lambda: self._said.read_text(encoding="utf-8"), 0.0)
        elif block.how == "what it writes has":
            self._expect(block, lambda: self._written, 0.0)
        elif block.language == "python":
            self._cell(block)
        else:
            self._type(block)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CSCSIM_MQTT")}
        return kept | {
            "PORT": str(self._port),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONUTF8": "1",
            "COLUMNS": "96",
            "USER": "ann",
        }

    def _begin(self, block: Block) -> None:
        with self._said.open("wb") as said:
            self._first = subprocess.Popen(
                ["bash", "-c", _PRELUDE + block.text],
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def _end(self) -> None:
        if self._first is not None and self._first.poll() is None:
            self._first.send_signal(signal.SIGINT)
            assert self._first.wait(_PATIENCE) == 0, self._said.read_text(encoding="utf-8")

    def _type(self, block: Block) -> None:
        done = subprocess.run(
            ["bash", "-c", _PRELUDE + block.text],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
        self._written = done.stdout.decode()
        wanted = int(block.how.removeprefix("exit code ")) if block.how.startswith("exit code ") else 0
        assert done.returncode == wanted, f"line {block.line}: exit code {done.returncode}\n{self._written}"

    def _cell(self, block: Block) -> None:
        text = _HERE.sub(lambda found: f"mqtt://{found['user'] or ''}127.0.0.1:{self._port}", block.text)
        text = text.replace("connect()", f'connect("mqtt://127.0.0.1:{self._port}")')
        output = io.StringIO()

        async def run() -> None:
            tree = ast.parse("\n" * (block.line - 1) + text)
            last = tree.body[-1]
            if isinstance(last, ast.Expr):  # as a notebook shows it
                tree.body[-1] = ast.parse("__last__ = 0").body[0]
                tree.body[-1].value = last.value  # type: ignore[attr-defined]  # an assignment
            self._names["__last__"] = None
            code = compile(ast.fix_missing_locations(tree), "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            result = eval(code, self._names)
            if inspect.isawaitable(result):
                await result
            if self._names["__last__"] is not None:
                output.write(f"{self._names['__last__']!r}\n")

        with contextlib.redirect_stdout(output):
            self._loop.run(run())
        self._written = output.getvalue()

    def _expect(self, block: Block, read: Callable[[], str], patience: float) -> None:
        wanted = [GAP, *self._here(block.text).splitlines(), GAP]
        deadline = time.monotonic() + patience
        while not matches(wanted, read().splitlines()):
            if time.monotonic() >= deadline:
                raise AssertionError(f"line {block.line}: the page says\n{block.text}\nbut what came is\n{read()}")
            time.sleep(0.05)

    def _here(self, text: str) -> str:
        """Return what a page says as it is at this port."""
        ported = re.sub(r"(:|-p )(1883|8700)\b", rf"\g<1>{self._port}", text)
        return re.sub(
            r"(cscsim watch .* --acks)$", rf"\1 --broker mqtt://127.0.0.1:{self._port}", ported, flags=re.MULTILINE
        )
