"""Registers of what was done with data, made of the ledger: who read it for what and how often, what went where, what
was released, and what went wrong (breaches). Counts and words alone: nobody is named.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import msgspec
from litestar import Response, get, post

from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import Rooms, rooms
from madang.errors import BadRequestData
from madang.govern.regimes import Incident, can_transfer, deadlines, regime_of
from madang.hub.uses import COUNT, KIND
from madang.model.dataset import Dataset, Grant, Sensitivity
from madang.model.ledger import Entry

_documented = partial(documented, "Registers", named=False)
_FEW: Final = 10
"""Fewer people than so many are told as "fewer than 10": a number of one or two would be about them."""

_NEWEST: Final = 1000
_LONGEST: Final = 4000
_RELEASES: Final = ("release", "privacy")
BREACH: Final = "breach"
_AHEAD: Final = timedelta(hours=1)
"""So much may clocks differ."""

_ACCESS: Final = {
    "dataset": "visits",
    "persons_hours": 4711,
    "hours": [{"from": "2026-03-01T12:00:00Z", "role": "member", "purpose": "research", "reads": 12, "people": 40}],
}
_BREACH: Final = {
    "what": "A list of addresses was sent to the wrong agency.",
    "aware": "2026-03-01T07:30:00Z",
    "datasets": ["visits"],
    "people": 120,
}


@get("/registers/accesses", operation_class=_documented(example={"datasets": [_ACCESS]}))
async def register_of_accesses(request: Call) -> Response[bytes]:
    """The register of reads of data about people: for which purpose, in which role, how often; the newest 1,000 hours
    of each dataset. An hour is there when it is over."""
    Arguments(request, ())
    here = rooms(request)
    found = [await _accesses(here, one) for one in here.city.datasets if one.personal]
    return plain({**await made(here), "datasets": found})


@get("/registers/transfers", operation_class=_documented(example={"transfers": [{"dataset": "visits", "to": "JP"}]}))
async def register_of_transfers(request: Call) -> Response[bytes]:
    """The register of transfers abroad: what the declarations allow to whom by which mechanism and article, what the
    law's matrix says to it, and how often it was read there."""
    Arguments(request, ())
    here = rooms(request)
    reads = {one.id: _abroad(await _counts(here, one.id)) for one in here.city.datasets}
    found = [
        _transfer(here, dataset, grant, country, reads[dataset.id].get(country, 0))
        for dataset in here.city.datasets
        for grant in dataset.grants
        for country in grant.to
    ]
    return plain({**await made(here), "transfers": found})


@get("/registers/releases", operation_class=_documented(example={"releases": [{"entry": "release-12"}]}))
async def register_of_releases(request: Call) -> Response[bytes]:
    """The register of releases and of privacy budgets that were spent, newest first."""
    Arguments(request, ())
    here = rooms(request)
    entries = [entry for kind in _RELEASES for entry in await here.account.find(kind, limit=_NEWEST)]
    entries.sort(key=lambda entry: -entry.sequence)
    found = [{"entry": one.id, "at": one.at, "kind": one.kind, **_public(_body(one))} for one in entries if one.body]
    return plain({**await made(here), "releases": found})


@get("/registers/breaches", operation_class=_documented(example={"breaches": [_BREACH]}))
async def register_of_breaches(request: Call) -> Response[bytes]:
    """The register of breaches, newest first: what happened, and every deadline of the city's law."""
    Arguments(request, ())
    here = rooms(request)
    found = [{"entry": one.id, "at": one.at, **_body(one)} for one in await here.account.find(BREACH, limit=_NEWEST)]
    return plain({**await made(here), "breaches": found})


