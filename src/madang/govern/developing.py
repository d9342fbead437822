"""Keys that developers make for themselves: what they are for, how much they may be used in a day, what was used."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from madang.errors import Forbidden, MadangError, Unauthorized
from madang.govern.caller import DEVELOPER
from madang.govern.key import Key, caller, make

DAILY: Final = 20_000
"""Requests that one key may make in a day (UTC)."""

LASTS: Final = timedelta(days=365)
MOST: Final = 10_000
"""Keys of developers at one time."""

NAME: Final = "dev-"
"""What their names begin with."""


class QuotaSpent(MadangError):
    """A key's requests of the day are used up; the member `retry_after_s` says when it has new ones."""

    status = 429
    type = "about:blank"
    title = "Quota spent"


class Shelf(Protocol):
    """Where keys are kept."""

    def keys(self) -> Mapping[str, Key]:
        """By id."""
        ...

    def add(self, key: Key) -> None:
        """One more."""
        ...

    def remove(self, id: str) -> Key:
        """It opens nothing any more. Raises ResourceNotFound."""
        ...


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A key as its holder sees it; `used` counts today's requests since the hub started."""

    name: str
    made_at: datetime
    expires_at: datetime | None
    daily: int
    used: int


class Developers:
    """Makes and ends such keys, and counts their requests."""

    def __init__(self, shelf: Shelf, now: Callable[[], datetime], *, daily: int = DAILY) -> None:
        self._shelf = shelf
        self._now = now
        self._daily = daily
        self._day = ""
        self._used: dict[str, int] = {}

    def make(self) -> tuple[Use, str]:
        """A new key and its text, which is nowhere else. Raises Forbidden where there are too many."""
        now = self._now()
        own = [one for one in self._shelf.keys().values() if DEVELOPER in one.roles]
        for one in own:
            if one.expires_at is not None and one.expires_at <= now:
                self._shelf.remove(one.id)
        if len(own) >= MOST:
            raise Forbidden("this city has as many keys of developers as it takes; its operator can remove some")
        key, text = make("dev", roles=(DEVELOPER,), now=now, purposes=("public-information",), expires_at=now + LASTS)
        self._shelf.add(msgspec.structs.replace(key, name=NAME + key.id))
        return self._use(msgspec.structs.replace(key, name=NAME + key.id)), text

    def use(self, text: str) -> Use:
        """How the key is used. Raises Unauthorized where it is none of these."""
        return self._use(self._key(text))

    def end(self, text: str) -> None:
        """The holder ends the key. Raises Unauthorized."""
        self._shelf.remove(self._key(text).id)

    def count(self, name: str) -> None:
        """Count a request of the key of that name. Raises QuotaSpent."""
        now = self._now()
        day = now.date().isoformat()
        if day != self._day:
            self._day, self._used = day, {}
        used = self._used.get(name, 0)
        if used >= self._daily:
            left_s = 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
            raise QuotaSpent(
                f"this key has made its {self._daily} requests of today; it has new ones at midnight UTC",
                retry_after_s=left_s,
            )
        self._used[name] = used + 1

    def _key(self, text: str) -> Key:
        who = caller(text, self._shelf.keys(), self._now, purpose="", tenant="")
        found = next((one for one in self._shelf.keys().values() if one.name == who.name), None)
        if found is None or DEVELOPER not in found.roles:
            raise Unauthorized("this is no key that a developer made; an operator gave it and can end it")
        return found

    def _use(self, key: Key) -> Use:
        today = self._used if self._day == self._now().date().isoformat() else {}
        return Use(
            name=key.name,
            made_at=key.created_at,
            expires_at=key.expires_at,
            daily=self._daily,
            used=today.get(key.name, 0),
        )
