"""Understand and remember: the NGSI-LD operations. No route, service or export reaches the store but through here."""

from madang.hub.hub import Hub
from madang.hub.results import BatchResult, Page, UpdateResult

__all__ = ["BatchResult", "Hub", "Page", "UpdateResult"]
