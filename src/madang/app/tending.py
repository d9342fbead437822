"""What ends by its own clock in what people decide: votes of committees, and proposals that too few support."""

import asyncio
import logging
from typing import Final

from madang.api.rooms import Rooms
from madang.errors import MadangError
from madang.participate.motions import Motions
from madang.participate.proposals import Proposals

log = logging.getLogger(__name__)

EVERY_S: Final = 10.0


async def tend(here: Rooms) -> None:
    """Look every few seconds, for ever."""
    while True:
        try:
            async with here.voting:
                now = here.clock.now()
                votes = await Motions(here.mandates, here.city).end(now)
                proposals = await Proposals(here.account, here.hub, here.city).end(now)
        except MadangError as error:
            log.warning("votes and proposals that are over could not be ended, it is tried again: %s", error.detail)
        else:
            for one in votes:
                log.info("the vote on %s is over: %s", one.motion.reference, one.close.result if one.close else "")
            for one in proposals:
                log.info("%s is over: %s", one.id, one.state)
        await asyncio.sleep(EVERY_S)
