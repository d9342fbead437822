"""The client for asyncio: the same questions, answered while others run."""

from collections.abc import AsyncIterator
from datetime import datetime
from types import TracebackType
from typing import TypeVar

import httpx

from madang.client import asking
from madang.client.asking import Ask, Events
from madang.client.values import Change, Dataset, Decision, Entity, Sample

T = TypeVar("T")


class AsyncCity:
    """As `City`, with `async with`, `await` and `async for`."""

    def __init__(self, address: str, *, key: str = "", timeout_s: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(base_url=address.rstrip("/"), headers=headers, timeout=timeout_s)

    async def __aenter__(self) -> "AsyncCity":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def entities(self, type: str, *, q: str = "", attrs: str = "") -> AsyncIterator[Entity]:
        """As `City.entities`."""
        offset = 0
        while True:
            page = await self._ask(asking.entities(type, q=q, attrs=attrs, offset=offset))
            for one in page:
                yield one
            if len(page) < asking.PAGE:
                return
            offset += len(page)

    async def entity(self, id: str) -> Entity:
        """As `City.entity`."""
        return await self._ask(asking.entity(id))

    async def history(self, id: str, attribute: str, *, since: datetime, until: datetime | None = None) -> list[Sample]:
        """As `City.history`."""
        return await self._ask(asking.history(id, attribute, since=since, until=until))

    async def decisions(self, *, service: str = "", entity: str = "", limit: int = 100) -> list[Decision]:
        """As `City.decisions`."""
        return await self._ask(asking.decisions(service=service, entity=entity, limit=limit))

    async def decision(self, id: str) -> Decision:
        """As `City.decision`."""
        return await self._ask(asking.decision(id))

    async def datasets(self) -> list[Dataset]:
        """As `City.datasets`."""
        return [await self._ask(asking.dataset(id)) for id in await self._ask(asking.collections())]

    async def download(self, dataset: str, form: str = "csv") -> bytes:
        """As `City.download`."""
        answer = await self._http.get(f"/data/{dataset}.{form}")
        if answer.status_code != 200:
            raise asking.refusal(answer.status_code, answer.content)
        return answer.content

    async def follow(self, type: str, *, snapshot: bool = False) -> AsyncIterator[Change]:
        """As `City.follow`."""
        query = {"type": type, "options": "keyValues", "snapshot": "true" if snapshot else "false"}
        patient = httpx.Timeout(30.0, read=60.0)
        async with self._http.stream("GET", "/events", params=query, timeout=patient) as answer:
            if answer.status_code != 200:
                raise asking.refusal(answer.status_code, await answer.aread())
            events = Events()
            async for line in answer.aiter_lines():
                for change in events.line(line):
                    yield change

    async def _ask(self, what: Ask[T]) -> T:
        answer = await self._http.get(what.path, params=dict(what.query), headers={"Accept": "application/json"})
        if answer.status_code not in (200, 206):
            raise asking.refusal(answer.status_code, answer.content)
        return what.read(answer.content)
