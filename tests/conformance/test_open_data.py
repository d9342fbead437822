"""What the city publishes, as its clients read it: catalogue, files, CKAN's actions, features; only what is open."""

import asyncio
import csv
import io
import json
import sys
from typing import Any

import httpx
import pytest
import rdflib
import rdflib.compare
from litestar import Litestar

from .conftest import serving

CATALOGUE, DATA, ACTION, OGC = "/catalog", "/data", "/api/3/action", "/ogc"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


@pytest.fixture
async def stations(site: httpx.AsyncClient) -> httpx.AsyncClient:
    """Thirty stations, a file that is not public, and a thing of the default dataset."""
    entities: list[dict[str, Any]] = [
        {
            "id": f"urn:ngsi-ld:AirQualityObserved:{n:02}",
            "type": "AirQualityObserved",
            "no2": {"type": "Property", "value": n / 2, "unitCode": "GQ", "observedAt": f"2026-03-01T07:{n:02}:00Z"},
            "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11 + n / 100, 48]}},
        }
        for n in range(30)
    ]
    entities.append({"id": "urn:ngsi-ld:CaseFile:1", "type": "CaseFile", "words": {"type": "Property", "value": "x"}})
    answer = await site.post("/ngsi-ld/v1/entityOperations/create", json=entities)
    assert answer.status_code == 201, answer.text
    return site


async def act(site: httpx.AsyncClient, name: str, /, *, status: int = 200, **given: Any) -> Any:
    """What an action answers, the same to GET and to POST."""
    posted = await site.post(f"{ACTION}/{name}", json=given)
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    got = await site.get(f"/api/action/{name}", params=texts)
    assert (posted.status_code, got.status_code) == (status, status), posted.text + got.text
    assert posted.json().get("result") == got.json().get("result")
    body = posted.json()
    assert body["success"] is (status == 200)
    return body["result"] if status == 200 else body["error"]


async def test_the_catalogue_says_the_same_in_both_forms(stations: httpx.AsyncClient) -> None:
    ld = await stations.get(CATALOGUE)
    assert ld.headers["content-type"].startswith("application/ld+json")
    turtle = await stations.get(CATALOGUE, headers={"Accept": "text/turtle"})
    assert turtle.text == (await stations.get("/catalog.ttl")).text
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    one = rdflib.Graph().parse(data=ld.text, format="json-ld")
    other = rdflib.Graph().parse(data=turtle.text, format="turtle")
    assert rdflib.compare.isomorphic(one, other)
    datasets = [str(found).rpartition("/")[2] for found in one.subjects(rdflib.RDF.type, DCAT.Dataset)]
    assert datasets == ["air"], "what is not public, and what has no declared shape, is not published"
    for kind, needed in (
        (DCAT.Catalog, (rdflib.DCTERMS.title, rdflib.DCTERMS.description, rdflib.DCTERMS.publisher)),
        (DCAT.Dataset, (rdflib.DCTERMS.title, rdflib.DCTERMS.description)),
        (DCAT.Distribution, (DCAT.accessURL, rdflib.DCTERMS.license)),
        (DCAT.DataService, (DCAT.endpointURL, rdflib.DCTERMS.title)),
        (rdflib.FOAF.Agent, (rdflib.FOAF.name,)),
    ):
        nodes = list(one.subjects(rdflib.RDF.type, kind))
        assert nodes, kind
        for node in nodes:
            assert all((node, what, None) in one for what in needed), (kind, node)


