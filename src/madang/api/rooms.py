"""What the API stands on: given to `build` once, found by every handler in the application's state."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from litestar import Request

from madang.account.budgets import Budgets
from madang.account.ledger import Account
from madang.account.mandates import Mandates
from madang.api.contexts import Contexts
from madang.api.limits import Limits
from madang.api.outside import Outside
from madang.api.requests import Requests
from madang.api.sharing import Sharing
from madang.clock import Clock, WallClock
from madang.decide.supposing import Supposing
from madang.errors import ResourceNotFound, Unauthorized
from madang.govern import Caller, Policy
from madang.govern.developing import Developers
from madang.govern.identity import Entrance, Sessions
from madang.hub import Hub
from madang.model.city import City
from madang.model.world import Hello
from madang.publish.releases import Releases

if TYPE_CHECKING:
    from madang.appraise.case.board import Board
from madang.turns import Turns

Known = Callable[[str, str, str], Caller]
"""Whom a key's text stands for, for a purpose ("": the key's own), in a tenant. Raises Unauthorized, Forbidden."""


class Projects(Protocol):
    """Where the city's project files are read."""

    def names(self) -> list[str]:
        """The projects' ids in order."""
        ...

    def board(self, name: str) -> "Board":
        """The project, drawn. Raises ResourceNotFound; AppraisalInvalid with every mistake of its file."""
        ...

    def tried(self, text: str) -> "Board":
        """A project file's text, drawn. Raises AppraisalInvalid with every mistake."""
        ...


class NoProjects:
    """A city without investments."""

    def names(self) -> list[str]:
        return []

    def board(self, name: str) -> "Board":
        raise ResourceNotFound(f"there is no project {name!r}")

    def tried(self, text: str) -> "Board":
        raise ResourceNotFound("this hub appraises no projects")


def nobody(text: str, purpose: str, tenant: str) -> Caller:
    """A city without keys knows nobody."""
    raise Unauthorized("this city has no keys; 'madang key add' makes one")


def closed() -> Entrance:
    """A city where nobody signs in."""
    now = WallClock().now
    return Entrance(Sessions(now), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """`status` says how the parts are (see `api/health`); `world` is the world's description, None until it spoke.
    `policy` says what may be shown. `known` answers whom a key stands for (its text, the purpose that is named or "",
    the tenant); `home`: a program that asks from this machine without a key is the operator; `entrance` is where people
    sign in. `kept` are answers that do not change, encoded, by their ETag. `mandates` are people's acts, `clock` the
    city's, `limits` how often strangers may write, `projects` the city's investments, `releases` its releases of data
    (None: it makes none), `budgets` what may still be told of people, `supposing` asks services what if, `shared` is
    what followers of live changes get alike, `files` open data that is being
    made.
    """

    hub: Hub
    account: Account
    contexts: Contexts
    city: City
    world: Callable[[], Hello | None]
    status: Callable[[], Mapping[str, Any]]
    attribution: str
    mandates: Mandates
    clock: Clock
    requests: Requests = field(default_factory=Requests)
    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    known: Known = nobody
    home: bool = True
    entrance: Entrance = field(default_factory=closed)
    files: Turns[bytes | None] = field(default_factory=Turns[bytes | None])
    shared: Sharing = field(default_factory=Sharing)
    supposing: Supposing = field(default_factory=Supposing)
    projects: Projects = field(default_factory=NoProjects)
    releases: Releases | None = None
    budgets: Budgets
    limits: Limits = field(default_factory=Limits)
    outside: Outside = field(default_factory=Outside)
    developers: Developers | None = None
    voting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def policy(self) -> Policy:
        """The hub's."""
        return self.hub.policy


def rooms(request: Request[Any, Any, Any]) -> Rooms:
    """The rooms of the application that serves the request."""
    found: Rooms = request.app.state["rooms"]
    return found
