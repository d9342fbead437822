"""The attributes of an entity's past, and their instances, over HTTP (ETSI GS CIM 009 v1.9.1, 6.20, 6.21, 6.22)."""

import re
from typing import Any, Final
from urllib.parse import unquote

from litestar import Response, delete, patch, post
from litestar.exceptions import MethodNotAllowedException
from litestar.params import FromPath

from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.entities import address_id, empty
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.temporal import EXAMPLE, PATH
from madang.errors import BadRequestData
from madang.hub.traces import SCOPE
from madang.model.context import Context, is_uri
from madang.model.document.past import read_instance, read_past

_ATTRS: Final = PATH + "/{id:str}/attrs"
_INSTANCE: Final = _ATTRS + "/{name:str}/{instance:str}"
_BODY: Final[dict[str, Any]] = {"no2": EXAMPLE["no2"]}
_ONE: Final = {"type": "Property", "value": 21.5, "observedAt": "2026-03-01T07:30:00Z"}
_NAME = re.compile(r"[^\W\d_][\w\-]*")


@post(_ATTRS, status_code=200, operation_class=documented("The past", query=("local",), body=_BODY, answers=(204,)))
async def add_instances(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Add instances of attributes to the past of an entity (5.6.12)."""
    Arguments(request, ("local",))
    body, context = await read_body(request)
    entity, scopes = read_past(body, context, id=address_id(id))
    await rooms(request).hub.temporal.add(writer(request), entity, scopes)
    return empty(204)


@delete(
    _ATTRS + "/{name:str}",
    status_code=200,
    operation_class=documented("The past", query=("datasetId", "deleteAll", "local"), answers=(204,)),
)
async def delete_attribute_past(request: Call, id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Delete the past of one attribute (5.6.13): of the instances without datasetId, of the one named, or of all."""
    given = Arguments(request, ("datasetId", "deleteAll", "local"))
    context = await link_context(request)
    dataset = given.text("datasetId")
    if dataset is not None and dataset != "@none" and not is_uri(dataset):
        raise BadRequestData(f"datasetId: {dataset[:80]!r} is not a URI")
    await rooms(request).hub.temporal.delete(
        writer(request),
        address_id(id),
        _name(name, context),
        dataset=None if dataset == "@none" else dataset,
        every=given.flag("deleteAll"),
    )
    return empty(204)


@patch(_INSTANCE, status_code=200, operation_class=documented("The past", query=("local",), body=_ONE, answers=(204,)))
async def modify_instance(
    request: Call, id: FromPath[str], name: FromPath[str], instance: FromPath[str]
) -> Response[bytes]:
    """Replace one instance in the past of an attribute (5.6.14); it keeps its instanceId, datasetId and createdAt."""
    if not name:
        # Without its attribute an instance has no address, so there is nothing that could be modified (405 in ETSI's
        # test suite; a deletion there is 400).
        raise MethodNotAllowedException(headers={"Allow": "DELETE"})
    Arguments(request, ("local",))
    body, context = await read_body(request)
    revision = read_instance(body, context, address_id(name))
    await rooms(request).hub.temporal.modify(
        writer(request), address_id(id), _name(name, context), address_id(instance), revision
    )
    return empty(204)


@delete(_INSTANCE, status_code=200, operation_class=documented("The past", query=("local",), answers=(204,)))
async def delete_instance(
    request: Call, id: FromPath[str], name: FromPath[str], instance: FromPath[str]
) -> Response[bytes]:
    """Delete one instance in the past of an attribute (5.6.15)."""
    Arguments(request, ("local",))
    context = await link_context(request)
    await rooms(request).hub.temporal.modify(
        writer(request), address_id(id), _name(name, context), address_id(instance), None
    )
    return empty(204)


def _name(given: str, context: Context) -> str:
    """The attribute's name, expanded. Raises BadRequestData for what is none (4.6.2)."""
    name = address_id(given)
    # A name that is encoded twice is none either.
    if not (_NAME.fullmatch(name) or (is_uri(name) and unquote(name) == name)):
        raise BadRequestData(f"{name[:80]!r} is no attribute's name: a letter, then letters, digits and _ (4.6.2)")
    return name if name == SCOPE else context.expand(name)
