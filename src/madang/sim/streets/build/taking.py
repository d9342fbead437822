"""A model of SUMO taken over: its files checked, copied into a folder, and tried."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from madang.errors import BadRequestData
from madang.sim.streets import network
from madang.sim.streets.build import copying, elements, people, tool
from madang.sim.streets.build.demand import Demand
from madang.sim.streets.layout import layouts
from madang.sim.streets.network import Network
from madang.sim.streets.projection import projection

NET = "streets.net.xml"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """The files to take over, and the demand's window where it is given (seconds). `crossings`: the network gets
    pavements and crossings, and so many `pedestrians` an hour walk at each signal."""

    net: Path
    routes: tuple[Path, ...]
    additional: tuple[Path, ...] = ()
    begin_s: float | None = None
    end_s: float | None = None
    crossings: bool = False
    pedestrians: float = people.DEFAULT_PER_HOUR


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over. File names are relative to the folder; `centre` is (longitude, latitude) in degrees, None
    where the network lies nowhere on the globe; `left_out` counts what an additional file had that was not taken."""

    net: str
    routes: tuple[str, ...]
    additional: tuple[str, ...]
    begin_s: float
    end_s: float
    centre: tuple[float, float] | None
    signals: int
    vehicles: int
    programs: int = 0
    left_out: Mapping[str, int] = {}


def take(model: Model, folder: Path, *, told: tool.Told) -> Taken:
    """Check the model and copy it into the folder.

    Raises BadRequestData, ResourceNotFound, StepFailed, MissingExtra.
    """
    told(f"reading the network {model.net.name}")
    copying.network(model.net, folder / NET)
    additional, programs, left = _additional(model, folder)
    copying.install(programs, folder / NET)
    if model.crossings:
        people.add_crossings(folder / NET, told=told)
    streets = network.read(folder / NET)
    told(f"  {len(streets.edges):,} edges, {count_signals(streets, model.net.name):,} signals")
    taken = enlist(model, streets, folder, additional=additional, told=told)
    return msgspec.structs.replace(taken, programs=len(programs), left_out=dict(left))


def enlist(model: Model, streets: Network, folder: Path, *, additional: tuple[str, ...] = (), told: tool.Told) -> Taken:
    """Check the demand, copy it beside the network that lies in the folder, and try both.

    Raises BadRequestData, ResourceNotFound, StepFailed, MissingExtra.
    """
    demand = _demand(model, streets, told)
    begin_s, end_s = _window(model, demand)
    routes = _copy(model.routes, folder, demand, told)
    if model.crossings and model.pedestrians > 0:
        window = (begin_s, end_s)
        routes += (people.walks(streets, folder / NET, window, per_hour=model.pedestrians, told=told),)
    taken = Taken(
        net=NET,
        routes=routes,
        additional=additional,
        begin_s=begin_s,
        end_s=end_s,
        centre=centre(streets),
        signals=count_signals(streets, model.net.name),
        vehicles=demand.within(begin_s, end_s),
    )
    told(f"  {taken.vehicles:,} departures from {begin_s:g} s to {end_s:g} s")
    attempt(taken, folder, told=told)
    return taken


def count_signals(streets: Network, name: str) -> int:
    """How many signals there are. Raises BadRequestData where there is none: then nothing can be adjusted."""
    found = len(layouts(streets))
    if not found:
        raise BadRequestData(
            f"{name} has no traffic lights: no connection is controlled by a <tlLogic>. A city without signals has "
            "nothing to decide here. If the real streets have them, build the network with netconvert --tls.guess or "
            "--tls.set, or add them in netedit."
        )
    return found


def centre(streets: Network) -> tuple[float, float] | None:
    """The middle of the network as (longitude, latitude) in degrees, None where it lies nowhere on the globe.

    Raises BadRequestData where its projection is none that is known.
    """
    points = [point for lane in streets.lanes.values() for point in lane.shape]
    if not streets.projection or not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    try:
        ((longitude, latitude),) = projection(streets)([middle])
    except RuntimeError as error:  # pyproj's errors
        raise BadRequestData(
            f"The network's projection '{streets.projection}' is not known ({error}): set projParameter of its "
            "<location> to a PROJ text, or to '!' if it lies nowhere."
        ) from error
    return (longitude, latitude)


def attempt(taken: Taken, folder: Path, *, told: tool.Told) -> None:
    """Have SUMO load it and run a second: what only SUMO knows to be wrong is said now. Raises StepFailed."""
    told("SUMO tries it for a second")
    arguments = ["-n", folder / taken.net, "-r", ",".join(str(folder / route) for route in taken.routes)]
    if taken.additional:
        arguments += ["-a", ",".join(str(folder / file) for file in taken.additional)]
    arguments += ["-b", f"{taken.begin_s:g}", "-e", f"{taken.begin_s + 1:g}", "--no-step-log", "true"]
    log = folder / "sumo.log"
    advice = "SUMO itself does not take this model. Does it run by itself with the same files?"
    tool.program("sumo", arguments, log=log, told=told, advice=advice)
    log.unlink()


def _additional(model: Model, folder: Path) -> tuple[tuple[str, ...], list[str], Counter[str]]:
    names: list[str] = []
    programs: list[str] = []
    left: Counter[str] = Counter()
    for number, file in enumerate(model.additional, 1):
        name = f"additional{number}.add.xml"
        left += copying.additional(file, folder / name, programs)
        names.append(name)
    return tuple(names), programs, left


def _demand(model: Model, streets: Network, told: tool.Told) -> Demand:
    demand = Demand(streets.edges.keys())
    for file in model.additional:
        demand.read(file, ordered=False)
    for file in model.routes:
        told(f"reading the demand {file.name}")
        demand.read(file)
    demand.check([file.name for file in (*model.routes, *model.additional)])
    return demand


def _window(model: Model, demand: Demand) -> tuple[float, float]:
    if model.begin_s is not None and model.end_s is not None:
        begin_s, end_s = model.begin_s, model.end_s
    else:
        first_s, last_s = demand.window(whole=model.end_s is None)
        begin_s = first_s if model.begin_s is None else model.begin_s
        end_s = last_s if model.end_s is None else model.end_s
    if not 0 <= begin_s < end_s:
        raise BadRequestData(f"The demand's window ends at {end_s:g} s, which is not after its begin at {begin_s:g} s.")
    if not demand.within(begin_s, end_s):
        first_s, last_s = demand.window(whole=False)
        raise BadRequestData(
            f"No vehicle departs from {begin_s:g} s to {end_s:g} s: the demand is from {first_s:g} s to {last_s:g} s. "
            "Leave --begin and --end out to take all of it."
        )
    return begin_s, end_s


def _copy(routes: Sequence[Path], folder: Path, demand: Demand, told: tool.Told) -> tuple[str, ...]:
    names: list[str] = []
    for number, file in enumerate(routes, 1):
        late = demand.unordered.get(file.name)
        # SUMO unpacks by itself: a day of a city stays as small as it came.
        packed = ".gz" if late or elements.is_packed(file) else ""
        names.append(f"demand{number if len(routes) > 1 else ''}.rou.xml{packed}")
        if late:
            told(f"  sorted by departure, as '{late}' stands too late for SUMO: {file.name}")
            copying.sorted_routes(file, folder / names[-1])
        else:
            shutil.copyfile(file, folder / names[-1])
    return tuple(names)
