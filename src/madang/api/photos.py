"""Photos of reports: taken by the report's link, made anew, and shown from an address of their own as nothing but a
picture."""

import asyncio
import secrets
from functools import partial
from typing import Final

from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import reader, writer
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call, UnsupportedMediaType
from madang.api.reports import account_for, told_whole
from madang.api.rooms import rooms
from madang.errors import MadangError, PayloadTooLarge, ResourceNotFound
from madang.model.report import Case
from madang.participate.cases import REPORTER, Cases
from madang.participate.photos import BYTES, develop

_documented = partial(documented, "Reports", named=False)
_MEDIA: Final = ("image/jpeg", "image/png", "image/webp")
_SHOWN: Final = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_BUSY = asyncio.Semaphore(2)
"""Photos made anew at once: each takes a core and up to 200 MB for a second or two."""


@post(
    "/reports/links/{token:str}/photos", status_code=201, operation_class=_documented(body=b"", answers=(201, 409, 429))
)
async def add_photo(request: Call, token: FromPath[str]) -> Response[bytes]:
    """Add a photo to a report by its link: the bytes of a JPEG, PNG or WebP. It is made anew, without metadata, and
    without the faces and number plates that could be found."""
    Arguments(request, ())
    here = rooms(request)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _MEDIA:
        raise UnsupportedMediaType(f"a photo is one of {', '.join(_MEDIA)}")
    if (
        not request.headers.get("content-length", "0").isdigit()
        or int(request.headers.get("content-length", "0")) > BYTES
    ):
        raise PayloadTooLarge(f"a photo has at most {BYTES} bytes")
    case = await Cases(here.hub).opened(token)
    if reader(request).is_stranger:
        here.limits.take(request, "photo")
    sent = await request.body()
    async with _BUSY:
        made = await asyncio.to_thread(develop, sent)
    kind = here.city.reports.get(case.report.kind)
    first = kind is not None and kind.look_first
    name = f"{case.report.id}-{secrets.token_hex(8)}.jpg"
    await here.hub.photos.keep(name, made.body)
    try:
        changed = await Cases(here.hub).picture(token, name, here.clock.now(), held=made.faces is None or first)
    except MadangError:
        await here.hub.photos.remove(name)
        raise
    await account_for(request, case.report, "pictured", by=REPORTER)
    return plain(
        {**told_whole(request, changed), "faces_removed": made.faces, "plates_removed": made.plates}, status=201
    )


@get("/photos/{photo:str}", operation_class=_documented(media=("image/jpeg",)))
async def show_photo(request: Call, photo: FromPath[str]) -> Response[bytes]:
    """Show a photo of a report: to everybody where it may be seen, before that to operators."""
    Arguments(request, ())
    here = rooms(request)
    case = await _of(request, photo)
    seen = photo in case.report.photos or (photo in case.held and writer(request).role == "operator")
    body = await here.hub.photos.find(photo) if seen else None
    if body is None:
        raise ResourceNotFound(f"there is no photo '{photo[:80]}' that you may see")
    keep = "private, no-store" if photo in case.held else "public, max-age=3600"
    return Answer(body, status_code=200, media_type="image/jpeg", headers={**_SHOWN, "Cache-Control": keep})


async def _of(request: Call, photo: str) -> Case:
    try:
        return await Cases(rooms(request).hub).one(photo.partition("-")[0])
    except MadangError:
        raise ResourceNotFound(f"there is no photo '{photo[:80]}' that you may see") from None


HANDLERS = (add_photo, show_photo)
