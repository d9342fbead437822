"""A city's people, its one-time links and its open sessions, in files beside its data that only their owner reads."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from madang.app.private import LOOK_EVERY_S, PrivateTable, write
from madang.clock import WallClock, monotonic_s
from madang.errors import AlreadyExists, ResourceNotFound
from madang.govern.identity import Link, Person, Session
from madang.govern.identity.link import make
from madang.govern.identity.person import OPERATOR
from madang.settings import Settings


class PeopleFile:
    """The file ``people.json`` of a folder."""

    def __init__(self, folder: Path) -> None:
        self._table = PrivateTable(folder / "people.json", Person, lambda person: person.name)

    def people(self) -> Mapping[str, Person]:
        """By name. Raises Unavailable where the file cannot be read."""
        return self._table.read()

    def add(self, person: Person) -> None:
        """One more. Raises AlreadyExists."""
        with self._table.change() as people:
            if person.name in people:
                raise AlreadyExists(f"'{person.name}' is there already; 'madang people reset' gives another password")
            people[person.name] = person

    def replace(self, person: Person) -> None:
        """In the place of the one of that name. Raises ResourceNotFound."""
        with self._table.change() as people:
            self._present(people, person.name)
            people[person.name] = person

    def remove(self, name: str) -> Person:
        """Nobody any more, and its sessions end. Raises ResourceNotFound."""
        with self._table.change() as people:
            self._present(people, name)
            return people.pop(name)

    def one(self, name: str) -> Person:
        """Raises ResourceNotFound."""
        people = self.people()
        self._present(people, name)
        return people[name]

    @staticmethod
    def _present(people: Mapping[str, Person], name: str) -> None:
        if name not in people:
            raise ResourceNotFound(f"there is nobody called {name!r}; 'madang people list' tells the names")


class LinkFolder:
    """The folder ``links``: a file each, so that the file system says who was first to take one away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "links"

    def add(self, link: Link, now: datetime) -> None:
        """One more; those that ended go."""
        _private(self._folder)
        for file in self._folder.glob("*.json"):
            with contextlib.suppress(OSError, msgspec.DecodeError):
                if msgspec.json.decode(file.read_bytes(), type=Link).ends_at < now:
                    file.unlink()
        write(self._folder / f"{link.id}.json", msgspec.json.encode(link))

    def spend(self, id: str) -> Link | None:
        """Take it away; None where there is none. Of two who come at once, one has it."""
        file = self._folder / f"{id}.json"
        try:
            link = msgspec.json.decode(file.read_bytes(), type=Link)
            file.unlink()
        except (OSError, msgspec.DecodeError):
            return None
        return link


class SessionFolder:
    """The folder ``sessions``: a file each, whose time says when it was seen last. Who deletes one ends the session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sessions"
        self._stamp = 0
        self._looked = -LOOK_EVERY_S

    def load(self) -> Iterable[tuple[Session, datetime]]:
        """Each, and when it was seen last."""
        for file in self._folder.glob("*.json"):
            with contextlib.suppress(OSError, msgspec.DecodeError):
                seen = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                yield msgspec.json.decode(file.read_bytes(), type=Session), seen

    def keep(self, session: Session) -> None:
        """One more."""
        _private(self._folder)
        # Nobody waits for the disk: after a crash of the machine one signs in again.
        write(self._file(session.id), msgspec.json.encode(session), durable=False)

    def touch(self, id: str, at: datetime) -> None:
        """It was seen."""
        with contextlib.suppress(OSError):
            os.utime(self._file(id), (at.timestamp(), at.timestamp()))

    def drop(self, id: str) -> None:
        """It has ended."""
        self._file(id).unlink(missing_ok=True)

    def present(self) -> Set[str] | None:
        """The ids that are there; None where the folder did not change, or was looked at within a second."""
        if monotonic_s() - self._looked < LOOK_EVERY_S:
            return None
        self._looked = monotonic_s()
        try:
            stamp = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return {file.stem for file in self._folder.glob("*.json")}

    def end_all(self, name: str, of: str) -> int:
        """All of one somebody; how many."""
        found = [session for session, _ in self.load() if session.who.name == name and session.of == of]
        for session in found:
            self.drop(session.id)
        return len(found)

    def _file(self, id: str) -> Path:
        return self._folder / f"{id}.json"


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


class Place:
    """What a city's folder of data knows of its people."""

    def __init__(self, folder: Path) -> None:
        self.people = PeopleFile(folder)
        self.links = LinkFolder(folder)
        self.sessions = SessionFolder(folder)


def new_link(city: str, settings: Settings, name: str = OPERATOR) -> str:
    """The address that signs `name` in at the city's hub, once. Raises ResourceNotFound where there is nobody so
    called."""
    place = Place(settings.data / city)
    if name != OPERATOR:
        place.people.one(name)
    now = WallClock().now()
    link, token = make(name, now)
    place.links.add(link, now)
    return f"{settings.here}/sign-in/{token}"
