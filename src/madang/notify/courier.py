"""The port `Courier`: the way is chosen by the scheme of the address."""

from urllib.parse import urlsplit

from madang.errors import BadRequestData, Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify.http import HttpCourier
from madang.notify.mqtt import MqttCourier
from madang.notify.reach import Reach

SCHEMES = ("http", "https", "mqtt", "mqtts")


class EveryCourier:
    """HTTP and MQTT; `loopback` and `private` say which addresses that are not public may be notified."""

    def __init__(self, *, loopback: bool = False, private: bool = False) -> None:
        self._reach = Reach(loopback=loopback, private=private)
        self._http = HttpCourier(self._reach)
        self._mqtt = MqttCourier(self._reach)

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
        if scheme in ("http", "https"):
            await self._http.send(address, parcel)
        elif scheme in ("mqtt", "mqtts"):
            await self._mqtt.send(address, parcel)
        else:
            raise Undelivered(f"there is no way to {scheme[:20]} addresses")

    async def close(self) -> None:
        await self._http.close()
        await self._mqtt.close()
