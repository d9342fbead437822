"""What a dataset's ``[release]`` and its grants of aggregates must hold: nothing about people leaves without a
guarantee."""

from collections.abc import Iterable, Iterator, Sequence

from madang.city.finding import Path, suggestion
from madang.errors import BadRequestData
from madang.model.dataset import Aggregate, Dataset, Sensitivity
from madang.model.release import FORMATS, Anonymity, Mobility, Privacy, ReleaseSpec
from madang.model.statistic import mistakes
from madang.model.time import duration

Mistakes = Iterable[tuple[Path, str, str]]


def release(found: Dataset) -> Mistakes:
    """Mistakes of the dataset's release, below the dataset."""
    spec = found.release
    if spec is None:
        return
    yield from _form(found, spec)
    if spec.anonymity is not None:
        yield from _below(("release", "anonymity"), _anonymity(found, spec.anonymity))
    if spec.privacy is not None:
        yield from _below(("release", "privacy"), _privacy(found, spec.privacy))
    if spec.mobility is not None:
        yield from _below(("release", "mobility"), _mobility(found, spec.mobility))


def aggregate(found: Dataset, given: Aggregate) -> Mistakes:
    """Mistakes of a grant of aggregates, below it."""
    yield from _spent(given.epsilon, given.delta)
    yield from _durations([("renew", given.renew)])
    if found.personal and given.epsilon <= 0:
        yield ("epsilon",), "aggregates about people need a budget", "epsilon = 1.0, and perhaps renew = 'P30D'"
    if found.personal and not found.subject:
        yield ("epsilon",), "a budget about people needs the dataset's 'subject'", "the attribute that names whom"
    if given.contributions < 1 or given.minimum < 0:
        yield (), "'contributions' is at least 1, 'minimum' at least 0", ""


def _form(found: Dataset, spec: ReleaseSpec) -> Mistakes:
    for place, name in enumerate(spec.formats):
        if name not in FORMATS:
            yield ("release", "formats", place), f"unknown format {name!r}", suggestion(name, FORMATS)
    yield from _below(("release",), _durations([("every", spec.every), ("keep", spec.keep)]))
    kinds = [one for one in (spec.anonymity, spec.privacy, spec.mobility) if one is not None]
    if len(kinds) > 1:
        yield ("release",), "a release has one guarantee: anonymity, privacy or mobility", ""
    if found.sensitivity != Sensitivity.PUBLIC and not kinds:
        yield (
            ("release",),
            f"{found.sensitivity} data is not released as it is",
            "[release.anonymity], [release.privacy] or [release.mobility] says how it is made fit",
        )
    if found.personal and spec.purpose not in found.purposes:
        yield (
            ("release", "purpose"),
            f"{spec.purpose!r} is not among the purposes",
            suggestion(spec.purpose, found.purposes),
        )
    if found.type == "*":
        yield ("release",), "the default dataset has no declared shape to release", ""


def _anonymity(found: Dataset, wish: Anonymity) -> Mistakes:
    for key in ("quasi", "sensitive", "keep"):
        yield from _attributes(found, key, getattr(wish, key))
    if not wish.quasi or wish.k < 2:
        yield ("quasi",), "name at least one quasi-identifying attribute, and k of 2 or more", ""
    if wish.l < 1 or (wish.t is not None and not 0 < wish.t <= 1) or not 0 <= wish.suppress <= 1:
        yield (), "l is at least 1, t above 0 and at most 1, 'suppress' from 0 to 1", ""
    if not wish.sensitive and (wish.l > 1 or wish.t is not None):
        yield ("sensitive",), "l and t are about sensitive attributes: name one", ""


def _privacy(found: Dataset, wish: Privacy) -> Mistakes:
    yield from _budget(found, wish)
    yield from _spent(wish.budget_delta, wish.delta)
    if not wish.statistics:
        yield ("statistics",), "'statistics' is empty", 'statistics = [{ measure = "count" }]'
    for place, one in enumerate(wish.statistics):
        yield from _attributes(found, f"statistics {place + 1}", one.attributes)
        for field, message, hint in mistakes(one):
            yield ("statistics", place, field), message, hint


def _mobility(found: Dataset, wish: Mobility) -> Mistakes:
    yield from _budget(found, wish)
    yield from _attributes(found, "of", (wish.of,))
    yield from _durations([("window", wish.window), ("every", wish.every), ("stay", wish.stay)])
    if wish.of not in found.history and "*" not in found.history:
        yield ("of",), f"no past of {wish.of!r} is kept", f"history = [{wish.of!r}]"
    west, south, east, north = wish.box if len(wish.box) == 4 else (0, 0, 0, 0)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90) or wish.cell_m <= 0:
        yield ("box",), "'box' is west, south, east, north in degrees, and 'cell_m' above 0", ""


def _budget(found: Dataset, wish: Privacy | Mobility) -> Mistakes:
    yield from _spent(wish.epsilon, 0)
    yield from _durations([("renew", wish.renew)])
    if not 0 < wish.epsilon <= wish.budget:
        yield ("budget",), "a release spends above 0 and at most the budget", "epsilon = 1.0 and budget = 10.0"
    if found.personal and not found.subject:
        yield ("epsilon",), "a budget about people needs the dataset's 'subject'", "the attribute that names whom"
    if wish.contributions < 1 or wish.minimum < 0:
        yield ("contributions",), "'contributions' is at least 1, 'minimum' at least 0", ""


def _spent(epsilon: float, delta: float) -> Mistakes:
    if not 0 <= epsilon <= 100:
        yield ("epsilon",), f"epsilon is {epsilon}: from 0 to 100, and above 3 it hides little", ""
    if not 0 <= delta < 0.01:
        yield ("delta",), f"delta is {delta}: the chance that the promise does not hold; far below 0.01", ""


def _attributes(found: Dataset, key: str, names: Sequence[str]) -> Mistakes:
    for name in names:
        if found.attributes and name not in found.attributes:
            yield (key.split()[0],), f"{name!r} is not among the attributes", suggestion(name, found.attributes)


def _durations(given: Sequence[tuple[str, str]]) -> Mistakes:
    for key, text in given:
        try:
            if text:
                duration(text)
        except BadRequestData:
            yield (key,), f"{text!r} is no duration", "ISO 8601, such as P1Y, P1D or PT1H"


def _below(prefix: Path, found: Mistakes) -> Iterator[tuple[Path, str, str]]:
    for path, message, hint in found:
        yield (*prefix, *path), message, hint
