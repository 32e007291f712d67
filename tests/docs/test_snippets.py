"""Every snippet of the documentation is run, and what the page says of it is held against what comes."""

from __future__ import annotations

import doctest
import os
import re
from difflib import ndiff
from pathlib import Path

import pytest

from tests.cscsim.pools import pool
from tests.docs.blocks import DOCS, GAP, Block, Command, blocks_of, matches
from tests.docs.clone import Clone

GENERATED = ("_build", "generated", "components", "procedures")
PAGES = [
    path
    for path in sorted(DOCS.rglob("*.md"))
    if not set(path.relative_to(DOCS).parts[:-1]) & set(GENERATED) and any(blocks_of(path.read_text(encoding="utf-8")))
]
APART = {"how-to/write-a-data-sheet.md"}
"""Pages that change the program: none of it may be loaded already."""
EXIT_CODE = re.compile(r"exit code (?P<code>\d+)")
ELSEWHERE = re.compile(r"run by (?P<test>tests/\S+\.py)")
"""A test that runs the block itself."""
TERMINAL = re.compile(r"on a terminal, answering (?P<answers>.*)")


def name_of(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_the_snippets_of_a_page_say_what_comes(path, tmp_path, monkeypatch, request, golden):
    page = path.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cscsim.executing.cores", lambda: 1)  # tests fill all of them as it is
    monkeypatch.setattr("procedures.campaign.ProcessPool", pool)
    shell = Clone(tmp_path, apart=name_of(path) in APART)
    wrong: list[tuple[Command, list[str]]] = []
    names: dict[str, object] = {}
    for block in blocks_of(page):
        if block.how.startswith("not run: ") or ELSEWHERE.fullmatch(block.how):
            continue
        if block.language == "pycon":
            run_doctest(block, names, path)
        elif terminal := TERMINAL.fullmatch(block.how):
            run_on_a_terminal(block, shell, terminal["answers"].split(", "))
        else:
            wrong += run_console(block, shell, path)
    if wrong and request.config.getoption("--rewrite-golden"):
        path.write_text(corrected(page, wrong), encoding="utf-8")
    elif wrong:
        pytest.fail("\n\n".join(difference(path, *each) for each in wrong), pytrace=False)


def run_console(block: Block, shell: Clone, path: Path) -> list[tuple[Command, list[str]]]:
    """Run the commands of a block; return those with another output than the page's."""
    wrong = []
    commands = block.commands()
    exit_code = EXIT_CODE.fullmatch(block.how)
    for command, following in zip(commands, [*commands[1:], None], strict=True):
        if command.text:
            code = shell.run(command.text)
            wanted = int(exit_code["code"]) if exit_code and following is None else 0
            told = following is not None and following.text == "echo $?"
            if code != wanted and not told:
                pytest.fail(f"{path}:{command.line}: $ {command.text}: exit code {code}\n" + "\n".join(shell.output))
        if not matches(command.whole, shell.output):
            wrong.append((command, shell.output))
    return wrong


def run_on_a_terminal(block: Block, shell: Clone, answers: list[str]) -> None:
    """Run the one command of a block on a terminal, where other things are drawn between the lines of the page."""
    (command,) = block.commands()
    shell.type(command.text, ["" if answer == "Enter" else answer for answer in answers])
    wanted = [line for line in command.output if line.strip() != GAP]
    expected = [each for line in wanted for each in (GAP, line)]
    assert matches([*expected, GAP], shell.output), difference(DOCS, command, shell.output)


def run_doctest(block: Block, names: dict[str, object], path: Path) -> None:
    """Run a block as a doctest; later blocks of the page know its names."""
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest("\n".join(block.lines) + "\n", names, path.name, str(path), block.line)
    runner = doctest.DocTestRunner(optionflags=options)
    said: list[str] = []
    runner.run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert not runner.failures, "".join(said)


def difference(path: Path, command: Command, output: list[str]) -> str:
    lines = ndiff(command.whole, [line.rstrip() for line in output])
    return f"{path}:{command.line}: $ {command.text}\n" + "\n".join(line for line in lines if line[0] != "?")


def corrected(page: str, wrong: list[tuple[Command, list[str]]]) -> str:
    """Return the page with the outputs that came."""
    lines = page.splitlines()
    for command, output in reversed(wrong):
        start = command.line
        while command.text and lines[start - 1].endswith("\\"):
            start += 1
        indent = re.match(" *", lines[start - 1])
        margin = indent[0] if indent else ""
        new = [f"{margin}{line}".rstrip() for line in command.corrected(output)]
        lines[start : start + len(command.output)] = new
    return "\n".join(lines) + "\n"


def test_every_example_is_shown_and_used():
    examples = [path for path in DOCS.rglob("examples/*") if path.is_file()]
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)

    assert examples
    assert [path.name for path in examples if f"examples/{path.name}" not in pages] == []


def test_no_snippet_is_left_out_without_a_reason():
    left_out = [
        (name_of(path), block.how) for path in PAGES for block in blocks_of(path.read_text(encoding="utf-8"))
        if block.how.startswith("not run")
    ]  # fmt: skip

    assert all(how.removeprefix("not run: ") for _, how in left_out)
    assert len(left_out) <= 8, left_out


def test_a_test_that_runs_a_snippet_is_there_and_knows_the_page():
    told = {
        (path, found["test"])
        for path in PAGES
        for block in blocks_of(path.read_text(encoding="utf-8"))
        if (found := ELSEWHERE.fullmatch(block.how))
    }

    assert told
    for path, test in told:
        assert f'"{path.name}"' in (DOCS.parent / test).read_text(encoding="utf-8"), (name_of(path), test)


def test_outputs_fit_the_page():
    long = [
        f"{name_of(path)}:{block.line + number}"
        for path in PAGES
        for block in blocks_of(path.read_text(encoding="utf-8"))
        for number, line in enumerate(block.lines)
        if len(line) > 96
    ]

    assert long == []


def test_pages_do_not_name_this_machine():
    home = os.fspath(DOCS.parent)

    assert [name_of(path) for path in PAGES if home in path.read_text(encoding="utf-8")] == []
