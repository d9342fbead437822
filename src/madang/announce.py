"""Says where a city that was just started can be seen, once it answers."""

import asyncio
import sys
import webbrowser

import httpx

from madang.settings import Settings

ASK_EVERY_S = 0.2


async def announce(name: str, settings: Settings, *, browser: bool) -> None:
    """Wait until the hub answers, print its addresses, and open a browser if wanted."""
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{shown}:{settings.port}"
    say(f"{name} is starting …")
    async with httpx.AsyncClient(base_url=address, timeout=2) as hub:
        while not await _live(hub):  # noqa: ASYNC110 another process answers: there is no event to wait for
            await asyncio.sleep(ASK_EVERY_S)
    say(f"{name} is running: {address}")
    say(f"its interface for programs: {address}/docs   its state: {settings.data}   stop it with Ctrl-C")
    if browser:
        await asyncio.to_thread(webbrowser.open, address)


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"madang: {line}\n")
    sys.stdout.flush()


async def _live(hub: httpx.AsyncClient) -> bool:
    try:
        return (await hub.get("/health")).is_success
    except httpx.HTTPError:
        return False
