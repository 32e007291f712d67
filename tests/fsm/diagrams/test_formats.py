"""The writers: one drawing in every format."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from fsm.diagrams import (
    PAINTS,
    WRITERS,
    Drawing,
    Edge,
    Frame,
    Manner,
    Node,
    Shape,
    draw_machine,
    draw_machines,
    highlight,
    write_dot,
    write_mermaid,
    write_plantuml,
    write_svg,
)
from fsm.errors import CscsimError
from tests.fsm.diagrams.grammar import CHECKS, check_svg
from tests.fsm.diagrams.test_machines import DOOR, LAMP
from tests.fsm.rig import chart, row
from tests.graphviz import canonical, needs_dot

NASTY = "who == 'a;b: #1 \"<x>\" `y` {z} | [v] %% --> ~u~ *t* ==s== //r// _q_ \\p \\n' & end"


def node(id: str, shape: Shape, *lines: str, **more: object) -> Node:
    return Node(id=id, shape=shape, lines=lines, **more)  # type: ignore[arg-type]  # of a test's own


EVERY = Drawing(
    title="Every shape",
    frame=Frame(
        id="f",
        nodes=tuple(
            node(f"n{number}", shape, *([] if shape in (Shape.START, Shape.END, Shape.BAR) else [shape.name, NASTY]))
            for number, shape in enumerate(Shape)
        ),
        edges=(
            Edge(source="n0", target="n2"),
            Edge(source="n2", target="n3", lines=("go", NASTY), paint=PAINTS["by_fault"]),
            Edge(source="i1", target="n1", lines=("out",), paint=PAINTS["by_cure"]),
        ),
        rows=(
            (
                Frame(
                    id="g",
                    title=NASTY,
                    nodes=(
                        node("i1", Shape.STATE, "A", small=("small", NASTY), inner=("stays", NASTY)),
                        node("i2", Shape.STATE, "B", paint=PAINTS["present"]),
                        node("i3", Shape.STATE, "C", paint=PAINTS["elsewhere"]),
                    ),
                    edges=(Edge(source="i1", target="i2", paint=PAINTS["by_fault"]),),
                ),
            ),
        ),
    ),
)
"""One box of each shape, in and outside a frame, with all that may stand in one, and words that formats read."""
HALL = draw_machines([DOOR, LAMP], title='The "hall"', manner=Manner(notes={"lamp": [("go", "• needs: “power”")]}))
ROWS = draw_machines([DOOR, LAMP, *(chart(f"door{n}", "A B", *DOOR.transitions[:0]) for n in range(9))], title="Many")
DRAWINGS = {"door": draw_machine(DOOR), "hall": HALL, "rows": ROWS, "every": EVERY}


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize("form", CHECKS)
def test_a_drawing_keeps_the_grammar_of_the_format(form: str, drawing: Drawing) -> None:
    CHECKS[form](WRITERS[form](drawing), drawing)


@needs_dot()
@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_graphviz_reads_what_is_written_for_it(drawing: Drawing) -> None:
    read = canonical([write_dot(drawing)])

    assert all(re.search(rf"^\t+{each.id}\t", read, re.MULTILINE) for each in drawing.nodes)
    assert len(re.findall(r"->", read)) >= len(drawing.edges)


@needs_dot()
@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_an_svg_has_every_box_and_every_word(drawing: Drawing) -> None:
    check_svg(write_svg(drawing), drawing)


@needs_dot()
def test_machines_that_nothing_joins_are_laid_out_under_each_other() -> None:
    text = write_svg(ROWS)

    width, height = (float(size) for size in re.findall(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"', text)[0])
    places = [(float(x), float(y)) for x, y in re.findall(r'<g transform="translate\(([\d.]+) ([\d.]+)\)">', text)]
    assert width <= 1400
    assert len({y for _, y in places}) > 1
    assert all(x < width and y < height for x, y in places)


def test_svg_without_graphviz_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None)

    with pytest.raises(CscsimError, match=r"Graphviz' program dot, which is not on the PATH; install it .*apt install"):
        write_svg(HALL)


@needs_dot()
def test_what_graphviz_complains_of_is_told() -> None:
    broken = Drawing(title="broken", frame=Frame(id="f", nodes=(node("a ]", Shape.STEP, "x"),)))

    with pytest.raises(CscsimError, match="Graphviz could not lay broken out: .*syntax error"):
        write_svg(broken)


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "svg"])
def test_a_machine_is_written_the_same_each_time(form: str, golden: Callable[[str, str], None]) -> None:
    golden(WRITERS[form](highlight(draw_machine(DOOR), {("door", "OPEN")})), f"diagrams/door.{form}")


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "svg"])
def test_machines_in_their_frames_are_written_the_same_each_time(form: str, golden: Callable[[str, str], None]) -> None:
    golden(WRITERS[form](highlight(HALL, {("lamp", "ON")})), f"diagrams/hall.{form}")


# ----------------------------------------------------------------------- Mermaid


def test_a_title_with_quotes_is_written_as_yaml() -> None:
    text = write_mermaid(draw_machine(LAMP, title='The "hall": door \\ gate'))

    assert text.splitlines()[1] == 'title: "The \\"hall\\": door \\\\ gate"'


def test_mermaid_lays_frames_out_from_the_last_to_the_first() -> None:
    lines = [line.strip() for line in write_mermaid(HALL).splitlines()]

    assert [line for line in lines if line.startswith("subgraph")] == [
        'subgraph m__lamp["lamp"]',
        'subgraph m__door["door"]',
    ]


def test_mermaid_paints_arrows_by_their_place_in_the_text() -> None:
    lines = [line.strip() for line in write_mermaid(EVERY).splitlines()]

    arrows = [line for line in lines if "-->" in line or "-.->" in line]
    styles = {int(n): line for line in lines if line.startswith("linkStyle") for n in line.split()[1].split(",")}
    assert {number for number, line in enumerate(arrows) if "-.->" in line} == set(styles)
    [cured] = [n for n, style in styles.items() if PAINTS["by_cure"].line in style]
    assert arrows[cured].endswith('|"out"| n1')


@pytest.mark.parametrize("word", ["end", "graph", "subgraph", "style", "class", "click", "default", "o", "x"])
def test_a_formats_own_words_may_be_states(word: str) -> None:
    drawing = draw_machine(chart(word, f"{word} other", row(on="go", source=word, to="other")))

    for form, check in CHECKS.items():
        check(WRITERS[form](drawing), drawing)
    assert f'm__{word}__{word}("{word}")' in write_mermaid(drawing)


# ---------------------------------------------------------------------- PlantUML


def test_plantuml_joins_lines_and_keeps_the_words_of_its_own() -> None:
    text = write_plantuml(EVERY)

    assert "go\\nwho <U+003D><U+003D> 'a;b: <U+0023>1" in text
    assert "<U+002A>t<U+002A>" in text
