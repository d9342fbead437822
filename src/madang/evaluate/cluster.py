"""Runs on the machines of a Dask cluster: each in a fresh process there, as here (libsumo: one simulation a process).

A worker needs the same Madang with the extras `streets` and `cluster`; another version is refused, because its figures
would be another program's. The city's folder travels with each run. Whoever reaches a scheduler can run anything on its
workers: that is how Dask works, so keep it within a network that you trust.
"""

import importlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from madang.errors import BadRequestData, MissingExtra
from madang.evaluate.pool import LAST_WORDS, Line, RunError
from madang.evaluate.provenance import code_hash
from madang.evaluate.run import Job, Run

GREETING_S: Final = 10
LARGEST_CITY: Final = 200_000_000
"""Bytes of a city's folder that travel."""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is given: the job, its city's folder as a zip archive, and the hash of the code that asks."""

    job: Job
    city: bytes
    code: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a worker gives back: the run, or why there is none."""

    run: Run | None = None
    failed: str = ""


def scheduler(text: str) -> str:
    """The scheduler's address for Dask: ``dask://host:port`` -> ``tcp://host:port``. Raises BadRequestData."""
    try:
        parts = urlsplit(text)
        if parts.scheme == "dask" and parts.hostname and parts.port and not parts.path.strip("/"):
            return f"tcp://{parts.netloc}"
    except ValueError:
        pass
    raise BadRequestData(
        f"'{text}' is no cluster: write dask://host:port of its scheduler, such as dask://10.0.0.5:8786"
    )


def check(on: str) -> None:
    """Whether runs can go there at all, before anything is begun. Raises MissingExtra and BadRequestData."""
    _load()
    scheduler(on)


async def run_all(jobs: Sequence[Job], *, on: str, heard: Callable[[Job, float], None]) -> list[Run]:
    """Run every job on the cluster whose scheduler is at `on` (``dask://…``); `heard` is told of each that is done.

    Raises MissingExtra, BadRequestData for no address or too large a city, and RunError: no scheduler, no worker, or a
    run that failed, the first of them.
    """
    distributed, address = _load(), scheduler(on)
    folders = {city: _packed(Path(city)) for city in dict.fromkeys(job.city for job in jobs)}
    code = code_hash()
    try:
        client = await distributed.Client(address, asynchronous=True, timeout=GREETING_S)
    except (OSError, TimeoutError) as error:
        raise RunError(f"no Dask scheduler answers at {on}: start one with `dask scheduler` ({error})") from error
    try:
        await _wait_for_workers(client, on)
        parcels = [msgspec.msgpack.encode(Parcel(job=job, city=folders[job.city], code=code)) for job in jobs]
        futures = [client.submit(carry_out, parcel, pure=False, retries=0) for parcel in parcels]
        return await _gathered(distributed, futures, jobs, heard)
    finally:
        # What still waits is taken back; a run under way ends by itself.
        await client.close()


async def _wait_for_workers(client: Any, on: str) -> None:
    try:
        await client.wait_for_workers(1, timeout=GREETING_S)
    except TimeoutError as error:
        raise RunError(f"the cluster at {on} has no workers: start some with `dask worker {scheduler(on)}`") from error


async def _gathered(
    distributed: Any, futures: Sequence[Any], jobs: Sequence[Job], heard: Callable[[Job, float], None]
) -> list[Run]:
    places = {future.key: place for place, future in enumerate(futures)}
    runs: list[Run | None] = [None] * len(jobs)
    async for future, answer in distributed.as_completed(futures, with_results=True, raise_errors=False):
        place = places[future.key]
        job = jobs[place]
        if future.status != "finished":
            raise RunError(f"{job.variant.name} with seed {job.seed} was lost by the cluster: {answer}")
        found = msgspec.msgpack.decode(answer, type=Answer)
        if found.run is None:
            raise RunError(f"{job.variant.name} with seed {job.seed}: {found.failed}")
        runs[place] = msgspec.structs.replace(found.run, job=job)
        heard(job, job.hours * 3600)
    return [run for run in runs if run is not None]


def carry_out(parcel: bytes) -> bytes:
    """On a worker: unpack the city, run the job in a process of its own, and answer."""
    given = msgspec.msgpack.decode(parcel, type=Parcel)
    return msgspec.msgpack.encode(_carry_out(given))


def _carry_out(given: Parcel) -> Answer:
    if given.code != code_hash():
        return Answer(failed="the worker has another version of Madang: install the same one everywhere")
    with tempfile.TemporaryDirectory(prefix="madang-city-") as folder:
        # The folder's name is the city's id.
        city = Path(folder) / Path(given.job.city).name
        with zipfile.ZipFile(io.BytesIO(given.city)) as archive:
            archive.extractall(city)
        job = msgspec.json.encode(msgspec.structs.replace(given.job, city=str(city)))
        done = subprocess.run([sys.executable, "-m", "madang", "run"], input=job, capture_output=True, check=False)
    for text in reversed(done.stdout.splitlines()):
        try:
            line = msgspec.json.decode(text, type=Line)
        except msgspec.MsgspecError:
            continue  # what a library prints is not ours to parse
        if line.run is not None:
            return Answer(run=line.run)
    last = done.stderr[-LAST_WORDS:].decode(errors="replace").strip()
    return Answer(failed=f"ended with code {done.returncode}: {last or 'it said nothing'}")


def _packed(folder: Path) -> bytes:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    if (size := sum(file.stat().st_size for file in files)) > LARGEST_CITY:
        raise BadRequestData(
            f"the folder {folder} has {size / 1e6:,.0f} MB, and at most {LARGEST_CITY / 1e6:,.0f} MB travel: keep what "
            "the city needs in it, and nothing else"
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(folder))
    return packed.getvalue()


def _load() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as missing:
        raise MissingExtra("cluster", "An evaluation on a Dask cluster") from missing
