"""The console's page as files: vendored ones are as listed, nothing is fetched from elsewhere, colours can be read."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "cscsim" / "console" / "static"
VENDOR = STATIC / "vendor"
NODE = shutil.which("node")
OWN = sorted(path for path in STATIC.rglob("*") if path.is_file() and VENDOR not in path.parents)
MODULES = [path for path in OWN if path.suffix == ".js"]
XML_NAMES = ("http://www.w3.org/2000/svg",)
TONES = ("ok", "warning", "alert", "running", "idle")
READABLE = [
    *((text, ground) for text in ("text", "dim", "accent") for ground in ("ground", "panel", "raised", "field")),
    *((tone, f"{tone}-dark") for tone in TONES),
    *((tone, ground) for tone in TONES[:-1] for ground in ("panel", "raised")),
    ("on-accent", "accent"),
    ("on-stop", "stop"),
]


def test_vendored_files_are_those_that_are_listed() -> None:
    listed = dict(
        re.findall(r"^\| (\S+) \| .+ \| ([0-9a-f]{64}) \|$", (VENDOR / "VENDORED.md").read_text(), re.MULTILINE)
    )

    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDORED.md"
    }

    assert there == listed
    assert len(there) >= 9


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    for name in XML_NAMES:
        text = text.replace(name, "")

    assert not re.search(r"https?://", text)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_text_enters_as_text_only(path: Path) -> None:
    found = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", path.read_text()
    )

    assert found == []


def test_the_page_has_no_script_of_its_own_within() -> None:
    page = (STATIC / "index.html").read_text()

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert not re.search(r"\son\w+=", page)
    assert "style=" not in page


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_import_is_there(path: Path) -> None:
    for wanted in re.findall(r"""^(?:import|export) .*? from "([^"]+)";$""", path.read_text(), re.MULTILINE):
        assert (path.parent / wanted).is_file(), wanted


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), READABLE, ids=lambda name: name)
def test_what_is_written_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = _colours(theme)

    assert _contrast(colours[text], colours[ground]) >= 4.5  # WCAG 2.1, 1.4.3


@pytest.mark.skipif(NODE is None, reason="node is not there")
def test_the_modules_do_what_they_say(tmp_path: Path) -> None:
    for path in MODULES:
        place = tmp_path / path.relative_to(STATIC)
        place.parent.mkdir(exist_ok=True)
        shutil.copy(path, place)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).with_name("modules.mjs"), tmp_path / "modules.test.mjs")

    checked = [_node("--check", str(path)) for path in sorted(tmp_path.rglob("*.js"))]
    tested = _node("--test", str(tmp_path / "modules.test.mjs"))

    assert [told.stderr for told in checked if told.returncode] == []
    assert tested.returncode == 0, tested.stdout


def _node(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(NODE), *arguments], capture_output=True, text=True, check=False)


def _colours(theme: str) -> dict[str, str]:
    style = (STATIC / "style.css").read_text()
    dark, light = (block[: block.index("}")] for block in re.split(r":root[^{]*\{", style)[1:3])
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found if theme == "dark" else found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))


def _contrast(one: str, other: str) -> float:
    bright, dull = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dull + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
