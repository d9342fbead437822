"""Whatever is asked of the simulated phase controller, by whomever, its phases never conflict; and what the adapter
asks for comes by the controller's own rules."""

import asyncio
import itertools
import json
from collections.abc import Iterable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.act.ntcip import BACKUP_TIME, HOLD, NtcipController
from madang.act.snmp import Agent, AgentRefused
from madang.errors import Unavailable
from madang.model.field import Junction, Speaks, Version
from madang.model.world import Order

from .controllers import starting
from .controllers.rings import MIN_GREEN_S, RED_S, YELLOW_S, Controller

TOGETHER = {frozenset(pair) for side in (((1, 2), (5, 6)), ((3, 4), (7, 8))) for pair in itertools.product(*side)}
"""Phases that may be green together, written out once more: the check is not to inherit a mistake of the rules."""
STAGES = {"s1": (2, 6), "s2": (4, 8), "s3": (1, 5), "s4": (3, 7), "s5": (1, 6), "s6": (4,)}
JUNCTION = Junction(speaks=Speaks.NTCIP, host="127.0.0.1", stages=STAGES, links=(2, 2, 4, 0))
TICK_S = 0.5
LOOSE_S = 0.8
"""What a second of a process on a busy machine may miss, of the signals' time at ten times the wall's."""


def conflicts(open_phases: Iterable[int]) -> list[frozenset[int]]:
    """Pairs that show green or yellow together and may not."""
    pairs = (frozenset(pair) for pair in itertools.combinations(sorted(open_phases), 2))
    return [pair for pair in pairs if pair not in TOGETHER]


class Watch:
    """Looks at greens and yellows as they come, and notes what must not be."""

    def __init__(self, *, loose_s: float = 0.01) -> None:
        self.wrong: list[str] = []
        self._loose_s = loose_s
        self._green: dict[int, float] = {}
        self._yellow: dict[int, float] = {}
        self._closed: dict[int, float] = {}

    def see(self, at_s: float, greens: Iterable[int], yellows: Iterable[int]) -> None:
        green, yellow = set(greens), set(yellows)
        self.wrong += [f"{at_s}: {sorted(pair)} conflict" for pair in conflicts(green | yellow)]
        for phase in set(self._green) - green:
            self._least(at_s - self._green.pop(phase), MIN_GREEN_S, f"{at_s}: green of {phase}")
            if phase not in yellow:
                self.wrong.append(f"{at_s}: {phase} ended without yellow")
        for phase in set(self._yellow) - yellow:
            self._least(at_s - self._yellow.pop(phase), YELLOW_S, f"{at_s}: yellow of {phase}")
            self._closed[phase] = at_s
        for phase in green - set(self._green):
            for other, closed_s in self._closed.items():
                if other != phase and frozenset((phase, other)) not in TOGETHER:
                    self._least(at_s - closed_s, RED_S, f"{at_s}: red from {other} to {phase}")
            self._green[phase] = at_s
        for phase in yellow - set(self._yellow):
            self._yellow[phase] = at_s

    def _least(self, shown_s: float, least_s: float, what: str) -> None:
        if shown_s < least_s - self._loose_s:
            self.wrong.append(f"{what} for {shown_s:.2f} s")


phases = st.frozensets(st.integers(1, 8))
words = st.lists(
    st.tuples(st.sampled_from(["hold", "force_off", "call", "omit", "silence"]), phases, st.integers(1, 40)),
    min_size=1,
    max_size=40,
)


@given(words=words, backup_s=st.sampled_from([0, 2, 5]))
@settings(max_examples=300, deadline=None)
def test_random_controls_never_make_the_rules_show_a_conflict(
    words: list[tuple[str, frozenset[int], int]], backup_s: int
) -> None:
    controller, watch, now_s = Controller(), Watch(), 0.0
    controller.backup_s = backup_s
    watch.see(-MIN_GREEN_S, controller.showing("green"), ())
    for control, named, ticks in words:
        if control != "silence":
            setattr(controller, control, named)
            controller.heard()
        for _ in range(ticks):
            controller.step(TICK_S)
            now_s += TICK_S
            watch.see(now_s, controller.showing("green"), controller.showing("yellow"))
    assert not watch.wrong


def test_the_watch_sees_what_is_wrong() -> None:
    watch = Watch()
    watch.see(0, {2, 4}, ())
    watch.see(2, {4}, ())
    watch.see(3, {4, 1}, ())
    assert [text.partition(": ")[2] for text in watch.wrong] == [
        "[2, 4] conflict",
        "green of 2 for 2.00 s",
        "2 ended without yellow",
        "[1, 4] conflict",
    ]


def test_alone_it_serves_every_phase() -> None:
    controller, seen = Controller(), set[int]()
    for _ in range(400):
        controller.step(TICK_S)
        seen |= controller.showing("green")
    assert seen == set(range(1, 9))


@asynccontextmanager
async def agent(*more: str, version: Version = Version.V1, community: str = "city"):
    port = starting.port()
    async with starting.start("agent.py", str(port), *more) as process:
        line = Agent("127.0.0.1", port, community=community, version=version)
        yield process, line, NtcipController(line, JUNCTION, lease_s=5)
        line.close()


def order(action: str, **parameters: object) -> Order:
    return Order(decision="d", target="t", action=action, parameters=parameters)


async def reached(controller: NtcipController, stage: str) -> None:
    """Renewed until the stage shows."""
    async with asyncio.timeout(20):
        while (await controller.read()).stage != stage:
            await controller.renew()
            await asyncio.sleep(0.1)


