"""What each kind of attribute may have, and what is refused: ETSI GS CIM 009 v1.9.1, 4.5 to 4.9, 4.15, 4.18, 4.22."""

from typing import Any

import httpx
import pytest

T = "urn:x:1"
POINT = {"type": "Point", "coordinates": [17.1, 48.7]}
PROOF = {"type": "Property", "entityIdSealed": T, "entityTypeSealed": "T", "value": {"type": "DataIntegrityProof"}}


async def create(api: httpx.AsyncClient, **members: Any) -> httpx.Response:
    return await api.post("/entities", json={"id": T, "type": "T", **members})


@pytest.mark.parametrize(
    "members",
    [
        {"p": {"type": "Property", "value": 1, "object": "urn:x:2"}},
        {"p": {"type": "Property", "value": 1, "languageMap": {"en": "x"}}},
        {"p": {"type": "Property", "value": 1, "valueList": [1]}},
        {"p": {"type": "Property", "value": 1, "previousValue": 0}},
        {"p": {"type": "Property", "value": 1, "entityIdSealed": T}},
        {"p": {"type": "Property", "value": 1, "objectType": "T"}},
        {"p": {"type": "Property", "value": None}},
        {"p": {"type": "Property"}},
        {"p": {"type": "Property", "value": 1, "@context": {"p": "urn:x:p"}}},
        {"r": {"type": "Relationship", "object": "urn:x:2", "unitCode": "MTR"}},
        {"r": {"type": "Relationship", "object": "urn:x:2", "value": 1}},
        {"r": {"type": "Relationship", "object": "urn:x:2", "valueType": "T"}},
        {"r": {"type": "Relationship"}},
        {"r": {"type": "ListRelationship", "objectList": ["none"]}},
        {"j": {"type": "JsonProperty", "json": {"a": 1}, "unitCode": "MTR"}},
        {"j": {"type": "JsonProperty", "json": {"a": 1}, "value": 1}},
        {"j": {"type": "JsonProperty", "json": 5}},
        {"l": {"type": "LanguageProperty", "languageMap": {"en": 5}}},
        {"l": {"type": "LanguageProperty", "languageMap": {"en": ["a", 5]}}},
        {"l": {"type": "LanguageProperty", "languageMap": {"": "x"}}},
        {"l": {"type": "LanguageProperty", "languageMap": {"@none": "urn:ngsi-ld:null"}}},
        {"l": {"type": "LanguageProperty", "languageMap": {"en": "x"}, "valueType": "text"}},
        {"l": {"type": "ListProperty", "valueList": [1], "value": 3}},
        {"location": {"type": "Property", "value": 7}},
        {"location": {"type": "GeoProperty", "value": "not a geometry"}},
        {"location": {"type": "GeoProperty", "value": {"type": "GeometryCollection", "geometries": [POINT]}}},
        {"p": {"type": "Property", "value": 1, "observedAt": "yesterday"}},
        {"p": {"type": "Property", "value": 1, "observedAt": "2026-03-01T07:30:00+01:00"}},
        {"p": {"type": "Property", "value": 1, "observedAt": {"type": "Property", "value": "2026-03-01T07:30:00Z"}}},
        {"p": {"type": "Property", "value": 1, "expiresAt": "soon"}},
        {"p": {"type": "Property", "value": {"a": {"b": "urn:ngsi-ld:null"}}}},
        {"p": {"type": "Property", "value": 1, "q": {"type": "Property", "value": "urn:ngsi-ld:null"}}},
        {"p": [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": "@none"}]},
        {"p": [{"value": n, "datasetId": "urn:x:d"} for n in range(2)]},
        {"datasetId": {"type": "Property", "value": 1}},
        {"instanceId": {"type": "Property", "value": 1}},
        {"observedAt": {"type": "Property", "value": "2026-03-01T07:30:00Z"}},
        {"scope": "9bad"},
        {"scope": "/a//b"},
        {"scope": "a-b"},
        {"scope": "urn:ngsi-ld:null"},
        {"scope": ["/ok", "9bad"]},
        {"type": "type"},
        {"type": "9T"},
        {"type": []},
        {"id": "urn:ngsi-ld:null"},
        {"expiresAt": "2026-03-01"},
        {"my attr": 1},
        {"ngsildproof": {"type": "Property", "value": "no object"}},
        {"ngsildproof": {**PROOF, "entityTypeSealed": 42}},
    ],
    ids=str,
)
async def test_refuses(api: httpx.AsyncClient, members: dict[str, Any]) -> None:
    answer = await create(api, **members)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), answer.text
    assert (await api.get(f"/entities/{T}")).status_code == 404


@pytest.mark.parametrize("sign", "\u202e\u200b\ufeff\u2028\u00a0<\ufe0f\U000e0100\ufdd0\ufffe\u115f\u3164\uffa0\u2800")
async def test_an_id_is_seen_whole(api: httpx.AsyncClient, sign: str) -> None:
    assert (await create(api, id=f"urn:x:A{sign}B")).status_code == 400
    assert (await create(api, id="urn:x:París", r={"type": "Relationship", "object": "urn:x:Köln"})).status_code == 201


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"location": {"type": "GeoProperty", "value": '{"type": "Point", "coordinates": [17.1, 48.7]}'}}, None),
        ({"location": POINT}, {"location": {"type": "GeoProperty", "value": POINT}}),
        ({"p": {"value": 1, "valueType": "xsd"}}, {"p": {"type": "Property", "value": 1, "valueType": "xsd"}}),
        (
            {"r": {"objectList": ["urn:x:2", {"object": "urn:x:3"}]}},
            {"r": {"type": "ListRelationship", "objectList": [{"object": "urn:x:2"}, {"object": "urn:x:3"}]}},
        ),
        (
            {"r": {"type": "Relationship", "object": "urn:x:2", "objectType": "T"}},
            {"r": {"type": "Relationship", "object": "urn:x:2", "objectType": "T"}},
        ),
        (
            {"l": {"languageMap": {"en": ["a", "b"], "@none": "c"}, "valueType": "langString"}},
            {
                "l": {
                    "type": "LanguageProperty",
                    "languageMap": {"en": ["a", "b"], "@none": "c"},
                    "valueType": "langString",
                }
            },
        ),
        ({"j": {"json": [{"value": 1}]}}, {"j": {"type": "JsonProperty", "json": [{"value": 1}]}}),
        ({"ngsildproof": PROOF}, {"ngsildproof": PROOF}),
        ({"expiresAt": "2100-01-01T00:00:00Z"}, {}),
    ],
    ids=str,
)
async def test_takes(api: httpx.AsyncClient, given: dict[str, Any], read: dict[str, Any] | None) -> None:
    answer = await create(api, **given)
    assert answer.status_code == 201, answer.text
    expected = {"location": {"type": "GeoProperty", "value": POINT}} if read is None else read
    assert (await api.get(f"/entities/{T}")).json() == {"id": T, "type": "T", **expected}


