"""Which addresses notifications may go to: the hub must not become a way into a private network.

Loopback is open where the hub itself listens on loopback (whoever reaches the one reaches the other), the rest of the
private ranges only where the setting `private_endpoints` allows it. What is checked is what is connected to.
"""

import asyncio
import socket

from madang.errors import Undelivered
from madang.model.network import Network, network


class Reach:
    """`loopback`: this machine may be notified; `private`: so may private networks."""

    def __init__(self, *, loopback: bool, private: bool) -> None:
        self._loopback = loopback or private
        self._private = private

    def why_not(self, host: str) -> str | None:
        """Why a host that is an address, or this machine's name, may not be notified; None where it may, or where only
        resolving it will tell."""
        if host == "localhost" or host.endswith(".localhost"):
            host = "127.0.0.1"
        try:
            where = network(host)
        except ValueError:
            return None
        if where is Network.NOBODY:
            return f"{host} is nobody's own address"
        if where is Network.PUBLIC or self._private or (where is Network.LOOPBACK and self._loopback):
            return None
        return f"{host} is in a private network; set MADANG_PRIVATE_ENDPOINTS=true to allow that"

    async def resolve(self, host: str, port: int) -> list[tuple[int, str]]:
        """Family and address of each place that the host stands for. Raises Undelivered where one of them may not be
        notified, or where there is none."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            raise Undelivered(f"{host} cannot be resolved: {problem.strerror or problem}") from None
        addresses = [(int(family), str(address[0])) for family, _, _, _, address in found]
        for _, address in addresses:
            refusal = self.why_not(address)
            if refusal is not None:
                raise Undelivered(refusal)
        return addresses
