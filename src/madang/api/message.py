"""An answer, ready to be sent: its bytes are made, so neither way out (the framework's, `quick`'s) encodes it again."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

_NO_TYPE_ENCODERS: dict[Any, Any] = {}


class Answer(Response[bytes]):
    """The framework's response without its preparations, which take as long as finding an entity."""

    __slots__ = ()

    def __init__(
        self, content: bytes, *, status_code: int, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        # All members that the framework reads, as its own constructor would set them.
        self.content = content
        self.status_code = status_code
        self.media_type = media_type
        self.headers = dict(headers) if headers else {}
        self.background = None
        self.cookies = []
        self.encoding = "utf-8"
        self.response_type_encoders = _NO_TYPE_ENCODERS
