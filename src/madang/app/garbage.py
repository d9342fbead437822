"""How seldom Python looks for circles of garbage in our processes. Entities and decisions hold none; to look through
them took a quarter of each write and a twentieth of a run."""

import gc
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 20)
"""How much garbage may gather before the collector looks, by its generations."""


def look_seldom() -> None:
    """What is loaded by now stays and is not looked through any more; of what comes, much may gather."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
