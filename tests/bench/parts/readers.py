"""Readers of a hub, a process of their own: so many watch the live page, so many download open data, at once.

    python -m parts.readers ADDRESS LIVE DOWNLOADING FILE

Each of the first loads the page and then follows the live changes as the page's script does; each of the others loads
the page and the file, rests a second, and begins again. Ends when its standard input does, and prints what they saw.
"""

import asyncio
import json
import re
import sys
from time import perf_counter
from urllib.parse import urlsplit

EVENTS = "/events?type=AirQualityObserved&format=keyValues&snapshot=true"
SENTINEL = re.compile(rb'urn:ngsi-ld:AirQualityObserved:000000"[^\n]*?"rank":(\d+)')
PATIENCE_S = 60.0


class Seen:
    """What all readers saw."""

    def __init__(self) -> None:
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
            writer.write(_request(place, path, "close"))
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
        writer.write(_request(place, EVENTS, "keep-alive"))
        rest = b""
        try:
            while part := await reader.read(1 << 18):
                self.bytes += len(part)
                self.events += part.count(b"event: entity")
                found = SENTINEL.findall(rest + part)
                if found:
                    self.last[number] = int(found[-1])
                rest = part[-4096:]
            self.errors.append("the live changes ended")
        finally:
            writer.close()

    async def download(self, place: tuple[str, int], file: str) -> None:
        """The page and the file, again and again."""
        while True:
            await self.get(place, "/", self.page_ms)
            await self.get(place, file, self.file_ms)
            await asyncio.sleep(1)


def _request(place: tuple[str, int], path: str, connection: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: {place[0]}:{place[1]}\r\nConnection: {connection}\r\nAccept: */*\r\n\r\n"
    return head.encode()


async def main() -> None:
    """Read until standard input ends."""
    address, live, downloading, file = sys.argv[1:]
    split = urlsplit(address)
    place = (str(split.hostname), int(split.port or 80))
    seen = Seen()

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
