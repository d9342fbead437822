"""Context source registrations: ETSI GS CIM 009 v1.9.1, 5.9, 5.10, 5.12, 4.3.6.3, 6.8, 6.9."""

from typing import Any

import httpx
import pytest

from madang.model.query import Selector
from madang.model.registration.match import Wanted

ID = "urn:ngsi-ld:ContextSourceRegistration:water"
PATH = "/csourceRegistrations"
LD = {"Content-Type": "application/ld+json"}
BODY: dict[str, Any] = {
    "id": ID,
    "type": "ContextSourceRegistration",
    "registrationName": "water",
    "information": [
        {
            "entities": [{"type": "Pump", "id": "urn:ngsi-ld:Pump:1"}],
            "propertyNames": ["flow", "pressure"],
            "relationshipNames": ["feeds"],
        },
        {"entities": [{"type": "Tank", "idPattern": "urn:ngsi-ld:Tank:north.*"}]},
    ],
    "endpoint": "https://water.example.org/",
    "location": {"type": "Polygon", "coordinates": [[[11.0, 48.0], [12.0, 48.0], [12.0, 49.0], [11.0, 48.0]]]},
    "scope": ["/city/water", "/lab"],
    "sourceKind": {"type": "Property", "value": "utility"},
    "district": "north",
}


def body(**changed: Any) -> dict[str, Any]:
    """The registration with members changed; None leaves one out."""
    return {name: value for name, value in {**BODY, **changed}.items() if value is not None}


@pytest.fixture
async def water(api: httpx.AsyncClient) -> str:
    answer = await api.post(PATH, json=BODY)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{ID}"


async def found(api: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await api.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"].rsplit(":", 1)[1] for one in answer.json()]


async def test_5_9_2_what_is_registered_is_read_back_as_it_was(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json=BODY)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"] == f"/ngsi-ld/v1{PATH}/{ID}"
    kept = await api.get(f"{PATH}/{ID}")
    assert kept.json() == BODY
    assert "json-ld#context" in kept.headers["link"]
    again = await api.post(PATH, json=BODY)
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "AlreadyExists")


async def test_5_9_2_an_id_is_given_where_there_is_none(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json=body(id=None))
    own = answer.headers["location"].rsplit("/", 1)[1]
    assert (await api.get(f"{PATH}/{own}")).json()["id"] == own


async def test_5_9_2_what_the_hub_makes_itself_is_ignored(api: httpx.AsyncClient) -> None:
    given = body(status="failed", timesSent=7, lastFailure="2026-01-01T00:00:00Z", createdAt="2000-01-01T00:00:00Z")
    assert (await api.post(PATH, json=given)).status_code == 201
    assert (await api.get(f"{PATH}/{ID}")).json() == BODY


