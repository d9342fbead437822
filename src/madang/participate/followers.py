"""Letters about a proposal, for whoever asks: the address is confirmed by a link before anything else is sent to it,
and every letter has a link that ends them, without an account.

The link's secret is made from the city's own, so that none is kept. Followers are told by their place in the proposal's
steps: a hub that dies between a step and its letters sends them when it is back.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import msgspec

from madang.errors import ResourceNotFound
from madang.govern import SYSTEM
from madang.hub import Hub
from madang.model import time as times
from madang.model.entity import Attribute, Entity
from madang.model.follower import KEPT, TYPE, Follower
from madang.model.proposal import OVER
from madang.model.query import Compare, Condition, EntityQuery, Every, Operator, Path
from madang.participate import mailing
from madang.participate.checking import mail
from madang.participate.keeping import kept
from madang.participate.letters import language
from madang.participate.proposals import Course

URN: Final = f"urn:ngsi-ld:{TYPE}:"
UNCONFIRMED: Final = timedelta(days=2)
"""How long an address is kept of which nobody said that it is theirs."""
_PAGE: Final = 500
_LANES: Final = 16
"""Letters about a proposal leave in so many lanes: an address that takes none holds up a sixteenth of the others."""


class Followers:
    """Those of a city's proposals; `address` is where people reach the hub, without a slash at its end: it is in every
    letter. `zone` is the city's time zone."""

    def __init__(self, hub: Hub, address: str, zone: str) -> None:
        self._hub = hub
        self._address = address
        self._zone = zone

    @property
    def declared(self) -> bool:
        """Whether the city's folder says where addresses are kept."""
        return any(one.type == TYPE and set(KEPT.values()) <= set(one.attributes) for one in self._hub.policy.datasets)

    async def ask(self, course: Course, email: str, tongue: str, subject: str, now: datetime) -> None:
        """Take an address down, and ask it whether it wants letters. Who asks learns nothing of whether it was known.
        Raises BadRequestData."""
        address = mail(email.strip())
        follower = Follower(
            id=self._digest("follower", f"{course.id} {address.casefold()}"),
            proposal=course.id,
            email=address,
            language=language(tongue),
            asked_at=now,
            subject=subject,
        )
        known = await self._one(follower.id)
        if known is None:
            entity = msgspec.structs.replace(_entity(follower), expires_at=now + UNCONFIRMED)
            await self._hub.batch.upsert(SYSTEM, [entity])
        letter = mailing.question(course, follower.language, self.link(follower.id))
        await self._hub.posts.send(f"proposal-letters:{follower.id}", mailing.to(address), letter)

    async def opened(self, token: str) -> Follower | None:
        """Who has this link; None: nobody any more. Raises ResourceNotFound for a link that this hub never gave."""
        id, _, secret = token.partition(".")
        if not hmac.compare_digest(secret.encode(), self._digest("letters", id).encode()):
            raise ResourceNotFound("no letters have this link")
        return await self._one(id)

    async def confirm(self, follower: Follower, course: Course, now: datetime) -> Follower:
        """From now on letters go to the address, about what becomes of the proposal next."""
        if follower.confirmed_at is None:
            follower = msgspec.structs.replace(follower, confirmed_at=now, told=len(course.steps))
            await self._hub.batch.upsert(SYSTEM, [kept(_entity(follower), self._hub.policy.datasets, now)])
        return follower

    async def stop(self, follower: Follower) -> None:
        """No more letters: the address is deleted."""
        await self._hub.batch.delete(SYSTEM, [URN + follower.id])

    async def drop(self, proposal: str) -> None:
        """Delete all addresses of a proposal."""
        while found := await self._of(proposal):
            await self._hub.batch.delete(SYSTEM, [URN + one.id for one in found])

    async def tell(self, course: Course) -> int:
        """Send each step to those who do not know of it, in order; how many letters. After the last step nobody needs
        the addresses any more, and they are deleted."""
        sent = 0
        knows_less = Compare(Path((KEPT["told"],)), Operator.LESS, len(course.steps))
        # Whoever was told is none of the next page.
        while found := await self._of(course.id, knows_less):
            for follower in found:
                sent += await self._tell(course, follower)
        if course.state in OVER:
            await self.drop(course.id)
        return sent

    async def _tell(self, course: Course, follower: Follower) -> int:
        due = course.steps[follower.told :]
        page = f"{self._address}/proposals/{course.id}"
        lane = f"proposal:{course.id}:{int(follower.id[:8], 16) % _LANES}"
        for step in due:
            link = self.link(follower.id)
            letter = mailing.letter(course, step, follower.language, link, page=page, zone=self._zone)
            await self._hub.posts.send(lane, mailing.to(follower.email), letter)
        told = Entity(id=URN + follower.id, types=(TYPE,), attributes=_attributes({"told": len(course.steps)}))
        await self._hub.batch.update(SYSTEM, [kept(told, self._hub.policy.datasets, follower.asked_at)])
        return len(due)

    async def _of(self, proposal: str, *terms: Condition) -> list[Follower]:
        where = Every((Compare(Path((KEPT["proposal"],)), Operator.EQUAL, proposal), *terms))
        page = await self._hub.entities.query(SYSTEM, EntityQuery(types=((TYPE,),), where=where, limit=_PAGE))
        return [_follower(one) for one in page.entities]

    async def _one(self, id: str) -> Follower | None:
        found = await self._hub.entities.read(SYSTEM, [URN + id])
        return _follower(found[URN + id]) if found else None

    def link(self, follower: str) -> str:
        """The address of the page where the follower of that id says yes or no."""
        return f"{self._address}/proposals/letters/{follower}.{self._digest('letters', follower)}"

    def _digest(self, what: str, text: str) -> str:
        secret = self._hub.policy.terms.secret
        return hmac.new(secret, f"{what} {text}".encode(), hashlib.sha256).hexdigest()[:32]


def _entity(follower: Follower) -> Entity:
    given = {name: getattr(follower, name) for name in KEPT}
    return Entity(id=URN + follower.id, types=(TYPE,), attributes=_attributes(given))


def _attributes(given: dict[str, object]) -> dict[str, tuple[Attribute, ...]]:
    values = {name: times.text(one) if isinstance(one, datetime) else one for name, one in given.items()}
    return {KEPT[name]: (Attribute(value=one),) for name, one in values.items() if one not in ("", None)}


def _follower(entity: Entity) -> Follower:
    found = {name: entity.value(kept_as) for name, kept_as in KEPT.items()}
    values = {name: one for name, one in found.items() if one is not None}
    return msgspec.convert({"language": "", **values, "id": entity.id.removeprefix(URN)}, Follower)
