"""A user's @context: inline, or fetched once and kept (ETSI GS CIM 009 v1.8.1, 4.4, 5.5.7).

The core @context is never fetched. Another one is fetched over HTTP(S) with a short time-out, up to a size and a number
of references, and not from an address of a private network unless a setting allows it: the hub must not become a way
into it. The address that was checked is the one that is connected to.
"""

import asyncio
import ipaddress
import socket
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urljoin

import httpx
import msgspec

from madang.clock import monotonic_s
from madang.errors import BadRequestData, LdContextNotAvailable
from madang.model.context import CORE, Context, context_of, is_core

_TIMEOUT_S = 5.0
_MAX_BYTES = 1_000_000
_MAX_REFERENCES = 12
_MAX_REDIRECTS = 3
_KEEP = 256
_FRESH_S = 3600.0
_FAILED_S = 10.0

_Document = Mapping[str, Any]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Contexts:
    """Resolves and remembers @contexts. `private` allows addresses of private networks."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._resolved: OrderedDict[bytes, tuple[float, Context]] = OrderedDict()
        self._documents: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Any]] = {}

    async def resolve(self, value: Any) -> Context:
        """The context that a Link header or a body's @context says; None is the core's.

        Raises BadRequestData for a value that is none, LdContextNotAvailable where one cannot be had.
        """
        if value is None or (isinstance(value, str) and is_core(value)):
            return CORE
        key = msgspec.json.encode(value)
        known = self._resolved.get(key)
        if known is not None and monotonic_s() - known[0] < _FRESH_S:
            self._resolved.move_to_end(key)
            return known[1]
        documents: list[_Document] = []
        await self._collect(value, documents, [], base="")
        context = context_of(documents, source=value)
        _keep(self._resolved, key, context)
        return context

    async def _collect(self, value: Any, documents: list[_Document], seen: list[str], *, base: str) -> None:
        """Append the term maps behind `value`, in order; `seen` are the addresses that were followed."""
        if isinstance(value, dict):
            documents.append(cast(_Document, value))
        elif isinstance(value, list):
            if len(cast(list[Any], value)) > _MAX_REFERENCES:
                raise BadRequestData(f"the @context lists more than {_MAX_REFERENCES} contexts")
            for item in cast(list[Any], value):
                await self._collect(item, documents, seen, base=base)
        elif isinstance(value, str):
            url = urljoin(base, value)
            if is_core(url):
                return
            if len(seen) >= _MAX_REFERENCES:
                raise BadRequestData(f"the @context leads through more than {_MAX_REFERENCES} addresses")
            if seen.count(url):
                raise BadRequestData(f"the @context {url[:200]} refers to itself")
            seen.append(url)
            await self._collect(await self._document(url), documents, seen, base=url)
        elif value is not None:
            raise BadRequestData("an @context is an address, an object of terms, or a list of these")

    async def _document(self, url: str) -> Any:
        """The @context member of the document at `url`, from memory where it is fresh; asked for once at a time."""
        known = self._documents.get(url)
        if known is not None:
            failed = isinstance(known[1], LdContextNotAvailable)
            if monotonic_s() - known[0] < (_FAILED_S if failed else _FRESH_S):
                if failed:
                    raise known[1]
                return known[1]
        task = self._fetching.get(url)
        if task is None:
            task = asyncio.create_task(self._load(url))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        return await asyncio.shield(task)

    async def _load(self, url: str) -> Any:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                body = await self._fetch(url)
            document = msgspec.json.decode(body)
            if not isinstance(document, dict) or "@context" not in document:
                raise LdContextNotAvailable(f"{url[:200]} is no JSON-LD document with an @context")
            found = cast(dict[str, Any], document)["@context"]
        except (LdContextNotAvailable, httpx.HTTPError, httpx.InvalidURL, OSError, msgspec.DecodeError) as error:
            said = (
                error.detail if isinstance(error, LdContextNotAvailable) else f"{type(error).__name__} {error}".strip()
            )
            problem = LdContextNotAvailable(f"the @context {url[:200]} cannot be had: {said}")
            _keep(self._documents, url, problem)
            raise problem from error
        _keep(self._documents, url, found)
        return found

    async def _fetch(self, url: str) -> bytes:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                target = httpx.URL(url)
                address = await self._address(target)
                request = client.build_request(
                    "GET",
                    target.copy_with(host=address),
                    headers={"Host": target.netloc.decode(), "Accept": "application/ld+json, application/json"},
                    extensions={"sni_hostname": target.host},
                )
                response = await client.send(request, stream=True)
                try:
                    if response.is_redirect:
                        url = urljoin(url, response.headers.get("location", ""))
                        continue
                    if response.status_code != 200:
                        raise LdContextNotAvailable(f"its server answered {response.status_code}")
                    return await _limited(response)
                finally:
                    await response.aclose()
        raise LdContextNotAvailable(f"more than {_MAX_REDIRECTS} redirects")

    async def _address(self, url: httpx.URL) -> str:
        """An address of the URL's host that may be connected to."""
        if url.scheme not in ("http", "https") or not url.host:
            raise LdContextNotAvailable("only http and https addresses are fetched")
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self._private and not all(_is_public(address) for address in addresses):
            raise LdContextNotAvailable(
                f"{url.host} is in a private network; set MADANG_PRIVATE_CONTEXTS=true to allow that"
            )
        return addresses[0]


async def _limited(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise LdContextNotAvailable(f"it is larger than {_MAX_BYTES} bytes")
    return bytes(body)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_global and not ip.is_multicast


def _keep(memory: OrderedDict[_Key, tuple[float, _Value]], key: _Key, value: _Value) -> None:
    memory[key] = (monotonic_s(), value)
    memory.move_to_end(key)
    while len(memory) > _KEEP:
        memory.popitem(last=False)
