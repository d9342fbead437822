"""A page that all strangers see alike is made in turns, one for each address and language, however many ask for it.

Who comes with a cookie or a key may see more than others: for them a page is always made anew.
"""

from collections.abc import Awaitable, Callable

from litestar import MediaType, Response

from madang.turns import Turns
from madang.web.client import Asked
from madang.web.language import choose

Made = Callable[[], Awaitable[Response[str]]]


class Once:
    """Shares what is being made."""

    def __init__(self) -> None:
        self._turns: Turns[Response[str]] = Turns()

    async def answer(self, request: Asked, make: Made) -> Response[str]:
        """The page of the request's address in its language, begun after it was asked for."""
        if not _is_strangers(request):
            return await make()
        language = choose(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        made = await self._turns.share((request.url.path, language), make)
        headers = {name: value for name, value in made.headers.items() if name.lower() != "content-length"}
        return Response(made.content, status_code=made.status_code or 200, media_type=MediaType.HTML, headers=headers)


def _is_strangers(request: Asked) -> bool:
    """Whether anybody would see the same at this address."""
    headers = request.headers
    return "cookie" not in headers and "authorization" not in headers and set(request.query_params) <= {"lang"}
