from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import lsst.daf.butler
import pytest
import yaml
from lsst.daf.butler import Butler, CollectionType
from lsst.utils.introspection import get_full_type_name

from pipelines.camera import load_camera
from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.instrument import INSTRUMENTS, filters, instrument_named
from pipelines.middleware.repository import chain_first, create_repository, prepare_repository

PRODUCTS = {
    "bias": ("CcdImage", {"instrument", "detector"}),
    "dark": ("CcdImage", {"instrument", "detector"}),
    "flat": ("CcdImage", {"instrument", "detector", "physical_filter", "band"}),
    "fringe": ("CcdImage", {"instrument", "detector", "physical_filter", "band"}),
    "sky": ("CcdImage", {"instrument", "detector", "physical_filter", "band"}),
    "defects": ("CcdDefects", {"instrument", "detector"}),
    "ptc": ("CcdPhotonTransferCurve", {"instrument", "detector"}),
    "linearity": ("CcdLinearizer", {"instrument", "detector"}),
    "bfk": ("CcdBrighterFatterKernel", {"instrument", "detector"}),
    "crosstalk": ("CcdCrosstalkMatrix", {"instrument", "detector"}),
}


def test_every_product_has_a_dataset_type_of_calibrations(template: Path) -> None:
    with Butler.from_config(str(template)) as butler:
        for name, (storage, dimensions) in PRODUCTS.items():
            kind = butler.get_dataset_type(name)
            assert kind.isCalibration(), name
            assert (kind.storageClass_name, set(kind.dimensions.names)) == (storage, dimensions), name


def test_what_pipetask_writes_beside_products_needs_no_flag(template: Path) -> None:
    with Butler.from_config(str(template)) as butler:
        known = {kind.name for kind in butler.registry.queryDatasetTypes()}

    assert {"raw", "packages", "isr_config", "isr_metadata", "isr_log", "verifyBiasStats"} <= known


def test_collections_are_those_of_the_observatory(template: Path) -> None:
    with Butler.from_config(str(template)) as butler:
        found = {info.name: info.type for info in butler.collections.query_info("*")}

    assert found == {
        "LATISS/raw/all": CollectionType.RUN,
        "LATISS/calib": CollectionType.CHAINED,
        "LSSTComCam/raw/all": CollectionType.RUN,
        "LSSTComCam/calib": CollectionType.CHAINED,
    }


def test_no_storage_class_redefines_one_of_the_middlewares() -> None:
    ours = yaml.safe_load((files("pipelines.middleware") / "repo.yaml").read_text())
    theirs = yaml.safe_load((files(lsst.daf.butler) / "configs" / "storageClasses.yaml").read_text())

    assert not set(ours["storageClasses"]) & set(theirs["storageClasses"])
    assert set(ours["datastore"]["formatters"]) <= set(ours["storageClasses"])


def test_a_folder_that_is_a_repository_is_refused(repository: Path) -> None:
    with pytest.raises(RepositoryFault, match="there is a repository already"):
        create_repository(repository)


def test_an_unknown_instrument_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RepositoryFault, match="no instrument 'HSC'; there are LATISS, LSSTComCam"):
        create_repository(tmp_path / "repo", ["HSC"])

    assert not (tmp_path / "repo").exists()


def test_preparing_again_changes_nothing(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        prepare_repository(butler, [instrument_named("LATISS")])

        assert len(butler.query_dimension_records("detector", instrument="LATISS")) == 1


def test_a_configuration_of_ones_own_says_where_the_database_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.middleware.repository.register_dataset_types", lambda butler: None)
    config = tmp_path / "own.yaml"
    config.write_text(f"registry:\n  db: sqlite:///{tmp_path}/elsewhere.sqlite3\n")

    create_repository(tmp_path / "repo", config=config)

    assert (tmp_path / "elsewhere.sqlite3").is_file()
    with Butler.from_config(str(tmp_path / "repo")) as butler:
        assert butler.storageClasses.getStorageClass("CcdImage").allComponents().keys() >= {"header", "rows"}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instruments_records_are_its_camera(template: Path, name: str) -> None:
    camera = load_camera(name)
    with Butler.from_config(str(template)) as butler:
        (record,) = butler.query_dimension_records("instrument", instrument=name)
        detectors = butler.query_dimension_records("detector", instrument=name)
        bands = {each.name: each.band for each in butler.query_dimension_records("physical_filter", instrument=name)}

    assert record.class_name == get_full_type_name(INSTRUMENTS[name])
    assert len(record.class_name) <= 64
    assert {each.id: each.full_name for each in detectors} == {
        number: detector.name for number, detector in camera.detectors.items()
    }
    assert camera.filters.items() <= bands.items()


def test_headers_without_filters_have_filters_too() -> None:
    assert {"unknown~unknown", "unknown~empty", "RG610~unknown"} <= set(filters(load_camera("LATISS")))
    assert "unknown" in filters(load_camera("LSSTComCam"))


def test_names_of_filters_fit_the_butler() -> None:
    assert all(len(name) <= 32 for camera in INSTRUMENTS for name in filters(load_camera(camera)))


@pytest.mark.parametrize("name", ["LATISS", "Latiss", "pipelines.middleware.instrument.Latiss"])
def test_instruments_go_by_names_and_classes(name: str) -> None:
    assert instrument_named(name).getName() == "LATISS"


def test_a_collection_that_is_no_chain_is_not_made_one(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        butler.collections.register("mine", CollectionType.CALIBRATION)
        butler.collections.register("run")

        with pytest.raises(RepositoryFault, match="mine is a CALIBRATION collection, not a chain"):
            chain_first(butler, "mine", "run")
