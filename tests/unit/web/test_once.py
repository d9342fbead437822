"""What strangers see alike is made for all who ask at once; what is somebody's own, always anew."""

import asyncio

import httpx
import pytest
from litestar import Litestar, Response, get

from madang.web.client import Asked
from madang.web.once import Once


class Town:
    """A page that takes a while to make and counts how often it was."""

    def __init__(self) -> None:
        self.made = 0
        kept = Once()

        @get("/page")
        async def page(request: Asked) -> Response[str]:
            async def make() -> Response[str]:
                await asyncio.sleep(0.02)
                self.made += 1
                return Response(f"number {self.made}", headers={"Content-Language": "en"})

            return await kept.answer(request, make)

        app = Litestar([page], openapi_config=None)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")

    async def see(self, path: str = "/page", **headers: str) -> str:
        return (await self.http.get(path, headers=headers)).text

    async def at_once(self, *asked: tuple[str, dict[str, str]]) -> list[str]:
        return list(await asyncio.gather(*(self.see(path, **headers) for path, headers in asked)))


@pytest.fixture
def town() -> Town:
    return Town()


async def test_many_at_once_see_one_page(town: Town) -> None:
    seen = await asyncio.gather(*(town.http.get("/page") for _ in range(50)))
    assert town.made <= 2
    assert all(each.headers["content-language"] == "en" for each in seen)
    assert all(each.headers["content-type"].startswith("text/html") for each in seen)


async def test_who_comes_later_sees_a_later_page(town: Town) -> None:
    assert [await town.see() for _ in range(3)] == ["number 1", "number 2", "number 3"]


async def test_each_language_has_its_own(town: Town) -> None:
    seen = await town.at_once(("/page", {}), ("/page?lang=ko", {}), ("/page", {"accept-language": "ko"}))
    assert town.made == 2
    assert seen[1] == seen[2] != seen[0]


@pytest.mark.parametrize("headers", [{"cookie": "session=x"}, {"authorization": "Bearer x"}])
async def test_what_is_somebodys_own_is_shared_with_nobody(town: Town, headers: dict[str, str]) -> None:
    seen = await town.at_once(*[("/page", headers)] * 3, ("/page", {}))
    assert len(set(seen)) == 4


async def test_what_was_asked_besides_is_made_anew(town: Town) -> None:
    assert len(set(await town.at_once(("/page?q=1", {}), ("/page?q=1", {})))) == 2
