"""The monitor counts what must never happen: each kind by hand, planted ones always, a bad controller for real."""

from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.sim.streets.foes import foes_of_network
from madang.sim.streets.monitor import ALL_RED, CONFLICT, MAX_RED, MIN_GREEN, WALK, YELLOW, Monitor

FOES = {"x": (frozenset({1}), frozenset({0}), frozenset())}
"""Links 0 and 1 cross; link 2 crosses nobody."""

CLEAN = [(10, "Grr"), (3, "yrr"), (2, "rrr"), (10, "rGr"), (3, "ryr"), (2, "rrr")]


def watched(sequence: list[tuple[int, str]], *, controlled: bool = True, halted: set[int] | None = None) -> Monitor:
    """A monitor that has seen the lamps, each for so many seconds."""
    monitor, at_s = Monitor(FOES), 0.0
    for seconds, lamps in sequence:
        for _ in range(seconds):
            monitor.step(at_s, {"x": lamps}, controlled=["x"] if controlled else [], halted={"x": halted or set()})
            at_s += 1.0
    return monitor


def kinds(monitor: Monitor) -> list[str]:
    return [finding.kind for finding in monitor.findings]


def test_a_clean_cycle_has_no_finding() -> None:
    monitor = watched(CLEAN * 3)
    assert (monitor.conflicts, monitor.guards_broken, monitor.findings) == (0, 0, [])


@pytest.mark.parametrize(
    ("kind", "sequence"),
    [
        (CONFLICT, [(10, "GGr")]),
        (CONFLICT, [(10, "Grr"), (3, "yrr"), (5, "yGr")]),
        (CONFLICT, [(10, "Ggr"), (10, "GGr")]),
        (MIN_GREEN, [(5, "rrr"), (6, "Grr"), (3, "yrr"), (5, "rrr")]),
        (MIN_GREEN, [(5, "rrr"), (6, "rrg"), (3, "rry"), (5, "rrr")]),
        (YELLOW, [(10, "Grr"), (2, "yrr"), (5, "rrr")]),
        (YELLOW, [(10, "Grr"), (5, "rrr")]),
        (ALL_RED, [(10, "Grr"), (3, "yrr"), (1, "rrr"), (10, "rGr")]),
        (ALL_RED, [(10, "Grr"), (3, "yrr"), (10, "rGr")]),
        (ALL_RED, [(10, "Grr"), (3, "yrr"), (10, "rgr")]),
        (ALL_RED, [(10, "Grr"), (10, "ygr")]),
        (ALL_RED, [(10, "Grr"), (10, "gGr")]),
    ],
)
def test_each_kind_is_caught(kind: str, sequence: list[tuple[int, str]]) -> None:
    assert kind in kinds(watched(sequence))


@pytest.mark.parametrize(
    "sequence",
    [
        [(10, "Ggr")],
        [(10, "grr"), (10, "gGr")],
        [(10, "Grr"), (3, "yrr"), (2, "rrr"), (10, "grr")],
        [(10, "Grr"), (10, "GrG"), (3, "yrG"), (2, "rrG"), (10, "rGG")],
        [(10, "Grr"), (3, "yrr"), (2, "grr"), (10, "gGr")],
    ],
    ids=["yields", "yielding foe stays", "starts permissive", "no foe", "cleared before the foe"],
)
def test_what_is_allowed_is_not_counted(sequence: list[tuple[int, str]]) -> None:
    assert kinds(watched(sequence)) == []


def test_red_with_somebody_waiting_is_counted_once_and_only_beyond_the_bound() -> None:
    assert kinds(watched([(121, "rGr")], halted={0})) == []
    assert kinds(watched([(300, "rGr")], halted={0})) == [MAX_RED]
    assert kinds(watched([(300, "rGr")], halted=set())) == []
    assert kinds(watched([(300, "rGr")], halted={1})) == []


def test_green_ends_a_call_and_so_does_withdrawal() -> None:
    monitor = watched([(100, "rGr"), (3, "ryr"), (2, "rrr"), (10, "Grr"), (3, "yrr"), (100, "rrr")], halted={0})
    assert kinds(monitor) == []
    monitor, at_s = Monitor(FOES), 0.0
    for second in range(400):
        # Somebody stands for 100 s, then nobody for 20 s.
        monitor.step(at_s + second, {"x": "rGr"}, controlled=["x"], halted={"x": {0} if second % 120 < 100 else set()})
    assert kinds(monitor) == []


