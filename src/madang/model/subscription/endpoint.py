"""Where a subscription's notifications go (ETSI GS CIM 009 v1.9.1, 5.2.15 Endpoint, 5.2.22 KeyValuePair)."""

import re
from typing import Any, Final

from madang.errors import BadRequestData
from madang.model.document import NULL
from madang.model.subscription import values

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_LINE = re.compile(r"[\x20-\x7e\x80-\xff\t]*")
_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})
_MQTT: Final = {"MQTT-Version": ("mqtt3.1.1", "mqtt5.0"), "MQTT-QoS": ("0", "1", "2")}
ACCEPTS: Final = ("application/json", "application/ld+json", "application/geo+json")


def read_endpoint(given: Any, *, fragment: bool) -> dict[str, Any]:
    """The endpoint's members, checked. In a fragment a member of null (deleted by it) stays. Raises BadRequestData."""
    found: dict[str, Any] = {}
    for name, value in values.members("endpoint", given).items():
        if value is None or value == NULL:
            if not fragment:
                raise BadRequestData(f"endpoint.{name} is null; leave it out")
            found[name] = None
        elif name in _CHECKS:
            found[name] = _CHECKS[name](f"endpoint.{name}", value)
    return found


def pairs(given: Any) -> dict[str, str]:
    """The keys and values of receiverInfo or notifierInfo; of a key that is there twice the last counts."""
    return {pair["key"]: pair["value"] for pair in given or ()}


def _pairs(name: str, given: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for item in values.items(name, given):
        key, value = item.get("key"), item.get("value")
        if not isinstance(key, str) or not isinstance(value, str) or len(value) > values.LONGEST:
            raise BadRequestData(f'{name}: write {{"key": "…", "value": "…"}}, both texts (5.2.22)')
        found.append({"key": key, "value": value})
    return found


def _receiver(name: str, given: Any) -> list[dict[str, str]]:
    """They become headers: so each is a header's name and a header's value."""
    found = _pairs(name, given)
    for pair in found:
        if not _TOKEN.fullmatch(pair["key"]) or not _LINE.fullmatch(pair["value"]):
            raise BadRequestData(f"{name}: {pair['key'][:80]!r} with its value cannot be a header")
        if pair["key"].lower() in _OURS:
            raise BadRequestData(f"{name}: the header {pair['key']} is set by the hub itself")
    return found


def _notifier(name: str, given: Any) -> list[dict[str, str]]:
    found = _pairs(name, given)
    for pair in found:
        choices = _MQTT.get(pair["key"])
        if choices is not None and pair["value"] not in choices:
            raise BadRequestData(f"{name}: {pair['key']} is one of {', '.join(choices)} (7.2)")
    return found


_CHECKS: Final = {
    "uri": values.uri,
    "accept": values.one_of(ACCEPTS),
    "timeout": values.positive,
    "cooldown": values.positive,
    "receiverInfo": _receiver,
    "notifierInfo": _notifier,
}
