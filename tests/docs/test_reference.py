"""The pages that are written from the code: complete, and held against it."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from csc import load_catalogue, load_observatory, vocabulary_of
from fsm import AuthorError, parse_condition
from procedures import Library
from procedures.training import PersonalAct
from tests.docs.blocks import DOCS

ROOT = DOCS.parent
CATALOGUE = load_catalogue()
SHEET = load_observatory(ROOT / "sim_configs" / "observatories" / "auxtel.yaml", CATALOGUE)
VOCABULARY = vocabulary_of(SHEET, CATALOGUE)


@pytest.fixture(scope="module")
def reference() -> Any:
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        yield importlib.import_module("reference_pages")
    finally:
        sys.path.remove(str(DOCS / "_ext"))


@pytest.fixture(scope="module")
def pages(reference) -> dict[str, str]:
    return dict(reference.pages())


def test_every_component_and_procedure_has_a_page(pages):
    procedures = [name.removesuffix(".py").replace("/", ".") for name in Library(VOCABULARY).names()]

    assert {f"reference/components/{name}.md" for name in CATALOGUE} <= set(pages)
    assert {f"reference/procedures/{name}.md" for name in procedures} <= set(pages)


def test_pages_lie_where_git_ignores_them(reference, pages):
    ignored = (DOCS / ".gitignore").read_text(encoding="utf-8").split()

    assert [f"/{folder}/" for folder in reference.FOLDERS] == [line for line in ignored if line.startswith("/")]
    assert all(page.startswith(tuple(f"{folder}/" for folder in reference.FOLDERS)) for page in pages)


def test_every_generated_part_is_on_a_page(pages):
    written = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*/*.md"))

    assert [page for page in pages if page.startswith("generated/") and f"../{page}" not in written] == []


def test_writing_again_changes_nothing_and_removes_what_is_stale(reference, pages, monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "pages", lambda: iter(pages.items()))
    reference.write(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    stale = tmp_path / "reference" / "components" / "ATGone.md"
    stale.touch()

    reference.write(tmp_path)

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before


def kinds_written(source: str) -> set[str]:
    """Return the kinds of records that a module writes, by ``journal.write("ack")`` or ``frame.record("step")``."""
    found = set()
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
            continue
        first, owner = call.args[0], ast.unparse(call.func.value)
        writes = call.func.attr == "record" or (call.func.attr == "write" and owner.endswith("journal"))
        if writes and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return found


def test_every_kind_of_record_is_told(reference):
    journal = importlib.import_module("reference_pages.journal")
    sources = [path for package in ("csc", "procedures") for path in (ROOT / package).rglob("*.py")]

    written = {kind for path in sources for kind in kinds_written(path.read_text(encoding="utf-8"))}
    by_people = {act.kind for act in get_args(PersonalAct)}

    assert written | by_people == set(journal.KINDS)


def conditions(page: Path) -> list[str]:
    """Return the conditions in the first column of the tables marked as such."""
    lines = iter(page.read_text(encoding="utf-8").splitlines())
    found = []
    for line in lines:
        if line == "% conditions of procedures":
            rows = [next(lines), next(lines)]
            while (row := next(lines)).startswith("|"):
                rows.append(row)
            found += [row.split("|")[1].strip().strip("`") for row in rows[2:]]
    return found


def test_the_examples_of_conditions_are_conditions():
    examples = conditions(DOCS / "reference" / "conditions.md")

    assert len(examples) > 15
    for example in examples:
        try:
            parse_condition(example, VOCABULARY)
        except AuthorError as error:
            pytest.fail(f"{example}: {error}")
