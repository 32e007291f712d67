"""The directive `procedure`: the observatory's layout, and every procedure and block there is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docutils import nodes

from cscsim.locate import Homes
from cscsim.sphinx.elements import diagram
from procedures.walk import walk_steps
from tests.cscsim.sphinx.project import Built, building, in_markdown, in_rst

HOMES = Homes()
NAMES = [name for kind in ("rehearsal", "script", "part") for name in HOMES.names(kind)]
PAGES = {name: name.removesuffix(".py").replace("/", ".") for name in NAMES}
BLOCKS = HOMES.of("weekly").blocks
OWN = Path(__file__).parents[3] / "docs" / "how-to" / "examples" / "turn_the_dome.yaml"
LAYOUT = ["Overview", "Pre-Condition", "Procedure Steps", "Post-Condition", "Contingency", "Configuration", "Sources"]
WRITERS = {"index.rst": in_rst, "index.md": in_markdown}


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Iterator[Built]:
    pages = {f"{page}.rst": in_rst("procedure", name) for name, page in PAGES.items()}
    pages |= {f"{block}.rst": in_rst("procedure", block) for block in BLOCKS.ids()}
    links = [*(f":csc:procedure:`{name}`" for name in NAMES), *(f":csc:block:`{block}`" for block in BLOCKS.ids())]
    with building(tmp_path_factory.mktemp("procedures"), {"index.rst": "\n".join(links), **pages}) as built:
        yield built


def words(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def test_every_page_is_read_without_a_warning(everything):
    assert everything.warnings == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_tells_everything_that_a_procedure_states(name, everything):
    procedure = HOMES.of(name).library.find(name)

    page = everything.page(PAGES[name])
    text = words(page.astext())
    codes = {node.astext() for node in page.findall(nodes.literal)}
    strong = {node.astext() for node in page.findall(nodes.strong)}
    steps = [*walk_steps(procedure.steps), *walk_steps(procedure.on_failure), *walk_steps(procedure.cleanup)]
    checks = [*procedure.preconditions, *procedure.postconditions]
    checks += [check for step in steps for check in (*step.preconditions, *step.invariants, *step.postconditions)]
    headings = everything.headings(PAGES[name])[1:]

    assert headings == [heading for heading in LAYOUT if heading in headings]
    assert {"Overview", "Procedure Steps", "Configuration"} <= set(headings)
    assert {step.id for step in steps} <= strong
    assert {words(str(check.that)) for check in checks} <= {words(each) for each in codes}
    assert all(words(each) in text for each in (procedure.overview, *procedure.warnings, *procedure.contingency))
    assert set((procedure.config or {}).get("properties", {})) <= codes
    assert len(list(page.findall(diagram))) == 1


@pytest.mark.parametrize("name", BLOCKS.ids())
def test_a_block_tells_its_scripts_and_their_configurations(name, everything):
    block = BLOCKS.get(name)
    assert block is not None

    text = everything.text(name)

    assert all(script.name in text and script.text.strip() in text for script in block.scripts)


@pytest.mark.parametrize("name", WRITERS)
def test_a_page_has_the_observatorys_layout(name, tmp_path):
    with building(tmp_path, {name: WRITERS[name]("procedure", "weekly")}) as built:
        assert built.warnings == []
        assert built.headings() == ["A page", *LAYOUT]
        overview = next(node for node in built.page().findall(nodes.section) if node[0].astext() == "Overview")
        assert isinstance(overview[-1], nodes.warning)


@pytest.mark.parametrize("name", WRITERS)
def test_a_procedure_beside_the_page_is_shown_without_a_path_of_this_machine(name, tmp_path):
    shutil.copy(OWN, tmp_path)

    with building(tmp_path, {name: WRITERS[name]("procedure", OWN.name)}) as built:
        assert built.warnings == []
        assert OWN.name in built.text()
        assert str(tmp_path) not in built.text()


@pytest.mark.parametrize(
    ("options", "headings"),
    [
        ({"only": "steps"}, []),
        ({"only": "warnings"}, []),
        ({"without": "configuration sources contingency overview warnings"}, LAYOUT[1:4]),
        ({"only": "warnings steps"}, ["Procedure Steps"]),
    ],
)
def test_a_page_may_have_only_some_parts(options, headings, tmp_path):
    with building(tmp_path, {"index.rst": in_rst("procedure", "flat", **options)}) as built:
        assert built.warnings == []
        assert built.headings()[1:] == headings
        assert bool(list(built.page().findall(nodes.warning))) == ("warnings" in options.get("only", ""))


def test_names_link_to_the_pages_that_the_project_has_and_others_are_only_names(tmp_path):
    pages = {"index.rst": in_rst("procedure", "weekly"), "other.rst": in_rst("procedure", "auxtel/enable_atcs.py")}

    with building(tmp_path, pages, builder="html") as built:
        assert built.warnings == []
        text = built.output("index.html")

    assert 'href="other.html#a-page"' in text
    assert "auxtel/enable_latiss.py" in text
