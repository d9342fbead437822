"""What ends by its own clock in what people decide: votes of committees, proposals that too few support or nobody
answers; and the letters to those who follow a proposal."""

import asyncio
import logging
from typing import Final

from madang.api.rooms import Rooms
from madang.errors import MadangError
from madang.participate.followers import Followers
from madang.participate.motions import Motions
from madang.participate.proposals import Proposals

log = logging.getLogger(__name__)

EVERY_S: Final = 10.0


async def tend(here: Rooms) -> None:
    """Look every few seconds, for ever. Letters are written beside: many of them hold up no vote."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_end(here))
        group.create_task(_write(here))


async def _write(here: Rooms) -> None:
    letters = Letters(here)
    while True:
        await letters.send()
        await asyncio.sleep(EVERY_S)


async def _end(here: Rooms) -> None:
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
                log.info("%s is %s", one.id, "not answered in time" if one.steps[-1].late else one.state)
        await asyncio.sleep(EVERY_S)


class Letters:
    """Sends those who follow a proposal what became of it. After a start it looks at all proposals: what was not sent
    when the hub died is sent then."""

    def __init__(self, here: Rooms) -> None:
        self._proposals = Proposals(here.account, here.hub, here.city)
        self._followers = Followers(here.hub, here.outside.address, here.city.time_zone)
        self._possible = here.outside.letters
        self._seen = 0

    async def send(self) -> None:
        """What is due. What fails is tried again the next time."""
        if not (self._possible and self._followers.declared):
            return
        try:
            changed, seen = await self._proposals.stepped(self._seen)
            for id in changed:
                await self._followers.tell(await self._proposals.one(id))
            self._seen = seen
        except MadangError as error:
            log.warning("letters about proposals could not be written, it is tried again: %s", error.detail)
