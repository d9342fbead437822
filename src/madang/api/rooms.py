"""What the API stands on: given to `build` once, found by every handler in the application's state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request

from madang.account.ledger import Account
from madang.account.mandates import Mandates
from madang.api.contexts import Contexts
from madang.api.limits import Limits
from madang.api.requests import Requests
from madang.clock import Clock
from madang.errors import Unauthorized
from madang.govern import Caller, Policy
from madang.hub import Hub
from madang.model.city import City
from madang.model.world import Hello

Known = Callable[[str, str, str], Caller]
"""Whom a key's text stands for, for a purpose ("": the key's own), in a tenant. Raises Unauthorized, Forbidden."""


def nobody(text: str, purpose: str, tenant: str) -> Caller:
    """A city without keys knows nobody."""
    raise Unauthorized("this city has no keys; 'madang key add' makes one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """`status` says how the parts are (see `api/health`); `world` is the world's description, None until it spoke.
    `policy` says what may be shown. `known` answers whom a key stands for (its text, the purpose that is named or "",
    the tenant); `home`: who asks from this machine without a key is the operator. `kept` are answers that do not
    change, encoded, by their ETag. `mandates` are people's acts, `clock` the city's, `limits` how often strangers may
    write.
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
    limits: Limits = field(default_factory=Limits)

    @property
    def policy(self) -> Policy:
        """The hub's."""
        return self.hub.policy


def rooms(request: Request[Any, Any, Any]) -> Rooms:
    """The rooms of the application that serves the request."""
    found: Rooms = request.app.state["rooms"]
    return found
