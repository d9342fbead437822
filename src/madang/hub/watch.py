"""A subscription compiled for matching: does a change concern it, and how is it told (ETSI GS CIM 009 v1.9.1, 5.8.6).

Where the standard leaves it open:

- ``entityUpdated`` is literally the three attribute triggers together (table 5.2.12-1), so that it fires when an entity
  is created as well: its attributes are.
- With watchedAttributes, a created or deleted entity counts when it has one of them.
- An instance of its own datasetId that comes to be, or goes, is an attribute that does.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec

from madang.hub.clue import clue_of, patterns_of
from madang.hub.difference import Difference, masked
from madang.hub.links import Joining, has_links, unlinked
from madang.hub.project import projected
from madang.hub.telling import Telling
from madang.model import match
from madang.model.access import Access
from madang.model.change import Change, Notice
from madang.model.consent import Consent
from madang.model.context import CORE, CORE_URL, Context, is_core
from madang.model.document.output import Form, Shape
from madang.model.earlier import as_of, read_version
from madang.model.entity import Entity
from madang.model.geometry import reach
from madang.model.geoquery import parse_geo
from madang.model.parcel import Address, Whom
from madang.model.query import EntityQuery, Selector
from madang.model.query.types import parse_scopes, parse_types
from madang.model.subscription import Subscription
from madang.model.subscription.endpoint import pairs
from madang.model.subscription.rules import told_members
from madang.model.subscription.write import DEFAULT_TRIGGER, expiry

JSON, LD, GEO = "application/json", "application/ld+json", "application/geo+json"
LONGEST_TIMEOUT_S: Final = 60.0
PREFIX: Final = "~linked:"
"""Stands before the id of a subscription where notices wait for its condition to be looked into (`hub/linked`)."""
_LINK = '<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
_SHAPES = {"keyValues": Shape.SIMPLIFIED, "simplified": Shape.SIMPLIFIED, "concise": Shape.CONCISE}
_encode = msgspec.json.Encoder().encode


class Watch:
    """One subscription of a tenant, with what its owner may see.

    Immutable but for three numbers that its table gives: watches with the same one are concerned with the same
    changes (`concern`), have the same `conditions`, tell in the same `form`. So for each change that is found out once.
    """

    def __init__(
        self,
        tenant: str,
        subscription: Subscription,
        access: Access,
        context: Context,
        stands: Callable[[], bool] | None = None,
    ) -> None:
        self._stands = stands
        document, told = subscription.document, subscription.notification
        endpoint = subscription.endpoint
        self.id = subscription.id
        self.tenant = tenant
        self.access = access
        self.subscription = subscription
        self.expires = expiry(subscription)
        self.every_s = float(document["timeInterval"]) if "timeInterval" in document else None
        throttling = document.get("throttling")
        self.throttling = timedelta(seconds=throttling) if throttling is not None else None
        self.query = _query(subscription)
        self.linked = self.query.where if has_links(self.query.where) else None
        if self.linked is not None:
            self.query = msgspec.structs.replace(self.query, where=unlinked(self.linked))
        self.media: str = endpoint.get("accept", JSON)
        receiver = pairs(endpoint.get("receiverInfo"))
        self.address = Address(uri=endpoint["uri"], headers=receiver, options=pairs(endpoint.get("notifierInfo")))
        self.timeout_s = min(endpoint.get("timeout", 10_000) / 1000, LONGEST_TIMEOUT_S)
        self.cooldown_s = endpoint.get("cooldown", 0) / 1000
        self._bare = "body=json" in receiver.get("Prefer", "").replace(" ", "")
        self._triggers = _triggers(document.get("notificationTrigger", DEFAULT_TRIGGER))
        self.watched = frozenset(cast(list[str], document.get("watchedAttributes", ())))
        self._selects = match.chooses(self.query.selectors) if self.query.selectors else None
        narrow = self.query.where is not None or self.query.geo is not None or bool(self.query.scopes)
        self._holds = match.test(_conditions(self.query)) if narrow else None
        self.narrow = narrow
        self.patterns = patterns_of(self.query.selectors)
        self.clue = clue_of(self.query.where)
        self.box = reach(self.query.geo) if self.query.geo is not None else None
        self._url = address_of(context)
        self._context = CORE if self._url is None and self._linked else context
        self._version = read_version(document.get("ngsildConformance"))
        self.telling = _telling(self, told)
        self.joining = _joining(told)
        self.form = (self._context, self.telling, self.media, self._bare, self._version, id(access))
        self.concern = (self.query.selectors, self._triggers, self.watched)
        # Encoded here, once: every table that the subscription is in compares it.
        self.conditions = msgspec.json.encode(_conditions(self.query))
        self.form_number = self.concern_number = self.conditions_number = 0
        self._head, self._before, self._after = self._pieces()

    def over(self, now: datetime) -> bool:
        """It has expired, or whoever owns it is not known any more: a member's key that has ended, or was revoked."""
        return (self.expires is not None and self.expires <= now) or not (self._stands is None or self._stands())

    def concerns(self, entity: Entity) -> bool:
        """It may tell of the entity: it selects it, and its owner sees it."""
        return self._picks(entity) and self.access.mask(entity) is not None

    def concerned(self, entity: Entity, agreed: Iterable[Consent]) -> bool:
        """It may have told of the entity, now or while these consents held, which may be withdrawn since."""
        if not self._picks(entity) or not self.access.sees(entity.types):
            return False
        purpose, since = self.subscription.owner[2], self.subscription.created_at
        datasets = {about.dataset for about in self.access.whose(entity)}
        held = (
            purpose in one.purposes and not datasets.isdisjoint(one.datasets)
            for one in agreed
            if one.withdrawn_at is None or since is None or since <= one.withdrawn_at
        )
        return self.concerns(entity) or any(held)

    def _picks(self, entity: Entity) -> bool:
        return self._selects is None or self._selects(entity.id, entity.types)

    @property
    def tells_deletions(self) -> bool:
        """Whoever has it is told when an entity is deleted."""
        return "entityDeleted" in self._triggers

    def status(self, now: datetime) -> str:
        """active, paused or expired (table 5.2.12-2)."""
        if self.over(now):
            return "expired"
        return "active" if self.subscription.active else "paused"

    @property
    def names(self) -> Sequence[str] | None:
        """An entity has to have one of these ids or types to be selected; None: any may be."""
        found: list[str] = []
        for selector in self.query.selectors:
            if selector.ids:
                found.extend(selector.ids)
            elif selector.types:
                found.extend(every[0] for every in selector.types)
            else:
                return None
        return found or None

    def wants(self, change: Change, found: Difference) -> bool:
        """The change is one of those that the subscription is triggered by, of an entity that it selects."""
        types = change.types
        if self._selects is not None and not self._selects(change.id, types):
            return False
        triggers = self._triggers
        if change.entity is None:
            old = change.before
            whole = "entityDeleted" in triggers and old is not None and self._watches(old.attributes)
            return whole or ("attributeDeleted" in triggers and self._watches(found.deleted))
        return (
            ("attributeUpdated" in triggers and bool(found.updated) and self._watches(found.updated))
            or ("attributeCreated" in triggers and bool(found.created) and self._watches(found.created))
            or ("attributeDeleted" in triggers and bool(found.deleted) and self._watches(found.deleted))
            or ("entityCreated" in triggers and change.before is None and self._watches(change.entity.attributes))
        )

    def tell(self, change: Change, found: Difference, now: datetime) -> msgspec.Raw | None:
        """The entity as it is told, encoded; None where nobody is to be told: the owner may not see it, or it is not
        one of those that the conditions are about."""
        before = self.access.mask(change.before) if change.before is not None else None
        after = self.access.mask(change.entity) if change.entity is not None else None
        if not self.access.everything and not self.wants(change, masked(found, change, before, after)):
            return None
        if change.entity is None:
            return None if before is None else self.encoded(self.telling.deleted(before, now))
        if after is None:
            return None
        return self.encoded(self.telling.after(after, masked(found, change, before, after)))

    @property
    def rooted(self) -> bool:
        """Its notices are finished later, and need the entities as they are kept."""
        return self.joining is not None or self.linked is not None

    def roots(self, change: Change) -> list[Entity]:
        """The changed entity, for linked ones to be joined to it, or for its condition to be looked into: then whole,
        and also where it was deleted."""
        if self.linked is not None:
            whole = self.access.mask(entity) if (entity := change.entity or change.before) is not None else None
            return [whole] if whole is not None else []
        after = self.access.mask(change.entity) if change.entity is not None and self.joining is not None else None
        return [projected(after, self.telling.part)] if after is not None else []

    def holds(self, change: Change) -> bool:
        """The conditions (q, geoQ, scopeQ) hold for what the owner sees of the entity: as it is, or was last."""
        entity = change.entity or change.before
        seen = self.access.mask(entity) if entity is not None else None
        return seen is not None and (self._holds is None or self._holds(seen))

    def encoded(self, body: dict[str, Any]) -> msgspec.Raw:
        """An entity of the data, in the media type that the receiver accepts and the version that it knows."""
        if self._version is not None:
            body = as_of(body, self._version, bare=self.telling.form.shape is Shape.SIMPLIFIED)
        if self.media == GEO:
            geometry = body.get(self._context.compact("location"))
            if isinstance(geometry, dict):
                geometry = cast(dict[str, Any], geometry).get("value", cast(Any, geometry))
            body = {"id": body.pop("id", None), "type": "Feature", "geometry": geometry, "properties": body}
        elif self.media == LD:
            body["@context"] = self._in_body()
        return msgspec.Raw(_encode(body))

    def notice(
        self, data: Sequence[msgspec.Raw], now: datetime, entities: Sequence[Entity] = (), about: Sequence[Whom] = ()
    ) -> Notice:
        """The notification with these entities (5.3.1), ready for the outbox.

        The JSON is put together from pieces: all but the entities, the id and the time is the same each time. What
        `entities` has are the same ones as they are kept: when it is sent, linked ones are joined (`hub/joins`).
        `about` says whom each of them is about.
        """
        id = f'{{"id":"urn:ngsi-ld:Notification:{uuid.uuid4()}","type":"Notification","notifiedAt":'.encode()
        more = _encode(entities) if entities else b"null"
        end = b',"about":' + _encode(about) + b"}" if any(about) else b"}"
        pieces = (self._head, id, _encode(now), self._before, b",".join(data), self._after, more, end)
        body = b"".join(pieces)
        return Notice(subscription=PREFIX + self.id if self.linked is not None else self.id, at=now, body=body)

    def _pieces(self) -> tuple[bytes, bytes, bytes]:
        """What is before the notification, between its time and its entities, and after them: of a `Parcel`."""
        head = b'{"headers":' + _encode(self._make_headers()) + b',"body":'
        before, after = b',"subscriptionId":' + _encode(self.id) + b',"data":', b""
        context = b',"@context":' + _encode(self._in_body())
        if self.media == GEO:
            before += b'{"type":"FeatureCollection","features":['
            after += b"]" + (b"" if self._bare else context) + b"}"
        else:
            before, after = before + b"[", b"]"
        if self.media == LD:
            after += context
        return head, before, after + b'},"more":'

    @property
    def _linked(self) -> bool:
        """The @context goes in a header, not in the body (6.3.5)."""
        return self.media == JSON or (self.media == GEO and self._bare)

    def _watches(self, names: Any) -> bool:
        return not self.watched or not self.watched.isdisjoint(names)

    def _in_body(self) -> Any:
        if self._context.plain:
            return CORE_URL
        source: Any = self._context.source
        listed: list[Any] = cast(list[Any], source) if isinstance(source, list) else [source]
        named = any(isinstance(one, str) and is_core(one) for one in listed)
        return listed if named else [*listed, CORE_URL]

    def _make_headers(self) -> dict[str, str]:
        headers = {"Content-Type": self.media}
        if self._linked:
            headers["Link"] = _LINK.format(CORE_URL if self._context.plain else self._url)
        if self.tenant:
            headers["NGSILD-Tenant"] = self.tenant
        return headers

    def make_telling(self, form: Form, part: EntityQuery, changes: bool) -> Telling:
        """The form in which this subscription is told."""
        deletions = "attributeDeleted" in self._triggers
        return Telling(
            form=form, context=self._context, part=part, changes=changes, deletions=deletions, watched=self.watched
        )


