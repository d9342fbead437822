"""Another engine decides the same: policies in Cedar, generated from the declarations by this test's own reading of
what they mean, against what `govern` opens. ASVS 5.0 V8 (authorisation); OWASP API Security Top 10 2023, API1, API3.

Cedar knows no order, so a grant is a permission unless an earlier one fits the caller; that an attribute is closed by
one of its datasets is a prohibition. Which transfers the matrix of regimes allows, and who agreed, is said to it.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import cedarpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.app.regimes import matrix
from madang.govern.access import access
from madang.govern.caller import Caller
from madang.govern.consents import Consents
from madang.govern.opening import Terms, opening
from madang.govern.regimes import can_transfer, regime_of
from madang.model.consent import Consent
from madang.model.dataset import Dataset, Grant, Sensitivity
from madang.model.entity import Attribute, Entity

HOME, MATRIX = "KR", matrix()
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES, ROLES = ("a", "b", "c"), ("researcher", "doctor", "public", "operator", "service")
PURPOSES, COUNTRIES = ("research", "care", "signals"), ("", "KR", "JP", "IN", "DE")
MECHANISMS = ("", "separate_consent", "contract_with_disclosure", "nonsense")
KIM, LEE = "urn:x:Person:kim", "urn:x:Person:lee"


def some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


grants = st.builds(
    Grant,
    roles=st.lists(st.sampled_from(ROLES), unique=True, min_size=1, max_size=2).map(tuple),
    purposes=some(PURPOSES),
    attributes=some(NAMES),
    to=some(("JP", "IN", "DE")),
    mechanism=st.sampled_from(MECHANISMS),
)


@st.composite
def datasets(draw: st.DrawFn, id: str) -> Dataset:
    sensitivity = draw(st.sampled_from(list(Sensitivity)))
    personal = sensitivity in (Sensitivity.PERSONAL, Sensitivity.SPECIAL)
    return Dataset(
        id=id,
        title={"en": id},
        type="T",
        attributes=draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1).map(tuple)),
        owner="o",
        sensitivity=sensitivity,
        legal_basis=draw(st.sampled_from(("consent", "public-task"))) if personal else "public-task",
        purposes=draw(st.lists(st.sampled_from(PURPOSES), unique=True, min_size=1).map(tuple)),
        retention="P1Y",
        licence="l",
        subject="id" if personal else "",
        grants=tuple(draw(st.lists(grants, max_size=3))),
    )


@st.composite
def callers(draw: st.DrawFn) -> Caller:
    role = draw(st.sampled_from(("public", "member", "operator", "service")))
    roles = draw(some(("researcher", "doctor"))) if role == "member" else ()
    purpose = draw(st.sampled_from((*PURPOSES, "public-information")))
    name = purpose if role == "service" else "somebody"
    return Caller(
        name, role, purpose, "", roles, draw(st.sampled_from(COUNTRIES)), draw(st.sampled_from(("", KIM, LEE)))
    )


def written(values: Sequence[str]) -> str:
    return json.dumps(list(values))


def fits(grant: Grant, dataset: Dataset) -> str:
    """When a grant is for the caller and its purpose, in Cedar."""
    found = f"principal.held.containsAny({written(grant.roles)})"
    asked = grant.purposes or dataset.purposes
    always = "true" if grant.purposes or dataset.personal else 'principal.role == "service"'
    return f"({found} && (!({always}) || {written(asked)}.contains(principal.purpose)))"


def at_home(dataset: Dataset, grant: Grant | None) -> str:
    """When data may go to where the caller reads."""
    if dataset.sensitivity == Sensitivity.PUBLIC:
        return "true"
    near = f'principal.country == "" || principal.country == "{HOME}"'
    if grant is None:
        return f"({near})"
    far = f"{written(grant.to)}.contains(principal.country)"
    if dataset.personal:
        far += f' && context.transfers.contains("{dataset.sensitivity} {grant.mechanism}")'
    return f"({near} || ({far}))"


def by_default(dataset: Dataset) -> str:
    """Whom a dataset without grants is open to."""
    if dataset.sensitivity == Sensitivity.PUBLIC:
        others = "true"
    else:
        others = 'principal.role == "operator"'
        if dataset.personal:
            others += f" && {written(dataset.purposes)}.contains(principal.purpose)"
    mine = f"{written(dataset.purposes)}.contains(principal.name)"
    return f'if principal.role == "service" then {mine} else ({others})'


def policies(dataset: Dataset) -> list[str]:
    """The dataset's declaration in Cedar."""
    agreed = f'context.agreed.contains("{dataset.id}")' if dataset.legal_basis == "consent" else "true"
    mine = f'resource.datasets.contains("{dataset.id}")'
    said: list[str] = []
    if not dataset.grants:
        said.append(f"({by_default(dataset)}) && {at_home(dataset, None)}")
    before = "false"
    for grant in dataset.grants:
        names = written(grant.attributes or dataset.attributes)
        said.append(
            f"{fits(grant, dataset)} && !({before}) && {at_home(dataset, grant)} && {names}.contains(resource.name)"
        )
        before += f" || {fits(grant, dataset)}"
    opens = " || ".join(f"({one})" for one in said)
    return [
        f"permit(principal, action, resource) when {{ {mine} && ({opens}) && {agreed} }};",
        f"forbid(principal, action, resource) when {{ {mine} && !({opens}) }};",
        f"forbid(principal, action, resource) when {{ {mine} && !({agreed}) }};",
    ]


