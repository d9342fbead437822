"""The course of measures never does what it must not, whatever the air does."""

from hypothesis import given
from hypothesis import strategies as st

from madang.services.air.level import Course, step, wanted
from madang.services.air.settings import Settings

SETTINGS = Settings(longest_s=3600.0, rest_s=1200.0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 4)), min_size=10, max_size=400))
def test_steps_are_single_apart_and_never_for_too_long(shares: list[float | None]) -> None:
    course, changed_s, began_s, ended_s = Course(), -1e9, 0.0, -1e9
    for tick, share in enumerate(shares):
        at_s = 1e6 + 60.0 * tick
        after, rule = step(course, share, at_s, SETTINGS)
        assert abs(after.level - course.level) <= 1 and bool(rule) == (after.level != course.level)
        if rule:
            assert course.level == 0 or at_s - changed_s >= SETTINGS.step_s
            changed_s = at_s
            if course.level == 0:
                began_s = at_s
                assert share is not None and share > SETTINGS.measures[0].from_share
                assert rule == "limit-in-danger" and at_s >= ended_s
            if rule == "longest-time" and after.level == 0:
                ended_s = at_s + SETTINGS.rest_s
        if after.level:
            # One step down every step_s from the longest time on.
            assert at_s - began_s < SETTINGS.longest_s + SETTINGS.step_s * len(SETTINGS.measures)
        course = after


def test_hysteresis() -> None:
    assert [wanted(share, 0, SETTINGS) for share in (0.95, 1.0, 1.01, 1.25, 2.0)] == [0, 0, 1, 2, 3]
    assert [wanted(share, 1, SETTINGS) for share in (0.85, 0.91, 1.15)] == [0, 1, 1]
    assert [wanted(share, 3, SETTINGS) for share in (1.3, 1.4)] == [2, 3]


def test_fewer_measures_than_remembered_are_no_failure() -> None:
    few = Settings(measures=SETTINGS.measures[:1])
    after, _ = step(Course(level=3, since_s=0, changed_s=0), 9.0, 100.0, few)
    assert after.level == 1
