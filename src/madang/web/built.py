"""The built interface on disk: which script and style a page loads, and the files themselves."""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

DIST = Path(__file__).parent / "dist"
_SCRIPT = "src/main.tsx"
_STYLE = "src/page.css"
_OTHERS = ("slide", "draft")
_FONTS = ("ko",)
_ICON = "src/icon.svg"
_WORKER = "src/draft/worker.ts"


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this host of what a page loads; all are None where the interface was never built. `others` are the
    small scripts of single pages, by their folder in ``frontend/src``; `fonts` the sheets that one language needs more
    than the others."""

    script: str | None = None
    styles: tuple[str, ...] = ()
    others: Mapping[str, str | None] = {}
    fonts: Mapping[str, str] = {}
    icon: str | None = None
    worker: str | None = None
    """What keeps the form of reports for when there is no network."""


def read(dist: Path = DIST) -> Built:
    """What ``npm run build`` left, by its manifest; an empty `Built` where it never ran."""
    manifest = dist / ".vite" / "manifest.json"
    if not manifest.is_file():
        return Built(others=dict.fromkeys(_OTHERS))
    chunks = msgspec.json.decode(manifest.read_bytes(), type=dict[str, dict[str, Any]])
    script, style, icon = (chunks.get(name, {}).get("file") for name in (_SCRIPT, _STYLE, _ICON))
    styles: list[str] = [*([style] if style else []), *chunks.get(_SCRIPT, {}).get("css", [])]
    return Built(
        script=f"/{script}" if script else None,
        styles=tuple(f"/{file}" for file in styles),
        icon=f"/{icon}" if icon else None,
        others={name: _address(chunks, f"src/{name}/main.ts") for name in _OTHERS},
        worker=_address(chunks, _WORKER),
        fonts={tag: address for tag in _FONTS if (address := _address(chunks, f"src/fonts/{tag}.css")) is not None},
    )


def _address(chunks: Mapping[str, Mapping[str, Any]], source: str) -> str | None:
    file = chunks.get(source, {}).get("file")
    return f"/{file}" if file else None


def packed(path: Path) -> bytes:
    """The file's content compressed (gzip); made once, until the file is another."""
    return _packed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _packed(path: Path, _written_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


def asset(path: str, dist: Path = DIST) -> Path | None:
    """The file of ``/assets/{path}``, or None: nothing outside of the folder, whatever the path says."""
    root = (dist / "assets").resolve()
    try:
        found = (root / path.lstrip("/")).resolve()
        return found if found.is_relative_to(root) and found.is_file() else None
    except (OSError, ValueError):  # a name that no file system takes: too long, or with a zero byte
        return None
