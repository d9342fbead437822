"""How a release is cited: a sentence, and a file in the Citation File Format 1.2.0 (https://citation-file-format.org)."""

from datetime import datetime
from typing import Final

import msgspec

from madang.model.city import City
from madang.model.dataset import Dataset, text_of

NAME: Final = "CITATION.cff"


def sentence(city: City, dataset: Dataset, version: int, made: datetime) -> str:
    """Who, when, what, which release, under which licence."""
    owner = dataset.owner.replace("-", " ").capitalize()
    what = f"{owner}, {text_of(city.name)} ({made.year}): {text_of(dataset.title)}"
    return f"{what}. Release {version} of {made.date().isoformat()}. Licence: {dataset.licence}."


def citation_file(city: City, dataset: Dataset, version: int, made: datetime) -> bytes:
    """The file; YAML whose values are JSON, which is YAML too."""
    said = {
        "cff-version": "1.2.0",
        "message": "Please cite this release of the dataset.",
        "type": "dataset",
        "title": text_of(dataset.title),
        "abstract": text_of(dataset.description) or text_of(dataset.title),
        "authors": [{"name": dataset.owner.replace("-", " ").capitalize(), "affiliation": text_of(city.name)}],
        "version": str(version),
        "date-released": made.date().isoformat(),
        "license": dataset.licence,
    }
    return b"".join(b"%s: %s\n" % (name.encode(), msgspec.json.encode(value)) for name, value in said.items())
