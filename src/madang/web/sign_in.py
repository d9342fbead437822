"""Signing in and out, without JavaScript: by password, by a one-time link, with the city's provider of identities."""

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.errors import MadangError
from madang.web.client import Asked, Refused
from madang.web.forms import Form
from madang.web.pages import Pages, Visit
from madang.web.values import Json, moment

_SESSION: Final = "/session"


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/sign-in…`` and ``/sign-out``."""
    return [*_by_password(pages), *_by_link(pages), *_by_provider(pages), *_out(pages), *_own(pages)]


def _by_password(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/sign-in", include_in_schema=False, name="sign in")
    async def form(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await _show(pages, visit, onward=_onward(request.query_params.get("next", "")))

    @post("/sign-in", status_code=303, include_in_schema=False, name="signed in")
    async def given(request: Asked, data: Form) -> Response[str]:
        visit, onward = await pages.visit(request), _onward(data.get("next", ""))
        body = {name: data.get(name, "").strip() for name in ("name", "code")}
        try:
            _, cookies = await visit.client.act("POST", _SESSION, {**body, "password": data.get("password", "")})
        except Refused as refused:
            return await _show(pages, visit, onward=onward, name=body["name"], refused=refused)
        return _go(visit, onward, cookies)

    return [form, given]


def _by_link(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/sign-in/{token:str}", include_in_schema=False, name="link")
    async def offer(request: Asked, token: FromPath[str]) -> Response[str]:
        # Asking does not spend it: programs that preview links ask, too.
        visit = await pages.visit(request)
        return _unseen(await pages.show(visit, "sign-in-link.html", {"token": token}))

    @post("/sign-in/{token:str}", status_code=303, include_in_schema=False, name="link spent")
    async def spend(request: Asked, token: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        try:
            _, cookies = await visit.client.act("POST", _SESSION, {"link": token})
        except Refused as refused:
            return await _show(pages, visit, onward="/", refused=refused, by_link=True)
        return _go(visit, "/", cookies)

    return [offer, spend]


def _by_provider(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/sign-in/with", include_in_schema=False, name="provider")
    async def begin(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        try:
            told, cookies = await visit.client.act("POST", _SESSION + "/flow")
        except Refused as refused:
            return await _show(pages, visit, onward="/", refused=refused)
        return _unseen(Response("", status_code=303, headers={"Location": told["location"], **_setting(cookies)}))

    @get("/sign-in/back", include_in_schema=False, name="provider answered")
    async def back(request: Asked) -> Response[str]:
        visit, given = await pages.visit(request), request.query_params
        body = {"granted": given.get("code", ""), "state": given.get("state", "")}
        try:
            _, cookies = await visit.client.act("POST", _SESSION, body)
        except Refused as refused:
            return await _show(pages, visit, onward="/", refused=refused)
        # Not a redirect: the browser would count it as the provider's, and keep a strict cookie back.
        answer = await pages.show(visit, "sign-in-done.html", {})
        answer.headers.update(_setting(cookies))
        return _unseen(answer)

    return [begin, back]


def _out(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/sign-out", include_in_schema=False, name="sign out")
    async def account(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        session: Json = await visit.client.get(_SESSION)
        view = {**session, "until": moment(session.get("until")), "sessions": session.get("sessions", 0)}
        return _unseen(await pages.show(visit, "sign-out.html", {"session": view}))

    @post("/sign-out", status_code=303, include_in_schema=False, name="signed out")
    async def leave(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        everywhere = "?everywhere=true" if data.get("everywhere") else ""
        try:
            _, cookies = await visit.client.act("DELETE", _SESSION + everywhere)
        except Refused as refused:
            return await _show(pages, visit, onward="/", refused=refused)
        return _go(visit, "/", cookies)

    return [account, leave]


def _own(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/password", include_in_schema=False, name="password")
    async def form(request: Asked) -> Response[str]:
        return await _form(pages, await pages.visit(request), done="changed" in request.query_params)

    @post("/password", status_code=303, include_in_schema=False, name="password changed")
    async def given(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        if data.get("new", "") != data.get("again", ""):
            return await _form(pages, visit, status=400, differ=True)
        body = {name: data.get(name, "") for name in ("old", "new")}
        try:
            _, cookies = await visit.client.act("POST", _SESSION + "/password", body)
        except Refused as refused:
            return await _form(pages, visit, status=refused.status, detail=str(refused))
        return _go(visit, "/password", cookies, more="&changed=yes")

    return [form, given]


async def _form(pages: Pages, visit: Visit, *, status: int = 200, **told: bool | str) -> Response[str]:
    view = {"done": False, "differ": False, "detail": "", **told, "status_code": status}
    return _unseen(await pages.show(visit, "password.html", view, status=status))


async def _show(
    pages: Pages, visit: Visit, *, onward: str, name: str = "", refused: Refused | None = None, by_link: bool = False
) -> Response[str]:
    view = {
        "onward": onward,
        "name": name,
        "provider": await _provided(visit),
        "status_code": refused.status if refused else 0,
        "detail": str(refused) if refused else "",
        "by_link": by_link,
    }
    return _unseen(await pages.show(visit, "sign-in.html", view, status=refused.status if refused else 200))


async def _provided(visit: Visit) -> bool:
    try:
        return bool((await visit.client.get(_SESSION)).get("provider"))
    except MadangError:
        return False


def _onward(path: str) -> str:
    """A page of ours to go on to: a path and nothing that a browser could read as another host."""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-")) and not parts.netloc
    return parts.path if ours and path.isprintable() else "/"


def _go(visit: Visit, path: str, cookies: list[str], *, more: str = "") -> Response[str]:
    headers = {"Location": f"{path}?lang={visit.words.language}{more}", **_setting(cookies)}
    return _unseen(Response("", status_code=303, headers=headers))


def _setting(cookies: list[str]) -> dict[str, str]:
    # One at most: of a session or of a flow.
    return {"Set-Cookie": cookies[0]} if cookies else {}


def _unseen(answer: Response[Any]) -> Response[Any]:
    """Kept nowhere on its way."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
