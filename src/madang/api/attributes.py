"""Attributes over HTTP (ETSI GS CIM 009 v1.8.1, 6.6 and 6.7)."""

from typing import Any, Final

from litestar import Response, delete, patch, post, put
from litestar.params import FromPath

from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.entities import FRAGMENT, PATH, address_id, empty, types_of, updated
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.hub.attributes import SCOPE
from madang.model.context import Context
from madang.model.document.attribute import WHOLE, Mode, read_instances
from madang.model.document.entity import read_entity
from madang.model.entity import Attribute

_ATTRS: Final = PATH + "/{id:str}/attrs"
_BODY: Final = {"no2": {"type": "Property", "value": 22.0, "unitCode": "GQ"}}
_PART: Final = {"value": 22.0, "observedAt": "2026-03-01T07:31:00Z"}
_PARTIAL: Final = Mode(fragment=True, partial=True)


@post(
    _ATTRS,
    status_code=200,
    operation_class=documented("Attributes", query=("options", "type", "local"), body=_BODY, answers=(204, 207)),
)
async def append_attributes(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Append attributes to an entity (5.6.3); `options=noOverwrite` keeps those that are there."""
    given = Arguments(request, ("options", "type", "local"))
    options = given.options(("noOverwrite", "overwrite"))
    body, context = await read_body(request)
    fragment = read_entity(body, context, WHOLE, id=address_id(id))
    return updated(
        await rooms(request).hub.attributes.append(
            writer(request), fragment, overwrite="noOverwrite" not in options, types=types_of(given, context)
        )
    )


@patch(
    _ATTRS,
    status_code=200,
    operation_class=documented("Attributes", query=("type", "local"), body=_BODY, answers=(204, 207)),
)
async def update_attributes(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Update attributes of an entity (5.6.2); those that it has not are named in the answer."""
    given = Arguments(request, ("type", "local"))
    body, context = await read_body(request)
    fragment = read_entity(body, context, FRAGMENT, id=address_id(id))
    types = types_of(given, context)
    return updated(await rooms(request).hub.attributes.update(writer(request), fragment, types=types))


@patch(
    _ATTRS + "/{name:str}",
    status_code=200,
    operation_class=documented("Attributes", query=("type", "local"), body=_PART, answers=(204,)),
)
async def update_attribute(request: Call, id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Update parts of one attribute (5.6.4): the members that are given."""
    given = Arguments(request, ("type", "local"))
    body, context = await read_body(request)
    if isinstance(body, dict) and not set(body) - {"@context"}:  # pyright: ignore[reportUnknownArgumentType]
        raise BadRequestData("the fragment has no member to update")
    instances = _instances(body, context, _PARTIAL, name)
    if len(instances) != 1:
        raise BadRequestData("a partial update is of one instance: name it with datasetId")
    await rooms(request).hub.attributes.partial(
        writer(request), address_id(id), _name(name, context), instances[0], types=types_of(given, context)
    )
    return empty(204)


@put(
    _ATTRS + "/{name:str}",
    status_code=200,
    operation_class=documented(
        "Attributes", query=("type", "local"), body={"type": "Property", "value": 22.0}, answers=(204,)
    ),
)
async def replace_attribute(request: Call, id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Replace one attribute (5.6.19)."""
    given = Arguments(request, ("type", "local"))
    body, context = await read_body(request)
    if name == SCOPE:
        raise BadRequestData("scope is no attribute with a type; append it with the entity's attributes")
    instances = _instances(body, context, WHOLE, name)
    await rooms(request).hub.attributes.replace(
        writer(request), address_id(id), _name(name, context), instances, types=types_of(given, context)
    )
    return empty(204)


@delete(
    _ATTRS + "/{name:str}",
    status_code=200,
    operation_class=documented("Attributes", query=("datasetId", "deleteAll", "type", "local"), answers=(204,)),
)
async def delete_attribute(request: Call, id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Delete one attribute (5.6.5): the instance without datasetId, the one named, or all."""
    given = Arguments(request, ("datasetId", "deleteAll", "type", "local"))
    context = await link_context(request)
    dataset = given.text("datasetId")
    await rooms(request).hub.attributes.delete(
        writer(request),
        address_id(id),
        _name(name, context),
        dataset=None if dataset == "@none" else dataset,
        every=given.flag("deleteAll"),
        types=types_of(given, context),
    )
    return empty(204)


def _name(name: str, context: Context) -> str:
    return context.expand(address_id(name))


def _instances(body: Any, context: Context, mode: Mode, name: str) -> tuple[Attribute, ...]:
    if isinstance(body, dict):
        body = {key: value for key, value in body.items() if key != "@context"}  # pyright: ignore[reportUnknownVariableType]
    return read_instances(body, context, mode, where=f"attribute {name!r}")
