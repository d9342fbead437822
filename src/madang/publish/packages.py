"""The published datasets as CKAN's packages, with the search that its clients know (CKAN Action API 2.10)."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from madang.errors import BadRequestData
from madang.model.dataset import Dataset, text_of
from madang.publish.catalogue import FORMATS
from madang.publish.licence import licence

_FACETS: Final = ("organization", "tags", "license_id", "res_format", "groups")
_TEXTS: Final = ("title", "notes")
"""Fields of words, of which some are looked for."""
_FQ: Final = re.compile(r'\+?(-?)(\w+):(?:"([^"]*)"|(\S+))')


def package(one: Dataset, address: str) -> dict[str, Any]:
    """A dataset as `package_show` answers it."""
    law = licence(one.licence)
    tags = list(dict.fromkeys((one.type, *one.purposes)))
    return {
        "id": one.id,
        "name": one.id,
        "title": text_of(one.title),
        "notes": text_of(one.description),
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": law.is_open,
        "license_id": law.id,
        "license_title": law.title,
        "license_url": law.url,
        "url": f"{address}/data/{one.id}",
        "author": one.owner,
        "maintainer": one.owner,
        "owner_org": one.owner,
        "organization": organization(one.owner),
        "groups": [],
        "tags": [_tag(name) for name in tags],
        "num_tags": len(tags),
        "num_resources": len(FORMATS),
        "resources": [resource(one, form, address) for form in FORMATS],
        "extras": [
            {"key": "entity_type", "value": one.type},
            {"key": "legal_basis", "value": one.legal_basis},
            {"key": "retention", "value": one.retention},
            *({"key": f"title_{tag}", "value": text} for tag, text in one.title.items() if tag != "en"),
        ],
        "relationships_as_object": [],
        "relationships_as_subject": [],
    }


def _tag(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "display_name": name, "state": "active", "vocabulary_id": None}


def resource(one: Dataset, form: str, address: str) -> dict[str, Any]:
    """One of its files. That of the table is in the datastore, too."""
    media, kind = FORMATS[form]
    return {
        "id": f"{one.id}.{form}",
        "name": f"{text_of(one.title)} ({kind})",
        "package_id": one.id,
        "format": kind,
        "mimetype": media,
        "url": f"{address}/data/{one.id}.{form}",
        "url_type": "datastore" if form == "csv" else None,
        "datastore_active": form == "csv",
        "state": "active",
        "position": list(FORMATS).index(form),
    }


def organization(name: str) -> dict[str, Any]:
    """An owner as CKAN's organisation."""
    return {
        "id": name,
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "display_name": name.replace("-", " ").capitalize(),
        "type": "organization",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
        "image_url": "",
        "description": "",
    }


def search(
    datasets: Sequence[Dataset],
    address: str,
    *,
    q: str = "",
    fq: str = "",
    sort: str = "",
    rows: int = 10,
    start: int = 0,
    facets: Sequence[str] = (),
) -> dict[str, Any]:
    """What `package_search` answers. `q`: all words somewhere in a package, or ``field:value``; `fq`: ``field:value``
    terms. Raises BadRequestData for a field or an order that there is not."""
    tests = [*_asked(q), *_asked(fq)]
    found = [one for one in datasets if all(test(one) for test in tests)]
    found = _sorted(found, sort)
    page = [package(one, address) for one in found[start : start + rows]]
    counted = {name: Counter(value for one in found for value in _facet(one, name)) for name in facets}
    return {
        "count": len(found),
        "sort": sort or "score desc, name asc",
        "results": page,
        "facets": {name: dict(counts) for name, counts in counted.items()},
        "search_facets": {
            name: {
                "title": name,
                "items": [
                    {"name": value, "display_name": value, "count": count} for value, count in counts.most_common()
                ],
            }
            for name, counts in counted.items()
        },
    }


def _asked(text: str) -> list[Callable[[Dataset], bool]]:
    text = text.strip()
    if text in ("", "*:*", "*"):
        return []
    tests: list[Callable[[Dataset], bool]] = []
    for minus, field, quoted, plain in _FQ.findall(text):
        wanted = (quoted or plain).strip("()")
        tests.append(_field(field, wanted, negated=bool(minus)))
    for word in _FQ.sub(" ", text).replace('"', " ").split():
        if word not in ("AND", "OR"):
            tests.append(_word(word.strip("*").casefold()))
    return tests


def _field(field: str, wanted: str, *, negated: bool) -> Callable[[Dataset], bool]:
    if field not in _VALUES:
        raise BadRequestData(f"no field '{field[:40]}' to search; there are {', '.join(_VALUES)}")
    values, found = _VALUES[field], wanted.strip("*").casefold()
    if field in _TEXTS:
        return lambda one: any(found in text.casefold() for text in values(one)) is not negated
    return lambda one: (wanted == "*" or wanted in values(one)) is not negated


def _word(word: str) -> Callable[[Dataset], bool]:
    def holds(one: Dataset) -> bool:
        texts = (one.id, one.type, one.owner, *one.title.values(), *one.description.values(), *one.attributes)
        return any(word in text.casefold() for text in (*texts, *one.purposes))

    return holds


_VALUES: Final[Mapping[str, Callable[[Dataset], Sequence[str]]]] = {
    "name": lambda one: (one.id,),
    "id": lambda one: (one.id,),
    "title": lambda one: tuple(one.title.values()),
    "notes": lambda one: tuple(one.description.values()),
    "organization": lambda one: (one.owner,),
    "owner_org": lambda one: (one.owner,),
    "tags": lambda one: (one.type, *one.purposes),
    "license_id": lambda one: (one.licence,),
    "res_format": lambda one: tuple(kind for _, kind in FORMATS.values()),
    "groups": lambda one: (),
    "state": lambda one: ("active",),
    "type": lambda one: ("dataset",),
}


def _facet(one: Dataset, name: str) -> Sequence[str]:
    if name not in _FACETS:
        raise BadRequestData(f"no facet '{name[:40]}'; there are {', '.join(_FACETS)}")
    return _VALUES[name](one)


def _sorted(found: list[Dataset], sort: str) -> list[Dataset]:
    for key in reversed([part.strip() for part in sort.split(",") if part.strip()]):
        name, _, way = key.partition(" ")
        if name not in ("name", "title", "title_string", "score", "id", "metadata_modified", "metadata_created"):
            raise BadRequestData(f"no order '{key[:40]}'; there are name, title, score")
        if way.strip().lower() not in ("", "asc", "desc"):
            raise BadRequestData(f"no order '{key[:40]}'; after the name stands asc or desc")
        by: Callable[[Dataset], str] = (lambda one: text_of(one.title)) if name.startswith("title") else _id
        if name in ("name", "id", "title", "title_string"):
            found = sorted(found, key=by, reverse=way.strip().lower() == "desc")
    return found


def _id(one: Dataset) -> str:
    return one.id
