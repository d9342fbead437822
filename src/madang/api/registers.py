"""The city's registers of algorithms and of data, made of what is declared and of what ran; nobody writes them by hand.

Services: the fields of the UK's Algorithmic Transparency Recording Standard (ATRS, its two tiers) and of the Eurocities
Algorithmic Transparency Standard. Datasets: the questions of DTPR (Digital Trust for Places and Routines). What the
declarations do not say is named in `not_stated`, and not made up.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from litestar import Response, get

from madang.api.accounts import made
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import mandate_of
from madang.api.rooms import Rooms, rooms
from madang.decide import registry
from madang.errors import BadRequestData
from madang.model.city import Committee, Disclosure, ServiceSpec
from madang.model.dataset import Dataset, Sensitivity
from madang.model.service import Service

_documented = partial(documented, "Registers", named=False)
_KINDS: Final = ("decision", "outcome", "resolution", "override", "objection")
_SERVICE: Final = {"name": "signals", "version": "0.2.0", "ran": {"decision": 4711}, "atrs": {"tier_1": {"name": "…"}}}
_DATASET: Final = {"id": "air-quality", "dtpr": {"purpose": ["air-alerts"], "accountable": "environment-bureau"}}


@get("/registers/services", operation_class=_documented(example={"services": [_SERVICE]}))
async def register_of_services(request: Call) -> Response[bytes]:
    """The register of the city's services: what each does, on which data, by whose leave, and how often it decided."""
    Arguments(request, ())
    here = rooms(request)
    found = [await _service(here, name, spec) for name, spec in here.city.services.items()]
    return plain({**await made(here), "services": found})


@get("/registers/datasets", operation_class=_documented(example={"datasets": [_DATASET]}))
async def register_of_datasets(request: Call) -> Response[bytes]:
    """The register of the city's data: what is sensed, why, by whom, who may see it, and for how long it is kept."""
    Arguments(request, ())
    here = rooms(request)
    services = [service for name in here.city.services if (service := _load(name)) is not None]
    found = [_dataset(dataset, services) for dataset in here.city.datasets]
    return plain({**await made(here), "datasets": found})


async def _service(here: Rooms, name: str, spec: ServiceSpec) -> dict[str, Any]:
    service = _load(name)
    if service is None:
        return {"name": name, "status": "not installed"}
    ran = {kind: await here.account.count(kind, name) for kind in _KINDS}
    newest = await here.account.find("decision", service=name, limit=1)
    mandate = mandate_of(here, name, spec)
    committee = _committee(here, spec)
    data = _data(here.city.datasets, service)
    body = {
        "name": name,
        "version": service.version,
        "title": service.title,
        "enabled": spec.enabled,
        "mandate": mandate,
        "settings": {**service.settings, **spec.settings},
        "ran": ran,
        "last_decision": newest[0].at if newest else None,
    }
    said = spec.disclosure
    contact = said.contact or (committee.contact if committee else "") or None
    atrs = _atrs(here, service, said, data, ran)
    atrs["tier_1"]["contact_email"] = contact
    atrs["tier_2"] |= {"team": dict(committee.title) if committee else None, "phase": _phase(spec, mandate)}
    eurocities = {**_eurocities(here, service, committee, data, mandate), "contact": contact}
    eurocities["non_discrimination"] = dict(said.non_discrimination) or None
    return {**body, "atrs": atrs, "eurocities": eurocities, "not_stated": _gaps(atrs, eurocities)}


def _atrs(
    here: Rooms, service: Service, said: Disclosure, data: Sequence[Mapping[str, Any]], ran: Mapping[str, int]
) -> dict[str, Any]:
    """ATRS, as far as the declarations and the city's disclosure go; None is not stated."""
    return {
        "tier_1": {
            "name": service.title,
            "description": _describe(service),
            "website_url": said.website or None,
        },
        "tier_2": {
            "organisation_or_department": here.city.name.get("en"),
            "senior_responsible_owner": said.owner or None,
            "third_party_involvement": dict(said.third_parties) or None,
            "how_your_tool_works": _describe(service),
            "benefits": dict(said.benefits) or [f"{kpi.title} ({kpi.unit})" for kpi in service.kpis] or None,
            "previous_process": "the target's own plan, which is the fallback",
            "alternatives_considered": dict(said.alternatives) or [one.name for one in service.baselines] or None,
            "frequency_and_scale_of_usage": f"every {service.every_s:g} s; {ran['decision']} decisions on record",
            "human_decisions_and_review": "a committee approves, suspends or revokes it; operators override commands",
            "appeals_and_review": "POST /decisions/{id}/objections, answered within a declared time",
            "system_architecture": "a pure function of a governed view; each command is on record before it is sent",
            "source_data": list(data),
            "impact_assessments": dict(said.impact_assessments) or None,
            "risks_and_mitigations": dict(said.risks)
            or [guard.__name__.replace("_", " ") for guard in service.guards]
            or None,
        },
    }


