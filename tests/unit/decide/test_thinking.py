"""A service's own process: answers, dies, is started again; too slow is killed."""

import os
import signal
from datetime import UTC, datetime

import pytest

from madang.decide.thinking import Inner, ServiceError, Worker
from madang.model.service import Service, View

EMPTY = View(at=datetime(2026, 5, 1, tzinfo=UTC), entities={})


async def test_a_worker_answers_as_the_service_does() -> None:
    worker = Worker("signals", timeout_s=10)
    try:
        assert (await worker.decide(EMPTY, {})).commands == ()
    finally:
        await worker.close()


async def test_a_killed_worker_fails_once_and_is_started_again() -> None:
    worker = Worker("signals", timeout_s=10)
    try:
        await worker.decide(EMPTY, {})
        first = worker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        with pytest.raises(ServiceError, match="process ended"):
            await worker.decide(EMPTY, {})
        await worker.decide(EMPTY, {})
        assert worker.pid not in (None, first)
    finally:
        await worker.close()


async def test_a_stopped_worker_is_given_up_in_time() -> None:
    worker = Worker("signals", timeout_s=0.2)
    try:
        await worker.decide(EMPTY, {})
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(ServiceError, match="no answer"):
            await worker.decide(EMPTY, {})
        assert worker.pid is None
    finally:
        await worker.close()


async def test_an_exception_of_the_service_is_its_failure(lamps: Service) -> None:
    view = View(at=EMPTY.at, entities={}, settings={})
    assert (await Inner(lamps).decide(view, {})).commands == ()


async def test_an_unknown_service_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    worker = Worker("none", timeout_s=10)
    with pytest.raises(ServiceError):
        await worker.decide(EMPTY, {})
    assert "no service 'none'" in capfd.readouterr().err
