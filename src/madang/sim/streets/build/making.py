"""A city's streets made from a map and from counts: the steps in order, each of which says what it found."""

import shutil
from pathlib import Path

import msgspec

from madang.errors import BadRequestData
from madang.sim.streets import network
from madang.sim.streets.build import conversion, counts, estimate, extract, fit, matching, people, taking, tool
from madang.sim.streets.build.estimate import Bench, Window

HOUR_S = 3600.0


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What to make it of. Without `counts` the demand is assumed, `density` vehicles an hour and kilometre of street.
    `left_hand` and `guess_signals` None: as the country and the map tell. `box`: the part of the
    map to take. `limit_m`: how far a count may lie from its street. `crossings`: with pavements and crossings, and so
    many `pedestrians` an hour at each signal."""

    osm: Path
    counts: Path | None = None
    begin_s: float | None = None
    end_s: float | None = None
    left_hand: bool | None = None
    guess_signals: bool | None = None
    box: extract.Box | None = None
    limit_m: float = matching.LIMIT_M
    density: float = estimate.DEFAULT_DENSITY
    crossings: bool = False
    pedestrians: float = people.DEFAULT_PER_HOUR


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made. `guessed` where netconvert chose the signalised junctions; `fit` where there were counts."""

    taken: taking.Taken
    extract: extract.Extract
    left_hand: bool
    guessed: bool
    vehicles_an_hour: float
    fit: fit.Fit | None


def survey(source: Source, work: Path, *, told: tool.Told) -> extract.Extract:
    """Reduce the extract into the folder `work`; what it holds. Raises as ``extract.reduce``."""
    told(f"reading the map {source.osm.name}")
    found = extract.reduce(source.osm, work / "streets.osm", box=source.box, told=told)
    signals = f"{found.signals:,} signals" if found.signals else "no signals"
    country = found.country or "no country named"
    told(f"  {found.ways:,} streets, {found.restrictions:,} turn restrictions, {signals}, {country}")
    return found


def make(source: Source, found: extract.Extract, folder: Path, *, left_hand: bool, told: tool.Told) -> Made:
    """Network, signals and demand in the folder, whose subfolder ``work`` has what `survey` made, and goes then.

    Raises BadRequestData, ResourceNotFound, StepFailed and MissingExtra.
    """
    # The counts are read first: a mistake in them shall not cost the making of a network.
    rows = counts.read(source.counts) if source.counts is not None else []
    window = _window(source, rows)
    work, net = folder / "work", folder / taking.NET
    guess = not found.signals if source.guess_signals is None else source.guess_signals
    choice = conversion.Choice(left_hand=left_hand, guess_signals=guess)
    conversion.convert(work / "streets.osm", net, choice, log=work / "netconvert.log", told=told)
    if source.crossings:
        people.add_crossings(net, told=told)
    streets = network.read(net)
    signals = taking.count_signals(streets, source.osm.name)
    told(f"  {len(streets.edges):,} edges, {estimate.kilometres(streets):.1f} km, {signals:,} signals")
    bench = Bench(streets=streets, net=net, folder=work, told=told)
    met = _fitted(bench, source, rows, window) if rows else None
    if met is None:
        estimate.assumed(bench, window, density=source.density)
    model = taking.Model(
        net=net,
        routes=(work / estimate.DEMAND,),
        begin_s=window.begin_s,
        end_s=window.end_s,
        crossings=source.crossings,
        pedestrians=source.pedestrians,
    )
    taken = taking.enlist(model, streets, folder, told=told)
    shutil.rmtree(work)
    rate = taken.vehicles / window.hours
    return Made(taken=taken, extract=found, left_hand=left_hand, guessed=guess, vehicles_an_hour=rate, fit=met)


def _fitted(bench: Bench, source: Source, rows: list[counts.Count], window: Window) -> fit.Fit:
    inside = [row for row in rows if window.begin_s <= row.begin_s and row.end_s <= window.end_s]
    matched, lost = matching.Edges(bench.streets).match(inside, limit_m=source.limit_m)
    unmatched = tuple(f"line {one.count.line}: {one.why}" for one in lost)
    bench.told(f"  {len(matched):,} of {len(inside):,} counts lie on a street")
    for line in unmatched[:10]:
        bench.told(f"    {line}")
    if not matched:
        raise BadRequestData(
            f"None of the {len(inside)} counts lies on a street of the map within {source.limit_m:g} m. Are lon and "
            "lat in the right order, in degrees? Is the map of the right place? --match-distance allows more."
        )
    counted = fit.gather(matched)
    demand = estimate.estimated(bench, window, counted)
    drawn = fit.drawn(demand, counted)
    driven = fit.driven(bench.net, demand, counted, told=bench.told)
    return msgspec.structs.replace(fit.fit(counted, drawn=drawn, driven=driven), unmatched=unmatched)


def _window(source: Source, rows: list[counts.Count]) -> Window:
    """The seconds of the demand: as given, else those that were counted, else an hour from midnight."""
    begin_s = min((row.begin_s for row in rows), default=0.0) if source.begin_s is None else source.begin_s
    end_s = max((row.end_s for row in rows), default=begin_s + HOUR_S) if source.end_s is None else source.end_s
    if end_s <= begin_s:
        raise BadRequestData(f"The demand ends at {end_s:g} s, which is not after its begin at {begin_s:g} s.")
    if rows and not any(begin_s <= row.begin_s and row.end_s <= end_s for row in rows):
        counted = f"{min(row.begin_s for row in rows):g} s to {max(row.end_s for row in rows):g} s"
        raise BadRequestData(
            f"No count lies between --begin {begin_s:g} and --end {end_s:g}: they are of {counted}. Leave both out to "
            "take all of them."
        )
    return Window(begin_s=begin_s, end_s=end_s)
