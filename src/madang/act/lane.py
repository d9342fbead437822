"""One controller's own lane: what waits for it, what it answers, how it is. A controller that is dead, slow or mad
holds up its own lane and no other.

The lane renews a lease only when the city just said so: a city that falls silent loses its controllers, as it should.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from madang.act.controller import Controller
from madang.act.reading import Reading, target
from madang.clock import monotonic_s
from madang.errors import MadangError, Unavailable
from madang.model.world import Answer, Order

log = logging.getLogger(__name__)

T = TypeVar("T")

READ_EVERY_S = 1.0
"""A controller that is told nothing is read so often."""
LONGEST_S = 2.0
"""A controller that has not answered an order, a renewal or a question for so long has failed at it; wall seconds."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How a controller is: ``starting`` (nothing heard yet), ``running`` or ``silent``, and why."""

    status: str = "starting"
    reason: str = ""


class _Mail(msgspec.Struct, frozen=True):
    orders: tuple[Order, ...]
    leased: bool


class Lane:
    """The way to one controller. `said` hears its answers, in order; `reading` is what it said of itself last."""

    def __init__(self, id: str, controller: Controller, *, said: Callable[[Answer], None]) -> None:
        self.id = id
        self.reading: Reading | None = None
        self.condition = Condition()
        self._controller = controller
        self._said = said
        self._mail: _Mail | None = None
        self._posted = asyncio.Event()

    def post(self, orders: Sequence[Order], *, leased: bool) -> None:
        """Leave orders for the controller, or the word that it is still leased. Never waits: orders that nobody has
        come to are replaced, and answered so."""
        if self._mail is not None:
            for old in self._mail.orders if orders else ():
                self._answer(old, "a newer order came while the controller did not answer")
            orders = orders or self._mail.orders
        self._mail = _Mail(tuple(orders), leased)
        self._posted.set()

    async def run(self) -> None:
        """Serve the lane until cancelled."""
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(READ_EVERY_S):
                        await self._posted.wait()
                self._posted.clear()
                await self._turn()
        finally:
            await self._controller.close()

    async def _turn(self) -> None:
        mail, self._mail = self._mail, None
        began_s = monotonic_s()
        if mail is not None:
            for order in mail.orders:
                # Those behind a dead one's first share its time: the city waits for its answers.
                self._answer(order, await self._order(order, began_s))
            if mail.leased and not mail.orders:
                await self._attempt("renew", self._controller.renew)
        await self._read()

    async def _order(self, order: Order, began_s: float) -> str | None:
        if monotonic_s() - began_s > LONGEST_S:
            return "the controller did not answer the order before"
        try:
            return await self._within(lambda: self._controller.order(order))
        except MadangError as error:
            self._failed(error.detail)
            return error.detail

    async def _read(self) -> None:
        try:
            self.reading = await self._within(self._controller.read)
        except MadangError as error:
            self._failed(error.detail)
            return
        if self.reading is not None:
            self.condition = Condition(status="running")

    async def _attempt(self, what: str, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._within(call)
        except MadangError as error:
            log.info("%s: cannot %s: %s", self.id, what, error.detail)
            self._failed(error.detail)

    async def _within(self, call: Callable[[], Awaitable[T]]) -> T:
        """Run the call in its time. Raises MadangError, and nothing else, whatever the controller's adapter does."""
        try:
            async with asyncio.timeout(LONGEST_S):
                return await call()
        except TimeoutError:
            raise Unavailable(f"the controller did not answer within {LONGEST_S:g} s") from None
        except MadangError:
            raise
        except Exception as error:  # one controller's trouble must not end the lane, nor the others'
            log.exception("%s: its adapter failed", self.id)
            raise Unavailable(f"the controller's adapter failed: {type(error).__name__}: {error}") from None

    def _failed(self, why: str) -> None:
        self.reading = None
        self.condition = Condition(status="silent", reason=why)

    def _answer(self, order: Order, refused: str | None) -> None:
        self._said(Answer(decision=order.decision, target=target(self.id), refused=refused))
