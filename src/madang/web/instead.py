"""What if a junction had shown something else: what the service's own model expects of the next minute, beside what
happened and beside the twin without the service. A form without JavaScript; the city's page asks the same API."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.errors import MadangError
from madang.web.client import Asked
from madang.web.overview import SIGNAL, titles
from madang.web.pages import Pages, Visit
from madang.web.values import Json, amount, array, mapping, moment
from madang.web.words import Words

PLAN: Final = "fixed-plan"
WITHOUT: Final = "without"
"""Choices that are no stage: this junction's own plan; the whole city without the service, as its twin is."""
_MOMENTS: Final = 12
_INCLUDED: Final = timedelta(milliseconds=1)
"""`to` is without its own moment."""


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handler of ``/junctions/{name}/what-if``."""

    @get("/junctions/{name:str}/what-if", include_in_schema=False, name="instead")
    async def instead(request: Asked, name: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        view = await _see(visit, name)
        return await pages.show(visit, "instead.html", view, status=400 if view["refused"] else 200)

    return [instead]


async def _see(visit: Visit, name: str) -> Json:
    asked = visit.request.query_params
    await visit.client.entity(SIGNAL + name)
    at = _asked(asked.get("at", ""), visit.words)
    refused = "" if at or not asked.get("at") else visit.words.say("That is no date and time.")
    unknown = ""
    query: dict[str, str | int] = {"entity": SIGNAL + name, "limit": _MOMENTS}
    found = await visit.client.get("/decisions", {**query, **({"to": (at + _INCLUDED).isoformat()} if at else {})})
    records = [mapping(one) for one in array(found["decisions"])]
    told: Json | None = None
    if records and not refused:
        try:
            told = await visit.client.get(f"/decisions/{records[0]['id']}/expected")
        except MadangError as error:
            # Another moment may have an answer: the page stays.
            unknown = error.detail
    return {
        "name": name,
        "title": (await titles(visit.client, visit.words)).get(name, name),
        "refused": refused,
        "unknown": unknown,
        "at": (at or (moment(records[0]["at"]) if records else None)),
        "moments": [{"id": one["id"], "at": moment(one["at"]), "reason": one["reason"]} for one in records],
        **_answer(told, asked.get("choice", "")),
    }


def _asked(text: str, words: Words) -> datetime | None:
    """A moment in the form's own way of writing, in the city's zone, or in ISO 8601 with one; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=words.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _answer(told: Json | None, wanted: str) -> Json:
    """What the template shows: every choice, and approach by approach the chosen one beside what was done."""
    if told is None:
        return {"told": None, "choices": [], "picked": "", "approaches": [], "totals": {}}
    done, happened = mapping(told["chosen"]), mapping(told["happened"])
    choices = [_choice(mapping(one), done) for one in array(told["choices"])]
    choices.sort(key=lambda one: one["waits"])
    chosen = next((one for one in choices if one["chosen"]), None)
    best = next((one for one in choices if one is not chosen), chosen)
    for one in choices:
        one["more"] = one["waits"] - chosen["waits"] if chosen and one is not chosen else None
    choices += _without(happened)
    picked = next((one for one in choices if one["key"] == wanted), best)
    top = max((one["waits"] for one in choices), default=0.0) or 1.0
    for one in choices:
        one["share"] = one["waits"] / top
    worlds = {"was": chosen and chosen["by"], "were": picked and picked["by"], "happened": happened.get("signals")}
    streets = mapping(told["streets"])
    edges = sorted(streets, key=lambda edge: (streets[edge], edge))
    columns = {name: mapping(values) for name, values in worlds.items() if values is not None}
    return {
        "told": {"at": moment(told["at"]), "horizon": told["horizon_s"], "id": told["id"], "shown": told["shown"]},
        "choices": choices,
        "picked": picked["key"] if picked else "",
        "approaches": [
            {"street": streets[edge], "edge": edge, **{name: amount(by.get(edge)) for name, by in columns.items()}}
            for edge in edges
        ],
        "totals": {name: sum(amount(value) or 0.0 for value in by.values()) for name, by in columns.items()},
    }


def _without(happened: Json) -> list[Json]:
    """The twin's account, where there is one. It is counted, as what happened is: it is compared with that alone."""
    here, twin = happened.get("signals"), happened.get("fixed")
    if here is None or twin is None:
        return []
    row = _row(WITHOUT, sum(twin.values()), mapping(twin), chosen=False)
    return [{**row, "more": sum(twin.values()) - sum(here.values())}]


def _choice(found: Json, done: Json) -> Json:
    stage = str(mapping(found["parameters"]).get("stage", ""))
    chosen = (found["action"], found["parameters"]) == (done.get("action"), done.get("parameters"))
    row = _row(stage or PLAN, found["waits_vehicle_s"], mapping(found["approaches"]), chosen=chosen)
    least, most = found["least_vehicle_s"], found["most_vehicle_s"]
    return {**row, "stage": stage, "serves": found["serves"], "begins": found["begins_s"], "least": least, "most": most}


def _row(key: str, waits: float, by: Json, *, chosen: bool) -> dict[str, Any]:
    return {
        "key": key,
        "stage": "",
        "serves": [],
        "begins": 0.0,
        "waits": waits,
        "least": waits,
        "most": waits,
        "by": by,
        "chosen": chosen,
    }
