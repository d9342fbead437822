"""Who is reached by the ways to take part: ``/reach.json``, the page's twin."""

import asyncio
from functools import partial
from typing import Final

import msgspec
from litestar import Response, get

from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.participate.reach import reach

_documented = partial(documented, "Reports", named=False)
_EXAMPLE: Final = {
    "population": 142000,
    "total": {"reports": 125, "per_thousand": 0.88, "channels": {"web": 80, "kiosk": None}},
    "districts": [{"group": "north-west", "population": 41000, "reports": 30, "per_thousand": 0.73}],
}
_KEPT: Final = "reach"
_MAKING = asyncio.Lock()


@get("/reach.json", operation_class=_documented(example=_EXAMPLE))
async def reach_table(request: Call) -> Response[bytes]:
    """Tell who is reached: reports of a year against the people of each district and age group, by channel. Numbers are
    rounded to fives, and small ones withheld."""
    Arguments(request, ())
    here = rooms(request)
    now = here.clock.now()
    # It changes once a day, and reads a year of reports: one is made an hour.
    name = f"{_KEPT} {now:%Y-%m-%dT%H}"
    async with _MAKING:
        body = here.kept.get(name)
        if body is None:
            for old in [one for one in here.kept if one.startswith(f"{_KEPT} ")]:
                del here.kept[old]
            found = await reach(here.hub, here.city, now)
            body = here.kept[name] = msgspec.json.encode(found)
    return Answer(body, status_code=200, media_type="application/json")


HANDLERS = (reach_table,)
