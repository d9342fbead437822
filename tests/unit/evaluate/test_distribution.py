"""Who pays for a gain: by approach and by way, paired by seed and by vehicle."""

from madang.evaluate.distribution import approaches, journeys
from madang.model.recording import Delayed, Recording


def recording(*found: Delayed) -> Recording:
    return Recording(approaches=found, journeys={}, emissions=(), streets={}, names={}, diagram=None)


def delayed(edge: str, vehicles: int, total_s: float, *, signal: str = "x", longest_s: float = 9.0) -> Delayed:
    return Delayed(signal, edge, f"from {edge}", vehicles, total_s, 5.0, longest_s)


def test_an_approach_is_a_mean_of_its_vehicles_and_the_worst_is_first() -> None:
    one = (recording(delayed("a", 10, 100), delayed("b", 4, 8)), recording(delayed("a", 20, 100), delayed("b", 4, 40)))
    other = (recording(delayed("a", 10, 120), delayed("b", 4, 8)), recording(delayed("a", 10, 70), delayed("b", 2, 20)))
    found = approaches([one, other])
    assert [(each.edge, each.before.mean, each.after.mean, each.change.mean) for each in found] == [
        ("b", 2, 10, 8),
        ("a", 11, 6, -5),
    ]
    assert found[1].change.values == (-5, -5)
    assert found[1].vehicles == 15


def test_who_meets_no_signal_and_what_one_run_lacks_is_no_row() -> None:
    some = recording(delayed("", 10, 100, signal=""), delayed("a", 1, 1), delayed("b", 1, 1))
    assert [each.edge for each in approaches([(some, recording(delayed("a", 1, 3)))])] == ["a"]
    assert approaches([]) == ()


def test_a_way_counts_its_losers_by_vehicle() -> None:
    ways = {"v1": ("north", "south"), "v2": ("north", "south"), "v3": ("west", "east"), "v4": ("", "east")}
    before = {"v1": 10.0, "v2": 100.0, "v3": 5.0, "v4": 1.0}
    after = {"v1": 40.0, "v2": 20.0, "v3": 14.0, "v4": 90.0}
    west, north = journeys([(before, after)], [ways])
    assert (west.start, west.change.mean, west.losers) == ("west", 9, 0), "9 s are not felt"
    assert (north.vehicles, north.change.mean, north.losers) == (2, -25, 1)
    assert (north.mean_loss_s, north.longest_loss_s) == (30, 30)