async def test_a_table_is_downloaded(stations: httpx.AsyncClient) -> None:
    answer = await stations.get(f"{DATA}/air.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'rel="license"' in answer.headers["link"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 30
    assert rows[4] == {
        "id": "urn:ngsi-ld:AirQualityObserved:04", "type": "AirQualityObserved", "no2": "2.0",
        "no2_observedAt": "2026-03-01T07:04:00Z", "location_longitude": "11.04", "location_latitude": "48",
    }  # fmt: skip
    about = (await stations.get(f"{DATA}/air.csv-metadata.json")).json()
    assert [one["name"] for one in about["tableSchema"]["columns"]] == list(rows[0])


async def test_a_file_has_a_length_a_tag_and_ranges(stations: httpx.AsyncClient) -> None:
    path = f"{DATA}/air.csv"
    packed = await stations.get(path, headers={"Accept-Encoding": "gzip"})
    stations.headers["Accept-Encoding"] = "identity"
    whole = await stations.get(path)
    assert packed.content == whole.content and packed.headers["etag"] != whole.headers["etag"]
    size, tag = int(whole.headers["content-length"]), whole.headers["etag"]
    assert size == len(whole.content)
    for known in (tag, f"W/{tag}", f'"old", {tag}', "*"):
        assert (await stations.get(path, headers={"If-None-Match": known})).status_code == 304, known
    assert (await stations.get(path, headers={"If-None-Match": '"old"'})).status_code == 200
    for asked, part in (
        ("0-9", slice(0, 10)),
        ("10-", slice(10, None)),
        ("-5", slice(-5, None)),
        ("5-99999", slice(5, None)),
    ):
        answer = await stations.get(path, headers={"Range": f"bytes={asked}", "If-Range": tag})
        assert (answer.status_code, answer.content) == (206, whole.content[part])
        assert answer.headers["content-range"].endswith(f"/{size}")
    assert (await stations.get(path, headers={"Range": f"bytes={size}-"})).status_code == 416
    for headers in (
        {"Range": "bytes=0-1,3-4"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=5-2"},
        {"Range": "bytes=0-9", "If-Range": '"old"'},
    ):
        assert (await stations.get(path, headers=headers)).content == whole.content


@pytest.mark.parametrize("form", ["geojson", "ndjson"])
async def test_features_are_downloaded(stations: httpx.AsyncClient, form: str) -> None:
    answer = await stations.get(f"{DATA}/air.{form}")
    found = answer.json()["features"] if form == "geojson" else [json.loads(one) for one in answer.text.splitlines()]
    assert len(found) == 30
    assert found[4]["geometry"] == {"type": "Point", "coordinates": [11.04, 48]}
    assert found[4]["properties"]["no2"] == 2.0


@pytest.mark.parametrize(
    "path", [f"{DATA}/files.csv", f"{DATA}/anything.csv", f"{DATA}/air.xls", f"{OGC}/collections/files"]
)
async def test_what_is_not_published_is_not_there(stations: httpx.AsyncClient, path: str) -> None:
    answer = await stations.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


async def test_ckan_lists_shows_and_searches(stations: httpx.AsyncClient) -> None:
    assert await act(stations, "package_list") == ["air"]
    package = await act(stations, "package_show", id="air")
    assert [one["format"] for one in package["resources"]] == ["CSV", "GEOJSON", "JSONL"]
    assert (await stations.get(package["resources"][0]["url"])).status_code == 200
    for q, count in (
        ("", 1),
        ("*:*", 1),
        ("no2", 1),
        ("tags:AirQualityObserved", 1),
        ("title:AIR", 1),
        ("title:water", 0),
        ("nothing", 0),
        ("-name:air", 0),
    ):
        assert (await act(stations, "package_search", q=q))["count"] == count, q
    found = await act(stations, "package_search", fq='organization:"city-hall"', **{"facet.field": ["tags"]})
    assert found["search_facets"]["tags"]["items"][0]["name"] == "AirQualityObserved"
    assert (await act(stations, "organization_show", id="city-hall"))["package_count"] == 1
    assert await act(stations, "organization_list") == ["city-hall"]
    assert await act(stations, "group_list") == []
    assert await act(stations, "tag_list") == ["AirQualityObserved"]
    assert "CC0-1.0" in [one["id"] for one in await act(stations, "license_list")]
    assert (await act(stations, "status_show"))["site_title"] == "Testville"
    assert await act(stations, "help_show", name="datastore_search")


async def test_ckan_reads_the_table(stations: httpx.AsyncClient) -> None:
    found = await act(stations, "datastore_search", resource_id="air.csv", limit=2, offset=3)
    assert (found["total"], len(found["records"]), found["records"][0]["no2"]) == (30, 2, 1.5)
    assert {"id": "no2", "type": "numeric"} in found["fields"]
    found = await act(stations, "datastore_search", resource_id="air.csv", filters={"no2": [2, 3.5]})
    assert [one["no2"] for one in found["records"]] == [2.0, 3.5]
    found = await act(stations, "datastore_search", resource_id="air.csv", sort="no2 desc", fields=["no2"], limit=1)
    assert found["records"] == [{"_id": 1, "no2": 14.5}]
    for form, first in (("lists", [0.0]), ("csv", "0.0\n"), ("tsv", "0.0\n")):
        found = await act(
            stations, "datastore_search", resource_id="air.csv", fields="no2", limit=1, records_format=form
        )
        assert (found["records"][0] if form == "lists" else found["records"]) == first
    assert (await act(stations, "datastore_info", id="air.csv"))["meta"]["count"] == 30
    dumped = await stations.get("/datastore/dump/air.csv?format=tsv")
    assert dumped.text.splitlines()[0].split("\t")[0] == "id"


async def test_ckan_says_what_is_wrong(stations: httpx.AsyncClient) -> None:
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        ("package_show", {"id": "files"}, 404, "Not Found Error"),
        ("package_show", {}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "files.csv"}, 404, "Not Found Error"),
        ("datastore_search", {"resource_id": "air.csv", "fields": "secret"}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "air.csv", "filters": "{"}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "air.csv", "limit": "many"}, 409, "Validation Error"),
        ("package_search", {"fq": "colour:red"}, 400, "Search Query Error"),
        ("package_search", {"sort": "name sideways"}, 400, "Search Query Error"),
        ("datastore_search", {}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "air.csv", "sort": "no2 sideways"}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "air.csv", "q": {"no2": 1}}, 409, "Validation Error"),
        ("resource_show", {"id": "air.1.csv"}, 404, "Not Found Error"),
    ]
    for name, given, status, kind in cases:
        assert (await act(stations, name, status=status, **given))["__type"] == kind
    assert (await stations.get(f"{ACTION}/datastore_search_sql")).status_code == 400
    assert (await stations.post(f"{ACTION}/package_show", content=b"{")).status_code in (400, 409)


