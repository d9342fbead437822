"""A person's own things in one place: ``/mine``. What the city holds on them, who used it and what they asked for have
addresses of their own (``/subjects/…``, ``/consents``); here is whom they belong to, what they are asked to agree to,
their reports and their objections."""

from functools import partial
from typing import Final

from litestar import Response, get

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.objections import told as objected
from madang.api.problem import Call
from madang.api.reports import told_whole
from madang.api.rooms import rooms
from madang.errors import Unauthorized
from madang.govern import SYSTEM
from madang.govern.opening import CONSENT
from madang.model.query import Compare, EntityQuery, Operator, Order, Path
from madang.model.report import TYPE
from madang.participate.objections import Objections
from madang.participate.written import case_of

_documented = partial(documented, "People", named=False)
_EXAMPLE: Final = {"subject": "urn:ngsi-ld:Person:kim", "name": "kim", "asked": [{"dataset": "visits"}]}
_MOST: Final = 500


@get("/mine", operation_class=_documented(example=_EXAMPLE))
async def mine(request: Call) -> Response[bytes]:
    """Tell who asks what is theirs: their URI, which datasets ask for their consent, with the notice of each, and the
    reports that they filed and the objections that they made while signed in."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    if not caller.subject:
        raise Unauthorized("this is a person's own page: sign in as one, or use a key with a subject")
    consents = here.hub.consents
    asked = [await consents.told(one.id) for one in here.city.datasets if one.legal_basis == CONSENT]
    where = Compare(Path(("contactSubject",)), Operator.EQUAL, caller.subject)
    order = (Order(path=Path(("requestedAt",)), descending=True),)
    declared = any(one.type == TYPE for one in here.city.datasets)
    query = EntityQuery(types=((TYPE,),), where=where, order=order, limit=_MOST)
    found = (await here.hub.entities.query(SYSTEM, query)).entities if declared else []
    objections = await Objections(here.account).by(caller.subject, here.hub.policy.terms.secret)
    now = here.clock.now()
    answer = plain(
        {
            "subject": caller.subject,
            "name": caller.name,
            "asked": asked,
            "reports": [told_whole(request, case_of(one)) for one in found],
            "objections": [objected(one, now) for one in objections],
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


HANDLERS = (mine,)
