"""Counts what is answered, for `metrics`."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

Observe = Callable[[int, float], None]
"""Takes the status of an answer and the seconds it took."""


class Requests:
    """How many requests each operation answered, with which status, and how long they took."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._count = Counter("madang_requests", "Requests answered.", ("operation", "status"), registry=self.registry)
        self._seconds = Histogram(
            "madang_request_seconds", "Seconds to the answer.", ("operation",), buckets=_BUCKETS, registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def operation(self, name: str) -> Observe:
        """The observer of one operation."""
        seconds = self._seconds.labels(name).observe
        counts: dict[int, Callable[[], None]] = {}

        def observe(status: int, took_s: float) -> None:
            count = counts.get(status)
            if count is None:
                count = counts[status] = self._count.labels(name, str(status)).inc
            count()
            seconds(took_s)

        return observe
