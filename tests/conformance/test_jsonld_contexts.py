"""The store of @contexts, and the hub's identity: ETSI GS CIM 009 v1.9.1, 5.13, 5.15, 6.29, 6.30, 6.33."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from madang.api.contexts import Contexts
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.store.sqlite import SqliteStore

from .conftest import DATASETS, serving

PATH = "/jsonldContexts"
ROOT = "/ngsi-ld/v1"
DOCUMENT = {"@context": {"Pumpe": "https://example.org/Pump", "Druck": "https://example.org/pressure"}}
CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld"
LD = {"Content-Type": "application/ld+json"}
TENANT = {"NGSILD-Tenant": "works"}


def link(url: str) -> dict[str, str]:
    return {"Link": f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


@pytest.fixture
async def hosted(api: httpx.AsyncClient) -> str:
    """An @context is hosted; its local id."""
    answer = await api.post(PATH, json=DOCUMENT)
    assert (answer.status_code, answer.content) == (201, b""), answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{ROOT}{PATH}/")
    return location.rsplit("/", 1)[1]


class Server:
    """Another server of @contexts."""

    def __init__(self) -> None:
        self.asked = 0
        self.body = b'{"@context": {"Tank": "https://example.org/Tank"}}'
        self.status = 200
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.asked += 1
            headers = [(b"cache-control", b"max-age=120")]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            await send({"type": "http.response.body", "body": self.body})


@pytest.fixture
async def server(app: Litestar, hub: Hub) -> AsyncIterator[Server]:
    """A hub on loopback, and a server beside it."""
    made = Server()
    app.state["rooms"] = replace(app.state["rooms"], contexts=Contexts(loopback=True, kept=lambda: hub.contexts))
    async with serving(made) as url:
        made.url = f"{url}/tank.jsonld"
        yield made


async def use(api: httpx.AsyncClient, url: str) -> httpx.Response:
    """A request whose names another server's @context explains."""
    return await api.get("/entities", params={"type": "Tank"}, headers=link(url))


async def details(api: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await api.get(f"{PATH}/{quote(name, safe='')}", params={"details": "true"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_5_13_4_what_was_added_is_served(api: httpx.AsyncClient, hosted: str) -> None:
    answer = await api.get(f"{PATH}/{hosted}")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)
    assert answer.headers["content-type"] == "application/json"
    as_ld = await api.get(f"{PATH}/{hosted}", headers={"Accept": "application/ld+json"})
    assert (as_ld.headers["content-type"], as_ld.json()) == ("application/ld+json", DOCUMENT)


async def test_5_13_2_only_the_context_of_a_document_is_kept(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json={**DOCUMENT, "more": [1, 2]}, headers=LD)
    assert (await api.get(f"{PATH}/{answer.headers['location'].rsplit('/', 1)[1]}")).json() == DOCUMENT


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b'{"Pumpe": "https://example.org/Pump"}', "InvalidRequest"),
        (b"[]", "InvalidRequest"),
        (b'{"@context"', "InvalidRequest"),
        (b'{"@context": 5}', "BadRequestData"),
        (b'{"@context": true}', "BadRequestData"),
        (b'{"@context": null}', "BadRequestData"),
        (b'{"@context": [{}, 5]}', "BadRequestData"),
        (b'{"@context": {"a": 5}}', "BadRequestData"),
        (b'{"@context": {"a": {"@id": "x:y", "@context": {}}}}', "BadRequestData"),
        (b'{"@context": {"a": {"@id": "x:y", "@container": "@bag"}}}', "BadRequestData"),
        (b'{"@context": ' + b"[" * 100 + b"]" * 100 + b"}", "BadRequestData"),
    ],
)
async def test_5_13_2_what_is_no_context(api: httpx.AsyncClient, content: bytes, type: str) -> None:
    answer = await api.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert problem(answer) == (400, type)
    assert "location" not in answer.headers


async def test_5_13_3_all_that_are_stored_are_listed(api: httpx.AsyncClient, hosted: str, server: Server) -> None:
    await use(api, server.url)
    own = f"http://127.0.0.1{ROOT}{PATH}/{hosted}"
    addresses = (await api.get(PATH)).json()
    assert {own, server.url} < set(addresses)
    listed = {one["URL"]: one for one in (await api.get(PATH, params={"details": "true"})).json()}
    assert list(listed) == addresses
    assert listed[own].items() >= {"localId": hosted, "kind": "Hosted", "numberOfHits": 0}.items()
    assert listed[server.url].items() >= {"kind": "Cached", "numberOfHits": 1}.items()
    assert listed[server.url]["createdAt"] < listed[server.url]["expiresAt"]
    assert (await api.get(PATH, params={"kind": "Hosted"})).json() == [own]
    assert own not in (await api.get(PATH, params={"kind": "Cached"})).json()
    assert (await api.get(PATH, params={"kind": "ImplicitlyCreated"})).json() == []