def address_of(context: Context) -> str | None:
    """The one address that stands for the @context in a Link header; None where it has none of its own."""
    source: Any = context.source
    listed: list[Any] = cast(list[Any], source) if isinstance(source, list) else [source]
    own = [one for one in listed if not (isinstance(one, str) and is_core(one))]
    return own[0] if len(own) == 1 and isinstance(own[0], str) else None


def _telling(watch: Watch, told: Any) -> Telling:
    document, members = watch.subscription.document, told_members(told)
    part = EntityQuery(
        attributes=tuple(told.get("attributes", ())),
        pick=members.pick,
        omit=members.omit,
        linked=members.linked,
        datasets=tuple(document.get("datasetId", ())),
    )
    shape = _SHAPES.get(told.get("format", ""), Shape.NORMALIZED)
    form = Form(shape=shape, system=told.get("sysAttrs", False), language=document.get("lang"))
    return watch.make_telling(form, part, told.get("showChanges", False))


def _query(subscription: Subscription) -> EntityQuery:
    """Which entities the subscription is about."""
    document = subscription.document
    geo: Any = document.get("geoQ")
    q = document.get("q")
    scopes = document.get("scopeQ")
    return EntityQuery(
        selectors=tuple(_selector(one) for one in document.get("entities", ())),
        where=subscription.phrases["q"].tree(q) if q is not None else None,
        geo=parse_geo(geo["georel"], geo["geometry"], geo["coordinates"], geo.get("geoproperty", "location"), str)
        if geo is not None
        else None,
        scopes=parse_scopes(scopes) if scopes is not None else (),
    )


def _conditions(query: EntityQuery) -> EntityQuery:
    return EntityQuery(where=query.where, geo=query.geo, scopes=query.scopes)


def _selector(given: Any) -> Selector:
    ids: Any = given.get("id", ())
    return Selector(
        types=parse_types(given["type"], str),
        ids=(ids,) if isinstance(ids, str) else tuple(ids),
        id_pattern=given.get("idPattern"),
    )


def _joining(told: Any) -> Joining | None:
    """What NotificationParams ask for; None: no linked entities."""
    join = told.get("join", "@none")
    return None if join == "@none" else Joining(levels=told.get("joinLevel", 1), flat=join == "flat")


def _triggers(given: Any) -> frozenset[str]:
    found = set(given)
    if "entityUpdated" in found:
        found |= {"attributeCreated", "attributeUpdated", "attributeDeleted"}
    return frozenset(found)
