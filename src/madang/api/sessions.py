"""Signing in and out, and who one is: people's sessions. See docs/identity.md."""

from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.response import Response as Answered

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import check_origin, is_program_here, reader
from madang.api.cookie import flow_cookie, flow_text, session_cookie, session_text
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, ResourceNotFound
from madang.govern.identity import Session
from madang.model import time as times

PATH: Final = "/session"
_documented = partial(documented, "Identity", named=False)
_EXAMPLE: Final = {
    "name": "kim",
    "operator": False,
    "roles": ["resident"],
    "purposes": [],
    "subject": "urn:ngsi-ld:Person:kim",
    "since": "2026-03-01T07:30:00Z",
    "until": "2026-03-01T19:30:00Z",
    "sessions": 1,
    "provider": False,
}
_BODY: Final = {"name": "kim", "password": "four words in a row", "code": "123456"}
_TRIES: Final = 10
_EVERY_S: Final = 30.0
"""Ten passwords at once and then one in half a minute, for an address and for a name: a thousand tries take eight
hours, and who guesses a chosen password needs many more (NIST SP 800-63B-4, 3.2.2)."""


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a signing-in: a name with a password and perhaps a code; or a link's token; or what a provider's page
    brought back."""

    name: str = ""
    password: str = ""
    code: str = ""
    link: str = ""
    granted: str = ""
    state: str = ""


@get(PATH, operation_class=_documented(example=_EXAMPLE))
async def who(request: Call) -> Response[bytes]:
    """Tell who asks: somebody who signed in, a key's or a token's holder, the operator on this machine, the public."""
    Arguments(request, ())
    entrance = rooms(request).entrance
    provided = {"provider": entrance.provider is not None}
    found = entrance.session(text) if (text := session_text(request)) else None
    if found is not None:
        return _told({**_session(found), "sessions": entrance.count(found), **provided})
    caller = reader(request)
    if caller.role == "public" and is_program_here(request):
        return _told({"name": "operator", "operator": True, "roles": ["operator"], **provided})
    operator = caller.role == "operator"
    own = {"name": caller.name, "operator": operator, "roles": caller.roles, "subject": caller.subject}
    return _told({**own, **provided})


@post(PATH, status_code=201, operation_class=_documented(body=_BODY, answers=(201, 429)))
async def sign_in(request: Call) -> Response[bytes]:
    """Sign in: by name, password and code, by a one-time link's token, or with what a provider brought back. The answer
    sets the session's cookie."""
    Arguments(request, ())
    given = await _read(request)
    entrance, limits = rooms(request).entrance, rooms(request).limits
    if given.state:
        text = await entrance.by_provider(given.granted, given.state, flow_text(request))
    else:
        # Else another site's page could sign its visitor in as somebody who then reads along.
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            check_origin(request)
        if given.link:
            text = entrance.by_link(given.link)
        else:
            limits.take(request, "sign-in", burst=_TRIES, every_s=_EVERY_S)
            limits.take_name(given.name, "sign-in", burst=_TRIES, every_s=_EVERY_S)
            text = await entrance.by_password(given.name, given.password, given.code)
    old = session_text(request)
    if old:
        entrance.leave(old)
    return _opened(request, text, 201)


@delete(PATH, status_code=200, operation_class=_documented(query=("everywhere",), example={"ended": 1}))
async def sign_out(request: Call) -> Response[bytes]:
    """Sign out, here or `everywhere`."""
    arguments = Arguments(request, ("everywhere",))
    ended = 0
    text = session_text(request)
    if text:
        check_origin(request)
        ended = rooms(request).entrance.leave(text, everywhere=arguments.flag("everywhere"))
    answer = _told({"ended": ended})
    answer.headers["Set-Cookie"] = session_cookie(request, "")
    return answer


class Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a change of password."""

    old: str
    new: str


@post(
    PATH + "/password",
    status_code=200,
    operation_class=_documented(body={"old": "four words in a row", "new": "another four words"}, answers=(200, 429)),
)
async def change_password(request: Call) -> Response[bytes]:
    """Change one's own password. All one's other sessions end, and the answer sets the cookie of a new one."""
    Arguments(request, ())
    check_origin(request)
    try:
        given = msgspec.convert(await read_json(request), Changed)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the change cannot be read: {error}") from error
    entrance, limits, old = rooms(request).entrance, rooms(request).limits, session_text(request)
    found = entrance.session(old) if old else None
    limits.take(request, "sign-in", burst=_TRIES, every_s=_EVERY_S)
    limits.take_name(found.who.name if found else "", "sign-in", burst=_TRIES, every_s=_EVERY_S)
    text = await entrance.change_password(old, old=given.old, new=given.new)
    return _opened(request, text, 200)


@post(
    PATH + "/flow", status_code=200, operation_class=_documented(answers=(200, 429), example={"location": "https://"})
)
async def begin(request: Call) -> Response[bytes]:
    """Begin to sign in with the city's provider of identities: where the browser goes. The answer sets a cookie that it
    has to bring back."""
    Arguments(request, ())
    provider = rooms(request).entrance.provider
    if provider is None:
        raise ResourceNotFound("this city has no other provider of identities (MADANG_OIDC_ISSUER)")
    rooms(request).limits.take(request, "flow", burst=20)
    location, brought = await provider.begin(rooms(request).outside.at(request) + "/sign-in/back")
    answer = _told({"location": location})
    answer.headers["Set-Cookie"] = flow_cookie(request, brought)
    return answer


async def _read(request: Call) -> Given:
    try:
        return msgspec.convert(await read_json(request), Given)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the signing-in cannot be read: {error}") from error


def _opened(request: Call, text: str, status: int) -> Response[bytes]:
    entrance = rooms(request).entrance
    found = entrance.session(text)
    if found is None:
        raise ResourceNotFound("the session ended as it began; sign in again")
    answer = _told({**_session(found), "sessions": entrance.count(found)}, status)
    answer.headers["Set-Cookie"] = session_cookie(request, text)
    return answer


def _session(found: Session) -> dict[str, Any]:
    return {
        "name": found.who.name,
        "operator": "operator" in found.who.roles,
        "roles": found.who.roles,
        "purposes": found.who.purposes,
        "subject": found.who.subject,
        "since": times.text(found.started_at),
        "until": times.text(found.ends_at),
    }


def _told(body: dict[str, Any], status: int = 200) -> Answered[bytes]:
    answer = plain(body, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
