"""What a field of a city's folder may hold beyond its type: languages, time zones, places, durations, units."""

import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import langcodes

from madang.city import releases
from madang.city.finding import Path, suggestion
from madang.city.shape import Rule
from madang.errors import BadRequestData
from madang.model.city import City, Committee, Disclosure, Mandate, ServiceSpec, WorldSpec
from madang.model.dataset import Dataset, Grant
from madang.model.proposal import ProposalRules
from madang.model.report import Question, ReportKind
from madang.model.time import duration
from madang.model.transform import parse
from madang.model.transit import Transit
from madang.model.units import known

Mistakes = Iterable[tuple[Path, str, str]]

_LEGAL_BASES = ("consent", "contract", "legal-obligation", "vital-interests", "public-task", "legitimate-interests")
"""Regulation (EU) 2016/679 (GDPR), article 6(1), (a) to (f); other laws' bases map onto these."""


def _language(tag: str, path: Path) -> Mistakes:
    """RFC 5646, with the IANA registry's languages, scripts and regions."""
    if "_" in tag or not langcodes.tag_is_valid(tag):
        yield path, f"{tag!r} is no language tag", "BCP 47, such as en, ko or zh-Hant"


def _languages(tags: Sequence[str]) -> Mistakes:
    if not tags:
        yield (), "'languages' is empty", "name at least one, the first is the city's own"
    for place, tag in enumerate(tags):
        yield from _language(tag, (place,))


def _text(text: Mapping[str, str]) -> Mistakes:
    for tag, words in text.items():
        yield from _language(tag, (tag,))
        if not words.strip():
            yield (tag,), f"the text in {tag!r} is empty", ""
    if "en" not in text:
        yield (), "has no text in 'en'", "English is what a reader without the city's languages falls back to"


def _some_text(text: Mapping[str, str]) -> Mistakes:
    return _text(text) if text else ()


def _time_zone(name: str) -> Mistakes:
    known = zoneinfo.available_timezones()
    if name not in known:
        close = suggestion(name, sorted(known))
        yield (), f"unknown time zone {name!r}", close if close.startswith("did") else "IANA, such as Asia/Seoul"


def _centre(centre: tuple[float, float]) -> Mistakes:
    longitude, latitude = centre
    if not -180 <= longitude <= 180:
        yield (0,), f"the longitude {longitude} is not within -180 and 180", "[longitude, latitude] in degrees"
    if not -90 <= latitude <= 90:
        yield (1,), f"the latitude {latitude} is not within -90 and 90", "[longitude, latitude] in degrees"


def _duration(text: str) -> Mistakes:
    try:
        duration(text)
    except BadRequestData:
        yield (), f"{text!r} is no duration", "ISO 8601, such as P2Y, P30D or PT12H"


def _some_duration(text: str) -> Mistakes:
    return _duration(text) if text else ()


def _legal_basis(name: str) -> Mistakes:
    if name not in _LEGAL_BASES:
        yield (), f"unknown legal basis {name!r}", suggestion(name, _LEGAL_BASES)


def _purposes(names: Sequence[str]) -> Mistakes:
    if not names:
        yield (), "'purposes' is empty", "data without a purpose may not be kept; 'public-information' is one"


def _members(names: Sequence[str]) -> Mistakes:
    if not names:
        yield (), "'members' is empty", "a committee needs members to decide"


def _type(name: str) -> Mistakes:
    if name != "*" and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*|[a-z][a-z0-9+.-]*:\S+", name):
        yield (), f"{name!r} is no entity type", "a name such as AirQualityObserved, or '*' for the default dataset"


def _kind(name: str) -> Mistakes:
    if name != "streets":
        yield (), f"unknown kind of world {name!r}", "known: streets"


def _website(address: str) -> Mistakes:
    if address and not re.fullmatch(r"(https?:/)?/[^\s/]\S*", address):
        yield (), f"{address!r} is no address", "https://…, or a path on this hub such as /committees/mobility"


def _mail(address: str) -> Mistakes:
    if address and not re.fullmatch(r"[^\s@]+@[^\s@]+", address):
        yield (), f"{address!r} is no e-mail address", ""


DISCLOSED = ("third_parties", "impact_assessments", "non_discrimination", "benefits", "alternatives", "risks")
"""The texts of a disclosure."""

RULES: Mapping[tuple[type, str], Rule] = {
    (City, "name"): _text,
    (City, "time_zone"): _time_zone,
    (City, "languages"): _languages,
    (City, "centre"): _centre,
    (WorldSpec, "kind"): _kind,
    (Dataset, "title"): _text,
    (Dataset, "description"): _some_text,
    (Dataset, "technology"): _some_text,
    (Dataset, "type"): _type,
    (Dataset, "legal_basis"): _legal_basis,
    (Dataset, "purposes"): _purposes,
    (Dataset, "retention"): _duration,
    (ReportKind, "name"): _text,
    (ReportKind, "description"): _some_text,
    (Question, "text"): _text,
    (Committee, "title"): _text,
    (Committee, "members"): _members,
    (Committee, "answer_within"): _duration,
    (ServiceSpec, "answer_within"): _some_duration,
    (Disclosure, "website"): _website,
    (Disclosure, "contact"): _mail,
    **{(Disclosure, name): _some_text for name in DISCLOSED},
    (ProposalRules, "open"): _duration,
    (ProposalRules, "answer_within"): _duration,
}


