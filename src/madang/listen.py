"""Listens: the HTTP server of the hub, and one task beside it; both end with a signal."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn

from madang.errors import Unavailable

PATIENCE_S = 3.0
"""How long a port in use is waited for: a predecessor that was killed needs a moment to be gone."""

ADVICE = "say another with --port (or stop what listens there)"


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a server to its end, on the quickest event loop that this system has."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


async def listen(app: Any, host: str, port: int, *, beside: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
    """Serve the application until INT or TERM, `beside` running with it. Raises Unavailable when the port is taken, or
    what `beside` raises: without it the server ends."""
    listener = await _bind(host, port)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        # Who was passed on by a proxy is nobody's word but the proxy's: see `api/caller`.
        proxy_headers=False,
        server_header=False,
        log_config=None,
        # A page listens to events for as long as it is open: a stop does not wait for it.
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    companion = asyncio.create_task(beside()) if beside is not None else None
    try:
        both = [serving] if companion is None else [serving, companion]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        if companion is not None and companion.done():
            companion.result()
    finally:
        if companion is not None:
            companion.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await companion


async def check_port(host: str, port: int) -> None:
    """Somebody could listen there now. Raises Unavailable."""
    (await _bind(host, port)).close()


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
        return int(found.getsockname()[1])


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _bind(host: str, port: int) -> socket.socket:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            found = socket.socket(family, kind, protocol)
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            found.listen(2048)
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror or error}; {ADVICE}") from error
            await asyncio.sleep(0.1)
        else:
            found.setblocking(False)
            return found
