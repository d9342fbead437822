"""Where a service thinks: in this process (an evaluation, a replay) or in a worker process (a running city)."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from madang.errors import MadangError
from madang.model.service import Command, Decision, Expected, Memory, Service, View

FRAME = 4
"""Bytes of a frame's length, big endian."""


class ServiceError(MadangError):
    """The service gave no answer: it raised, died, or thought for too long."""

    title = "Service failed"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a service is asked: to decide on a view with its memory, or (`targets` given) for its fallback, or what its
    model expects of everything that may be done with one target (`expect`)."""

    view: View
    memory: Mapping[str, Any] = {}
    targets: tuple[str, ...] | None = None
    expect: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answers; `failed` says why there is no answer."""

    decision: Decision | None = None
    expected: Expected | None = None
    failed: str | None = None


class Mind(Protocol):
    """Something that a service thinks in."""

    async def decide(self, view: View, memory: Memory) -> Decision:
        """The service's decision. Raises ServiceError."""
        ...

    async def close(self) -> None:
        """Stop thinking."""
        ...


def think(service: Service, question: Question) -> Reply:
    """Ask the service; an exception of its code becomes a reply that says so."""
    try:
        if question.targets is not None:
            commands = service.fallback(question.view, question.targets)
            return Reply(decision=Decision(commands=tuple(commands), memory=question.memory))
        if question.expect is not None:
            if service.expect is None:
                return Reply(failed=f"{service.name} has no model to ask")
            return Reply(expected=service.expect(question.view, question.memory, question.expect))
        return Reply(decision=service.decide(question.view, question.memory))
    except Exception as error:  # noqa: BLE001 a third party's code must not stop the city: its failure is an answer
        return Reply(failed=f"{type(error).__name__}: {error}")


START_S = 180.0
"""How long a worker may take to load its service."""


class Inner:
    """Thinks in this process: for an evaluation, where a run is a process of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        if service.prepare is not None:
            service.prepare()

    async def decide(self, view: View, memory: Memory) -> Decision:
        reply = think(self._service, Question(view=view, memory=memory))
        if reply.decision is None:
            raise ServiceError(str(reply.failed))
        return reply.decision

    async def close(self) -> None:
        """Nothing to stop."""


class Worker:
    """Thinks in a process of its own that is started when needed, killed when it takes too long, and started again.

    The worker keeps nothing between questions: memory goes with each one, so that a death loses nothing.
    """

    def __init__(self, name: str, *, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._decoder = msgspec.msgpack.Decoder(Reply)
        self._encoder = msgspec.msgpack.Encoder()

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def decide(self, view: View, memory: Memory) -> Decision:
        reply = await self._ask(Question(view=view, memory=memory))
        if reply.decision is None:
            raise ServiceError(str(reply.failed))
        return reply.decision

    async def expect(self, view: View, memory: Memory, target: str) -> Expected:
        """What the service's model expects. Raises ServiceError."""
        reply = await self._ask(Question(view=view, memory=memory, expect=target))
        if reply.expected is None:
            raise ServiceError(str(reply.failed))
        return reply.expected

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, question: Question) -> Reply:
        try:
            process = await self._running()
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(process, self._encoder.encode(question))
        except TimeoutError as error:
            await self.close()
            raise ServiceError(f"no answer within {self._timeout_s} s") from error
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError) as error:
            await self.close()
            raise ServiceError("its process ended") from error

    async def _exchange(self, process: asyncio.subprocess.Process, question: bytes) -> Reply:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(len(question).to_bytes(FRAME) + question)
        await process.stdin.drain()
        size = int.from_bytes(await process.stdout.readexactly(FRAME))
        return self._decoder.decode(await process.stdout.readexactly(size))

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is not None:
            # It died between two questions: that is said, and the city falls back, before it is started again.
            raise ConnectionError
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "madang.decide.worker", self._name, stdin=-1, stdout=-1
            )
            # Loading its code is not thinking: the first question may not time out because of a cold start. A service
            # that compiles itself then takes half a minute of a core, and meanwhile the city runs its plan.
            async with asyncio.timeout(START_S):
                assert self._process.stdout is not None
                await self._process.stdout.readexactly(FRAME)
        return self._process


def fallback(service: Service, view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """The service's fallback commands; none where the fallback itself fails (then the leases end by themselves)."""
    reply = think(service, Question(view=view, targets=tuple(targets)))
    return () if reply.decision is None else reply.decision.commands
