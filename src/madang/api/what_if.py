"""What if: a decision under other settings, and what the service's model expects of everything else that could have
been done; for everybody who may see the decision's data."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.decisions import PATH
from madang.api.docs import documented
from madang.api.happened import stood
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.visible import masked, sight
from madang.errors import BadRequestData, Forbidden
from madang.model.decision import DecisionRecord

_BODY: Final = {"settings": {"bus_weight": 10}}
_EXAMPLE: Final = {
    "id": "signals-4711",
    "settings": {"bus_weight": 10},
    "same": False,
    "recorded": {"action": "stage", "parameters": {"stage": "s1"}, "reason": "more vehicles wait on the north"},
    "supposed": {"action": "stage", "parameters": {"stage": "s3"}, "reason": "a late bus comes"},
}
_EXPECTED: Final = {
    "id": "signals-4711",
    "chosen": {"action": "stage", "parameters": {"stage": "s1"}},
    "shown": "s3",
    "horizon_s": 60.0,
    "choices": [
        {
            "action": "stage",
            "parameters": {"stage": "s1"},
            "serves": ["Ringstraße"],
            "begins_s": 0.0,
            "waits_vehicle_s": 118.4,
            "least_vehicle_s": 118.4,
            "most_vehicle_s": 118.4,
            "approaches": {"e12": 18.0, "e13": 100.4},
        }
    ],
    "streets": {"e12": "Ringstraße", "e13": "Am Nordpark"},
    "happened": {"signals": {"e12": 20.0, "e13": 94.0}, "fixed": None},
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
    record = await _seen(request, id)
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


@get(PATH + "/{id:str}/expected", operation_class=documented("Decisions", named=False, example=_EXPECTED))
async def expected(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Estimate by the service's own model what each lawful choice at a decision's moment brings until its horizon, in
    vehicle-seconds of waiting. The inputs are the record's; nothing is sent. `happened` is what vehicles stood in that
    time, here and in the twin under the fixed plan, where it is over and the history has it."""
    Arguments(request, ())
    here = rooms(request)
    here.limits.take(request, "what if", burst=30, every_s=1.0)
    record = await _seen(request, id)
    found = await here.supposing.expect(record)
    body: dict[str, Any] = {
        "id": id,
        "service": record.service,
        "target": record.target,
        "at": record.at,
        "chosen": {"action": record.action, "parameters": record.parameters},
        "refused": record.refused,
        **msgspec.structs.asdict(found),
        "happened": await stood(request, record.target, record.at, found.horizon_s),
    }
    return plain(body)


async def _seen(request: Call, id: str) -> DecisionRecord:
    """The record. Raises Forbidden where the caller may not see all that it rests on."""
    _, record = await rooms(request).account.record(id)
    if masked(record, sight(request)) is not record:
        raise Forbidden("this decision rests on data that you may not see, so what follows from it is not told either")
    return record
