from __future__ import annotations

from typing import Any

from fsm import Record
from procedures import Library
from procedures.coverage import visits_of_procedure
from tests.procedures.play import load, vocabulary


def step(who: str, *ids: str) -> list[Record]:
    """Return what a journal says of steps that are begun and done."""
    return [{"kind": "step", "who": who, "step": each, "what": what} for each in ids for what in ("started", "done")]


def journal(*records: Any) -> list[Record]:
    return [{"kind": "run", "who": "observer", "procedure": "play"}, *records]


PART = "procedure: inner\nkind: part\ntitle: inside\nsteps: [{id: pause, wait: 1 s}]\n"


CALLER = "procedure: caller\nkind: part\ntitle: outside\nsteps:\n- {id: a, call: {procedure: inner}}\n"


def library(tmp_path: Any) -> Library:
    for folder, name in (("parts", "inner"), ("scripts", "queued")):
        path = tmp_path / folder / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        suffix = ".py" if folder == "scripts" else ""
        kind = "script" if folder == "scripts" else "part"
        path.write_text(PART.replace("inner", f"{name}{suffix}").replace("part", kind), encoding="utf-8")
    (tmp_path / "parts" / "caller.yaml").write_text(
        f"{CALLER}- {{id: b, call: {{procedure: inner}}}}\n", encoding="utf-8"
    )
    return Library(vocabulary(), tmp_path)


def test_steps_of_the_rehearsal_itself_are_counted_each_time_they_begin(tmp_path):
    plan = load("- {id: a, wait: 1 s}\n- {id: b, wait: 1 s}\n- {id: c, wait: 1 s}")

    visits = visits_of_procedure(plan, journal(*step("observer", "a", "b", "b")), library(tmp_path))

    assert visits.nodes == {("play", "a"): 1, ("play", "b"): 2}


def test_steps_of_a_part_are_counted_wherever_it_is_called(tmp_path):
    books = library(tmp_path)
    began = {"kind": "run", "who": "observer", "procedure": "caller"}
    records = [began, *step("observer", "a", "a/pause", "b", "b/pause", "gone/pause")]

    visits = visits_of_procedure(books.find("inner"), records, books)

    assert visits.nodes == {("inner", "pause"): 2}


def test_steps_of_a_script_are_those_of_the_script_that_says_what_it_is(tmp_path):
    books = library(tmp_path)
    described = {"kind": "event", "who": "Script:1", "topic": "description", "data": {"classname": "queued.py"}}
    records = journal(described, *step("Script:1", "pause"), *step("Script:2", "pause"), *step("observer", "pause"))

    visits = visits_of_procedure(books.find("queued"), records, books)

    assert visits.nodes == {("queued.py", "pause"): 1}
