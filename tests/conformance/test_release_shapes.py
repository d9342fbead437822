"""What the catalogue says of releases keeps the shapes of DCAT-AP 3.0.0, too."""

from datetime import UTC, datetime

import rdflib
from rdflib.namespace import RDF

from madang.model.dataset import Sensitivity
from madang.publish.archive import File, Kept, Manifest
from madang.publish.catalogue import catalogue
from madang.publish.graph import turtle
from madang.publish.releases import MEDIA

from .conftest import a_city, dataset
from .test_catalogue_shapes import DCAT, problems, shapes

__all__ = ["shapes"]

ADDRESS = "http://127.0.0.1:8080"


def test_releases_keep_the_shapes(shapes: rdflib.Graph) -> None:
    files = tuple(
        File(name=f"air.{form}", format=form, media=media, size=7, sha256="ab" * 32) for form, media in MEDIA.items()
    )
    made = Manifest(
        dataset="air", version=2, made=datetime(2026, 3, 1, tzinfo=UTC), as_of=datetime(2026, 3, 1, tzinfo=UTC),
        title={"en": "Air", "ko": "공기"}, licence="CC-BY-4.0", citation="City hall (2026): Air.", rows=3, columns=(),
        files=files, previous=1, changes={}, how={},
    )  # fmt: skip
    kept = Kept(made, "00" * 32, "release-1", True)
    air = dataset("air", "AirQualityObserved", sensitivity=Sensitivity.PUBLIC, purposes=("public-information",))
    nodes = catalogue(a_city((air,)), [air], ADDRESS, [kept])
    data = rdflib.Graph().parse(data=turtle(nodes), format="turtle")
    assert len(list(data.subjects(RDF.type, DCAT.Distribution))) == 3 + len(MEDIA)
    assert problems(data, shapes) == set()
