"""What the city's investments are worth: each project with sliders for what matters, and a place to try a file.

Without JavaScript the sliders are a form; with it the part of the page below them is fetched again while one moves.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath

from madang.web import outline
from madang.web.client import Asked, Refused
from madang.web.drawing import columns, curve, spans
from madang.web.pages import Pages, Visit
from madang.web.values import Json, amount, array, mapping
from madang.web.words import Words

RATE: Final = "rate"
"""The field of the discount rate, in per cent; each other field is called as its input."""
_EMPTY: Final[Json] = {"text": "", "mistakes": [], "found": None}
"""Nothing was tried yet."""
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/worth``, ``/worth/{project}``, ``/worth/trial`` and ``/worth/outline``."""

    @get("/worth", include_in_schema=False, name="worth")
    async def all_projects(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "worth.html", await visit.client.get("/projects"))

    @get("/worth/{project:str}", include_in_schema=False, name="worth project")
    async def one_project(request: Asked, project: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        view = await _project(visit, project)
        return await pages.show(visit, "worth-project.html", view, status=400 if view["refused"] else 200)

    @get("/worth/{project:str}/result", include_in_schema=False, name="worth result")
    async def result_alone(request: Asked, project: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        # A part of a page has no frame, so nobody is asked what stands in one.
        view: Json = {"city": {}, "status": {}, **await _project(visit, project)}
        return await pages.show(visit, "worth-result.html", view, status=400 if view["refused"] else 200)

    @get("/worth/trial", include_in_schema=False, name="worth trial")
    async def trial_form(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "worth-trial.html", _EMPTY)

    @post("/worth/trial", status_code=200, include_in_schema=False, name="worth tried")
    async def trial(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        text = data.get("project", "").replace("\r\n", "\n")
        view = await _tried(visit, text)
        return await pages.show(visit, "worth-trial.html", view, status=422 if view["mistakes"] else 200)

    @get("/worth/outline", include_in_schema=False, name="worth outline")
    async def outline_form(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        view: Json = {**_outline(outline.example()), **_EMPTY}
        return await pages.show(visit, "worth-outline.html", view)

    @post("/worth/outline", status_code=200, include_in_schema=False, name="worth outlined")
    async def outlined(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        view = await _outlined(visit, data)
        return await pages.show(visit, "worth-outline.html", view, status=422 if view["mistakes"] else 200)

    return [all_projects, one_project, result_alone, trial_form, trial, outline_form, outlined]


async def _project(visit: Visit, name: str) -> Json:
    """The page's values with the inputs where the query has them; ``refused`` says what the API did not take."""
    found: Json = await visit.client.get(f"/projects/{name}")
    asked = visit.request.query_params
    sliders: list[Json] = [mapping(one) for one in array(found["sliders"])]
    values = {one["name"]: asked[one["name"]] for one in sliders if asked.get(one["name"], "") != ""}
    moved, refused = found["moved"], None
    try:
        wanted = {name: float(text) for name, text in values.items()}
        rate = float(asked[RATE]) / 100 if asked.get(RATE, "") != "" else None
        # A value that is where it was, as it is shown, asks nothing.
        away = {
            one["name"]: wanted[one["name"]]
            for one in sliders
            if one["name"] in wanted and values[one["name"]] != f"{one['value']:.6g}"
        }
        if away or rate is not None:
            moved = await visit.client.post(f"/projects/{name}/position", {"values": away, "rate": rate})
    except ValueError as error:
        refused = visit.words.say("A field has no number: {what}", what=str(error))
    except Refused as error:
        refused = error.detail
    shown = [
        {**one, "now": values.get(one["name"], f"{one['value']:.6g}"), "step": _step(one), "rests_on": _rests_on(one)}
        for one in sliders
    ]
    about = {**found, "id": name, "sliders": shown, "per_cent": asked.get(RATE) or f"{100 * found['rate']:g}"}
    return {"project": about, "moved": moved, "refused": refused, "base": found["moved"], **_drawn(moved, visit.words)}


def _rests_on(slider: Mapping[str, Any]) -> str:
    """The source with its mark, said once."""
    mark, source = str(slider["mark"]), str(slider["source"])
    return source if source.startswith(mark) else f"{mark}: {source}"


def _step(slider: Mapping[str, Any]) -> float:
    """A hundredth of the range, as a round number."""
    width = (float(slider["high"]) - float(slider["low"])) / 100
    return float(f"{width:.1g}") if width > 0 else 1.0


def _drawn(moved: Mapping[str, Any], words: Words) -> Json:
    """The three drawings: the S-curve of the ENPV, which inputs it hangs on, who gains and who pays."""
    bars: Sequence[Json] = [mapping(one) for one in array(moved["bars"])][:10]
    groups = sorted(mapping(moved["incidence"]).items(), key=lambda pair: -float(pair[1]))
    return {
        "s_curve": curve(list(zip(moved["curve"], moved["percentiles"], strict=True)), words),
        "tornado": spans([(one["name"], one["low"], one["high"]) for one in bars], moved["enpv"], words),
        "incidence": columns([(name, amount(value) or 0.0) for name, value in groups], words),
    }


async def _tried(visit: Visit, text: str) -> Json:
    """What the text is worth, or its mistakes line by line."""
    try:
        found = mapping(await visit.client.post("/projects/trial", {"project": text}))
    except Refused as error:
        return {"text": text, "mistakes": error.detail.splitlines(), "found": None}
    return {
        "text": text,
        "mistakes": [],
        "found": found,
        "moved": found["moved"],
        **_drawn(found["moved"], visit.words),
    }


def _outline(fields: Mapping[str, str]) -> Json:
    """The form with these fields in it."""
    categories = [(one, one.replace("_", " "), "en") for one in outline.CATEGORIES]
    return {"given": defaultdict(str, fields), "rows": outline.rows(fields), "wrong": [], "categories": categories}


async def _outlined(visit: Visit, fields: Mapping[str, str]) -> Json:
    """The form again with what its project is worth, or with the fields that are to be mended; with more rows alone
    where these were asked for."""
    form = _outline(fields)
    if "rows" in fields:
        return {**form, **_EMPTY}
    text, places = outline.written(fields)
    view = await _tried(visit, text)
    mistakes = outline.told(view["mistakes"], places)
    return {**view, **form, "mistakes": mistakes, "wrong": [one["field"] for one in mistakes]}