def dataset(found: Dataset) -> Mistakes:
    """What the fields of one dataset must agree on: units and history are of its attributes, grants of its purposes."""
    yield from _consent(found)
    yield from releases.release(found)
    for place, grant in enumerate(found.grants):
        for path, message, hint in _grant(found, grant):
            yield ("grants", place, *path), message, hint
    for key, names in (("units", found.units), ("history", found.history)):
        for place, name in enumerate(names):
            if found.attributes and name not in found.attributes:
                where = (key, name) if key == "units" else (key, place)
                yield where, f"{name!r} is not among the attributes", suggestion(name, found.attributes)


def _consent(found: Dataset) -> Mistakes:
    if found.subject and found.subject != "id" and found.attributes and found.subject not in found.attributes:
        yield (
            ("subject",),
            f"{found.subject!r} is not among the attributes",
            suggestion(found.subject, found.attributes),
        )
    if found.legal_basis == "consent" and not found.subject:
        yield ("legal_basis",), "consent without a 'subject'", "the attribute that names whom it is about, or 'id'"


def _grant(found: Dataset, grant: Grant) -> Mistakes:
    names = found.attributes
    for place, name in enumerate(grant.purposes):
        if name not in found.purposes:
            yield ("purposes", place), f"{name!r} is not among the purposes", suggestion(name, found.purposes)
    for path, name in [
        *((("attributes", place), name) for place, name in enumerate(grant.attributes)),
        *((("transform", name), name) for name in grant.transform),
    ]:
        if names and name not in names:
            yield path, f"{name!r} is not among the attributes", suggestion(name, names)
    if grant.aggregate is not None:
        for path, message, hint in releases.aggregate(found, grant.aggregate):
            yield ("aggregate", *path), message, hint
    if not grant.roles:
        yield ("roles",), "'roles' is empty", "public, operator, service, or the role of a key"
    for name, steps in grant.transform.items():
        try:
            parse(steps)
        except BadRequestData as error:
            yield ("transform", name), error.detail, ""


def units(found: Dataset) -> Mistakes:
    """Units that are no code of UN/CEFACT Recommendation 20, as far as is known here: worth a look, no error."""
    for name, code in found.units.items():
        if not known(code):
            hint = "UN/CEFACT Recommendation 20 common code, such as GQ for micrograms per cubic metre"
            yield ("units", name), f"unknown unit {code!r} for {name!r}", hint


def world(spec: WorldSpec, folder: Any, scenarios: Sequence[str] | None) -> Mistakes:
    """A world is a known scenario, or files that are there."""
    if spec.scenario and spec.net:
        yield ("world", "net"), "a world has a scenario or a net, not both", ""
    if not spec.scenario and not spec.net:
        yield ("world",), "the world has neither a scenario nor a net", 'scenario = "cologne1" is the smallest'
    if spec.net and not spec.routes:
        yield ("world",), "the world has a net and no routes", 'routes = ["demand.rou.xml"]'
    if spec.net and (spec.begin_s is None or spec.end_s is None):
        yield ("world",), "a world of its own files needs 'begin_s' and 'end_s'", "the seconds of the demand"
    if spec.scenario and scenarios is not None and spec.scenario not in scenarios:
        yield ("world", "scenario"), f"unknown scenario {spec.scenario!r}", suggestion(spec.scenario, scenarios)
    if spec.begin_s is not None and spec.end_s is not None and spec.end_s <= spec.begin_s:
        yield ("world", "end_s"), "the demand ends before it begins", ""
    lists = (("routes", spec.routes), ("additional", spec.additional))
    named = [(("world", key, n), name) for key, names in lists for n, name in enumerate(names)]
    for path, name in [(("world", "net"), spec.net), (("world", "places"), spec.places), *named]:
        if name and not (folder / name).is_file():
            yield path, f"no file {name!r} in the city's folder", ""


def transit(found: Transit, folder: Any) -> Mistakes:
    """A feed is an address, a timetable a file of the folder."""
    for place, address in enumerate(found.realtime.feeds):
        if not address.startswith(("http://", "https://")):
            yield ("realtime", "feeds", place), f"{address!r} is no address", "https://…, what the operator gave you"
    name = found.realtime.timetable
    if name and not (folder / name).exists():
        yield ("realtime", "timetable"), f"no file {name!r} in the city's folder", "a GTFS feed, such as gtfs.zip"


def mandate(found: Mandate) -> Mistakes:
    """A mandate ends after it begins."""
    if found.until < found.since:
        yield ("until",), "the mandate ends before it begins", ""


def expired(found: Mandate, today: date) -> str:
    """Why the mandate does not hold today, or nothing."""
    if found.until < today:
        return f"the mandate ended on {found.until.isoformat()}: the service runs its fallback"
    if found.since > today:
        return f"the mandate begins on {found.since.isoformat()}: until then the service runs its fallback"
    return ""
