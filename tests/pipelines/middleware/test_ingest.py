from __future__ import annotations

import errno
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lsst.daf.butler import Butler
from lsst.resources.file import FileResourcePath

from pipelines.middleware.errors import FileFault, RepositoryFault
from pipelines.middleware.exposures import require_exposures
from pipelines.middleware.ingest import find_files, ingest
from tests.pipelines import raws

SHOTS = [*raws.biases(2), *raws.flats(1)]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return raws.write_all(SHOTS, tmp_path_factory.mktemp("raw"))


def known(butler: Butler) -> set[int]:
    return {record.id for record in butler.query_dimension_records("exposure", instrument="LATISS", explain=False)}


def stored(butler: Butler) -> int:
    return len(butler.query_datasets("raw", collections="LATISS/raw/all", explain=False))


def test_images_come_in_with_records_and_pixels(repository: Path, images: list[Path]) -> None:
    with Butler.from_config(str(repository), writeable=True, collections="LATISS/raw/all") as butler:
        report = ingest(butler, images)

        assert str(report) == "3 ingested, 0 already there, 0 failed"
        assert known(butler) == {shot.exposure for shot in SHOTS}
        (flat,) = butler.query_dimension_records(
            "exposure",
            where="instrument='LATISS' AND exposure.observation_type='flat' AND exposure.day_obs > 20210101"
            " AND physical_filter='SDSSr_65mm~empty' AND exposure.target_name='FlatField'",
        )
        assert (flat.exposure_time, flat.dark_time, flat.has_simulated) == (2.0, 2.01, True)
        raw = butler.get("raw", instrument="LATISS", detector=0, exposure=flat.id)
        assert raw.geometry == raws.GEOMETRY
        assert butler.get("raw.header", instrument="LATISS", detector=0, exposure=flat.id)["SEQNUM"] == 201


def test_ingesting_again_is_harmless(repository: Path, images: list[Path]) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        ingest(butler, images[:2], transfer="copy")

        report = ingest(butler, images, transfer="copy")

        assert (report.new, report.known) == ([str(images[2])], [str(path) for path in images[:2]])
        assert stored(butler) == 3


def test_one_files_fault_undoes_no_other(repository: Path, images: list[Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.fits"
    cut.write_bytes(images[0].read_bytes()[:9000])
    silent = raws.write(replace(SHOTS[0], seq_num=7), tmp_path, header={"EXPTIME": None})
    with Butler.from_config(str(repository), writeable=True) as butler:
        report = ingest(butler, [images[0], cut, silent, images[2]])

        assert report.new == [str(images[0]), str(images[2])]
        assert "cut.fits" in report.failed[str(cut)]
        assert report.failed[str(silent)].startswith(f"{silent}: no EXPTIME in its header")
        assert known(butler) == {SHOTS[0].exposure, SHOTS[2].exposure}


def test_failing_fast_ingests_nothing(repository: Path, images: list[Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.fits"
    cut.write_bytes(images[0].read_bytes()[:9000])
    with Butler.from_config(str(repository), writeable=True) as butler:
        with pytest.raises(FileFault, match=r"cut\.fits"):
            ingest(butler, [images[0], cut, images[2]], transfer="copy", fail_fast=True)

        assert not known(butler)
        assert not stored(butler)
    assert not list((repository / "LATISS").rglob("*.fits"))


def test_a_filter_that_nobody_has_is_named_with_those_that_are(repository: Path, tmp_path: Path) -> None:
    path = raws.write(replace(SHOTS[2], filter="SDSSr_66mm"), tmp_path)
    with Butler.from_config(str(repository), writeable=True) as butler:
        (fault,) = ingest(butler, [path]).failed.values()

    assert "LATISS has no filter 'SDSSr_66mm~empty'; it has BG40_65mm_1~SDSSy_65mm, " in fault


def test_another_exposure_of_the_same_number_is_refused_unless_records_are_updated(
    repository: Path, images: list[Path], tmp_path: Path
) -> None:
    other = raws.write(SHOTS[0], tmp_path, header={"OBJECT": "Sirius"})
    with Butler.from_config(str(repository), writeable=True) as butler:
        ingest(butler, images[:1])

        (fault,) = ingest(butler, [other]).failed.values()
        assert "exposure 2026030100001 is in the repository with other values" in fault
        assert "--update-records" in fault

        assert not ingest(butler, [other], update_records=True).failed
        (record,) = butler.query_dimension_records("exposure", instrument="LATISS")
        assert record.target_name == "Sirius"


def test_detectors_of_one_exposure_share_its_record(repository: Path, tmp_path: Path) -> None:
    shots = [
        replace(shot, instrument="LSSTComCam", detector=detector, filter="r_03")
        for detector in (0, 4)
        for shot in raws.flats(1)
    ]
    with Butler.from_config(str(repository), writeable=True) as butler:
        assert not ingest(butler, raws.write_all(shots, tmp_path)).failed

        (record,) = butler.query_dimension_records("exposure", instrument="LSSTComCam")
        assert record.physical_filter == "r_03"
        refs = butler.query_datasets("raw", collections="LSSTComCam/raw/all")
        assert {ref.dataId["detector"] for ref in refs} == {0, 4}


def test_an_instrument_that_is_not_registered_is_named_with_what_registers_it(
    images: list[Path], tmp_path: Path
) -> None:
    Butler.makeRepo(str(tmp_path / "bare"))
    with Butler.from_config(str(tmp_path / "bare"), writeable=True) as butler:
        (fault,) = ingest(butler, images[:1]).failed.values()

    assert "butler register-instrument REPO pipelines.middleware.instrument.Latiss" in fault


def test_a_full_disk_is_said_and_leaves_nothing(
    repository: Path, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Butler.from_config(str(repository), writeable=True) as butler:
        with monkeypatch.context() as patched:
            patched.setattr(FileResourcePath, "transfer_from", full)
            report = ingest(butler, images[:1], transfer="copy")

        assert "not brought into the store by 'copy' ([Errno 28] No space left" in report.failed[str(images[0])]
        assert not known(butler)
        assert ingest(butler, images[:1], transfer="copy").new == [str(images[0])]


def test_two_writers_at_once_do_each_others_work_once(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    raws.write_all(raws.biases(8), folder)
    command = [str(Path(sys.executable).with_name("butler")), "ingest-raws", str(repository), str(folder), "-t", "copy"]

    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [writer.communicate(timeout=50)[0] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], said
    with Butler.from_config(str(repository)) as butler:
        assert stored(butler) == 8


def test_folders_are_searched_and_files_taken_as_they_are(images: list[Path], tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("deep/a.fits", "deep/b.fits.fz", "deep/c.txt"):
        (tmp_path / name).touch()

    assert [path.name for path in find_files([tmp_path, images[0]])] == ["a.fits", "b.fits.fz", images[0].name]
    assert [path.name for path in find_files([tmp_path], r"\.txt$")] == ["c.txt"]


@pytest.mark.parametrize(("place", "message"), [("gone", "there is no such file"), ("", "no files whose names match")])
def test_places_without_images_are_named(tmp_path: Path, place: str, message: str) -> None:
    with pytest.raises(FileFault, match=message):
        find_files([tmp_path / place])


def test_exposures_that_are_not_there_are_named(repository: Path, images: list[Path]) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        ingest(butler, images)
        require_exposures(butler, "LATISS", [shot.exposure for shot in SHOTS])

        with pytest.raises(RepositoryFault, match="exposure 2026030100077, 2026030100099 of LATISS is not"):
            require_exposures(butler, "LATISS", [SHOTS[0].exposure, 2026030100099, 2026030100077])
