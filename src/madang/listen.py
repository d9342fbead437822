"""Listens: the HTTP server of the hub, and one task beside it; both end with a signal."""

import asyncio
import contextlib
import hashlib
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from madang.api.wire import KEY
from madang.errors import InvalidRequest, Unavailable

PATIENCE_S = 3.0
"""How long a port in use is waited for: a predecessor that was killed needs a moment to be gone."""

ADVICE = "say another with --port (or stop what listens there)"


CERTIFICATE: Final = "madang.certificate"
"""The key of a request's scope that has the fingerprint (SHA-256, hex) of the client's certificate, where one was
shown that the city's authority signed."""


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """`certificate` and `key` are the server's (PEM); `clients` the authorities of clients' certificates, or None."""

    certificate: Path
    key: Path
    clients: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 at least. Raises InvalidRequest where a file cannot be used."""
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(self.certificate, self.key)
            if self.clients is not None:
                context.load_verify_locations(self.clients)
                # Browsers have none: who shows none is whoever it is otherwise.
                context.verify_mode = ssl.CERT_OPTIONAL
        except (OSError, ssl.SSLError) as problem:
            raise InvalidRequest(f"TLS: {self.certificate}, {self.key} or {self.clients}: {problem}") from problem
        return context


CLEAR: Final = 32_768
"""Bytes that may wait to be written to a connection while its reader is still said to keep up."""


class Wired(HttpToolsProtocol):
    """HTTP, with the connection itself in each request's scope (`api/wire`)."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[KEY] = self  # type: ignore[literal-required]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.scope:
            # They would hold each other until the collector comes.
            self.scope.pop(KEY, None)  # type: ignore[misc]

    def is_clear(self) -> bool:
        """As `Wire`."""
        answer = self.cycle
        under_way = answer.response_started and not answer.response_complete and bool(answer.chunked_encoding)
        return under_way and not self.transport.is_closing() and self.transport.get_write_buffer_size() < CLEAR

    def push(self, frame: bytes) -> None:
        """As `Wire`."""
        self.transport.write(frame)


class _Shown(Wired):
    """HTTP over TLS, with the fingerprint of the client's certificate in each request's scope."""

    _certificate = ""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self._certificate = hashlib.sha256(shown).hexdigest() if shown else ""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._certificate:
            self.scope[CERTIFICATE] = self._certificate  # type: ignore[literal-required]


class _Server(uvicorn.Server):
    """Ends, and leaves its process to whoever has more to close."""

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self._leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        with super().capture_signals():
            yield
            # It would raise the signal again, and that would end the process before the store is closed.
            self._captured_signals = [one for one in self._captured_signals if one != signal.SIGTERM]


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a server to its end, on the quickest event loop that this system has."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


async def listen(
    app: Any,
    host: str,
    port: int,
    *,
    beside: Callable[[], Coroutine[Any, Any, None]] | None,
    tls: Tls | None = None,
    leaving: Callable[[], None] = lambda: None,
) -> None:
    """Serve the application until INT or TERM, `beside` running with it; `leaving` is called first when it ends: it
    ends the answers that have no end of their own. Raises Unavailable when the port is taken, or what `beside` raises:
    without it the server ends; InvalidRequest as `Tls`."""
    context = tls.context() if tls is not None else None
    listener = await _bind(host, port)
    config = uvicorn.Config(
        app,
        http=Wired if context is None else _Shown,
        ssl_context_factory=None if context is None else lambda config, default: context,
        ws="none",
        lifespan="on",
        access_log=False,
        # Who was passed on by a proxy is nobody's word but the proxy's: see `api/caller`.
        proxy_headers=False,
        server_header=False,
        log_config=None,
        # Whoever reads slowly does not hold up a stop.
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, leaving)
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
