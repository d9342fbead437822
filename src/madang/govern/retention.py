"""The retention job: what a dataset no longer may keep is deleted from history."""

from collections.abc import Sequence
from datetime import datetime

from madang.govern.policy import ALL, EVERY_NAME
from madang.model import time
from madang.model.dataset import Dataset
from madang.ports import Store


async def enforce(datasets: Sequence[Dataset], store: Store, now: datetime) -> dict[str, int]:
    """Apply each dataset's retention (ISO 8601) to the history of its attributes; samples deleted, by dataset id.

    Idempotent: run it as often as wished, an hour is a good rhythm. A retention that is no duration raises
    BadRequestData.
    """
    forgotten: dict[str, int] = {}
    declared = [dataset.type for dataset in datasets if dataset.type != "*"]
    for dataset in datasets:
        if dataset.history:
            before = time.duration(dataset.retention, what=f"retention of {dataset.id}").before(now)
            type = None if dataset.type == "*" else dataset.type
            names = EVERY_NAME if ALL in dataset.history else frozenset(dataset.history)
            forgotten[dataset.id] = await store.forget(
                type=type, names=names, before=before, apart=() if type else declared
            )
    return forgotten
