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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the tests (``make test``). A file's tests stay together; those that start whole cities, the
    journeys and the house's, go one after another."""
    tests = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(tests)
        group = "cities" if place.parts[0] in ("journeys", "house") else str(place)
        item.add_marker(pytest.mark.xdist_group(group))
