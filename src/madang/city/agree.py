"""What the files of a city must agree on: services with what is installed, with datasets and with committees."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from madang.city.document import Document
from madang.city.finding import Finding, Path, Severity, suggestion
from madang.city.rules import expired, mandate
from madang.decide import registry
from madang.errors import BadRequestData, MadangError
from madang.model.city import Committee, Mandate, ServiceSpec
from madang.model.dataset import Dataset
from madang.model.service import Read, Service, View

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read of a city. A part is None where a file of it has mistakes: then nothing is held against it."""

    services: Mapping[str, ServiceSpec] | None
    committees: Mapping[str, Committee] | None
    datasets: Sequence[Dataset] | None


def services(document: Document, parts: Parts, today: date) -> Iterator[Finding]:
    """Findings about each service of services.toml."""
    for name, spec in (parts.services or {}).items():
        if spec.mandate is not None:
            yield from _mandate(document, name, spec.mandate, parts.committees, today)
        elif spec.enabled:
            yield _finding(document, (name,), "has no mandate: its fallback runs", severity="warning")
        yield from _installed(document, name, spec, parts.datasets)


def _mandate(
    document: Document, name: str, given: Mandate, committees: Mapping[str, Committee] | None, today: date
) -> Iterator[Finding]:
    path: Path = (name, "mandate")
    if committees is not None and given.committee not in committees:
        hint = suggestion(given.committee, list(committees)) or "declare it in committees.toml"
        yield _finding(document, (*path, "committee"), f"unknown committee {given.committee!r}", hint=hint)
    mistakes = list(mandate(given))
    for below, message, hint in mistakes:
        yield _finding(document, (*path, *below), message, hint=hint)
    if not mistakes and (why := expired(given, today)):
        yield _finding(document, (*path, "until"), why, severity="warning")


def _installed(
    document: Document, name: str, spec: ServiceSpec, datasets: Sequence[Dataset] | None
) -> Iterator[Finding]:
    known = registry.names()
    if name not in known:
        hint = suggestion(name, known) or f"no package offers one (entry points of group {registry.GROUP})"
        yield _finding(document, (name,), f"no service {name!r} is installed", hint=hint)
        return
    try:
        service = registry.load(name)
    except (ImportError, AttributeError, BadRequestData) as error:
        yield _finding(
            document, (name,), f"the service {name!r} cannot be loaded: {error}", hint="reinstall its package"
        )
        return
    yield from _settings(document, service, spec)
    if spec.enabled and datasets is not None:
        for read in service.reads:
            yield from _readable(document, service, read, datasets)
        for type in (*service.writes, *service.publishes):
            if not any(d.type in (type, "*") for d in datasets):
                yield _finding(
                    document, (name,), f"writes {type}, which no dataset declares", hint="add one to datasets/"
                )


def _settings(document: Document, service: Service, spec: ServiceSpec) -> Iterator[Finding]:
    """A service's settings are known to it, and it can decide with them: it is pure, so it decides on nothing here."""
    unknown = [key for key in spec.settings if key not in service.settings]
    for key in unknown:
        hint = suggestion(key, list(service.settings))
        yield _finding(document, (service.name, "settings", key), f"{service.name} has no setting {key!r}", hint=hint)
    if unknown:
        return
    try:
        view = View(at=_SOME_DAY, entities={}, settings={**service.settings, **spec.settings})
        service.decide(view, {})
    except MadangError as error:
        yield _finding(document, (service.name, "settings"), error.detail)


def _readable(document: Document, service: Service, read: Read, datasets: Sequence[Dataset]) -> Iterator[Finding]:
    """A dataset declares what the service reads, for the purpose of that service."""
    declared = [d for d in datasets if d.type == read.type] or [d for d in datasets if d.type == "*"]
    path: Path = (service.name,)
    if read.optional and not any(d.type == read.type for d in datasets):
        return
    if not declared:
        yield _finding(document, path, f"reads {read.type}, which no dataset declares", hint="add one to datasets/")
        return
    open_to = [d for d in declared if service.name in d.purposes]
    if not open_to:
        hint = f"add {service.name!r} to the purposes of datasets/{declared[0].id}.toml"
        yield _finding(document, path, f"reads {read.type}, which is not declared for that purpose", hint=hint)
        return
    for attribute in read.attributes:
        if not any(attribute in d.attributes or not d.attributes for d in open_to):
            hint = f"add it to the attributes of datasets/{open_to[0].id}.toml"
            yield _finding(document, path, f"reads {read.type}.{attribute}, which no dataset declares", hint=hint)


def _finding(document: Document, path: Path, message: str, *, hint: str = "", severity: Severity = "error") -> Finding:
    message = f"{path[0]} {message}" if message.startswith(("reads ", "writes ", "has no mandate")) else message
    return Finding(file=document.name, line=document.line(path), message=message, hint=hint, severity=severity)
