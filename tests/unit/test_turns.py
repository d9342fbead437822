"""What many ask for at once is made for all of them, and never before it was asked for."""

import asyncio

import pytest

from madang import turns
from madang.turns import Quantum, Slices, Turns


class Bakery:
    """Makes numbered loaves; each takes a moment."""

    def __init__(self) -> None:
        self.turns: Turns[int] = Turns()
        self.begun = 0
        self.fails = False

    async def bake(self) -> int:
        self.begun += 1
        number = self.begun
        await asyncio.sleep(0.01)
        if self.fails:
            raise ValueError("burnt")
        return number

    async def ask(self, key: str = "bread") -> int:
        return await self.turns.share(key, self.bake)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE_S", 0.1)


async def test_a_crowd_shares_one() -> None:
    bakery = Bakery()
    assert set(await asyncio.gather(*(bakery.ask() for _ in range(100)))) == {1}


async def test_who_comes_while_one_is_made_shares_the_next() -> None:
    bakery = Bakery()
    first = asyncio.create_task(bakery.ask())
    await asyncio.sleep(0.005)
    later = [asyncio.create_task(bakery.ask()) for _ in range(50)]
    assert await first == 1
    assert set(await asyncio.gather(*later)) == {2}


async def test_nothing_is_older_than_its_question() -> None:
    bakery = Bakery()
    for n in range(1, 6):
        assert await bakery.ask() == n
    await asyncio.gather(*(bakery.ask() for _ in range(20)))
    assert await bakery.ask() == 7


async def test_after_a_crowd_there_is_a_rest_and_nobody_is_forgotten() -> None:
    bakery = Bakery()
    await asyncio.gather(*(bakery.ask() for _ in range(20)))
    begun = asyncio.get_running_loop().time()
    await bakery.ask()
    assert asyncio.get_running_loop().time() - begun >= 0.05
    await asyncio.sleep(0.3)
    assert not any((bakery.turns._next, bakery.turns._running, bakery.turns._rested))  # pyright: ignore[reportPrivateUsage]


async def test_each_key_has_its_own() -> None:
    bakery = Bakery()
    assert sorted(await asyncio.gather(bakery.ask("a"), bakery.ask("b"))) == [1, 2]


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    bakery = Bakery()
    bakery.fails = True
    told = await asyncio.gather(*(bakery.ask() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, ValueError) for one in told)
    bakery.fails = False
    assert await bakery.ask() == 2


async def test_one_who_leaves_takes_it_from_nobody() -> None:
    bakery = Bakery()
    leaving, staying = asyncio.create_task(bakery.ask()), asyncio.create_task(bakery.ask())
    await asyncio.sleep(0.002)
    leaving.cancel()
    assert await staying == 1


async def test_a_crowd_passes_in_slices_in_the_order_of_coming() -> None:
    slices, passed = Slices(4, 0.002), list[int]()

    async def enter(number: int) -> None:
        await slices.enter()
        passed.append(number)

    crowd = [asyncio.create_task(enter(n)) for n in range(40)]
    crowd[30].cancel()
    most = 0
    async with asyncio.timeout(5):
        while len(passed) < 39:
            before = len(passed)
            await asyncio.sleep(0)
            most = max(most, len(passed) - before)
    assert passed == [n for n in range(40) if n != 30]
    assert most <= 4


async def test_long_work_lets_others_work() -> None:
    done, quantum, others = False, Quantum(), 0

    async def other() -> None:
        nonlocal others
        while not done:
            others += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    loop = asyncio.get_running_loop()
    until = loop.time() + 20 * turns.QUANTUM_S
    while loop.time() < until:
        await quantum.rest()
    done = True
    await beside
    assert others > 5
