"""Ids of things of the network are URIs without a fragment."""

import pytest

from madang.sim.streets.device import urn


@pytest.mark.parametrize(
    ("id", "wanted"),
    [
        ("360082", "urn:ngsi-ld:X:360082"),
        ("-10427692#1_0", "urn:ngsi-ld:X:-10427692.1_0"),
        ("Main Street/é", "urn:ngsi-ld:X:Main%20Street%2F%C3%A9"),
    ],
)
def test_an_id_is_a_uri(id: str, wanted: str) -> None:
    assert urn("X", id) == wanted
