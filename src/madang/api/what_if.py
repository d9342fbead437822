"""What would have been decided under other settings, for everybody who may see the decision's data."""

from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.decisions import PATH
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.visible import masked, sight
from madang.errors import BadRequestData, Forbidden

_BODY: Final = {"settings": {"bus_weight": 10}}
_EXAMPLE: Final = {
    "id": "signals-4711",
    "settings": {"bus_weight": 10},
    "same": False,
    "recorded": {"action": "stage", "parameters": {"stage": "s1"}, "reason": "more vehicles wait on the north"},
    "supposed": {"action": "stage", "parameters": {"stage": "s3"}, "reason": "a late bus comes"},
}


class Supposition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the service by name; the others are as they were."""

    settings: dict[str, float | bool | str] = {}


@post(
    PATH + "/{id:str}/what-if",
    status_code=200,
    operation_class=documented("Decisions", named=False, body=_BODY, example=_EXAMPLE),
)
async def suppose(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Compute a decision again as it would have been under other settings of its service; nothing is sent."""
    Arguments(request, ())
    here = rooms(request)
    here.limits.take(request, "what if", burst=30, every_s=1.0)
    try:
        wanted = msgspec.convert(await read_json(request), Supposition)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the body: {error}") from error
    _, record = await here.account.record(id)
    if masked(record, sight(request)) is not record:
        raise Forbidden("this decision rests on data that you may not see, so what follows from it is not told either")
    found = await here.supposing.ask(record, wanted.settings)
    body: dict[str, Any] = {
        "id": id,
        "service": record.service,
        "version": record.version,
        "computed_by": found.version,
        "target": record.target,
        "at": record.at,
        "settings": found.settings,
        "settings_then": record.settings,
        "recorded": found.recorded,
        "replayed": found.replayed,
        "difference": found.difference,
        "supposed": found.supposed,
        "same": found.same,
    }
    return plain(body)
