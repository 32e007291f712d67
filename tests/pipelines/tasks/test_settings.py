from __future__ import annotations

from dataclasses import dataclass

import pytest
from lsst.pex.config import Config, FieldValidationError

from pipelines.image import MaskPlane
from pipelines.tasks.settings import chosen, setting


@dataclass(frozen=True)
class Knobs:
    """Things to turn.

    Attributes
    ----------
    limit
        How far it goes
        before it stops [adu].
    passes, rounds
        How often.
    bad
        What does not count.

    References
    ----------
    nobody
        Said so.
    """

    limit: float = 3.0
    passes: int = 2
    rounds: int = 1
    most: int | None = None
    kind: str = "MEAN"
    bad: MaskPlane = MaskPlane.SAT | MaskPlane.BAD
    given: tuple[float, ...] = ()


@dataclass(frozen=True)
class Other:
    limit: float = 9.0


class Options(Config):
    nSigma = setting(Knobs, "limit")
    nIter = setting(Knobs, "passes")
    maximum = setting(Knobs, "most")
    fitType = setting(Knobs, "kind", ("MEAN", "MEDIAN"))
    mask = setting(Knobs, "bad")
    other = setting(Other, "limit")


def test_options_have_the_defaults_of_the_settings() -> None:
    assert chosen(Options(), Knobs) == Knobs()


def test_options_set_the_fields_that_they_stand_for() -> None:
    options = Options(nSigma=5, maximum=7, fitType="MEDIAN", mask=["CR"], other=1.0)

    found = chosen(options, Knobs, given=(1.0,))

    assert found == Knobs(limit=5.0, most=7, kind="MEDIAN", bad=MaskPlane.CR, given=(1.0,))
    assert chosen(options, Other) == Other(limit=1.0)


def test_meanings_are_those_of_the_docstring() -> None:
    docs = {name: field.doc for name, field in Options._fields.items()}

    assert docs["nSigma"] == "How far it goes before it stops [adu]."
    assert docs["nIter"] == "How often."
    assert docs["other"] == "limit of Other"


@pytest.mark.parametrize(("option", "value"), [("fitType", "GUESS"), ("mask", ["STAR"]), ("nIter", "two")])
def test_values_that_are_not_allowed_are_refused(option: str, value: object) -> None:
    with pytest.raises(FieldValidationError, match=option):
        setattr(Options(), option, value)


def test_a_setting_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="Knobs has no field limits with a default"):
        setting(Knobs, "limits")
