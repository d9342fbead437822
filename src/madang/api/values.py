"""A page of values alone: simplified entities whose values are written as they are stored (4.5.4)."""

from collections.abc import Sequence
from typing import Any

from madang.api.answer import JSON, View, one
from madang.model.document.output import Shape
from madang.model.entity import Entity
from madang.model.values import Values


def fits(view: View) -> bool:
    """Nothing but ids, types and values is written of an entity."""
    form = view.form
    return form.shape is Shape.SIMPLIFIED and not form.system and form.join is None and view.media == JSON


def write(found: Sequence[Values | Entity], view: View) -> list[dict[str, Any]]:
    """What `answer.many` writes of the same entities."""
    compact, pick = view.context.compact, view.wanted.pick
    with_id, with_type = (not pick or name in pick for name in ("id", "type"))
    bodies: list[dict[str, Any]] = []
    for each in found:
        body: dict[str, Any] = {}
        if isinstance(each, Entity):
            body = one(each, view)
        else:
            if with_id:
                body["id"] = each.id
            if with_type:
                types = each.types
                body["type"] = compact(types[0]) if len(types) == 1 else [*map(compact, types)]
            for name, value in each.values.items():
                body[compact(name)] = value
        if body:
            bodies.append(body)
    return bodies
