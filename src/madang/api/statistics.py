"""``/datasets/{dataset}/statistics``: questions about many, for readers whose grants open nothing else."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.publish.statistics import Question, Statistics

_BODY: Final = {"measure": "count", "by": "age", "edges": [0, 18, 65, 120], "epsilon": 0.5}
_EXAMPLE: Final = {
    "measure": "count",
    "of": None,
    "by": "age",
    "figures": [{"group": "0..18", "value": 412, "within95": 5.99, "rows": None}],
    "noise": "discrete Laplace",
    "spent": {"epsilon": 0.5, "delta": 0.0},
    "left": {"epsilon": 0.5, "delta": 0.0, "renews_at": "2026-03-31T08:00:00Z"},
    "entry": "privacy-4711",
}


@post(
    "/datasets/{dataset:str}/statistics",
    status_code=200,
    operation_class=documented("Statistics", body=_BODY, example=_EXAMPLE, answers=(200, 429)),
)
async def ask_statistic(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """Ask a count, a sum or a mean of a dataset: answered with noise, on the reader's budget, which is spent first."""
    Arguments(request, ())
    caller = reader(request)
    body = await read_json(request)
    try:
        asked = msgspec.convert(body, Question)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the question: {error}") from error
    here = rooms(request)
    return plain(await Statistics(here.hub, here.budgets).answer(caller, dataset, asked))


@get("/datasets/{dataset:str}/statistics", operation_class=documented("Statistics", example={"left": _EXAMPLE["left"]}))
async def tell_budget(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """What this reader may ask of the dataset, and what is left of its budget."""
    Arguments(request, ())
    here = rooms(request)
    return plain(await Statistics(here.hub, here.budgets).budget(reader(request), dataset))
