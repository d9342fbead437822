"""The world's end of the line to the hub: connects and reconnects for ever, never lets the world wait for the hub."""

import contextlib
import logging
import select
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from madang.clock import monotonic_s
from madang.errors import MadangError
from madang.model.entity import Entity
from madang.model.frames import Frames, encode
from madang.model.world import Answer, Hello, Message, Orders, Tick

log = logging.getLogger(__name__)

RETRY_S = 0.25
GREETING_S = 1.0
"""A hub that does not greet for so long is spoken to all the same."""
LARGEST_GONE = 100_000
"""Ids of entities that left, kept while no hub is on the line."""
WINDOW = 4
"""Messages that the hub may leave unanswered before the world stops telling it more..."""
PATIENCE_S = 1.0
"""...but for one message in this many wall seconds, so that a hub that lost an answer is heard again."""


class Uplink:
    """The hub greets with empty Orders that say the city's time; `hello` is given that time and makes the introduction,
    which is sent first on every new connection. Waiting times are wall seconds."""

    def __init__(self, path: Path, hello: Callable[[datetime | None], Hello]) -> None:
        self._path = path
        self._hello = hello
        self._socket: socket.socket | None = None
        self._frames = Frames()
        self._out = bytearray()
        self._tried_s = -RETRY_S
        self._sent_s = 0.0
        self._unanswered: list[datetime] = []
        self._answers: list[Answer] = []
        self._entities: dict[str, Entity] = {}
        self._gone: dict[str, None] = {}
        self._heard: list[Orders] = []

    @property
    def connected(self) -> bool:
        """Whether a hub is on the line."""
        return self._socket is not None

    def tell(self, tick: Tick) -> None:
        """Send a tick if the hub keeps up; what it says is kept for the next one where it does not."""
        self._keep(tick)
        if self._connect():
            return  # The introduction may have moved the world's time on: the next tick is the first of the new line.
        behind = len(self._unanswered) >= WINDOW and monotonic_s() - self._sent_s < PATIENCE_S
        if self._socket is None or behind or self._out:
            return
        told = Tick(
            at=tick.at, entities=tuple(self._entities.values()), answers=tuple(self._answers), gone=tuple(self._gone)
        )
        self._forget()
        self._gone.clear()
        self._send(told)

    def _keep(self, tick: Tick) -> None:
        if self._socket is None:
            self._forget()
        self._entities.update((entity.id, entity) for entity in tick.entities)
        self._answers += tick.answers
        for id in tick.gone[: LARGEST_GONE - len(self._gone)]:
            self._entities.pop(id, None)
            self._gone[id] = None

    def _forget(self) -> None:
        self._entities.clear()
        self._answers.clear()

    def introduce(self) -> None:
        """The world is another one now (a new day): say hello again."""
        if self._socket is not None:
            self._send(self._hello(None))

    def hear(self, until_s: float, *, awaited: datetime | None = None) -> list[Orders]:
        """Send and receive until the wall second comes, or until the orders that answer `awaited` are there."""
        while True:
            self._connect()
            self._turn(min(max(0.0, until_s - monotonic_s()), RETRY_S))
            answered = awaited is not None and any(orders.at >= awaited for orders in self._heard)
            if answered or monotonic_s() >= until_s:
                heard, self._heard = self._heard, []
                return heard

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._out.clear()
        self._unanswered.clear()

    def _connect(self) -> bool:
        """Look for a hub if there is none on the line; whether one has just been found."""
        if self._socket is not None or monotonic_s() - self._tried_s < RETRY_S:
            return False
        self._tried_s = monotonic_s()
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(str(self._path))
        except OSError:
            # No hub there yet: the streets go on without it.
            line.close()
            return False
        line.setblocking(False)
        self._socket, self._frames = line, Frames()
        # A new hub asks nothing of what the one before missed, but for who is not there any more.
        self._forget()
        self._send(self._hello(self._greeting()))
        return True

    def _greeting(self) -> datetime | None:
        self._heard.clear()
        until_s = monotonic_s() + GREETING_S
        while self._socket is not None and not self._heard and monotonic_s() < until_s:
            self._turn(until_s - monotonic_s())
        heard, self._heard = self._heard, []
        return heard[0].at if heard else None

    def _send(self, message: Message) -> None:
        if self._socket is None:
            return
        self._out += encode(message)
        self._unanswered.append(message.at)
        self._sent_s = monotonic_s()
        self._turn(0.0)

    def _turn(self, wait_s: float) -> None:
        """Send and receive once, waiting so long for a chance to."""
        line = self._socket
        if line is None:
            select.select([], [], [], wait_s)
            return
        readable, writable, _ = select.select([line], [line] if self._out else [], [], wait_s)
        try:
            if writable:
                with contextlib.suppress(BlockingIOError):
                    del self._out[: line.send(self._out)]
            if readable:
                self._receive(line)
        except (OSError, MadangError) as error:
            # A hub that died, or that speaks nonsense: hang up, and look for one again.
            log.warning("the line to the hub broke: %s", error)
            self.close()

    def _receive(self, line: socket.socket) -> None:
        data = line.recv(2**18)
        if not data:
            self.close()
            return
        for message in self._frames.feed(data):
            if isinstance(message, Orders):
                self._unanswered = [at for at in self._unanswered if at > message.at]
                self._heard.append(message)
