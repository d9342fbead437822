"""``madang replay``: the account of a city, read from its data."""

import asyncio

from madang.account import Account
from madang.app.store import kept_ledger
from madang.decide.replay import Replay
from madang.decide.replay import replay as compute_again
from madang.model.city import City
from madang.settings import Settings


def replay(decision: str, city: City, settings: Settings) -> Replay:
    """Compute a decision again from its record in the city's data, also while a hub is writing it.

    Raises Unavailable where there is no data, ResourceNotFound where there is no such decision.
    """
    with kept_ledger(city, settings) as ledger:
        return asyncio.run(compute_again(Account(ledger), decision))
