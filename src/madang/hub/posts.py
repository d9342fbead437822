"""Messages to single addresses, outside of subscriptions: they go through the outbox as notifications do (written
first, tried again, dead letters that an operator sees), and the address travels with the message."""

from typing import Any, Final

import msgspec

from madang.errors import Undelivered
from madang.hub.delivery import Delivery, Target
from madang.hub.gate import Gate
from madang.model.change import Notice
from madang.model.parcel import Address, Parcel, pack

PREFIX: Final = "urn:madang:post:"
_TO: Final = "Madang-To"


class Posts:
    """Sends."""

    def __init__(self, gate: Gate, delivery: Delivery) -> None:
        self._gate = gate
        self._delivery = delivery
        delivery.register(self._target)

    async def send(self, about: str, to: str, body: Any) -> None:
        """Send `body` (JSON) to the address `to` (http, https, mailto) in the lane of what it is about: in order there,
        and no lane waits for another. Durable when it returns."""
        headers = {"Content-Type": "application/json", _TO: to}
        parcel = Parcel(headers, msgspec.Raw(msgspec.json.encode(body)))
        notice = Notice(subscription=PREFIX + about, at=self._gate.now(), body=pack(parcel))
        await self._delivery.post("", [notice])

    def _target(self, tenant: str, subscription: str) -> Target | None:
        if tenant or not subscription.startswith(PREFIX):
            return None
        return Target(Address(uri=subscription), take=self._take, timeout_s=30.0)

    async def _take(self, parcel: Parcel) -> None:
        headers = dict(parcel.headers)
        courier = self._delivery.courier
        if courier is None:
            raise Undelivered("nobody carries messages here")
        await courier.send(Address(uri=headers.pop(_TO)), Parcel(headers, parcel.body))
