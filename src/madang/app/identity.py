"""Who the hub knows: its keys, its people, another provider; and whether it may listen where it is told to."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from madang.api.caller import is_loopback
from madang.api.door import Door
from madang.api.rooms import Known
from madang.api.tokens import is_token
from madang.app.jose import Issuer, is_safe
from madang.app.keys import KeyFile
from madang.app.oidc import Client, OpenID
from madang.app.people import Place
from madang.clock import WallClock
from madang.errors import InvalidRequest
from madang.govern import Caller
from madang.govern.developing import Developers
from madang.govern.identity import Certified, Entrance, Sessions
from madang.govern.key import caller
from madang.listen import Tls
from madang.model.city import City
from madang.settings import Settings


def open_id(settings: Settings) -> OpenID | None:
    """The provider that the settings name. Raises InvalidRequest where its secret cannot be read."""
    if not settings.oidc_issuer:
        return None
    if not is_safe(settings.oidc_issuer):
        raise InvalidRequest("MADANG_OIDC_ISSUER is an https:// address (http:// on this machine alone)")
    try:
        secret = Path(settings.oidc_secret).read_text("utf-8").strip() if settings.oidc_secret else ""
    except (OSError, UnicodeError) as problem:
        raise InvalidRequest(f"MADANG_OIDC_SECRET: the file cannot be read: {problem}") from problem
    client = Client(
        issuer=settings.oidc_issuer,
        id=settings.oidc_client,
        secret=secret,
        audience=settings.oidc_audience,
        scope=settings.oidc_scope,
        name=settings.oidc_name,
        roles=settings.oidc_roles,
        subject=settings.oidc_subject,
    )
    return OpenID(client, Issuer(client.issuer, WallClock().now))


def entrance(city: City, settings: Settings, provider: OpenID | None = None) -> Entrance:
    """Where people sign in. Sessions end by the wall's clock, whatever the city's says."""
    now = WallClock().now
    place = Place(settings.data / city.id)
    return Entrance(
        Sessions(now, place.sessions),
        now,
        people=place.people,
        links=place.links,
        provider=provider,
        certified=_certified(city, settings),
    )


def known(city: City, settings: Settings, provider: OpenID | None = None) -> Known:
    """Whom a bearer's text stands for: a key of the city's, or a token of the provider's. Keys end by the wall's clock,
    too."""
    keys, now = _keys(settings.data / city.id), WallClock().now

    def knows(text: str, purpose: str, tenant: str) -> Caller:
        if provider is not None and is_token(text):
            return provider.known(text, purpose, tenant)
        return caller(text, keys.keys(), now, purpose=purpose, tenant=tenant)

    return knows


def developers(city: City, settings: Settings) -> Developers:
    """Who makes keys for themselves. They end by the wall's clock."""
    return Developers(_keys(settings.data / city.id), WallClock().now)


@cache
def _keys(folder: Path) -> KeyFile:
    """One for all who read it: a key holds from when it was made."""
    return KeyFile(folder)


def _certified(city: City, settings: Settings) -> Certified | None:
    """Whom a client's certificate stands for, where the hub asks for them."""
    if not settings.tls_client_ca:
        return None
    keys, now = KeyFile(settings.data / city.id), WallClock().now

    def knows(fingerprint: str, purpose: str, tenant: str) -> Caller | None:
        found = keys.certificates().get(fingerprint)
        return found.caller(now(), purpose=purpose, tenant=tenant) if found is not None else None

    return knows


def tls(settings: Settings) -> Tls | None:
    """How the hub speaks TLS itself; None: it does not."""
    if not settings.tls_cert:
        return None
    clients = Path(settings.tls_client_ca) if settings.tls_client_ca else None
    return Tls(certificate=Path(settings.tls_cert), key=Path(settings.tls_key or settings.tls_cert), clients=clients)


def door(settings: Settings, provider: OpenID | None) -> Door:
    """What a request passes first."""
    admit = provider.admit if provider is not None and settings.oidc_audience else None
    proxies = settings.proxies.replace(",", " ").split()
    return Door(rate=settings.rate, rate_known=settings.rate_known, admit=admit, proxies=proxies)


def check_exposure(settings: Settings) -> None:
    """A hub that takes programs on this machine for its operator stays on this machine. Raises InvalidRequest."""
    if settings.identity != "home" or settings.exposed:
        return
    published = urlsplit(settings.address).hostname or ""
    if is_loopback(settings.host) and (not published or is_loopback(published)):
        return
    where = f"listen on {settings.host}" if not is_loopback(settings.host) else f"be reached as {settings.address}"
    raise InvalidRequest(
        f"the hub would {where}, beyond this machine, while programs here are its operator without a key: set "
        "MADANG_IDENTITY=keys (then 'madang key' and 'madang people' say who is who), or, where you mean it, "
        "MADANG_EXPOSED=true"
    )
