"""Another provider of identities: OpenID Connect (authorization code with PKCE), and its tokens on calls of the API."""

import hashlib
import hmac
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote, urlencode

import msgspec

from madang.app.jose import Issuer, Refused
from madang.clock import monotonic_s
from madang.errors import Unauthorized
from madang.govern import Caller
from madang.govern.caller import Somebody

_FLOWS: Final = 1000
_FLOW_S: Final = 600.0
_TOKENS: Final = 10_000
_REFUSED_S: Final = 30.0
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@|+-]{0,127}")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_BEGIN_AGAIN: Final = "this signing-in was not begun here, or took longer than ten minutes; begin again"


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider knows this hub as, and how its claims are read. `audience` is what tokens on calls of the API
    have to name ("": none are taken). `name` and `roles` are claims, `roles` with dots into them; `subject` is a
    template of the person's URI, such as ``urn:ngsi-ld:Person:{sub}``."""

    issuer: str
    id: str
    secret: str = ""
    audience: str = ""
    scope: str = "openid"
    name: str = "sub"
    roles: str = "roles"
    subject: str = ""


class _Flow(NamedTuple):
    nonce: str
    verifier: str
    back: str
    brought: str
    ends_s: float


class _Taken(NamedTuple):
    """What a token stands for, until when (seconds of `now`), or why it does not hold."""

    who: Somebody | None
    why: str
    ends_s: float


class OpenID:
    """One provider. Its description and keys are fetched when they are first needed, and kept."""

    def __init__(self, client: Client, issuer: Issuer) -> None:
        self._client = client
        self._issuer = issuer
        self._flows: OrderedDict[str, _Flow] = OrderedDict()
        self._tokens: OrderedDict[bytes, _Taken] = OrderedDict()

    async def begin(self, back: str) -> tuple[str, str]:
        """Where the browser goes, to come back to `back`; and a text that it has to bring along. Raises Unavailable."""
        where = await self._issuer.endpoint("authorization_endpoint")
        state, nonce, verifier, brought = (secrets.token_urlsafe(32) for _ in range(4))
        self._flows[state] = _Flow(nonce, verifier, back, _hash(brought), monotonic_s() + _FLOW_S)
        while len(self._flows) > _FLOWS:
            self._flows.popitem(last=False)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": back,
            "scope": self._client.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", brought

    async def complete(self, code: str, state: str, brought: str) -> Somebody:
        """Who came back with that code. Raises Unauthorized, Unavailable."""
        flow = self._flows.pop(state, None)
        if flow is None or monotonic_s() > flow.ends_s or not hmac.compare_digest(flow.brought, _hash(brought)):
            raise Unauthorized(_BEGIN_AGAIN)
        if not code:
            raise Unauthorized("the provider did not sign you in")
        given = await self._exchange(code, flow)
        try:
            claims = await self._issuer.claims(str(given.get("id_token", "")), audience=self._client.id)
        except Refused as refused:
            raise Unauthorized(f"the provider's answer does not hold: {refused}") from refused
        if not hmac.compare_digest(str(claims.get("nonce", "")), flow.nonce):
            raise Unauthorized(_BEGIN_AGAIN)
        if claims.get("azp", self._client.id) != self._client.id:
            raise Unauthorized("the provider's answer is for another client")
        return self._somebody(await self._more(claims, str(given.get("access_token", ""))))

    async def admit(self, text: str) -> None:
        """Look at a token before `known` is asked for it: once, then it is kept until it ends. Raises Unavailable."""
        key, now = _key(text), self._issuer.now_s()
        taken = self._tokens.get(key)
        if taken is not None and now < taken.ends_s:
            self._tokens.move_to_end(key)
            return
        try:
            claims = await self._issuer.claims(text, audience=self._client.audience)
            if "nonce" in claims or "at_hash" in claims:
                # It is meant for the sign-in page: whoever has it need not be who may call (RFC 9068, 6).
                raise Refused("it is an ID token, not one for an API")
            ends_s = float(claims["exp"])
            if ends_s <= now:
                raise Refused("it has ended")
            self._tokens[key] = _Taken(self._somebody(claims), "", ends_s)
        except Refused as refused:
            self._tokens[key] = _Taken(None, str(refused), now + _REFUSED_S)
        except Unauthorized as refused:
            self._tokens[key] = _Taken(None, refused.detail, now + _REFUSED_S)
        while len(self._tokens) > _TOKENS:
            self._tokens.popitem(last=False)

    def known(self, text: str, purpose: str, tenant: str) -> Caller:
        """Whom an admitted token stands for. Raises Unauthorized, Forbidden."""
        taken = self._tokens.get(_key(text))
        if taken is None or self._issuer.now_s() >= taken.ends_s or taken.who is None:
            why = taken.why if taken is not None and taken.why else "it has ended"
            raise Unauthorized(f"the token does not hold: {why}")
        return taken.who.caller(purpose=purpose, tenant=tenant)

    async def _exchange(self, code: str, flow: _Flow) -> Mapping[str, Any]:
        """RFC 6749, 4.1.3, with the verifier of RFC 7636."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.back,
            "code_verifier": flow.verifier,
        }
        headers: dict[str, str] = {}
        if self._client.secret:
            pair = f"{quote(self._client.id, safe='')}:{quote(self._client.secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client.id
        where = await self._issuer.endpoint("token_endpoint")
        return await self._issuer.ask("POST", where, headers=headers, form=form)

    async def _more(self, claims: Mapping[str, Any], token: str) -> Mapping[str, Any]:
        """The claims, with what only the user-info endpoint says (OpenID Connect Core 1.0, 5.3)."""
        if _claim(claims, self._client.roles) is not None and self._client.name in claims:
            return claims
        where = self._issuer.described.get("userinfo_endpoint")
        if not where or not token:
            return claims
        found = await self._issuer.ask("GET", str(where), headers={"Authorization": f"Bearer {token}"})
        return {**found, **claims} if found.get("sub") == claims.get("sub") else claims

    def _somebody(self, claims: Mapping[str, Any]) -> Somebody:
        name = str(claims.get(self._client.name) or "")
        if not _NAME.fullmatch(name):
            raise Unauthorized(f"the provider's '{self._client.name}' is no name that can be used here")
        sub = str(claims.get("sub") or "")
        return Somebody(
            name=name,
            roles=_words(_claim(claims, self._client.roles)),
            purposes=_words(claims.get("purposes")),
            subject=self._client.subject.replace("{sub}", quote(sub, safe="")) if sub else "",
        )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    found: Any = claims
    for name in path.split("."):
        found = cast(Mapping[str, Any], found).get(name) if isinstance(found, Mapping) else None
    return found


def _words(given: Any) -> tuple[str, ...]:
    """The roles or purposes of a claim: a list, or a text with spaces. What is no word of ours is nobody's role."""
    items = given.split() if isinstance(given, str) else cast(list[Any], given) if isinstance(given, list) else []
    return tuple(str(item) for item in items[:100] if _WORD.fullmatch(str(item)))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
