"""A subscription as JSON, its names in the reader's @context (ETSI GS CIM 009 v1.9.1, 5.2.12)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from madang.model import time as times
from madang.model.change import Tally
from madang.model.context import Context
from madang.model.query.text import print_query
from madang.model.subscription.kept import Subscription
from madang.model.subscription.read import rename, rename_members

DEFAULT_TRIGGER = ("attributeCreated", "attributeUpdated")


def write_subscription(
    subscription: Subscription, context: Context, *, now: datetime, tally: Tally, system: bool = False
) -> dict[str, Any]:
    """The JSON object: what was given, the default triggers, the status now and, from the tally, how notifications
    went. `system` adds createdAt and modifiedAt."""
    body: dict[str, Any] = {"id": subscription.id, "type": "Subscription"}
    for name, value in subscription.document.items():
        body[name] = _member(subscription, name, value, context)
    body["notification"] = {**_notification(subscription.notification, context), **told(tally)}
    body.setdefault("notificationTrigger", list(DEFAULT_TRIGGER))
    body["status"] = status(subscription, now)
    if system:
        for name, at in (("createdAt", subscription.created_at), ("modifiedAt", subscription.modified_at)):
            if at is not None:
                body[name] = times.text(at)
    return body


def status(subscription: Subscription, now: datetime) -> str:
    """active, paused or expired (table 5.2.12-2)."""
    expires = expiry(subscription)
    if expires is not None and expires <= now:
        return "expired"
    return "active" if subscription.active else "paused"


def expiry(subscription: Subscription) -> datetime | None:
    """When it expires."""
    given = subscription.document.get("expiresAt")
    return times.parse(given, what="expiresAt") if given is not None else None


def told(tally: Tally) -> dict[str, Any]:
    """The read-only members of NotificationParams (5.2.14.2). They count notifications, not attempts: one that is
    tried again counts once in timesSent, and once in timesFailed if its first attempt failed."""
    if tally.sent_at is None:
        return {}
    found: dict[str, Any] = {
        "status": "failed" if tally.failing else "ok",
        # A notification that is tried again is still one; a lane tries one at a time.
        "timesSent": tally.delivered + tally.dead + (1 if tally.failing and tally.pending else 0),
        "lastNotification": times.text(tally.sent_at),
    }
    if tally.failures:
        found["timesFailed"] = tally.failures
    if tally.failure_at is not None:
        found["lastFailure"] = times.text(tally.failure_at)
    if tally.success_at is not None:
        found["lastSuccess"] = times.text(tally.success_at)
    return found


def _member(subscription: Subscription, name: str, value: Any, context: Context) -> Any:
    compact = context.compact
    match name:
        case "entities":
            return [{**one, "type": rename(one["type"], compact)} for one in value]
        case "watchedAttributes":
            return [compact(one) for one in value]
        case "geoQ" if "geoproperty" in value:
            return {**value, "geoproperty": compact(value["geoproperty"])}
        case "expandValues" | "jsonKeys":
            return ",".join(compact(one) for one in value.split(","))
        case "q" | "csf":
            phrase = subscription.phrases.get(name)
            if phrase is None or phrase.source == context.source:
                return value
            return print_query(phrase.tree(value), compact)
        case _:
            return value


def _notification(given: Mapping[str, Any], context: Context) -> dict[str, Any]:
    found = dict(given)
    for name in ("attributes", "pick", "omit"):
        if name in found:
            found[name] = [rename_members(one, context.compact) for one in found[name]]
    return found
