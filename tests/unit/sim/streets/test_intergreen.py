"""Between two stages the lamps go the safe way, and no longer than they need."""

from madang.sim.streets.intergreen import clearance_s, transition

CROSS = (frozenset({1}), frozenset({0}), frozenset[int]())
"""Links 0 and 1 cross; link 2 crosses nobody."""


def test_a_conflicting_change_takes_yellow_and_all_red() -> None:
    way = transition("Grr", "rGr", CROSS)
    assert way.steps == ((0.0, "yrr"), (3.0, "rrr"), (5.0, "rGr"))
    assert (way.ending, way.length_s) == (frozenset({0}), 5.0)


def test_links_in_both_stages_stay_green_and_others_need_not_wait() -> None:
    assert transition("GrG", "rGG", CROSS).steps == ((0.0, "yrG"), (3.0, "rrG"), (5.0, "rGG"))
    assert transition("Grr", "rGG", CROSS).steps == ((0.0, "yrG"), (3.0, "rrG"), (5.0, "rGG"))
    assert transition("Grr", "GrG", CROSS).steps == ((0.0, "GrG"),)


def test_a_green_that_only_ends_takes_its_yellow() -> None:
    assert transition("GrG", "Grr", CROSS).steps == ((0.0, "Gry"), (3.0, "Grr"))


def test_a_protected_green_is_cleared_before_its_foe_becomes_protected() -> None:
    way = transition("Gg-".replace("-", "r"), "gGr", CROSS)
    assert way.steps == ((0.0, "ygr"), (3.0, "rgr"), (5.0, "gGr"))


def test_a_protected_green_becomes_permissive_at_once_where_no_foe_starts() -> None:
    assert transition("Grr", "grr", CROSS).steps == ((0.0, "grr"),)


def test_the_same_lamps_need_no_change() -> None:
    assert transition("GrG", "GrG", CROSS).length_s == 0.0


def test_a_right_turn_arrow_comes_with_its_stage() -> None:
    assert transition("Grr", "rGs", CROSS).steps == ((0.0, "yrr"), (3.0, "rrr"), (5.0, "rGs"))
    assert transition("rGs", "rGr", CROSS).steps == ((0.0, "rGr"),)


def test_who_walks_gets_the_time_to_cross_before_a_foe_starts() -> None:
    """Link 0 is a crossing of 13 m: 11 s at 1.2 m/s from the end of its green."""
    clear_s = (clearance_s(13.0), 0.0, 0.0)
    assert clear_s[0] == 11.0
    assert transition("Grr", "rGr", CROSS, clear_s).steps == ((0.0, "yrr"), (3.0, "rrr"), (11.0, "rGr"))
    assert transition("rGr", "Grr", CROSS, clear_s).length_s == 5.0
    assert transition("GrG", "rrG", CROSS, clear_s).length_s == 3.0
    assert (clearance_s(0.0), clearance_s(3.0)) == (0.0, 3.0)
    assert transition("Grr", "rGr", CROSS, (3.0, 0.0, 0.0)).length_s == 5.0
