"""The guide to calibrations is a script: this runs it, block by block, in one shell.

    python -m tests.docs.guide            at full size, with the commands themselves
    python -m tests.docs.guide --small    in miniature

Blocks of the language `bash` are run in their order. A comment of the form ``% exit code 1`` before one says how its
last command ends; without it every command must succeed. A block of the language `text` after ``% what it writes has``
holds lines that the block before must write, with `...` as in `tests.docs.blocks`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.blocks import DOCS, GAP, matches

__all__ = ["PAGE", "Failed", "Ran", "Step", "run_guide", "steps_of"]

PAGE = DOCS / "how-to" / "construct-calibrations.md"
_FENCE = re.compile(r" *```(?P<language>\w*)\s*")
_EXIT_CODE = re.compile(r"exit code (?P<code>\d+)")
_PART = "what it writes has"
SMALL = {"PLAN": "guide_small", "JOBS": "1"}


@dataclass(kw_only=True)
class Step:
    """A block of commands: under which heading, on which line of the page, how it ends and what it must write."""

    heading: str
    line: int
    text: str
    code: int = 0
    parts: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A step that was run: what it wrote, and how long it took [s]."""

    step: Step
    output: str
    seconds: float


class Failed(AssertionError):
    """A step did not do what the page says."""


def steps_of(page: str) -> list[Step]:
    """Return the steps of a page."""
    steps: list[Step] = []
    heading = how = ""
    lines = iter(enumerate(page.splitlines(), 1))
    for number, line in lines:
        fence = _FENCE.fullmatch(line)
        if fence:
            body = _body(lines)
            if fence["language"] == "bash":
                code = _EXIT_CODE.fullmatch(how)
                step = Step(
                    heading=heading, line=number + 1, text="\n".join(body), code=int(code["code"]) if code else 0
                )
                steps.append(step)
            elif fence["language"] == "text" and how == _PART:
                steps[-1].parts.append(body)
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.strip():
            how = line[2:].strip() if line.startswith("% ") else ""
    return steps


def _body(lines: Iterator[tuple[int, str]]) -> list[str]:
    body = []
    for _, line in lines:
        if line.strip() == "```":
            break
        body.append(line)
    return body


def run_guide(steps: list[Step], folder: Path, environment: dict[str, str]) -> Iterator[Ran]:
    """Run steps in a folder, in one shell; yield each that did what it must.

    Raises
    ------
    Failed
        If one ends otherwise than it says, or writes something else.
    """
    news, told = os.pipe()
    script = folder / "guide.sh"
    script.write_text("\n".join(_script(steps, told)), encoding="utf-8")
    shell = subprocess.Popen(
        ["bash", "--noprofile", "--norc", str(script)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        pass_fds=[told],
    )
    os.close(told)
    with os.fdopen(news) as said:
        try:
            for number, step in enumerate(steps):
                began = time.monotonic()
                end = said.readline()
                output = (folder / _output(number)).read_text(encoding="utf-8", errors="replace")
                if end.split() != ["end", str(number), str(step.code)]:
                    raise Failed(_ending(step, end, output, folder))
                for part in step.parts:
                    if not matches([GAP, *part, GAP], output.splitlines()):
                        wanted = "\n".join(part)
                        raise Failed(f"line {step.line}: the page says\n{wanted}\nbut what came is\n{output}")
                yield Ran(step=step, output=output, seconds=time.monotonic() - began)
        finally:
            shell.terminate()
            shell.wait()


def _script(steps: list[Step], told: int) -> Iterator[str]:
    yield "set -u -o pipefail"
    for number, step in enumerate(steps):
        yield f"exec > {shlex.quote(_output(number))} 2>&1 {told}>&{told}"
        yield "set -e" if not step.code else "set +e"
        yield step.text
        yield f"echo end {number} $? >&{told}"


def _output(number: int) -> str:
    return f"step_{number:02d}.out"


def _ending(step: Step, end: str, output: str, folder: Path) -> str:
    how = f"with exit code {end.split()[-1]}" if end else "at a command that failed"
    logs = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
    last = logs[-1].read_text(encoding="utf-8", errors="replace")[-3000:] if logs else ""
    return f"line {step.line}, {step.heading!r}, ended {how}\n{step.text}\n{output[-3000:]}\n{last}"


def main() -> int:
    """Run the guide in a folder; say what each step took."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.guide", description="Run the guide to calibrations.")
    parser.add_argument("--folder", type=Path, default=DOCS / "_build" / "guide", help="emptied first")
    parser.add_argument("--small", action="store_true", help="in miniature")
    parser.add_argument("--keep", action="store_true", help="keep the repository afterwards")
    options = parser.parse_args()
    folder: Path = options.folder
    if folder.exists() and any(folder.iterdir()) and not (folder / "guide.sh").exists():
        parser.error(f"{folder} is not empty, and nothing there is of an earlier run")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {**os.environ, **(SMALL if options.small else {})}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    began, heading = time.monotonic(), ""
    try:
        for ran in run_guide(steps_of(PAGE.read_text(encoding="utf-8")), folder, environment):
            if ran.step.heading != heading:
                heading = ran.step.heading
                sys.stdout.write(f"\n{heading}\n")
            command = next((line for line in ran.step.text.splitlines() if line.strip()), "")
            sys.stdout.write(f"  {ran.seconds:6.1f} s  {_used(folder) / 1e9:5.1f} GB  {command[:84]}\n")
            sys.stdout.flush()
    except Failed as failed:
        sys.stderr.write(f"\n{PAGE.name}: {failed}\n")
        return 1
    sys.stdout.write(f"\nall of the guide in {(time.monotonic() - began) / 60.0:.1f} min\n")
    if not options.keep:
        shutil.rmtree(folder)
    return 0


def _used(folder: Path) -> int:
    """Return how many bytes a folder takes; a file of several names once."""
    files = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum({file.st_ino: file.st_size for file in files}.values())


if __name__ == "__main__":
    sys.exit(main())