async def test_6_3_11_expiry_is_a_system_attribute(api: httpx.AsyncClient) -> None:
    at = "2100-01-01T00:00:00Z"
    await create(api, expiresAt=at, p={"value": 7, "expiresAt": at})
    assert "expiresAt" not in (await api.get(f"/entities/{T}")).text
    body = (await api.get(f"/entities/{T}?options=sysAttrs")).json()
    assert (body["expiresAt"], body["p"]["expiresAt"]) == (at, at)
    by_expiry = await api.get("/entities", params={"q": f"p.expiresAt=={at}"})
    assert [one["id"] for one in by_expiry.json()] == [T]


async def test_4_22_what_has_expired_is_not_there(api: httpx.AsyncClient) -> None:
    past = "2020-01-01T00:00:00Z"
    assert (await create(api, expiresAt=past, p=1)).status_code == 201
    assert (await api.get(f"/entities/{T}")).status_code == 404
    assert (await api.patch(f"/entities/{T}/attrs", json={"p": 2})).status_code == 404
    assert (await api.get("/entities?type=T")).json() == []
    # Its place is free, before it is swept.
    assert (await create(api, p={"value": 1, "expiresAt": past}, q=2)).status_code == 201
    assert (await api.get(f"/entities/{T}?options=keyValues")).json() == {"id": T, "type": "T", "q": 2}
    assert (await api.get("/entities?type=T&q=!p&options=keyValues")).json() == [{"id": T, "type": "T", "q": 2}]
    assert (await api.patch(f"/entities/{T}/attrs/p", json={"value": 3})).status_code == 404
    assert (await api.post(f"/entities/{T}/attrs", json={"p": 3})).status_code == 204
    assert (await api.get(f"/entities/{T}?options=keyValues")).json()["p"] == 3


