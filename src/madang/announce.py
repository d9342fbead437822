"""Says where a city that was just started can be seen, once it answers."""

import asyncio
import sys
import webbrowser

import httpx

from madang.settings import Settings

ASK_EVERY_S = 0.2


async def announce(name: str, settings: Settings, *, link: str, browser: bool) -> None:
    """Wait until the hub answers, print its addresses and the operator's `link`, and open a browser there if wanted."""
    address = settings.here
    say(f"{name} is starting …")
    # Whether it lives is asked, and nothing told: its certificate may have another name than this machine's.
    async with httpx.AsyncClient(base_url=address, timeout=2, verify=False) as hub:
        while not await _live(hub):  # noqa: ASYNC110 another process answers: there is no event to wait for
            await asyncio.sleep(ASK_EVERY_S)
    say(f"{name} is running: {address}")
    say(f"its interface for programs: {address}/docs   its state: {settings.data}   stop it with Ctrl-C")
    say(f"to act as its operator, open within 15 minutes, once: {link}")
    if browser:
        await asyncio.to_thread(webbrowser.open, link)


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"madang: {line}\n")
    sys.stdout.flush()


async def _live(hub: httpx.AsyncClient) -> bool:
    try:
        return (await hub.get("/health")).is_success
    except httpx.HTTPError:
        return False
