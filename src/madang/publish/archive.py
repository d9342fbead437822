"""Releases on disk: a folder a release, written beside its place and then put there whole, and not changed any more.

<folder>/<dataset>/<version>/manifest.json   what it is: files, checksums, changes, how it was made
<folder>/<dataset>/<version>/entry           the ledger's entry that accounts for it
<folder>/<dataset>/<version>/<file>
"""

import hashlib
import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from madang.errors import ResourceNotFound, Unavailable

MANIFEST: Final = "manifest.json"
_ENTRY: Final = "entry"
_BLOCK: Final = 1 << 20


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release; `size` in bytes, `sha256` in hex. `format` is ``changes`` or ``citation`` where it is no
    form of the data."""

    name: str
    format: str
    media: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A release. `made` is the wall's time, `as_of` the city's. `changes` are against the release `previous` (0: there
    is none before). `how` traces what it was made of and how."""

    dataset: str
    version: int
    made: datetime
    as_of: datetime
    title: dict[str, str]
    licence: str
    citation: str
    rows: int
    columns: tuple[dict[str, str], ...]
    files: tuple[File, ...]
    previous: int
    changes: dict[str, Any]
    how: dict[str, Any]
    guarantee: dict[str, Any] | None = None

    def file(self, form: str) -> File | None:
        """The file of that format."""
        return next((one for one in self.files if one.format == form), None)


class Kept(msgspec.Struct, frozen=True):
    """A release that is kept: `digest` is the SHA-256 of its manifest, which the ledger's `entry` names; `whole` while
    its files are there."""

    manifest: Manifest
    digest: str
    entry: str
    whole: bool


class Archive:
    """The releases in a folder; made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, int], Kept] = {}

    def versions(self, dataset: str) -> list[int]:
        """The versions of the dataset's releases, the newest first."""
        folder = self.folder / dataset
        if not folder.is_dir():
            return []
        return sorted((int(one.name) for one in folder.iterdir() if one.name.isdigit()), reverse=True)

    def one(self, dataset: str, version: int) -> Kept:
        """Raises ResourceNotFound, Unavailable for one that cannot be read."""
        known = self._known.get((dataset, version))
        if known is None:
            known = self._known[dataset, version] = self._read(dataset, version)
        return known

    def newest(self, dataset: str) -> Kept | None:
        """The newest release, or None."""
        found = self.versions(dataset)
        return self.one(dataset, found[0]) if found else None

    def path(self, kept: Kept, file: File) -> Path:
        """Where the file is. Raises ResourceNotFound where it is not kept any more."""
        found = self._place(kept.manifest.dataset, kept.manifest.version) / file.name
        if not found.is_file():
            raise ResourceNotFound(f"the files of release {kept.manifest.version} are not kept any more")
        return found

    def manifest(self, kept: Kept) -> Path:
        """Where its manifest is."""
        return self.place(kept) / MANIFEST

    def begin(self, dataset: str) -> Path:
        """A new folder to write a release's files into."""
        made = self.folder / dataset / f".{secrets.token_hex(6)}"
        made.mkdir(parents=True)
        return made

    def keep(self, made: Path, manifest: Manifest, body: bytes, entry: str) -> Kept:
        """Put the folder `made` in its place, with its manifest's bytes and its entry of the ledger."""
        (made / MANIFEST).write_bytes(body)
        (made / _ENTRY).write_text(entry)
        made.rename(self._place(manifest.dataset, manifest.version))
        return self.one(manifest.dataset, manifest.version)

    def give_up(self, made: Path) -> None:
        """What was written does not become a release."""
        shutil.rmtree(made, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what an earlier process left half written."""
        for left in self.folder.glob("*/.*"):
            shutil.rmtree(left, ignore_errors=True)

    def retire(self, kept: Kept) -> None:
        """Delete the files of a release; its manifest stays."""
        place = self._place(kept.manifest.dataset, kept.manifest.version)
        for file in kept.manifest.files:
            (place / file.name).unlink(missing_ok=True)
        self._known.pop((kept.manifest.dataset, kept.manifest.version), None)

    def place(self, kept: Kept) -> Path:
        """The folder of a release."""
        return self._place(kept.manifest.dataset, kept.manifest.version)

    def _place(self, dataset: str, version: int) -> Path:
        return self.folder / dataset / str(version)

    def _read(self, dataset: str, version: int) -> Kept:
        place = self._place(dataset, version)
        try:
            body = (place / MANIFEST).read_bytes()
            manifest = msgspec.json.decode(body, type=Manifest)
            entry = (place / _ENTRY).read_text().strip()
        except FileNotFoundError:
            raise ResourceNotFound(f"{dataset} has no release {version}") from None
        except (OSError, msgspec.DecodeError) as problem:
            raise Unavailable(f"release {version} of {dataset} cannot be read: {problem}") from problem
        whole = all((place / file.name).is_file() for file in manifest.files)
        return Kept(manifest, hashlib.sha256(body).hexdigest(), entry, whole)


def described(folder: Path, names: Sequence[tuple[str, str, str]]) -> tuple[File, ...]:
    """The files of these names, formats and media types, with their sizes and checksums."""
    return tuple(
        File(name=name, format=form, media=media, size=(folder / name).stat().st_size, sha256=checksum(folder / name))
        for name, form, media in names
    )


def checksum(file: Path) -> str:
    """SHA-256, hex."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
