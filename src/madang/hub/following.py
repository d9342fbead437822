"""A subscription to registrations, compiled: what it wants, and how it is told (ETSI GS CIM 009 v1.9.1, 5.11, 5.3.2).

Where the standard leaves it open: watchedAttributes and notification.attributes narrow the match where both are there
(5.11.2.4, 5.12). Of a registration only the elements of its `information` that match are told, their types as lists
(the published test suite reads them so), and never its contextSourceInfo: it is between the hub and the source.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

import msgspec

from madang.hub.delivery import Target
from madang.hub.watch import LONGEST_TIMEOUT_S, address_of
from madang.model import time as times
from madang.model.change import Notice
from madang.model.context import CORE_URL
from madang.model.geoquery import parse_geo
from madang.model.parcel import Address, Parcel, pack
from madang.model.query import Selector, TemporalQuery, Timerel
from madang.model.query.types import parse_scopes, parse_types
from madang.model.registration import Registration
from madang.model.registration.match import Wanted, matching
from madang.model.registration.write import write
from madang.model.subscription import Subscription
from madang.model.subscription.endpoint import pairs
from madang.model.subscription.write import expiry, status

PREFIX: Final = "csource:"
"""Stands before the subscription's id where its notices are kept, so that no subscription to entities has the same."""
_LD: Final = "application/ld+json"
_LINK: Final = '<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


class Trigger(StrEnum):
    """Why a registration is told (5.3.3)."""

    NEWLY_MATCHING = "newlyMatching"
    UPDATED = "updated"
    NO_LONGER_MATCHING = "noLongerMatching"


class Told(msgspec.Struct, frozen=True):
    """A registration, and the elements of its information that are told."""

    registration: Registration
    places: Sequence[int]


class Following:
    """One subscription of a tenant."""

    def __init__(self, tenant: str, subscription: Subscription) -> None:
        document, endpoint = subscription.document, subscription.endpoint
        self.tenant = tenant
        self.subscription = subscription
        self.id = subscription.id
        self.every_s = float(document["timeInterval"]) if "timeInterval" in document else None
        throttling = document.get("throttling")
        self.throttling = timedelta(seconds=throttling) if throttling is not None else None
        self.wanted = wanted(subscription)
        self.expires = expiry(subscription)
        self._media = _LD if endpoint.get("accept") == _LD else "application/json"
        self._context = subscription.context()
        self._address = Address(
            uri=endpoint["uri"],
            headers=pairs(endpoint.get("receiverInfo")),
            options=pairs(endpoint.get("notifierInfo")),
        )

    def active(self, now: datetime) -> bool:
        """It is neither paused nor expired."""
        return status(self.subscription, now) == "active"

    def target(self, now: datetime) -> Target:
        """Where its notices go (`hub/delivery`)."""
        state, endpoint = status(self.subscription, now), self.subscription.endpoint
        return Target(
            address=self._address,
            open=state == "active",
            over=state == "expired",
            timeout_s=min(endpoint.get("timeout", 10_000) / 1000, LONGEST_TIMEOUT_S),
            cooldown_s=endpoint.get("cooldown", 0) / 1000,
        )

    def change(self, before: Registration | None, after: Registration | None) -> tuple[Trigger, Told] | None:
        """What a change of a registration is to this subscription; None: nothing."""
        was = matching(before, self.wanted) if before is not None else []
        now = matching(after, self.wanted) if after is not None else []
        if after is not None and now:
            return Trigger.UPDATED if was else Trigger.NEWLY_MATCHING, Told(after, now)
        if before is not None and was:
            return Trigger.NO_LONGER_MATCHING, Told(before, was)
        return None

    def notice(self, told: Sequence[Told], trigger: Trigger, now: datetime) -> Notice:
        """The notification with these registrations (5.3.2), ready for the outbox."""
        body: dict[str, Any] = {
            "id": f"urn:ngsi-ld:ContextSourceNotification:{uuid.uuid4()}",
            "type": "ContextSourceNotification",
            "subscriptionId": self.id,
            "notifiedAt": times.text(now),
            "triggerReason": trigger,
            "data": [_listed(write(one.registration, self._context, secret=False, only=one.places)) for one in told],
        }
        headers = {"Content-Type": self._media}
        if self._media == _LD:
            body["@context"] = CORE_URL if self._context.plain else [self._context.source, CORE_URL]
        else:
            headers["Link"] = _LINK.format(address_of(self._context) or CORE_URL)
        if self.tenant:
            headers["NGSILD-Tenant"] = self.tenant
        parcel = Parcel(headers, msgspec.Raw(msgspec.json.encode(body)))
        return Notice(subscription=PREFIX + self.id, at=now, body=pack(parcel))


def wanted(subscription: Subscription) -> Wanted:
    """Which registrations the subscription is about (5.11.2.4)."""
    document = subscription.document
    watched, told = document.get("watchedAttributes"), subscription.notification.get("attributes")
    geo: Any = document.get("geoQ")
    csf, scopes = document.get("csf"), document.get("scopeQ")
    return Wanted(
        entities=tuple(_selector(one) for one in document.get("entities", ())),
        names=frozenset((*watched, *told)) if watched and told else frozenset(),
        datasets=tuple(document.get("datasetId", ())),
        geo=parse_geo(geo["georel"], geo["geometry"], geo["coordinates"], geo.get("geoproperty", "location"), str)
        if geo is not None
        else None,
        past=_past(document.get("temporalQ")),
        where=subscription.phrases["csf"].tree(csf) if csf is not None else None,
        scopes=parse_scopes(scopes) if scopes is not None else (),
    )


def _selector(given: Any) -> Selector:
    ids: Any = given.get("id", ())
    return Selector(
        types=parse_types(given["type"], str),
        ids=(ids,) if isinstance(ids, str) else tuple(ids),
        id_pattern=given.get("idPattern"),
    )


def _past(given: Mapping[str, Any] | None) -> TemporalQuery | None:
    if given is None:
        return None
    end = given.get("endTimeAt")
    return TemporalQuery(
        relation=Timerel(given["timerel"]),
        at=times.parse(given["timeAt"]),
        end=times.parse(end) if end is not None else None,
        property=given.get("timeproperty", "observedAt"),
    )


def _listed(body: dict[str, Any]) -> dict[str, Any]:
    """The registration with the types of its entities as lists."""
    information: list[dict[str, Any]] = []
    for info in cast(list[dict[str, Any]], body["information"]):
        entities = [
            {**one, "type": [one["type"]] if isinstance(one["type"], str) else one["type"]}
            for one in info.get("entities", ())
        ]
        information.append({**info, "entities": entities} if entities else info)
    return {**body, "information": information}
