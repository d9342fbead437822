"""Parts of entities: scopes, merges, types, projections, batches (ETSI GS CIM 009 v1.9.1, 4.18, 4.21, 5.5.8, 5.6)."""

from typing import Any

import httpx
import pytest

T = "urn:x:1"
AT, LATER = "2026-03-01T07:30:00Z", "2026-03-01T08:00:00Z"


@pytest.fixture
async def thing(api: httpx.AsyncClient) -> str:
    body = {
        "id": T,
        "type": ["A", "B"],
        "p": {"value": 1, "observedAt": AT, "unitCode": "CEL"},
        "r": {"object": "urn:x:2"},
        "l": {"languageMap": {"en": "one", "de": "eins"}},
        "q": 2,
    }
    assert (await api.post("/entities", json=body)).status_code == 201
    return f"/entities/{T}"


async def scope_of(api: httpx.AsyncClient) -> Any:
    return (await api.get(f"/entities/{T}")).json().get("scope")


async def test_4_18_scopes_in_every_operation(api: httpx.AsyncClient, thing: str) -> None:
    # An update adds no scope where there is none, and says so; an append does.
    answer = await api.patch(f"{thing}/attrs", json={"scope": "/a"})
    assert (answer.status_code, answer.json()["notUpdated"][0]["attributeName"].rsplit("/", 1)[1]) == (207, "scope")
    assert await scope_of(api) is None
    for method, address, scope, expected in (
        ("POST", "/attrs", "/a", "/a"),
        ("POST", "/attrs", "/b", "/b"),
        ("POST", "/attrs?options=noOverwrite", ["/b", "/c"], ["/b", "/c"]),
        ("PATCH", "/attrs", "/d", "/d"),
        ("PATCH", "", ["/e", "/f"], ["/e", "/f"]),
        ("PATCH", "", "urn:ngsi-ld:null", None),
        ("POST", "/attrs", "/g", "/g"),
        ("PATCH", "/attrs", "urn:ngsi-ld:null", None),
    ):
        answer = await api.request(method, thing + address, json={"scope": scope})
        assert (answer.status_code, await scope_of(api)) == (204, expected), (method, address, scope)


async def test_5_6_4_and_5_6_5_the_scope_has_no_parts_and_can_be_deleted(api: httpx.AsyncClient, thing: str) -> None:
    await api.post(f"{thing}/attrs", json={"scope": "/a"})
    assert (await api.patch(f"{thing}/attrs/scope", json={"value": "/b"})).status_code == 400
    assert (await api.put(f"{thing}/attrs/scope", json={"value": "/b"})).status_code == 400
    assert await scope_of(api) == "/a"
    assert (await api.delete(f"{thing}/attrs/scope")).status_code == 204
    assert await scope_of(api) is None
    assert (await api.delete(f"{thing}/attrs/scope")).status_code == 404


@pytest.mark.parametrize(("types", "status"), [("A", 204), ("(A;B)", 204), ("C|B", 204), ("C", 404), ("(A;C)", 404)])
async def test_4_17_the_parameter_type_is_an_expression(
    api: httpx.AsyncClient, thing: str, types: str, status: int
) -> None:
    for method, address, body in (
        ("PATCH", "", {"q": 3}),
        ("POST", "/attrs", {"q": 3}),
        ("PATCH", "/attrs", {"q": 3}),
        ("PATCH", "/attrs/q", {"value": 3}),
        ("PUT", "/attrs/q", {"value": 3}),
        ("DELETE", "/attrs/q", None),
        ("DELETE", "", None),
    ):
        answer = await api.request(method, thing + address, params={"type": types}, json=body)
        assert answer.status_code == status, (method, address)


async def test_5_6_17_the_common_time_is_for_what_had_one(api: httpx.AsyncClient, thing: str) -> None:
    fragment = {"p": {"value": 5}, "q": {"value": 6}, "new": {"value": 7}}
    assert (await api.patch(thing, params={"observedAt": LATER}, json=fragment)).status_code == 204
    body = (await api.get(thing)).json()
    assert (body["p"]["observedAt"], body["p"]["unitCode"], body["p"]["value"]) == (LATER, "CEL", 5)
    assert ("observedAt" in body["q"], "observedAt" in body["new"]) == (False, False)
    own = {"p": {"value": 8, "observedAt": AT}}
    assert (await api.patch(thing, params={"observedAt": LATER}, json=own)).status_code == 204
    assert (await api.get(thing)).json()["p"]["observedAt"] == AT


