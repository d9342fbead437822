"""Content negotiation (RFC 9110, 12.5.1) on its own."""

import pytest

from madang.api.answer import negotiate
from madang.api.problem import NotAcceptable

OFFERS = ("application/json", "application/ld+json", "application/geo+json")


class Request:
    def __init__(self, accept: str | None) -> None:
        self.headers = {} if accept is None else {"accept": accept}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/geo+json", "application/geo+json"),
        ("application/*;q=0.2, application/ld+json", "application/ld+json"),
        ("application/json;q=0, */*", "application/ld+json"),
        ("APPLICATION/LD+JSON", "application/ld+json"),
        ("application/ld+json;q=nonsense", "application/ld+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_chooses(accept: str | None, chosen: str) -> None:
    assert negotiate(Request(accept), OFFERS) == chosen  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("accept", ["text/html", "application/*;q=0", "image/png, text/*"])
def test_refuses_and_says_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        negotiate(Request(accept), OFFERS)  # pyright: ignore[reportArgumentType]
    assert refused.value.members["available"] == list(OFFERS)
