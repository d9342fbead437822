"""The port `Courier`: the way is chosen by the scheme of the address."""

import asyncio
import importlib
from typing import Any
from urllib.parse import urlsplit

from madang.errors import BadRequestData, Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify.mail import Mail
from madang.notify.reach import Reach
from madang.ports import Courier

SCHEMES = ("http", "https", "mqtt", "mqtts")
"""Where subscriptions may send."""


class EveryCourier:
    """HTTP and MQTT, and for the hub's own messages e-mail; `loopback` and `private` say which addresses that are not
    public may be notified, `mail` which server takes mail."""

    def __init__(self, *, loopback: bool = False, private: bool = False, mail: Mail | None = None) -> None:
        self._reach = Reach(loopback=loopback, private=private)
        self._mail = mail or Mail()
        self._ways: dict[str, Courier] = {}
        self._opening = asyncio.Lock()

    def check(self, uri: str) -> None:
        """See `ports.Courier`. A name is resolved only when something is sent: it may come to be, and it may change."""
        try:
            parts = urlsplit(uri)
            host, _ = parts.hostname or "", parts.port
        except ValueError as problem:
            raise BadRequestData(f"the endpoint's uri '{uri[:200]}' cannot be read: {problem}") from None
        if parts.scheme not in SCHEMES or not host:
            raise BadRequestData(f"the endpoint's uri '{uri[:200]}' is not one of {', '.join(SCHEMES)} with a host")
        if parts.scheme.startswith("mqtt") and not parts.path.strip("/"):
            raise BadRequestData(f"the endpoint's uri '{uri[:200]}' names no topic: write mqtt://host/topic (7.2)")
        refusal = self._reach.why_not(host)
        if refusal is not None:
            raise BadRequestData(f"the endpoint's uri is refused: {refusal}")

    async def send(self, address: Address, parcel: Parcel) -> None:
        scheme = address.uri.partition(":")[0].lower()
        if scheme not in (*SCHEMES, "mailto"):
            raise Undelivered(f"there is no way to {scheme[:20]} addresses")
        name = "mailto" if scheme == "mailto" else scheme.removesuffix("s")
        await (self._ways.get(name) or await self._open(name)).send(address, parcel)

    async def close(self) -> None:
        for way in self._ways.values():
            await way.close()

    async def _open(self, name: str) -> Courier:
        """The courier of a way, loaded when it is first needed, on a thread: the clients' libraries take as long to
        load as all else of the hub, and most starts need neither at once."""
        async with self._opening:
            if name not in self._ways:
                module: Any = await asyncio.to_thread(importlib.import_module, f"madang.notify.{name}")
                given = (self._reach, self._mail) if name == "mailto" else (self._reach,)
                self._ways[name] = module.courier(*given)
            return self._ways[name]
