"""A governed city for these tests: datasets about people, keys for them, and a client of its own rooms."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from litestar import Litestar

from madang.account.ledger import Account
from madang.api.contexts import Contexts
from madang.govern import Caller
from madang.govern.key import Key, caller, make
from madang.hub import Hub
from madang.model.dataset import Grant, Sensitivity

from .conftest import dataset

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KIM, LEE = "urn:ngsi-ld:Person:kim", "urn:ngsi-ld:Person:lee"
VISITS = dataset(
    "visits",
    "Visit",
    attributes=("person", "place", "age", "illness"),
    sensitivity=Sensitivity.SPECIAL,
    legal_basis="consent",
    subject="person",
    purposes=("research", "care"),
    writers=("clinic",),
    grants=(
        Grant(roles=("doctor",), purposes=("care",)),
        Grant(
            roles=("researcher",),
            purposes=("research",),
            attributes=("person", "place", "age"),
            transform={"person": "pseudonym", "place": "grid 1000 m", "age": "round 10"},
        ),
    ),
)
FILES = dataset("files", "CaseFile", sensitivity=Sensitivity.INTERNAL)
LAMPS = dataset("lamps", "Lamp", purposes=("lighting",))


class People:
    """The keys of a city, and what to send with a request."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}

    def key(self, name: str, *roles: str, **more: Any) -> dict[str, str]:
        made, text = make(name, roles=roles, now=NOW, **more)
        self.keys[made.id] = made
        return {"Authorization": f"Bearer {text}"}

    def known(self, text: str, purpose: str, tenant: str) -> Caller:
        return caller(text, self.keys, lambda: NOW, purpose=purpose, tenant=tenant)


@asynccontextmanager
async def asked(
    application: Litestar, hub: Hub, account: Account, people: People, **more: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, with these rooms behind it and nobody at home."""
    before = application.state["rooms"]
    contexts = Contexts(kept=lambda: hub.contexts)
    application.state["rooms"] = dataclasses.replace(
        before, hub=hub, account=account, contexts=contexts, known=people.known, home=False, **more
    )
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    application.state["rooms"] = before
    hub.close()
