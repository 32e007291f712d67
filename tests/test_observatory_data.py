"""Where the observatory's own files are, and what becomes of tests without them."""

from __future__ import annotations

import pytest

from tests.observatory_data import OBSERVATORY_DATA, is_required, observatory_folder, reads


@pytest.mark.parametrize("name", ["blocks", "ts_xml"])
def test_the_files_are_there_where_they_are_required(name):
    if not is_required():
        pytest.skip("nobody requires the observatory's own files; CSCSIM_OBSERVATORY_DATA=required does")

    assert observatory_folder(name).is_dir(), f"{name} is missing in {OBSERVATORY_DATA}"


def test_without_its_folder_a_test_is_skipped_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.delenv("CSCSIM_OBSERVATORY_DATA", raising=False)

    mark = reads(tmp_path / "ts_xml")

    assert mark.args == (True,)
    assert mark.kwargs["reason"] == f"the observatory's own files are not at {tmp_path}/ts_xml"


def test_without_its_folder_a_test_is_run_and_fails_where_it_is_required(monkeypatch, tmp_path):
    monkeypatch.setenv("CSCSIM_OBSERVATORY_DATA", "required")

    assert reads(tmp_path / "ts_xml").args == (False,)


def test_with_its_folder_a_test_is_run(monkeypatch, tmp_path):
    monkeypatch.delenv("CSCSIM_OBSERVATORY_DATA", raising=False)

    assert reads(tmp_path).args == (False,)
