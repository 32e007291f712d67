import pytest

from pipelines import plain


def test_a_record_says_what_is_missing_and_what_is_unknown():
    with pytest.raises(ValueError, match="curve: lacks gain and has unknown gian; it needs gain, noise"):
        plain.record({"gian": 1.0, "noise": 2.0}, "curve", ("gain", "noise"))


def test_a_list_is_no_record():
    with pytest.raises(ValueError, match="curve: is list; expected a mapping by names"):
        plain.record([1.0], "curve", ("gain",))


def test_an_array_has_a_shape():
    with pytest.raises(ValueError, match=r"matrix: has the shape \(2, 2\); expected any x 3"):
        plain.array([[1.0, 2.0], [3.0, 4.0]], "matrix", (-1, 3))


def test_an_array_is_made_of_numbers():
    with pytest.raises(ValueError, match="matrix: not an array of numbers"):
        plain.array([[1.0], [2.0, 3.0]], "matrix", (-1, -1))


def test_an_empty_list_is_an_array_of_no_rows():
    assert plain.array([], "matrix", (-1, 2)).shape == (0, 2)


@pytest.mark.parametrize("wrong", [None, "1", True])
def test_a_number_is_a_number(wrong):
    with pytest.raises(ValueError, match="gain: is .*; expected a number"):
        plain.number(wrong, "gain")


def test_a_word_is_one_of_those_allowed():
    with pytest.raises(ValueError, match="kind: is 'Cubic'; expected one of Squared, Spline"):
        plain.text("Cubic", "kind", ("Squared", "Spline"))