def _phase(spec: ServiceSpec, mandate: Mapping[str, Any]) -> str:
    if not spec.enabled:
        return "switched off"
    return "in operation" if mandate["allowed"] else "suspended, or without a mandate: its fallback runs"


def _eurocities(
    here: Rooms,
    service: Service,
    committee: Committee | None,
    data: Sequence[Mapping[str, Any]],
    mandate: Mapping[str, Any],
) -> dict[str, Any]:
    """The Eurocities standard's fields, as far as the declarations go; None is not stated."""
    return {
        "name": service.title,
        "department": dict(committee.title) if committee else None,
        "short_description": _describe(service),
        "status": "in use" if mandate["allowed"] else f"not in use: {mandate['why']}",
        "datasets": [one["id"] for one in data],
        "data_processing": f"reads {', '.join(read.type for read in service.reads)}; keeps what each command rested on",
        "human_oversight": "committee, override, objections; a guard's refusal cannot be overruled by the service",
        "risk_management": f"{len(service.guards)} guards; without a mandate or when it fails, the fallback",
        "jurisdiction": here.city.jurisdiction,
    }


def _dataset(dataset: Dataset, services: Sequence[Service]) -> dict[str, Any]:
    """DTPR's questions; None is not stated."""
    used = sorted(service.name for service in services if any(read.type == dataset.type for read in service.reads))
    personal = dataset.sensitivity in (Sensitivity.PERSONAL, Sensitivity.SPECIAL)
    answers: dict[str, Any] = {
        "purpose": list(dataset.purposes),
        "accountable": dataset.owner,
        "technology": dict(dataset.technology) or None,
        "data_type": {name: dataset.units.get(name, "") for name in dataset.attributes} or "any attribute",
        "identifies_people": personal,
        "processing": used,
        "access": "anybody" if dataset.sensitivity == Sensitivity.PUBLIC else "those whom the declaration grants it",
        "storage": {"retention": dataset.retention, "history": list(dataset.history)},
        "rights": "access, rectification, erasure, objection" if personal else "no person is described",
    }
    return {
        "id": dataset.id,
        "type": dataset.type,
        "title": dict(dataset.title),
        "description": dict(dataset.description),
        "legal_basis": dataset.legal_basis,
        "sensitivity": str(dataset.sensitivity),
        "licence": dataset.licence,
        "dtpr": answers,
        "not_stated": _gaps(answers),
    }


def _describe(service: Service) -> str:
    writes = ", ".join(service.writes) or "nothing in the field"
    return f"{service.title}. It acts on {writes} and publishes {', '.join(service.publishes) or 'nothing'}."


def _data(datasets: Sequence[Dataset], service: Service) -> list[dict[str, Any]]:
    types = {read.type for read in service.reads}
    return [
        {"id": one.id, "title": one.title.get("en", ""), "sensitivity": str(one.sensitivity), "owner": one.owner}
        for one in datasets
        if one.type in types
    ]


def _committee(here: Rooms, spec: ServiceSpec) -> Committee | None:
    return here.city.committees.get(spec.mandate.committee) if spec.mandate is not None else None


def _load(name: str) -> Service | None:
    try:
        return registry.load(name)
    except BadRequestData:
        return None


def _gaps(*parts: Mapping[str, Any]) -> list[str]:
    """The names of what is None, once each."""
    found: list[str] = []
    for part in parts:
        for name, value in part.items():
            if value is None:
                found.append(name)
            elif isinstance(value, dict) and name.startswith("tier"):
                found += [key for key, inner in value.items() if inner is None]  # pyright: ignore[reportUnknownVariableType]
    return list(dict.fromkeys(found))
