"""The public HTTP API: one file per operation family, named as in ``hub``."""

from madang.api.build import build

__all__ = ["build"]
