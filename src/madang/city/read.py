"""Read a city's folder: every file, every mistake, one answer."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path as File
from typing import Any, TypeVar, cast

import msgspec

from madang.city import agree, participation, reports, rules
from madang.city.committees import committee, seats
from madang.city.districts import districts as read_districts
from madang.city.document import Document, parse
from madang.city.field import field as field_mistakes
from madang.city.finding import Finding, Path, Severity, render
from madang.city.shape import Report, shape
from madang.clock import WallClock
from madang.errors import CityInvalid
from madang.model.city import City, Committee, ServiceSpec
from madang.model.dataset import Dataset
from madang.model.district import Districts
from madang.model.field import FieldSpec
from madang.model.proposal import Participation
from madang.model.report import ReportKind
from madang.model.transit import Transit

T = TypeVar("T", bound=msgspec.Struct)


def read(folder: File | str, *, today: date | None = None, scenarios: Sequence[str] | None = None) -> City:
    """The city that the folder describes. Warnings do not stop it.

    `today` is the day that mandates are held against (default: the wall's, UTC); `scenarios` the names that a world
    may give (default: any). Raises CityInvalid with ``members["findings"]``, a list of Finding: all mistakes at once.
    """
    city, findings = check(folder, today=today, scenarios=scenarios)
    if city is None:
        raise CityInvalid(f"{folder} is not a city that can run:\n{render(findings)}", findings=findings)
    return city


def check(
    folder: File | str, *, today: date | None = None, scenarios: Sequence[str] | None = None
) -> tuple[City | None, list[Finding]]:
    """The city, or None where it has errors, and all findings, warnings included. Arguments as in `read`."""
    folder = File(folder)
    if not folder.is_dir():
        message = "is a file, not a city's folder" if folder.exists() else "there is no such folder"
        return None, [Finding(file=str(folder), line=0, message=message, hint="'madang init FOLDER' writes a city")]
    if not any(folder.iterdir()):
        return None, [Finding(file=str(folder), line=0, message="is empty", hint="'madang init FOLDER' writes a city")]
    reader = _Reader(folder)
    city = reader.city(today or WallClock().now().date(), scenarios)
    failed = any(finding.severity == "error" for finding in reader.findings)
    return None if failed else city, reader.findings


class _Reader:
    """One reading of a folder; `findings` grows as it goes."""

    def __init__(self, folder: File) -> None:
        self.folder = folder
        self.findings: list[Finding] = []

    def city(self, today: date, scenarios: Sequence[str] | None) -> City | None:
        services_file = self._document("services.toml")
        services = self._table(services_file, ServiceSpec)
        committees_file = self._document("committees.toml")
        committees = self._table(committees_file, Committee)
        for name, body in (committees or {}).items():
            if committees_file is not None:
                self._report_all(committees_file, committee(name, body))
        if committees_file is not None:
            self._report_all(committees_file, seats(committees or {}))
        datasets = self._datasets()
        if services_file is not None:
            parts = agree.Parts(services=services, committees=committees, datasets=datasets)
            self.findings.extend(agree.services(services_file, parts, today))
        document = self._document("city.toml")
        districts = self._districts()
        field = self._field(simulated=document is not None and "world" in document.table)
        if document is None:
            return None
        given = {
            "id": self.folder.resolve().name,
            "folder": self.folder,
            "datasets": tuple(datasets or ()),
            "services": services or {},
            "committees": committees or {},
            "field": field,
            "reports": self._reports(datasets, districts) or {},
            "participation": self._participation(datasets, committees),
            "transit": self._transit(),
            "sources": self._sources(),
            "districts": districts,
        }
        city = self._shape(City, document, document.table, (), given)
        if city is not None and city.world is not None:
            self._report_all(document, rules.world(city.world, self.folder, scenarios))
        return city

    def _document(self, name: str) -> Document | None:
        found = parse(self.folder / name, name=str(self.folder / name))
        if isinstance(found, Finding):
            self.findings.append(found)
            return None
        return found

    def _shape(
        self, cls: type[T], document: Document, table: Any, prefix: Path, given: Mapping[str, Any] | None = None
    ) -> T | None:
        return shape(cls, table, report=self._report(document, prefix), rules=rules.RULES, given=given)

    def _table(self, document: Document | None, cls: type[T]) -> dict[str, T] | None:
        """A file that is a table of named things. None where one of them has mistakes."""
        if document is None:
            return None
        made = {name: self._shape(cls, document, table, (name,)) for name, table in document.table.items()}
        whole = {name: value for name, value in made.items() if value is not None}
        return whole if len(whole) == len(made) else None

    def _field(self, *, simulated: bool) -> FieldSpec | None:
        """The controllers of a city that has some; most cities of this text are simulated and have no such file."""
        if not (self.folder / "field.toml").exists():
            return None
        document = self._document("field.toml")
        if document is None:
            return None
        found = self._shape(FieldSpec, document, document.table, ())
        if found is not None:
            self._report_all(document, field_mistakes(found, simulated=simulated))
        return found

    def _reports(self, datasets: list[Dataset] | None, districts: Districts | None) -> dict[str, ReportKind] | None:
        """What residents may report, in a city that lets them."""
        if not (self.folder / "reports.toml").exists():
            return {}
        document = self._document("reports.toml")
        if document is not None:
            self._report_all(document, reports.declared(datasets))
        kinds = self._table(document, ReportKind)
        if document is not None:
            self._report_all(document, reports.routed(kinds, districts))
        return kinds

    def _districts(self) -> Districts | None:
        """The districts of a city that says who lives where."""
        found = read_districts(self.folder)
        if isinstance(found, Finding):
            self.findings.append(found)
            return None
        return found

    def _sources(self) -> dict[str, Mapping[str, Any]]:
        """The settings of third parties' sources, by name; each source looks at its own when it is opened."""
        document = self._document("sources.toml") if (self.folder / "sources.toml").exists() else None
        found: dict[str, Mapping[str, Any]] = {}
        for name, table in (document.table if document is not None else {}).items():
            if isinstance(table, dict):
                found[name] = cast(dict[str, Any], table)
            elif document is not None:
                self._report_all(document, [((name,), f"{name!r} is no table", f"[{name}] and its settings below")])
        return found

    def _transit(self) -> Transit | None:
        """The feeds of a city whose buses are told of by GTFS Realtime."""
        document = self._document("transit.toml") if (self.folder / "transit.toml").exists() else None
        found = self._shape(Transit, document, document.table, ()) if document is not None else None
        if document is not None and found is not None:
            self._report_all(document, rules.transit(found, self.folder))
        return found

    def _participation(
        self, datasets: list[Dataset] | None, committees: Mapping[str, Committee] | None
    ) -> Participation | None:
        """What residents may propose, in a city that lets them."""
        if not (self.folder / "participation.toml").exists():
            return None
        document = self._document("participation.toml")
        found = self._shape(Participation, document, document.table, ()) if document is not None else None
        if document is not None and found is not None:
            self._report_all(document, participation.agrees(found, datasets, committees))
        return found

    def _datasets(self) -> list[Dataset] | None:
        """The folder's datasets, or None where one has mistakes."""
        files = sorted((self.folder / "datasets").glob("*.toml"))
        if not files:
            name = str(self.folder / "datasets")
            self.findings.append(
                Finding(file=name, line=0, message="has no dataset", hint="nothing may enter without one")
            )
        made = [self._dataset(file) for file in files]
        whole = [dataset for dataset in made if dataset is not None]
        return whole if len(whole) == len(made) and files else None

    def _dataset(self, file: File) -> Dataset | None:
        document = self._document(f"datasets/{file.name}")
        if document is None:
            return None
        found = self._shape(Dataset, document, document.table, (), {"id": file.stem})
        if found is not None:
            self._report_all(document, rules.dataset(found))
            self._report_all(document, rules.units(found), severity="warning")
        return found

    def _report(self, document: Document, prefix: Path) -> Report:
        def report(path: Path, message: str, hint: str) -> None:
            line = document.line((*prefix, *path))
            self.findings.append(Finding(file=document.name, line=line, message=message, hint=hint))

        return report

    def _report_all(self, document: Document, mistakes: rules.Mistakes, *, severity: Severity = "error") -> None:
        for path, message, hint in mistakes:
            finding = Finding(
                file=document.name, line=document.line(path), message=message, hint=hint, severity=severity
            )
            self.findings.append(finding)
