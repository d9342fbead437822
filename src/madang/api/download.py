"""Fetching a document that a stranger named: bounded in time and size, and only from where the hub may go.

The hub must not become a way into the network it stands in: an address of a private network is refused unless a setting
allows it, at every redirect anew, and the address that was checked is the one that is connected to. A hub that listens
on loopback is reached from its own machine only, so there loopback is allowed: whoever reaches the one reaches the
other.
"""

import asyncio
import re
import socket
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin

from madang.errors import LdContextNotAvailable
from madang.model.network import Network, network

if TYPE_CHECKING:
    import httpx

TIMEOUT_S: Final = 5.0
_MAX_BYTES = 1_000_000
_MAX_REDIRECTS = 3
_MAX_AGE = re.compile(r"\bmax-age=(\d{1,9})\b")
# Not compressed: what is small on the wire could be huge in memory.
_ASK: Final = {"Accept": "application/ld+json, application/json", "Accept-Encoding": "identity"}


class Document(NamedTuple):
    """What a server gave, and how long it says that this holds (Cache-Control, seconds; None: it does not say)."""

    body: bytes
    max_age_s: int | None


class Downloader:
    """Fetches over HTTP(S). `private` allows addresses of private networks, `loopback` those of this machine."""

    def __init__(self, *, private: bool = False, loopback: bool = False) -> None:
        self._private = private
        self._loopback = loopback

    async def fetch(self, url: str) -> Document:
        """The document at `url`. Raises LdContextNotAvailable that says why it cannot be had."""
        import httpx  # noqa: PLC0415 - a tenth of the time that the hub takes to start, which asks nobody anything

        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._follow(url)
        except TimeoutError as error:
            raise LdContextNotAvailable(f"no answer within {TIMEOUT_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise LdContextNotAvailable(f"{type(error).__name__} {error}".strip()) from error

    async def _follow(self, url: str) -> Document:
        import httpx  # noqa: PLC0415 - see fetch

        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                target = httpx.URL(url)
                request = client.build_request(
                    "GET",
                    target.copy_with(host=await self._address(target)),
                    headers={**_ASK, "Host": target.netloc.decode()},
                    extensions={"sni_hostname": target.host},
                )
                response = await client.send(request, stream=True)
                try:
                    if response.is_redirect:
                        url = urljoin(url, response.headers.get("location", ""))
                        continue
                    if response.status_code != 200:
                        raise LdContextNotAvailable(f"its server answered {response.status_code}")
                    age = _MAX_AGE.search(response.headers.get("cache-control", ""))
                    return Document(await _limited(response), int(age[1]) if age else None)
                finally:
                    await response.aclose()
        raise LdContextNotAvailable(f"more than {_MAX_REDIRECTS} redirects")

    async def _address(self, url: "httpx.URL") -> str:
        """An address of the URL's host that may be connected to."""
        if url.scheme not in ("http", "https") or not url.host:
            raise LdContextNotAvailable("only http and https addresses are fetched")
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not all(self._allowed(address) for address in addresses):
            raise LdContextNotAvailable(
                f"{url.host} is in a private network; set MADANG_PRIVATE_CONTEXTS=true to allow that"
            )
        return addresses[0]

    def _allowed(self, address: str) -> bool:
        where = network(address)
        if where is Network.LOOPBACK:
            return self._private or self._loopback
        return where is Network.PUBLIC or (self._private and where is Network.PRIVATE)


async def _limited(response: "httpx.Response") -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise LdContextNotAvailable(f"it is larger than {_MAX_BYTES} bytes")
    return bytes(body)
