"""Which streets and which demand: a WorldSpec resolved into files that are there, their hash and their licence."""

import hashlib
import importlib.metadata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import msgspec

from madang.errors import BadRequestData, MissingExtra, ResourceNotFound
from madang.model.city import WorldSpec

_COLOGNE = "TAPAS Cologne (DLR) as reduced by RESCO; CC BY-NC-SA 3.0"
_INGOLSTADT = "InTAS, Ingolstadt (S. Lobo et al.) as reduced by RESCO; GPL-3.0"
_SYNTHETIC = "synthetic network of RESCO; GPL-3.0"
ATTRIBUTIONS = {
    "arterial4x4": _SYNTHETIC,
    "cologne1": _COLOGNE,
    "cologne3": _COLOGNE,
    "cologne8": _COLOGNE,
    "grid4x4": _SYNTHETIC,
    "ingolstadt1": _INGOLSTADT,
    "ingolstadt21": _INGOLSTADT,
    "ingolstadt7": _INGOLSTADT,
}
"""The named scenarios and whose data they are."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Files and demand window of a world. `hash` is SHA-256 (hex) over the files and the window."""

    name: str
    net: Path
    routes: tuple[Path, ...]
    additional: tuple[Path, ...] = ()
    begin_s: float
    end_s: float
    hash: str
    attribution: str

    def shortened(self, hours: float) -> "Scenario":
        """The same with its demand's first hours only (0: all of it)."""
        end_s = self.begin_s + hours * 3600 if hours > 0 else self.end_s
        return msgspec.structs.replace(self, end_s=min(end_s, self.end_s))


def resolve(spec: WorldSpec, *, folder: Path | None = None) -> Scenario:
    """The scenario that a city's world names; `folder` is the city's, for its own network.

    Raises MissingExtra (a named scenario without the wheel), ResourceNotFound (unknown name, missing file) and
    BadRequestData (neither a name nor files, no demand window).
    """
    if spec.scenario:
        return _named(spec)
    if not spec.net or not spec.routes:
        raise BadRequestData("The world names no scenario: give `scenario`, or `net` and `routes`. " + _known())
    if spec.begin_s is None or spec.end_s is None:
        raise BadRequestData("A world of its own files needs `begin_s` and `end_s`, the seconds of the demand.")
    root = folder or Path()
    net = _inside(root, spec.net)
    routes = tuple(_inside(root, route) for route in spec.routes)
    window = (spec.begin_s, spec.end_s)
    additional = tuple(_inside(root, file) for file in spec.additional)
    attribution = spec.attribution or "the city's own network"
    return _scenario(net.stem, (net, routes, additional), window, attribution)


def _named(spec: WorldSpec) -> Scenario:
    if spec.scenario not in ATTRIBUTIONS:
        raise ResourceNotFound(f"No scenario '{spec.scenario}'. " + _known())
    root = _wheel() / spec.scenario
    config = ElementTree.parse(_present(root / f"{spec.scenario}.sumocfg")).getroot()
    net = _present(root / _option(config, "net-file"))
    routes = tuple(_present(root / route.strip()) for route in _option(config, "route-files").split(","))
    begin_s = float(_option(config, "begin")) if spec.begin_s is None else spec.begin_s
    end_s = float(_option(config, "end")) if spec.end_s is None else spec.end_s
    return _scenario(spec.scenario, (net, routes, ()), (begin_s, end_s), ATTRIBUTIONS[spec.scenario])


Files = tuple[Path, tuple[Path, ...], tuple[Path, ...]]
"""The network, the routes, the additional files."""


def _scenario(name: str, files: Files, window: tuple[float, float], attribution: str) -> Scenario:
    (net, routes, additional), (begin_s, end_s) = files, window
    if not 0 <= begin_s < end_s:
        raise BadRequestData(f"The demand of '{name}' ends at {end_s} s, which is not after its begin at {begin_s} s.")
    digest = hashlib.sha256(f"{begin_s}-{end_s}".encode())
    for file in (net, *routes, *additional):
        with file.open("rb") as stream:  # a day of a city's demand need not fit into memory
            digest.update(file.name.encode() + hashlib.file_digest(stream, "sha256").digest())
    return Scenario(
        name=name,
        net=net,
        routes=routes,
        additional=additional,
        begin_s=begin_s,
        end_s=end_s,
        hash=digest.hexdigest(),
        attribution=attribution,
    )


def _inside(root: Path, name: str) -> Path:
    # A city's folder may come from another city: it names its own files and no others.
    file = (root / name).resolve()
    if not file.is_relative_to(root.resolve()):
        raise BadRequestData(f"The world's file {name} lies outside of the city's folder: copy it there.")
    return _present(file)


def _wheel() -> Path:
    # The distribution is asked, not imported: sumo_rl imports reinforcement learning libraries that we do not have.
    try:
        wheel = importlib.metadata.distribution("sumo-rl")
    except importlib.metadata.PackageNotFoundError as missing:
        raise MissingExtra("streets", "A named scenario") from missing
    return Path(str(wheel.locate_file("sumo_rl/nets/RESCO")))


def _option(config: ElementTree.Element, name: str) -> str:
    found = config.find(f".//{name}")
    if found is None or not found.get("value"):
        raise BadRequestData(f"The scenario's .sumocfg names no {name}.")
    return found.get("value", "")


def _present(file: Path) -> Path:
    if not file.is_file():
        raise ResourceNotFound(f"The world's file {file.name} is not there: expected it at {file}.")
    return file


def _known() -> str:
    return "Known scenarios: " + ", ".join(sorted(ATTRIBUTIONS)) + "."
