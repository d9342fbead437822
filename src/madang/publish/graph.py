"""Statements about resources, written as JSON-LD and as Turtle from the same list."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

PREFIXES: Final[Mapping[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Iri(str):
    """The address of a resource, or a name of a prefix (``dcat:Dataset``)."""


class Literal(NamedTuple):
    """A text in a language, or a value of a datatype."""

    text: str
    language: str = ""
    datatype: str = ""


Object = Iri | Literal

RANGES: Final[Mapping[str, str]] = {
    "dcat:accessURL": "rdfs:Resource",
    "dcat:downloadURL": "rdfs:Resource",
    "dcat:endpointDescription": "rdfs:Resource",
    "dcat:endpointURL": "rdfs:Resource",
    "dcat:landingPage": "foaf:Document",
    "dcat:mediaType": "dct:MediaType",
    "dct:accessRights": "dct:RightsStatement",
    "dct:format": "dct:MediaTypeOrExtent",
    "dct:license": "dct:LicenseDocument",
    "dct:rights": "dct:RightsStatement",
}
"""What the things are that properties name (DCAT-AP 3.0.0): its shapes ask that a catalogue says so itself."""

Node = tuple[str, Sequence[tuple[str, Object]]]
"""A subject and what is said of it: property (with its prefix) and object."""


def typed(nodes: Sequence[Node]) -> list[Node]:
    """The statements, with one more for each thing that is only named: of which class it is."""
    named: dict[tuple[str, str], None] = {}
    for _, said in nodes:
        named |= {(str(value), RANGES[name]): None for name, value in said if name in RANGES}
    return [*nodes, *((subject, [("rdf:type", Iri(of))]) for subject, of in named)]


def json_ld(nodes: Sequence[Node]) -> dict[str, Any]:
    """The statements as JSON-LD: a graph of nodes."""
    return {"@context": dict(PREFIXES), "@graph": [_node(node) for node in nodes]}


def turtle(nodes: Sequence[Node]) -> str:
    """The statements as Turtle (W3C RDF 1.1 Turtle)."""
    head = "".join(f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items())
    return head + "".join(f"\n<{subject}>{_said(said)} .\n" for subject, said in nodes)


def _node(node: Node) -> dict[str, Any]:
    subject, said = node
    body: dict[str, Any] = {"@id": subject}
    for name, value in said:
        if name == "rdf:type":
            body.setdefault("@type", []).append(str(value))
        else:
            body.setdefault(name, []).append(_value(value))
    return body


def _value(value: Object) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": str(value)}
    if value.language:
        return {"@value": value.text, "@language": value.language}
    return {"@value": value.text, "@type": value.datatype} if value.datatype else {"@value": value.text}


def _said(said: Sequence[tuple[str, Object]]) -> str:
    return " ;".join(f"\n    {name} {_term(value)}" for name, value in said)


def _term(value: Object) -> str:
    if isinstance(value, Iri):
        prefix = value.partition(":")[0]
        return str(value) if prefix in PREFIXES and "//" not in value else f"<{_escaped_iri(value)}>"
    text = value.text.translate(_ESCAPES)
    if value.language:
        return f'"{text}"@{value.language}'
    return f'"{text}"^^{value.datatype}' if value.datatype else f'"{text}"'


_ESCAPES: Final = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def _escaped_iri(value: str) -> str:
    """What may not stand in an IRI is written as its number."""
    return "".join(f"\\u{ord(c):04X}" if c in '<>"{}|^`\\' or c <= " " else c for c in value)