@pytest.mark.parametrize("query", [{"kind": "other"}, {"details": "other"}, {"details": "true", "kind": "hosted"}])
async def test_5_13_3_a_list_that_there_is_not(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert problem(await api.get(PATH, params=query)) == (400, "BadRequestData")


async def test_5_13_4_what_is_not_there(api: httpx.AsyncClient) -> None:
    assert problem(await api.get(f"{PATH}/none")) == (404, "ResourceNotFound")
    assert problem(await api.get(f"{PATH}/none", params={"details": "true"})) == (404, "ResourceNotFound")
    assert problem(await api.get(f"{PATH}/none", params={"details": "x"})) == (400, "BadRequestData")


async def test_5_13_4_a_cached_one_is_served_by_its_own_server(api: httpx.AsyncClient, server: Server) -> None:
    await use(api, server.url)
    answer = await api.get(f"{PATH}/{quote(server.url, safe='')}")
    assert problem(answer) == (422, "OperationNotSupported")
    about = await details(api, server.url)
    assert await details(api, about["localId"]) | {"numberOfHits": 0, "lastUsage": ""} == about | {
        "numberOfHits": 0,
        "lastUsage": "",
    }


async def test_5_13_3_uses_are_counted(api: httpx.AsyncClient, hosted: str, server: Server) -> None:
    """To be read counts as a use, once it was answered."""
    assert (await use(api, server.url)).status_code == 200
    assert (await details(api, server.url))["numberOfHits"] == 1
    await use(api, server.url)
    assert (await details(api, server.url))["numberOfHits"] == 3
    assert server.asked == 1
    assert (await details(api, hosted))["numberOfHits"] == 0
    await use(api, f"http://127.0.0.1{ROOT}{PATH}/{hosted}")
    about = await details(api, hosted)
    assert about["numberOfHits"] == 2 and about["lastUsage"] >= about["createdAt"]


async def test_our_own_is_used_without_being_fetched(api: httpx.AsyncClient, hosted: str) -> None:
    """Under whatever name and path the hub is known outside: this one may fetch nothing at all."""
    body = {"id": "urn:a:1", "type": "Pumpe", "Druck": 5}
    for n, url in enumerate(("http://127.0.0.1", "https://city.example/hub", "http://localhost:1/ngsi-ld/v1")):
        own = link(f"{url}{ROOT}{PATH}/{hosted}")
        assert (await api.post("/entities", json={**body, "id": f"urn:a:{n}"}, headers=own)).status_code == 201
    assert (await api.get("/entities/urn:a:1")).json()["type"] == "https://example.org/Pump"
    unknown = link(f"http://127.0.0.1{ROOT}{PATH}/none")
    assert (await api.get("/entities", params={"type": "A"}, headers=unknown)).status_code == 503


async def test_one_that_refers_to_others_has_them_cached(api: httpx.AsyncClient, server: Server) -> None:
    answer = await api.post(PATH, json={"@context": [server.url, DOCUMENT["@context"]]})
    assert server.asked == 0
    own = f"http://127.0.0.1{answer.headers['location']}"
    assert (await use(api, own)).status_code == 200
    assert (await details(api, server.url))["kind"] == "Cached"


async def test_5_13_5_deleted_is_gone(api: httpx.AsyncClient, hosted: str) -> None:
    own = link(f"http://127.0.0.1{ROOT}{PATH}/{hosted}")
    assert (await api.get("/types", headers=own)).status_code == 200
    answer = await api.delete(f"{PATH}/{hosted}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await api.get(f"{PATH}/{hosted}")).status_code == 404
    assert (await api.get("/types", headers=own)).status_code == 503
    assert problem(await api.delete(f"{PATH}/{hosted}")) == (404, "ResourceNotFound")


async def test_5_13_5_only_what_is_cached_can_be_reloaded(api: httpx.AsyncClient, hosted: str) -> None:
    for name in (hosted, "none"):
        assert problem(await api.delete(f"{PATH}/{name}", params={"reload": "true"})) == (400, "BadRequestData")
    assert problem(await api.delete(f"{PATH}/none", params={"reload": "x"})) == (400, "BadRequestData")
    assert problem(await api.delete(f"{PATH}/none", params={"reload": "false"})) == (404, "ResourceNotFound")


async def test_5_13_5_a_cached_one_is_fetched_anew(api: httpx.AsyncClient, server: Server) -> None:
    await use(api, server.url)
    address = f"{PATH}/{quote(server.url, safe='')}"
    entity = {"id": "urn:a:1", "type": "Tank", "@context": server.url}
    server.body = b'{"@context": {"Tank": "https://example.org/Container"}}'
    await api.post("/entities", json=entity, headers=LD)
    assert (await api.get("/entities/urn:a:1")).json()["type"] == "https://example.org/Tank"
    answer = await api.delete(address, params={"reload": "true"})
    assert (answer.status_code, server.asked) == (204, 2)
    await api.post("/entities", json={**entity, "id": "urn:a:2"}, headers=LD)
    assert (await api.get("/entities/urn:a:2")).json()["type"] == "https://example.org/Container"
    assert (await api.delete(address)).status_code == 204
    assert (await api.get(address, params={"details": "true"})).status_code == 404
    await use(api, server.url)
    assert server.asked == 3


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<html>"), (200, b"{}")])
async def test_5_13_5_one_that_cannot_be_had_anew_stays(
    api: httpx.AsyncClient, server: Server, status: int, body: bytes
) -> None:
    await use(api, server.url)
    server.status, server.body = status, body
    answer = await api.delete(f"{PATH}/{quote(server.url, safe='')}", params={"reload": "true"})
    assert problem(answer) == (503, "LdContextNotAvailable")
    assert (await details(api, server.url))["kind"] == "Cached"
    assert (await use(api, server.url)).status_code == 200


async def test_the_old_one_is_used_while_its_server_is_away(
    api: httpx.AsyncClient, server: Server, app: Litestar
) -> None:
    await use(api, server.url)
    server.status = 500
    known = app.state["rooms"].contexts
    known._resolved.clear()
    known._cached[server.url].until = 0.0
    assert (await use(api, server.url)).status_code == 200
    assert server.asked == 2


async def test_the_core_context_is_never_deleted(api: httpx.AsyncClient) -> None:
    assert (await details(api, CORE))["kind"] == "Cached"
    address = f"{PATH}/{quote(CORE, safe='')}"
    assert problem(await api.get(address)) == (422, "OperationNotSupported")
    assert problem(await api.delete(address)) == (400, "BadRequestData")
    assert (await api.delete(address, params={"reload": "true"})).status_code == 204
    assert (await details(api, CORE))["kind"] == "Cached"


async def test_5_5_10_a_hosted_one_is_its_tenants(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json=DOCUMENT, headers=TENANT)
    address = f"{PATH}/{answer.headers['location'].rsplit('/', 1)[1]}"
    for headers in ({}, {"NGSILD-Tenant": "others"}):
        assert (await api.get(address, headers=headers)).status_code == 404
        assert (await api.get(address, params={"details": "true"}, headers=headers)).status_code == 404
        assert (await api.delete(address, headers=headers)).status_code == 404
        assert address.rsplit("/", 1)[1] not in (await api.get(PATH, headers=headers)).text
    assert (await api.get(address, headers=TENANT)).json() == DOCUMENT
    assert (await api.delete(address, headers=TENANT)).status_code == 204


async def test_5_13_1_one_is_made_where_an_address_is_needed(hub: Hub, api: httpx.AsyncClient) -> None:

    id = await hub.contexts.imply(SYSTEM, DOCUMENT["@context"])
    assert await hub.contexts.imply(SYSTEM, DOCUMENT["@context"]) == id
    assert (await api.get(f"{PATH}/{id}", headers=TENANT)).json() == DOCUMENT
    assert [one["kind"] for one in (await api.get(PATH, params={"details": "true"})).json()][1:] == [
        "ImplicitlyCreated"
    ]
    assert problem(await api.delete(f"{PATH}/{id}", params={"reload": "true"})) == (400, "BadRequestData")


async def test_5_13_1_a_subscription_with_several_contexts_has_one_made(api: httpx.AsyncClient, server: Server) -> None:
    body = {
        "id": "urn:ngsi-ld:Subscription:1",
        "type": "Subscription",
        "entities": [{"type": "Tank"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/notify"}},
        "@context": [server.url, {"Pumpe": "https://example.org/Pump"}],
    }
    assert (await api.post("/subscriptions", json=body, headers=LD)).status_code == 201
    url = (await api.get("/subscriptions/urn:ngsi-ld:Subscription:1")).json()["jsonldContext"]
    assert (await api.get(PATH, params={"kind": "ImplicitlyCreated"})).json() == [url]
    assert (await details(api, url.rsplit("/", 1)[1]))["kind"] == "ImplicitlyCreated"
    assert (await api.get(url)).json() == {"@context": body["@context"]}
    single = {**body, "id": "urn:ngsi-ld:Subscription:2", "@context": [server.url, CORE]}
    assert (await api.post("/subscriptions", json=single, headers=LD)).status_code == 201
    assert "jsonldContext" not in (await api.get("/subscriptions/urn:ngsi-ld:Subscription:2")).json()


async def test_who_may_change_what_is_stored(api: httpx.AsyncClient, hosted: str) -> None:
    outside = {"X-Forwarded-For": "192.0.2.1"}
    assert (await api.post(PATH, json=DOCUMENT, headers=outside)).status_code == 403
    assert (await api.delete(f"{PATH}/{hosted}", headers=outside)).status_code == 403
    address = f"{PATH}/{quote(CORE, safe='')}"
    assert (await api.delete(address, params={"reload": "true"}, headers=outside)).status_code == 403


async def test_6_3_5_the_context_of_an_answer_is_the_readers(api: httpx.AsyncClient, server: Server) -> None:
    """The core is added only where the reader's does not name it (4.4)."""
    await api.post("/entities", json={"id": "urn:a:1", "type": "A"})
    accept = {"Accept": "application/ld+json"}
    without = await api.get("/entities/urn:a:1", headers={**accept, **link(server.url)})
    assert without.json()["@context"][0] == server.url and len(without.json()["@context"]) == 2
    whole = await api.post(PATH, json={"@context": [server.url, CORE]})
    url = f"http://127.0.0.1{whole.headers['location']}"
    answer = await api.get("/entities/urn:a:1", headers={**accept, **link(url)})
    assert answer.json()["@context"] == url


async def test_5_13_4_an_address_is_an_id_with_its_slashes_encoded_or_not(
    api: httpx.AsyncClient, server: Server
) -> None:
    await api.post("/entities", json={"id": "urn:x:1", "type": "Tank"}, headers=link(server.url))
    for id in (quote(server.url, safe=""), server.url):
        answer = await api.get(f"{PATH}/{id}", params={"details": "true"})
        assert (answer.status_code, answer.json()["URL"]) == (200, server.url)
    assert (await api.delete(f"{PATH}/{server.url}")).status_code == 204
    assert (await api.get(f"{PATH}/{server.url}", params={"details": "true"})).status_code == 404


async def test_5_13_1_hosted_contexts_survive_a_restart(tmp_path: Path) -> None:

    aliases: list[str] = []
    for _ in range(2):
        store = SqliteStore(tmp_path)
        hub = Hub(store, Policy(DATASETS), WallClock(), LocalBus())
        known = await hub.contexts.all("")
        if not known:
            await hub.contexts.add(SYSTEM, DOCUMENT["@context"])
        aliases.append((await hub.identity.retrieve(SYSTEM)).alias)
        hub.close()
        store.close()
    assert [one.document for one in known] == [DOCUMENT["@context"]]
    assert aliases[0] == aliases[1]


async def test_5_15_who_the_hub_is(api: httpx.AsyncClient) -> None:
    answer = await api.get("/info/sourceIdentity")
    found = answer.json()
    assert (answer.status_code, found["type"]) == (200, "ContextSourceIdentity")
    assert found["id"].startswith("urn:")
    assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", found["contextSourceAlias"])
    assert re.fullmatch(r"P(\d+D)?T\d+H\d+M\d+S", found["contextSourceUptime"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", found["contextSourceTimeAt"])
    assert found["contextSourceExtras"]["software"] == "madang"
    as_ld = await api.get("/info/sourceIdentity", headers={"Accept": "application/ld+json"})
    assert "@context" in as_ld.json()


async def test_5_2_40_each_tenant_has_its_own_alias(api: httpx.AsyncClient) -> None:
    async def alias(tenant: str) -> str:
        headers = {"NGSILD-Tenant": tenant} if tenant else {}
        return (await api.get("/info/sourceIdentity", headers=headers)).json()["contextSourceAlias"]

    found = [await alias(name) for name in ("", "a", "b")]
    assert len(set(found)) == 3
    assert found == [await alias(name) for name in ("", "a", "b")]
