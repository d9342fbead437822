"""A user's @context: inline, one of our own, or fetched and kept (ETSI GS CIM 009 v1.9.1, 4.4, 5.5.6, 5.5.7, 5.13).

The core @context is never fetched. Another one is fetched over HTTP(S) (see `api/download`), up to a number of
references, and kept as long as its server says, within an hour's bounds. Where a kept one has to be fetched again and
cannot be had, the old one goes on being used: a city does not stop because a stranger's server does.

One that cannot be had is LdContextNotAvailable with status 503: v1.8.1 (6.3.2) and the published test suite say so;
v1.9.1 says 504. One that can be had and is none is BadRequestData (5.5.6).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import msgspec

from madang.api.download import Document, Downloader
from madang.clock import WallClock, monotonic_s
from madang.errors import BadRequestData, LdContextNotAvailable
from madang.hub.contexts import Contexts as KeptContexts
from madang.model.context import CORE, Context, context_of, is_core, needs_library

_MAX_REFERENCES = 12
_MAX_PARTS = 64
_KEEP = 256
_FRESH_S = 3600.0
_FRESHEST_S, _STALEST_S = 60.0, 86_400.0
_FAILED_S = 3.0
_OWN = "jsonldContexts"

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Usage(msgspec.Struct):
    """How often an @context was used since the start, and when last."""

    hits: int = 0
    last: datetime | None = None

    def count(self) -> None:
        """It is used now."""
        self.hits += 1
        self.last = WallClock().now()


class CachedContext(msgspec.Struct):
    """The @context of another server: `document` is the value of its @context member; `until` is on the monotonic
    clock."""

    url: str
    document: Any
    created_at: datetime
    expires_at: datetime
    until: float


class _Gathered:
    """What is behind an @context: term maps in order, the addresses that were followed, whether the core is named."""

    def __init__(self) -> None:
        self.maps: list[Mapping[str, Any]] = []
        self.used: list[str] = []
        self.core = False
        self.parts = 0


class _Resolved(msgspec.Struct):
    context: Context
    used: tuple[str, ...]
    until: float


class Contexts:
    """Resolves and remembers @contexts. `private` and `loopback` allow such addresses; `kept` are our own."""

    def __init__(
        self, *, private: bool = False, loopback: bool = False, kept: Callable[[], KeptContexts] | None = None
    ) -> None:
        self._downloader = Downloader(private=private, loopback=loopback)
        self._kept = kept
        self._resolved: OrderedDict[bytes, _Resolved] = OrderedDict()
        self._cached: OrderedDict[str, CachedContext] = OrderedDict()
        self._failed: OrderedDict[str, tuple[float, LdContextNotAvailable | BadRequestData]] = OrderedDict()
        self._usage: OrderedDict[str, Usage] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Any]] = {}

    async def resolve(self, value: Any) -> Context:
        """The context that a Link header or a body's @context says; None is the core's.

        Raises BadRequestData for a value that is none, LdContextNotAvailable where one cannot be had.
        """
        if value is None or (isinstance(value, str) and is_core(value)):
            return CORE
        key = msgspec.json.encode(value)
        known = self._resolved.get(key)
        if known is not None and monotonic_s() < known.until:
            self._resolved.move_to_end(key)
            for name in known.used:
                self.usage(name).count()
            return known.context
        gathered = _Gathered()
        await self._collect(value, gathered, chain=())
        for name in gathered.used:
            self.usage(name).count()
        context = await _context(gathered, value)
        _keep(self._resolved, key, _Resolved(context, tuple(gathered.used), self._until(gathered.used)))
        return context

    def cached(self) -> list[CachedContext]:
        """Those of other servers that are remembered, by address."""
        return [one for _, one in sorted(self._cached.items())]

    def usage(self, name: str) -> Usage:
        """The use of a cached one (by address) or of one of our own (by local id)."""
        found = self._usage.get(name)
        if found is None:
            found = Usage()
            self._usage[name] = found
            if len(self._usage) > 4 * _KEEP:
                self._usage.popitem(last=False)
        return found

    async def reload(self, url: str) -> None:
        """Fetch a cached one anew (5.13.5). Raises LdContextNotAvailable; then the old one stays."""
        try:
            self._remember(url, await self._downloader.fetch(url))
        except (BadRequestData, LdContextNotAvailable) as error:
            raise LdContextNotAvailable(f"the @context {url[:200]} cannot be had: {error.detail}") from error
        self._resolved.clear()

    def forget(self, name: str) -> None:
        """A cached one (by address), or one of our own (by local id), is gone."""
        self._cached.pop(name, None)
        self._usage.pop(name, None)
        self._failed.clear()
        self._resolved.clear()

    async def _collect(self, value: Any, gathered: _Gathered, *, chain: tuple[str, ...]) -> None:
        """Gather the term maps behind `value`, in order; `chain` are the addresses that led to it."""
        gathered.parts += 1
        if gathered.parts > _MAX_PARTS:
            raise BadRequestData(f"the @context consists of more than {_MAX_PARTS} parts")
        if isinstance(value, dict):
            gathered.maps.append(cast(Mapping[str, Any], value))
        elif isinstance(value, list):
            for item in cast(list[Any], value):
                await self._collect(item, gathered, chain=chain)
        elif isinstance(value, str):
            await self._refer(urljoin(chain[-1], value) if chain else value, gathered, chain=chain)
        elif value is not None:
            raise BadRequestData("an @context is an address, an object of terms, or a list of these")

    async def _refer(self, url: str, gathered: _Gathered, *, chain: tuple[str, ...]) -> None:
        if is_core(url):
            gathered.core = True
            return
        if url in chain:
            raise BadRequestData(f"the @context {url[:200]} refers to itself")
        if len(gathered.used) >= _MAX_REFERENCES:
            raise BadRequestData(f"the @context leads through more than {_MAX_REFERENCES} addresses")
        own = await self._own(url)
        if own is not None:
            gathered.used.append(own[0])
            return await self._collect(own[1], gathered, chain=(*chain, url))
        gathered.used.append(url)
        await self._collect(await self._document(url), gathered, chain=(*chain, url))

    async def _own(self, url: str) -> tuple[str, Any] | None:
        """Local id and document of an @context of our own. The id is enough to know it: by which name the hub is called
        from outside, and below which path, it does not know."""
        pieces = urlsplit(url).path.rsplit("/", 2)
        if self._kept is None or len(pieces) < 3 or pieces[1] != _OWN or "://" not in url:
            return None
        found = await self._kept().find(pieces[2])
        return None if found is None else (found.id, found.document)

    async def _document(self, url: str) -> Any:
        """The @context member of the document at `url`, from memory where it is fresh; asked for once at a time."""
        known = self._cached.get(url)
        if known is not None and monotonic_s() < known.until:
            self._cached.move_to_end(url)
            return known.document
        failed = self._failed.get(url)
        if failed is not None and monotonic_s() - failed[0] < _FAILED_S:
            raise failed[1]
        task = self._fetching.get(url)
        if task is None:
            task = asyncio.create_task(self._load(url))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        return await asyncio.shield(task)

    async def _load(self, url: str) -> Any:
        try:
            return self._remember(url, await self._downloader.fetch(url))
        except LdContextNotAvailable as error:
            stale = self._cached.get(url)
            if stale is not None:
                stale.until = monotonic_s() + _FRESHEST_S
                return stale.document
            problem = LdContextNotAvailable(f"the @context {url[:200]} cannot be had: {error.detail}")
            _keep(self._failed, url, (monotonic_s(), problem))
            raise problem from error
        except BadRequestData as error:
            _keep(self._failed, url, (monotonic_s(), error))
            raise

    def _remember(self, url: str, given: Document) -> Any:
        """Keep what a server gave. Raises BadRequestData where it is no document with an @context."""
        try:
            found: Any = msgspec.json.decode(given.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequestData(f"the @context {url[:200]} is not JSON: {error}") from error
        if not isinstance(found, dict) or "@context" not in found:
            raise BadRequestData(f"{url[:200]} is no JSON-LD document with an @context")
        document = cast(dict[str, Any], found)["@context"]
        age_s = _FRESH_S if given.max_age_s is None else min(max(given.max_age_s, _FRESHEST_S), _STALEST_S)
        now = WallClock().now()
        made = CachedContext(url, document, now, now + timedelta(seconds=age_s), monotonic_s() + age_s)
        _keep(self._cached, url, made)
        self._failed.pop(url, None)
        return document

    def _until(self, used: list[str]) -> float:
        ends = (self._cached[name].until for name in used if name in self._cached)
        return min((monotonic_s() + _FRESH_S, *ends))


async def _context(gathered: _Gathered, source: Any) -> Context:
    if any(map(needs_library, gathered.maps)):
        # The library takes its time over a large @context: others are served meanwhile.
        return await asyncio.to_thread(context_of, gathered.maps, source=source, has_core=gathered.core)
    return context_of(gathered.maps, source=source, has_core=gathered.core)


def _keep(memory: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _KEEP:
        memory.popitem(last=False)
