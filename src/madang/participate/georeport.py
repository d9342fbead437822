"""The shapes of GeoReport v2 (http://wiki.open311.org/GeoReport_v2/), as JSON and as XML from the same values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree

from madang.model import time as times
from madang.model.dataset import text_of
from madang.model.feed import legal
from madang.model.report import Report, ReportKind

SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"

_ITEMS: Final = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What the items of a list are called."""


def service(code: str, kind: ReportKind, language: str) -> dict[str, Any]:
    """An item of the service list."""
    return {
        "service_code": code,
        "service_name": text_of(kind.name, language),
        "description": text_of(kind.description, language),
        "metadata": "true" if kind.questions else "false",
        "type": "realtime",
        "keywords": ",".join(kind.keywords),
        "group": kind.group,
    }


def definition(code: str, kind: ReportKind, language: str) -> dict[str, Any]:
    """What is asked besides."""
    return {
        "service_code": code,
        "attributes": [
            {
                "variable": "true",
                "code": name,
                "datatype": question.kind.value,
                "required": "true" if question.required else "false",
                "datatype_description": "",
                "order": str(place),
                "description": text_of(question.text, language),
                "values": [{"key": key, "name": text_of(texts, language)} for key, texts in question.values.items()],
            }
            for place, (name, question) in enumerate(kind.questions.items(), 1)
        ],
    }


def request(report: Report, kind: ReportKind | None, language: str) -> dict[str, Any]:
    """A service request as anybody may read it."""
    longitude, latitude = report.place or (None, None)
    return {
        "service_request_id": report.id,
        "status": report.status,
        "status_notes": report.status_notes or None,
        "service_name": text_of(kind.name, language) if kind else report.kind,
        "service_code": report.kind,
        "description": report.description,
        "agency_responsible": report.agency,
        "service_notice": None,
        "requested_datetime": times.text(report.requested_at),
        "updated_datetime": times.text(report.updated_at),
        "expected_datetime": times.text(report.expected_at),
        "address": report.address or None,
        "address_id": report.address_id or None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": report.media_url or None,
    }


def xml(root: str, value: Any) -> bytes:
    """The value as an XML document: members become elements, what is not there an empty one."""
    element = ElementTree.Element(root)
    _fill(element, value, root)
    return ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)


def _fill(element: ElementTree.Element, value: Any, name: str) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            _fill(ElementTree.SubElement(element, str(key)), inner, str(key))  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            _fill(ElementTree.SubElement(element, _ITEMS.get(name, "item")), inner, "")
    elif value is not None:
        element.text = legal(str(value))
