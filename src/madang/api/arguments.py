"""The query parameters of one request: known names only, each once, each of its kind."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, quote

from madang.api.problem import Call
from madang.errors import BadRequestData, InvalidRequest
from madang.model import time as times

_MAX_LENGTH = 32_768
_SAFE = ":/?@!$*',;()"
"""May stand in a query as they are (RFC 3986, 3.4)."""


class Arguments:
    """The parameters of a request as an operation takes them."""

    def __init__(self, request: Call, allowed: Sequence[str]) -> None:
        """Raises InvalidRequest naming what is unknown or there twice, and what the operation takes."""
        raw: bytes = request.scope["query_string"]
        self._given: dict[str, str] = {}
        if raw:
            self._read(raw, allowed)

    def _read(self, raw: bytes, allowed: Sequence[str]) -> None:
        if len(raw) > _MAX_LENGTH:
            raise InvalidRequest(f"the query is {len(raw)} bytes long; POST it instead (limit {_MAX_LENGTH})")
        try:
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=64)
        except ValueError as error:
            raise InvalidRequest(f"the query parameters cannot be read: {error}") from error
        for name, value in pairs:
            if name not in allowed:
                raise InvalidRequest(f"the parameter {name[:40]!r} is not known here; there are {', '.join(allowed)}")
            if name in self._given:
                raise InvalidRequest(f"the parameter {name!r} is there twice; separate values by commas")
            self._given[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str) -> str | None:
        """The parameter as it is, None where it is not given. An empty one is refused."""
        value = self._given.get(name)
        if value == "":
            raise BadRequestData(f"the parameter {name!r} is empty")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """The comma-separated values, none of them empty; () where it is not given."""
        text = self.text(name)
        values = tuple(part.strip() for part in text.split(",")) if text is not None else ()
        if not all(values):
            raise BadRequestData(f"the parameter {name!r} has an empty item: {text!r}")
        return values

    def flag(self, name: str) -> bool:
        """``true`` or ``false``; False where it is not given."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            raise BadRequestData(f"the parameter {name!r} is true or false, not {text[:40]!r}")
        return text == "true"

    def number(self, name: str, default: int | None = None, *, least: int = 0) -> int | None:
        """A whole number, at least `least`."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 15 and int(text) >= least):
            raise BadRequestData(f"the parameter {name!r} is a whole number from {least}, not {text[:40]!r}")
        return int(text)

    def time(self, name: str) -> datetime | None:
        """A date and time, in UTC."""
        text = self.text(name)
        # A + that was not percent-encoded arrives as a space: +09:00 is meant.
        return None if text is None else times.parse(text.replace(" ", "+"), what=name)

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of the choices."""
        text = self.text(name)
        if text is not None and text not in choices:
            # An unknown format is an invalid request, as any other unknown option is (6.3.20).
            error = InvalidRequest if name == "format" else BadRequestData
            raise error(f"the parameter {name!r} is one of {', '.join(choices)}, not {text[:40]!r}")
        return text

    def options(self, choices: Sequence[str]) -> frozenset[str]:
        """The items of `options`, all of them among the choices."""
        found = frozenset(self.names("options"))
        wrong = sorted(found.difference(choices))
        if wrong:
            raise InvalidRequest(f"options: {', '.join(wrong)[:80]} not known here; there are {', '.join(choices)}")
        return found

    def address(self, path: str, **changed: str) -> str:
        """The path with the same parameters in the order of their names, those in `changed` replaced."""
        pairs = sorted({**self._given, **changed}.items())
        return path + "?" + "&".join(f"{name}={quote(text, safe=_SAFE)}" for name, text in pairs)
