"""A layout becomes a junction: stages, queues, intergreens; what is malformed is said."""

from typing import Any

import pytest

from madang.services.signals.junction import Junction, LayoutInvalid, compiled
from madang.services.signals.settings import Settings

from .conftest import LAYOUT

SETTINGS = Settings()


def junction(**changes: Any) -> Junction:
    return compiled("x", {**LAYOUT, **changes}, SETTINGS)


def test_stages_know_what_they_open_and_to_whom_they_yield() -> None:
    ns = junction().stage("ns")
    assert ns is not None
    assert (ns.open, ns.protected, ns.queues) == ({0, 1, 2}, {0, 2}, ("north_0", "south_0"))
    assert ns.rivals == {1: ("south_0",)}
    assert ns.conflict is None
    assert junction().stage("nowhere") is None


def test_intergreens_are_full_only_between_foes() -> None:
    found = junction()
    ns, left, west = (found.number[id] for id in ("ns", "left", "w"))
    assert found.ways[ns][west].length_s == 5.0
    # The left turn loses its protection to the oncoming that gets it: it ends, and comes again yielding.
    assert (found.ways[left][ns].length_s, found.ways[left][ns].ending) == (5.0, {1})
    assert found.ways[ns][left].length_s == 5.0  # the left turn becomes protected against the oncoming that ends
    assert found.ways[ns][ns].length_s == 0.0


def test_a_stage_with_a_conflict_serves_nobodys_maximum_red() -> None:
    found = junction(stages=[*LAYOUT["stages"], {"id": "bad", "green": "GrrG"}])
    assert found.stages_of[3] == (2,)
    bad = found.stage("bad")
    assert bad is not None
    assert bad.conflict == (0, 3)


def test_a_changed_layout_is_compiled_anew() -> None:
    assert junction() is junction()
    assert len(junction(stages=LAYOUT["stages"][:2]).stages) == 2
    assert len(junction().stages) == 3


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stages": []}, "no stages"),
        ({"stages": [{"id": "a", "green": "GG"}]}, "one place for each link"),
        ({"foes": [[]]}, "one place for each link"),
        ({"foes": [[9], [], [], []]}, "a foe is not in 0..3"),
        ({"links": [{"index": 7, "from_lane": "a", "to_lane": "b"}]}, r"not in 0\.\.3"),
        ({"links": "none"}, "array"),
    ],
)
def test_a_malformed_layout_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(LayoutInvalid, match=why):
        junction(**changes)