async def test_4_22_expiry_is_changed_and_deleted(api: httpx.AsyncClient) -> None:
    at, null = "2100-01-01T00:00:00Z", "urn:ngsi-ld:null"
    await create(api, expiresAt=at, p={"value": 7, "expiresAt": at, "observedAt": "2026-03-01T07:30:00Z"})
    later = "2101-01-01T00:00:00Z"
    assert (await api.patch(f"/entities/{T}", json={"expiresAt": later, "p": {"expiresAt": null}})).status_code == 204
    body = (await api.get(f"/entities/{T}?options=sysAttrs")).json()
    assert (body["expiresAt"], body["p"].get("expiresAt"), body["p"]["value"]) == (later, None, 7)
    gone = {"expiresAt": null, "p": {"observedAt": null}}
    assert (await api.patch(f"/entities/{T}", json=gone)).status_code == 204
    body = (await api.get(f"/entities/{T}?options=sysAttrs")).json()
    assert ("expiresAt" in body, "observedAt" in body["p"]) == (False, False)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('l[en]=="red"', True),
        ('l[EN]=="red"', True),
        ('l[en]=="rouge"', False),
        ('l[*]=="rouge"', True),
        ('l=="rosso"', True),
        ('l[*]!="red"', False),
        ('l[en]!="blue"', True),
        ("l[xx]", False),
        ('l~="^ro"', True),
        ("r==urn:x:2", True),
        ('r!="urn:x:3"', True),
        ('r>"urn:a"', False),
        ("r~=urn", False),
        ("rs==urn:x:5", True),
        ("v==kind", True),
        ("v==https://uri.etsi.org/ngsi-ld/default-context/kind", True),
        ("v==kind&expandValues=v", True),
        ("j[deep.er]==1&jsonKeys=j", True),
        ("j[deep.no]", False),
        ("p!~=^x", False),
        ("list==2", True),
        ("list!=2", False),
        ("expiresAt>2050-01-01T00:00:00Z", False),
        ('p.modifiedAt>"2020-01-01T00:00:00Z"', True),
        ("!none;p>=1", True),
    ],
)
async def test_4_9_conditions_on_every_kind(api: httpx.AsyncClient, q: str, found: bool) -> None:
    answer = await create(
        api,
        l={"languageMap": {"en": "red", "fr": "rouge", "it": ["rosso", "rossa"]}},
        r={"object": "urn:x:2"},
        rs={"objectList": ["urn:x:4", "urn:x:5"]},
        v={"vocab": "kind"},
        j={"json": {"deep": {"er": 1}}},
        list={"valueList": [1, 2]},
        p=1,
    )
    assert answer.status_code == 201
    text, _, more = q.partition("&")
    parameters = {"type": "T", "q": text, **({more.split("=")[0]: more.split("=")[1]} if more else {})}
    answer = await api.get("/entities", params=parameters)
    assert answer.status_code == 200, answer.text
    assert [one["id"] for one in answer.json()] == ([T] if found else [])


async def test_4_15_the_language_wanted(api: httpx.AsyncClient) -> None:
    await create(api, l={"languageMap": {"fr": "un", "nl": "een", "en-US": "one"}})
    for wanted, tag in (
        ("fr;q=0.2,nl;q=0.9", "nl"),
        ("FR", "fr"),
        ("nl-BE", "nl"),
        ("en", "en-US"),
        ("fr-CH,fr", "fr"),
    ):
        found = (await api.get(f"/entities/{T}", params={"lang": wanted})).json()["l"]
        assert (found["type"], found["lang"], "languageMap" in found) == ("Property", tag, False), wanted
    assert (await api.get(f"/entities/{T}", params={"lang": "pt"})).json()["l"]["lang"] in ("fr", "nl", "en-US")
