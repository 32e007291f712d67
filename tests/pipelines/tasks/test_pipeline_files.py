from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lsst.pipe.base import Pipeline, PipelineGraph

from pipelines.environment import environment, general_files, pipeline_files
from pipelines.middleware.instrument import instrument_named
from tests.pipelines.repositories import pipeline_file

CONSTRUCT = {
    "cpBias": ["isr", "cpBiasCombine"],
    "cpDark": ["isr", "cpDark", "cpDarkCombine"],
    "cpFlat": ["isr", "cpFlatMeasure", "cpFlatNorm", "cpFlatCombine"],
    "cpFringe": ["isr", "cpFringe", "cpFringeCombine"],
    "cpSkySolve": ["isr", "cpSkyImage", "cpSkyScaleMeasure", "cpSkySubtractBackground", "cpSkyCombine"],
    "cpLinearitySolve": ["linearitySolve"],
    "cpBfkSolve": ["bfkSolve"],
    "findDefects": ["isr", "measureDefects", "mergeDefects"],
    "findDefectsPostFlat": ["isr", "measureDefects", "mergeDefects"],
    "cpDefects": ["isr", "measureDefects", "mergeDefects"],
    "measurePhotonTransferCurve": ["isr", "ptcExtract", "ptcSolve"],
    "measurePtcWithLinearity": ["isr", "ptcExtract", "ptcSolve"],
    "cpPtc": ["isr", "ptcExtract", "ptcSolve"],
    "measureCrosstalk": ["isr", "crosstalkExtract", "crosstalkSolve"],
}
"""Labels of the tasks by which calibrations are constructed, in order."""

VERIFY = {
    "verifyBias": ["verifyBiasApply", "verifyMeasureStats", "verifyExposureStats", "verifyRunStats"],
    "verifyDark": ["verifyDarkApply", "verifyDarkChip", "verifyDarkExp", "verifyDark"],
    "verifyFlat": ["verifyFlatApply", "verifyFlatChip", "verifyFlatExp", "verifyFlat"],
    "verifyDefect": ["verifyDefectApply", "verifyMeasureStats", "verifyExposureStats", "verifyRunStats"],
    "verifyDefectPostFlat": ["verifyDefectApply", "verifyMeasureStats", "verifyExposureStats", "verifyRunStats"],
}

WRITTEN = {
    "cp_pipe/cpBias": {"cpBiasProc", "bias"},
    "cp_pipe/cpDark": {"cpDarkIsr", "cpDarkProc", "dark"},
    "cp_pipe/cpFlat": {"cpFlatProc", "flatStats", "cpFlatNormScales", "flat"},
    "cp_pipe/cpFringe": {"cpFringeIsr", "cpFringeProc", "fringe"},
    "cp_pipe/cpLinearitySolve": {"linearity"},
    "cp_pipe/cpBfkSolve": {"bfk"},
    "cp_pipe/findDefects": {"cpDefectsProc", "cpPartialDefects", "defects"},
    "cp_pipe/measurePhotonTransferCurve": {"cpPtcProc", "cpCovariances", "ptc"},
    "cp_pipe/measureCrosstalk": {"cpCrosstalkProc", "cpCrosstalkRatio", "crosstalk"},
    "cp_verify/verifyBias": {"verifyBiasProc", "verifyBiasDetStats", "verifyBiasExpStats", "verifyBiasStats"},
    "cp_verify/verifyDark": {"verifyDarkProc", "verifyDarkDetStats", "verifyDarkExpStats", "verifyDarkStats"},
    "cp_verify/verifyFlat": {"verifyFlatProc", "verifyFlatDetStats", "verifyFlatExpStats", "verifyFlatStats"},
}
"""Data sets that a pipeline writes."""

CALIBRATIONS = {
    "cp_pipe/LATISS/cpBias": set(),
    "cp_pipe/LATISS/cpDark": {"bias", "defects"},
    "cp_pipe/LATISS/cpFlat": {"bias", "defects", "dark"},
    "cp_pipe/LATISS/findDefects": {"bias"},
    "cp_pipe/LATISS/findDefectsPostFlat": {"bias", "dark", "flat"},
    "cp_pipe/cpLinearitySolve": {"ptc"},
    "cp_pipe/Latiss/cpBfkSolve": {"ptc"},
    "cp_pipe/measurePhotonTransferCurve": {"bias", "defects", "dark", "crosstalk"},
    "cp_pipe/measurePtcWithLinearity": {"bias", "defects", "dark", "crosstalk", "linearity"},
    "cp_pipe/measureCrosstalk": {"bias", "defects", "linearity"},
    "cp_verify/Latiss/verifyBias": {"bias"},
    "cp_verify/verifyBias": {"bias", "defects"},
    "cp_verify/VerifyDark": {"bias", "defects", "dark"},
    "cp_verify/Latiss/verifyFlat": {"bias", "defects", "dark", "flat"},
    "cp_verify/verifyDefect": {"bias", "defects"},
    "cp_verify/VerifyDefectPostFlat": {"bias", "defects", "dark", "flat"},
}
"""Certified data sets that a pipeline looks for."""

