from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler

from pipelines.defects import Box, Defects
from pipelines.image import CcdImage
from pipelines.middleware.ccd_fits import CcdRows

PLACE = {"instrument": "LATISS", "detector": 0}


def image() -> CcdImage:
    made = CcdImage.blank((6, 4), {"OBSTYPE": "bias"})
    made.image[...] = np.arange(24, dtype=np.float32).reshape(6, 4)
    return made


def test_images_say_where_they_are_kept_and_stay_as_they_were(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True, run="u/me/run") as butler:
        put = image()

        ref = butler.put(put, "bias", PLACE)

        found = butler.get(ref)
        assert np.array_equal(found.image, put.image)
        assert found.header == {
            "OBSTYPE": "bias",
            "LSST BUTLER ID": str(ref.id),
            "LSST BUTLER RUN": "u/me/run",
            "LSST BUTLER DATASETTYPE": "bias",
        }
        assert put.header == {"OBSTYPE": "bias"}


def test_parts_of_an_image_are_read_alone(repository: Path) -> None:
    with Butler.from_config(str(repository), writeable=True, run="u/me/run") as butler:
        butler.put(image(), "bias", PLACE)

        assert butler.get("bias.header", PLACE)["OBSTYPE"] == "bias"
        assert butler.get("bias.metadata", PLACE)["OBSTYPE"] == "bias"
        rows = butler.get("bias.rows", PLACE)
        assert isinstance(rows, CcdRows)
        assert rows.image(2, 3).tolist() == [[8.0, 9.0, 10.0, 11.0]]


def test_products_of_plain_values_come_back(repository: Path) -> None:
    defects = Defects(boxes=(Box(1, 2, 3, 4), Box(10, 0, 1, 2000)))
    with Butler.from_config(str(repository), writeable=True, run="u/me/run") as butler:
        butler.put(defects, "defects", PLACE)

        assert butler.get("defects", PLACE) == defects


@pytest.mark.parametrize("text", ["not json", '{"boxes": [{"x0": 1}]}'])
def test_a_product_that_somebody_changed_is_named(repository: Path, text: str) -> None:
    with Butler.from_config(str(repository), writeable=True, run="u/me/run") as butler:
        ref = butler.put(Defects(boxes=(Box(1, 2, 3, 4),)), "defects", PLACE)
        path = Path(butler.getURI(ref).ospath)
        path.write_text(text.ljust(path.stat().st_size))

        with pytest.raises(ValueError, match="Failure from formatter") as caught:
            butler.get(ref)

        assert f"{path}: no Defects" in str(caught.value.__cause__)
