from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from csc import Catalogue, load_catalogue
from csc.diagrams import mermaid_component, mermaid_component_machine
from tests.csc.tiny import catalogue

TINY = catalogue()["Tiny"]

_ID = r"[A-Za-z_]\w*"
_ENTITY = r"#(?:\d+|quot|amp|lt|gt);"
_PLAIN = rf"(?:[^#;:\"<>`{{}}&]|{_ENTITY}|<br/>|</?small>)+"
LINE = re.compile(
    "|".join(
        (
            r"direction (?:LR|TB)",
            rf'state "(?: |{_PLAIN})" as {_ID}(?: \{{)?',
            r"\}",
            rf"(?:\[\*\]|{_ID}) --> {_ID}(?: : {_PLAIN})?",
            rf"{_ID} : {_PLAIN}",
            r"classDef \w+ [-\w:#, ]+",
            rf"class {_ID}(?:,{_ID})* \w+",
        )
    )
)
"""What a line of a state diagram may be."""


def check(text: str) -> None:
    """Check that every line is one that Mermaid's grammar knows, and every box is declared once."""
    head, _, body = text.partition("stateDiagram-v2\n")
    assert head.startswith("---\ntitle: ")
    lines = [line.strip() for line in body.splitlines()]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    declared = [match[1] for line in lines if (match := re.match(rf'state ".*" as ({_ID})', line))]
    assert len(declared) == len(set(declared))
    used = {match[0] for line in lines for match in re.finditer(r"\bm__\w+", line.partition(" : ")[0])}
    assert used <= set(declared)
    assert sum(line.endswith("{") for line in lines) == lines.count("}")


def test_a_component_is_drawn_with_its_summary_state_and_machines(golden: Callable[[str, str], None]) -> None:
    golden(mermaid_component(TINY), "diagrams/Tiny.mmd")


def test_a_component_is_drawn_with_notes_and_where_it_is(golden: Callable[[str, str], None]) -> None:
    active = {"summary": "ENABLED", "lamp": "WARMUP"}

    golden(mermaid_component(TINY, active=active, notes=True), "diagrams/Tiny_notes.mmd")


def test_one_machine_of_a_component_is_drawn(golden: Callable[[str, str], None]) -> None:
    golden(mermaid_component_machine(TINY, "lamp", active="ON"), "diagrams/Tiny.lamp.mmd")


def test_a_time_shows_its_parameter_and_default() -> None:
    assert "after warmup (10 s)" in mermaid_component_machine(TINY, "lamp")


def test_commands_that_a_component_does_not_have_are_not_drawn() -> None:
    assert "enterControl" in mermaid_component_machine(TINY, "summary")
    assert "enterControl" not in mermaid_component_machine(catalogue()["Peer"], "summary")


def test_a_machine_that_is_not_there_is_not_drawn() -> None:
    with pytest.raises(KeyError):
        mermaid_component_machine(TINY, "lapm")


@pytest.mark.parametrize("read", [catalogue, load_catalogue], ids=["tiny", "all"])
def test_every_component_is_drawn_in_mermaids_grammar(read: Callable[[], Catalogue]) -> None:
    for plan in read().values():
        check(mermaid_component(plan))
        check(mermaid_component(plan, notes=True))
        for name, machine in plan.machines.items():
            check(mermaid_component_machine(plan, name, active=machine.initial, notes=True))
