"""``GET /metrics``: the figures are those of what happened."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

ROOT = "/ngsi-ld/v1"


async def figures(site: httpx.AsyncClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = await site.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def test_requests_are_counted_by_operation_and_status(site: httpx.AsyncClient) -> None:
    asked = ("madang_requests_total", (("operation", "retrieve_entity"), ("status", "404")))
    timed = ("madang_request_seconds_count", (("operation", "retrieve_entity"),))
    before = await figures(site)
    await site.get(ROOT + "/entities/urn:ngsi-ld:Thing:none")
    await site.get(ROOT + "/entities/urn:ngsi-ld:Thing:none")
    after = await figures(site)
    assert after[asked] - before.get(asked, 0) == 2
    assert after[timed] - before.get(timed, 0) == 2


async def test_entities_and_parts_are_counted(site: httpx.AsyncClient) -> None:
    await site.post(ROOT + "/entities", json={"id": "urn:ngsi-ld:Thing:1", "type": "Thing"})
    await site.post(ROOT + "/entities", json={"id": "urn:ngsi-ld:Thing:2", "type": "Thing"})
    found = await figures(site)
    assert found["madang_entities", (("tenant", ""), ("type", "Thing"))] == 2
    assert any(name == "madang_info" for name, _ in found)
    assert found["madang_notifications_pending", (("tenant", ""),)] == 0
