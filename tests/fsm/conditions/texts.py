"""Hypothesis strategies for the texts of conditions and for the values of their names."""

from __future__ import annotations

from hypothesis import strategies as st

from fsm import NULL, Anything, Flag, Quantity, Sequence, States, Subject, Text, Value
from tests.fsm.conditions.stage import SUBJECTS, SUMMARY

_NAMES = {
    "deg": ["ATDome.azimuth", "ATMCS.azimuth", "entry"],
    "s": ["config.exp_times[0]", "config.exp_times[-1]", "entry[1]", "max(config.exp_times)"],
    "adu": ["last(flat).counts", "last(flat, filter=config.filter, exposure_time=6 s).counts"],
    "mm": ["stroke"],
    None: ["config.n_flat", "config.n_discard_flat", "count(bias)", "len(config.filters)", "-3"],
}
_SPELLINGS = {"deg": ["deg", "arcsec", "rad"], "s": ["s", "min", "ms"], "adu": ["adu"], "mm": ["mm", "um", "m"]}
_SIZES = st.integers(0, 10**6).map(str) | st.floats(0, 1e9).map(str)


def _literals(unit: str | None) -> st.SearchStrategy[str]:
    if unit is None:
        return _SIZES
    return st.tuples(_SIZES, st.sampled_from(_SPELLINGS[unit])).map(" ".join)


def quantities(unit: str | None) -> st.SearchStrategy[str]:
    """Texts of quantities in a unit."""
    leaf = st.sampled_from(_NAMES[unit]) | _literals(unit)
    return st.recursive(
        leaf,
        lambda part: st.one_of(
            st.builds("{} {} {}".format, part, st.sampled_from("+-"), part),
            st.builds("({} {} {})".format, part, st.sampled_from("+-"), part),
            st.builds("{} * {}".format, part, st.sampled_from(["2", "config.n_flat", "(1 + 0.5)"])).map(
                lambda text: f"({text})"
            ),
            st.builds("({} - {}) / 3".format, part, part),
            st.builds("-({})".format, part),
            st.builds("{}({})".format, st.sampled_from(["abs", "round", "min"]), part),
            st.builds("max({}, {})".format, part, part),
        ),
        max_leaves=4,
    )


def _atoms(unit: str | None) -> st.SearchStrategy[str]:
    quantity = quantities(unit)
    return st.one_of(
        st.builds("{} {} {}".format, quantity, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), quantity),
        st.builds("{} within {} of {}".format, quantity, quantity.map(lambda text: f"abs({text})"), quantity),
        st.builds("{} within 20 % of {}".format, quantity, quantity),
        st.builds("{} {} [-({}), abs({})]".format, quantity, st.sampled_from(["in", "not in"]), quantity, quantity),
    )


_WORDS = st.sampled_from(SUMMARY.states)
_OTHER = [
    "ATDome.homing",
    "ATWhiteLight.lamp is ON",
    "ATWhiteLight.lamp is not in [OFF, ON]",
    "OCPS:1.state is IDLE",
    "config.filter == SDSSr_65mm",
    "'config' != config.filter",
    'config.filter in [empty_1, "it\'s", entry]',
    "config.script_mode in [BIAS]",
    "SDSSr_65mm in config.filters",
    "entry in config.filters",
    "entry == true or entry",
    "(entry is ENABLED) == ATDome.homing",
    "config.filter != null",
    "config.filters == ['a', 'b']",
    "true",
    "false",
]
_STATES = st.one_of(
    st.builds("{} is {}".format, st.sampled_from(["ATCS", "ATDome"]), _WORDS),
    st.builds("{} is not {}".format, st.sampled_from(["ATCS", "ATDome"]), _WORDS),
    st.builds("ATCS is in [{}, {}]".format, _WORDS, _WORDS),
)
conditions = st.recursive(
    st.sampled_from(_OTHER) | _STATES | st.sampled_from(sorted(_NAMES, key=str)).flatmap(_atoms),
    lambda part: st.one_of(
        st.builds("{} and {}".format, part, part),
        st.builds("{} or {}".format, part, part),
        st.builds("({} or {}) and {}".format, part, part, part),
        st.builds("not ({})".format, part),
        st.builds("not {}".format, part),
    ),
    max_leaves=6,
)
"""Texts of conditions whose truth depends only on the values of their names, not on whether they are known."""

_NUMBERS = st.floats() | st.integers(-(10**6), 10**6)


def values(subject: Subject) -> st.SearchStrategy[Value]:
    """Values a name with this subject may have, unknown and not-a-number among them."""
    match subject:
        case States(states):
            state = st.none() | st.sampled_from(states)
            return (
                state | st.dictionaries(st.sampled_from(["ATDome", "ATPtg"]), state)
                if states == SUMMARY.states
                else state
            )
        case Quantity():
            return st.none() | _NUMBERS
        case Flag():
            return st.none() | st.booleans()
        case Text():
            return st.sampled_from([None, NULL, "SDSSr_65mm", "it's", "BIAS"])
        case Sequence(item):
            return st.none() | st.lists(values(item), max_size=3).map(tuple)
        case Anything():
            return st.one_of(
                _NUMBERS, st.none(), st.booleans(), st.text(), st.just(NULL), st.lists(_NUMBERS).map(tuple)
            )


moments = st.fixed_dictionaries({name: values(subject) for name, subject in SUBJECTS.items()})
"""Values of all names."""
