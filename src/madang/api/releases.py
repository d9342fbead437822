"""Releases of data: ``/releases``, ``/releases.atom``, ``/datasets/{dataset}/releases``; they are open to anybody."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.catalogue import address
from madang.api.docs import documented
from madang.api.file import serve, serve_file
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import ResourceNotFound
from madang.model.dataset import text_of
from madang.model.feed import MEDIA, atom
from madang.publish import feed
from madang.publish.archive import MANIFEST, Kept
from madang.publish.licence import licence
from madang.publish.releases import Releases

MOST: Final = 200
"""Releases in a list of all."""

LATEST: Final = "latest"

_EXAMPLE: Final = {
    "dataset": "air-quality",
    "version": 3,
    "made": "2026-03-01T08:00:00Z",
    "rows": 12,
    "files": [{"name": "air-quality.csv", "size": 1480, "sha256": "9f86d081…", "url": "…/3/air-quality.csv"}],
    "changes": {"since": 2, "added": 1, "removed": 0, "changed": 11},
    "manifestSha256": "60303ae2…",
    "entry": "release-4711",
}


@get("/releases", operation_class=documented("Releases", named=False, example={"releases": [_EXAMPLE]}))
async def list_releases(request: Call) -> Response[bytes]:
    """The newest releases of all datasets: what each is, its files with checksums, and what changed."""
    Arguments(request, ())
    return plain({"releases": [_told(request, one) for one in _newest(releases(request))]})


@get("/releases.atom", operation_class=documented("Releases", named=False, media=(MEDIA,)))
async def releases_feed(request: Call) -> Response[bytes]:
    """The newest releases as an Atom feed (RFC 4287)."""
    Arguments(request, ())
    here, name = address(request), text_of(rooms(request).city.name)
    found = feed.items(_newest(releases(request)), here)
    body = atom(f"{name}: releases of data", found, here=f"{here}/releases.atom", page=f"{here}/releases", author=name)
    return serve(request, body, media=f"{MEDIA}; charset=utf-8", headers={})


@get("/datasets/{dataset:str}/releases", operation_class=documented("Releases", named=False, example={"releases": []}))
async def list_releases_of(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """The releases of one dataset, the newest first, and how it is released by its declaration."""
    Arguments(request, ())
    found = releases(request)
    _, spec = found.dataset(dataset)
    told = [_told(request, one) for one in found.of(dataset)]
    return plain({"dataset": dataset, "declared": msgspec.to_builtins(spec), "releases": told})


@post(
    "/datasets/{dataset:str}/releases",
    status_code=201,
    operation_class=documented("Releases", named=False, answers=(201, 429)),
)
async def make_release(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """Release a dataset now; for operators. Nothing leaves that does not keep its declared guarantee."""
    Arguments(request, ())
    caller = writer(request)
    rooms(request).policy.check_caller(caller)
    kept = await releases(request).make(dataset, by=caller.name or caller.role)
    return plain(_told(request, kept), status=201)


@get(
    "/datasets/{dataset:str}/releases/{version:str}",
    operation_class=documented("Releases", named=False, example=_EXAMPLE),
)
async def retrieve_release(request: Call, dataset: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """One release in full: its files, its changes, its guarantee, and how it was made."""
    Arguments(request, ())
    return plain(_told(request, _one(releases(request), dataset, version), whole=True))


@get(
    "/datasets/{dataset:str}/releases/{version:str}/{file:str}",
    operation_class=documented("Releases", named=False, answers=(200, 206), media=("application/octet-stream",)),
)
async def download_release(
    request: Call, dataset: FromPath[str], version: FromPath[str], file: FromPath[str]
) -> Response[Any]:
    """A file of a release, whole or a range of it; its ETag is its SHA-256."""
    Arguments(request, ())
    found = releases(request)
    kept = _one(found, dataset, version)
    headers = {
        "Link": f'<{licence(kept.manifest.licence).url}>; rel="license"',
        **({"Cache-Control": "no-cache"} if version == LATEST else {}),
    }
    if file == MANIFEST:
        path = found.archive.manifest(kept)
        return serve_file(request, path, digest=kept.digest, media="application/json", headers=headers)
    one = next((each for each in kept.manifest.files if each.name == file), None)
    if one is None:
        names = ", ".join([*(each.name for each in kept.manifest.files), MANIFEST])
        raise ResourceNotFound(f"release {kept.manifest.version} of {dataset} has {names}")
    name = f"{dataset}-{kept.manifest.version}-{file}" if not file.startswith(dataset) else _versioned(kept, file)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    path = found.archive.path(kept, one)
    return serve_file(request, path, digest=one.sha256, media=one.media, headers=headers)


def releases(request: Call) -> Releases:
    """The city's releases. Raises ResourceNotFound where this hub makes none."""
    found = rooms(request).releases
    if found is None:
        raise ResourceNotFound("this hub keeps no releases")
    return found


def _newest(found: Releases) -> list[Kept]:
    """Of all datasets, the newest first."""
    everything = [(one.id, version) for one in found.declared() for version in found.archive.versions(one.id)[:MOST]]
    kept = [found.archive.one(*each) for each in everything]
    return sorted(kept, key=lambda one: one.manifest.made, reverse=True)[:MOST]


def _one(found: Releases, dataset: str, version: str) -> Kept:
    found.dataset(dataset)
    if version == LATEST:
        newest = found.archive.newest(dataset)
        if newest is None:
            raise ResourceNotFound(f"{dataset} has no release yet")
        return newest
    if not (version.isascii() and version.isdigit() and len(version) <= 9) or version.startswith("0"):
        raise ResourceNotFound(f"a release is a number from 1, or '{LATEST}'")
    return found.archive.one(dataset, int(version))


def _told(request: Call, kept: Kept, *, whole: bool = False) -> dict[str, Any]:
    """A release as answers tell it: its manifest with addresses, and what proves it."""
    made = kept.manifest
    here = f"{address(request)}/datasets/{made.dataset}/releases/{made.version}"
    body: dict[str, Any] = msgspec.to_builtins(made, builtin_types=())
    body["files"] = [
        {**file, **({"url": f"{here}/{file['name']}"} if kept.whole else {"retired": True})} for file in body["files"]
    ]
    if not whole:
        body = {name: value for name, value in body.items() if name not in ("how", "columns", "guarantee")}
        body["guarantee"] = made.guarantee and made.guarantee.get("kind")
    proof = {"manifestSha256": kept.digest, "entry": kept.entry, "proof": f"{address(request)}/ledger/proof"}
    return {"url": here, **body, "licenceUrl": licence(made.licence).url, "manifest": f"{here}/{MANIFEST}", **proof}


def _versioned(kept: Kept, file: str) -> str:
    """A file's name with its release in it: two downloads do not become one."""
    dataset = kept.manifest.dataset
    return f"{dataset}-{kept.manifest.version}{file.removeprefix(dataset)}"
