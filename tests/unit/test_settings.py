"""Settings: defaults, the environment, and a value that cannot be."""

from pathlib import Path

import pytest

from madang.errors import InvalidRequest
from madang.settings import Settings, from_environment, service_required


def test_without_an_environment_the_defaults_hold() -> None:
    assert from_environment({}) == Settings()


def test_the_environment_overrides() -> None:
    found = from_environment({"MADANG_PORT": "9000", "MADANG_DATA": "/x", "MADANG_PRIVATE_CONTEXTS": "true"})
    assert (found.port, found.data, found.private_contexts) == (9000, Path("/x"), True)


def test_a_wrong_value_is_named() -> None:
    with pytest.raises(InvalidRequest, match="port"):
        from_environment({"MADANG_PORT": "high"})


def test_services_are_required_only_when_told() -> None:
    assert service_required({"MADANG_REQUIRE_SERVICES": "1"})
    assert not service_required({})
