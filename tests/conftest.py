"""What every test may ask for: the repository's root, and whether a missing server fails or skips."""

from pathlib import Path

import pytest

from madang.settings import service_required


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def require_services() -> bool:
    """CI sets MADANG_REQUIRE_SERVICES=1: then what a test needs and does not find fails it."""
    return service_required()
