"""The newest releases as catalogues tell them: DCAT 3's versions (https://www.w3.org/TR/vocab-dcat-3/#dataset-versions)
with SPDX checksums, and CKAN's resources."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from madang.model import time as times
from madang.publish.archive import File, Kept
from madang.publish.graph import Iri, Literal, Node, Object
from madang.publish.licence import licence

_MEDIA: Final = "http://www.iana.org/assignments/media-types/"
_FILE: Final = "http://publications.europa.eu/resource/authority/file-type/"
_SHA256: Final = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_KINDS: Final[Mapping[str, str]] = {"csv": "CSV", "geojson": "GEOJSON", "ndjson": "JSONL", "parquet": "PARQUET"}
"""The EU's names of file types."""


def page(kept: Kept, address: str) -> str:
    """Where a release is told of."""
    return f"{address}/datasets/{kept.manifest.dataset}/releases/{kept.manifest.version}"


def nodes(releases: Sequence[Kept], address: str, open_ids: Collection[str], publisher: str) -> list[Node]:
    """What a catalogue says of these releases. `open_ids` are the datasets that the catalogue has besides."""
    made: list[Node] = [(_SHA256, [("rdf:type", Iri("spdx:ChecksumAlgorithm"))])] if releases else []
    for kept in releases:
        files = [file for file in kept.manifest.files if file.format in _KINDS]
        made.append((page(kept, address), _said(kept, files, address, open_ids, publisher)))
        for file in files:
            made += _file(kept, file, address)
    return made


def _said(
    kept: Kept, files: Sequence[File], address: str, open_ids: Collection[str], publisher: str
) -> list[tuple[str, Object]]:
    release, here = kept.manifest, page(kept, address)
    return [
        ("rdf:type", Iri("dcat:Dataset")),
        ("dct:identifier", Literal(f"{release.dataset}/{release.version}")),
        *[("dct:title", Literal(f"{text} ({release.version})", tag)) for tag, text in release.title.items()],
        ("dct:description", Literal(release.citation, "en")),
        ("dct:publisher", Iri(publisher)),
        ("dct:accessRights", Iri(_PUBLIC)),
        ("dct:issued", Literal(times.text(release.made), datatype="xsd:dateTime")),
        ("dcat:version", Literal(str(release.version))),
        ("dcat:landingPage", Iri(here)),
        *([("dcat:isVersionOf", Iri(f"{address}/data/{release.dataset}"))] if release.dataset in open_ids else []),
        *([("dcat:previousVersion", Iri(f"{here.rpartition('/')[0]}/{release.previous}"))] if release.previous else []),
        *[("dcat:distribution", Iri(f"{here}/{file.name}")) for file in files],
    ]


def _file(kept: Kept, file: File, address: str) -> list[Node]:
    here = f"{page(kept, address)}/{file.name}"
    said: list[tuple[str, Object]] = [
        ("rdf:type", Iri("dcat:Distribution")),
        ("dct:title", Literal(_KINDS[file.format], "en")),
        ("dcat:accessURL", Iri(here)),
        ("dcat:downloadURL", Iri(here)),
        ("dcat:mediaType", Iri(_MEDIA + file.media)),
        ("dct:format", Iri(_FILE + _KINDS[file.format])),
        ("dcat:byteSize", Literal(str(file.size), datatype="xsd:nonNegativeInteger")),
        ("dct:license", Iri(licence(kept.manifest.licence).url)),
        ("spdx:checksum", Iri(f"{here}#checksum")),
    ]
    checksum: list[tuple[str, Object]] = [
        ("rdf:type", Iri("spdx:Checksum")),
        ("spdx:algorithm", Iri(_SHA256)),
        ("spdx:checksumValue", Literal(file.sha256, datatype="xsd:hexBinary")),
    ]
    return [(here, said), (f"{here}#checksum", checksum)]


def resources(kept: Kept, address: str, first: int) -> list[dict[str, Any]]:
    """The files of a release as CKAN's resources, counted from `first`."""
    release = kept.manifest
    return [
        {
            "id": f"{release.dataset}.{release.version}.{file.format}",
            "name": f"Release {release.version} ({_KINDS.get(file.format, file.format)})",
            "package_id": release.dataset,
            "format": _KINDS.get(file.format, file.format.upper()),
            "mimetype": file.media,
            "size": file.size,
            "hash": file.sha256,
            "hash_algorithm": "sha256",
            "created": times.text(release.made).removesuffix("Z"),
            "url": f"{page(kept, address)}/{file.name}",
            "url_type": None,
            "datastore_active": False,
            "state": "active",
            "position": first + place,
        }
        for place, file in enumerate(release.files)
    ]