async def test_6_3_11_system_attributes_are_there_when_asked_for(api: httpx.AsyncClient, water: str) -> None:
    shown = (await api.get(water, params={"options": "sysAttrs"})).json()
    assert shown["createdAt"] == shown["modifiedAt"] and shown["createdAt"].endswith("Z")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"type": "Vehicle"}, "type"),
        ({"type": None}, "type"),
        ({"id": "water"}, "URI"),
        ({"endpoint": None}, "endpoint"),
        ({"endpoint": "water"}, "endpoint"),
        ({"endpoint": "ftp://example.org"}, "endpoint"),
        ({"information": None}, "information"),
        ({"information": []}, "information"),
        ({"information": [{}]}, "information[0]"),
        ({"information": [{"entities": []}]}, "entities"),
        ({"information": [{"entities": [{"id": "urn:x:1"}]}]}, "type"),
        ({"information": [{"entities": [{"type": "A", "id": "x"}]}]}, "URI"),
        ({"information": [{"entities": [{"type": "A", "idPattern": "("}]}]}, "regular expression"),
        ({"information": [{"entities": [{"type": "A"}], "propertyNames": []}]}, "propertyNames"),
        ({"information": [{"properties": ["a"]}]}, "properties"),
        ({"information": [{"propertyNames": ["a b"]}]}, "name"),
        ({"mode": "shared"}, "mode"),
        ({"operations": []}, "operations"),
        ({"operations": ["everything"]}, "everything"),
        ({"mode": "auxiliary", "operations": ["updateEntity"]}, "auxiliary"),
        ({"mode": "auxiliary", "operations": ["federationOps"]}, "auxiliary"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "past"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"location": {"type": "Point", "coordinates": "x"}}, "location"),
        ({"location": "here"}, "location"),
        ({"observationInterval": {"endAt": "2025-01-01T00:00:00Z"}}, "startAt"),
        ({"managementInterval": {"startAt": "2025-02-01T00:00:00Z", "endAt": "2025-01-01T00:00:00Z"}}, "before"),
        ({"refreshRate": "often"}, "refreshRate"),
        ({"description": ""}, "description"),
        ({"datasetId": ["x"]}, "datasetId"),
        ({"scope": "a//b"}, "scope"),
        ({"management": "yes"}, "management"),
        ({"management": {"cacheDuration": "soon"}}, "cacheDuration"),
        ({"management": {"cooldown": 0}}, "cooldown"),
        ({"management": {"timeout": -5}}, "timeout"),
        ({"management": {"localOnly": "yes"}}, "localOnly"),
        ({"contextSourceInfo": [{"key": "X-Key", "value": 5}]}, "contextSourceInfo"),
        ({"contextSourceInfo": [{"key": "X-Key"}]}, "contextSourceInfo"),
        ({"contextSourceInfo": [{"key": 5, "value": "a"}]}, "contextSourceInfo"),
        ({"contextSourceInfo": [{"key": "accept", "value": "text/html"}]}, "accept"),
        ({"contextSourceInfo": [{"key": "ngsildConformance", "value": "new"}]}, "ngsildConformance"),
        ({"mode": "exclusive"}, "exclusive"),
        ({"mode": "exclusive", "information": [{"entities": [{"type": "A"}], "propertyNames": ["a"]}]}, "id"),
        (
            {
                "mode": "exclusive",
                "information": [{"entities": [{"type": "A", "idPattern": ".*"}], "propertyNames": ["a"]}],
            },
            "id",
        ),
    ],
)
async def test_5_2_9_a_registration_that_is_none(api: httpx.AsyncClient, changed: dict[str, Any], says: str) -> None:
    answer = await api.post(PATH, json=body(**changed))
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"].endswith("/BadRequestData")
    assert says in answer.json()["detail"]


@pytest.mark.parametrize("given", [[], "x", True, 5])
async def test_5_2_9_a_body_that_is_no_object(api: httpx.AsyncClient, given: Any) -> None:
    assert (await api.post(PATH, json=given)).status_code == 400


async def test_5_2_9_every_member_is_kept(api: httpx.AsyncClient) -> None:
    whole = body(
        contextSourceInfo=[
            {"key": "Authorization", "value": "Bearer x"},
            {"key": "contentType", "value": "application/json"},
        ],
        contextSourceAlias="waterworks",
        description="All of the water",
        datasetId=["urn:ngsi-ld:Dataset:1", "@none"],
        expiresAt="2999-01-01T00:00:00Z",
        management={"cacheDuration": "PT5M", "cooldown": 500, "timeout": 3000, "localOnly": True},
        mode="auxiliary",
        operations=["retrieveEntity", "queryEntity"],
        observationSpace={"type": "Point", "coordinates": [1, 2]},
        refreshRate="PT1H",
        tenant="works",
    )
    assert (await api.post(PATH, json=whole)).status_code == 201
    assert (await api.get(f"{PATH}/{ID}")).json() == whole


async def test_4_3_6_6_what_is_sent_along_is_not_for_everybody(api: httpx.AsyncClient) -> None:
    secret = [{"key": "Authorization", "value": "Bearer x"}]
    await api.post(PATH, json=body(contextSourceInfo=secret))
    assert (await api.get(f"{PATH}/{ID}")).json()["contextSourceInfo"] == secret
    public = await api.get(f"{PATH}/{ID}", headers={"X-Forwarded-For": "192.0.2.1"})
    assert "contextSourceInfo" not in public.json()


