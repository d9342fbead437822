"""The source of a world in another process: listens on a Unix socket and yields what the world reports.

The newest world is the one that counts: a connection replaces the one before it. Each is greeted with empty Orders
whose `at` is the last time heard from a world. Nothing that a world sends, and no way
in which it ends, raises out of `observations`: a bad frame closes the connection, is logged and counted.
"""

import asyncio
import logging
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from madang.errors import BadRequestData, MadangError, Unavailable
from madang.model.frames import Frames, encode
from madang.model.world import Hello, Message, Orders, Tick

log = logging.getLogger(__name__)

WAITING_MESSAGES = 8
"""Read ahead of the city; a world whose messages wait longer is held back by its socket."""
WAITING_BYTES = 2**20
"""Orders that a world may leave unread before it is taken for dead."""
NEVER = datetime.fromtimestamp(0, UTC)
"""The greeting of a city that has not heard of any world yet."""
LONGEST_PATH = 100
"""Of a Unix socket; the kernel's bound is 107 bytes."""


class WorldSource:
    """One world's messages. `connected` says whether a world is on the line, `refused` how many bad streams came."""

    def __init__(self, socket: Path) -> None:
        """`socket` is where to listen. Raises BadRequestData where the kernel does not take such a path."""
        if len(str(socket).encode()) > LONGEST_PATH:
            raise BadRequestData(f"the socket's path is longer than {LONGEST_PATH} bytes: {socket}; give a shorter one")
        self.refused = 0
        self._socket = socket
        self._messages: asyncio.Queue[Hello | Tick] = asyncio.Queue(WAITING_MESSAGES)
        self._writer: asyncio.StreamWriter | None = None
        self._moving: set[str] = set()
        self._at: datetime | None = None

    @property
    def connected(self) -> bool:
        """Whether a world is on the line now."""
        return self._writer is not None

    async def observations(self) -> AsyncIterator[Hello | Tick]:
        """Messages as they come, for ever. When a world goes, a last Tick of its time names the vehicles that are gone.

        Raises Unavailable where the socket cannot be listened on.
        """
        server = await self._listen()
        try:
            while True:
                yield await self._messages.get()
        finally:
            server.close()
            self._hang_up()
            self._socket.unlink(missing_ok=True)

    def send(self, orders: Orders) -> bool:
        """Send orders to the world on the line; whether there is one."""
        writer = self._writer
        if writer is None or writer.is_closing():
            return False
        writer.write(encode(orders))
        if writer.transport.get_write_buffer_size() > WAITING_BYTES:
            log.warning("the world does not read its orders: its connection is closed")
            writer.close()
            return False
        return True

    async def _listen(self) -> asyncio.Server:
        try:
            # Left by a hub that was killed; anything else at that path is not ours to delete.
            if self._socket.exists() and stat.S_ISSOCK(self._socket.stat().st_mode):
                self._socket.unlink()
            server = await asyncio.start_unix_server(self._serve, self._socket)
            self._socket.chmod(0o600)
        except OSError as error:
            raise Unavailable(f"cannot listen for a world at {self._socket}: {error}") from error
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._hang_up()
        self._writer = writer
        log.info("a world is on the line")
        # The greeting: a world that starts again goes on from the city's time, which never goes back.
        writer.write(encode(Orders(at=self._at or NEVER)))
        try:
            await self._read(reader)
        except MadangError as error:
            self.refused += 1
            log.warning("the world's stream is refused and closed: %s", error.detail)
        except OSError as error:
            log.warning("the world's line broke: %s", error)
        except asyncio.CancelledError:
            # The hub ends. Not raised again: asyncio logs a cancelled connection as an error.
            self._moving.clear()
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None
                log.info("the world has gone")
                await self._gone()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        frames = Frames()
        while data := await reader.read(2**18):
            for message in frames.feed(data):
                await self._messages.put(self._heard(message))

    def _heard(self, message: Message) -> Hello | Tick:
        if isinstance(message, Orders):
            raise BadRequestData("a world does not send orders")
        self._at = message.at
        self._moving.update(entity.id for entity in message.entities if "Vehicle" in entity.types)
        if isinstance(message, Tick):
            self._moving.difference_update(message.gone)
        return message

    async def _gone(self) -> None:
        """The vehicles of a world that is gone are nowhere."""
        if self._at is not None and self._moving:
            moving, self._moving = tuple(sorted(self._moving)), set[str]()
            await self._messages.put(Tick(at=self._at, entities=(), gone=moving))

    def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
