"""How a job's request is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc.ocps.backend import JobRequest, PipelineError
from csc.ocps.doing import do_job, find_pipeline, read_config
from pipelines.environment import environment


@pytest.mark.parametrize(
    ("words", "inputs", "options"),
    [
        (["-j", "8", "-i", "a,b"], ["a", "b"], []),
        (["-i", "a", "-c", "isr:doDefect=False", "-i", "b,"], ["a", "b"], ["-c", "isr:doDefect=False"]),
        (["--processes", "2", "--input", "a"], ["a"], []),
        (["-i"], [], []),
    ],
)
def test_collections_are_taken_out_of_the_options(words, inputs, options) -> None:
    assert read_config(words) == (inputs, options)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("${CP_PIPE_DIR}/pipelines/LATISS/cpBias.yaml", "cp_pipe/pipelines/LATISS/cpBias.yaml"),
        ("${CP_PIPE_DIR}/pipelines/latiss/CPBIAS.yaml", "cpBias.yaml"),
        ("${CP_VERIFY_DIR}/pipelines/LATISS/verifyDark.yaml", "cp_verify/pipelines/LATISS/verifyDark.yaml"),
        ("${CP_PIPE_DIR}/pipelines/NoCamera/cpBias.yaml", "cp_pipe/pipelines/cpBias.yaml"),
        ("${CP_PIPE_DIR}/pipelines/LATISS/cpPtc.yaml#cpPtcGainFromFlatPairs", "cpPtc.yaml#cpPtcGainFromFlatPairs"),
    ],
)
def test_a_pipeline_is_found_whatever_the_case_and_the_instrument(name, file) -> None:
    found = find_pipeline(name)

    assert found.endswith(file)
    assert Path(found.partition("#")[0]).is_file()
    assert found.startswith(tuple(environment().values()))


def test_a_pipeline_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(PipelineError, match=r"there is no pipeline .*cpBais\.yaml; did you mean cpBias\.yaml\?"):
        find_pipeline("${CP_PIPE_DIR}/pipelines/LATISS/cpBais.yaml")


def test_a_job_without_a_pipeline_ends_badly_and_says_why(tmp_path) -> None:
    request = JobRequest(job_id="a", run_id="1", instrument="LATISS", pipeline="nothing.yaml")

    outcome = do_job(request, tmp_path / "repo", tmp_path / "a.log")

    assert not outcome.succeeded
    assert outcome.message.startswith("there is no pipeline nothing.yaml")
