"""The plan is bound to the time of day."""

from hypothesis import given
from hypothesis import strategies as st

from madang.sim.streets.network import Program
from madang.sim.streets.plan import phase_at

PLAN = Program(signal="x", id="0", offset_s=10, phases=(("Gr", 40), ("yr", 3), ("rG", 44), ("ry", 3)))


def test_the_cycle_starts_at_its_offset() -> None:
    assert phase_at(PLAN, 10).lamps == "Gr"
    assert phase_at(PLAN, 49).lamps == "Gr"
    assert phase_at(PLAN, 50).lamps == "yr"
    assert phase_at(PLAN, 53).lamps == "rG"
    assert phase_at(PLAN, 9).lamps == "ry"


@given(st.integers(0, 10**6))
def test_every_second_lies_in_its_phase_and_the_cycle_repeats(second: int) -> None:
    phase = phase_at(PLAN, second)
    assert phase.begin_s <= second < phase.end_s
    assert phase_at(PLAN, second + 90).lamps == phase.lamps
    assert phase_at(PLAN, phase.end_s).lamps != phase.lamps
