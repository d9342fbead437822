"""The door to SUMO: libsumo, loaded when it is needed, so that the rest of the city runs without the extra `streets`.

libsumo is untyped and keeps one simulation in global state: one process has at most one running world.
"""

import importlib
from typing import Any

from madang.errors import MissingExtra


def load() -> Any:
    """The module libsumo. Raises MissingExtra where it is not installed."""
    try:
        return importlib.import_module("libsumo")
    except ImportError as missing:
        raise MissingExtra("streets", "The simulated streets") from missing
