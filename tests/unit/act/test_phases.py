"""From an order to the controls of phases."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.act.phases import FREE, NONE, Phasing, Request, Wanted, mask, phases
from madang.errors import BadRequestData
from madang.model.field import Junction, Speaks

STAGES = {"s1": (2, 6), "s2": (4, 8), "s3": (1, 6)}
PHASING = Phasing(Junction(speaks=Speaks.NTCIP, stages=STAGES))
ALL = frozenset(range(1, 9))


def stage(name: str, greens: frozenset[int] = NONE) -> Request:
    return PHASING.request(PHASING.wanted("stage", {"stage": name}), greens)


def test_a_stage_is_held_and_called_and_all_others_are_forced_off() -> None:
    wanted = frozenset({4, 8})
    assert stage("s2") == Request(hold=wanted, call=wanted, force_off=ALL - wanted)
    omitting = Phasing(Junction(speaks=Speaks.NTCIP, stages=STAGES, omit=True))
    request = omitting.request(omitting.wanted("stage", {"stage": "s2"}), NONE)
    assert request.omit == ALL - wanted


def test_nothing_is_held_while_a_ring_has_to_cross_a_barrier() -> None:
    # From 2 back to 1: both rings cross, so 6 must not be held though the stage has it.
    assert stage("s3", frozenset({2, 6})) == Request(call=frozenset({1, 6}), force_off=ALL)
    assert stage("s2", frozenset({2, 6})) == Request(call=frozenset({4, 8}), force_off=ALL)
    # From 1 on to 2: within the side.
    assert stage("s1", frozenset({1, 6})).hold == {2, 6}


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("hold", Wanted(request=Request(hold=frozenset({2, 6})))),
        ("call", Wanted(request=Request(call=frozenset({2, 6})))),
        ("force_off", Wanted(request=Request(force_off=frozenset({2, 6})), once=True)),
        ("release", Wanted(request=FREE, once=True)),
    ],
)
def test_phases_are_asked_for_by_number(action: str, wanted: Wanted) -> None:
    assert PHASING.wanted(action, {"phases": [2, 6]}) == wanted
    assert PHASING.request(wanted, NONE) == wanted.request


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("stage", {"stage": "s9"}),
        ("stage", {"stage": ["s1"]}),
        ("stage", {}),
        ("hold", {"phases": []}),
        ("hold", {"phases": [2, 9]}),
        ("hold", {"phases": [2, 2]}),
        ("hold", {"phases": "26"}),
        ("hold", {"phases": {2: 6}}),
        ("lamps", {"lamps": "GG"}),
    ],
)
def test_what_no_controller_takes_is_refused(action: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(BadRequestData, match=r"unknown|must be"):
        PHASING.wanted(action, parameters)


def test_the_stage_that_shows_is_named() -> None:
    assert PHASING.stage([6, 2]) == "s1"
    assert PHASING.stage([2]) == ""


def test_bits_are_those_of_the_standard() -> None:
    # NTCIP 1202: bit 0 is phase 1; 0b00100010 are phases 2 and 6; the second group begins with phase 9.
    assert mask({2, 6}, 1) == 0b00100010
    assert (mask({9, 16}, 1), mask({9, 16}, 2)) == (0, 0b10000001)


@given(st.frozensets(st.integers(1, 16)))
def test_bits_are_read_as_they_are_written(named: frozenset[int]) -> None:
    assert phases([mask(named, 1), mask(named, 2)]) == named
