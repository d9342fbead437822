"""Hashes and checks passwords with Argon2id, in threads: a check takes a tenth of a second and 64 MiB, on purpose."""

import asyncio
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from madang.errors import Unavailable
from madang.govern.identity.person import LONGEST

_AT_ONCE: Final = 2
_WAITING: Final = 20
# RFC 9106, 4: the second recommended choice (64 MiB, three passes), in one lane: the machine has other work.
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


class Passwords:
    """Checks some at once; who finds too many waiting is told to come again."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether the hash is the password's; for None (nobody of that name) no, after the same time. Raises
        Unavailable."""
        if self._waiting >= _WAITING:
            raise Unavailable("too many sign in at this moment; try again in some seconds")
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(_fits, kept, password[: LONGEST + 1])
        finally:
            self._waiting -= 1


def _fits(kept: str | None, password: str) -> bool:
    other = _nobody()
    try:
        return _HASHER.verify(other if kept is None else kept, password) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to spend the time on where there is none."""
    return _HASHER.hash("nobody's")
