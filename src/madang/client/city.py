"""The client that waits for its answers."""

from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TypeVar

import httpx

from madang.client import asking
from madang.client.asking import Ask, Events
from madang.client.values import Change, Dataset, Decision, Entity, Sample

T = TypeVar("T")


class City:
    """A city at an address. `key` is sent with each question where there is one; a question waits `timeout_s`.

    Every method raises `Refused` with the city's own words, and httpx's errors where nobody answers.
    """

    def __init__(self, address: str, *, key: str = "", timeout_s: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=address.rstrip("/"), headers=headers, timeout=timeout_s)

    def __enter__(self) -> "City":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def entities(self, type: str, *, q: str = "", attrs: str = "") -> Iterator[Entity]:
        """All entities of the type (several: ``A,B``) that fit the condition `q` (``no2>40``), with the attributes
        `attrs` (all), page by page."""
        offset = 0
        while True:
            page = self._ask(asking.entities(type, q=q, attrs=attrs, offset=offset))
            yield from page
            if len(page) < asking.PAGE:
                return
            offset += len(page)

    def entity(self, id: str) -> Entity:
        """One entity."""
        return self._ask(asking.entity(id))

    def history(self, id: str, attribute: str, *, since: datetime, until: datetime | None = None) -> list[Sample]:
        """The past of an attribute in that time, the oldest first."""
        return self._ask(asking.history(id, attribute, since=since, until=until))

    def decisions(self, *, service: str = "", entity: str = "", limit: int = 100) -> list[Decision]:
        """The newest decisions, of a service and about an entity where they are named."""
        return self._ask(asking.decisions(service=service, entity=entity, limit=limit))

    def decision(self, id: str) -> Decision:
        """One decision, whole: its `record` has inputs, alternatives, outcome, objections."""
        return self._ask(asking.decision(id))

    def datasets(self) -> list[Dataset]:
        """What the city publishes."""
        return [self._ask(asking.dataset(id)) for id in self._ask(asking.collections())]

    def download(self, dataset: str, form: str = "csv") -> bytes:
        """A dataset whole, in a format of its `files`."""
        answer = self._http.get(f"/data/{dataset}.{form}")
        if answer.status_code != 200:
            raise asking.refusal(answer.status_code, answer.content)
        return answer.content

    def follow(self, type: str, *, snapshot: bool = False) -> Iterator[Change]:
        """Changes of entities of the type as they happen, until the city hangs up; with `snapshot` first all as they
        are now."""
        query = {"type": type, "options": "keyValues", "snapshot": "true" if snapshot else "false"}
        patient = httpx.Timeout(30.0, read=60.0)
        with self._http.stream("GET", "/events", params=query, timeout=patient) as answer:
            if answer.status_code != 200:
                raise asking.refusal(answer.status_code, answer.read())
            events = Events()
            for line in answer.iter_lines():
                yield from events.line(line)

    def _ask(self, what: Ask[T]) -> T:
        answer = self._http.get(what.path, params=dict(what.query), headers={"Accept": "application/json"})
        if answer.status_code not in (200, 206):
            raise asking.refusal(answer.status_code, answer.content)
        return what.read(answer.content)
