"""Blocks: what files may hold, what scripts are given, what a catalogue accepts."""

from __future__ import annotations

import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from fsm import AuthorError, AuthorErrors
from procedures.blocks import LIBRARY_BLOCKS, Blocks, load_block
from tests.observatory_data import observatory_folder, reads
from tests.procedures.library.perform import library

DATA = Path(__file__).parents[1] / "data" / "blocks"
OBSERVATORY = observatory_folder("blocks")

observatory_blocks = reads(OBSERVATORY)


def catalogue(*names: str, folder: Path) -> Blocks:
    for name in names:
        shutil.copy(DATA / name, folder / name)
    return Blocks(library(), folder)


def test_a_block_is_frozen_and_knows_where_its_scripts_are_written() -> None:
    block = load_block(DATA / "good.json")

    assert (block.name, block.program, block.file) == ("one_flat", "BLOCK-T12", "good.json")
    assert [script.name for script in block.scripts] == [
        "auxtel/take_image_latiss.py",
        "auxtel/calibrations/power_off_atcalsys.py",
    ]
    assert block.constraints == ({"name": "airmass", "max": 1.5},)
    assert str(block.scripts[1].position) == "good.json:11:19"
    with pytest.raises(FrozenInstanceError):
        block.name = "other"  # type: ignore[misc]


def test_the_same_block_in_yaml_means_the_same(tmp_path: Path) -> None:
    text = (DATA / "good.json").read_text(encoding="utf-8")
    (tmp_path / "good.yaml").write_text(text, encoding="utf-8")

    block, same = load_block(DATA / "good.json"), load_block(tmp_path / "good.yaml")

    assert block.id == same.id == "6c1c4a1e-2f8e-4a53-9d5e-6d0f0a3a4b5c"
    assert [script.text for script in same.scripts] == [script.text for script in block.scripts]
    assert same.configuration_schema == block.configuration_schema


def test_a_block_without_an_id_gets_the_same_one_each_time() -> None:
    one, two = load_block(DATA / "other_program.yaml"), load_block(DATA / "other_program.yaml")

    assert len(one.id) == 36
    assert one.id == two.id


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unknown_key.yaml", r"unknown_key\.yaml:6:5: .*parameter.*parameters"),
        ("no_such_constraint.yaml", r"no_such_constraint\.yaml:4:\d+: .*airmass"),
        ("airmass_below_one.yaml", r"airmass_below_one\.yaml:4:\d+: .*greater than or equal to 1"),
        ("wrong_schema.yaml", r"wrong_schema\.yaml:5:\d+: not a JSON schema: 'objekt'"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(name: str, message: str) -> None:
    with pytest.raises(AuthorErrors, match=message):
        load_block(DATA / name)


def test_names_in_parameters_are_filled_with_the_defaults(tmp_path: Path) -> None:
    blocks = catalogue("good.json", folder=tmp_path)

    (path, standard, text), (_, _, empty) = blocks.configuration("BLOCK-T12")

    assert (path, standard) == ("auxtel/take_image_latiss.py", True)
    assert text == "image_type: FLAT\nexp_times: 6\nfilter: SDSSr_65mm\nnote: 'one_flat: BLOCK-T12'\n"
    assert empty == ""


def test_an_override_replaces_defaults(tmp_path: Path) -> None:
    blocks = catalogue("good.json", folder=tmp_path)

    (_, _, text), _ = blocks.configuration(load_block(DATA / "good.json"), "exposure: 0.5\n")

    assert "exp_times: 0.5\nfilter: SDSSr_65mm\n" in text


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("exposure: long", r"override of BLOCK-T12:1:\d+: exposure: 'long' is not of type 'number'"),
        ("exposures: 3", r"there is no key exposures; did you mean exposure\?"),
        ("[1, 2]", "the override of BLOCK-T12 must be a mapping, not list"),
    ],
)
def test_an_override_must_fit_the_schema(tmp_path: Path, override: str, message: str) -> None:
    blocks = catalogue("good.json", folder=tmp_path)

    with pytest.raises(AuthorError, match=message):
        blocks.configuration("BLOCK-T12", override)


def test_without_a_schema_an_override_is_ignored() -> None:
    blocks = Blocks(library())

    assert blocks.configuration("BLOCK-309", "exposure: 3") == blocks.configuration("BLOCK-309")


def test_there_is_no_configuration_of_an_unknown_block() -> None:
    with pytest.raises(AuthorError, match=r"there is no block BLOCK-296; did you mean BLOCK-295\?"):
        Blocks(library()).configuration("BLOCK-296")


