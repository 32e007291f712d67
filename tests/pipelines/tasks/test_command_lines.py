"""The guide's commands as they are printed there, and what wrong ones are told."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lsst.ctrl.mpexec.cli.pipetask import cli as pipetask_cli
from lsst.daf.butler import Butler
from lsst.daf.butler.cli.butler import cli as butler_cli

from tests.pipelines import raws, repositories

USER = "u/czw/DM-28920"
BIASES, DARKS = raws.biases(3), raws.darks(1)
SCRIPTS = Path(sys.executable).parent


def butler(*arguments: object) -> Result:
    return CliRunner().invoke(butler_cli, [str(argument) for argument in arguments])


def pipetask(*arguments: object) -> Result:
    return CliRunner().invoke(pipetask_cli, [str(argument) for argument in arguments])


def query(*exposures: int) -> str:
    return f"instrument='LATISS' AND detector=0 AND exposure IN ({', '.join(map(str, exposures))})"


@pytest.fixture(scope="module")
def bias(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository with a bias, which the guide's own command made in a shell, and what that said."""
    folder = tmp_path_factory.mktemp("command_lines")
    repository = repositories.copied(template, folder / "repo")
    repositories.fill(repository, [*BIASES, *DARKS], folder / "raw")
    exposures = ", ".join(str(shot.exposure) for shot in BIASES)
    script = f"""
        eval "$({shlex.quote(sys.executable)} -m pipelines)"
        BUTLER_REPO={shlex.quote(str(repository))}
        EXPOSURES='{exposures}'
        RERUN=20210702a
        pipetask --long-log run -b $BUTLER_REPO -p $CP_PIPE_DIR/pipelines/Latiss/cpBias.yaml \\
             -i LATISS/raw/all,LATISS/calib -o {USER}/biasGen.$RERUN \\
             -d "instrument='LATISS' AND detector=0 AND exposure IN ($EXPOSURES)" \\
             -c isr:doDefect=False -c isr:doEmpiricalReadNoise=True 2>&1
    """
    surroundings = {**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", script], env=surroundings, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return repository, done.stdout


def certify(repository: Path, collection: str, begin: str, end: str) -> Result:
    dates = ("--begin-date", begin, "--end-date", end)
    return butler("certify-calibrations", repository, f"{USER}/biasGen.20210702a", collection, *dates, "bias")


@pytest.mark.timeout(120)
def test_the_guides_command_makes_a_bias_and_tells_read_noises(bias: tuple[Path, str]) -> None:
    repository, said = bias

    assert said.count("Empirical read noise of C07") == len(BIASES)
    with Butler.from_config(str(repository), collections=f"{USER}/biasGen.20210702a") as opened:
        assert opened.get("bias", instrument="LATISS", detector=0).shape == (200, 512)


def test_a_certified_calibration_is_found_by_its_dates(bias: tuple[Path, str]) -> None:
    repository, _ = bias

    assert certify(repository, f"{USER}/calib/bias", "2026-01-01", "2026-06-01").exit_code == 0

    with Butler.from_config(str(repository), collections=f"{USER}/calib/bias") as opened:
        assert (
            opened.get("bias", instrument="LATISS", detector=0, exposure=BIASES[0].exposure).header["OBSTYPE"] == "bias"
        )


def test_certifying_twice_for_the_same_time_is_refused_and_next_to_it_is_not(
    bias: tuple[Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    repository, _ = bias
    certify(repository, f"{USER}/calib/twice", "2020-01-01", "2026-01-01")

    twice = certify(repository, f"{USER}/calib/twice", "2025-06-01", "2027-01-01")
    next_to_it = certify(repository, f"{USER}/calib/twice", "2026-01-01", "2027-01-01")

    assert twice.exit_code != 0
    assert "1 validity range conflicts certifying datasets of type bias" in caplog.text
    assert next_to_it.exit_code == 0
    with Butler.from_config(str(repository)) as opened:
        found = opened.registry.queryDatasetAssociations("bias", collections=f"{USER}/calib/twice")
        assert sorted(str(each.timespan) for each in found) == [
            "[2020-01-01T00:00:00, 2026-01-01T00:00:00)",
            "[2026-01-01T00:00:00, 2027-01-01T00:00:00)",
        ]


def test_chains_are_mended_and_never_hold_themselves(bias: tuple[Path, str]) -> None:
    repository, _ = bias
    for name in ("one", "two"):
        certify(repository, f"{USER}/calib/{name}", "2020-01-01", "2050-01-01")
    chain = f"{USER}/calib.20210720"
    butler("collection-chain", repository, chain, f"{USER}/calib/one")

    assert butler("collection-chain", repository, "--mode=remove", chain, f"{USER}/calib/one").exit_code == 0
    assert butler("collection-chain", repository, "--mode=extend", chain, f"{USER}/calib/two").exit_code == 0
    to_itself = butler("collection-chain", repository, "--mode=extend", chain, chain)

    assert to_itself.exit_code != 0
    with Butler.from_config(str(repository)) as opened:
        assert opened.collections.get_info(chain).children == (f"{USER}/calib/two",)


def test_exposures_that_are_not_there_make_no_run(bias: tuple[Path, str]) -> None:
    repository, _ = bias

    done = pipetask(
        *("run", "-b", repository, "-p", repositories.pipeline_file("cp_pipe/LATISS/cpBias")),
        *("-i", "LATISS/raw/all", "-o", f"{USER}/nothing", "-d", query(2026030199999)),
    )

    assert done.exit_code != 0
    with Butler.from_config(str(repository)) as opened:
        assert not opened.collections.query(f"{USER}/nothing*")


def test_a_calibration_that_is_not_there_is_named(bias: tuple[Path, str], caplog: pytest.LogCaptureFixture) -> None:
    repository, _ = bias

    done = pipetask(
        *("run", "-b", repository, "-p", repositories.pipeline_file("cp_pipe/LATISS/cpDark")),
        *("-i", "LATISS/raw/all", "-o", f"{USER}/early", "-d", query(DARKS[0].exposure)),
    )

    assert done.exit_code != 0
    assert re.search(r"Not enough datasets \(0\) found for non-optional connection isr\.(bias|defects)", caplog.text)


@pytest.mark.parametrize("option", ["isr:doDefects=False", "isr:overscan.fitType='GUESS'", "isrs:doDefect=False"])
def test_options_that_nobody_knows_make_no_run(bias: tuple[Path, str], option: str) -> None:
    repository, _ = bias

    done = pipetask(
        *("run", "-b", repository, "-p", repositories.pipeline_file("cp_pipe/LATISS/cpBias")),
        *("-i", "LATISS/raw/all", "-o", f"{USER}/wrong", "-d", query(BIASES[0].exposure), "-c", option),
    )

    assert done.exit_code != 0
    with Butler.from_config(str(repository)) as opened:
        assert not opened.collections.query(f"{USER}/wrong*")
