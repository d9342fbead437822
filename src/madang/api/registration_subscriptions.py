"""Subscriptions to context source registrations over HTTP (ETSI GS CIM 009 v1.9.1, 6.12 and 6.13).

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
from madang.api.pages import beside, counted, cut, read_leaf
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.subscriptions import check_same
from madang.errors import BadRequestData
from madang.hub.subscriptions import Given, Kept
from madang.model import time as times
from madang.model.context import Context
from madang.model.document import NULL
from madang.model.query import Timerel
from madang.model.subscription import read_members, values, write_subscription

PATH: Final = "/ngsi-ld/v1/csourceSubscriptions"
EXAMPLE: Final = {
    "id": "urn:ngsi-ld:Subscription:sources-of-water",
    "type": "Subscription",
    "entities": [{"type": "WaterConsumption"}],
    "notification": {"endpoint": {"uri": "http://127.0.0.1:9000/notify", "accept": "application/json"}},
}
_PAGE: Final = ("limit", "offset", "count", "options")
_TIMES: Final = ("observedAt", "createdAt", "modifiedAt", "deletedAt")


@post(PATH, status_code=201, operation_class=documented("Sources", body=EXAMPLE, answers=(201, 409)))
async def create_registration_subscription(request: Call) -> Response[bytes]:
    """Subscribe to registrations (5.11.2): told at once what matches, then of every change."""
    Arguments(request, ())
    body, context = await read_body(request)
    given = await _given(request, body, context)
    id = cast(dict[str, Any], body).get("id")
    if id is not None and not isinstance(id, str):
        raise BadRequestData("id is a URI")
    id = await rooms(request).hub.registration_subscriptions.create(writer(request), id, given)
    return empty(201, location=f"{PATH}/{quote(id, safe=':')}")


@get(PATH, operation_class=documented("Sources", query=_PAGE, example=[EXAMPLE], media=(JSON, LD)))
async def query_registration_subscriptions(request: Call) -> Response[bytes]:
    """List the subscriptions to registrations (5.11.5): a page at a time, in the order of their creation."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _PAGE)
    system = "sysAttrs" in given.options(("sysAttrs", "count"))
    leaf = read_leaf(given)
    context = await link_context(request)
    found = await rooms(request).hub.registration_subscriptions.query(writer(request))
    body = [_body(one, context, media=media, system=system) for one in cut(found, leaf)]
    answer = reply(body, media, context, links=beside(given, PATH, leaf=leaf, total=len(found), media=media))
    answer.headers.update(counted(leaf, len(found)))
    return answer


@get(PATH + "/{id:str}", operation_class=documented("Sources", query=("options",), example=EXAMPLE, media=(JSON, LD)))
async def retrieve_registration_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a subscription to registrations (5.11.4), with how its notifications went."""
    media = negotiate(request, (JSON, LD))
    system = "sysAttrs" in Arguments(request, ("options",)).options(("sysAttrs",))
    context = await link_context(request)
    found = await rooms(request).hub.registration_subscriptions.retrieve(writer(request), address_id(id))
    return reply(_body(found, context, media=media, system=system), media, context)


@patch(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented("Sources", body={"type": "Subscription", "isActive": False}, answers=(204,)),
)
async def update_registration_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Update a subscription to registrations (5.11.3): the members that are given; null deletes one."""
    Arguments(request, ())
    body, context = await read_body(request)
    check_same(body, id)
    given = await _given(request, body, context, fragment=True)
    retold = given.members.get("jsonldContext") is not None
    hub = rooms(request).hub
    await hub.registration_subscriptions.update(writer(request), address_id(id), given, retold=retold)
    return empty(204)


@delete(PATH + "/{id:str}", status_code=200, operation_class=documented("Sources", answers=(204,)))
async def delete_registration_subscription(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete a subscription to registrations (5.11.6), with its notifications that are on their way."""
    Arguments(request, ())
    await rooms(request).hub.registration_subscriptions.delete(writer(request), address_id(id))
    return empty(204)


async def _given(request: Call, body: Any, context: Context, *, fragment: bool = False) -> Given:
    """What the body says, and the @context to tell in, which has to have an address (5.13.1)."""
    members, phrases = read_members(body, context, fragment=fragment)
    past = cast(dict[str, Any], body).get("temporalQ")
    if past is not None and past != NULL:
        members["temporalQ"] = _temporal(past)
    elif "temporalQ" in body:
        if not fragment:
            raise BadRequestData("temporalQ is null; leave it out")
        members["temporalQ"] = None
    url = members.get("jsonldContext")
    if url is not None:
        context = await rooms(request).contexts.resolve(url)
    elif not fragment:
        context = Context(context.terms, source=await address(request, context), prefixes=context.prefixes)
    return Given(members, phrases, context)


def _temporal(given: Any) -> dict[str, Any]:
    """A TemporalQuery (5.2.21)."""
    found = values.members("temporalQ", given)
    relation = values.one_of(tuple(Timerel))("temporalQ.timerel", found.get("timerel"))
    at = times.parse(values.text("temporalQ.timeAt", found.get("timeAt")), what="temporalQ.timeAt")
    read: dict[str, Any] = {"timerel": relation, "timeAt": found["timeAt"]}
    if (relation == Timerel.BETWEEN) != ("endTimeAt" in found):
        raise BadRequestData("temporalQ.endTimeAt goes together with timerel between")
    if "endTimeAt" in found:
        end = times.parse(values.text("temporalQ.endTimeAt", found["endTimeAt"]), what="temporalQ.endTimeAt")
        if end <= at:
            raise BadRequestData("temporalQ.endTimeAt has to be after timeAt")
        read["endTimeAt"] = found["endTimeAt"]
    if "timeproperty" in found:
        read["timeproperty"] = values.one_of(_TIMES)("temporalQ.timeproperty", found["timeproperty"])
    return read


def _body(found: Kept, context: Context, *, media: str, system: bool) -> dict[str, Any]:
    body = write_subscription(found.subscription, context, now=found.now, tally=found.tally, system=system)
    if "notificationTrigger" not in found.subscription.document:
        # The default is one of changes of entities; it says nothing here.
        del body["notificationTrigger"]
    if media == LD:
        body["@context"] = in_body(context)
    return body
