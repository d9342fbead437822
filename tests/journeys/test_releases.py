"""Releases from the declaration to the reader: files, checksums, changes, feed, catalogue, budget, ledger; and readers
who may ask of many. The hub runs in a process of its own, and is started anew in between."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from .releasing import CENSUS, MOVES, PATIENTS, STATIONS, Town, moves, people, station

pytestmark = pytest.mark.xdist_group("releases")

COUNT = {"measure": "count", "epsilon": 0.1}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    datasets = {"stations": STATIONS, "patients": PATIENTS, "census": CENSUS, "moves": MOVES}
    made = Town(tmp_path_factory.mktemp("releases"), datasets)
    # A second sample of one entity is a line of its own: the import takes each id once a page.
    moved = moves(60, datetime.now(UTC))
    made.take([*(station(n, n / 4) for n in range(20)), *people(400), *moved[::3]])
    made.take(moved[1::3])
    made.take(moved[2::3])
    return made


@pytest.fixture(scope="module")
def client(town: Town) -> Any:
    """After two releases of stations by the command, between which three of them changed."""
    assert "release 1, 20 rows" in town.release("stations").stdout
    town.take([station(0, 99.5), station(20, 5.0)])
    assert "release 2, 21 rows" in town.release("stations").stdout
    with town.open() as opened:
        yield opened


def test_a_release_is_a_set_of_files_with_checksums(client: httpx.Client) -> None:
    found = client.get("/datasets/stations/releases").json()
    assert [one["version"] for one in found["releases"]] == [2, 1]
    latest = client.get("/datasets/stations/releases/latest").json()
    assert (latest["version"], latest["rows"], latest["previous"]) == (2, 21, 1)
    assert [file["format"] for file in latest["files"]] == [
        "csv", "geojson", "ndjson", "parquet", "changes", "citation",
    ]  # fmt: skip
    for file in latest["files"]:
        packed = client.get(file["url"])
        assert hashlib.sha256(packed.content).hexdigest() == file["sha256"]
        answer = client.get(file["url"], headers={"Accept-Encoding": "identity"})
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert (len(answer.content), answer.headers["etag"]) == (file["size"], f'"{file["sha256"]}"')
        assert "immutable" in answer.headers["cache-control"]
        part = client.get(file["url"], headers={"Range": "bytes=5-14", "If-Range": answer.headers["etag"]})
        assert (part.status_code, part.content) == (206, answer.content[5:15])
        assert client.get(file["url"], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert "Release 2 of" in latest["citation"] and latest["licenceUrl"].startswith("https://creativecommons.org/")
    trace = latest["how"]
    assert trace["query"]["type"] == "Station" and trace["readAs"].startswith("the public")
    assert len(trace["policySha256"]) == len(trace["declarationSha256"]) == 64


def test_a_release_tells_what_changed(client: httpx.Client) -> None:
    latest = client.get("/datasets/stations/releases/2").json()
    assert {name: latest["changes"][name] for name in ("since", "added", "removed", "changed")} == {
        "since": 1, "added": 1, "removed": 0, "changed": 1,
    }  # fmt: skip
    changes = [json.loads(one) for one in client.get("/datasets/stations/releases/2/changes.ndjson").iter_lines()]
    assert changes == [
        {"id": "urn:x:Station:000", "change": "changed", "columns": ["no2"]},
        {"id": "urn:x:Station:020", "change": "added"},
    ]


def test_a_release_is_in_the_ledger_as_it_is(client: httpx.Client) -> None:
    latest = client.get("/datasets/stations/releases/2").json()
    manifest = client.get(latest["manifest"])
    assert hashlib.sha256(manifest.content).hexdigest() == latest["manifestSha256"]
    proof = client.get("/ledger/proof", params={"entry": latest["entry"]})
    assert proof.status_code == 200, proof.text


READERS = """
import json, sys, urllib.request
import feedparser, pyogrio
import pyarrow.parquet
from geoarrow.rust.io import read_parquet