def test_the_plans_own_breaches_are_counted_apart() -> None:
    monitor = watched([(10, "Grr"), (10, "GGr")], controlled=False)
    assert monitor.counts()["plan_findings"] == 1
    assert (monitor.conflicts, monitor.guards_broken) == (0, 0)


def test_a_service_answers_for_the_red_since_it_took_over() -> None:
    monitor = Monitor(FOES)
    for second in range(215):
        monitor.step(float(second), {"x": "rGr"}, controlled=["x"] if second >= 100 else [], halted={"x": {0}})
    assert monitor.findings == []
    for second in range(215, 230):
        monitor.step(float(second), {"x": "rGr"}, controlled=["x"], halted={"x": {0}})
    assert monitor.guards_broken == 1


@given(
    rounds=st.lists(st.tuples(st.integers(7, 40), st.integers(3, 6), st.integers(2, 6)), min_size=2, max_size=6),
    planted=st.integers(0, 10**6),
    fault=st.sampled_from([CONFLICT, MIN_GREEN, YELLOW, ALL_RED]),
)
def test_planted_faults_are_always_caught(rounds: list[tuple[int, int, int]], planted: int, fault: str) -> None:
    """Any clean sequence has no finding; the same one with a single fault in it has one of that kind."""
    place = planted % len(rounds)

    def sequence(faulty: bool) -> list[tuple[int, str]]:
        found = [(3, "rrr")]
        for number, (green_s, yellow_s, red_s) in enumerate(rounds):
            link, other = number % 2, 1 - number % 2
            lamps = {"g": _one(link, "G"), "y": _one(link, "y")}
            if faulty and number == place:
                green_s = 1 + planted % 6 if fault == MIN_GREEN else green_s
                yellow_s = planted % 3 if fault == YELLOW else yellow_s
                red_s = planted % 2 if fault == ALL_RED else red_s
                if fault == CONFLICT:
                    lamps["g"] = _one(link, "G", other)
            found += [(green_s, lamps["g"]), (yellow_s, lamps["y"]), (red_s, "rrr")]
        return [*found, (10, _one(len(rounds) % 2, "G"))]

    assert kinds(watched(sequence(faulty=False))) == []
    assert fault in kinds(watched(sequence(faulty=True)))


def _one(link: int, lamp: str, also: int | None = None) -> str:
    return "".join("G" if each == also else lamp if each == link else "r" for each in range(3))


def network(name: str) -> Path:
    return Path(str(distribution("sumo-rl").locate_file(f"sumo_rl/nets/RESCO/{name}/{name}.net.xml")))


def test_a_bad_controller_on_a_real_network_is_caught() -> None:
    """All lamps of cologne1 switched over without intergreen, then all protected green at once."""
    net = network("cologne1")
    monitor, ((signal, rows),) = Monitor.of_network(net), foes_of_network(net).items()
    a = next(link for link, row in enumerate(rows) if row)
    b = min(rows[a])
    for second in range(40):
        green = a if second % 20 < 10 else b
        lamps = "".join("G" if link == green else "r" for link in range(len(rows)))
        monitor.step(float(second), {signal: lamps}, controlled=[signal])
    assert monitor.counts()["broken"] == {CONFLICT: 0, MIN_GREEN: 0, YELLOW: 3, ALL_RED: 3, WALK: 0, MAX_RED: 0}
    monitor.step(40.0, {signal: "G" * len(rows)}, controlled=[signal])
    assert monitor.conflicts > 0


def test_a_walk_that_is_cut_is_found() -> None:
    """Link 0 is a crossing of 12 m: 10 s. Its foe starts 9 s after its green, then 10 s after."""
    for late_s, found in ((9, 1), (10, 0)):
        monitor = Monitor({"x": (frozenset({1}), frozenset({0}))}, crossings={"x": {0: 12.0}})
        shown = ["Gr"] * 10 + ["yr"] * 3 + ["rr"] * (late_s - 3) + ["rG"] * 10
        for second, lamps in enumerate(shown):
            monitor.step(float(second), {"x": lamps}, controlled=["x"])
        assert monitor.counts()["broken"][WALK] == found == monitor.guards_broken  # type: ignore[index]
