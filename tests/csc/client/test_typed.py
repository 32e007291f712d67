"""Fields as they are typed, read by their types and units."""

from __future__ import annotations

import pytest

from csc import load_catalogue
from csc.blueprint import Command, Field
from csc.client import read_typed
from fsm import AuthorError

CATALOGUE = load_catalogue()
COMMAND = Command(
    name="try",
    fields={
        field.name: field
        for field in (
            Field(name="angle", type="double", unit="deg", own_unit="arcsec", scale=1 / 3600),
            Field(name="number", type="long"),
            Field(name="open", type="boolean"),
            Field(name="text", type="string"),
            Field(name="row", type="double", unit="deg", own_unit="deg", length=3),
            Field(name="place", type="int", enum={"FIRST": 1, "LAST": 2}),
        )
    },
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("angle=30", 30.0),
        ("angle=0.5deg", 1800.0),
        ("angle=30 arcsec", 30.0),
        ("number=3", 3),
        ("number=1e3", 1000),
        ("number=2.5", 2.5),
        ("open=true", True),
        ("open=No", False),
        ("open=1", True),
        ("text=", ""),
        ("text=a=b 3deg", "a=b 3deg"),
        ("row=1, 2 deg,180arcmin", [1.0, 2.0, 3.0]),
        ("row=[]", []),
        ("row=[1]", [1.0]),
        ("place=LAST", 2),
        ("place=1", 1),
    ],
)
def test_a_value_is_read_in_the_fields_own_unit(text, value):
    [found] = read_typed(COMMAND, [text]).values()

    assert found == pytest.approx(value) if isinstance(value, float) else found == value
    assert isinstance(found, bool) == isinstance(value, bool)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("angle", "try angle: a field is written name=value"),
        ("=3", "try =3: a field is written name=value"),
        ("angel=3", r"try has no field angel; did you mean angle\?"),
        ("zzz=3", "try has no field zzz; it has angle, number"),
        ("angle=3s", "angle=3s: a number in arcsec is expected"),
        ("number=3deg", "number=3deg: a number without unit is expected"),
        ("angle=east", r"angle=east: double \[arcsec\] is expected"),
        ("open=maybe", "open=maybe: one of true, yes, 1, false, no, 0 is expected"),
        ("place=LATS", r"place=LATS: one of FIRST, LAST is expected; did you mean LAST\?"),
        ("row=1,x", r"row=x: double × 3 \[deg\] is expected"),
    ],
)
def test_what_cannot_be_read_is_told(text, message):
    with pytest.raises(AuthorError, match=message):
        read_typed(COMMAND, [text])


def test_a_field_is_set_once():
    with pytest.raises(AuthorError, match="try: number is set twice"):
        read_typed(COMMAND, ["number=1", "number=2"])


def test_every_default_can_be_typed():
    for plan in CATALOGUE.values():
        for command in plan.commands.values():
            typed = [f"{name}={str(field.default).strip('()')}" for name, field in command.fields.items()]
            read = read_typed(command, typed)
            assert {name: tuple(value) if isinstance(value, list) else value for name, value in read.items()} == {
                name: field.default for name, field in command.fields.items()
            }, (plan.component, command.name)
