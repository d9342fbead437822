"""What if: a decision as it would have been under other settings of its service, beside what was decided.

A form without JavaScript: its fields are the service's settings as they were at that time.
"""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.errors import ResourceNotFound
from madang.web import junction
from madang.web.client import Asked, Refused
from madang.web.pages import Pages, Visit
from madang.web.values import Json, mapping, moment, short


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handler of ``/why/{decision}/what-if``."""

    @get("/why/{id:str}/what-if", include_in_schema=False, name="what if")
    async def what_if(request: Asked, id: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        view = await _see(visit, id)
        return await pages.show(visit, "what-if.html", view, status=400 if view["refused"] else 200)

    return [what_if]


async def _see(visit: Visit, id: str) -> Json:
    found, refused = await _ask(visit, id, {})
    if found is None:
        raise ResourceNotFound(refused)
    then = {name: value for name, value in mapping(found["settings_then"]).items() if isinstance(value, int | float)}
    asked = {name: text for name, text in visit.request.query_params.items() if name in then and text != ""}
    wanted = {name: _value(text) for name, text in asked.items() if _value(text) != then[name]}
    if wanted:
        moved, refused = await _ask(visit, id, wanted)
        found = moved or found
    return {
        "id": id,
        "at": moment(found["at"]),
        "subject": short(str(found["target"])),
        "service": f"{found['service']} {found['version']}",
        "refused": refused,
        "replayed": found["replayed"],
        "difference": found["difference"],
        "asked": bool(wanted) and not refused,
        "same": found["same"],
        "recorded": _shown(found["recorded"], found),
        "supposed": _shown(found["supposed"], found),
        "fields": [_field(name, value, asked.get(name)) for name, value in then.items()],
    }


async def _ask(visit: Visit, id: str, settings: Json) -> tuple[Json | None, str]:
    try:
        return mapping(await visit.client.post(f"/decisions/{id}/what-if", {"settings": settings})), ""
    except Refused as error:
        if error.status == 404:
            raise ResourceNotFound(error.detail) from error
        return None, error.detail


def _value(text: str) -> Any:
    """What a field says: yes, no, a number; anything else as it is, for the API to say what is wrong with it."""
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return float(text)
    except ValueError:
        return text


def _field(name: str, own: Any, given: str | None) -> Json:
    switch = isinstance(own, bool)
    was = ("yes" if own else "no") if switch else f"{own:g}"
    return {"name": name, "label": name.replace("_", " "), "switch": switch, "was": was, "now": given or was}


def _shown(command: Any, found: Json) -> Json | None:
    """A command as a decision's page shows it; None: nothing was commanded."""
    if not isinstance(command, dict):
        return None
    return junction.decision({**mapping(command), "id": found["id"], "at": found["at"]})
