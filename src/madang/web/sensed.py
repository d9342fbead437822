"""What is sensed here: a list of what senses and acts, a page for each that answers why, and a sign with its QR code to
print and hang up beside it."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

import segno
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web import overview
from madang.web.client import Asked
from madang.web.names import SENSED, called
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment, short, text
from madang.web.words import Unit, Words

_ORDER: Final = tuple(SENSED)
_NUMBERS: Final = re.compile(r"([0-9]+)")
_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNITS: Final[tuple[Unit, ...]] = ("year", "month", "week", "day", "hour", "minute", "second")


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/sensed``, ``/sensed/{id}`` and ``/sensed/{id}/sign.svg``."""

    @get("/pages/sensed", include_in_schema=False, name="sensed")
    async def everything(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        found: Json = await visit.client.get("/sensed")
        named = await overview.titles(visit.client, visit.words)
        devices = [_titled(mapping(one), visit.words, named) for one in array(found["devices"])]
        devices.sort(key=lambda one: _natural(one["title"]))
        groups = [(kind, [one for one in devices if one["kind"] == kind]) for kind in _ORDER]
        kept = [_kept(mapping(one), visit.words) for one in array(found["kept"])]
        return await pages.show(visit, "sensed.html", {"groups": [each for each in groups if each[1]], "kept": kept})

    @get("/pages/sensed/{id:str}", include_in_schema=False, name="sensed one")
    async def one(request: Asked, id: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "sensed-one.html", await _one(visit, id))

    @get("/sensed/{id:str}/sign.svg", include_in_schema=False, name="sign")
    async def sign(request: Asked, id: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        found: Json = await visit.client.get(_path(id))
        city: Json = await visit.client.get("/city")
        spoken = [Words(tag) for tag in array(city.get("languages")) or ["en"]]
        body = _sign(str(found["page"]), _lines(found, spoken))
        headers = {"Content-Disposition": f'inline; filename="sign-{quote(short(id), safe="")}.svg"'}
        return Response(body, media_type="image/svg+xml", headers=headers)

    return [everything, one, sign]


def _path(id: str) -> str:
    return f"/sensed/{quote(id.replace('%2F', '/'), safe=':')}"


async def _one(visit: Visit, id: str) -> Json:
    found: Json = await visit.client.get(_path(id))
    words, asked = visit.words, mapping(found["questions"])
    named = await overview.titles(visit.client, words)
    decision, made = mapping(found["decision"]), mapping(asked["technology"])
    mandates = mapping(found["mandates"])
    return {
        "one": {**_titled(found, words, named), "address": _path(id), "page": found["page"]},
        "questions": asked,
        "data": [
            {
                **_kept({**mapping(each), "technology": made.get(mapping(each)["id"])}, words),
                "attributes": list(mapping(mapping(each)["attributes"])),
            }
            for each in array(asked["data"])
        ],
        "retention": [(each["title"], each["for"]) for each in _retention(asked, words)],
        "process": [
            {**mapping(each), "runs": mandates.get(mapping(each)["service"])} for each in array(asked["process"])
        ],
        "now": [{**mapping(each), "time": moment(mapping(each)["observed_at"])} for each in array(found["now"])],
        "decision": {**decision, "time": moment(decision["at"])} if decision else None,
        "here_m": found["here_m"],
        "here_too": [_titled(mapping(each), words, named) for each in array(found["here"])],
    }


def _retention(asked: Json, words: Words) -> list[Json]:
    titles = {mapping(one)["id"]: text(mapping(one)["title"], words.language) for one in array(asked["data"])}
    return [
        {"title": titles.get(id, id), "for": _period(str(said), words)}
        for id, said in mapping(asked["retention"]).items()
    ]


def _period(said: str, words: Words) -> str:
    """An ISO 8601 duration in words; as it is where it cannot be said."""
    found = _DURATION.fullmatch(said)
    if found is None:
        return said
    counts = zip(_UNITS, found.groups(), strict=True)
    return " ".join(words.counted_time(int(count), unit) for unit, count in counts if count) or said


def _titled(found: Json, words: Words, named: dict[str, str]) -> Json:
    """With what people call it: a junction's name or number, else its own name."""
    own = text(found["name"], words.language)
    name = named.get(short(found["id"])) if found["kind"] in ("camera", "signal") else ""
    return {**found, "title": name or own or short(found["id"]), "address": _path(str(found["id"]))}


def _natural(title: str) -> list[tuple[int, int, str]]:
    """What titles are ordered by: numbers before letters, and 2 before 10."""
    parts = filter(None, _NUMBERS.split(title))
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.casefold()) for part in parts]


def _kept(found: Json, words: Words) -> Json:
    titles = {name: text(found[name] or {}, words.language) for name in ("title", "description", "technology")}
    return {**found, **titles}


def _lines(found: Json, spoken: Sequence[Words]) -> list[tuple[str, str, str]]:
    """In each of the city's languages: its tag, what the sign says first, and what senses here."""
    kind = called(SENSED, found["kind"])
    return [(words.language, words.say("What is sensed here, and why?"), words.say(kind)) for words in spoken]


def _sign(address: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """The sign, 105 mm wide (A6): the question in each language, the code, its address in letters."""
    code = segno.make(address, error="m")
    size = code.symbol_size(border=4)[0]
    side, top = 73.0, 12.0 + 13.0 * len(lines)
    height = top + side + 22.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="105mm" height="{height:g}mm" viewBox="0 0 105 {height:g}" '
        f'font-family="sans-serif" role="img"><title>{escape(lines[0][1])}</title>',
        f'<rect width="105" height="{height:g}" fill="#fff"/>',
    ]
    for row, (tag, question, kind) in enumerate(lines):
        y = 12.0 + 13.0 * row
        parts.append(
            f'<text x="16" y="{y:g}" font-size="5.2" font-weight="700" xml:lang="{escape(tag)}">'
            f"{escape(question)}</text>"
        )
        parts.append(f'<text x="16" y="{y + 5.2:g}" font-size="3.8" xml:lang="{escape(tag)}">{escape(kind)}</text>')
    dots = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, cells in enumerate(code.matrix_iter(border=4))
        for column, cell in enumerate(cells)
        if cell
    )
    parts.append(f'<path transform="translate(16 {top:g}) scale({side / size:.5f})" d="{dots}"/>')
    parts.append(f'<text x="16" y="{top + side + 5:g}" font-size="2.6">{escape(address)}</text></svg>')
    return "\n".join(parts)
