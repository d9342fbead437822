"""Subscriptions over HTTP (ETSI GS CIM 009 v1.9.1, 6.10 and 6.11).

They hold addresses and perhaps secrets of receivers: who may not write does not see them.
"""

from typing import Any, Final, cast
from urllib.parse import quote

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath

from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.entities import address_id, empty
from madang.api.jsonld_contexts import address
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import DEFAULT_LIMIT, check_page
from madang.errors import BadRequestData
from madang.hub.subscriptions import Given, Kept
from madang.hub.watch import address_of
from madang.model.context import Context
from madang.model.subscription import read_members, write_subscription

PATH: Final = "/ngsi-ld/v1/subscriptions"
EXAMPLE: Final = {
    "id": "urn:ngsi-ld:Subscription:air",
    "type": "Subscription",
    "entities": [{"type": "AirQualityObserved"}],
    "watchedAttributes": ["no2"],
    "q": "no2>40",
    "notification": {"format": "concise", "endpoint": {"uri": "http://127.0.0.1:9000/notify"}},
}
_PAGE: Final = ("limit", "offset", "count", "options", "local")


@post(
    PATH,
    status_code=201,
    operation_class=documented("Subscriptions", query=("local",), body=EXAMPLE, answers=(201, 409)),
)
async def create_subscription(request: Call) -> Response[bytes]:
    """Create a subscription (5.8.1)."""
    Arguments(request, ("local",))
    body, context = await read_body(request)
    given = await _given(request, body, context)
    id = cast(dict[str, Any], body).get("id")
    if id is not None and not isinstance(id, str):
        raise BadRequestData("id is a URI")
    id = await rooms(request).hub.subscriptions.create(writer(request), id, given)
    return empty(201, location=f"{PATH}/{quote(id, safe=':')}")


@get(PATH, operation_class=documented("Subscriptions", query=_PAGE, example=[EXAMPLE], media=(JSON, LD)))
async def query_subscriptions(request: Call) -> Response[bytes]:
    """List the subscriptions (5.8.4): a page at a time, in the order of their creation."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _PAGE)
    system = "sysAttrs" in given.options(("sysAttrs", "count"))
    limit, offset = given.number("limit", DEFAULT_LIMIT) or 0, given.number("offset", 0) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count)
    context = await link_context(request)
    page, total = await rooms(request).hub.subscriptions.query(writer(request), limit=limit, offset=offset)
    body = [_body(one, context, media=media, system=system) for one in page]
    links: list[str] = []
    for rel, wanted, at in (
        ("prev", offset > 0, max(0, offset - limit)),
        ("next", offset + limit < total, offset + limit),
    ):
        if wanted and limit:
            links.append(f'<{given.address(PATH, offset=str(at), limit=str(limit))}>;rel="{rel}";type="{media}"')
    answer = reply(body, media, context, links=links)
    if count:
        answer.headers["NGSILD-Results-Count"] = str(total)
    return answer


@get(
    PATH + "/{id:str}",
    operation_class=documented("Subscriptions", query=("options", "local"), example=EXAMPLE, media=(JSON, LD)),
)
async def retrieve_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a subscription (5.8.3), with how its notifications went."""
    media = negotiate(request, (JSON, LD))
    system = "sysAttrs" in Arguments(request, ("options", "local")).options(("sysAttrs",))
    context = await link_context(request)
    found = await rooms(request).hub.subscriptions.retrieve(writer(request), address_id(id))
    return reply(_body(found, context, media=media, system=system), media, context)


@patch(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented(
        "Subscriptions", query=("local",), body={"type": "Subscription", "isActive": False}, answers=(204,)
    ),
)
async def update_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Update a subscription (5.8.2): the members that are given; null deletes one."""
    Arguments(request, ("local",))
    body, context = await read_body(request)
    check_same(body, id)
    given = await _given(request, body, context, fragment=True)
    retold = given.members.get("jsonldContext") is not None
    await rooms(request).hub.subscriptions.update(writer(request), address_id(id), given, retold=retold)
    return empty(204)


@delete(
    PATH + "/{id:str}", status_code=200, operation_class=documented("Subscriptions", query=("local",), answers=(204,))
)
async def delete_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete a subscription (5.8.5), with its notifications that are on their way."""
    Arguments(request, ("local",))
    await rooms(request).hub.subscriptions.delete(writer(request), address_id(id))
    return empty(204)


def check_same(body: Any, id: str) -> None:
    """An id in the fragment is that of the address: it cannot be changed (table 5.2.12-1). Raises BadRequestData."""
    own = cast(dict[str, Any], body).get("id", "") if isinstance(body, dict) else ""
    if own != "" and own != address_id(id):
        raise BadRequestData(f"the id of a subscription stays: {address_id(id)[:200]!r}, not {str(own)[:80]!r}")


async def _given(request: Call, body: Any, context: Context, *, fragment: bool = False) -> Given:
    """What the body says, and the @context to tell in: jsonldContext has to be there to be had (5.8.1.4); one without
    an address of its own is given one (5.13.1)."""
    members, phrases = read_members(body, context, fragment=fragment)
    url = members.get("jsonldContext")
    if url is not None:
        context = await rooms(request).contexts.resolve(url)
    elif not fragment and not context.plain and address_of(context) is None:
        members["jsonldContext"] = await address(request, context)
        context = Context(context.terms, source=members["jsonldContext"], prefixes=context.prefixes)
    return Given(members, phrases, context)


def _body(found: Kept, context: Context, *, media: str, system: bool) -> dict[str, Any]:
    body = write_subscription(found.subscription, context, now=found.now, tally=found.tally, system=system)
    if media == LD:
        body["@context"] = in_body(context)
    return body