async def test_features_are_found_by_place_time_and_property(stations: httpx.AsyncClient) -> None:
    landing = (await stations.get(OGC)).json()
    for one in landing["links"]:
        if one["rel"] != "service-doc":
            assert (await stations.get(one["href"])).status_code == 200, one
    (only,) = (await stations.get(f"{OGC}/collections")).json()["collections"]
    assert only["id"] == "air"
    items = f"{OGC}/collections/air/items"

    async def count(**given: str) -> int:
        answer = await stations.get(items, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()["numberMatched"]

    assert await count() == 30
    assert await count(bbox="11.045,47,11.095,49") == 5
    assert await count(bbox="11.045,47,0,11.095,49,10") == 5
    assert await count(no2="2") == 1
    assert (await count(no2="1_0"), await count(no2="1e1"), await count(no2="nan")) == (0, 1, 0)
    assert await count(datetime="2026-03-01T07:10:00Z/2026-03-01T07:14:00Z") == 5
    assert await count(datetime="2026-03-01T07:25:00Z/..") == 5
    assert await count(datetime="2026-03-01T07:25:00Z") == 1
    page = (await stations.get(items, params={"limit": "20"})).json()
    assert page["numberReturned"] == 20
    after = next(one["href"] for one in page["links"] if one["rel"] == "next")
    assert (await stations.get(after)).json()["numberReturned"] == 10
    one = await stations.get(f"{items}/urn:ngsi-ld:AirQualityObserved:04")
    assert (one.headers["content-type"], one.json()["id"]) == (
        "application/geo+json",
        "urn:ngsi-ld:AirQualityObserved:04",
    )


async def test_features_are_filtered_by_cql2_and_in_other_systems(stations: httpx.AsyncClient) -> None:
    items = f"{OGC}/collections/air/items"

    async def ask(**given: str) -> Any:
        answer = await stations.get(items, params={name.replace("_", "-"): text for name, text in given.items()})
        assert answer.status_code == 200, answer.text
        return answer

    async def count(**given: str) -> int:
        return (await ask(**given)).json()["numberMatched"]

    assert await count(filter="no2 > 10 AND no2 <= 12") == 4
    assert await count(filter='{"op": ">", "args": [{"property": "no2"}, 13]}', filter_lang="cql2-json") == 3
    assert await count(filter="no2_observedAt >= TIMESTAMP('2026-03-01T07:25:00Z')") == 5
    either = "no2 < 1 OR S_INTERSECTS(geometry, BBOX(11.275, 47, 12, 49))"
    assert await count(filter=either) == 4
    page = (await ask(filter=either, limit="1", offset="1")).json()
    assert (page["numberMatched"], page["numberReturned"], page["features"][0]["properties"]["no2"]) == (4, 1, 0.5)
    both = {"bbox": "11.045,47,11.195,49", "filter": "S_INTERSECTS(geometry, BBOX(11.145, 47, 12, 49))"}
    assert await count(**both) == 5
    after = (await ask(filter="no2 > 4", limit="5")).json()
    following = next(one["href"] for one in after["links"] if one["rel"] == "next")
    assert (await stations.get(following)).json()["numberMatched"] == after["numberMatched"]

    axes = "http://www.opengis.net/def/crs/EPSG/0/4326"
    turned = await ask(crs=axes, bbox="47,11.045,49,11.095", bbox_crs=axes)
    assert turned.headers["content-crs"] == f"<{axes}>"
    assert turned.json()["numberMatched"] == 5 and turned.json()["features"][0]["geometry"]["coordinates"] == [
        48,
        11.05,
    ]
    web = "http://www.opengis.net/def/crs/EPSG/0/3857"
    asked = {"crs": web, "filter_crs": web, "filter": "S_INTERSECTS(geometry, BBOX(1229525,6000000,1235000,6200000))"}
    (one, *_) = (await ask(**asked)).json()["features"]
    assert one["geometry"]["coordinates"] == pytest.approx([1230080.4, 6106854.8], abs=1)
    (only,) = (await stations.get(f"{OGC}/collections")).json()["collections"]
    assert axes in only["crs"] and only["storageCrs"].endswith("CRS84")
    declared = (await stations.get(f"{OGC}/conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in declared
    schema = (await stations.get(f"{OGC}/collections/air/queryables")).json()
    assert schema["properties"]["no2"]["type"] == "number" and schema["$id"].endswith("/air/queryables")


@pytest.mark.parametrize(
    "query",
    [
        "filter=no2%20>",
        "filter=so2=1",
        "filter=no2=1&filter-lang=sql",
        "filter=no2=1&filter-crs=EPSG:1",
        "filter-lang=cql2-text",
        "bbox-crs=EPSG:1&bbox=1,2,3,4",
        "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=1,9,2,3",
        "datetime=yesterday",
        "datetime=2027-01-01T00:00:00Z/2026-01-01T00:00:00Z",
        "f=html",
        "limit=0",
        "limit=x",
        "colour=red",
        "crs=EPSG:25832",
    ],
)
async def test_what_features_cannot_be_asked_is_told(stations: httpx.AsyncClient, query: str) -> None:
    answer = await stations.get(f"{OGC}/collections/air/items?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"]


CLIENTS = """
import sys
import ckanapi, csvw, pyogrio
from owslib.ogcapi.features import Features

address = sys.argv[1]
remote = ckanapi.RemoteCKAN(address)
assert remote.action.package_list() == ["air"]
found = remote.action.datastore_search(resource_id="air.csv", limit=5, filters={"no2": 2})
assert [one["no2"] for one in found["records"]] == [2.0]
try:
    remote.action.package_show(id="files")
except ckanapi.NotFound:
    pass
else:
    raise AssertionError("what is not public was shown")
features = Features(f"{address}/ogc")
assert features.collections()["collections"][0]["id"] == "air"
assert features.collection_items("air", bbox=[11.045, 47, 11.095, 49])["numberMatched"] == 5
layer = f"OAPIF:{address}/ogc"
assert pyogrio.read_info(layer, layer="air")["features"] == 30
assert len(pyogrio.raw.read(layer, layer="air", bbox=(11.045, 47, 11.095, 49))[2]) == 5
assert len(pyogrio.raw.read(layer, layer="air", where="no2 BETWEEN 2 AND 3")[2]) == 3
text = "no2 BETWEEN 2 AND 3 AND S_INTERSECTS(geometry, BBOX(11.045, 47, 12, 49))"
wanted = {"filter": text, "filter-lang": "cql2-text"}
assert features.collection_items("air", **wanted)["numberMatched"] == 2
assert set(features.collection_queryables("air")["properties"]) == {"id", "no2", "no2_observedAt", "geometry"}
web = pyogrio.read_info(f"{layer}", layer="air", CRS="EPSG:3857")
assert "3857" in web["crs"], web["crs"]
assert len(pyogrio.raw.read(f"{address}/data/air.geojson")[2]) == 30
described = csvw.CSVW(f"{address}/data/air.csv-metadata.json", validate=True)
assert described.is_valid
rows = [row for table in described.tables for row in table]
assert (len(rows), rows[4]["no2"], rows[4]["no2_observedAt"].minute) == (30, 2.0, 4)
"""


async def test_real_clients_read_it(stations: httpx.AsyncClient, app: Litestar) -> None:
    """`ckanapi`, `OWSLib`, GDAL (which QGIS reads with) by `pyogrio`, and `csvw`, from a process of their own."""
    async with serving(app) as address:
        command = (sys.executable, "-c", CLIENTS, address)
        client = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, said = await asyncio.wait_for(client.communicate(), 120)
    assert client.returncode == 0, said.decode()