def decides(found: Sequence[Dataset], caller: Caller, name: str, agreed: Sequence[str]) -> bool:
    """What Cedar says: may the caller see the attribute of an entity that all these datasets declare the type of?"""
    there = regime_of(caller.country)
    transfers = [
        f"{sensitivity} {mechanism}"
        for sensitivity, category in (("personal", "personal"), ("special", "sensitive"))
        for mechanism in MECHANISMS
        if can_transfer(MATRIX, HOME, there, category=category, controller="public", basis=mechanism or None).allowed
    ]
    about = {
        "role": caller.role,
        "name": caller.name,
        "purpose": caller.purpose,
        "country": caller.country,
        "held": [caller.role, "public", *caller.roles],
    }
    listing = [one.id for one in found if name in one.attributes]
    entities = [
        {"uid": {"__entity": {"type": "Caller", "id": "c"}}, "attrs": about, "parents": []},
        {
            "uid": {"__entity": {"type": "Cell", "id": "x"}},
            "attrs": {"name": name, "datasets": listing},
            "parents": [],
        },
    ]
    request: dict[str, Any] = {
        "principal": 'Caller::"c"',
        "action": 'Action::"read"',
        "resource": 'Cell::"x"',
        "context": {"agreed": list(agreed), "transfers": transfers},
    }
    answer = cedarpy.is_authorized(request, "\n".join(rule for one in found for rule in policies(one)), entities)
    assert not answer.diagnostics.errors, answer.diagnostics.errors
    return answer.allowed


def consents(found: Sequence[Dataset], caller: Caller, who: Sequence[str]) -> Consents:
    register = Consents(lambda: NOW)
    for one in found:
        if one.id in who:
            register.put(
                Consent(
                    id=one.id, subject=KIM, datasets=(one.id,), purposes=(caller.purpose,), notice="n", language="en",
                    by=KIM, given_at=NOW,
                )
            )  # fmt: skip
    return register


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(datasets("one"), callers())
def test_a_dataset_opens_what_cedar_permits(dataset: Dataset, caller: Caller) -> None:
    found = opening(dataset, caller, Terms(HOME, MATRIX, b"secret", Consents(lambda: NOW)))
    for name in dataset.attributes:
        ours = found is not None and (found.attributes is None or name in found.attributes)
        assert ours == decides((dataset,), caller, name, ("one",)), (name, found)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(datasets("one"), datasets("two"), callers(), st.sampled_from(((), ("one",), ("two",), ("one", "two"))))
def test_an_entity_shows_what_cedar_permits(one: Dataset, two: Dataset, caller: Caller, who: Sequence[str]) -> None:
    """Of a type that two datasets declare, with consent given to some: masked as the hub masks it."""
    found = (one, two)
    terms = Terms(HOME, MATRIX, b"secret" * 6, consents(found, caller, who))
    agreed = [*who, *(each.id for each in found if caller.subject == KIM)]
    attributes = {name: (Attribute(value=1),) for name in NAMES if any(name in each.attributes for each in found)}
    entity = Entity(id=KIM, types=("T",), attributes=attributes)
    seen = access({"T": found}, caller, terms).mask(entity)
    closed = [each for each in found if opening(each, caller, terms) is not None and each.legal_basis == "consent"]
    whole = not any(each.id not in agreed for each in closed)
    for name in attributes:
        ours = seen is not None and name in seen.attributes
        theirs = whole and decides(found, caller, name, [each.id for each in found])
        assert ours == theirs, (name, seen)