def looked_at(lines: Iterable[str]) -> Watch:
    """What an agent's lines tell."""
    watch = Watch(loose_s=LOOSE_S)
    for number, line in enumerate(line for line in lines if line.startswith("[")):
        at_s, greens, yellows, _ = json.loads(line)
        # The first green began before anybody looked.
        watch.see(at_s if number else at_s - MIN_GREEN_S, greens, yellows)
    return watch


@pytest.mark.parametrize("version", list(Version))
async def test_a_stage_is_asked_for_and_comes_by_the_controllers_own_rules(version: Version) -> None:
    async with agent("--speed", "10", version=version) as (process, _, controller):
        for stage in ("s2", "s3", "s1", "s5", "s4"):
            assert await controller.order(order("stage", stage=stage)) is None
            await reached(controller, stage)
            reading = await controller.read()
            assert (reading.control, reading.stage) == ("service", stage)
        assert not looked_at(process.lines).wrong


async def test_lamps_are_read_back_by_link() -> None:
    async with agent("--speed", "10") as (_, _, controller):
        assert await controller.order(order("stage", stage="s2")) is None
        await reached(controller, "s2")
        reading = await controller.read()
        assert reading.lamps == "rrGr"
        assert [time is None for time in reading.green_since] == [True, True, False, True]


async def test_hold_keeps_a_phase_and_force_off_ends_it() -> None:
    async with agent("--speed", "10") as (process, _, controller):
        assert await controller.order(order("stage", stage="s1")) is None
        await reached(controller, "s1")
        assert await controller.order(order("hold", phases=[2, 6])) is None
        for _ in range(10):
            await controller.renew()
            await asyncio.sleep(0.5)
        # 50 s of the signals: far beyond its split and its maximum.
        assert (await controller.read()).stage == "s1"
        assert await controller.order(order("call", phases=[4, 8])) is None
        assert await controller.order(order("force_off", phases=[2, 6])) is None
        said = len(process.lines)
        await process.until("[2, 6]", after=said - 1)
        assert not looked_at(process.lines).wrong


async def test_the_lease_is_the_controllers_own_back_up_time() -> None:
    async with agent("--speed", "10", "--backup", "60") as (process, line, controller):
        assert await controller.order(order("stage", stage="s1")) is None
        assert await line.get([BACKUP_TIME]) == [5]
        await process.until("true")
        assert (await controller.read()).control == "service"
        await process.until("false", after=next(n for n, text in enumerate(process.lines) if "true" in text))
        reading = await controller.read()
        assert (reading.control, "back-up time" in reading.reason) == ("plan", True)
        assert await line.get([(*HOLD, 1)]) == [0]


@pytest.mark.parametrize("backup", ["0", "60"])
async def test_no_order_goes_to_a_controller_that_would_keep_it(backup: str) -> None:
    async with agent("--backup", backup, "--locked") as (_, line, controller):
        with pytest.raises(AgentRefused, match=r"refuses 1\.3\.6\.1\.4\.1\.1206\.4\.2\.1\.3\.3\.0"):
            await controller.order(order("stage", stage="s1"))
        assert await line.get([(*HOLD, 1)]) == [0]


@pytest.mark.parametrize("more", [(), ("--locked",)])
async def test_a_controller_that_was_off_for_a_moment_is_leased_again_before_it_is_told_anything(
    more: tuple[str, ...],
) -> None:
    """It comes back without a back-up time, between two looks at it, and would keep a hold for ever."""
    port = starting.port()
    line = Agent("127.0.0.1", port, community="city", version=Version.V1)
    controller = NtcipController(line, JUNCTION, lease_s=5)
    async with starting.start("agent.py", str(port)):
        assert await controller.order(order("stage", stage="s1")) is None
    async with starting.start("agent.py", str(port), *more):
        if more:
            with pytest.raises(AgentRefused):
                await controller.renew()
        else:
            await controller.renew()
        hold, backup_s = await line.get([(*HOLD, 1), BACKUP_TIME])
        assert (hold != 0, backup_s) == ((False, 0) if more else (True, 5))
    line.close()


async def test_a_short_back_up_time_is_left_as_it_is() -> None:
    async with agent("--backup", "3", "--locked") as (_, line, controller):
        assert await controller.order(order("stage", stage="s1")) is None
        assert await line.get([BACKUP_TIME]) == [3]


async def test_a_community_that_may_only_read_is_refused_and_says_so() -> None:
    async with agent(community="public") as (_, _, controller):
        assert (await controller.read()).control == "plan"
        with pytest.raises(AgentRefused):
            await controller.order(order("stage", stage="s1"))


async def test_a_community_that_is_wrong_is_silence() -> None:
    async with agent(community="wrong") as (_, _, controller):
        with pytest.raises(Unavailable, match="community"):
            await controller.read()


async def test_random_orders_over_snmp_never_show_a_conflict() -> None:
    """The adapter at its busiest: an order in each tenth of a second, of every kind."""
    asked = itertools.cycle(
        [order("stage", stage=stage) for stage in STAGES]
        + [order("force_off", phases=[1, 4, 6]), order("hold", phases=[1, 2, 3, 4]), order("call", phases=[1, 8])]
        + [order("release"), order("stage", stage="s3"), order("hold", phases=[5]), order("force_off", phases=[5])]
    )
    async with agent("--speed", "10") as (process, _, controller):
        for number in range(60):
            await controller.order(next(asked))
            # Stages need a while: now and then there is one.
            await asyncio.sleep(0.05 if number % 9 else 1)
        assert len(process.lines) > 10
        assert not looked_at(process.lines).wrong
