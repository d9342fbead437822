"""Who asks for letters about a proposal gets none before the address was confirmed, then one for each step, in the
reader's language, by a real mail server; and none any more after a press on the link, without an account."""

import re
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from tests.journeys.residing import HubAlone
from tests.journeys.visiting import until
from tests.unit.notify.test_mailto import Box

RULES = '[proposals]\nsupport = 1\nopen = "P30D"\nanswer_within = "PT3S"\n'
HTML = {"Accept": "text/html"}


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    found = Box()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, port
    controller.stop()


@pytest.fixture
def hub(tmp_path: Path, box: tuple[Box, int]) -> Iterator[HubAlone]:
    running = HubAlone(
        tmp_path,
        MADANG_MAIL=f"smtp://127.0.0.1:{box[1]}",
        MADANG_MAIL_FROM="City of Ingolstadt <city@city.example>",
        MADANG_ADDRESS="https://city.example/",
        # The test itself is the operator, as a program here.
        MADANG_EXPOSED="true",
    )
    running.stop()
    (running.folder / "participation.toml").write_text(RULES)
    running.start()
    yield running
    running.close()


def letters(box: Box, to: str) -> list[EmailMessage]:
    return [one for one in box.letters if one["To"] == to]


def link(letter: EmailMessage) -> str:
    """The path of a letter's own link."""
    found = re.search(r"https://city\.example(/proposals/letters/[0-9a-f.]+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]


def ask(hub: HubAlone, id: str, email: str, language: str) -> None:
    form = httpx.post(f"{hub.address}/proposals/{id}/follow?lang={language}", data={"email": email}, timeout=20)
    assert form.status_code == 303, form.text


def kept(hub: HubAlone, key: str, purpose: str = "proposal-letters") -> int:
    headers = {"Authorization": f"Bearer {key}", "Madang-Purpose": purpose}
    found = hub.get("/ngsi-ld/v1/entities?type=ProposalFollower&limit=10", **headers)
    assert found.status_code == 200, found.text
    return len(found.json())


def test_letters_from_the_first_question_to_the_last_step(hub: HubAlone, box: tuple[Box, int]) -> None:
    post = box[0]
    made = hub.post("/proposals", {"title": "Green at eight", "text": "Children wait."}).json()
    id = made["id"]
    desk = hub.key("desk", "operator")
    page = hub.get(f"/proposals/{id}?lang=ko", **HTML).text
    assert 'type="email"' in page and "소식 받기" in page
    for name, language in (("kim", "ko"), ("ada", "de"), ("ben", "en")):
        ask(hub, id, f"{name}@example.org", language)
    until(lambda: len(post.letters) == 3, "the questions")
    assert kept(hub, desk) == 3
    asked: dict[str, Any] = {one["To"].partition("@")[0]: one for one in post.letters}
    assert asked["kim"]["Subject"] == "제안: Green at eight" and "이틀" in asked["kim"].get_content()
    # A program that looks into letters and follows their links agrees to nothing.
    assert hub.get(link(asked["kim"]), **HTML).status_code == 200
    for name in ("kim", "ada"):
        own = link(asked[name])
        assert hub.get(own).json()["letters"] == "asked"
        assert httpx.post(f"{hub.address}{own}/yes", data={}, timeout=20).status_code == 303
        assert hub.get(own).json() == {
            "proposal": id,
            "title": "Green at eight",
            "language": "",
            "letters": "confirmed",
        }

    (ticket,) = hub.post("/proposals/links", {"count": 1}).json()["tickets"]
    assert hub.post(f"/proposals/{id}/support", {"ticket": ticket}).json()["state"] == "reached"
    # The hub dies before the letters of the step are written: they are written when it is back.
    assert hub.process is not None
    hub.process.kill()
    hub.process.wait()
    hub.start()
    until(
        lambda: len(letters(post, "kim@example.org")) >= 3,
        "that it has enough, and that the answer is late",
        within_s=60,
    )
    question, reached, late = letters(post, "kim@example.org")[:3]
    assert "충분한 사람이 지지했습니다" in reached.get_content() and "아직 답이 없습니다" in late.get_content()
    assert late["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert late["List-Unsubscribe"] == f"<https://city.example{link(question)}/stop>"
    assert f"https://city.example/proposals/{id}" in late.get_content()
    assert [step["late"] for step in hub.get(f"/proposals/{id}").json()["steps"]] == [False, True]
    assert "Green at eight: late" in hub.get("/proposals.atom").text

    # What a program of mail posts when somebody presses its button (RFC 8058), twice.
    for _ in range(2):
        form = {"List-Unsubscribe": "One-Click"}
        gone = httpx.post(f"{hub.address}{link(question)}/stop", data=form, timeout=20)
        assert (gone.status_code, gone.json()["letters"]) == (200, "none"), gone.text
    declined = hub.post(f"/proposals/{id}/answer", {"accept": False, "text": "The signal is not ours."})
    assert declined.status_code == 201, declined.text
    until(lambda: len(letters(post, "ada@example.org")) == 4, "the last letter", within_s=40)
    last = letters(post, "ada@example.org")[-1].get_content()
    assert "Die Stadt lehnt ihn ab." in last and "The signal is not ours." in last and "letzte Brief" in last
    assert letters(post, "ada@example.org")[-1]["List-Unsubscribe"] is None
    time.sleep(1)
    assert (len(letters(post, "kim@example.org")), len(letters(post, "ben@example.org"))) == (3, 1)
    until(lambda: kept(hub, desk) == 0, "no address is kept any more")
    assert hub.get(link(asked["ada"])).json()["letters"] == "none"


def test_nobody_finds_a_link_or_who_asked(hub: HubAlone, box: tuple[Box, int]) -> None:
    desk = hub.key("desk", "operator")
    id = hub.post("/proposals", {"title": "A bench", "text": "By the river."}).json()["id"]
    ask(hub, id, "kim@example.org", "en")
    until(lambda: box[0].letters, "the question")
    own = link(box[0].letters[0])
    for wrong in (own[:-1] + ("0" if own[-1] != "0" else "1"), own.partition(".")[0], own.partition(".")[0] + "."):
        assert hub.get(wrong).status_code == 404, wrong
        assert hub.post(f"{wrong}/confirmation", None).status_code == 404
    strange = {"Content-Type": "application/json"}
    for body in (b"{}", b'{"email": "a@b.example\\nBcc: x@y.example"}'):
        answer = httpx.post(f"{hub.address}/proposals/{id}/letters", content=body, headers=strange, timeout=20)
        assert answer.status_code == 400, answer.text
    assert hub.post("/proposals/nope/letters", {"email": "kim@example.org"}).status_code == 404
    # Whom somebody does not like gets three questions in an hour and no more, from wherever they are asked for.
    for asked, status in enumerate((202, 202, 429)):
        come = {"X-Forwarded-For": f"198.51.100.{asked}"}
        told = hub.post(f"/proposals/{id}/letters", {"email": "Kim@example.org"}, **come)
        assert told.status_code == status, told.text
    # Without the purpose that the dataset is for nobody reads it, not even an operator.
    assert (kept(hub, desk), kept(hub, desk, "public-information")) == (1, 0)
