"""The index of places: the bounding box of each entity's `location`."""

from collections.abc import Sequence

from madang.model import geometry
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import many
from madang.store.sqlite.connection import Connection


def keep(connection: Connection, moved: Sequence[tuple[int, Entity | None, Entity]]) -> None:
    """Note where entities are now: their number, the entity before and after."""
    boxes: list[tuple[int, float, float, float, float]] = []
    for number, before, after in moved:
        old = before.attributes.get("location", ()) if before else ()
        new = after.attributes.get("location", ())
        if old is new or _same(old, new):
            continue
        box = _box(new)
        if box is None:
            drop(connection, number)
        else:
            west, south, east, north = box
            boxes.append((number, west, east, south, north))
    many.replace(connection, "place", boxes)


def drop(connection: Connection, number: int | None) -> None:
    """The entity is nowhere."""
    connection.execute("DELETE FROM place WHERE number = ?", (number,))


def _same(old: tuple[Attribute, ...], new: tuple[Attribute, ...]) -> bool:
    return len(old) == len(new) and all(a.value == b.value for a, b in zip(old, new, strict=True))


def _box(instances: tuple[Attribute, ...]) -> geometry.Box | None:
    boxes = [box for box in (geometry.box(one.value) for one in instances) if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
