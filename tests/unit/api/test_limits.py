"""How often strangers may write: each address for itself, all of them together, and again after a while."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from madang.api import limits
from madang.api.limits import BURST, BURST_ALL, EVERY_S, Limits, TooManyRequests


class Watch:
    """Seconds that pass when they are told to."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(limits, "monotonic_s", made)
    return made


def asked(host: str) -> Any:
    return cast(Any, SimpleNamespace(scope={"client": (host, 1), "headers": []}))


def taken(under_test: Limits, host: str, tries: int, what: str = "objection") -> int:
    count = 0
    for _ in range(tries):
        try:
            under_test.take(asked(host), what)
        except TooManyRequests as error:
            assert error.members["retry_after_s"] > 0
        else:
            count += 1
    return count


def test_an_address_writes_a_few_times_and_again_later(watch: Watch) -> None:
    under_test = Limits()
    assert taken(under_test, "192.0.2.1", 20) == BURST
    assert taken(under_test, "192.0.2.2", 20) == BURST, "another address has its own"
    assert taken(under_test, "192.0.2.1", 1, "receipt") == 1, "and another purpose, too"
    watch.at += EVERY_S * 2.5
    assert taken(under_test, "192.0.2.1", 20) == 2
    watch.at += EVERY_S * 1000
    assert taken(under_test, "192.0.2.1", 20) == BURST


def test_many_addresses_together_do_not_flood_it(watch: Watch) -> None:
    under_test = Limits()
    assert sum(taken(under_test, f"2001:db8::{n:x}", 1) for n in range(BURST_ALL * 3)) == BURST_ALL


@pytest.mark.parametrize(
    ("client", "passed_on", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", None, ""),
        ("127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.2", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.2", None, "10.0.0.2"),
        ("::1", " ", "::1"),
    ],
)
def test_only_a_proxy_of_ours_says_for_whom_it_asks(client: str, passed_on: str | None, address: str) -> None:
    headers = [] if passed_on is None else [(b"x-forwarded-for", passed_on.encode())]
    scope: Any = {"client": (client, 1), "headers": headers}
    assert Limits(["10.0.0.2"]).address(scope) == address
