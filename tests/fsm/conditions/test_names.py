from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from fsm import NULL, Name, parse_condition, parse_expression
from tests.fsm.conditions.stage import STAGE


@pytest.mark.parametrize(
    "text",
    [
        "ATWhiteLight",
        "OCPS:1.state",
        "last(flat).counts",
        "last(flat, filter=SDSSr_65mm, exposure_time=6 s).counts",
        "last(flat, filter=config.filter, offset=-1.5 deg, note='two words', kept=true, group=null).counts",
        "count(flat)",
        "count()",
    ],
)
def test_name_prints_as_it_was_written(text):
    expression = parse_expression(text, STAGE)

    assert str(next(iter(name for name in expression.names if str(name) == text))) == text


def test_arguments_are_in_canonical_units():
    expression = parse_expression("last(flat, filter=SDSSr_65mm, exposure_time=0.1 min).counts", STAGE)

    (name,) = expression.names
    assert name == Name(("counts",), "last", (("kind", "flat"), ("filter", "SDSSr_65mm"), ("exposure_time", 6.0)))
    assert name.units == (None, None, "s")


def test_argument_may_be_the_name_of_a_value():
    expression = parse_expression("last(flat, filter=config.filter, exposure_time=entry).counts", STAGE)

    last = next(name for name in expression.names if name.function)
    assert dict(last.arguments) == {
        "kind": "flat",
        "filter": Name.of("config.filter"),
        "exposure_time": Name.of("entry"),
    }
    assert not last.is_bound
    assert expression.names == {last, Name.of("config.filter"), Name.of("entry")}


@pytest.mark.parametrize("text", ["", "a..b", "3a", "a b", "last(flat)"])
def test_text_that_is_no_plain_name_is_refused(text):
    with pytest.raises(ValueError, match="is not a name"):
        Name.of(text)


def test_equal_names_hash_alike():
    assert hash(Name.of("ATDome.azimuth")) == hash(Name(("ATDome", "azimuth")))
    assert {Name(("ATDome", "azimuth")): 1}[Name.of("ATDome.azimuth")] == 1


def test_pickled_condition_works_where_text_hashes_differently():
    condition = parse_condition("ATDome.azimuth > 3 deg and config.filter == null", STAGE)
    program = (
        "import pickle, sys; from fsm import Name, NULL\n"
        "condition = pickle.load(sys.stdin.buffer)\n"
        "values = {Name.of('ATDome.azimuth'): 4.0, Name.of('config.filter'): NULL}\n"
        "class Now:\n"
        "    def read(self, name): return values.get(name)\n"
        "print(condition.evaluate(Now()), condition)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(condition),
        capture_output=True,
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": ":".join(path or "." for path in sys.path)},
        check=True,
    )

    assert ran.stdout.decode().strip() == f"True {condition}"


def test_null_prints_as_the_word():
    assert str(NULL) == "null"
