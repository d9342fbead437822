"""Figures for a monitoring system: ``GET /metrics`` in the text format of Prometheus.

Requests are counted where they are answered (`quick`); everything else is asked for when somebody asks.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from litestar import Response, get
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

import madang
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.requests import BOUNDS, Requests
from madang.api.rooms import Rooms, rooms
from madang.hub.figures import TenantFigures

_EXAMPLE: Final = 'madang_notifications_pending{tenant=""} 0.0\n'


class _Now:
    """What was found at this moment, as a collector."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        return iter(self._found)


@get("/metrics", operation_class=documented("The system", named=False, example=_EXAMPLE, media=("text/plain",)))
async def metrics(request: Call) -> Response[bytes]:
    """Figures for Prometheus: requests, notifications (due = delivered + pending + dead), entities, parts, memory."""
    found = rooms(request)
    tenants = await found.hub.figures.all(writer(request))
    now = CollectorRegistry()
    ProcessCollector(registry=now)
    now.register(_Now([*_answered(found.requests), *_running(found), *_kept(tenants)]))
    return Answer(
        generate_latest(now), status_code=200, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def _answered(requests: Requests) -> Iterator[Metric]:
    count = CounterMetricFamily("madang_requests", "Requests answered.", labels=("operation", "status"))
    seconds = HistogramMetricFamily("madang_request_seconds", "Seconds to the answer.", labels=("operation",))
    bounds = (*map(str, BOUNDS), "+Inf")
    for operation, tally in requests.tallies.items():
        for status, answers in tally.statuses.items():
            count.add_metric((operation, str(status)), answers)
        so_far = map(float, accumulate(tally.buckets))
        seconds.add_metric((operation,), tuple(zip(bounds, so_far, strict=True)), tally.seconds)
    yield count
    yield seconds


def _running(found: Rooms) -> Iterator[Metric]:
    info = GaugeMetricFamily("madang_info", "The version that runs.", labels=("version", "city"))
    info.add_metric((madang.__version__, found.city.id), 1)
    yield info
    status = found.status()
    yield GaugeMetricFamily("madang_ready", "Whether every part that is needed runs.", float(bool(status["ready"])))
    parts = GaugeMetricFamily("madang_part_running", "Whether the part runs.", labels=("part",))
    for name, part in status["parts"].items():
        parts.add_metric((name,), float(part.get("status") == "running"))
    yield parts


def _kept(tenants: Sequence[TenantFigures]) -> Iterator[Metric]:
    entities = GaugeMetricFamily("madang_entities", "Entities by type.", labels=("tenant", "type"))
    states = {
        "due": CounterMetricFamily("madang_notifications_due", "Notifications that became due.", labels=("tenant",)),
        "delivered": CounterMetricFamily("madang_notifications_delivered", "Those delivered.", labels=("tenant",)),
        "pending": GaugeMetricFamily("madang_notifications_pending", "Those that wait.", labels=("tenant",)),
        "dead": GaugeMetricFamily("madang_notifications_dead", "Those given up.", labels=("tenant",)),
    }
    for one in tenants:
        for type, count in one.entities.items():
            entities.add_metric((one.tenant, type), count)
        for state, metric in states.items():
            metric.add_metric((one.tenant,), getattr(one.notifications, state))
    yield entities
    yield from states.values()