@post("/registers/breaches", status_code=201, operation_class=_documented(body=_BREACH, answers=(201,)))
async def report_breach(request: Call) -> Response[bytes]:
    """An operator puts a breach on record; the answer has every deadline: of the city's law, or of each that
    `jurisdictions` names, where the people are. Later moments (assessed, authorityTold) are another report with
    `about`, the first one's entry. What it says is public: it names nobody."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    here.policy.check_caller(caller)
    given = await read_json(request)
    told = _read(given)
    at = here.clock.now()
    await _check(here, told, at)
    code, regimes = regime_of(here.city.jurisdiction), here.policy.terms.regimes
    # A law that nobody asked for and that the matrix lacks is the city's own: that it has no clocks is no mistake.
    codes = [*dict.fromkeys(map(regime_of, told.jurisdictions))] or [one for one in (code,) if one in regimes]
    due = deadlines(regimes, codes, told.incident())
    body = {**msgspec.to_builtins(told, builtin_types=(datetime,)), "regime": code, "deadlines": due}
    (entry,) = await here.account.add([Note(kind=BREACH, at=at, body=body)])
    return plain({"entry": entry.id, "at": at, **body}, status=201)


class _Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    what: str
    aware: datetime
    occurred: datetime | None = None
    suspected: datetime | None = None
    assessed: datetime | None = None
    authority_told: datetime | None = None
    datasets: tuple[str, ...] = ()
    people: int | None = None
    measures: str = ""
    about: str = ""
    jurisdictions: tuple[str, ...] = ()

    def incident(self) -> Incident:
        return Incident(
            aware=self.aware,
            at=self.occurred,
            suspected=self.suspected,
            assessed=self.assessed,
            authority_told=self.authority_told,
        )


def _read(given: object) -> _Told:
    try:
        told = msgspec.convert(given, _Told)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the breach: {error}") from error
    if not told.what or len(told.what) > _LONGEST or len(told.measures) > _LONGEST:
        raise BadRequestData(f"what: 1 to {_LONGEST:,} characters; measures: at most as many")
    return told


async def _check(here: Rooms, told: _Told, now: datetime) -> None:
    """Raises BadRequestData for what cannot be: somebody would trust its deadlines."""
    moments = (told.aware, told.occurred, told.suspected, told.assessed, told.authority_told)
    if any(one is not None and one.tzinfo is not None and one > now + _AHEAD for one in moments):
        raise BadRequestData("a moment is in the future: a breach is told of what has happened")
    if told.people is not None and told.people < 0:
        raise BadRequestData(f"people: {told.people}; how many are concerned, left out where nobody knows yet")
    known = [one.id for one in here.city.datasets]
    if strange := [one for one in told.datasets if one not in known]:
        raise BadRequestData(
            f"datasets: there is none called {', '.join(strange)[:80]!r}; there are {', '.join(known)}"
        )
    if lawless := [one for one in told.jurisdictions if regime_of(one) not in here.policy.terms.regimes]:
        raise BadRequestData(f"jurisdictions: the matrix has no regime {', '.join(lawless)[:80]!r}")
    if told.about:
        entry = await here.account.entry(told.about)
        if entry is None or entry.kind != BREACH:
            raise BadRequestData(f"about: {told.about[:80]!r} is no breach on record")


async def made(here: Rooms) -> dict[str, Any]:
    """When a register was made, of which city, and of which log: whoever doubts the counts can count."""
    head = await here.account.log.head()
    return {"city": here.city.id, "at": here.clock.now(), "log": head}


async def _accesses(here: Rooms, dataset: Dataset) -> dict[str, Any]:
    hours = [
        {
            "from": one["from"],
            **{name: one[name] for name in ("role", "purpose", "country", "reads", "entities")},
            "people": one["people"] if one["people"] >= _FEW else f"fewer than {_FEW}",
        }
        for one in await _counts(here, dataset.id)
    ]
    return {"dataset": dataset.id, "persons_hours": await here.account.count(KIND, dataset.id), "hours": hours}


async def _counts(here: Rooms, dataset: str) -> list[Mapping[str, Any]]:
    found = await here.account.find(COUNT, service=dataset, limit=_NEWEST)
    return [_body(one) for one in found if one.body]


def _abroad(counts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counts:
        if one["country"]:
            found[one["country"]] = found.get(one["country"], 0) + one["reads"]
    return found


def _transfer(here: Rooms, dataset: Dataset, grant: Grant, country: str, reads: int) -> dict[str, Any]:
    home, there = regime_of(here.city.jurisdiction), regime_of(country)
    body: dict[str, Any] = {
        "dataset": dataset.id,
        "to": country,
        "roles": list(grant.roles),
        "purposes": list(grant.purposes or dataset.purposes),
        "transforms": dict(grant.transform),
        "mechanism": grant.mechanism or None,
        "reads": reads,
    }
    if not dataset.personal:
        return {**body, "allowed": True, "why": "it is about nobody", "article": "", "certainty": "S"}
    category = "sensitive" if dataset.sensitivity == Sensitivity.SPECIAL else "personal"
    answer = can_transfer(
        here.policy.terms.regimes, home, there, category=category, controller="public", basis=grant.mechanism or None
    )
    return {**body, **{k: v for k, v in answer._asdict().items() if k != "missing"}, "missing": list(answer.missing)}


def _public(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without who asked, and what."""
    return {name: value for name, value in body.items() if name not in ("by", "recipient", "question")}


def _body(entry: Entry) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], msgspec.json.decode(entry.body)) if entry.body else {}
