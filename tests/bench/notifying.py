"""200 subscriptions, each change due to some of them: how many notifications arrive, how soon, and whether the account
adds up. ``python tests/bench/notifying.py`` prints a table. Loopback, bounded in time.
"""

import argparse
import json
import tempfile
import time
import urllib.request
from pathlib import Path

from parts.load import installed, load, script
from parts.servers import hub, receiver
from rich.console import Console
from rich.table import Table
from serving import TYPE, fill, send

_PATCH = """
function request()
  local n = math.random(0, COUNT - 1)
  local body = string.format('{"type":"Property","value":%.4f}', math.random() * 100)
  local path = string.format("/ngsi-ld/v1/entities/urn:ngsi-ld:AirQualityObserved:%06d/attrs/no2", n)
  return wrk.format("PATCH", path, {["Content-Type"] = "application/json"}, body)
end
"""


def subscribe(address: str, endpoint: str, *, count: int, stations: int) -> None:
    """Each subscription is to one of the stations by a condition, so that every change is due to `count / stations`."""
    for n in range(count):
        body = {
            "id": f"urn:ngsi-ld:Subscription:{n:03}",
            "type": "Subscription",
            "entities": [{"type": TYPE}],
            "q": f"rank=={n % stations}",
            "watchedAttributes": ["no2"],
            "notification": {
                "attributes": ["no2"],
                "endpoint": {"uri": f"{endpoint}{n}", "accept": "application/json"},
            },
        }
        send(f"{address}/ngsi-ld/v1/subscriptions", json.dumps(body).encode())


def metric(address: str, name: str) -> float:
    """A figure of the hub's."""
    text = urllib.request.urlopen(f"{address}/metrics", timeout=20).read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + "{"))


def measure(given: argparse.Namespace, each: int) -> tuple[str, ...]:
    """One run in which every change is due to `each` subscriptions."""
    stations = given.subscriptions // each
    with tempfile.TemporaryDirectory() as name, receiver() as endpoint, hub(Path(name)) as (address, _):
        fill(address, stations)
        subscribe(address, endpoint, count=given.subscriptions, stations=stations)
        start = time.perf_counter()
        figures = load(address, script(stations, _PATCH), connections=given.connections, seconds=given.seconds)
        written = time.perf_counter()
        while metric(address, "madang_notifications_pending") and time.perf_counter() < written + 120:
            time.sleep(0.05)
        end = time.perf_counter()
        arrived = int(urllib.request.urlopen(endpoint, timeout=20).read())
        due, delivered, pending, dead = (
            int(metric(address, f"madang_notifications_{state}"))
            for state in ("due_total", "delivered_total", "pending", "dead")
        )
    rate = delivered / (end - start)
    counts = map(str, (each, f"{figures.rate:,.0f}", due, arrived, delivered, pending, dead))
    return (*counts, f"{rate:,.0f}", f"{end - written:.1f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=200)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    if not installed():
        raise SystemExit("this needs wrk: apt-get install wrk")
    table = Table(title=f"{given.subscriptions} subscriptions, {given.seconds:.0f} s of writing")
    for column in ("due each", "writes/s", "due", "arrived", "delivered", "pending", "dead", "told/s", "last after s"):
        table.add_column(column, justify="right")
    for each in (1, 10):
        table.add_row(*measure(given, each))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