def test_every_script_that_would_refuse_its_parameters_is_reported_at_its_line(tmp_path: Path) -> None:
    blocks = catalogue("wrong_scripts.yaml", folder=tmp_path)
    block = blocks.get("BLOCK-2")
    assert block is not None

    with pytest.raises(AuthorErrors) as caught:
        blocks.check(block)

    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("wrong_scripts.yaml:4:11: auxtel/take_images_latiss.py: No script")
    assert lines[0].endswith("did you mean auxtel/take_image_latiss.py?")
    assert lines[1] == (
        "wrong_scripts.yaml:6:11: auxtel/stop_tracking.py: "
        "auxtel/stop_tracking.py is a standard script, not an external one"
    )
    assert "wrong_scripts.yaml:8:11: " in lines[2]
    assert "nimages and the number of exp_times differ" in lines[2]
    assert "wrong_scripts.yaml:11:11: " in lines[3]
    assert "takes no configuration" in lines[3]
    assert not blocks.valid("BLOCK-2")


def test_a_name_without_a_value_is_refused(tmp_path: Path) -> None:
    blocks = catalogue("no_value.yaml", folder=tmp_path)
    block = blocks.get("BLOCK-3")
    assert block is not None

    with pytest.raises(AuthorErrors) as caught:
        blocks.check(block, library())

    first, second = str(caught.value).splitlines()
    assert "$progam has no value; did you mean program?" in first
    assert "$ra has a value only for a target of a survey" in second


def test_a_program_that_no_scheduler_knows_is_passed_over(tmp_path: Path) -> None:
    blocks = catalogue("good.json", "other_program.yaml", folder=tmp_path)

    assert blocks.ids() == ["BLOCK-T12"]
    assert blocks.ignored == ["other_program.yaml"]
    assert blocks.get("spec_survey") is None
    assert not blocks.valid("spec_survey")


def test_a_program_is_unique_in_a_folder(tmp_path: Path) -> None:
    shutil.copy(DATA / "good.json", tmp_path / "again.json")

    with pytest.raises(AuthorErrors, match=r"good\.json: BLOCK-T12 is also the program of again\.json"):
        catalogue("good.json", folder=tmp_path)


def test_a_later_folder_replaces_a_program(tmp_path: Path) -> None:
    text = "{name: other, program: BLOCK-309, scripts: [{name: auxtel/stop_tracking.py, standard: true}]}"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")

    blocks = Blocks(library(), LIBRARY_BLOCKS, tmp_path)

    assert blocks.ids() == ["BLOCK-295", "BLOCK-309", "BLOCK-310"]
    assert blocks.configuration("BLOCK-309") == [("auxtel/stop_tracking.py", True, "")]


def test_the_library_s_blocks_are_valid() -> None:
    blocks = Blocks(library())

    for block in blocks:
        blocks.check(block)
    assert all(blocks.valid(program) for program in blocks.ids())


def test_the_weekly_sets_come_in_the_procedure_s_order() -> None:
    block = Blocks(library()).get("BLOCK-295")
    assert block is not None

    wheels = [(script.parameters["filter"], script.parameters["grating"]) for script in block.scripts]
    ptc = block.scripts[-1].parameters

    assert wheels == [
        ("SDSSr_65mm", "empty_1"),
        ("SDSSg_65mm", "empty_1"),
        ("SDSSz_65mm", "empty_1"),
        ("empty_1", "SDSSy_65mm"),
        ("empty_1", "empty_1"),
        ("SDSSr_65mm", "empty_1"),
    ]
    assert [script.parameters.get("exp_times_flat") for script in block.scripts] == [6, 6, 3, 30, 1, None]
    assert all(script.parameters["program"] == "BLOCK-295" for script in block.scripts)
    assert (len(ptc["exp_times"]), ptc["reason"]) == (60, "weekly_PTC")
    assert sum(ptc["exp_times"]) == pytest.approx(1132.5, abs=0.01)
    assert ptc["exp_times"][::2] == ptc["exp_times"][1::2]


@observatory_blocks
def test_the_observatory_s_own_blocks_load_and_are_valid() -> None:
    blocks = Blocks(library(), OBSERVATORY)

    for block in blocks:
        blocks.check(block)
    assert blocks.ids() == ["BLOCK-295", "BLOCK-309", "BLOCK-310"]


@observatory_blocks
@pytest.mark.parametrize("program", ["BLOCK-309", "BLOCK-310"])
def test_set_up_and_shut_down_are_the_observatory_s(program: str) -> None:
    ours, theirs = Blocks(library()), Blocks(library(), OBSERVATORY)

    assert ours.configuration(program) == theirs.configuration(program)


@observatory_blocks
def test_the_photon_transfer_curve_has_the_observatory_s_exposures() -> None:
    ours, theirs = Blocks(library()).get("BLOCK-295"), Blocks(library(), OBSERVATORY).get("BLOCK-295")
    assert ours is not None
    assert theirs is not None

    assert ours.scripts[-1].parameters["exp_times"] == theirs.scripts[-1].parameters["exp_times"]
