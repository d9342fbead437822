"""Runs on a real Dask cluster on this machine: the same figures as here, and clear words where it cannot be."""

import importlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from madang.errors import BadRequestData, MissingExtra
from madang.evaluate import cluster, pool
from madang.evaluate.cluster import Answer, Parcel, carry_out, scheduler
from madang.evaluate.pool import RunError
from madang.evaluate.run import FIXED, Job, Variant

CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster in processes of its own."""
    program = tmp_path_factory.mktemp("cluster") / "cluster.py"
    program.write_text(CLUSTER)
    with subprocess.Popen([sys.executable, str(program)], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip().replace("tcp://", "dask://")
        process.stdin.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city") / "town"
    subprocess.run([sys.executable, "-m", "madang", "init", str(folder)], check=True, capture_output=True)
    return folder


def job(folder: Path, variant: Variant = FIXED, *, seed: int = 1) -> Job:
    return Job(city=str(folder), variant=variant, seed=seed, hours=0.01, drain_s=30)


async def test_a_run_there_is_a_run_here(running: str, town: Path) -> None:
    jobs = [job(town), job(town, Variant(name="actuated", actuated=True), seed=2)]
    done: list[tuple[str, float]] = []
    there = await cluster.run_all(jobs, on=running, heard=lambda job, at_s: done.append((job.variant.name, at_s)))
    [here] = await pool.run_all(jobs[1:], at_once=1, heard=lambda *_: None)
    assert [run.job for run in there] == jobs
    assert there[1].results == here.results
    assert there[0].results != here.results
    assert sorted(done) == [("actuated", 36), ("fixed", 36)]


async def test_a_run_that_fails_there_says_why(running: str, tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text("nonsense")
    with pytest.raises(RunError, match=r"(?s)fixed with seed 1: ended with code .*city\.toml"):
        await cluster.run_all([job(tmp_path)], on=running, heard=lambda *_: None)


async def test_no_scheduler_is_said_with_what_to_do(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "GREETING_S", 0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"dask://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RunError, match="dask scheduler"):
        await cluster.run_all([job(town)], on=address, heard=lambda *_: None)


def test_another_version_refuses(town: Path) -> None:
    parcel = Parcel(job=job(town), city=b"", code="another")
    answer = msgspec.msgpack.decode(carry_out(msgspec.msgpack.encode(parcel)), type=Answer)
    assert answer.run is None and "another version of Madang" in answer.failed


async def test_too_large_a_city_does_not_travel(town: Path, running: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LARGEST_CITY", 10)
    with pytest.raises(BadRequestData, match="at most"):
        await cluster.run_all([job(town)], on=running, heard=lambda *_: None)


async def test_without_the_extra_it_is_named(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtra, match="extra 'cluster'"):
        await cluster.run_all([job(town)], on="dask://127.0.0.1:1", heard=lambda *_: None)


def test_the_address_is_read() -> None:
    assert scheduler("dask://10.0.0.5:8786") == "tcp://10.0.0.5:8786"
    assert scheduler("dask://[::1]:8786") == "tcp://[::1]:8786"
    for wrong in ("10.0.0.5:8786", "dask://10.0.0.5", "dask://:8786", "http://h:1", "dask://h:x", "dask://h:1/x"):
        with pytest.raises(BadRequestData, match="dask://host:port"):
            scheduler(wrong)
