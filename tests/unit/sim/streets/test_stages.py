"""Stages are the greens of the programs, without two protected foes."""

from hypothesis import given
from hypothesis import strategies as st

from madang.sim.streets.network import Program
from madang.sim.streets.stages import is_stage, repair, stages

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
