"""Letters through a real mail server: what it gets, a password, a refusal, nothing that becomes a header."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from madang.errors import Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify import EveryCourier, Mail

SENDER = "City of Testville <reports@city.example>"


class Box:
    """Takes letters in; refuses those to nobody."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, to: str, options: Any) -> str:  # noqa: N802
        if to.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        found = message_from_bytes(bytes(envelope.content or b""), policy=default)
        assert isinstance(found, EmailMessage)
        self.letters.append(found)
        return "250 OK"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[str]:
    controller = Controller(box, hostname="127.0.0.1", port=a_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def a_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def letter(**more: str) -> Parcel:
    body = {"subject": "신고하신 내용: 도로 파임", "text": "처리 상황\n", "language": "ko", **more}
    return Parcel({"Content-Type": "application/json"}, msgspec.Raw(msgspec.json.encode(body)))


async def send(server: str, to: str, parcel: Parcel) -> None:
    courier = EveryCourier(mail=Mail(address=server, sender=SENDER))
    try:
        await courier.send(Address(uri=to), parcel)
    finally:
        await courier.close()


async def test_a_letter_arrives_in_its_language(server: str, box: Box) -> None:
    await send(server, "mailto:kim%2Bcity@example.org", letter())
    (got,) = box.letters
    assert (got["To"], got["From"], got["Content-Language"]) == ("kim+city@example.org", SENDER, "ko")
    assert got["Subject"] == "신고하신 내용: 도로 파임" and got.get_content().strip() == "처리 상황"
    assert got["Auto-Submitted"] == "auto-generated" and got["Message-ID"].endswith("@city.example>")


async def test_what_would_become_a_header_is_not_sent(server: str, box: Box) -> None:
    for to, more in (
        ("mailto:kim@example.org%0ABcc:all@example.org", {}),
        ("mailto:kim@example.org", {"subject": "a\nX: b"}),
    ):
        with pytest.raises(Undelivered):
            await send(server, to, letter(**more))
    assert box.letters == []


@pytest.mark.parametrize("address", ["", "smtp://127.0.0.1:1"])
async def test_without_a_server_it_says_so(address: str) -> None:
    with pytest.raises(Undelivered, match=r"MADANG_MAIL|mail:"):
        await send(address, "mailto:kim@example.org", letter())


async def test_a_mailbox_that_is_refused_is_undelivered(server: str) -> None:
    with pytest.raises(Undelivered, match="550"):
        await send(server, "mailto:nobody@example.org", letter())


async def test_a_password_never_goes_over_an_open_line(box: Box) -> None:
    asked: list[Any] = []

    def let_in(*given: Any) -> AuthResult:
        asked.append(given)
        return AuthResult(success=True)

    controller = Controller(box, hostname="127.0.0.1", port=a_port(), authenticator=let_in, auth_require_tls=False)
    controller.start()
    try:
        with pytest.raises(Undelivered, match="STARTTLS"):
            await send(f"smtp://user:secret@127.0.0.1:{controller.port}", "mailto:kim@example.org", letter())
    finally:
        controller.stop()
    assert asked == [] and box.letters == []


async def test_subscriptions_cannot_be_made_to_mail_people() -> None:
    courier = EveryCourier(mail=Mail(address="smtp://127.0.0.1:1", sender=SENDER))
    with pytest.raises(Exception, match="not one of http"):
        courier.check("mailto:kim@example.org")
