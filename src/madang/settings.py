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
    """Where the hub listens. Beyond this machine `identity` has to be ``keys``, unless `exposed` says otherwise."""
    port: int = 8080
    data: Path = Path("data")
    """Where the city's state is kept: one folder per city below it."""
    store: str = ""
    """Where it is kept instead: the address of a PostgreSQL server, postgresql://user:password@host:5432/database."""
    identity: Literal["home", "keys"] = "home"
    """Who may write: ``home`` lets programs on this machine be its operator without a key; with ``keys`` nobody is
    anybody without a key (``madang key``) or a session (``madang people``)."""
    tls_cert: str = ""
    """The file with the hub's certificate (PEM): then it speaks TLS itself. `tls_key` has its key."""
    tls_key: str = ""
    tls_client_ca: str = ""
    """The file with the authorities that sign certificates of machines (``madang key add --certificate``)."""
    exposed: bool = False
    """Whether to listen beyond this machine although `identity` is ``home``."""
    rate: float = 100.0
    """Requests a second that strangers at one address may make, and ten times as many at once; 0: as many as come."""
    rate_known: float = 0.0
    """The same for each who is known by a key, a token or a session."""
    proxies: str = ""
    """Addresses of those who pass requests on, with commas; this machine's own are among them."""
    oidc_issuer: str = ""
    """Another provider of identities (OpenID Connect), by its issuer's address; https, or on this machine."""
    oidc_client: str = "madang"
    """What the provider knows this hub as."""
    oidc_secret: str = ""
    """A file with the secret that the provider gave the hub; none for a public client."""
    oidc_audience: str = ""
    """The audience that the provider's tokens on calls of the API have to name; none: no tokens are taken."""
    oidc_scope: str = "openid"
    """What is asked of the provider."""
    oidc_name: str = "sub"
    """The claim that is a person's name here: one that people cannot choose for themselves."""
    oidc_roles: str = "roles"
    """The claim that has a person's roles; dots lead into it (realm_access.roles)."""
    oidc_subject: str = ""
    """The URI of the person, where data may be about them, such as urn:ngsi-ld:Person:{sub}."""
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
    address: str = ""
    """Under which address people reach the hub, such as https://city.example: for letters and signs. Empty: as whoever
    asks called it."""
    mail: str = ""
    """The server that takes mail: smtp://user:password@host:587 (STARTTLS where it offers that, always with a password)
    or smtps://user:password@host:465. Empty: no mail is sent."""
    mail_from: str = ""
    """Who writes that mail, such as City of Testville <reports@city.example>."""
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    """Lines for people, or a JSON object a line for a collector."""

    @property
    def here(self) -> str:
        """The address for a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"


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
