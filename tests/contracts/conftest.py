"""What the contract tests make on the PostgreSQL server goes with them."""

from collections.abc import Iterator

import pytest

from .stores import sweep


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    yield
    sweep()
