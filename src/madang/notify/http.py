"""Notifications over HTTP (ETSI GS CIM 009 v1.9.1, 6.3.8, 6.3.9).

Any 2xx answer is success: the standard says 200, and a receiver with nothing to say answers 204. A redirect is a
failure: the receiver that was named is the one that is told.
"""

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from madang.errors import Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify.reach import Reach

PER_HOST = 32
"""Connections to one host and port at most."""


class HttpCourier:
    """One pool of connections for all receivers. Each host has a limit of its own, so none can use up the pool."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._session: aiohttp.ClientSession | None = None

    async def send(self, address: Address, parcel: Parcel) -> None:
        """POST the body. Raises Undelivered."""
        url = URL(address.uri)
        refusal = self._reach.why_not(url.host or "")
        if refusal is not None:
            # An address that is none of a name is not resolved: nobody else would check it.
            raise Undelivered(refusal)
        headers = {**parcel.headers, **address.headers}
        try:
            await self._post(url, bytes(parcel.body), headers)
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            # A kept connection that the receiver closed in the meantime: that is no failure of the receiver.
            await self._again(url, bytes(parcel.body), headers)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            raise Undelivered(_said(problem)) from None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _again(self, url: URL, body: bytes, headers: dict[str, str]) -> None:
        try:
            await self._post(url, body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            raise Undelivered(_said(problem)) from None

    async def _post(self, url: URL, body: bytes, headers: dict[str, str]) -> None:
        async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as answer:
            if not 200 <= answer.status < 300:
                raise Undelivered(f"the receiver answered {answer.status}")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0, limit_per_host=PER_HOST, resolver=_Resolver(self._reach), ttl_dns_cache=10
            )
            # The time is the sender's to set; cookies and proxies of the environment are nobody's.
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"User-Agent": "madang"},
            )
        return self._session


class _Resolver(AbstractResolver):
    """Names to addresses that may be notified; what it answers is what is connected to."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            found = await self._reach.resolve(host, port)
        except Undelivered as refusal:
            raise OSError(None, refusal.detail) from None
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, address in found
        ]

    async def close(self) -> None:
        return


def _said(problem: Exception) -> str:
    if isinstance(problem, aiohttp.ClientConnectorError):
        return problem.os_error.strerror or str(problem)
    return f"{type(problem).__name__} {problem}".strip()


def courier(reach: Reach) -> HttpCourier:
    """The courier of this way."""
    return HttpCourier(reach)
