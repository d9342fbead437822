"""What the members of a subscription are together (ETSI GS CIM 009 v1.9.1, tables 5.2.12-1, 5.2.14.1-1, 5.2.15-1)."""

from collections.abc import Mapping
from typing import Any

from madang.errors import BadRequestData
from madang.model.query import Projection
from madang.model.query.project import parse_projection, projection


def check_whole(document: Mapping[str, Any]) -> None:
    """The document is a whole subscription. Raises BadRequestData."""
    notification: Mapping[str, Any] | None = document.get("notification")
    endpoint: Mapping[str, Any] | None = notification.get("endpoint") if notification is not None else None
    if notification is None or endpoint is None or "uri" not in endpoint:
        raise BadRequestData("a subscription needs notification.endpoint.uri: where its notifications go")
    if not document.get("localOnly") and "entities" not in document and "watchedAttributes" not in document:
        raise BadRequestData("a subscription needs entities or watchedAttributes: say what it is about")
    if "timeInterval" in document:
        excluded = [name for name in ("watchedAttributes", "throttling") if name in document]
        if excluded:
            raise BadRequestData(f"timeInterval excludes {' and '.join(excluded)}")
        if "entities" not in document and not document.get("localOnly"):
            raise BadRequestData("timeInterval needs entities: say of which entities")
    _check_told(notification)


def _check_told(notification: Mapping[str, Any]) -> None:
    if notification.get("showChanges") and notification.get("format") in ("keyValues", "simplified"):
        raise BadRequestData("showChanges needs the format normalized or concise: values alone have no place for it")
    for name in ("pick", "omit"):
        if name in notification and "attributes" in notification:
            raise BadRequestData(f"notification.attributes and notification.{name} exclude each other")
    depth = told_members(notification).depth
    levels = notification.get("joinLevel", 1) if notification.get("join", "@none") != "@none" else 0
    if depth > levels:
        raise BadRequestData(
            f"notification.pick and omit reach over {depth} relationships; join and joinLevel say {levels} (4.21)"
        )


def told_members(notification: Mapping[str, Any]) -> Projection:
    """What `pick` and `omit` say. Raises BadRequestData where both name a member."""
    picked, omitted = (
        parse_projection(",".join(notification[name]), what=f"notification.{name}") if name in notification else {}
        for name in ("pick", "omit")
    )
    return projection(picked, omitted, str)
