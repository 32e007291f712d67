"""Repositories for tests: made once, copied for each, and pipelines run in them without another process."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsst.daf.butler import Butler, CollectionType, Timespan
from lsst.pipe.base import Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

from pipelines.environment import environment
from pipelines.middleware.ingest import ingest
from pipelines.middleware.repository import create_repository
from tests.pipelines import raws

LATISS = "LATISS/raw/all", "LATISS/calib"


def create(folder: Path) -> Path:
    create_repository(folder, ("LATISS", "LSSTComCam"))
    return folder


def copied(template: Path, folder: Path) -> Path:
    shutil.copytree(template, folder)
    return folder


def fill(repository: Path, shots: Sequence[raws.Shot], folder: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        report = ingest(butler, raws.write_all(list(shots), folder))
    assert not report.failed, report.failed


def pipeline_file(name: str) -> str:
    """Return a file such as `cp_pipe/LATISS/cpBias`."""
    package, _, rest = name.partition("/")
    return f"{environment()['CP_PIPE_DIR' if package == 'cp_pipe' else 'CP_VERIFY_DIR']}/pipelines/{rest}.yaml"


def run(
    repository: Path,
    name: str,
    output: str,
    shots: Sequence[raws.Shot],
    inputs: Sequence[str] = LATISS,
    options: dict[str, Any] | None = None,
) -> Butler:
    """Run a pipeline on exposures, into the run `<output>/run`; `options` such as `{"isr:doDefect": False}`."""
    instrument = shots[0].instrument
    exposures = ", ".join(sorted({str(shot.exposure) for shot in shots}))
    pipeline = Pipeline.fromFile(pipeline_file(name))
    for option, value in (options or {}).items():
        label, _, field = option.partition(":")
        pipeline.addConfigOverride(label, field, value)
    butler = SimplePipelineExecutor.prep_butler(
        str(repository), inputs=list(inputs), output=output, output_run=f"{output}/run"
    )
    executor = SimplePipelineExecutor.from_pipeline(
        pipeline, where=f"instrument='{instrument}' AND exposure IN ({exposures})", butler=butler
    )
    executor.run(register_dataset_types=False)
    return butler


def certify(repository: Path, run: str, collection: str, kind: str, span: Timespan | None = None) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        butler.collections.register(collection, CollectionType.CALIBRATION)
        refs = butler.query_datasets(kind, collections=run)
        butler.registry.certify(collection, refs, span or Timespan(None, None))
