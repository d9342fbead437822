"""Readers of a hub, a process of their own: so many watch the live page, so many download open data, at once.

    python -m parts.readers ADDRESS LIVE DOWNLOADING FILE CODING

Each of the first loads the page and then follows the live changes as the page's script does; each of the others loads
the page and the file, rests a second, and begins again. CODING is what they accept: gzip as browsers do, or identity.
Ends when its standard input does, and prints what they saw.
"""

import asyncio
import json
import re
import sys
import zlib
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httptools

EVENTS = "/events?type=AirQualityObserved&format=keyValues&snapshot=true"
SENTINEL = re.compile(rb'urn:ngsi-ld:AirQualityObserved:000000"[^\n]*?"rank":(\d+)')
PATIENCE_S = 60.0


class Seen:
    """What all readers saw, who accept answers in that coding."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self.page_ms: list[float] = []
        self.file_ms: list[float] = []
        self.errors: list[str] = []
        self.events = 0
        self.bytes = 0
        self.last: dict[int, int] = {}

    async def get(self, place: tuple[str, int], path: str, times: list[float]) -> None:
        """One answer, read to its end."""
        begun = perf_counter()
        reader, writer = await asyncio.open_connection(*place)
        try:
            writer.write(_request(place, path, "close", self._coding))
            async with asyncio.timeout(PATIENCE_S):
                whole = await reader.read(-1)
        finally:
            writer.close()
        if not whole.startswith(b"HTTP/1.1 200"):
            raise OSError(f"{path}: {whole[:60]!r}")
        self.bytes += len(whole)
        times.append(1e3 * (perf_counter() - begun))

    async def live(self, place: tuple[str, int], number: int) -> None:
        """The page, and then every change."""
        await self.get(place, "/", self.page_ms)
        reader, writer = await asyncio.open_connection(*place, limit=1 << 22)
        writer.write(_request(place, EVENTS, "keep-alive", self._coding))
        stream = Stream(self, number)
        try:
            while part := await reader.read(1 << 18):
                self.bytes += len(part)
                stream.parser.feed_data(part)
            self.errors.append("the live changes ended")
        finally:
            writer.close()

    async def download(self, place: tuple[str, int], file: str) -> None:
        """The page and the file, again and again."""
        while True:
            await self.get(place, "/", self.page_ms)
            await self.get(place, file, self.file_ms)
            await asyncio.sleep(1)


class Stream:
    """The live changes of one reader, as they come in."""

    def __init__(self, seen: Seen, number: int) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self._seen = seen
        self._number = number
        self._unpack: Any = None
        self._rest = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer."""
        if name.lower() == b"content-encoding" and value == b"gzip":
            self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def on_body(self, body: bytes) -> None:
        """A part of it."""
        text = self._unpack.decompress(body) if self._unpack is not None else body
        self._seen.events += text.count(b"event: entity")
        found = SENTINEL.findall(self._rest + text)
        if found:
            self._seen.last[self._number] = int(found[-1])
        self._rest = text[-4096:]


def _request(place: tuple[str, int], path: str, connection: str, coding: str) -> bytes:
    more = f"Connection: {connection}\r\nAccept: */*\r\nAccept-Encoding: {coding}"
    return f"GET {path} HTTP/1.1\r\nHost: {place[0]}:{place[1]}\r\n{more}\r\n\r\n".encode()


async def main() -> None:
    """Read until standard input ends."""
    address, live, downloading, file, coding = sys.argv[1:]
    split = urlsplit(address)
    place = (str(split.hostname), int(split.port or 80))
    seen = Seen(coding)

    async def tried(reading: object, after_s: float) -> None:
        await asyncio.sleep(after_s)
        try:
            await reading  # pyright: ignore[reportGeneralTypeIssues]
        except (OSError, TimeoutError) as error:
            seen.errors.append(f"{type(error).__name__}: {error}")

    # Over five seconds, as people come.
    tasks = [asyncio.create_task(tried(seen.live(place, n), 5 * n / int(live))) for n in range(int(live))]
    tasks += [asyncio.create_task(tried(seen.download(place, file), n / 10)) for n in range(int(downloading))]
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    told = {name: getattr(seen, name) for name in ("page_ms", "file_ms", "events", "bytes")}
    print(json.dumps({**told, "errors": len(seen.errors), "first": seen.errors[:3], "last": list(seen.last.values())}))


if __name__ == "__main__":
    asyncio.run(main())
