"""The one settings object; the only reader of the environment.

Every setting has a default that a small city can live with, and a variable ``MADANG_<NAME>`` that overrides it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from madang.errors import InvalidRequest


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation runs, as against what its city is (``model/city``)."""

    host: str = "127.0.0.1"
    """Where the hub listens. Beyond loopback `identity` should be ``keys``."""
    port: int = 8080
    data: Path = Path("data")
    """Where the city's state is kept: one folder per city below it."""
    store: str = ""
    """Where it is kept instead: the address of a PostgreSQL server, postgresql://user:password@host:5432/database."""
    identity: Literal["home", "keys"] = "home"
    """Who may write: ``home`` lets whoever asks from this machine without a key be its operator; with ``keys`` nobody
    is anybody without one (``madang key``)."""
    body_limit: int = 10_000_000
    """Bytes of the largest request body."""
    decide_timeout_s: float = 2.0
    """Longest a service may think before its fallback runs; wall seconds."""
    private_contexts: bool = False
    """Whether a user's @context may be fetched from a private address."""
    private_endpoints: bool = False
    """Whether notifications may go to addresses of private networks. A hub on loopback always notifies loopback:
    whoever reaches the one reaches the other."""
    notify_attempts: int = 12
    """Attempts to deliver a notification, at growing intervals (half an hour in all), before it is given up as dead."""
    dry_run: bool = False
    """Whether orders to the field, or to a simulated world, are only recorded: a rehearsal."""
    field_secrets: str = ""
    """A TOML file of names and texts: the communities and passwords that a city's field.toml names."""
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    """Lines for people, or a JSON object a line for a collector."""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The defaults with what ``MADANG_*`` overrides.

    Raises InvalidRequest naming the variable and what it takes. Variables that no setting has are ignored: others may
    share the prefix.
    """
    environment = os.environ if environment is None else environment
    values = {
        field.name: environment[name]
        for field in msgspec.structs.fields(Settings)
        if (name := f"MADANG_{field.name.upper()}") in environment
    }
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"a setting in the environment is wrong: MADANG_*: {error}") from error


def _path(type_: type, value: object) -> object:
    return Path(str(value)) if type_ is Path else value


def service_required(environment: Mapping[str, str] | None = None) -> bool:
    """Whether a missing server fails a test run instead of skipping it (``MADANG_REQUIRE_SERVICES=1``, as CI sets)."""
    environment = os.environ if environment is None else environment
    return environment.get("MADANG_REQUIRE_SERVICES") == "1"
