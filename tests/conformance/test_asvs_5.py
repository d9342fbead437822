"""OWASP ASVS 5.0, V8 (authorisation) and V16 (logging and errors), over HTTP."""

import logging
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from madang.errors import Unavailable
from madang.logs import JsonLines, TextLines

from .governing import KIM
from .test_owasp_api_2023 import ENTITIES, VISIT, City, asked


@pytest.fixture
async def city(_application: Litestar) -> AsyncIterator[City]:
    made = City()
    async with asked(_application, made.hub, made.account, made.people) as client:
        made.client = client
        yield made
        await made.hub.stop()
        await made.courier.close()


async def test_v8_2_1_a_function_is_for_whom_it_is_declared(city: City) -> None:
    """Function level: what only the house may do, nobody else does, whatever the key says."""
    given = {"granted": True, "words": "x"}
    for headers in ({}, city.kim, city.study):
        for method, path, body in (
            ("GET", "/subjects/requests", None),
            ("POST", "/subjects/requests/urn:x:1/answer", given),
            ("GET", "/outbox", None),
            ("POST", "/registers/breaches", {"what": "x", "aware": "2026-03-01T00:00:00Z"}),
            ("POST", ENTITIES, {"id": "urn:x:L:1", "type": "Lamp"}),
        ):
            answer = await city.client.request(method, path, json=body, headers=headers)
            assert answer.status_code == 403, (path, headers, answer.status_code)


async def test_v8_2_2_and_8_2_3_objects_and_their_fields(city: City) -> None:
    """Data and field level: the same entity is nothing, a part, or all, by who asks for what."""
    await city.visit()
    doctor = city.people.key("dr-lee", "doctor", purposes=("care",))
    assert (await city.client.get(f"{ENTITIES}/{VISIT}", headers=doctor)).status_code == 404
    await city.agree()
    assert (await city.client.get(f"{ENTITIES}/{VISIT}", headers=doctor)).status_code == 404
    part = (await city.client.get(f"{ENTITIES}/{VISIT}", headers=city.study)).json()
    assert set(part) == {"id", "type", "person", "place", "age", "@context"} - {"@context"}


async def test_v8_3_2_a_change_of_authorisation_binds_at_once(city: City) -> None:
    await city.visit()
    consent = await city.agree()
    study = city.study
    assert (await city.client.get(f"{ENTITIES}/{VISIT}", headers=study)).status_code == 200
    await city.client.post(f"/consents/{consent['id']}/withdrawal", headers=city.kim)
    assert (await city.client.get(f"{ENTITIES}/{VISIT}", headers=study)).status_code == 404
    city.people.keys.clear()
    assert (await city.client.get(f"{ENTITIES}/{VISIT}", headers=study)).status_code == 401


async def test_v8_3_3_the_subject_of_a_key_is_what_counts_not_what_the_request_says(city: City) -> None:
    for headers in ({"Madang-Subject": KIM}, {"X-Forwarded-User": "operator"}, {"X-Original-URL": "/outbox"}):
        answer = await city.client.get(f"/subjects/data?subject={KIM}", headers={**city.lee, **headers})
        assert answer.status_code == 403


async def test_v16_2_5_secrets_and_people_are_not_in_the_log(city: City, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await city.visit()
    await city.agree()
    study = city.study
    await city.client.get(f"{ENTITIES}?type=Visit", headers=study)
    wrong = {"Authorization": "Bearer mdg_000000000000_" + "A" * 43}
    await city.client.get(ENTITIES, headers=wrong)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("madang"))
    for secret in (study["Authorization"].split("_")[-1], "A" * 43, "influenza", KIM):
        assert secret not in said


async def test_v16_3_2_refused_attempts_are_logged(city: City, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="madang.api")
    await city.client.get(f"/subjects/data?subject={KIM}", headers=city.lee)
    await city.client.get(f"{ENTITIES}?type=Lamp", headers={"Authorization": "Bearer nonsense"})
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("refused")]
    assert ["/subjects/data" in said[0], ENTITIES in said[1]] == [True, True]


async def test_v16_4_1_nobody_writes_a_line_of_the_log_from_outside(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="madang.api")
    forged = "/subjects/requests/x%0a2026-03-01 INFO madang: forged%0d/answer"
    await city.client.post(forged, json={"granted": True, "words": "x"}, headers=city.kim)
    for record in caplog.records:
        for form in (TextLines(), JsonLines()):
            assert "\n" not in form.format(record) and "\r" not in form.format(record)


async def test_v16_5_3_a_failure_closes(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a read cannot be put on record it is refused; and nothing of it is in the answer."""
    await city.visit()
    await city.agree()

    async def full(*_: object, **__: object) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(city.account, "add", full)
    answer = await city.client.get(f"{ENTITIES}/{VISIT}", headers=city.study)
    assert (answer.status_code, "127" in answer.text, "Traceback" in answer.text) == (503, False, False)
