"""A dataset for people and for search engines: what schema.org says of it, and how what the public gets was made."""

import hashlib
from typing import Any, Final

import msgspec

import madang
from madang.govern import PUBLIC
from madang.govern.opening import Terms, opening
from madang.model.city import City
from madang.model.dataset import Dataset, text_of
from madang.model.units import describe
from madang.publish.catalogue import FORMATS
from madang.publish.licence import licence

VOCABULARY: Final = "https://schema.org/"


def described(dataset: Dataset, city: City, address: str, language: str = "en") -> dict[str, Any]:
    """The dataset as schema.org's Dataset (https://schema.org/Dataset), in JSON-LD."""
    here = f"{address}/data/{dataset.id}"
    return {
        "@context": VOCABULARY,
        "@type": "Dataset",
        "@id": here,
        "url": f"{address}/datasets/{dataset.id}/about",
        "identifier": dataset.id,
        "name": text_of(dataset.title, language),
        "description": text_of(dataset.description, language) or text_of(dataset.title, language),
        "license": licence(dataset.licence).url,
        "isAccessibleForFree": True,
        "keywords": list(dict.fromkeys((dataset.type, *dataset.purposes))),
        "creator": {"@type": "Organization", "name": dataset.owner},
        "publisher": {"@type": "Organization", "name": text_of(city.name, language)},
        "spatialCoverage": {
            "@type": "Place",
            "name": text_of(city.name, language),
            "geo": {"@type": "GeoCoordinates", "latitude": city.centre[1], "longitude": city.centre[0]},
        },
        "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{address}/catalog"},
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": name,
                **({"unitCode": dataset.units[name]} if name in dataset.units else {}),
            }
            for name in dataset.attributes
        ],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{here}.{form}"}
            for form, (media, _) in FORMATS.items()
        ],
    }


def trace(dataset: Dataset, terms: Terms, address: str) -> dict[str, Any]:
    """How what the public gets was made: of which declaration (its SHA-256), by which query, what was left out or made
    coarser, by which version of the code."""
    found = opening(dataset, PUBLIC, terms)
    open_names = found.attributes if found is not None else frozenset[str]()
    grant = next((one for one in dataset.grants if "public" in one.roles), None)
    return {
        "declaration": {
            "file": f"datasets/{dataset.id}.toml",
            "sha256": hashlib.sha256(msgspec.json.encode(dataset, order="sorted")).hexdigest(),
        },
        "source": {"owner": dataset.owner, "legal_basis": dataset.legal_basis, "purposes": list(dataset.purposes)},
        "query": f"{address}/ngsi-ld/v1/entities?type={dataset.type}",
        "read_as": "the public: as any other reader, through governance",
        "why_open": found.why if found is not None else "",
        "left_out": [name for name in dataset.attributes if open_names is not None and name not in open_names],
        "made_coarser": dict(grant.transform) if grant is not None else {},
        "units": {name: describe(code) for name, code in dataset.units.items()},
        "kept": dataset.retention,
        "past": list(dataset.history),
        "code": f"Madang {madang.__version__}",
        "releases": f"{address}/datasets/{dataset.id}/releases",
    }
