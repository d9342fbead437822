"""A page of whole entities whose texts are kept (see `hub/shown`): what `answer.many` would write, put together."""

from collections.abc import Sequence
from functools import partial

import msgspec

from madang.api import answer
from madang.api.answer import GEO, View
from madang.api.message import Answer
from madang.hub.shown import Form
from madang.model.entity import Entity
from madang.model.query import EVERY_MEMBER


def fits(view: View) -> bool:
    """Each entity is written whole and by itself."""
    return view.wanted == EVERY_MEMBER and view.form.join is None and view.media != GEO


def form(view: View) -> Form:
    """The form of such a view."""
    return Form(view, partial(_text, view))


def reply(texts: Sequence[bytes], view: View, links: Sequence[str]) -> Answer:
    """The answer: a list of them."""
    return answer.reply([msgspec.Raw(text) for text in texts], view.media, view.context, links=links)


def _text(view: View, entity: Entity) -> bytes:
    return msgspec.json.encode(answer.one(entity, view))
