"""An independent witness at every junction: it watches the lamps that really show and counts what must never happen.

It shares nothing with the controller, the layout or the cabinet: its foes come from the network file by a reading of
its own, and what it is told each second is the lamps and who stands where. It never acts.

What it counts, per movement (link) and each time once:

- ``conflict``: two foes have a protected green (``G``) at once, or a movement becomes protected while a foe still shows
  yellow. Permissive green (``g``) yields and is no conflict.
- ``min_green``: a green (of either kind) ended before its minimum.
- ``yellow``: a green went to red with too short a yellow, or none.
- ``all_red``: a movement started (or became protected) sooner than the all-red after a foe was cleared; a permissive
  start while a foe shows yellow is one, too.
- ``walk``: a movement started while people who cross its way on foot, and set out in the last second of their green,
  were still on the way at 1.2 m/s.
- ``max_red``: somebody stood at red for a movement for longer than the bound. A *call* begins with the first second in
  which a vehicle stands and the movement is red, and ends with green, or when nobody has stood for it for 10 s.

While a service controls a junction, and `HANDOVER_S` after it (the intergreens that it causes), these are `conflicts`
and `guards_broken`. Under a network's built-in plan they are `plan_findings`: some of those plans break rules.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from madang.sim.streets.foes import Foes, crossings_of_network, foes_of_network

HANDOVER_S = 6.0
WITHDRAWN_S = 10.0
WALK_MPS = 1.2
KEPT = 200
"""Findings that are kept in words; all are counted."""

KINDS = ("conflict", "min_green", "yellow", "all_red", "walk", "max_red")
CONFLICT, MIN_GREEN, YELLOW, ALL_RED, WALK, MAX_RED = KINDS


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The regulated constraints, in seconds."""

    min_green_s: float = 7.0
    yellow_s: float = 3.0
    all_red_s: float = 2.0
    max_red_s: float = 120.0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must not happen, and that did; `service` says whether a service answers for it or the plan."""

    at_s: float
    signal: str
    kind: str
    link: int
    service: bool
    detail: str


class Monitor:
    """Watches all signals of one network. Feed it every second, in order of time."""

    def __init__(
        self,
        foes: Mapping[str, Foes],
        *,
        crossings: Mapping[str, Mapping[int, float]] | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        """`foes` by signal: for each link the links that cross its way; `crossings` by signal and link how far people
        walk over the street, m."""
        self.findings: list[Finding] = []
        self._bounds = bounds or Bounds()
        walks = crossings or {}
        self._watches = {signal: _Watch(rows, walks.get(signal, {}), self._bounds) for signal, rows in foes.items()}
        self._service: dict[str, tuple[float, float]] = {}
        self._ours: Counter[str] = Counter()
        self._plans: Counter[str] = Counter()

    @classmethod
    def of_network(cls, net: Path, *, bounds: Bounds | None = None) -> "Monitor":
        """A monitor of all signals in a SUMO network file (plain or gzip)."""
        return cls(foes_of_network(net), crossings=crossings_of_network(net), bounds=bounds)

    def step(
        self,
        at_s: float,
        lamps: Mapping[str, str],
        *,
        controlled: Collection[str] = (),
        halted: Mapping[str, Iterable[int]] | None = None,
    ) -> None:
        """See one second: `lamps` by signal (one of rygGsuoO a link), the signals that a service controls now, and by
        signal the links for which somebody stands."""
        for signal in controlled:
            since_s, last_s = self._service.get(signal, (at_s, at_s))
            self._service[signal] = (since_s if at_s - last_s <= HANDOVER_S else at_s, at_s)
        for signal, state in lamps.items():
            watch = self._watches.get(signal)
            if watch is not None and state != watch.lamps:
                for kind, link, detail in watch.change(at_s, state):
                    self._report(at_s, signal, kind, link, detail)
        for signal, links in (halted or {}).items():
            watch = self._watches.get(signal)
            if watch is not None:
                self._stand(at_s, signal, watch, links)

    @property
    def conflicts(self) -> int:
        """Conflicts that a service answers for."""
        return self._ours[CONFLICT]

    @property
    def guards_broken(self) -> int:
        """All other findings that a service answers for."""
        return self._ours.total() - self._ours[CONFLICT]

    def counts(self) -> dict[str, object]:
        """`conflicts`, `guards_broken` (their sum by kind in `broken`) and `plan_findings`, by kind in `plan`."""
        return {
            "conflicts": self.conflicts,
            "guards_broken": self.guards_broken,
            "broken": {kind: self._ours[kind] for kind in KINDS},
            "plan_findings": self._plans.total(),
            "plan": {kind: self._plans[kind] for kind in KINDS},
        }

    def _stand(self, at_s: float, signal: str, watch: "_Watch", links: Iterable[int]) -> None:
        begun_s, last_s = self._service.get(signal, (at_s, -1e12))
        ours = at_s - last_s <= HANDOVER_S
        for link, since_s in watch.stand(at_s, links):
            # A service answers for the time since it took over.
            waited_s = at_s - (max(since_s, begun_s) if ours else since_s)
            if waited_s > self._bounds.max_red_s:
                watch.reported.add(link)
                self._report(at_s, signal, MAX_RED, link, f"red for {waited_s:.0f} s with somebody waiting")

    def _report(self, at_s: float, signal: str, kind: str, link: int, detail: str) -> None:
        _, last_s = self._service.get(signal, (0.0, -1e12))
        ours = at_s - last_s <= HANDOVER_S
        (self._ours if ours else self._plans)[kind] += 1
        if len(self.findings) < KEPT or (ours and self._ours.total() <= KEPT):
            found = Finding(at_s=at_s, signal=signal, kind=kind, link=link, service=ours, detail=detail)
            self.findings.append(found)


class _Watch:
    """One signal: what its links have shown, and since when. A link that has always shown what it shows has no past to
    answer for."""

    def __init__(self, foes: Foes, crossings: Mapping[int, float], bounds: Bounds) -> None:
        self.lamps = ""
        self.reported: set[int] = set()
        self._foes = foes
        self._crossings = crossings
        self._bounds = bounds
        self._walked_s: dict[int, float] = {}
        self._green_since: dict[int, float] = {}
        self._yellow_since: dict[int, float] = {}
        self._open_until: dict[int, float] = {}
        self._protected_until: dict[int, float] = {}
        self._clashes: frozenset[tuple[int, int]] = frozenset()
        self._calls: dict[int, tuple[float, float]] = {}

    def change(self, at_s: float, lamps: str) -> list[tuple[str, int, str]]:
        """The lamps have changed: what is wrong with that, as (kind, link, detail)."""
        before, self.lamps = self.lamps, lamps
        if len(before) != len(lamps):
            self._clashes = self._clash(lamps)
            return [(CONFLICT, a, f"protected together with link {b}") for a, b in self._clashes]
        changed = [link for link, lamp in enumerate(lamps) if lamp != before[link]]
        found = [wrong for link in changed for wrong in self._end(at_s, link, before[link], lamps[link])]
        found += [wrong for link in changed for wrong in self._start(at_s, link, before[link], lamps)]
        clashes = self._clash(lamps)
        found += [(CONFLICT, a, f"protected together with link {b}") for a, b in sorted(clashes - self._clashes)]
        self._clashes = clashes
        return found

    def stand(self, at_s: float, links: Iterable[int]) -> list[tuple[int, float]]:
        """Somebody stands for these links: those at red that are not reported yet, with the start of their call."""
        calls: list[tuple[int, float]] = []
        for link in links:
            if link >= len(self.lamps) or self.lamps[link] not in "rsu":
                continue
            since_s, seen_s = self._calls.get(link, (at_s, at_s))
            if at_s - seen_s > WITHDRAWN_S:
                since_s = at_s
                self.reported.discard(link)
            self._calls[link] = (since_s, at_s)
            if link not in self.reported:
                calls.append((link, since_s))
        return calls

    def _end(self, at_s: float, link: int, before: str, now: str) -> Iterable[tuple[str, int, str]]:
        """A green or a yellow of the link has ended, or a protected green became a permissive one."""
        bounds = self._bounds
        if before in "Gy":
            self._protected_until[link] = at_s
        if before in "Ggy":
            self._open_until[link] = at_s
        if before in "Gg" and now not in "Gg":
            shown_s = at_s - self._green_since.pop(link, -1e12)
            self._walked_s[link] = at_s
            if shown_s < bounds.min_green_s:
                yield MIN_GREEN, link, f"green for {shown_s:.0f} s"
            if now == "y":
                self._yellow_since[link] = at_s
            else:
                yield YELLOW, link, "green ended without yellow"
        if before == "y" and now not in "Gg":
            shown_s = at_s - self._yellow_since.pop(link, -1e12)
            if shown_s < bounds.yellow_s:
                yield YELLOW, link, f"yellow for {shown_s:.0f} s"

    def _start(self, at_s: float, link: int, before: str, lamps: str) -> Iterable[tuple[str, int, str]]:
        """The link has become green, or protected."""
        now = lamps[link]
        if now not in "Gg":
            return
        self._calls.pop(link, None)
        self.reported.discard(link)
        if before not in "Gg":
            self._green_since[link] = at_s
        if before == "G" or (now == "g" and before == "g"):
            return
        yield from self._walks(at_s, link, lamps)
        for foe in self._foes[link]:
            if lamps[foe] == "y":
                kind = CONFLICT if now == "G" else ALL_RED
                yield kind, link, f"started while link {foe} still showed yellow"
                return
            if (cleared_s := self._clear(foe, link, at_s, lamps)) < self._bounds.all_red_s:
                yield ALL_RED, link, f"started {cleared_s:.0f} s after link {foe} was cleared"
                return

    def _walks(self, at_s: float, link: int, lamps: str) -> Iterable[tuple[str, int, str]]:
        for foe in self._foes[link] & self._crossings.keys():
            since_s, need_s = at_s - self._walked_s.get(foe, -1e12), self._crossings[foe] / WALK_MPS
            if lamps[foe] not in "Gg" and since_s < need_s:
                yield WALK, link, f"started {since_s:.0f} s after the walk over link {foe}, which takes {need_s:.1f} s"

    def _clear(self, foe: int, link: int, at_s: float, lamps: str) -> float:
        """Seconds since the foe last had a right of way that the link's start has to wait for."""
        shows = lamps[foe]
        if shows == "G" or (shows == "g" and lamps[link] == "g"):
            return 1e12  # both at once: a conflict that is counted as such, or one that yields
        if shows == "g":
            return at_s - self._protected_until.get(foe, -1e12)
        return at_s - self._open_until.get(foe, -1e12)

    def _clash(self, lamps: str) -> frozenset[tuple[int, int]]:
        protected = {link for link, lamp in enumerate(lamps) if lamp == "G"}
        return frozenset((a, b) for a in protected for b in self._foes[a] & protected if a < b)
