"""Runs many jobs at once, each in a process of its own, as many as there are cores, with progress.

A run's process is ``madang run`` with the job on standard input; it answers with lines of JSON: progress, then the run.
One that dies takes no other with it: the error names the job and shows its last words.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence

import msgspec

from madang.errors import MadangError
from madang.evaluate.run import Job, Run

LONGEST_LINE = 2**28
"""Bytes: a run with what a report draws is megabytes long."""
LAST_WORDS = 2000
"""Bytes of a failed run's standard error that its error shows."""


class RunError(MadangError):
    """A run did not end well."""

    title = "Run failed"


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a run's process: how far it is, or what came of it."""

    simulated_s: float | None = None
    run: Run | None = None


async def run_all(jobs: Sequence[Job], *, at_once: int, heard: Callable[[Job, float], None]) -> list[Run]:
    """Run every job, at most `at_once` at a time; `heard` is told a job's simulated seconds. Raises RunError."""
    free = asyncio.Semaphore(at_once)

    async def one(job: Job) -> Run:
        async with free:
            return await _run(job, heard)

    tasks = [asyncio.create_task(one(job)) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        # The first failure is the answer; the runs that are still under way are ended, not waited for.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run(job: Job, heard: Callable[[Job, float], None]) -> Run:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "madang", "run", stdin=-1, stdout=-1, stderr=-1, limit=LONGEST_LINE
    )
    try:
        words = asyncio.create_task(_read(process.stderr))
        _give(process, job)
        found = await _listen(process, job, heard)
        code = await process.wait()
        last = (await words)[-LAST_WORDS:].decode(errors="replace").strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if found is None:
        raise RunError(f"{job.variant.name} with seed {job.seed} ended with code {code}: {last or 'it said nothing'}")
    return found


def _give(process: asyncio.subprocess.Process, job: Job) -> None:
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(job))
    process.stdin.close()


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None
    return await stream.read()


async def _listen(process: asyncio.subprocess.Process, job: Job, heard: Callable[[Job, float], None]) -> Run | None:
    assert process.stdout is not None
    found: Run | None = None
    async for text in process.stdout:
        try:
            line = msgspec.json.decode(text, type=Line)
        except msgspec.MsgspecError:
            continue  # what a library prints is not ours to parse
        found = line.run or found
        if line.simulated_s is not None:
            heard(job, line.simulated_s)
    return found
