"""Links, index and inventory; pages that are read again; processes side by side; what is not imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import csc
from tests.cscsim.sphinx.project import building, in_markdown, in_rst, write_pages
from tests.docs.blocks import DOCS

OWN = DOCS / "how-to" / "examples" / "turn_the_dome.yaml"
ROLES = """
:csc:component:`ATDome` :csc:component:`ATMount` :csc:machine:`ATDome.homing` :csc:command:`ATDome.moveAzimuth`
:csc:command:`ATDome.enable` :csc:event:`ATDome.azimuthState` :csc:telemetry:`ATDome.position`
:csc:output:`ATDome.azimuth` :csc:parameter:`ATDome.azimuth_timeout` :csc:fault:`~ATDome.encoder_slip`
:csc:procedure:`flat` :csc:procedure:`auxtel/prepare_for/flat` :csc:block:`BLOCK-309` :any:`ATDome.encoder_slip`
:csc:fault:`the slip <ATDome.encoder_slip>`
"""
TOLD = {
    "dome.md": in_markdown("component", "ATDome"),
    "mount.rst": in_rst("component", "ATMCS"),
    "csc.rst": in_rst("component", "CSC"),
    "flat.rst": in_rst("procedure", "auxtel/prepare_for/flat.py"),
    "block.rst": in_rst("procedure", "BLOCK-309"),
}


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    pages = {"index.rst": ROLES, "links.md": "[the slip](#fault-atdome-encoder-slip)\n", **TOLD}
    with building(tmp_path_factory.mktemp("links"), pages, builder="html") as built:
        yield built


def test_roles_lead_to_what_directives_tell(linked):
    page = linked.output("index.html")

    assert linked.warnings == []
    for anchor in (
        "dome.html#a-page",
        "mount.html#a-page",
        "dome.html#machine-atdome-homing",
        "dome.html#command-atdome-moveazimuth",
        "csc.html#command-csc-enable",
        "dome.html#event-atdome-azimuthstate",
        "dome.html#telemetry-atdome-position",
        "dome.html#output-atdome-azimuth",
        "dome.html#parameter-atdome-azimuth-timeout",
        "dome.html#fault-atdome-encoder-slip",
        "flat.html#a-page",
        "block.html#a-page",
    ):
        assert f'href="{anchor}"' in page, anchor
        name, _, anchored = anchor.partition("#")
        assert f'id="{anchored}"' in linked.output(name), anchor
    assert '<span class="pre">encoder_slip</span>' in page
    assert '<span class="pre">slip</span>' in page


def test_markdown_leads_to_an_anchor(linked):
    assert 'href="dome.html#fault-atdome-encoder-slip"' in linked.output("links.html")


def test_everything_is_in_the_index_and_in_the_inventory(linked):
    objects = {(kind, name) for name, _, kind, *_ in linked.app.env.get_domain("csc").get_objects()}

    assert {("component", "ATDome"), ("fault", "ATDome.encoder_slip"), ("block", "BLOCK-309")} <= objects
    assert "encoder_slip (fault)" in linked.output("genindex.html")
    assert Path(linked.app.outdir, "objects.inv").is_file()


def test_a_page_is_read_again_when_its_data_sheet_changes(tmp_path):
    sheet = Path(csc.__file__).parent / "atdome" / "atdome.yaml"

    with building(tmp_path, {"index.rst": in_rst("component", "ATDome"), "other.rst": "Words.\n"}) as built:
        env = built.app.env
        sources = {Path(built.app.srcdir, each).resolve() for each in env.dependencies["index"]}
        env.all_docs = {name: max(os.stat(sheet).st_mtime_ns // 1000 - 10**6, 0) for name in env.all_docs}
        _, changed, _ = env.get_outdated_files(config_changed=False)

    assert sheet.resolve() in sources
    assert "index" in changed


def test_only_the_page_whose_file_has_changed_is_read_again(tmp_path):
    own = OWN.read_text(encoding="utf-8")
    pages = {"index.rst": in_rst("csc:procedure", "own.yaml"), "other.rst": in_rst("component", "ESS")}
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    with building(tmp_path, pages) as built:
        before = dict(built.app.env.all_docs)
    (tmp_path / "own.yaml").write_text(own.replace("Turn the dome", "Swing the dome"), encoding="utf-8")

    with building(tmp_path, pages) as built:
        after = built.app.env.all_docs
        assert "Swing the dome" in built.text()

    assert [name for name in after if after[name] != before[name]] == ["index"]


def test_pages_are_read_side_by_side(tmp_path):
    roles = {f"role{number}.rst": ":csc:fault:`ATDome.encoder_slip`\n" for number in range(8)}
    write_pages(tmp_path, {"index.rst": ROLES, **roles, **TOLD})

    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-q", "-j", "2", "-b", "dummy", str(tmp_path), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_cscsim_does_not_import_sphinx():
    code = "import sys, cscsim, cscsim.command_line, cscsim.drawn; sys.exit('sphinx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
