"""A page of the docs that somebody follows at the console: the lines that say what to do and what is seen then.

Such a line is plain English, and any reader could do it. What is bold stands on the screen, letter by letter; what is
in double quotes is read there (`...` stands for any words); what is in code is typed. Before and after that a line may
say what it likes:

    click **NAME**, or click **NAME** beside **NAME**
    type `TEXT` into **NAME**
    replace what stands in **NAME** by `TEXT`
    choose **NAME** under **NAME**, or ... in **NAME**
    you see **NAME**, **NAME** and **NAME** beside **NAME**
    you see about NUMBER under **NAME**
    you read "WORDS"
    wait until you see **NAME** ..., or wait until you read "WORDS"

A line with bold words or quotes that is none of these is a mistake of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

__all__ = ["RUN_BY", "Line", "Verb", "Walk", "names_of", "walks_of"]

RUN_BY = "% run by tests/browser/test_tutorial.py"
"""What stands before the command that opens a console."""


class Verb(Enum):
    """What a line asks for or says."""

    CLICK = auto()
    TYPE = auto()
    REPLACE = auto()
    CHOOSE = auto()
    SEE = auto()
    COUNT = auto()
    READ = auto()
    WAIT = auto()
    WAIT_TO_READ = auto()
    INSTRUCT = auto()
    RETURN = auto()


_NAME = r"\*\*[^*]+\*\*"
_CODE = r"`[^`]+`"
_SEEN = rf"{_NAME}(?:(?:, | and ){_NAME})*(?P<beside> beside {_NAME})?"
_PATTERNS: Mapping[Verb, str] = {
    Verb.CLICK: rf"[Cc]lick {_NAME}(?P<beside> beside {_NAME})?",
    Verb.TYPE: rf"[Tt]ype {_CODE} into {_NAME}",
    Verb.REPLACE: rf"[Rr]eplace what stands in {_NAME} by {_CODE}",
    Verb.CHOOSE: rf"[Cc]hoose {_NAME} under {_NAME}(?P<beside> in {_NAME})?",
    Verb.WAIT: rf"[Ww]ait until you see {_SEEN}",
    Verb.WAIT_TO_READ: r'[Ww]ait until you read "(?P<words>[^"]+)"',
    Verb.SEE: rf"[Yy]ou see {_SEEN}",
    Verb.COUNT: rf"[Yy]ou see about (?P<number>[\d ]+) under {_NAME}",
    Verb.READ: r'[Yy]ou read "(?P<words>[^"]+)"',
    Verb.INSTRUCT: r"[Oo]pen the instructor's address in another window",
    Verb.RETURN: r"[Gg]o back to the trainee's window",
}
_LEAD, _TAIL = r"""(?:[^*"`]* )?""", r"""(?:[^\w*"][^*"]*)?"""
_COMPILED = {verb: re.compile(f"{_LEAD}{pattern}{_TAIL}") for verb, pattern in _PATTERNS.items()}
_MARK = re.compile(r"""\*\*|(?<!`)"(?!`)""")
_ITEM = re.compile(r"\s*(?:\d+\.|-)?\s*")
_FENCE = re.compile(r"\s*(?:```|:::)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that says what to do or what is seen.

    Attributes
    ----------
    number
        Of the line on the page, from 1.
    names
        The bold words, without that beside which they stand.
    beside
        Bold words that stand near to them; empty if anywhere will do.
    text
        What is typed or read.
    count
        The number that is seen; 0 if none.
    """

    number: int
    verb: Verb
    names: tuple[str, ...] = ()
    beside: str = ""
    text: str = ""
    count: int = 0

    def __str__(self) -> str:
        said = " ".join(filter(None, (*self.names, self.beside and f"beside {self.beside}", self.text)))
        return f"line {self.number}: {self.verb.name.lower()} {said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A console that is opened, what it writes, and the lines that follow."""

    command: str
    output: tuple[str, ...]
    lines: tuple[Line, ...]


def walks_of(page: str) -> list[Walk]:
    """Return the walks of a page.

    Raises
    ------
    ValueError
        If a line has bold words or quotes and cannot be read, or stands before the first command.
    """
    walks: list[tuple[list[str], list[Line]]] = []
    for number, text, block in _parts(page):
        if block:
            walks.append((block, []))
        elif (line := _read(number, text)) is not None:
            if not walks:
                raise ValueError(f"line {number}: no console is open yet: {text}")
            walks[-1][1].append(line)
    return [
        Walk(command=block[0].removeprefix("$ "), output=tuple(block[1:]), lines=tuple(lines)) for block, lines in walks
    ]


def names_of(text: str) -> list[str]:
    """Return the bold words of a text.

    >>> names_of("click **Yes** beside **clear**")
    ['Yes', 'clear']
    """
    return re.findall(r"\*\*([^*]+)\*\*", text)


def _parts(page: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the lines of a page outside of blocks, and the blocks with commands that open a console."""
    is_run, fence = False, ""
    block: list[str] = []
    for number, line in enumerate(page.splitlines(), start=1):
        if fence:
            if line.strip() == fence:
                fence = ""
                if is_run:
                    yield number, "", block
                is_run = False
            else:
                block.append(line.strip())
        elif found := _FENCE.match(line):
            fence, block = found[0].strip(), []
        elif line.startswith("% "):
            is_run = line.strip() == RUN_BY
        else:
            yield number, _ITEM.sub("", line, count=1), []


def _read(number: int, text: str) -> Line | None:
    for verb, pattern in _COMPILED.items():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        told = found.groupdict()
        names = names_of(text)
        beside = names.pop() if told.get("beside") else ""
        code = re.search(_CODE, text) if verb in (Verb.TYPE, Verb.REPLACE) else None
        return Line(
            number=number,
            verb=verb,
            names=tuple(names),
            beside=beside,
            text=code[0].strip("`") if code else told.get("words") or "",
            count=int((told.get("number") or "0").replace(" ", "")),
        )
    if _MARK.search(text):
        raise ValueError(f"line {number}: it says nothing that can be done or seen: {text}")
    return None
