"""A provider's description and keys, and whether a token is one of its own (OpenID Connect Discovery 1.0, RFC 7517,
RFC 7519; what to look out for: RFC 8725)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from madang.api.caller import is_loopback
from madang.clock import monotonic_s
from madang.errors import Unauthorized, Unavailable

log = logging.getLogger("madang.identity")

_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a key pair. With HS256 the provider's public key could be taken for a secret, with none anybody
signs (RFC 8725, 3.1)."""
_LONGEST: Final = 16_384
_ANSWER: Final = 1_000_000
_PATIENCE_S: Final = 5.0
_AGAIN_S: Final = 30.0
"""Tokens of unknown keys make the keys be fetched anew, and no more often than so."""
_KEPT_S: Final = 3600.0
_LEEWAY_S: Final = 30


class Refused(Exception):
    """A token that does not hold; the text says why."""


class Issuer:
    """What is known of one issuer."""

    def __init__(
        self, issuer: str, now: Callable[[], datetime], *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.described: Mapping[str, Any] = {}
        self._issuer = issuer
        self._now = now
        self._set: KeySet | None = None
        self._described_s = self._fetched_s = -_KEPT_S
        self._turn = asyncio.Lock()
        self._http = httpx.AsyncClient(timeout=_PATIENCE_S, transport=transport, trust_env=False)

    def now_s(self) -> float:
        """Seconds since 1970, by the wall."""
        return self._now().timestamp()

    async def endpoint(self, name: str) -> str:
        """An address of the provider's. Raises Unavailable."""
        await self._describe()
        address = str(self.described.get(name, ""))
        if not is_safe(address):
            raise Unavailable(f"the provider {self._issuer} has no {name} over TLS")
        return address

    async def claims(self, text: str, *, audience: str) -> Mapping[str, Any]:
        """The claims of a token by this issuer for that audience, now. Raises Refused, Unavailable."""
        if not audience or not text or len(text) > _LONGEST:
            raise Refused("no such tokens are taken here")
        keys = await self._keys()
        try:
            token = self._decode(text, keys)
        except (JoseError, ValueError):
            # Perhaps its key is newer than ours.
            keys = await self._keys(fresh=True)
            try:
                token = self._decode(text, keys)
            except (JoseError, ValueError) as error:
                raise Refused(f"its signature is not the provider's ({type(error).__name__})") from error
        if "crit" in token.header:
            raise Refused("it has extensions that are not known here")
        return self._checked(token, audience)

    async def ask(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """A JSON object of the provider's. Raises Unavailable; Unauthorized where the provider refuses."""
        try:
            answer = await self._http.request(
                method,
                address,
                headers={"Accept": "application/json", **(headers or {})},
                data=dict(form or {}) or None,
            )
            if answer.is_success and len(answer.content) <= _ANSWER:
                return msgspec.json.decode(answer.content, type=dict[str, Any])
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise Unavailable(f"the provider {self._issuer} cannot be asked: {type(error).__name__}") from error
        if 400 <= answer.status_code < 500:
            log.warning("the provider %s refused (%d): %s", self._issuer, answer.status_code, answer.text[:200])
            raise Unauthorized("the provider of identities did not accept this signing-in; begin again")
        raise Unavailable(f"the provider {self._issuer} answered with status {answer.status_code}")

    async def close(self) -> None:
        """No more questions."""
        await self._http.aclose()

    def _decode(self, text: str, keys: KeySet) -> jwt.Token:
        return jwt.decode(text, keys, algorithms=_ALGORITHMS)

    def _checked(self, token: jwt.Token, audience: str) -> Mapping[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=int(self.now_s()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            registry.validate(token.claims)
        except JoseError as error:
            raise Refused(str(error.description or error)) from error
        return cast(Mapping[str, Any], token.claims)

    async def _keys(self, *, fresh: bool = False) -> KeySet:
        async with self._turn:
            age_s = monotonic_s() - self._fetched_s
            if self._set is None or age_s > _KEPT_S or (fresh and age_s > _AGAIN_S):
                found = await self.ask("GET", await self.endpoint("jwks_uri"))
                try:
                    self._set = KeySet.import_key_set(cast(Any, {"keys": _signing(found)}))
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise Unavailable(f"the keys of the provider {self._issuer} cannot be read") from error
                self._fetched_s = monotonic_s()
            return self._set

    async def _describe(self) -> None:
        if monotonic_s() - self._described_s < _KEPT_S:
            return
        found = await self.ask("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise Unavailable(f"the provider says that it is {str(found.get('issuer'))[:200]!r}, not {self._issuer!r}")
        self.described, self._described_s = found, monotonic_s()


def is_safe(address: str) -> bool:
    """Over TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _signing(found: Mapping[str, Any]) -> list[Any]:
    """The public keys for signatures among a set's; kinds that are not known are left out (RFC 7517, 5)."""
    keys = cast(list[dict[str, Any]], found["keys"])
    return [key for key in keys if key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"]
