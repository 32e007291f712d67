"""How a job of OCPS is done: its request, read as the service at the observatory reads it, and given to the pipelines.

References
----------
lsst-dm/dm_OCPS: python/lsst/dm/OCPS/ocps_csc.py; lsst-dm/uws-api-server: server/ (collections)
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from string import Template

from csc.ocps.backend import JobOutcome, JobRequest, PipelineError
from fsm import nearest
from pipelines.environment import environment, pipeline_files

__all__ = ["do_job", "find_pipeline", "read_config"]

CERTIFY = "butler certify-calibrations"
"""A job that is no pipeline: what a person, or a script in a shell, would do beside OCPS."""


def do_job(request: JobRequest, repository: Path, log: Path) -> JobOutcome:
    """Do a job; whatever goes wrong is its outcome.

    Parameters
    ----------
    log
        File for what the pipeline says.
    """
    from pipelines.middleware.jobs import certify, run_pipeline

    words = shlex.split(" ".join(request.config))
    try:
        if request.pipeline == CERTIFY:
            report = certify(str(repository), words[1:], log=log)
        else:
            inputs, options = read_config(words)
            report = run_pipeline(
                str(repository),
                find_pipeline(request.pipeline),
                instrument=request.instrument,
                inputs=[*inputs, f"{request.instrument}/raw/all"],
                output=request.output_collection,
                query=request.data_query,
                options=options,
                reported=request.output_dataset_types,
                log=log,
            )
    except PipelineError as error:
        return JobOutcome(succeeded=False, message=str(error))
    except Exception as error:  # an error of ours costs this job, and its log tells more
        return JobOutcome(succeeded=False, message=f"{type(error).__name__}: {error}")
    message = report.message if report.succeeded or not report.message else f"{report.message} (log: {log})"
    return JobOutcome(
        succeeded=report.succeeded, message=message, outputs=report.outputs, verification=report.verification
    )


def read_config(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take the input collections out of the options of a job; quanta are done one after another, whatever ``-j`` says.

    Examples
    --------
    >>> read_config(["-j", "8", "-i", "LATISS/calib/daily,LATISS/calib", "--register-dataset-types"])
    (['LATISS/calib/daily', 'LATISS/calib'], ['--register-dataset-types'])
    """
    inputs: list[str] = []
    options: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("-i", "--input"):
            inputs += [name for name in next(rest, "").split(",") if name]
        elif word in ("-j", "--processes"):
            next(rest, None)
        else:
            options.append(word)
    return inputs, options


def find_pipeline(name: str) -> str:
    """Find the file of a pipeline, whatever the case of its letters; where an instrument has none, the general one.

    Parameters
    ----------
    name
        With ``${CP_PIPE_DIR}`` and ``${CP_VERIFY_DIR}`` in it, and perhaps a part of the pipeline after ``#``.

    Raises
    ------
    PipelineError
        If there is no such file; names the nearest.
    """
    path, hash_sign, part = Template(name).safe_substitute(environment()).partition("#")
    wanted = Path(path)
    known = {str(file).lower(): file for file in pipeline_files()}
    for candidate in (wanted, wanted.parent.parent / wanted.name):
        file = candidate if candidate.is_file() else known.get(str(candidate).lower())
        if file is not None:
            return f"{file}{hash_sign}{part}"
    near = nearest(wanted.name, [file.name for file in known.values()])
    raise PipelineError(f"there is no pipeline {name}" + (f"; did you mean {near}?" if near else ""))
