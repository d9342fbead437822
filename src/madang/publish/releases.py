"""The releases of a city's datasets: made, kept, accounted for in the ledger, and let go when their time is over."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

import madang
from madang.account.budgets import Budgets
from madang.account.ledger import Account, Note
from madang.clock import Clock
from madang.errors import MadangError, ResourceNotFound
from madang.govern.statement import policy_hash
from madang.hub import Hub
from madang.model import time as times
from madang.model.city import City
from madang.model.dataset import Dataset
from madang.model.release import ReleaseSpec
from madang.publish import changes, parquet
from madang.publish.archive import Archive, Kept, Manifest, described
from madang.publish.citation import NAME, citation_file, sentence
from madang.publish.former import check_former
from madang.publish.material import SPOOL, Material, anonymous, plain
from madang.publish.moving import mobile
from madang.publish.noisy import private
from madang.publish.sheet import Sheet, write_csv, write_geojson, write_ndjson

KIND: Final = "release"
"""Of the ledger's entries."""

ROWS: Final = "ndjson"
"""Always among the files: what changed, and what a guarantee keeps, is read from it."""

CHANGES: Final = "changes.ndjson"

_NDJSON: Final = "application/x-ndjson"
MEDIA: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    ROWS: _NDJSON,
    "parquet": parquet.MEDIA,
}
_WRITE: Final[Mapping[str, Callable[[Sheet, Path], None]]] = {
    "csv": write_csv,
    "geojson": write_geojson,
    ROWS: write_ndjson,
    "parquet": parquet.write_parquet,
}


