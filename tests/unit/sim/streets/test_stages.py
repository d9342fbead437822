"""Stages are the greens of the programs, without two protected foes."""

from hypothesis import given
from hypothesis import strategies as st

from madang.sim.streets.network import Program
from madang.sim.streets.stages import Stage, fill, is_stage, repair, shows_no_more, stages, with_added

NONE = (frozenset[int](), frozenset[int]())
CROSS = (frozenset({1}), frozenset({0}))


def program(*phases: tuple[str, float]) -> Program:
    return Program(signal="x", id="0", offset_s=0, phases=phases)


def test_yellow_and_dark_phases_are_no_stages() -> None:
    assert [is_stage(lamps) for lamps in ("Gr", "gr", "yr", "rr", "uG", "Gs")] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]


def test_every_stage_comes_once_in_order() -> None:
    found = stages([program(("Gr", 30), ("yr", 3), ("rG", 20), ("ry", 3)), program(("rG", 9), ("gr", 9))], CROSS, NONE)
    assert [(stage.id, stage.green) for stage in found] == [("s1", "Gr"), ("s2", "rG"), ("s3", "gr")]


def test_of_two_protected_foes_the_one_that_yields_becomes_permissive() -> None:
    assert repair("GG", CROSS, (frozenset({1}), frozenset())) == "gG"
    assert repair("GG", CROSS, (frozenset(), frozenset({0}))) == "Gg"
    assert repair("GG", CROSS, NONE) == "Gr"
    assert repair("GG", NONE, NONE) == "GG"


def test_permissive_movements_that_wait_for_each_other_in_a_circle_are_no_stage() -> None:
    # Four sides, right before left; 0 and 2 do not cross, nor do 1 and 3.
    foes = tuple(frozenset({(link + 1) % 4, (link + 3) % 4}) for link in range(4))
    circle = tuple(frozenset({(link + 1) % 4}) for link in range(4))
    assert repair("gggg", foes, circle) == "gggr"
    assert repair("gggg", foes, circle, first={3}) == "ggrg"
    priority = (NONE[0], frozenset({0, 2}), NONE[0], frozenset({0, 2}))
    assert repair("gggg", foes, priority) == "gggg"
    assert repair("gGgG", foes, circle) == "gGgG"


def test_of_a_circle_the_one_goes_who_crosses_most() -> None:
    """As where bicycles turn left across cars that turn right: the bicycles wait, the cars of a lane go together."""
    foes = (frozenset({2, 3}), frozenset({2}), frozenset({0, 1, 3}), frozenset({0, 2}))
    waits = (frozenset({2}), frozenset({2}), frozenset({3}), frozenset({0}))
    assert repair("gggg", foes, waits) == "ggrg"


@given(st.data())
def test_no_repaired_stage_has_two_protected_foes(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 8))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    foes = tuple(
        frozenset(b for b in range(size) if a != b and ((a, b) in pairs or (b, a) in pairs)) for a in range(size)
    )
    yields = tuple(frozenset(b for b in foes[a] if (a, b) in pairs) for a in range(size))
    lamps = data.draw(st.text("Ggrs", min_size=size, max_size=size))
    repaired = repair(lamps, foes, yields)
    assert not [a for a in range(size) for b in foes[a] if repaired[a] == repaired[b] == "G"]
    assert all(after in {before, "g", "r"} for before, after in zip(lamps, repaired, strict=True))


def test_what_crosses_nobody_is_added_to_a_stage() -> None:
    foes = (frozenset({1}), frozenset({0}), frozenset[int]())
    assert fill("Grr", foes) == "GrG"
    assert fill("grr", foes) == "GrG"
    assert fill("gGr", foes) == "gGG"


def test_each_approach_gets_a_stage_of_its_own_where_it_has_none() -> None:
    """Links 0 and 1 come from one edge, 2 and 3 from the other: 0 goes with 2, 1 with neither."""
    foes = (frozenset({3}), frozenset({2, 3}), frozenset({1}), frozenset({0, 1}))
    found = with_added([Stage(id="s1", green="GrGr")], [[frozenset({0}), frozenset({1})], [frozenset({2, 3})]], foes)
    assert [(stage.id, stage.green, stage.added) for stage in found] == [
        ("s1", "GrGr", False),
        ("s2", "GGrr", True),
        ("s3", "rrGG", True),
    ]


@given(st.data())
def test_no_added_stage_has_two_foes_at_green_or_shows_no_more_than_another(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 8))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    foes = tuple(
        frozenset(b for b in range(size) if a != b and ((a, b) in pairs or (b, a) in pairs)) for a in range(size)
    )
    cut = data.draw(st.integers(0, size))
    lanes = [[frozenset({link}) for link in part] for part in (range(cut), range(cut, size)) if part]
    known = [Stage(id="s1", green="G" + "r" * (size - 1))]
    for stage in with_added(known, lanes, foes)[1:]:
        assert not [a for a in range(size) for b in foes[a] if stage.green[a] in "Gg" and stage.green[b] in "Gg"]
        assert not shows_no_more(stage.green, known[0].green)


def test_whom_the_repair_leaves_at_red_everywhere_gets_a_stage_all_the_same() -> None:
    """All sides have green at once, right before left: 3 would never go, were it only left out."""
    foes = tuple(frozenset({(link + 1) % 4, (link + 3) % 4}) for link in range(4))
    circle = tuple(frozenset({(link + 1) % 4}) for link in range(4))
    assert [stage.green for stage in stages([program(("gggg", 90))], foes, circle)] == ["gggr", "ggrg"]
    assert [stage.green for stage in stages([program(("GG", 90))], CROSS, NONE)] == ["Gr", "rG"]


@given(st.data())
def test_every_movement_that_a_program_shows_green_is_green_in_a_stage(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 8))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    foes = tuple(
        frozenset(b for b in range(size) if a != b and ((a, b) in pairs or (b, a) in pairs)) for a in range(size)
    )
    yields = tuple(frozenset(b for b in foes[a] if (a, b) in pairs) for a in range(size))
    shown = data.draw(st.lists(st.text("Ggrs", min_size=size, max_size=size), min_size=1, max_size=3))
    found = stages([program(*((lamps, 30.0) for lamps in shown))], foes, yields)
    for link in range(size):
        served = any(lamps[link] in "Gg" for lamps in shown)
        assert served == any(stage.green[link] in "Gg" for stage in found)