async def test_5_5_7_names_are_the_readers(api: httpx.AsyncClient) -> None:
    context = {"Pumpe": "https://example.org/Pump", "Druck": "https://example.org/pressure"}
    information = [{"entities": [{"type": "Pumpe"}], "propertyNames": ["Druck"]}]
    given = body(information=information, **{"@context": context})
    assert (await api.post(PATH, json=given, headers=LD)).status_code == 201
    plain = (await api.get(f"{PATH}/{ID}")).json()
    assert plain["information"] == [
        {"entities": [{"type": "https://example.org/Pump"}], "propertyNames": ["https://example.org/pressure"]}
    ]
    assert await found(api, type="Pumpe") == []
    assert await found(api, type="https://example.org/Pump") == ["water"]
    as_ld = await api.get(f"{PATH}/{ID}", headers={"Accept": "application/ld+json"})
    assert "@context" in as_ld.json()
    assert (await api.get(PATH, params={"type": "A"}, headers={"Accept": "application/geo+json"})).status_code == 406


async def test_5_10_1_one_that_is_not_there(api: httpx.AsyncClient) -> None:
    for method in ("GET", "DELETE", "PATCH"):
        for id, status, type in (("urn:ngsi-ld:none", 404, "ResourceNotFound"), ("none", 400, "BadRequestData")):
            content = {"json": {"endpoint": "https://a.example"}} if method == "PATCH" else {}
            answer = await api.request(method, f"{PATH}/{id}", **content)
            assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (status, type)


async def test_6_9_without_an_id_there_is_nothing_to_update(api: httpx.AsyncClient) -> None:
    assert (await api.patch(f"{PATH}/", json={"endpoint": "https://a.example"})).status_code == 405


async def test_5_9_3_members_are_replaced_and_removed(api: httpx.AsyncClient, water: str) -> None:
    fragment = {
        "id": ID,
        "endpoint": "https://new.example.org",
        "district": None,
        "registrationName": "urn:ngsi-ld:null",
    }
    answer = await api.patch(water, json=fragment)
    assert (answer.status_code, answer.content) == (204, b"")
    expected = body(endpoint="https://new.example.org", district=None, registrationName=None)
    assert (await api.get(water)).json() == expected
    shown = (await api.get(water, params={"options": "sysAttrs"})).json()
    assert shown["createdAt"] < shown["modifiedAt"]


@pytest.mark.parametrize(
    "fragment",
    [
        {"type": "building"},
        {"information": None},
        {"endpoint": None},
        {"type": None},
        {"id": "urn:ngsi-ld:other"},
        {"expiresAt": "2001-01-01T00:00:00Z"},
        {"mode": "x"},
    ],
)
async def test_5_9_3_an_update_leaves_a_registration(api: httpx.AsyncClient, water: str, fragment: Any) -> None:
    answer = await api.patch(water, json=fragment)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert (await api.get(water)).json() == BODY


async def test_5_9_3_one_that_expires_may_be_told_not_to(api: httpx.AsyncClient) -> None:
    await api.post(PATH, json=body(expiresAt="2999-01-01T00:00:00Z"))
    assert (await api.patch(f"{PATH}/{ID}", json={"expiresAt": None})).status_code == 204
    assert (await api.get(f"{PATH}/{ID}")).json() == BODY


async def test_5_9_4_deleted_is_gone(api: httpx.AsyncClient, water: str) -> None:
    answer = await api.delete(water)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await api.get(water)).status_code == 404


async def test_5_2_9_expired_is_as_if_it_were_not_there(api: httpx.AsyncClient, hub: Any) -> None:
    await api.post(PATH, json=body(expiresAt="2999-01-01T00:00:00Z"))
    gate = hub.registrations._gate

    class Later:
        def now(self) -> Any:
            return gate_clock.now().replace(year=2999, month=2, day=1)

    gate_clock, gate._clock = gate._clock, Later()
    assert (await api.get(f"{PATH}/{ID}")).status_code == 404
    assert await found(api, type="Pump") == []
    assert (await api.post(PATH, json=body())).status_code == 201


