"""What the API stands on: given to `build` once, found by every handler in the application's state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request

from madang.account.ledger import Account
from madang.api.contexts import Contexts
from madang.api.requests import Requests
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City
from madang.model.world import Hello


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """`status` says how the parts are (see `api/health`); `world` is the world's description, None until it spoke.
    `policy` says what of the ledger's records may be shown. `kept` are answers that do not change, encoded, by their
    ETag.
    """

    hub: Hub
    account: Account
    contexts: Contexts
    city: City
    world: Callable[[], Hello | None]
    status: Callable[[], Mapping[str, Any]]
    attribution: str
    requests: Requests = field(default_factory=Requests)
    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", Policy(self.city.datasets))


def rooms(request: Request[Any, Any, Any]) -> Rooms:
    """The rooms of the application that serves the request."""
    found: Rooms = request.app.state["rooms"]
    return found