async def test_5_6_17_simplified_values_keep_the_kind(api: httpx.AsyncClient, thing: str) -> None:
    fragment = {"p": 5, "r": "urn:x:3", "l": "two"}
    answer = await api.patch(thing, params={"options": "keyValues", "lang": "en"}, json=fragment)
    assert answer.status_code == 204
    body = (await api.get(thing)).json()
    assert (body["p"]["value"], body["p"]["observedAt"]) == (5, AT)
    assert body["r"] == {"type": "Relationship", "object": "urn:x:3"}
    assert body["l"]["languageMap"] == {"en": "two", "de": "eins"}
    wrong = await api.patch(thing, params={"options": "keyValues"}, json={"r": "no uri"})
    assert (wrong.status_code, wrong.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_5_5_8_null_deletes_and_a_new_dataset_adds(api: httpx.AsyncClient, thing: str) -> None:
    assert (await api.patch(f"{thing}/attrs/p", json={"datasetId": "urn:ngsi-ld:null"})).status_code == 400
    assert (await api.patch(f"{thing}/attrs/p", json={"value": {"a": "urn:ngsi-ld:null"}})).status_code == 400
    assert (await api.patch(f"{thing}/attrs/p", json={})).status_code == 400
    added = {"p": {"value": 30, "datasetId": "urn:x:d"}}
    assert (await api.patch(f"{thing}/attrs", json=added)).status_code == 204
    assert [one["value"] for one in (await api.get(thing)).json()["p"]] == [1, 30]
    assert (await api.patch(f"{thing}/attrs", json={"q": {"value": "urn:ngsi-ld:null"}})).status_code == 204
    assert "q" not in (await api.get(thing)).json()


async def test_4_21_nothing_left_is_nothing_found(api: httpx.AsyncClient, thing: str) -> None:
    for query in ("pick=none", "omit=id,type,p,q,r,l", "attrs=none", "pick=scope"):
        answer = await api.get(f"{thing}?{query}")
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (404, "ResourceNotFound"), query
    assert (await api.get(f"{thing}?pick=p|q&options=keyValues")).json() == {"p": 1, "q": 2}
    for query in ("pick=p||q", "pick=p;q", "attrs=p&omit=q", "pick=p&omit=p"):
        assert (await api.get(f"{thing}?{query}")).status_code == 400
    assert (await api.get("/entities?type=A&omit=id,type,p,q,r,l")).json() == []
    for query in ("format=odd", "options=odd", "options=keyValues,odd", "format=keyValues&options=odd"):
        assert (await api.get(f"{thing}?{query}")).json()["type"].rsplit("/", 1)[1] == "InvalidRequest"


async def test_5_6_7_a_null_spoils_the_batch(api: httpx.AsyncClient) -> None:
    for operation in ("create", "upsert", "update", "merge"):
        answer = await api.post(f"/entityOperations/{operation}", json=[{"id": T, "type": "A"}, None])
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert (await api.get(f"/entities/{T}")).status_code == 404


async def test_5_6_8_options_of_an_upsert(api: httpx.AsyncClient, thing: str) -> None:
    async def upsert(options: str, **members: Any) -> int:
        body = [{"id": T, "type": "A", **members}]
        return (await api.post("/entityOperations/upsert", params={"options": options}, json=body)).status_code

    assert await upsert("update,noOverwrite", q=9, new=1) == 204
    body = (await api.get(f"{thing}?options=keyValues")).json()
    assert (body["q"], body["new"]) == (2, 1)
    assert await upsert("update", q=9) == 204
    assert (await api.get(f"{thing}?options=keyValues")).json()["q"] == 9
    assert await upsert("replace", only=1) == 204
    assert (await api.get(f"{thing}?options=keyValues")).json() == {"id": T, "type": "A", "only": 1}
    assert await upsert("update,replace", q=1) == 400


async def test_6_23_selectors_of_many_kinds(api: httpx.AsyncClient) -> None:
    things = [{"id": f"urn:x:{n}", "type": "AB"[n % 2]} for n in range(6)]
    await api.post("/entityOperations/create", json=things)

    async def ask(*entities: Any, **more: Any) -> str:
        answer = await api.post("/entityOperations/query", json={"type": "Query", "entities": entities, **more})
        assert answer.status_code == 200, answer.text
        return "".join(one["id"][-1] for one in answer.json())

    assert await ask({"type": "A", "id": ["urn:x:0", "urn:x:1"]}, {"type": "B", "idPattern": "[35]$"}) == "035"
    assert await ask({"type": "A", "id": "urn:x:0", "idPattern": "2$"}) == "0"
    assert await ask({"type": "A"}, {"type": "B"}) == "012345"
    for wrong in ([], [{"id": "urn:x:1"}], [{"type": "A", "id": "none"}], [{"type": "A", "id": ["urn:x:1", 5]}]):
        body = {"type": "Query", "entities": wrong}
        assert (await api.post("/entityOperations/query", json=body)).status_code == 400
    for wrong in ({"attrs": []}, {"q": 42}, {"join": "inline", "joinLevel": 0}, {"temporalQ": {}}):
        body = {"type": "Query", "entities": [{"type": "A"}], **wrong}
        assert (await api.post("/entityOperations/query", json=body)).status_code == 400


@pytest.mark.parametrize(("method", "address"), [("PATCH", ""), ("PATCH", "/attrs"), ("POST", "/attrs"), ("PUT", "")])
@pytest.mark.parametrize("type", ["urn:ngsi-ld:null", ["A", "urn:ngsi-ld:null"]])
async def test_5_5_8_the_null_names_no_type(
    api: httpx.AsyncClient, thing: str, method: str, address: str, type: Any
) -> None:
    answer = await api.request(method, thing + address, json={"type": type})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert (await api.get(thing)).json()["type"] == ["A", "B"]
    assert (await api.post("/entities", json={"id": "urn:x:n", "type": type})).status_code == 400
