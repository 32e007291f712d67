"""The library: what can be used where, and what a script that is wrong does to the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc import load_catalogue, load_observatory, vocabulary_of
from fsm import AuthorError
from procedures import Library
from tests.procedures.play import vocabulary

OBSERVATORIES = Path(__file__).parents[2] / "sim_configs" / "observatories"
SCRIPT = "procedure: {name}.py\nkind: script\ntitle: a script\n{head}\nsteps:\n  - {step}\n"


def library(root: Path, **scripts: tuple[str, str]) -> Library:
    """Return a library of scripts, each with the head and the only step that are given."""
    (root / "scripts").mkdir(parents=True)
    for name, (head, step) in scripts.items():
        (root / "scripts" / f"{name}.yaml").write_text(SCRIPT.format(name=name, head=head, step=step))
    return Library(vocabulary(), root)


def at(observatory: str) -> Library:
    sheet = load_observatory(OBSERVATORIES / f"{observatory}.yaml")
    return Library(vocabulary_of(sheet, load_catalogue()))


def test_a_script_is_listed_where_its_components_are(tmp_path):
    shelf = library(
        tmp_path,
        here=("remotes: [Tiny]", "command: Tiny.turnOff"),
        there=("remotes: [Tiny, ATDome]", "command: ATDome.stopMotion"),
        anywhere=("", "log: hello"),
    )

    assert shelf.available(standard=True) == ["anywhere.py", "here.py"]
    assert shelf.broken() == {}


def test_a_script_whose_components_are_elsewhere_cannot_be_loaded(tmp_path):
    shelf = library(tmp_path, there=("remotes: [Tiny, ATDome]", "command: ATDome.stopMotion"))

    with pytest.raises(AuthorError, match=r"scripts/there\.yaml: needs ATDome, not to be found in this observatory"):
        shelf.load("there.py", standard=True)


@pytest.mark.parametrize("head", ["remotes: [Tiny]", "colour: red"])
def test_a_broken_script_does_not_keep_the_others_off_the_list(tmp_path, head):
    shelf = library(tmp_path, good=("remotes: [Tiny]", "command: Tiny.turnOff"), bad=(head, "command: Tiny.turnOut"))

    assert shelf.available(standard=True) == ["good.py"]
    assert list(shelf.broken()) == ["bad.py"]
    assert shelf.broken()["bad.py"].startswith("scripts/bad.yaml:")


@pytest.mark.parametrize("observatory", ["auxtel", "comcam"])
def test_no_script_that_comes_along_is_broken(observatory):
    assert at(observatory).broken() == {}


def test_each_observatory_has_its_own_scripts_and_those_for_all():
    auxtel, comcam = (set(at(name).available(standard=True)) for name in ("auxtel", "comcam"))

    assert auxtel & comcam == {"set_summary_state.py"}
    assert {"auxtel/enable_latiss.py", "auxtel/take_image_latiss.py"} <= auxtel
    assert comcam == {
        "set_summary_state.py",
        "maintel/enable_comcam.py",
        "maintel/standby_comcam.py",
        "maintel/take_image_comcam.py",
    }
    assert at("comcam").available(standard=False) == ["maintel/make_comcam_calibrations.py"]
