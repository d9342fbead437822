"""Tokens that are not the provider's, not for us, not of now: each known attack (RFC 8725) is refused."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from madang.app import jose
from madang.app.jose import Issuer, Refused
from madang.app.oidc import Client, OpenID
from madang.errors import Unauthorized, Unavailable

ISSUER, API = "http://127.0.0.1:9", "https://city.example/api"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Provider:
    """What a provider publishes, and what it signs."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.more: list[dict[str, Any]] = [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "AKP", "kid": "of-tomorrow"}]
        self.issuer = ISSUER
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].endswith("openid-configuration"):
            body: dict[str, Any] = {"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"}
        else:
            self.asked += 1
            body = {"keys": [*self.more, self.key.as_dict(private=False)]}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    def token(self, *, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        at = NOW.timestamp()
        claims = {"iss": ISSUER, "aud": API, "sub": "kim", "iat": at, "exp": at + 60, "roles": ["counter"], **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "RS256", "kid": "1", **(header or {})}
        return jwt.encode(head, claims, key or self.key, algorithms=["RS256", "HS256", "ES256"])


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def issuer(provider: Provider) -> Issuer:
    return Issuer(ISSUER, lambda: NOW, transport=httpx.ASGITransport(app=provider))


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def with_public_key(provider: Provider) -> str:
    """Signed with the provider's public key as if it were a shared secret. By hand: no library does it."""
    text = f"{part({'alg': 'HS256', 'kid': '1'})}.{provider.token().split('.')[1]}"
    mac = hmac.digest(provider.key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[Provider], str]] = {
    "nobody signed": lambda p: f"{part({'alg': 'none'})}.{p.token().split('.')[1]}.",
    "the public key as a secret": with_public_key,
    "another key of the same name": lambda p: p.token(key=RSAKey.generate_key(2048, {"kid": "1"})),
    "another kind of key": lambda p: p.token(key=ECKey.generate_key("P-256", {"kid": "1"}), header={"alg": "ES256"}),
    "a key that it brings along": lambda p: p.token(
        key=(own := RSAKey.generate_key(2048)), header={"kid": "own", "jwk": own.as_dict(private=False)}
    ),
    "extensions": lambda p: p.token(header={"crit": ["b64"], "b64": False}),
    "another issuer": lambda p: p.token(iss="https://evil.example"),
    "another audience": lambda p: p.token(aud="https://other.example"),
    "no audience": lambda p: p.token(aud=None),
    "nobody": lambda p: p.token(sub=None),
    "without end": lambda p: p.token(exp=None),
    "ended": lambda p: p.token(exp=NOW.timestamp() - 31),
    "not yet": lambda p: p.token(nbf=NOW.timestamp() + 3600),
    "too long": lambda p: p.token(more="x" * 20_000),
    "no token": lambda p: "a.b.c",
    "empty": lambda p: "",
}


@pytest.mark.parametrize("how", list(FORGED))
async def test_what_is_forged_is_refused(issuer: Issuer, provider: Provider, how: str) -> None:
    with pytest.raises(Refused):
        await issuer.claims(FORGED[how](provider), audience=API)


async def test_what_is_the_providers_is_taken(issuer: Issuer, provider: Provider) -> None:
    assert (await issuer.claims(provider.token(aud=["other", API]), audience=API))["sub"] == "kim"
    assert provider.asked == 1
    with pytest.raises(Refused):
        await issuer.claims(provider.token(), audience="")


async def test_new_keys_are_fetched_and_not_at_every_strangers_wish(
    issuer: Issuer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await issuer.claims(provider.token(), audience=API)
    provider.key = RSAKey.generate_key(2048, {"kid": "2", "use": "sig"})
    for _ in range(5):
        with pytest.raises(Refused):
            await issuer.claims(provider.token(header={"kid": "2"}), audience=API)
    assert provider.asked == 1
    monkeypatch.setattr(jose, "_AGAIN_S", 0.0)
    assert await issuer.claims(provider.token(header={"kid": "2"}), audience=API)
    assert provider.asked == 2


async def test_a_provider_that_says_it_is_another_is_not_believed(issuer: Issuer, provider: Provider) -> None:
    provider.issuer = "https://evil.example"
    with pytest.raises(Unavailable):
        await issuer.claims(provider.token(), audience=API)


async def test_a_token_is_looked_at_once_and_ends(provider: Provider) -> None:
    at = NOW
    issuer = Issuer(ISSUER, lambda: at, transport=httpx.ASGITransport(app=provider))
    knows = OpenID(Client(issuer=ISSUER, id="madang", audience=API), issuer)
    token = provider.token()
    with pytest.raises(Unauthorized):
        knows.known(token, "", "")
    await knows.admit(token)
    caller = knows.known(token, "", "")
    assert (caller.name, caller.roles, caller.role) == ("kim", ("counter",), "member")
    at = NOW + timedelta(seconds=60)
    await knows.admit(token)
    with pytest.raises(Unauthorized, match="ended"):
        knows.known(token, "", "")


@pytest.mark.parametrize("mark", [{"nonce": "n"}, {"at_hash": "h"}])
async def test_an_id_token_opens_no_api(issuer: Issuer, provider: Provider, mark: dict[str, str]) -> None:
    knows = OpenID(Client(issuer=ISSUER, id="madang", audience=API), issuer)
    token = provider.token(**mark)
    await knows.admit(token)
    with pytest.raises(Unauthorized, match="ID token"):
        knows.known(token, "", "")


@pytest.mark.parametrize(
    ("roles", "found"),
    [(["a", "B", 3, "x y"], ("a", "3")), ("a b", ("a", "b")), ({"a": 1}, ()), (None, ())],
)
async def test_roles_are_read_where_the_city_says(
    issuer: Issuer, provider: Provider, roles: Any, found: tuple[str, ...]
) -> None:
    knows = OpenID(Client(issuer=ISSUER, id="madang", audience=API, roles="realm.roles"), issuer)
    token = provider.token(realm={"roles": roles})
    await knows.admit(token)
    assert knows.known(token, "", "").roles == found


@pytest.mark.parametrize("name", ["", "with space", "<b>", "-x", "n" * 200])
async def test_a_name_that_is_none_is_nobody(issuer: Issuer, provider: Provider, name: str) -> None:
    knows = OpenID(Client(issuer=ISSUER, id="madang", audience=API), issuer)
    token = provider.token(sub=name)
    await knows.admit(token)
    with pytest.raises(Unauthorized):
        knows.known(token, "", "")
