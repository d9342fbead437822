"""The catalogue of what is published, as DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/)."""

from collections.abc import Mapping, Sequence
from typing import Final

from madang.model.city import City, Committee
from madang.model.dataset import Dataset
from madang.publish import released
from madang.publish.archive import Kept
from madang.publish.graph import Iri, Literal, Node, Object, typed
from madang.publish.licence import licence

FORMATS: Final = {
    "csv": ("text/csv", "CSV"),
    "geojson": ("application/geo+json", "GEOJSON"),
    "ndjson": ("application/x-ndjson", "JSONL"),
}
"""What a dataset may be downloaded as: media type, and the EU's name of the file type."""

_MEDIA: Final = "http://www.iana.org/assignments/media-types/"
_FILE: Final = "http://publications.europa.eu/resource/authority/file-type/"
_PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"


def catalogue(city: City, datasets: Sequence[Dataset], address: str, releases: Sequence[Kept] = ()) -> list[Node]:
    """The statements; `address` is where this hub is, without a slash at its end. `releases` are the newest."""
    top, agent = f"{address}/catalog", f"{address}/catalog#publisher"
    service = f"{address}/catalog#ngsi-ld"
    nodes: list[Node] = [
        (
            top,
            [
                ("rdf:type", Iri("dcat:Catalog")),
                *_texts("dct:title", {tag: f"{name}: open data" for tag, name in city.name.items()}),
                ("dct:description", Literal("What the city publishes, made from what it declares.", "en")),
                ("dct:publisher", Iri(agent)),
                *[("dcat:dataset", Iri(_address(address, one))) for one in datasets],
                *[("dcat:dataset", Iri(released.page(one, address))) for one in releases],
                *[("dcat:dataset", Iri(_minutes_of(address, name))) for name in city.committees],
                ("dcat:service", Iri(service)),
            ],
        ),
        (agent, [("rdf:type", Iri("foaf:Agent")), *_texts("foaf:name", city.name)]),
        (
            service,
            [
                ("rdf:type", Iri("dcat:DataService")),
                ("dct:title", Literal("NGSI-LD API", "en")),
                ("dcat:endpointURL", Iri(f"{address}/ngsi-ld/v1")),
                ("dcat:endpointDescription", Iri(f"{address}/docs")),
                *[("dcat:servesDataset", Iri(_address(address, one))) for one in datasets],
            ],
        ),
    ]
    owners = dict.fromkeys(one.owner for one in datasets)
    nodes += [
        (_owner(address, name), [("rdf:type", Iri("foaf:Agent")), ("foaf:name", Literal(name))]) for name in owners
    ]
    for one in datasets:
        nodes += [_dataset(one, address, releases), *_distributions(one, address)]
    for name, committee in city.committees.items():
        nodes += _minutes(name, committee, address, agent)
    return typed(nodes + released.nodes(releases, address, [one.id for one in datasets], agent))


def _dataset(one: Dataset, address: str, releases: Sequence[Kept]) -> Node:
    said: list[tuple[str, Object]] = [
        ("rdf:type", Iri("dcat:Dataset")),
        ("dct:identifier", Literal(one.id)),
        *_texts("dct:title", one.title),
        *_texts("dct:description", one.description or one.title),
        ("dct:publisher", Iri(_owner(address, one.owner))),
        ("dct:accessRights", Iri(_PUBLIC)),
        *[("dcat:keyword", Literal(word, "en")) for word in dict.fromkeys((one.type, *one.purposes))],
        ("dcat:landingPage", Iri(f"{address}/datasets/{one.id}/about")),
        *[("dcat:distribution", Iri(_file(address, one, form))) for form in FORMATS],
        *[
            ("dcat:hasVersion", Iri(released.page(kept, address)))
            for kept in releases
            if kept.manifest.dataset == one.id
        ],
    ]
    return _address(address, one), said


def _distributions(one: Dataset, address: str) -> list[Node]:
    made: list[Node] = []
    for form, (media, kind) in FORMATS.items():
        file = _file(address, one, form)
        said: list[tuple[str, Object]] = [
            ("rdf:type", Iri("dcat:Distribution")),
            ("dct:title", Literal(kind, "en")),
            ("dcat:accessURL", Iri(file)),
            ("dcat:downloadURL", Iri(file)),
            ("dcat:mediaType", Iri(_MEDIA + media)),
            ("dct:format", Iri(_FILE + kind)),
            ("dct:license", Iri(licence(one.licence).url)),
        ]
        made.append((file, said))
    return made


def _minutes(name: str, committee: Committee, address: str, agent: str) -> list[Node]:
    """A committee's minutes as a dataset: they are acts of the city, in the ledger, and no entities."""
    here = _minutes_of(address, name)
    about: list[tuple[str, Object]] = [
        ("rdf:type", Iri("dcat:Dataset")),
        ("dct:identifier", Literal(f"minutes-{name}")),
        *_texts("dct:title", {tag: f"{text}: minutes" for tag, text in committee.title.items()}),
        (
            "dct:description",
            Literal("Motions, votes, resolutions and answers, each with its entry in the ledger.", "en"),
        ),
        ("dct:publisher", Iri(agent)),
        ("dct:accessRights", Iri(_PUBLIC)),
        ("dcat:landingPage", Iri(f"{address}/committees/{name}")),
    ]
    made: list[Node] = []
    for end, (media, kind) in {".csv": FORMATS["csv"], ".json": ("application/json", "JSON")}.items():
        file = f"{address}/committees/{name}/minutes" + ("" if kind == "JSON" else end)
        about.append(("dcat:distribution", Iri(f"{here}{end}")))
        said: list[tuple[str, Object]] = [
            ("rdf:type", Iri("dcat:Distribution")),
            ("dct:title", Literal(kind, "en")),
            ("dcat:accessURL", Iri(file)),
            ("dcat:downloadURL", Iri(file)),
            ("dcat:mediaType", Iri(_MEDIA + media)),
            ("dct:format", Iri(_FILE + kind)),
            ("dct:license", Iri(licence("CC-BY-4.0").url)),
        ]
        made.append((f"{here}{end}", said))
    return [(here, about), *made]


def _minutes_of(address: str, name: str) -> str:
    return f"{address}/catalog#minutes-{name}"


def _texts(name: str, texts: Mapping[str, str]) -> list[tuple[str, Object]]:
    return [(name, Literal(text, tag)) for tag, text in texts.items()]


def _address(address: str, one: Dataset) -> str:
    return f"{address}/data/{one.id}"


def _file(address: str, one: Dataset, form: str) -> str:
    return f"{address}/data/{one.id}.{form}"


def _owner(address: str, name: str) -> str:
    return f"{address}/catalog#owner-{name}"
