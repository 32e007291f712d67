"""What a writer has done wrong is told with document and line, the nearest name, and no traceback."""

from __future__ import annotations

import pytest
from sphinx.errors import ConfigError

from tests.cscsim.sphinx.project import building, in_markdown, in_rst

MISTAKES = [
    ("state-diagram", "ATDoom", {}, "there is no component or procedure ATDoom; did you mean ATDome?"),
    ("state-diagram", "weeky", {}, "there is no component or procedure weeky; did you mean weekly?"),
    ("state-diagram", "ATDome.homming", {}, "ATDome has no machine homming; did you mean homing?"),
    ("state-diagram", "ATDome.homing", {"highlight": "HOMIN"}, "has no state HOMIN; did you mean HOMING?"),
    ("state-diagram", "ATDome", {"highlight": "HOMING"}, "many machines; did you mean MACHINE.HOMING?"),
    ("state-diagram", "weekly", {"highlight": "setsx"}, "weekly has no step setsx; did you mean sets?"),
    ("state-diagram", "ATDome", {"format": "sgv"}, "drawn as mermaid or svg, not sgv; did you mean svg?"),
    ("state-diagram", "ATDome", {"coverage": "no.jsonl"}, "there is no file no.jsonl beside the page"),
    ("state-diagram", "ATDome", {"coverage": "bad.jsonl"}, "bad.jsonl:1: not a journal record"),
    ("state-diagram", "bad.yaml", {}, "bad.yaml:4:1: unknown key stps; did you mean steps?"),
    ("component", "ATDoom", {}, "there is no component ATDoom; did you mean ATDome?"),
    ("component", "ATDome", {"only": "fualts"}, "component has no part fualts"),
    ("component", "ATDome", {"without": "machine"}, "did you mean machines?"),
    ("component", "ATDome", {"only": "faults", "without": "faults"}, "nothing is left to be shown"),
    ("component", "CSC", {"only": "faults"}, "CSC is told as a whole; leave :only: and :without: out"),
    ("procedure", "BLOCK-309", {"without": "steps"}, "BLOCK-309 is told as a whole; leave"),
    ("procedure", "weeky", {}, "there is no procedure or block weeky; did you mean weekly?"),
    ("procedure", "BLOCK-39", {}, "there is no procedure or block BLOCK-39; did you mean BLOCK-309?"),
    ("procedure", "no.yaml", {}, "there is no file no.yaml beside the page"),
    ("procedure", "bad.yaml", {}, "bad.yaml:4:1: unknown key stps; did you mean steps?"),
    ("procedure", "weekly", {"only": "step"}, "procedure has no part step"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "write"), [("index.rst", in_rst), ("index.md", in_markdown)])
def test_a_mistake_is_told_with_its_place(name, write, tmp_path):
    (tmp_path / "bad.jsonl").write_text("no journal\n{}\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("procedure: bad\nkind: rehearsal\ntitle: x\nstps: []\n", encoding="utf-8")
    lines, page = [], ""
    for directive, argument, options, _ in MISTAKES:
        lines.append((4 if name.endswith(".rst") else 3) + page.count("\n"))
        page += write(directive, argument, **options) + "\n"

    with building(tmp_path, {name: page}) as built:
        told = built.warnings

    for line, (directive, _, _, message) in zip(lines, MISTAKES, strict=True):
        beginning, end = f"{name}:{line}: WARNING: ", f"[csc.{directive}]"
        found = [each for each in told if each.startswith(beginning) and each.endswith(end)]
        assert any(message in each for each in found), (line, message, told)
    assert not any("Traceback" in each or str(tmp_path) in each for each in told)


def test_a_file_in_another_folder_is_called_as_the_page_does(tmp_path):
    (tmp_path / "bad.yaml").write_text("procedure: bad\nkind: rehearsal\ntitle: x\nstps: []\n", encoding="utf-8")
    page = in_rst("state-diagram", "../bad.yaml") + "\n" + in_rst("procedure", "../bad.yaml")

    with building(tmp_path / "pages", {"index.rst": page}) as built:
        told = built.warnings

    assert len(told) == 4
    assert all(" WARNING: ../bad.yaml:" in each for each in told)


@pytest.mark.parametrize(("name", "write"), [("index.rst", in_rst), ("index.md", in_markdown)])
def test_an_unknown_option_is_told_by_the_parser(name, write, tmp_path):
    with building(tmp_path, {name: write("state-diagram", "ATDome.homing", highlite="HOMED")}) as built:
        assert f"{name}:" in built.warnings[0]
        assert "highlite" in "".join(built.warnings)


def test_an_unknown_format_in_the_configuration_ends_the_build(tmp_path):
    with (
        pytest.raises(ConfigError, match="cscsim_diagrams: diagrams are drawn as mermaid or svg, not merm"),
        building(tmp_path, {"index.rst": ""}, "cscsim_diagrams = 'merm'\n"),
    ):
        pass


def test_a_role_that_leads_nowhere_names_the_nearest(tmp_path):
    page = in_rst("component", "ATDome") + "\n:csc:fault:`ATDome.encoder_slp` :csc:procedure:`weekly`\n"

    with building(tmp_path, {"index.rst": page}) as built:
        told = sorted(built.warnings)

    near = "did you mean ATDome.encoder_slip?"
    assert told == [
        f"index.rst:6: WARNING: no page tells of a fault ATDome.encoder_slp; {near} [ref.fault]",
        "index.rst:6: WARNING: no page tells of a procedure weekly [ref.procedure]",
    ]


def test_what_two_pages_tell_is_warned_of(tmp_path):
    options = {"only": "faults"}
    pages = {
        "index.rst": in_rst("component", "ESS", **options),
        "second.rst": in_rst("component", "ESS", **options),
        "third.rst": in_rst("component", "ESS", **options, no_index=""),
    }

    with building(tmp_path, pages) as built:
        told = built.warnings

    assert told
    assert all("is told in index already; give one of the two :no-index:" in each for each in told)
    assert all(each.startswith("second.rst:6: ") for each in told)
