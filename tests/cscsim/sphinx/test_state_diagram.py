"""The directive `state-diagram`: what it draws, what its options do, in both languages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from docutils import nodes

from csc import load_catalogue
from cscsim.sphinx.elements import diagram, fold
from fsm.diagrams import write_mermaid
from tests.cscsim.cli import call
from tests.cscsim.sphinx.project import building, in_markdown, in_rst
from tests.graphviz import needs_dot

OWN = Path(__file__).parents[3] / "docs" / "how-to" / "examples" / "turn_the_dome.yaml"
WRITERS = {"index.rst": in_rst, "index.md": in_markdown}


@pytest.mark.parametrize("name", WRITERS)
def test_everything_that_has_a_name_is_drawn_as_on_the_terminal(name, tmp_path):
    drawn = ["ATDome", "ATDome.homing", "ATDome.summary", "ATMount", "OCPS:1", "weekly", "auxtel/prepare_for/flat.py"]
    pages = {name: "\n".join(WRITERS[name]("state-diagram", each) for each in drawn)}

    with building(tmp_path, pages) as built:
        found = [write_mermaid(node.drawing) for node in built.page().findall(diagram)]
        assert built.warnings == []

    assert found == [call("diagram", each).stdout for each in drawn]


@pytest.mark.parametrize("name", WRITERS)
def test_a_procedure_beside_the_page_is_drawn(name, tmp_path):
    shutil.copy(OWN, tmp_path)

    with building(tmp_path, {name: WRITERS[name]("state-diagram", OWN.name)}) as built:
        (node,) = built.page().findall(diagram)
        assert built.warnings == []

    assert node.drawing.title.startswith("turn_the_dome: ")


@pytest.mark.parametrize("name", WRITERS)
def test_options_mark_count_and_caption(name, tmp_path):
    text = '{"t": 0, "n": 1, "kind": "transition", "who": "ATDome", "machine": "homing", "source": "HOMED", "state": '
    (tmp_path / "run.jsonl").write_text(f'{text}"HOMING"}}\n', encoding="utf-8")
    options = {"highlight": "HOMED, HOMING", "coverage": "run.jsonl", "caption": "How it *homes*", "alt": "homing"}
    write = WRITERS[name]
    page = write("state-diagram", "ATDome.homing", **options, name="how", source="", meanings="")

    with building(tmp_path, {name: page}) as built:
        (node,) = built.page().findall(diagram)
        (figure,) = built.page().findall(nodes.figure)
        (source,) = built.page().findall(fold)
        dependencies = built.app.env.dependencies["index"]
        assert built.warnings == []

    text = write_mermaid(node.drawing)
    assert text.count("×1") == 3
    assert "#ffe08a" in text
    assert load_catalogue()["ATDome"].machines["homing"].by_name["HOMED"].meaning.split()[0] in text
    assert source.children[1].astext() == text
    assert (node["alt"], figure["names"], figure.astext().split("\n\n")[-2]) == ("homing", ["how"], "How it homes")
    assert "Visited: 2 of 3 states, 1 of 5 ways between two of them." in figure.astext()
    assert any(str(each).endswith("run.jsonl") for each in dependencies)


def test_several_files_are_counted_together(tmp_path):
    text = '{"t": 0, "n": 1, "kind": "transition", "who": "ATDome", "machine": "homing", "source": "HOMED", "state": '
    (tmp_path / "run.jsonl").write_text(f'{text}"HOMING"}}\n', encoding="utf-8")
    items = '["state", "ATDome", "homing", "HOMING", 4], ["transition", "ATDome", "homing", "HOMED", "HOMING", "x", 5]'
    coverage = f'{{"coverage": 1, "items": [{items}], "codes": [], "files": {{}}}}'
    (tmp_path / "all.json").write_text(coverage, encoding="utf-8")

    page = in_rst("state-diagram", "ATDome.homing", coverage="run.jsonl, all.json")
    with building(tmp_path, {"index.rst": page}) as built:
        (node,) = built.page().findall(diagram)
        assert built.warnings == []

    text = write_mermaid(node.drawing)
    assert (text.count("×1"), text.count("×5"), text.count("×6")) == (1, 1, 1)


def test_html_has_the_text_that_browsers_draw_and_the_script_only_where_it_is_needed(tmp_path):
    pages = {"index.rst": in_rst("state-diagram", "ATDome.homing"), "other.rst": "Words.\n"}

    with building(tmp_path, pages, builder="html") as built:
        page, other = built.output("index.html"), built.output("other.html")
        files = [built.output(f"_static/cscsim/{name}") for name in ("diagrams.js", "pages.css")]

    assert '<pre class="csc-diagram csc-mermaid" data-alt="Diagram of ATDome.homing">' in page
    assert "cscsim/diagrams.js" in page
    assert "cscsim/diagrams.js" not in other
    assert all(files)


@needs_dot()
@pytest.mark.parametrize(("option", "configured"), [({}, "cscsim_diagrams = 'svg'"), ({"format": "svg"}, "")])
def test_svg_stands_in_the_page_without_a_script_of_ours(option, configured, tmp_path):
    page = (
        in_rst("state-diagram", "ATDome.homing", **option) + "\n" + in_rst("state-diagram", "ATDome.homing", **option)
    )

    with building(tmp_path, {"index.rst": page}, configured, builder="html") as built:
        text = built.output("index.html")
        assert built.warnings == []

    assert text.count('<svg role="img" aria-label="Diagram of ATDome.homing"') == 2
    assert "<?xml" not in text
    assert 'id="node1"' not in text


def test_svg_without_graphviz_warns_and_shows_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    page = in_rst("state-diagram", "ATDome.homing", format="svg")

    with building(tmp_path, {"index.rst": page}, builder="html") as built:
        (warning,) = built.warnings
        text = built.output("index.html")

    assert warning.startswith("index.rst:4: WARNING: svg is laid out by Graphviz' program dot")
    assert "<strong>NOT_HOMED</strong>" in text


@pytest.mark.parametrize("builder", ["text", "man", "latex", "texinfo", "xml"])
def test_other_formats_have_a_table(builder, tmp_path):
    pages = {
        "index.rst": in_rst("state-diagram", "ATDome.homing", caption="Homing", name="how") + "\nSee :ref:`how`.\n"
    }
    configuration = "man_pages = [('index', 'pages', '', [], 1)]\n"

    with building(tmp_path, pages, configuration, builder=builder) as built:
        written = "".join(
            path.read_text(encoding="utf-8")
            for path in Path(built.app.outdir).iterdir()
            if path.suffix in (".txt", ".1", ".tex", ".texi", ".xml")
        )
        assert built.warnings == []

    plain = written.replace("\\", "").replace("{}", "").replace("PYGZus", "_")
    assert "home_reached" in plain or "homereached" in plain
    assert "Homing" in plain
    assert "flowchart" not in plain
