"""Linked entities in notifications (`notification.join`; ETSI GS CIM 009 v1.9.1, 5.8.6, 4.5.23).

They are read when the notification is sent, not in the transaction of the change: so they are told as they are by
then. With ``inline`` the changed entities are written anew, with what they link to in them and without what was before
(showChanges); what is gone is told by ``flat`` only.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec

from madang.hub.links import follow
from madang.hub.watch import Watch
from madang.model.document.output import Join
from madang.model.entity import Entity
from madang.model.parcel import Parcel

Read = Callable[[Sequence[str]], Awaitable[dict[str, Entity]]]
"""Reads what the subscription's owner may see, by id."""

_entities = msgspec.json.Decoder(list[Entity]).decode


async def joined(watch: Watch, parcel: Parcel, read: Read) -> Parcel:
    """The parcel with the entities that those in it lead to. Raises TooManyResults, Unavailable."""
    if watch.joining is None or bytes(parcel.more) == b"null":
        return parcel
    roots = _entities(parcel.more)
    members = watch.telling.members
    linked = await follow(read, roots, members, watch.joining)
    if not linked:
        return parcel
    body: dict[str, Any] = msgspec.json.decode(parcel.body)
    telling = watch.telling
    if watch.joining.flat:
        told = {root.id for root in roots}
        more = [telling.linked(entity, wanted) for entity, wanted in linked if entity.id not in told]
        data_of(body).extend(watch.encoded(one) for one in more if one)
    else:
        entities = {entity.id: entity for entity, _ in linked}
        join = Join(entities=entities, levels=watch.joining.levels, wanted=members)
        again = {root.id: watch.encoded(telling.joined(root, join)) for root in roots}
        data = data_of(body)
        data[:] = [again.get(one.get("id"), one) for one in data]
    return Parcel(parcel.headers, msgspec.Raw(msgspec.json.encode(body)))


def data_of(body: dict[str, Any]) -> list[Any]:
    """The entities of the notification; in GeoJSON its features."""
    data: Any = body["data"]
    return cast(list[Any], data["features"] if isinstance(data, dict) else data)
