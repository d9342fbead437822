"""A participatory budget's ballots counted by two rules, side by side."""

import asyncio
from functools import partial
from typing import Final

import msgspec
from litestar import Response, post

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import read_as
from madang.api.rooms import rooms
from madang.participate.budgets import Count, both

_documented = partial(documented, "Proposals", named=False)
_GIVEN: Final = {
    "money": 100,
    "costs": {"park": 60, "playground": 40, "benches": 30},
    "ballots": [["park"], ["park", "benches"], ["playground", "benches"], ["playground"]],
}


@post("/participation/outcomes", status_code=200, operation_class=_documented(body=_GIVEN))
async def count_outcomes(request: Call) -> Response[bytes]:
    """Count approval ballots over projects by the greedy rule and by the method of equal shares: what each would fund,
    and how many people would get nothing that they approved. Nothing is kept."""
    Arguments(request, ())
    rooms(request).limits.take(request, "count", burst=5, every_s=10.0)
    given = await read_as(request, Count)
    found = await asyncio.to_thread(both, given)
    return plain(msgspec.to_builtins(found))
