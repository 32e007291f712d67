"""What becomes of a repository whose disk fills up while a pipeline runs, or into which two write at once."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lsst.ctrl.mpexec.cli.pipetask import cli as pipetask_cli
from lsst.daf.butler import Butler

from pipelines.image import CcdImage
from pipelines.middleware import formatters
from pipelines.middleware.ccd_fits import write_ccd
from tests.pipelines import raws, repositories

BIASES = raws.biases(3)
PLACE = {"instrument": "LATISS", "detector": 0}

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def filled(repository: Path, tmp_path: Path) -> Path:
    repositories.fill(repository, BIASES, tmp_path / "raw")
    return repository


def arguments(repository: Path, output: str, *more: str) -> list[str]:
    exposures = ", ".join(str(shot.exposure) for shot in BIASES)
    return [
        *("run", "-b", str(repository), "-p", repositories.pipeline_file("cp_pipe/LATISS/cpBias")),
        *("-i", "LATISS/raw/all", "-o", output, "-d", f"instrument='LATISS' AND exposure IN ({exposures})", *more),
    ]


def pipetask(*words: str) -> Result:
    return CliRunner().invoke(pipetask_cli, list(words))


def test_a_disk_that_fills_up_fails_the_run_which_then_goes_on(
    filled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written: list[object] = []

    def full(image: CcdImage, path: str) -> None:
        if len(written) == 2:
            Path(path).write_bytes(b"SIMPLE  =")
            raise OSError(errno.ENOSPC, "No space left on device", path)
        written.append(image)
        write_ccd(image, path)

    monkeypatch.setattr(formatters, "write_ccd", full)
    failed = pipetask(*arguments(filled, "u/bias"))
    monkeypatch.undo()
    said = caplog.text

    assert failed.exit_code != 0
    assert "No space left on device" in said
    assert len([path for path in filled.rglob("cpBiasProc*.fits") if path.stat().st_size]) == 2
    again = pipetask(*arguments(filled, "u/bias", "--extend-run", "--skip-existing", "--clobber-outputs"))
    assert again.exit_code == 0, again.output
    with Butler.from_config(str(filled), collections="u/bias") as butler:
        assert butler.get("bias", PLACE).header["CPP_INPUT_2"] == "AT_O_20260301_000003"


def test_two_runs_at_once_both_make_their_product(filled: Path) -> None:
    program = str(Path(sys.executable).with_name("pipetask"))
    commands = [[program, *arguments(filled, f"u/{name}")] for name in ("one", "two")]

    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for command in commands
    ]
    said = [run.communicate(timeout=100)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    with Butler.from_config(str(filled)) as butler:
        assert [butler.get("bias", PLACE, collections=f"u/{name}").shape for name in ("one", "two")] == [(200, 512)] * 2
