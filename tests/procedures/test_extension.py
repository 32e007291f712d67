"""A procedure that extends another one: what is added, where it stands, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsm import AuthorError
from procedures import Library, Procedure
from procedures.shelf import Shelf
from procedures.walk import walk_steps
from tests.procedures.play import vocabulary

BASE = """\
procedure: base
kind: rehearsal
title: the base
remotes: [Tiny]
preconditions: [Tiny is ENABLED]
steps:
  - id: count
    let: {before: "3"}
  - id: outer
    when: Tiny is ENABLED
    then:
      - id: inner
        log: inside
        postconditions: [Tiny is ENABLED]
  - log: nameless
postconditions: [Tiny is ENABLED]
contingency: [go home]
"""
MORE = """\
procedure: more
extends: base
title: the base, and more
overview: what is added
preconditions: [Tiny is not FAULT]
guards:
  inner:
    invariants: [before == 3]
    postconditions:
      - that: later == 4
        else: it is not
insert:
  - after: count
    steps:
      - id: added
        let: {later: "4"}
      - log: added as well
contingency: [stay]
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "rehearsals"
    folder.mkdir()
    (folder / "base.yaml").write_text(BASE)
    return tmp_path


def load(root: Path, text: str = MORE, name: str = "more") -> Procedure:
    (root / "rehearsals" / f"{name}.yaml").write_text(text)
    return Library(vocabulary(), root).find(name)


def test_what_an_extension_adds_comes_after_what_is_there(shelf) -> None:
    procedure = load(shelf)

    assert [step.id for step in walk_steps(procedure.steps)] == ["count", "added", "3", "outer", "inner", "5"]
    inner = next(step for step in walk_steps(procedure.steps) if step.id == "inner")
    assert [str(check.that) for check in inner.postconditions] == ["Tiny is ENABLED", "later == 4"]
    assert [str(check.that) for check in inner.invariants] == ["before == 3"]
    assert [str(check.that) for check in procedure.preconditions] == ["Tiny is ENABLED", "Tiny is not FAULT"]
    assert procedure.contingency == ("go home", "stay")
    assert (procedure.name, procedure.kind, procedure.title) == ("more", "rehearsal", "the base, and more")
    assert procedure.remotes == ("Tiny",)


def test_the_procedure_that_is_extended_stays_as_it_is(shelf) -> None:
    load(shelf)

    base = Library(vocabulary(), shelf).find("base")

    assert [step.id for step in base.steps] == ["count", "outer", "3"]
    assert all(not step.invariants for step in walk_steps(base.steps))


def test_every_step_knows_the_file_that_it_comes_from(shelf) -> None:
    procedure = load(shelf)

    places = {step.id: str(step.position) for step in walk_steps(procedure.steps)}

    assert places["count"].startswith("rehearsals/base.yaml:7:")
    assert places["inner"].startswith("rehearsals/base.yaml:12:")
    assert places["added"].startswith("rehearsals/more.yaml:15:")


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("extends: base", "extends: bsae", r"more\.yaml:2:10: there is no procedure bsae; did you mean base\?"),
        ("extends: base", "extends: more", r"more\.yaml:2:10: .*it extends itself"),
        ("  inner:", "  iner:", r"more\.yaml:7:3: base has no step iner; did you mean inner\?"),
        ("after: count", "after: cuont", r"more\.yaml:13:12: base has no step cuont; did you mean count\?"),
        ("later == 4", "latr == 4", r"more\.yaml:10:15: .*latr"),
        ("id: added", "id: outer", r"base\.yaml:9:9: there is already a step outer"),
        ("    invariants:", "    invariant:", r"more\.yaml:8:5: .*unknown key invariant; did you mean invariants\?"),
        ("overview:", "steps:", r"more\.yaml:4:1: .*unknown key steps"),
        ("[before == 3]", "before == 3", r"more\.yaml:8:"),
    ],
)
def test_a_wrong_extension_is_refused_with_the_place(shelf, right, wrong, text) -> None:
    with pytest.raises(AuthorError, match=text):
        load(shelf, MORE.replace(right, wrong, 1))


def test_two_that_extend_each_other_are_refused(shelf) -> None:
    (shelf / "rehearsals" / "other.yaml").write_text("procedure: other\nextends: more\ntitle: other\n")

    with pytest.raises(AuthorError, match="it extends itself, by .*more.yaml and .*other.yaml"):
        load(shelf, "procedure: more\nextends: other\ntitle: more\n")


def test_an_extension_may_be_extended(shelf) -> None:
    load(shelf)

    procedure = load(
        shelf, "procedure: most\nextends: more\ntitle: most\nguards: {added: {postconditions: [later == 4]}}\n", "most"
    )

    added = next(step for step in procedure.steps if step.id == "added")
    assert [str(check.that) for check in added.postconditions] == ["later == 4"]


def test_a_file_of_ones_own_extends_a_procedure_of_the_library(tmp_path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("procedure: own\nextends: weekly\ntitle: own\npostconditions: [ATWhiteLight is STANDBY]\n")

    document, sheet = Shelf().read_file(own, name="own.yaml")

    assert sheet.procedure == "own"
    assert str(document.position(("postconditions", len(sheet.postconditions) - 1))) == "own.yaml:4:18"
    assert len(sheet.postconditions) == len(Shelf().read("weekly")[1].postconditions) + 1
