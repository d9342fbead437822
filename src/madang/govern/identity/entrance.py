"""The way in for people: by password and code, by a link, or by another provider's word; and whom a session is."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from msgspec.structs import replace

from madang.errors import ResourceNotFound, Unauthorized
from madang.govern.caller import Caller, Somebody
from madang.govern.identity.link import Link, id_of
from madang.govern.identity.password import Passwords, hashed
from madang.govern.identity.person import OPERATOR, Person, check_password
from madang.govern.identity.session import Session
from madang.govern.identity.sessions import Sessions
from madang.govern.identity.totp import step_of

log = logging.getLogger("madang.identity")

_WRONG: Final = "name, password or code are not right; 'madang people reset' gives a new password"
_SPENT: Final = "this link was used or is older than 15 minutes; 'madang people link' prints another"


class People(Protocol):
    """Where the city's own people are kept."""

    def people(self) -> Mapping[str, Person]:
        """By name. Raises Unavailable."""
        ...

    def replace(self, person: Person) -> None:
        """In the place of the one of that name. Raises ResourceNotFound, Unavailable."""
        ...


class Links(Protocol):
    """Where links wait."""

    def spend(self, id: str) -> Link | None:
        """Take it away; None where there is none. Of two who come at once, one has it."""
        ...


Certified = Callable[[str, str, str], Caller | None]
"""Whom a client's certificate stands for: its fingerprint, the purpose that is named, the tenant. None: nobody."""


class Provider(Protocol):
    """Somebody else who knows people (OpenID Connect)."""

    async def begin(self, back: str) -> tuple[str, str]:
        """Where the browser goes to sign in, to come back to the address `back`; and a text that it has to bring
        along. Raises Unavailable."""
        ...

    async def complete(self, code: str, state: str, brought: str) -> Somebody:
        """Who came back. Raises Unauthorized, Unavailable."""
        ...


class Nobody:
    """A city that knows nobody of its own, and has no links out."""

    def people(self) -> Mapping[str, Person]:
        return {}

    def replace(self, person: Person) -> None:
        raise ResourceNotFound("this city knows nobody of its own")

    def spend(self, id: str) -> Link | None:
        return None


class Entrance:
    """All ways in end in a session: the text that the browser keeps."""

    def __init__(
        self,
        sessions: Sessions,
        now: Callable[[], datetime],
        *,
        people: People | None = None,
        links: Links | None = None,
        provider: Provider | None = None,
        certified: Certified | None = None,
    ) -> None:
        self.provider = provider
        self.certified = certified
        self._sessions = sessions
        self._now = now
        self._people: People = people or Nobody()
        self._links: Links = links or Nobody()
        self._passwords = Passwords()
        self._steps: dict[str, int] = {}

    async def by_password(self, name: str, password: str, code: str = "") -> str:
        """Raises Unauthorized, in the same words and after the same time whatever is wrong; Unavailable."""
        person = self._people.people().get(name)
        right = await self._passwords.fits(person.password if person is not None else None, password)
        if person is None or not right or not self._second(person, code):
            log.warning("signing in failed for %s", name if person is not None else "an unknown name")
            raise Unauthorized(_WRONG)
        log.info("%s signed in by password%s", name, " and code" if person.totp else "")
        return self._sessions.open("person", Somebody(name=name))

    def by_link(self, token: str) -> str:
        """Raises Unauthorized."""
        id = id_of(token)
        link = self._links.spend(id) if id else None
        if link is None or self._now() >= link.ends_at:
            log.warning("signing in by a link that does not hold")
            raise Unauthorized(_SPENT)
        log.info("%s signed in by a link", link.name)
        if link.name == OPERATOR:
            return self._sessions.open("house", Somebody(name=OPERATOR, roles=(OPERATOR,)))
        if link.name not in self._people.people():
            raise Unauthorized(_SPENT)
        return self._sessions.open("person", Somebody(name=link.name))

    async def by_provider(self, code: str, state: str, brought: str) -> str:
        """Raises Unauthorized, Unavailable; ResourceNotFound where the city has no provider."""
        if self.provider is None:
            raise ResourceNotFound("this city has no other provider of identities (MADANG_OIDC_ISSUER)")
        found = await self.provider.complete(code, state, brought)
        log.info("%s signed in by the provider", found.name)
        return self._sessions.open("provider", found)

    async def change_password(self, text: str, *, old: str, new: str) -> str:
        """Another password for whose session the text is; all their sessions end, and this is the text of a new one.
        Raises Unauthorized where the old one is wrong, BadRequestData where the new one will not do, Unavailable."""
        found = self.session(text)
        person = self._people.people().get(found.who.name) if found is not None and found.of == "person" else None
        if person is None:
            raise Unauthorized("sign in by name and password first: only such people have one to change")
        check_password(new, person.name)
        if not await self._passwords.fits(person.password, old):
            log.warning("a change of password failed for %s", person.name)
            raise Unauthorized("the present password is not right")
        kept = await asyncio.to_thread(hashed, new)
        changed = replace(person, password=kept, changed_at=self._now())
        await asyncio.to_thread(self._people.replace, changed)
        self._sessions.end_all(person.name, "person")
        log.info("%s has another password", person.name)
        return self._sessions.open("person", Somebody(name=person.name))

    def session(self, text: str) -> Session | None:
        """Whose the text is, as the city knows them now; None for nobody any more."""
        found = self._sessions.find(text)
        if found is None or found.of != "person":
            return found
        person = self._people.people().get(found.who.name)
        if person is None or person.changed_at > found.started_at:
            self._sessions.end(found)
            return None
        return replace(found, who=person.somebody())

    def caller(self, text: str, *, purpose: str, tenant: str) -> Caller | None:
        """The caller that the text's session is, for that purpose ("" is its own); None for nobody. Raises
        Forbidden."""
        found = self.session(text)
        if found is None:
            return None
        return found.who.caller(purpose=purpose, tenant=tenant)

    def leave(self, text: str, *, everywhere: bool = False) -> int:
        """End the text's session, or all of whose it is; how many."""
        found = self._sessions.find(text)
        if found is None:
            return 0
        log.info("%s signed out%s", found.who.name, " everywhere" if everywhere else "")
        if everywhere:
            return self._sessions.end_all(found.who.name, found.of)
        self._sessions.end(found)
        return 1

    def count(self, session: Session) -> int:
        """How many sessions the same somebody has."""
        return self._sessions.count(session.who.name, session.of)

    def _second(self, person: Person, code: str) -> bool:
        if not person.totp:
            return True
        step = step_of(person.totp, code, self._now().timestamp(), after=self._steps.get(person.name, -1))
        if step is None:
            return False
        self._steps[person.name] = step
        return True
