"""The cabinet's memory of its lamps: minimum green and an earlier change's all-red."""

from madang.sim.streets.intergreen import transition
from madang.sim.streets.lamps import Lamps

CROSS = (frozenset({1}), frozenset({0}), frozenset[int]())


def test_a_link_is_green_from_its_first_to_its_last_green() -> None:
    lamps = Lamps("grr", 100)
    lamps.show("Grr", 110)
    assert (lamps.green_since_s[0], lamps.red_since_s[1]) == (40, 100)
    lamps.show("yrr", 120)
    assert (lamps.green_since_s[0], lamps.red_since_s[0]) == (None, None)
    lamps.show("rGr", 125)
    assert (lamps.red_since_s[0], lamps.green_since_s[1]) == (125, 125)


def test_what_ends_must_have_had_its_minimum() -> None:
    lamps = Lamps("rrr", 0)
    lamps.show("Grr", 10)
    way = transition("Grr", "rGr", CROSS)
    assert [lamps.green_left_s(way, now_s, 7) for now_s in (10, 16, 17, 90)] == [7, 1, 0, 0]


def test_what_starts_waits_for_the_all_red_of_an_earlier_change() -> None:
    lamps = Lamps("GrG", 0)
    lamps.show("yrG", 20)
    lamps.show("rrG", 23)
    way = transition("rrG", "rGG", CROSS)
    assert [lamps.all_red_left_s(way, CROSS, now_s) for now_s in (23, 24, 25)] == [2, 1, 0]


def test_what_becomes_permissive_has_to_be_clear_before_a_foe_is_protected() -> None:
    lamps = Lamps("Grr", 0)
    lamps.show("grr", 20)
    way = transition("grr", "gGr", CROSS)
    assert [lamps.all_red_left_s(way, CROSS, now_s) for now_s in (20, 22)] == [2, 0]


def test_a_foe_that_was_cleared_long_ago_is_no_reason_to_wait() -> None:
    assert Lamps("rrr", 0).all_red_left_s(transition("rrr", "Grr", CROSS), CROSS, 0) == 0


def test_a_walk_that_ended_before_keeps_its_foes_waiting() -> None:
    """The walk of link 0 (11 s) ends by a change of its own at 20 s; its foe may start at 31 s."""
    lamps = Lamps("GrG", 0)
    lamps.show("yrG", 20)
    lamps.show("rrG", 23)
    way = transition("rrG", "rGG", CROSS)
    assert [lamps.all_red_left_s(way, CROSS, now_s, (11.0, 0.0, 0.0)) for now_s in (25, 30, 31)] == [6, 1, 0]
    assert lamps.all_red_left_s(way, CROSS, 25) == 0