address, file = sys.argv[1:]
feed = feedparser.parse(f"{address}/releases.atom")
assert not feed.bozo, feed.bozo_exception
assert feed.version == "atom10"
assert [one.title for one in feed.entries] == ["Stations, release 2", "Stations, release 1"]
newest = feed.entries[0]
assert newest.id.startswith(address) and newest.updated_parsed.tm_year >= 2026
parquet = next(one for one in newest.enclosures if one.type == "application/vnd.apache.parquet")
body = urllib.request.urlopen(parquet.href).read()
assert len(body) == int(parquet.length)
open(file, "wb").write(body)
table = read_parquet(file)
assert table.num_rows == 21
kind = table.schema.field("geometry")
assert kind.metadata[b"ARROW:extension:name"] == b"geoarrow.point", kind.metadata
plain = pyarrow.parquet.read_table(file)
geo = json.loads(plain.schema.metadata[b"geo"])
assert geo["version"] == "1.1.0" and "crs" not in geo["columns"]["geometry"], "none named is OGC:CRS84 by definition"
assert geo["columns"]["geometry"]["bbox"] == [11.0, 48.0, 11.2, 48.0]
assert plain.column("no2").to_pylist()[0] == 99.5
assert plain.column("no2_observedAt").to_pylist()[0].isoformat() == "2026-03-01T07:00:00+00:00"
places = next(one.href for one in newest.enclosures if one.type == "application/geo+json")
assert len(pyogrio.raw.read(places)[2]) == 21
"""


def test_real_readers_read_feed_and_files(client: httpx.Client, town: Town, tmp_path: Path) -> None:
    """`feedparser`, the Rust reader of GeoParquet, Arrow's own, and GDAL."""
    command = [sys.executable, "-c", READERS, town.address, str(tmp_path / "stations.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


CATALOGUE = """
import sys
import ckanapi, rdflib

address = sys.argv[1]
DCAT, SPDX = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.Namespace("http://spdx.org/rdf/terms#")
graph = rdflib.Graph().parse(f"{address}/catalog.ttl", format="turtle")
release = rdflib.URIRef(f"{address}/datasets/stations/releases/2")
assert (rdflib.URIRef(f"{address}/data/stations"), DCAT.hasVersion, release) in graph
assert (release, DCAT.previousVersion, rdflib.URIRef(f"{address}/datasets/stations/releases/1")) in graph
assert str(graph.value(release, DCAT.version)) == "2"
files = list(graph.objects(release, DCAT.distribution))
assert len(files) == 4
sums = {file: graph.value(file, SPDX.checksum) for file in files}
told = {str(file).rpartition("/")[2]: graph.value(sum, SPDX.checksumValue) for file, sum in sums.items()}
package = ckanapi.RemoteCKAN(address).action.package_show(id="stations")
assert package["version"] == "2" and package["num_resources"] == len(package["resources"]) == 9
hashes = {one["url"].rpartition("/")[2]: one["hash"] for one in package["resources"] if "hash" in one}
assert {name: str(value).lower() for name, value in told.items()}.items() <= hashes.items()
"""


def test_catalogues_name_the_newest_release(client: httpx.Client, town: Town) -> None:
    command = [sys.executable, "-c", CATALOGUE, town.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_dataset_as_it_is_now_is_parquet_too(client: httpx.Client) -> None:
    answer = client.get("/data/stations.parquet")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.apache.parquet")
    assert answer.content[:4] == answer.content[-4:] == b"PAR1"
    assert client.get("/data/census.parquet").status_code == 404


def test_people_read_of_releases_on_pages(client: httpx.Client) -> None:
    """A browser gets a page at the address of the data; everybody else, and ``.json``, the data."""
    browser = {"Accept": "text/html,application/xhtml+xml"}
    page = client.get("/releases", headers=browser)
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert 'href="/datasets/stations/releases/2' in page.text and "application/atom+xml" in page.text
    page = client.get("/datasets/stations/releases/2?lang=ko", headers=browser)
    assert page.status_code == 200 and "측정소" in page.text
    latest = client.get("/datasets/stations/releases/2.json").json()
    assert all(file["sha256"] in page.text for file in latest["files"])
    assert client.get("/datasets/stations/releases/99", headers=browser).status_code == 404


def test_what_is_no_release_is_not_there(client: httpx.Client) -> None:
    for path in (
        "nothing/releases",
        "default/releases",
        "stations/releases/9",
        "stations/releases/0",
        "stations/releases/01",
        "stations/releases/-1",
        "stations/releases/2/secret",
        "stations/releases/2/entry",
        "stations/releases/2/..%2F..%2F..%2Fledger.key",
        "..%2F/releases/2/ledger.key",
    ):
        answer = client.get(f"/datasets/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["detail"]


def test_only_operators_release(client: httpx.Client, town: Town) -> None:
    outsider = town.key("outsider", "researcher", "research")
    assert client.post("/datasets/stations/releases", headers=outsider).status_code == 403
    answer = client.post("/datasets/stations/releases")
    assert answer.status_code == 201
    assert (answer.json()["version"], answer.json()["changes"]["changed"]) == (3, 0)
    said = town.run("release", town.folder, "stations", "--hub", town.address).stdout
    assert "release 4" in said


def test_an_anonymised_release_keeps_its_guarantee(client: httpx.Client) -> None:
    made = client.post("/datasets/census/releases").json()
    whole = client.get(made["url"]).json()
    assert whole["guarantee"]["kept"]["k"] >= 5
    assert whole["guarantee"]["kept"]["sensitive"]["income"]["distinct"] >= 2
    text = client.get(f"{made['url']}/census.csv").text
    assert "urn:" not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert set(rows[0]) == {"age", "street", "income"}
    classes: dict[tuple[str, str], int] = {}
    for row in rows:
        label = (row["age"], row["street"])
        classes[label] = classes.get(label, 0) + 1
    assert min(classes.values()) >= 5
    assert whole["changes"]["added"] is None, "rows without names cannot be told apart from release to release"


def test_ways_are_released_as_flows_of_many(client: httpx.Client) -> None:
    """Sixty who go the same way are told about; the one who goes the other way is not."""
    made = client.post("/datasets/moves/releases").json()
    whole = client.get(made["url"]).json()
    found = client.get(f"{made['url']}/moves.geojson").json()["features"]
    trips = [one["properties"] for one in found if one["properties"]["kind"] == "flow"]
    assert [(one["from"], one["to"]) for one in trips] == [("1/1", "4/3")]
    assert abs(trips[0]["count"] - 60) < 10
    assert {one["geometry"]["type"] for one in found} == {"LineString", "Polygon"}
    assert min(one["properties"]["count"] for one in found) >= whole["guarantee"]["least"]["presence"] >= 10
    assert "Person" not in client.get(f"{made['url']}/moves.ndjson").text


def test_a_release_is_refused_because_its_budget_is_spent(client: httpx.Client, town: Town) -> None:
    """The budget allows two; the third is refused, also by a hub that was started anew, and the ledger says so."""
    first, second = (client.post("/datasets/patients/releases") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    whole = client.get(first.json()["url"]).json()
    assert whole["guarantee"]["left"] == {"epsilon": 1.0, "delta": 0.0, "renews_at": None}
    figures = [json.loads(one)["properties"] for one in client.get(f"{whole['url']}/patients.ndjson").iter_lines()]
    assert [one["group"] for one in figures] == ["north", "south", "moon"]
    assert abs(figures[0]["value"] + figures[1]["value"] - 200) < 60, "each person counts once"
    third = client.post("/datasets/patients/releases")
    assert third.status_code == 429
    body = third.json()
    assert (body["title"], body["left"], body["renews_at"]) == ("Budget spent", {"epsilon": 0.0, "delta": 0.0}, None)
    assert client.get("/datasets/patients/releases/3").status_code == 404
    assert client.get("/datasets/patients/releases/latest").json()["version"] == 2


def test_readers_of_aggregates_see_nothing_else(client: httpx.Client, town: Town) -> None:
    study = town.key("study-1", "researcher", "research")
    assert client.get("/ngsi-ld/v1/entities?type=Patient", headers=study).json() == []
    assert client.get("/ngsi-ld/v1/entities/urn:x:Patient:0001", headers=study).status_code == 404
    told = client.get("/datasets/patients/statistics", headers=study).json()
    assert (told["attributes"], told["left"]["epsilon"]) == (["age", "district"], 1.0)
    question = {"measure": "mean", "of": "age", "low": 0, "high": 100, "by": "district", "values": ["north", "x"]}
    answer = client.post("/datasets/patients/statistics", headers=study, json={**question, "epsilon": 0.5})
    assert answer.status_code == 200, answer.text
    figures = answer.json()["figures"]
    assert figures[0]["group"] == "north" and 0 < figures[0]["value"] < 100
    assert answer.json()["left"]["epsilon"] == 0.5
    gauss = client.post("/datasets/patients/statistics", headers=study, json={**COUNT, "delta": 1e-7})
    assert gauss.json()["noise"] == "discrete Gaussian"
    for wrong, status in (
        ({**COUNT, "by": "illness", "values": ["flu"]}, 400),
        ({**COUNT, "by": "nothing", "values": ["flu"]}, 400),
        ({**COUNT, "by": "age"}, 400),
        ({**COUNT, "epsilon": 0}, 400),
        ({**COUNT, "epsilon": 2}, 400),
        ({**COUNT, "secret": True}, 400),
        ({**COUNT, "q": "age>"}, 400),
        ([], 400),
        ({**COUNT, "epsilon": 0.9}, 429),
    ):
        answer = client.post("/datasets/patients/statistics", headers=study, json=wrong)
        assert answer.status_code == status, (wrong, answer.text)
    for path in ("patients", "stations", "nothing"):
        answer = client.post(f"/datasets/{path}/statistics", json=COUNT)
        assert answer.status_code == 404, path
        assert path in answer.json()["detail"]


def test_no_race_overspends(client: httpx.Client, town: Town) -> None:
    """Forty at once, each a twentieth of the budget: twenty are answered; started anew, the hub still refuses."""
    rival = town.key("rival", "researcher", "research")

    def ask(_: int) -> int:
        question = {"measure": "count", "epsilon": 0.05}
        return httpx.post(
            f"{town.address}/datasets/patients/statistics", headers=rival, json=question, timeout=60
        ).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(40)))
    assert sorted(answers) == [200] * 20 + [429] * 20


def test_after_a_restart_what_is_spent_is_spent(client: httpx.Client, town: Town) -> None:
    reader = town.key("reader-2", "researcher", "research")
    assert client.post("/datasets/patients/statistics", headers=reader, json={**COUNT, "epsilon": 0.7}).is_success
    town.restart(client)
    left = client.get("/datasets/patients/statistics", headers=reader).json()["left"]
    assert left["epsilon"] == pytest.approx(0.3)
    assert (
        client.post("/datasets/patients/statistics", headers=reader, json={**COUNT, "epsilon": 0.4}).status_code == 429
    )
    while client.post("/datasets/patients/releases").is_success:
        pass
    assert client.post("/datasets/patients/releases").status_code == 429
    assert [one["version"] for one in client.get("/datasets/patients/releases").json()["releases"]] == [2, 1]
    assert client.get("/datasets/stations/releases").json()["releases"][-1]["version"] == 1
