"""Forms of pages: what they hold, the act that they ask the API for, and where a browser goes then."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Response
from litestar.enums import RequestEncodingType
from litestar.params import Body

from madang.web.client import Refused
from madang.web.pages import Visit
from madang.web.values import Json
from madang.web.words import Words

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

KEY: Final = "key"
"""The field of a form in which somebody who has not signed in gives a key; it is used for that one act."""


async def ask(visit: Visit, form: dict[str, str], path: str, body: Json | None) -> tuple[Any, str]:
    """The API's answer to ``POST path``, as the visitor or, where the form has one, with that key; and its refusal in
    its own words ("": none)."""
    try:
        return await visit.client.post(path, body, key=form.get(KEY, "").strip()), ""
    except Refused as error:
        return None, error.detail


def go(visit: Visit, path: str, mark: str = "", **asked: str) -> Response[str]:
    """To that page (303), asked so, at that mark: a reload then does not act again."""
    query = urlencode({"lang": visit.words.language, **asked})
    place = f"{path}?{query}" + (f"#{mark}" if mark else "")
    return Response("", status_code=303, headers={"Location": place})


def moment(text: str, words: Words) -> str | None:
    """What a field of a local date and time holds (``2026-11-30T20:00``), in UTC as the API has it; None: nothing. What
    is no time is passed on as it is: the API says what is wrong with it."""
    text = text.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text or None
    return at.replace(tzinfo=at.tzinfo or words.zone).astimezone(UTC).isoformat().replace("+00:00", "Z")
