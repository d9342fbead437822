"""A page that all strangers see alike is made in turns, one for each address and language, however many ask for it.

Who comes with a cookie or a key may see more than others: for them a page is always made anew.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from litestar import MediaType, Response

from madang.turns import Turns
from madang.web.client import Asked
from madang.web.language import choose

Made = Callable[[], Awaitable[Response[str]]]


class _Page(NamedTuple):
    """A page that was made, in bytes: the same for all who get it."""

    content: bytes
    status: int
    headers: dict[str, str]


class Once:
    """Shares what is being made."""

    def __init__(self) -> None:
        self._turns: Turns[_Page] = Turns()

    async def answer(self, request: Asked, make: Made) -> Response[Any]:
        """The page of the request's address in its language, begun after it was asked for."""
        if not _is_strangers(request):
            return await make()
        language = choose(request.query_params.get("lang"), request.headers.get("accept-language", ""))

        async def written() -> _Page:
            made = await make()
            headers = {name: value for name, value in made.headers.items() if name.lower() != "content-length"}
            return _Page(made.content.encode(), made.status_code or 200, headers)

        page = await self._turns.share((request.url.path, language), written)
        return Response(page.content, status_code=page.status, media_type=MediaType.HTML, headers=page.headers)


def _is_strangers(request: Asked) -> bool:
    """Whether anybody would see the same at this address."""
    headers = request.headers
    return "cookie" not in headers and "authorization" not in headers and set(request.query_params) <= {"lang"}
