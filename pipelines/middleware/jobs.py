"""What a pipeline service does for a job: run a pipeline, or certify what one has made, and say how it went.

Both are the commands that a person would type, `pipetask run` and `butler certify-calibrations`, in this process.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from lsst.daf.butler import Butler
from lsst.daf.butler.cli.butler import cli as butler_cli
from lsst.daf.butler.cli.cliLog import CliLog

from pipelines.middleware.errors import MiddlewareError
from pipelines.middleware.exposures import named_exposures, require_exposures

__all__ = ["JobReport", "certify", "run_pipeline"]

_MODULE = re.compile(r"^(?:\w+\.)+(?=\w+(?:Error|Exception|Fault)\b)")
_FAILED = re.compile(r"Execution of task '(?P<task>[^']+)' on quantum .* failed\. Exception (?P<error>.*)")
_VERIFICATIONS = ("verifyBiasStats", "verifyDarkStats", "verifyFlatStats")
"""What verifications say of a run; a run has one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """How a job went.

    Attributes
    ----------
    message
        What went wrong, or what was done.
    outputs
        Dataset type and data ID of what it made, for people.
    verification
        Of a verification: its results for each exposure, by its id as a text, and for all.
    """

    succeeded: bool
    message: str = ""
    outputs: tuple[str, ...] = ()
    verification: Mapping[str, Any] | None = None


def run_pipeline(
    repository: str,
    pipeline: str,
    *,
    instrument: str,
    inputs: Sequence[str],
    output: str,
    query: str,
    options: Sequence[str] = (),
    reported: Sequence[str] = (),
    log: Path,
) -> JobReport:
    """Run a pipeline.

    Parameters
    ----------
    repository
        Where.
    pipeline
        Its file, perhaps with a part of it, as ``cpPtc.yaml#cpPtcGainFromFlatPairs``.
    instrument
        Whose exposures the query names.
    inputs, output
        Collections.
    query
        Which data; all exposures that it names must be there.
    options
        Further options of `pipetask run`.
    reported
        Patterns of the dataset types whose datasets are told; those that are calibrations, if there are none.
    log
        File for what the pipeline says, line by line.
    """
    from lsst.ctrl.mpexec.cli.pipetask import cli as pipetask_cli

    with Butler.from_config(repository) as butler:
        try:
            require_exposures(butler, instrument, named_exposures(query))
        except MiddlewareError as error:
            return JobReport(succeeded=False, message=str(error))
    arguments = ["run", "-b", repository, "-p", pipeline, "-i", ",".join(inputs), "-o", output, "-d", query, *options]
    wrong = _carried_out(pipetask_cli, arguments, log)
    if wrong:
        return JobReport(succeeded=False, message=wrong)
    with Butler.from_config(repository) as butler:
        run = butler.collections.get_info(output).children[0]  # its inputs come after it in the chain
        return JobReport(
            succeeded=True,
            outputs=tuple(_made(butler, run, reported)),
            verification=_verification(butler, run, instrument),
        )


def certify(repository: str, arguments: Sequence[str], *, log: Path) -> JobReport:
    """Certify calibrations.

    Parameters
    ----------
    arguments
        Those of `butler certify-calibrations` after the repository.
    log
        File for what it says.
    """
    wrong = _carried_out(butler_cli, ["certify-calibrations", repository, *arguments], log)
    return JobReport(succeeded=not wrong, message=wrong)


def _carried_out(command: Any, arguments: Sequence[str], log: Path) -> str:
    """Carry a command out; return what went wrong, empty if nothing did."""
    whole = ["--long-log", "--log-file", str(log), "--no-log-tty", *arguments]
    with log.open("a", encoding="utf-8") as said, redirect_stdout(said), redirect_stderr(said):
        try:
            code = command.main(args=whole, standalone_mode=False)
        except click.ClickException as error:
            return " ".join(error.format_message().split())
        except SystemExit as end:
            code = end.code
        finally:
            CliLog.resetLog()  # the next job of this process has a log of its own
    return _last_words(log) if code else ""


def _last_words(log: Path) -> str:
    """Return the first task that failed and why; or the last line of a log, without the module of the error's class."""
    text = log.read_text(encoding="utf-8")
    if failed := _FAILED.search(text):
        return f"task {failed['task']} failed: {failed['error']}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _MODULE.sub("", lines[-1]) if lines else f"it says nothing of it in {log.name}"


def _made(butler: Butler, run: str, reported: Sequence[str]) -> Iterator[str]:
    """Yield the datasets of a run that are to be told."""
    types = [kind for kind in butler.registry.queryDatasetTypes() if _is_told(kind, reported)]
    for kind in sorted(types, key=lambda kind: kind.name):
        found = butler.query_datasets(kind, collections=run, find_first=True, explain=False, limit=None)
        for ref in sorted(found, key=str):
            yield f"{kind.name} {', '.join(f'{key}={value}' for key, value in ref.dataId.required.items())}"


def _is_told(kind: Any, reported: Sequence[str]) -> bool:
    if reported:
        return any(fnmatch.fnmatchcase(kind.name, pattern) for pattern in reported)
    return bool(kind.isCalibration())


def _verification(butler: Butler, run: str, instrument: str) -> Mapping[str, Any] | None:
    """Return the results of a verification, as plain data; None if it was none."""
    for name in _VERIFICATIONS:
        found = butler.query_datasets(name, collections=run, instrument=instrument, explain=False, limit=None)
        for ref in found:
            return {str(key): value for key, value in butler.get(ref).items()}
    return None
