"""The world's end of the line: never waits for the hub, finds it again, and loses nothing that matters."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madang.clock import monotonic_s
from madang.model.entity import Entity, observed
from madang.model.frames import Frames, encode
from madang.model.world import Answer, Hello, Message, Orders, Tick
from madang.sim.streets.uplink import WINDOW, Uplink

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


class Hub:
    """The other end, in this thread: accepts, greets, reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.line: socket.socket | None = None
        self.frames = Frames()

    def greet(self, at: datetime = AT) -> None:
        """Accept the next world, beside this thread."""

        def accept() -> None:
            self.line, _ = self.listener.accept()
            self.frames = Frames()
            self.line.sendall(encode(Orders(at=at)))

        threading.Thread(target=accept, daemon=True).start()

    def send(self, message: Message) -> None:
        assert self.line is not None
        self.line.sendall(encode(message))

    def heard(self) -> list[Message]:
        """Whatever lies in the line now."""
        assert self.line is not None
        messages: list[Message] = []
        self.line.settimeout(0.1)
        try:
            while data := self.line.recv(2**20):
                messages += self.frames.feed(data)
        except TimeoutError:
            pass
        return messages

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
        self.listener.close()
        self.path.unlink(missing_ok=True)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path / "s")
    yield made
    made.close()


def hello(at: datetime | None) -> Hello:
    return Hello(scenario="x", scenario_hash="", seed=1, at=at or AT, speed=1.0, entities=(), streets={})


def signal(stage: str) -> Entity:
    return observed("urn:ngsi-ld:TrafficSignal:1", "TrafficSignal", AT, {"stage": stage})


def tick(second: int, *, answers: tuple[str, ...] = (), gone: tuple[str, ...] = ()) -> Tick:
    answered = tuple(Answer(decision=decision, target="t") for decision in answers)
    return Tick(at=AT + timedelta(seconds=second), entities=(signal(f"s{second}"),), answers=answered, gone=gone)


def connect(uplink: Uplink, hub: Hub) -> None:
    hub.greet()
    until_s = monotonic_s() + 5
    while not uplink.connected and monotonic_s() < until_s:
        uplink.hear(monotonic_s() + 0.05)
    assert [type(message) for message in hub.heard()] == [Hello]


def test_without_a_hub_the_world_goes_on(tmp_path: Path) -> None:
    uplink = Uplink(tmp_path / "none", hello)
    started_s = monotonic_s()
    for second in range(100):
        uplink.tell(tick(second))
    assert uplink.hear(0.0) == [] and not uplink.connected
    assert monotonic_s() - started_s < 5


def test_the_introduction_is_given_the_greetings_time(hub: Hub) -> None:
    given: list[datetime | None] = []

    def introduce(at: datetime | None) -> Hello:
        given.append(at)
        return hello(at)

    uplink = Uplink(hub.path, introduce)
    connect(uplink, hub)
    assert given == [AT]
    uplink.close()


def test_orders_are_heard_and_an_awaited_answer_ends_the_wait(hub: Hub) -> None:
    uplink = Uplink(hub.path, hello)
    connect(uplink, hub)
    uplink.tell(tick(1))
    hub.send(Orders(at=AT + timedelta(seconds=1), leased=("t",)))
    [orders] = uplink.hear(monotonic_s() + 60, awaited=AT + timedelta(seconds=1))
    assert orders.leased == ("t",)
    uplink.close()


def test_a_hub_that_lags_gets_the_newest_and_misses_no_answer(hub: Hub) -> None:
    uplink = Uplink(hub.path, hello)
    connect(uplink, hub)
    for second in range(1, 20):
        uplink.tell(tick(second, answers=(f"d{second}",), gone=(f"bus{second}",)))
    early = hub.heard()
    # The introduction is unanswered, too.
    assert len(early) == WINDOW - 1
    hub.send(Orders(at=AT + timedelta(seconds=WINDOW)))
    uplink.hear(monotonic_s() + 0.1)
    uplink.tell(tick(20))
    [late] = hub.heard()
    assert isinstance(late, Tick) and late.entities == (signal("s20"),)
    ticks = [message for message in [*early, late] if isinstance(message, Tick)]
    assert [answer.decision for tick in ticks for answer in tick.answers] == [f"d{n}" for n in range(1, 20)]
    assert [id for tick in ticks for id in tick.gone] == [f"bus{n}" for n in range(1, 20)]
    uplink.close()


def test_a_hub_that_comes_back_is_introduced_again_and_told_who_left(hub: Hub) -> None:
    uplink = Uplink(hub.path, hello)
    connect(uplink, hub)
    assert hub.line is not None
    hub.line.close()
    uplink.hear(monotonic_s() + 0.1)
    assert not uplink.connected
    hub.greet()
    uplink.tell(tick(1, answers=("old",), gone=("bus1",)))
    assert [type(message) for message in hub.heard()] == [Hello]
    uplink.tell(tick(2))
    [told] = hub.heard()
    assert isinstance(told, Tick)
    assert (told.answers, told.gone) == ((), ("bus1",))
    uplink.close()


def test_nonsense_from_the_hub_is_hung_up_on(hub: Hub) -> None:
    uplink = Uplink(hub.path, hello)
    connect(uplink, hub)
    assert hub.line is not None
    hub.line.sendall(b"\xff" * 100)
    assert uplink.hear(monotonic_s() + 0.1) == []
    assert not uplink.connected
    uplink.close()
