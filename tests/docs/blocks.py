"""The snippets of a page: what a reader would type, and what the page says comes of it.

A fenced block of the language `console` holds commands, each after ``$ ``, with their output below; one of the
language `pycon` is a doctest. In an output, ``...`` alone on a line stands for any lines, within a line for any
words. A comment of the form ``% words`` right before a block says how it is run; with ``% part of the output`` a
block of the language `text` shows more of what the last command has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

__all__ = ["DOCS", "GAP", "PART", "Block", "Command", "blocks_of", "matches", "rewritten"]

DOCS = Path(__file__).parents[2] / "docs"
_LANGUAGES = ("console", "pycon", "text")
PART = "part of the output"
_FENCE = re.compile(r"(?P<indent> *)```(?P<language>\w+)\s*")
GAP = "..."


@dataclass(kw_only=True)
class Command:
    """What is typed, on which line of the page (from 1), and the lines that are said to come of it.

    Without a text it is a part of what the command before has written.
    """

    line: int
    text: str
    output: list[str] = field(default_factory=list)

    @property
    def whole(self) -> list[str]:
        """The whole output as the page tells it."""
        return self.output if self.text else [GAP, *self.output, GAP]

    def corrected(self, actual: list[str]) -> list[str]:
        """Return the lines that the page should have."""
        lines = rewritten(self.whole, actual)
        return lines if self.text else lines[1:-1]


@dataclass(kw_only=True)
class Block:
    """A snippet; `line` is that of its first line, `how` what the comment before it says."""

    language: str
    line: int
    indent: int
    how: str
    lines: list[str]

    def commands(self) -> list[Command]:
        """Return the commands of a console; a backslash at the end of a line goes on with the next."""
        found: list[Command] = []
        if self.how == PART:
            return [Command(line=self.line - 1, text="", output=list(self.lines))]
        for number, line in enumerate(self.lines, start=self.line):
            if line.startswith("$ "):
                found.append(Command(line=number, text=line[2:]))
            elif found and found[-1].text.endswith("\\"):
                found[-1].text = f"{found[-1].text[:-1].rstrip()} {line.strip().removeprefix('> ')}"
            elif found:
                found[-1].output.append(line)
        for command in found:
            while command.output and not command.output[-1].strip():
                command.output.pop()
        return found


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the snippets of a page, in order."""
    lines = page.splitlines()
    number = 0
    how = ""
    while number < len(lines):
        line = lines[number]
        number += 1
        if line.startswith("% "):
            how = line[2:].strip()
            continue
        fence = _FENCE.fullmatch(line)
        if fence and fence["language"] in _LANGUAGES and (fence["language"] != "text" or how == PART):
            indent = len(fence["indent"])
            end = next(n for n in range(number, len(lines)) if lines[n].strip() == "```")
            body = [each[indent:] for each in lines[number:end]]
            yield Block(language=fence["language"], line=number + 1, indent=indent, how=how, lines=body)
            number = end + 1
        if line.strip():
            how = ""


def matches(expected: list[str], actual: list[str]) -> bool:
    """Tell whether an output is what the page says.

    >>> matches(["a", "...", "d e ..."], ["a", "b", "c", "d e f"]), matches(["a"], ["a", "b"])
    (True, False)
    """
    return re.fullmatch(_pattern(expected), _text(actual)) is not None


def _text(lines: list[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _pattern(lines: list[str]) -> str:
    return "".join(r"(?:.*\n)*?" if line.strip() == GAP else f"{_of_line(line)}\n" for line in lines)


def _of_line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.rstrip().split(GAP))


def rewritten(expected: list[str], actual: list[str]) -> list[str]:
    """Return an output as the page should have it: the lines that are most like those it has, with the same gaps.

    >>> rewritten(["a is 1", "...", "z is 1"], ["a is 2", "b", "z is 3"])
    ['a is 2', '...', 'z is 3']
    """
    if GAP not in (line.strip() for line in expected):
        return actual
    kept: list[str] = []
    place = 0
    for number, run in enumerate(runs := _runs(expected)):
        if run == [GAP]:
            kept.append(GAP)
            continue
        last = len(actual) - sum(len(each) for each in runs[number + 1 :] if each != [GAP]) - len(run)
        starts = range(place, max(last, place) + 1) if number else range(1)
        start = max(starts, key=lambda start: (_likeness(run, actual[start : start + len(run)]), -start))
        kept += [_line(old, new) for old, new in zip(run, actual[start : start + len(run)], strict=False)]
        place = start + len(run)
    return kept


def _runs(lines: list[str]) -> list[list[str]]:
    """Part lines at their gaps; each gap stands alone."""
    runs: list[list[str]] = []
    for line in lines:
        if line.strip() == GAP or not runs or runs[-1] == [GAP]:
            runs.append([line.strip() if line.strip() == GAP else line])
        else:
            runs[-1].append(line)
    return runs


def _likeness(old: list[str], new: list[str]) -> float:
    return sum(_alike(before, now) for before, now in zip(old, new, strict=False))


def _alike(old: str, new: str) -> float:
    if re.fullmatch(_of_line(old), new.rstrip()):
        return 1.5
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _line(old: str, new: str) -> str:
    return old if re.fullmatch(_of_line(old), new.rstrip()) else new.rstrip()
