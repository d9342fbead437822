"""What it costs to know who asks: microseconds of processor time a request, and what a password takes:
``python tests/bench/identity.py`` prints a table. No assertion.

The least of many short runs counts, in time of this thread: machines are shared. A request of the hub takes hundreds.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.table import Table

from madang.api.caller import reader, writer
from madang.api.door import Door
from madang.api.limits import Limits
from madang.clock import WallClock
from madang.govern import key as keys
from madang.govern.caller import Somebody
from madang.govern.identity import Entrance, Person, Sessions
from madang.govern.identity.password import Passwords, hashed

NOW = WallClock().now
CALLS, ROUNDS = 1000, 200
HERE = {"host": "127.0.0.1:8080", "accept": "*/*", "user-agent": "bench", "content-type": "application/json"}


def least_us(call: Callable[[], object]) -> float:
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.thread_time_ns()
        for _ in range(CALLS):
            call()
        least = min(least, time.thread_time_ns() - begun)
    return least / CALLS / 1000


async def least_async_us(call: Callable[[], Awaitable[object]]) -> float:
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.thread_time_ns()
        for _ in range(CALLS):
            await call()
        least = min(least, time.thread_time_ns() - begun)
    return least / CALLS / 1000


class City:
    """A key, a person with an open session, and requests that bring them."""

    def __init__(self) -> None:
        made, self.key = keys.make("meter-7", roles=("counter",), now=NOW())
        self.kim = Person(name="kim", password=hashed("x"), roles=("operator",), created_at=NOW(), changed_at=NOW())
        sessions = Sessions(NOW)
        self.cookie = sessions.open("person", Somebody(name="kim"))
        self.rooms = SimpleNamespace(
            home=True,
            known=lambda text, purpose, tenant: keys.caller(text, {made.id: made}, NOW, purpose=purpose, tenant=tenant),
            entrance=Entrance(sessions, NOW, people=self),
            city=SimpleNamespace(id="bench"),
            outside=SimpleNamespace(address=""),
            limits=Limits(),
        )

    def people(self) -> dict[str, Person]:
        return {"kim": self.kim}

    def request(self, client: str, **more: str) -> Any:
        app = SimpleNamespace(state={"rooms": self.rooms})
        from_where = SimpleNamespace(host=client)
        scope = {"scheme": "http"}
        return SimpleNamespace(app=app, client=from_where, method="POST", scope=scope, headers={**HERE, **more})


async def main() -> None:
    city, far = City(), "203.0.113.9"
    page = {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin", "cookie": f"madang-bench={city.cookie}"}
    asked: list[tuple[str, Callable[[Any], object], Any]] = [
        ("a stranger reads", reader, city.request(far)),
        ("a program here writes", writer, city.request("127.0.0.1")),
        ("by a key", reader, city.request(far, authorization=f"Bearer {city.key}")),
        ("by a session, reading", reader, city.request(far, **page)),
        ("by a session, writing", writer, city.request(far, **page)),
    ]
    table = Table("who asks", "µs", title="Knowing who asks, processor time a request")
    for name, who, request in asked:
        table.add_row(name, f"{least_us(lambda who=who, request=request: who(request)):.2f}")
    door, app = Door(rate=1e9), SimpleNamespace(state={"rooms": city.rooms})
    headers = [(name.encode(), text.encode()) for name, text in HERE.items()]
    for name, client in (("the door, a program here", "127.0.0.1"), ("the door, a stranger", far)):
        scope: Any = {"client": (client, 1), "path": "/city", "headers": headers, "scheme": "http", "method": "GET"}
        took = await least_async_us(lambda scope=scope: door.refuses(scope, None, None, app))  # type: ignore[arg-type]
        table.add_row(name, f"{took:.2f}")
    passwords = Passwords()
    await passwords.fits(city.kim.password, "y")
    begun = time.process_time()
    await passwords.fits(city.kim.password, "y")
    table.add_row("a password, in a thread of its own", f"{1e6 * (time.process_time() - begun):.0f}")
    Console().print(table)


asyncio.run(main())