class Releases:
    """Makes releases one at a time. `now` is the wall's time, `clock` the city's."""

    def __init__(
        self,
        hub: Hub,
        account: Account,
        budgets: Budgets,
        archive: Archive,
        city: City,
        *,
        clock: Clock,
        now: Callable[[], datetime],
    ) -> None:
        self.archive = archive
        self._hub, self._account, self._budgets, self._city = hub, account, budgets, city
        self._clock, self._now = clock, now
        self._making = asyncio.Lock()
        self._tried: dict[str, datetime] = {}

    def declared(self) -> list[Dataset]:
        """The datasets that declare a release, by id."""
        found = (one for one in self._hub.policy.datasets if one.release is not None)
        return sorted(found, key=lambda one: one.id)

    def dataset(self, id: str) -> tuple[Dataset, ReleaseSpec]:
        """The dataset with that id, which declares a release. Raises ResourceNotFound."""
        for one in self.declared():
            if one.id == id and one.release is not None:
                return one, one.release
        raise ResourceNotFound(f"no dataset '{id[:80]}' is released; GET /releases lists those that are")

    def of(self, id: str) -> list[Kept]:
        """Its releases, the newest first. Raises ResourceNotFound."""
        self.dataset(id)
        return [self.archive.one(id, version) for version in self.archive.versions(id)]

    def newest(self) -> list[Kept]:
        """The newest release of each dataset that has one."""
        found = [self.archive.newest(one.id) for one in self.declared()]
        return [kept for kept in found if kept is not None]

    async def make(self, id: str, *, by: str) -> Kept:
        """Make a release now, for `by`, who asked. Durable and in the ledger when it returns.

        Raises ResourceNotFound, Forbidden, MissingExtra, BudgetSpent, and BadRequestData where the guarantee does not
        hold: then nothing is released, and the ledger says why.
        """
        dataset, spec = self.dataset(id)
        if "parquet" in spec.formats:
            parquet.check()
        async with self._making:
            folder = self.archive.begin(id)
            try:
                return await self._made(dataset, spec, folder, by)
            except MadangError as error:
                body = {"act": "refused", "dataset": id, "by": by, "why": error.detail}
                await self._account.add([Note(kind=KIND, target=id, at=self._clock.now(), body=body)])
                raise
            finally:
                self.archive.give_up(folder)

    def due(self) -> list[str]:
        """The datasets whose next release is due by what they declare. Each is named once in its time, made or not."""
        now, found = self._now(), list[str]()
        for dataset in self.declared():
            every = dataset.release.every if dataset.release is not None else ""
            if not every:
                continue
            newest = self.archive.newest(dataset.id)
            last = max(filter(None, (newest and newest.manifest.made, self._tried.get(dataset.id))), default=None)
            if last is None or times.duration(every).after(last) <= now:
                self._tried[dataset.id] = now
                found.append(dataset.id)
        return found

    async def retire(self) -> list[tuple[str, int]]:
        """Let go of the files whose time is over, the newest release's never; which releases those were."""
        gone: list[tuple[str, int]] = []
        for dataset in self.declared():
            keep = dataset.release.keep if dataset.release is not None else ""
            before = times.duration(keep).before(self._now()) if keep else None
            for version in self.archive.versions(dataset.id)[1:] if before is not None else ():
                kept = self.archive.one(dataset.id, version)
                if kept.whole and before is not None and kept.manifest.made < before:
                    body = {"act": "retired", "dataset": dataset.id, "version": version, "keep": keep}
                    await self._account.add([Note(kind=KIND, target=dataset.id, at=self._clock.now(), body=body)])
                    self.archive.retire(kept)
                    gone.append((dataset.id, version))
        return gone

    async def _made(self, dataset: Dataset, spec: ReleaseSpec, folder: Path, by: str) -> Kept:
        material = await self._material(dataset, spec, folder)
        forms = [form for form in MEDIA if form in spec.formats or form == ROWS]
        await asyncio.to_thread(_write, material.sheet, folder, dataset.id, forms)
        gate = material.gate
        rows = folder / f"{dataset.id}.{ROWS}"
        kept = await asyncio.to_thread(gate, rows) if gate is not None else None
        if spec.anonymity is not None and material.guarantee is not None:
            asked = material.guarantee["asked"]
            held = await asyncio.to_thread(check_former, self.archive, dataset.id, rows, asked, ROWS)
            kept = {**(kept or {}), "heldAgainst": held}
        newest = self.archive.newest(dataset.id)
        version = 1 + max(newest.manifest.version if newest else 0, await self._known(dataset.id))
        made = self._now()
        (folder / NAME).write_bytes(citation_file(self._city, dataset, version, made))
        told = await asyncio.to_thread(self._changes, material, newest, rows, folder / CHANGES)
        (folder / SPOOL).unlink(missing_ok=True)
        names = [(f"{dataset.id}.{form}", form, MEDIA[form]) for form in forms]
        names += [(CHANGES, "changes", _NDJSON)] if told["since"] else []
        manifest = Manifest(
            dataset=dataset.id,
            version=version,
            made=made,
            as_of=self._clock.now(),
            title=dict(dataset.title),
            licence=dataset.licence,
            citation=sentence(self._city, dataset, version, made),
            rows=material.rows,
            columns=_columns(material.sheet),
            files=described(folder, [*names, (NAME, "citation", "application/yaml")]),
            previous=newest.manifest.version if newest else 0,
            changes=told,
            how=self._how(dataset, spec, material, by),
            guarantee={**material.guarantee, "kept": kept} if material.guarantee is not None else None,
        )
        return await self._keep(folder, manifest)

    async def _material(self, dataset: Dataset, spec: ReleaseSpec, folder: Path) -> Material:
        if spec.anonymity is not None:
            return await anonymous(self._hub, dataset, spec, spec.anonymity, folder)
        if spec.privacy is not None:
            return await private(self._hub, self._budgets, dataset, spec, spec.privacy)
        if spec.mobility is not None:
            now = self._clock.now()
            return await mobile(self._hub, self._budgets, dataset, spec, spec.mobility, now)
        return await plain(self._hub, dataset, folder)

    def _changes(self, material: Material, newest: Kept | None, rows: Path, out: Path) -> dict[str, Any]:
        """Against the newest release; rows without names cannot be told apart, and are not to be."""
        if newest is None:
            return {**changes.NO_RELEASE}
        columns = changes.columns(newest.manifest.columns, _columns(material.sheet))
        before = newest.manifest.file(ROWS)
        if material.guarantee is not None or newest.manifest.guarantee is not None or not newest.whole or not before:
            return {**changes.NO_RELEASE, "columns": columns}
        counts = changes.compare(self.archive.path(newest, before), rows, out)
        return {"since": newest.manifest.version, **counts, "columns": columns}

    def _how(self, dataset: Dataset, spec: ReleaseSpec, material: Material, by: str) -> dict[str, Any]:
        """The trace: of what, read as whom, by which declaration, made by which code."""
        declared = msgspec.json.encode(msgspec.to_builtins(dataset), order="sorted")
        kinds = {"anonymity": spec.anonymity, "privacy": spec.privacy, "mobility": spec.mobility}
        return {
            "query": {"type": dataset.type, "attributes": list(dataset.attributes)},
            "readAs": material.read,
            "transforms": [name for name, asked in kinds.items() if asked is not None],
            "release": msgspec.to_builtins(spec),
            "declarationSha256": hashlib.sha256(declared).hexdigest(),
            "policySha256": policy_hash(self._hub.policy.datasets),
            "madang": madang.__version__,
            "by": by,
        }

    async def _keep(self, folder: Path, manifest: Manifest) -> Kept:
        """First the ledger, then the place: there is no release that is not accounted for."""
        body = msgspec.json.format(msgspec.json.encode(manifest))
        note = {
            "act": "made",
            "dataset": manifest.dataset,
            "version": manifest.version,
            "manifestSha256": hashlib.sha256(body).hexdigest(),
            "files": {file.name: file.sha256 for file in manifest.files},
            "guarantee": manifest.guarantee and manifest.guarantee.get("kind"),
            "by": manifest.how["by"],
        }
        at = self._clock.now()
        (entry,) = await self._account.add([Note(kind=KIND, target=manifest.dataset, at=at, body=note)])
        return self.archive.keep(folder, manifest, body, entry.id)

    async def _known(self, id: str) -> int:
        """The number of the last release that the ledger has, also where its files are lost."""
        for entry in await self._account.find(KIND, target=id, limit=100):
            body: dict[str, Any] = msgspec.json.decode(entry.body) if entry.body else {}
            if body.get("act") == "made":
                return int(body["version"])
        return 0


def _write(sheet: Sheet, folder: Path, name: str, forms: Sequence[str]) -> None:
    for form in forms:
        _WRITE[form](sheet, folder / f"{name}.{form}")


def _columns(sheet: Sheet) -> tuple[dict[str, str], ...]:
    """The columns as a manifest tells them."""
    return tuple(
        {"name": one.name, "type": one.type, **({"unit": one.unit} if one.unit else {})} for one in sheet.columns
    )
