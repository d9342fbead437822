"""Letters about a proposal over HTTP: asked for with an address, confirmed and ended by the link that it was sent."""

from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import read_as
from madang.api.rooms import Rooms, rooms
from madang.errors import BadRequestData, Conflict, Forbidden, ResourceNotFound
from madang.model.follower import Follower
from madang.model.proposal import OVER
from madang.participate.followers import Followers
from madang.participate.proposals import Course, Proposals

_documented = partial(documented, "Proposals", named=False)
_ASKED: Final = {"email": "kim@example.org", "language": "ko"}
_STANDS: Final = {"proposal": "proposal-4711", "title": "Green for the school at eight", "letters": "confirmed"}


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a wish for letters: where to, and in which language."""

    email: str
    language: str = ""


@post("/proposals/{id:str}/letters", status_code=202, operation_class=_documented(body=_ASKED, answers=(202, 409, 429)))
async def ask_for_letters(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Ask for letters about what becomes of a proposal. The address first gets one that asks whether it wants them;
    nothing else is sent to it before its holder said so. The answer is the same whether the address is known or not."""
    Arguments(request, ())
    here = rooms(request)
    if not offered(here):
        raise Forbidden("this city sends no letters about proposals (docs/proposals.md); /proposals.atom is a feed")
    here.limits.take(request, "letter")
    given, caller = await read_as(request, Wish), reader(request)
    course = await Proposals(here.account, here.hub, here.city).one(id)
    if course.proposal is None or course.state in OVER:
        raise Conflict("the proposal is over; nothing more will be said about it")
    # Nobody fills somebody else's letter box with questions.
    here.limits.take_name(given.email.strip().casefold(), "letters", burst=3, every_s=3600.0)
    await _followers(here).ask(course, given.email, given.language, caller.subject, here.clock.now())
    return plain({"asked": True}, status=202)


@get("/proposals/letters/{token:str}", operation_class=_documented(example=_STANDS))
async def letters_of_link(request: Call, token: FromPath[str]) -> Response[bytes]:
    """Tell whether the address that has this link gets letters, and about which proposal."""
    Arguments(request, ())
    here = rooms(request)
    return plain(await _stands(here, await _opened(here, token)))


@post("/proposals/letters/{token:str}/confirmation", status_code=200, operation_class=_documented(answers=(200, 409)))
async def confirm_letters(request: Call, token: FromPath[str]) -> Response[bytes]:
    """Confirm an address by its link: from now on it is told what becomes of the proposal."""
    Arguments(request, ())
    here = rooms(request)
    follower = await _opened(here, token)
    course = await _course(here, follower)
    if follower is None or course is None or course.state in OVER:
        raise Conflict("the address was deleted: nobody confirmed it in time, or the proposal is over")
    return plain(await _stands(here, await _followers(here).confirm(follower, course, here.clock.now())))


@post("/proposals/letters/{token:str}/stop", status_code=200, operation_class=_documented(answers=(200,)))
async def stop_letters(request: Call, token: FromPath[str]) -> Response[bytes]:
    """End letters by their link, without an account: the address is deleted. Programs of mail may call it, too
    (RFC 8058), and calling it twice is no error."""
    here = rooms(request)
    follower = await _opened(here, token)
    if follower is not None:
        await _followers(here).stop(follower)
    return plain(await _stands(here, None))


def offered(here: Rooms) -> bool:
    """Whether this hub writes letters about proposals: it has a mail server, an address of its own for their links, and
    a declared dataset to keep who wants them."""
    return here.outside.letters and _followers(here).declared


def _followers(here: Rooms) -> Followers:
    return Followers(here.hub, here.outside.address, here.city.time_zone)


async def _opened(here: Rooms, token: str) -> Follower | None:
    if len(token) > 100 or not token.isascii():
        raise BadRequestData("this is no link of a letter")
    return await _followers(here).opened(token)


async def _course(here: Rooms, follower: Follower | None) -> Course | None:
    if follower is None:
        return None
    try:
        return await Proposals(here.account, here.hub, here.city).one(follower.proposal)
    except ResourceNotFound:
        return None


async def _stands(here: Rooms, follower: Follower | None) -> dict[str, Any]:
    course = await _course(here, follower)
    state = "none" if follower is None else "confirmed" if follower.confirmed_at is not None else "asked"
    said = course.proposal if course is not None else None
    return {
        "proposal": course.id if course is not None else None,
        "title": said.title if said is not None else None,
        "language": said.language if said is not None else "",
        "letters": state,
    }


HANDLERS = (ask_for_letters, letters_of_link, confirm_letters, stop_letters)
