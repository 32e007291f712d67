from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lsst.daf.butler import Butler, CollectionType

from pipelines.defects import Box, Defects
from pipelines.middleware.curated import write_curated
from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.visits import define_visits
from tests.pipelines import raws, repositories

SCIENCE = [replace(shot, image_type="OBJECT", target="NGC 4755") for shot in raws.flats(2)]


def test_each_science_exposure_is_a_visit(repository: Path, tmp_path: Path) -> None:
    repositories.fill(repository, [*SCIENCE, *raws.biases(1)], tmp_path / "raw")
    with Butler.from_config(str(repository), writeable=True) as butler:
        assert define_visits(butler, "LATISS") == 2
        assert define_visits(butler, "LATISS") == 2

        visits = butler.query_dimension_records("visit", instrument="LATISS")
        assert {visit.id for visit in visits} == {shot.exposure for shot in SCIENCE}
        assert {visit.target_name for visit in visits} == {"NGC 4755"}


def test_visits_are_made_of_the_exposures_asked_for(repository: Path, tmp_path: Path) -> None:
    repositories.fill(repository, SCIENCE, tmp_path / "raw")
    with Butler.from_config(str(repository), writeable=True) as butler:
        assert define_visits(butler, "LATISS", f"exposure = {SCIENCE[0].exposure}") == 1


def test_curated_defects_mask_one_amplifier_at_the_size_of_the_raw_images(repository: Path, tmp_path: Path) -> None:
    repositories.fill(repository, raws.biases(1), tmp_path / "raw")
    with Butler.from_config(str(repository), writeable=True) as butler:
        assert write_curated(butler, "LATISS") == (1, 1)

        defects = butler.get(
            "defects", instrument="LATISS", detector=0, exposure=2026030100001, collections="LATISS/calib"
        )
        assert defects == Defects(boxes=(Box(7 * 64, 0, 64, 100),))
        assert butler.collections.get_info("LATISS/calib").children == ("LATISS/calib/curated",)


def test_curated_defects_are_written_once(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        write_curated(butler, "LATISS")

        assert write_curated(butler, "LATISS") == (0, 1)


def test_without_images_curated_defects_have_full_size(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        write_curated(butler, "LATISS")
        (ref,) = butler.query_datasets("defects", collections="LATISS/calib", find_first=False)

        assert butler.get(ref) == Defects(boxes=(Box(7 * 509, 0, 509, 2000),))


def test_comcam_has_empty_lists_for_every_sensor_in_a_collection_of_ones_own(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        assert write_curated(butler, "LSSTComCam", "LSSTComCam/calib/DM-1") == (9, 9)

        assert butler.collections.get_info("LSSTComCam/calib/DM-1").type is CollectionType.CALIBRATION
        assert butler.collections.get_info("LSSTComCam/calib").children == ()
        refs = butler.query_datasets("defects", collections="LSSTComCam/calib/DM-1", find_first=False)
        assert {butler.get(ref) for ref in refs} == {Defects()}


def test_a_bare_repository_has_no_instrument_to_curate_for(tmp_path: Path) -> None:
    Butler.makeRepo(str(tmp_path / "bare"))
    with Butler.from_config(str(tmp_path / "bare"), writeable=True) as butler:
        for command in (define_visits, write_curated):
            with pytest.raises(RepositoryFault, match="instrument LATISS is not registered"):
                command(butler, "LATISS")
