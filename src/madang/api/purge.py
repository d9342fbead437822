"""Deleting by query over HTTP (ETSI GS CIM 009 v1.9.1, 6.4.3.3)."""

from typing import Final

import msgspec
from litestar import Response, delete

from madang.api.arguments import Arguments
from madang.api.batch import outcome
from madang.api.body import link_context
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.entities import PATH
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import SELECTION, check_wide, read_filter
from madang.errors import BadRequestData
from madang.model.context import Context
from madang.model.query.project import NOT_ATTRIBUTES

_QUERY: Final = (*SELECTION, "attrs", "drop", "keep", "local")


@delete(PATH, status_code=200, operation_class=documented("Entities", query=_QUERY, answers=(204, 207)))
async def purge_entities(request: Call) -> Response[bytes]:
    """Delete the entities that match a query, or attributes of them (5.6.21); without restriction it is refused."""
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    attributes, drop, keep = (_members(given, name, context) for name in ("attrs", "drop", "keep"))
    query = msgspec.structs.replace(read_filter(given, context), attributes=attributes)
    # Attributes that are named restrict, whether entities or only these are deleted (5.6.21.4 b).
    named = msgspec.structs.replace(query, attributes=(*attributes, *drop, *keep))
    check_wide(named, every_type=given.text("type") is not None, local=given.flag("local"))
    result = await rooms(request).hub.purge.purge(writer(request), query, drop=drop, keep=keep)
    return outcome(result, [])


def _members(given: Arguments, name: str, context: Context) -> tuple[str, ...]:
    found = given.names(name)
    if any("{" in each or "}" in each for each in found):
        raise BadRequestData(f"{name}: linked entities cannot be purged from here (5.6.21.4)")
    return tuple(each if each in NOT_ATTRIBUTES else context.expand(each) for each in found)