PUMP = "urn:ngsi-ld:Pump:1"
CLAIM = [{"entities": [{"type": "Pump", "id": PUMP}], "propertyNames": ["flow"]}]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("exclusive", "exclusive", 409),
        ("exclusive", "redirect", 409),
        ("redirect", "exclusive", 409),
        ("redirect", "redirect", 201),
        ("exclusive", "inclusive", 201),
        ("exclusive", "auxiliary", 201),
    ],
)
async def test_4_3_6_3_what_is_claimed_twice(api: httpx.AsyncClient, first: str, second: str, status: int) -> None:
    assert (await api.post(PATH, json=body(mode=first, information=CLAIM))).status_code == 201
    other = body(id="urn:ngsi-ld:ContextSourceRegistration:other", mode=second, information=CLAIM)
    answer = await api.post(PATH, json=other)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.json()["type"].endswith("/Conflict")
    elsewhere = [{"entities": [{"type": "Pump", "id": PUMP}], "propertyNames": ["colour"]}]
    assert (await api.post(PATH, json=body(id=f"{ID}2", mode=second, information=elsewhere))).status_code == 201


@pytest.mark.parametrize(
    ("mode", "information", "status"),
    [
        ("exclusive", CLAIM, 409),
        ("exclusive", [{"entities": [{"type": "Pump", "id": PUMP}], "propertyNames": ["colour"]}], 201),
        ("exclusive", [{"entities": [{"type": "Pump", "id": "urn:ngsi-ld:Pump:2"}], "propertyNames": ["flow"]}], 201),
        ("redirect", [{"entities": [{"type": "Pump"}]}], 409),
        ("redirect", [{"entities": [{"type": "Pump", "idPattern": "Pump:1"}]}], 409),
        ("redirect", [{"propertyNames": ["flow"]}], 409),
        ("redirect", [{"entities": [{"type": "Tank"}]}], 201),
        ("redirect", [{"entities": [{"type": "Pump"}], "propertyNames": ["colour"]}], 201),
        ("inclusive", CLAIM, 201),
    ],
)
async def test_5_9_2_what_the_hub_holds_itself(
    api: httpx.AsyncClient, mode: str, information: list[Any], status: int
) -> None:
    assert (await api.post("/entities", json={"id": PUMP, "type": "Pump", "flow": 3})).status_code == 201
    assert (await api.post(PATH, json=body(mode=mode, information=information))).status_code == status
    await api.delete(f"{PATH}/{ID}")
    assert (await api.post(PATH, json=body(information=information))).status_code == 201
    assert (await api.patch(f"{PATH}/{ID}", json={"mode": mode})).status_code == {201: 204}.get(status, status)


async def test_6_3_14_tenants_have_their_own(api: httpx.AsyncClient, water: str) -> None:
    tenant = {"NGSILD-Tenant": "works"}
    assert (await api.get(PATH, params={"type": "Pump"}, headers=tenant)).status_code == 404
    assert (await api.post(PATH, json=body(endpoint="https://other.example"), headers=tenant)).status_code == 201
    assert (await api.get(water, headers=tenant)).json()["endpoint"] == "https://other.example"
    assert (await api.get(water)).json() == BODY


async def test_who_may_write(api: httpx.AsyncClient) -> None:
    assert (await api.post(PATH, json=BODY, headers={"X-Forwarded-For": "192.0.2.1"})).status_code == 403


@pytest.mark.parametrize(
    ("more", "operation", "offered"),
    [
        ({}, "queryEntity", True),
        ({}, "createEntity", False),
        ({"operations": ["redirectionOps"]}, "createEntity", True),
        ({"operations": ["redirectionOps", "createBatch"]}, "createBatch", True),
        ({"operations": ["updateOps"]}, "queryEntity", False),
        ({"mode": "auxiliary"}, "queryEntity", True),
        ({"mode": "auxiliary"}, "createSubscription", False),
    ],
)
async def test_4_20_which_sources_an_operation_concerns(
    api: httpx.AsyncClient, hub: Any, more: dict[str, Any], operation: str, offered: bool
) -> None:
    """Where forwarding will begin."""
    assert (await api.post(PATH, json=body(**more))).status_code == 201
    wanted = Wanted(entities=(Selector(types=(("Tank",),)),))
    found = await hub.registrations.find(hub.delivery.store, operation, wanted)
    assert [(one.registration.id, one.places) for one in found] == ([(ID, (1,))] if offered else [])
