"""Whoever reported and left an address gets a letter when the city has done something: through a real mail server, also
when it was away at first; and an app gets the same by its webhook."""

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from tests.journeys.residing import HubAlone
from tests.journeys.visiting import until
from tests.unit.notify.test_mailto import Box

HOLE = {"kind": "pothole", "description": "A hole", "lat": 48.77, "long": 11.43}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def hub(tmp_path: Any, port: int) -> Iterator[HubAlone]:
    running = HubAlone(
        tmp_path,
        MADANG_MAIL=f"smtp://127.0.0.1:{port}",
        MADANG_MAIL_FROM="City of Ingolstadt <reports@city.example>",
        MADANG_ADDRESS="https://city.example/",
        # The test itself is the operator, as a program here.
        MADANG_EXPOSED="true",
    )
    yield running
    running.close()


@pytest.fixture
def app() -> Iterator[tuple[str, list[Any]]]:
    """The address of an app, and what it was told."""
    told: list[Any] = []

    class Heard(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/reports", told
    server.shutdown()


def test_letters_and_webhooks_arrive(hub: HubAlone, port: int, app: tuple[str, list[Any]]) -> None:
    kiosk = hub.key("kiosk", "kiosk")
    address, told = app
    assert hub.get("/reports/kinds").json()["mail"] is True
    first = hub.post("/reports", {**HOLE, "email": "kim@example.org", "language": "de"}).json()
    second = hub.post("/reports", {**HOLE, "webhook": address, "lat": 48.75}, Authorization=f"Bearer {kiosk}").json()
    assert first["link"] == f"https://city.example/report/{first['token']}"
    # The mail server is away: the letter waits in the outbox, and is not lost when the hub goes too.
    for one in (first, second):
        shut = hub.post(f"/reports/{one['id']}/handling", {"status": "closed", "words": "Ist gefüllt."})
        assert shut.status_code == 200, shut.text
    until(lambda: told, "the app's word")
    assert (told[0]["report"], told[0]["status"], told[0]["words"]) == (second["id"], "closed", "Ist gefüllt.")
    hub.stop()

    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        hub.start()
        until(lambda: box.letters, "the letter")
    finally:
        controller.stop()
    (letter,) = box.letters
    assert isinstance(letter, EmailMessage) and letter["To"] == "kim@example.org"
    assert letter["Subject"] == "Ihre Meldung: Schlagloch"
    text = letter.get_content()
    assert "Ist gefüllt." in text and f"https://city.example/report/{first['id']}" in text
    # The link with the secret is its holder's alone: the hub keeps a hash of it.
    assert first["token"].partition(".")[2] not in text