CAMERAS = {"LATISS": "LATISS", "Latiss": "LATISS", "LSSTComCam": "LSSTComCam", "LsstComCam": "LSSTComCam"}
"""Instrument by the folders in which its pipeline files lie."""

OPTIONS = [
    ("cp_pipe/Latiss/cpBias", "isr:doDefect", False),
    ("cp_pipe/Latiss/cpBias", "isr:doEmpiricalReadNoise", True),
    ("cp_pipe/LSSTComCam/cpBias", "isr:doLinearize", False),
    ("cp_pipe/LSSTComCam/cpBias", "isr:doCrosstalk", False),
    ("cp_pipe/LSSTComCam/cpBias", "isr:overscan.fitType", "MEDIAN_PER_ROW"),
    ("cp_pipe/LATISS/cpFlat", "cpFlatMeasure:doVignette", False),
    ("cp_pipe/measurePhotonTransferCurve", "isr:doCrosstalk", False),
    ("cp_pipe/cpLinearitySolve", "linearitySolve:ignorePtcMask", True),
    ("cp_verify/verifyBias", "verifyBiasApply:doDefect", True),
]
"""What the guides set on their command lines."""


def graph(name: str) -> PipelineGraph:
    return Pipeline.fromFile(pipeline_file(name)).to_graph()


def camera_of(pipeline: Pipeline) -> str | None:
    name = pipeline.getInstrument()
    return instrument_named(name).getName() if name else None


def of_science(names: Any) -> set[str]:
    return {name for name in names if not re.search(r"_(config|log|metadata|resource_usage)$", name)}


@pytest.mark.parametrize("path", pipeline_files(), ids=lambda path: "/".join(path.parts[-2:]))
def test_every_file_builds(path: Path) -> None:
    pipeline = Pipeline.fromFile(str(path))

    labels = {**CONSTRUCT, **VERIFY}
    name = path.stem if path.stem in labels else path.stem[0].lower() + path.stem[1:]
    if path.stem != "cpFlatSingleChip":
        assert sorted(pipeline.to_graph().tasks) == sorted(labels[name])
    assert camera_of(pipeline) == CAMERAS.get(path.parent.name)


@pytest.mark.parametrize("folder", ["", *(f"{camera}/" for camera in CAMERAS)])
def test_files_lie_where_commands_look_for_them(folder: str) -> None:
    for name in CONSTRUCT:
        assert Path(pipeline_file(f"cp_pipe/{folder}{name}")).is_file()
    for name in VERIFY:
        assert Path(pipeline_file(f"cp_verify/{folder}{name}")).is_file()
        assert Path(pipeline_file(f"cp_verify/{folder}V{name[1:]}")).is_file()


@pytest.mark.parametrize("package", ["CP_PIPE_DIR", "CP_VERIFY_DIR"])
def test_files_whose_names_differ_by_case_are_equal(package: str) -> None:
    """Some file systems tell no case, and keep only one of them."""
    root = Path(environment()[package]) / "pipelines"
    texts: dict[str, set[str]] = {}
    for path in root.rglob("*.yaml"):
        texts.setdefault(str(path.relative_to(root)).lower(), set()).add(path.read_text(encoding="utf-8"))

    assert [name for name, found in texts.items() if len(found) > 1] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_data_sets_have_the_names_of_2021(name: str) -> None:
    built = graph(name)

    assert {found for found in of_science(built.dataset_types) if built.producer_of(found)} == WRITTEN[name]


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_a_pipeline_looks_only_for_the_calibrations_that_it_applies(name: str) -> None:
    built = graph(name)

    wanted = {edge.dataset_type_name for task in built.tasks.values() for edge in task.prerequisite_inputs.values()}
    assert wanted == CALIBRATIONS[name]


@pytest.mark.parametrize(("name", "option", "value"), OPTIONS)
def test_the_guides_options_are_known(name: str, option: str, value: object) -> None:
    pipeline = Pipeline.fromFile(pipeline_file(name))
    label, _, field = option.partition(":")

    pipeline.addConfigOverride(label, field, value)

    found = pipeline.to_graph().tasks[label].config
    for part in field.split("."):
        found = getattr(found, part)
    assert found == value


def test_an_option_that_nobody_knows_is_named() -> None:
    pipeline = Pipeline.fromFile(pipeline_file("cp_pipe/LATISS/cpBias"))
    pipeline.addConfigOverride("isr", "doDefects", True)

    with pytest.raises(AttributeError, match="doDefects"):
        pipeline.to_graph()


def test_gain_from_pairs_of_flats_is_a_part_of_the_photon_transfer_curve() -> None:
    pipeline = Pipeline.fromFile(pipeline_file("cp_pipe/LATISS/cpPtc") + "#cpPtcGainFromFlatPairs")

    assert sorted(pipeline.to_graph().tasks) == ["isr", "ptcExtract"]


def test_no_general_file_is_made_for_a_camera() -> None:
    assert {camera_of(Pipeline.fromFile(str(path))) for path in general_files()} == {None}
