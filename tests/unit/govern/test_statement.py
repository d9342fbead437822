"""The statement of a read: what the declarations decided, and the article it stands on in the city's law."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from madang.app.regimes import matrix
from madang.govern import PUBLIC
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.govern.statement import policy_hash, statement
from madang.model.dataset import Dataset, Grant, Sensitivity

AIR = Dataset(
    id="air",
    title={"en": "Air"},
    type="AirQualityObserved",
    attributes=("no2", "station", "location"),
    owner="city",
    sensitivity=Sensitivity.PUBLIC,
    legal_basis="public-task",
    purposes=("public-information",),
    retention="P1Y",
    licence="CC0-1.0",
)
FILES = replace(AIR, id="files", type="CaseFile", sensitivity=Sensitivity.INTERNAL, legal_basis="vital-interests")


def terms(jurisdiction: str) -> Terms:
    return Terms(jurisdiction, matrix(), b"s" * 32, Consents(lambda: datetime(2026, 5, 1, tzinfo=UTC)))


def told(*datasets: Dataset, jurisdiction: str = "DE-BY", types: tuple[str, ...] = ()) -> dict[str, Any]:
    return statement(datasets, PUBLIC, terms(jurisdiction), types)


@pytest.mark.parametrize(
    ("jurisdiction", "regime", "article"),
    [("DE-BY", "EU", "Art 6(1)(e)"), ("KR-30", "KR", "Art 15(1)"), ("XX", "XX", "")],
)
def test_the_article_is_that_of_the_citys_law(jurisdiction: str, regime: str, article: str) -> None:
    basis = told(AIR, jurisdiction=jurisdiction)["datasets"][0]["basis"]
    assert (basis["regime"], basis["article"]) == (regime, article)
    assert (basis["certainty"] == "U") == (jurisdiction == "XX")


def test_a_basis_that_the_law_does_not_list_is_unsure() -> None:
    basis = told(AIR, jurisdiction="IN")["datasets"][0]["basis"]
    assert (basis["regime"], basis["certainty"]) == ("IN", "U")


def test_open_closed_and_in_part() -> None:
    grant = Grant(roles=("public",), attributes=("no2", "location"), transform={"location": "grid 500 m"})
    part = replace(AIR, grants=(grant,))
    assert told(AIR)["decision"] == "allowed" and told(FILES)["decision"] == "denied"
    both = told(AIR, FILES)
    assert (both["decision"], both["withheld"]) == ("partly", {"datasets": 1, "attributes": 3})
    (found,) = told(part)["datasets"]
    assert (found["decision"], found["withheld"], list(found["transforms"])) == ("partly", ["station"], ["location"])
    assert told(AIR, FILES, types=("AirQualityObserved",))["decision"] == "allowed"
    assert told(AIR, types=("Unheard",))["decision"] == "denied"


def test_the_hash_is_of_the_declarations() -> None:
    assert policy_hash((AIR, FILES)) == policy_hash((FILES, AIR))
    assert policy_hash((AIR,)) != policy_hash((replace(AIR, retention="P2Y"),))
