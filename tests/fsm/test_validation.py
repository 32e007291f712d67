from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, RootModel, Tag, field_validator

from fsm.document import load_document, validate
from fsm.errors import AuthorError, AuthorErrors
from fsm.validation import checked


def seconds(text: str) -> float:
    if not text.endswith(" s"):
        raise AuthorError(f"{text} is not a duration", suggestion="9 s")
    return float(text.removesuffix(" s"))


def kind(step: object) -> str | None:
    return next((key for key in ("command", "wait") if isinstance(step, dict) and key in step), None)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Command(Strict):
    command: str
    arguments: dict[str, float] = {}


class Wait(Strict):
    wait: str
    limit: Annotated[float, BeforeValidator(checked(seconds))] = 0.0


class Steps(
    RootModel[list[Annotated[Annotated[Command, Tag("command")] | Annotated[Wait, Tag("wait")], Discriminator(kind)]]]
):
    pass


class Flat(Strict):
    kind: Literal["flat"]
    filter: str


class Bias(Strict):
    kind: Literal["bias"]
    count: int


class Row(Strict):
    on: str | list[str]
    from_: str = Field(default="*", alias="from")


class Procedure(Strict):
    title: str
    index: dict[int, str] = {}
    rows: list[Row] = []
    steps: Steps = Steps([])
    image: Annotated[Flat | Bias, Discriminator("kind")] | None = None
    either: Command | Wait | None = None
    pair: tuple[int, Wait] | None = None
    tries: int = Field(default=1, ge=1, le=5)

    @field_validator("title")
    @classmethod
    def _short(cls, title: str) -> str:
        if len(title) > 40:
            raise ValueError("is longer than 40 characters")
        return title


def mistakes(text: str) -> list[str]:
    with pytest.raises(AuthorErrors) as caught:
        validate(load_document(text, name="p.yaml"), Procedure)
    return str(caught.value).replace("p.yaml:", "").splitlines()


def test_a_valid_document_becomes_a_model():
    text = "title: flats\nindex: {1: LATISS}\nsteps: [{wait: lamp, limit: 900 s}]\n"

    procedure = validate(load_document(text), Procedure)

    assert procedure.steps.root == [Wait(wait="lamp", limit="900 s")]
    assert procedure.index == {1: "LATISS"}


def test_a_part_of_a_document_is_validated_in_its_own_place():
    document = load_document("title: flats\nsteps:\n  - wait: lamp\n    limt: 3 s\n", name="p.yaml")

    with pytest.raises(AuthorErrors) as caught:
        validate(document, Wait, at=("steps", 0))

    assert str(caught.value) == "p.yaml:4:5: steps[0]: unknown key limt; did you mean limit?"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("title: a\nrows: [{on: x, form: y}]", "2:16: rows[0]: unknown key form; did you mean from?"),
        ("title: a\nrows: [{on: x, zzz: y}]", "2:16: rows[0]: unknown key zzz; valid are from, on"),
        ("rows: []", "1:1: key title is missing"),
        ("title: a\nrows:\n  - from: x", "3:5: rows[0]: key on is missing"),
        ("title: a\neither:\n command: x\n argument: {}", "4:2: either: unknown key argument; did you mean arguments?"),
        ("title: a\nimage:\n  kind: flat", "2:1: image: key filter is missing"),
        ("title: a\nimage: {kind: bias, count: 2, filer: r}", "2:31: image: unknown key filer; valid are count, kind"),
        ("title: 3", "1:8: title: must be a valid string, found 3"),
        ("title:", "1:7: title: must be a valid string, found nothing"),
        ("title: [a]", "1:8: title: must be a valid string, found a list"),
        ("title: a\nrows: {}", "2:7: rows: must be a valid list, found a mapping"),
        ("title: a\nrows: [on]", "2:8: rows[0]: must be a mapping, found 'on'"),
        ("title: a\nrows: [{on: true}]", "2:13: rows[0].on: must be a valid string or a valid list, found true"),
        ("title: a\nrows: [{on: [a, 3]}]", "2:17: rows[0].on[1]: must be a valid string, found 3"),
        ("title: a\nindex: {x: b}", "2:9: index.x: must be a valid integer, found 'x'"),
        ("title: a\nindex: {1: [b]}", "2:12: index[1]: must be a valid string, found a list"),
        ("title: a\npair: [1, {wait: x, lmit: 2}]", "2:21: pair[1]: unknown key lmit; did you mean limit?"),
        ("title: a\ntries: 9", "2:8: tries: must be less than or equal to 5, found 9"),
        (f"title: {'a' * 41}", "1:8: title: is longer than 40 characters"),
        ("title: a\nsteps:\n- wait: x\n  limit: 3 m", "4:10: steps[0].limit: 3 m is not a duration; did you mean 9 s?"),
        ("title: a\nsteps:\n- command: [x]", "3:12: steps[0].command: must be a valid string, found a list"),
        ("title: a\nsteps:\n- foo: 1", "3:3: steps[0]: cannot tell what it is; must contain one of command, wait"),
        ("[]", "1:1: must be a mapping, found a list"),
        ("", "1:1: must be a mapping, found nothing"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_place(text, mistake):
    assert mistakes(text) == [mistake]


def test_all_mistakes_are_reported_ordered_by_line():
    text = "titel: a\nrows:\n  - {on: 3}\nsteps:\n  - wait: x\n    limit: 5\n    arguments: {}\ntries: 0\n"

    assert mistakes(text) == [
        "1:1: key title is missing",
        "1:1: unknown key titel; did you mean title?",
        "3:10: rows[0].on: must be a valid string or a valid list, found 3",
        "6:12: steps[0].limit: must be a valid string, found 5",
        "7:5: steps[0]: unknown key arguments; valid are limit, wait",
        "8:8: tries: must be greater than or equal to 1, found 0",
    ]
