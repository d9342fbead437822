"""The history of a hub that may say anything."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from madang.app.following import over_http
from madang.errors import AppraisalInvalid


class Odd(BaseHTTPRequestHandler):
    """Answers with what the test put there."""

    body: ClassVar[bytes] = b""
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Odd)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)


def read(address: str, body: bytes, status: int = 200) -> dict[str, list[tuple[float, float]]]:
    Odd.body, Odd.status = body, status
    return over_http(address)("urn:ngsi-ld:TrafficKpi:x", {"co2"})


def test_numbers_at_times_are_taken_and_the_rest_is_left_out(address: str) -> None:
    body = b"""{"id": "x", "other": {"values": [[1, "2026-01-01T00:00:00Z"]]}, "co2": {"values": [
        [2.5, "1970-01-01T00:00:10Z"], [1, "1970-01-01T00:00:05Z"], [true, "1970-01-01T00:00:06Z"],
        ["text", "1970-01-01T00:00:07Z"], [null, "1970-01-01T00:00:08Z"], 7, [3], [4, null]]}}"""
    assert read(address, body) == {"co2": [(5.0, 1.0), (10.0, 2.5)]}
    assert read(address, b'{"co2": 5}') == {}
    assert read(address, b'{"co2": {"values": 5}}') == {"co2": []}


def test_an_entity_that_is_not_there_has_no_history(address: str) -> None:
    assert read(address, b"{}", status=404) == {}


@pytest.mark.parametrize(
    "body, status",
    [(b"[1]", 200), (b"no JSON", 200), (b'{"co2": {"values": [[1, "yesterday"]]}}', 200), (b"{}", 500), (b"{}", 403)],
)
def test_an_answer_that_is_none_is_told(address: str, body: bytes, status: int) -> None:
    with pytest.raises(AppraisalInvalid, match="is a hub running there"):
        read(address, body, status)
