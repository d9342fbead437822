"""The sessions that are open: a random text each, which the browser keeps; here only its hash."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Set
from datetime import datetime
from typing import Final, Protocol

from madang.govern.caller import Somebody
from madang.govern.identity.session import IDLE, LONGEST, Of, Session

MOST: Final = 10_000
"""Sessions at once; the one that was used least lately goes first."""

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Kept(Protocol):
    """Where sessions outlive this process."""

    def load(self) -> Iterable[tuple[Session, datetime]]:
        """Each, and when it was seen last."""
        ...

    def keep(self, session: Session) -> None:
        """One more."""
        ...

    def touch(self, id: str, at: datetime) -> None:
        """It was seen."""
        ...

    def drop(self, id: str) -> None:
        """It has ended."""
        ...

    def present(self) -> Set[str] | None:
        """The ids that are still there; None where nobody else can have ended any since this was asked."""
        ...


class Nowhere:
    """Keeps nothing: sessions end with the process."""

    def load(self) -> Iterable[tuple[Session, datetime]]:
        return ()

    def keep(self, session: Session) -> None:
        pass

    def touch(self, id: str, at: datetime) -> None:
        pass

    def drop(self, id: str) -> None:
        pass

    def present(self) -> Set[str] | None:
        return None


class Sessions:
    """Opened, found, ended."""

    def __init__(self, now: Callable[[], datetime], kept: Kept | None = None) -> None:
        self._now = now
        self._kept = kept or Nowhere()
        found = list(self._kept.load())
        self._open = {session.id: session for session, _ in found}
        self._seen = {session.id: seen for session, seen in found}

    def open(self, of: Of, who: Somebody) -> str:
        """Begin one; the text for the browser. It is new each time: one from before the signing-in would be somebody
        else's to know."""
        text = secrets.token_urlsafe(32)
        now = self._now()
        made = Session(id=_id(text), of=of, who=who, started_at=now, ends_at=now + LONGEST)
        self._open[made.id], self._seen[made.id] = made, now
        self._kept.keep(made)
        if len(self._open) > MOST:
            self._end(min(self._seen, key=lambda id: self._seen[id]))
        return text

    def find(self, text: str) -> Session | None:
        """The session of that text; None where there is none, or none any more. It counts as use."""
        self._look()
        if not _TEXT.fullmatch(text):
            return None
        session = self._open.get(_id(text))
        if session is None:
            return None
        now, seen = self._now(), self._seen[session.id]
        if now >= session.ends_at or now - seen > IDLE:
            self._end(session.id)
            return None
        if (now - seen).total_seconds() > 1:
            self._seen[session.id] = now
            self._kept.touch(session.id, now)
        return session

    def end(self, session: Session) -> None:
        """This one."""
        self._end(session.id)

    def end_all(self, name: str, of: str) -> int:
        """All of one somebody, everywhere; how many."""
        found = [one.id for one in self._open.values() if one.who.name == name and one.of == of]
        for id in found:
            self._end(id)
        return len(found)

    def count(self, name: str, of: str) -> int:
        """How many one somebody has."""
        return sum(one.who.name == name and one.of == of for one in self._open.values())

    def _look(self) -> None:
        present = self._kept.present()
        if present is not None:
            for id in [id for id in self._open if id not in present]:
                self._open.pop(id)
                self._seen.pop(id, None)

    def _end(self, id: str) -> None:
        self._open.pop(id, None)
        self._seen.pop(id, None)
        self._kept.drop(id)


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
