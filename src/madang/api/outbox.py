"""Notifications on their way, for the operator: how each subscription's went, dead letters, sending them again."""

from typing import Any, Final

from litestar import Response, get, post

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.model import time as times
from madang.model.change import Notice, Tally
from madang.model.parcel import unpack

PATH: Final = "/outbox"
_TALLY: Final = {
    "subscriptions": {
        "urn:ngsi-ld:Subscription:air": {"due": 3, "delivered": 1, "pending": 1, "dead": 1, "failures": 2}
    }
}
_MOST: Final = 1000


@get(PATH, operation_class=documented("Notifications", example=_TALLY))
async def account(request: Call) -> Response[bytes]:
    """How each subscription's notifications went: due is delivered, pending and dead together."""
    Arguments(request, ())
    tallies = await rooms(request).hub.letters.tallies(writer(request))
    return plain({"subscriptions": {id: _tally(tally) for id, tally in tallies.items()}})


@get(
    PATH + "/dead",
    operation_class=documented("Notifications", query=("subscription", "after", "limit"), example={"dead": []}),
)
async def dead_letters(request: Call) -> Response[bytes]:
    """List notifications that were given up: a page at a time, those with a number above `after`."""
    given = Arguments(request, ("subscription", "after", "limit"))
    limit = min(given.number("limit", 100, least=1) or 100, _MOST)
    letters = rooms(request).hub.letters
    found = await letters.dead(
        writer(request), given.text("subscription"), after=given.number("after", 0) or 0, limit=limit
    )
    body: dict[str, Any] = {"dead": [_letter(notice) for notice in found]}
    if len(found) == limit:
        body["next"] = found[-1].number
    return plain(body)


@post(
    PATH + "/resend",
    status_code=200,
    operation_class=documented("Notifications", query=("subscription", "number"), example={"resent": 1}),
)
async def resend(request: Call) -> Response[bytes]:
    """Send notifications again that were given up: all, those of a subscription, or the one with that number."""
    given = Arguments(request, ("subscription", "number"))
    letters = rooms(request).hub.letters
    count = await letters.resend(writer(request), given.text("subscription"), number=given.number("number"))
    return plain({"resent": count})


def _tally(tally: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {
        "due": tally.due,
        "delivered": tally.delivered,
        "pending": tally.pending,
        "dead": tally.dead,
        "failures": tally.failures,
    }
    if tally.error:
        found["error"] = tally.error
    return found


def _letter(notice: Notice) -> dict[str, Any]:
    return {
        "number": notice.number,
        "subscription": notice.subscription,
        "at": times.text(notice.at),
        "attempts": notice.attempts,
        "error": notice.error,
        "notification": unpack(notice.body).body,
    }
