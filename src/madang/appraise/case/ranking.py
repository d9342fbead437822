"""Building against not building by an analytic hierarchy process, as Korea's preliminary feasibility studies ask for:
economy by the benefit-cost ratio, policy and balance of regions by judges."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from madang.appraise import ahp
from madang.appraise.book import Parameter
from madang.appraise.case.form import Ahp, Form
from madang.appraise.case.mistakes import Mistakes

LEAST, CONSISTENT, RANDOM = "kr.ahp.least", "ahp.consistency", "ahp.random."
"""Places in the parameter book."""
SCALE = "1 is as much, 3 somewhat more, 5 clearly, 7 strongly, 9 utterly more; the opposite is 1/3, 1/5 and so on"


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """Whose judgements about what, and their consistency ratio; `fits` where it is low enough."""

    whose: str
    about: str
    ratio: float
    fits: bool


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """`weight` in the whole (all sum to 1); `prefers` how many times building is preferred by it (None: by the BCR)."""

    name: str
    of: str
    weight: float
    prefers: float | None


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """What the judges say: everything but the benefit-cost ratio."""

    criteria: tuple[Criterion, ...]
    consistency: tuple[Consistency, ...]
    judges: tuple[str, ...]
    conversion: tuple[tuple[float, float], ...]
    least: float
    most: float
    source: str
    mark: str
    rests_on: tuple[str, ...]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion in the result: `share` is what building gets of it, `adds` that share times the weight."""

    name: str
    of: str
    weight: float
    prefers: float
    share: float
    adds: float


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """`score` of building; not building has the rest of 1. `passes` where it is `least` or more."""

    score: float
    least: float
    passes: bool
    rows: tuple[Row, ...]
    consistency: tuple[Consistency, ...]
    most: float
    judges: tuple[str, ...]
    conversion: str
    source: str
    mark: str
    rests_on: tuple[str, ...]


def panel(form: Form, book: Mapping[str, Parameter], mistakes: Mistakes) -> Panel | None:
    """The judges' weights and preferences; what is wrong with them goes to `mistakes`. None where the file has none."""
    given = form.ahp
    if given is None:
        return None
    before = len(mistakes)
    _check(given, mistakes)
    if len(mistakes) > before:
        return None
    random = {int(name.removeprefix(RANDOM)): _number(one) for name, one in book.items() if name.startswith(RANDOM)}
    limit = _number(book[CONSISTENT])
    top = ahp.joined([judge.matrix for judge in given.judge])
    tops = ahp.weights(top.tolist(), random)
    parts = {group.of: (group, ahp.weights(group.matrix, random)) for group in given.group}
    criteria: list[Criterion] = []
    for name, weight in zip(given.criteria, tops.weights, strict=True):
        if name not in parts:
            criteria.append(_criterion(name, "", weight, given))
            continue
        group, inner = parts[name]
        shares = zip(group.criteria, inner.weights, strict=True)
        criteria += [_criterion(one, name, weight * share, given) for one, share in shares]
    told = [_told(judge.name, "", ahp.weights(judge.matrix, random).ratio, limit) for judge in given.judge]
    told += [_told("", name, inner.ratio, limit) for name, (_, inner) in parts.items()]
    _warn(given, told, mistakes)
    return Panel(
        criteria=tuple(criteria),
        consistency=tuple(told),
        judges=tuple(judge.name for judge in given.judge),
        conversion=tuple((row[0], row[1]) for row in given.conversion),
        least=_number(book[LEAST]),
        most=limit,
        source=given.source,
        mark=given.mark.value,
        rests_on=tuple(one.title for one in (book[LEAST], book[CONSISTENT]) if one.mark != "verified"),
    )


def ranked(said: Panel, bcr: float | None) -> Ranked | None:
    """The score of building at this benefit-cost ratio; None where there is no ratio."""
    if bcr is None or not math.isfinite(bcr):
        return None
    rows: list[Row] = []
    for one in said.criteria:
        prefers = ahp.between(bcr, said.conversion) if one.prefers is None else one.prefers
        share = ahp.share(prefers)
        rows.append(
            Row(name=one.name, of=one.of, weight=one.weight, prefers=prefers, share=share, adds=share * one.weight)
        )
    score = math.fsum(row.adds for row in rows)
    table = ", ".join(f"{at:g} is {preferred:g}" for at, preferred in sorted(said.conversion))
    return Ranked(
        score=score,
        least=said.least,
        passes=score >= said.least,
        rows=tuple(rows),
        consistency=said.consistency,
        most=said.most,
        judges=said.judges,
        conversion=f"by the file's table, a BCR of {table}" if table else "the BCR itself, from 1/9 to 9",
        source=said.source,
        mark=said.mark,
        rests_on=said.rests_on,
    )


def _criterion(name: str, of: str, weight: float, given: Ahp) -> Criterion:
    if name == given.economic:
        return Criterion(name=name, of=of, weight=weight, prefers=None)
    logs = [math.log(judge.build[name]) for judge in given.judge]
    return Criterion(name=name, of=of, weight=weight, prefers=math.exp(math.fsum(logs) / len(logs)))


def _told(whose: str, about: str, ratio: float, limit: float) -> Consistency:
    return Consistency(whose=whose, about=about, ratio=ratio, fits=ratio <= limit)


def _warn(given: Ahp, told: Sequence[Consistency], mistakes: Mistakes) -> None:
    for n, one in enumerate(told):
        at = ("ahp", "judge", n, "matrix") if n < len(given.judge) else ("ahp", "group", n - len(given.judge), "matrix")
        if not one.fits:
            message = f"the judgements of {one.whose or one.about!r} contradict each other: consistency ratio"
            mistakes.warn(at, f"{message} {one.ratio:.2f}", "ask again about the pairs: 0.1 or less")


def _check(given: Ahp, mistakes: Mistakes) -> None:
    leaves = [name for name in given.criteria if name not in {group.of for group in given.group}]
    leaves += [name for group in given.group for name in group.criteria]
    if len(given.criteria) < 2 or len(set(leaves)) != len(leaves):
        mistakes.add(("ahp", "criteria"), "fewer than two criteria, or one of them twice", "name each once")
    if given.economic not in leaves:
        remedy = f"one of: {', '.join(leaves)}"
        mistakes.add(("ahp", "economic"), f"{given.economic!r} is no criterion without parts", remedy)
    if not given.judge:
        mistakes.add(("ahp",), "there is no judge", "add [[ahp.judge]] with name, matrix and build")
    for n, group in enumerate(given.group):
        if group.of not in given.criteria:
            mistakes.add(("ahp", "group", n, "of"), f"{group.of!r} is no criterion", ", ".join(given.criteria))
        _matrix(group.matrix, group.criteria, ("ahp", "group", n, "matrix"), mistakes)
    for n, judge in enumerate(given.judge):
        _matrix(judge.matrix, given.criteria, ("ahp", "judge", n, "matrix"), mistakes)
        _preferences(judge.build, [name for name in leaves if name != given.economic], n, mistakes)
    rows = given.conversion
    if rows and not all(len(row) == 2 and row[0] >= 0 and 1 / 9 <= row[1] <= ahp.SCALE for row in rows):
        mistakes.add(("ahp", "conversion"), "a row is no pair", "write [BCR, preference], the preference from 1/9 to 9")


def _matrix(matrix: ahp.Matrix, names: Sequence[str], at: tuple[str | int, ...], mistakes: Mistakes) -> None:
    if not 2 <= len(names) <= 10:
        mistakes.add(at, f"{len(names)} criteria in one matrix", "from 2 to 10: put more into groups")
        return
    for said in ahp.mistakes(matrix, names):
        mistakes.add(
            at, said, "1 is as much, 3 somewhat more, 5 clearly, 7 strongly, 9 utterly; the opposite is 1/3 ..."
        )


def _preferences(build: Mapping[str, float], wanted: Sequence[str], n: int, mistakes: Mistakes) -> None:
    at = ("ahp", "judge", n, "build")
    if set(build) != set(wanted):
        mistakes.add(at, f"build says something of {', '.join(build) or 'nothing'}", f"of each of: {', '.join(wanted)}")
    for name, value in build.items():
        if not (math.isfinite(value) and 1 / ahp.SCALE / (1 + ahp.ROUNDED) <= value <= ahp.SCALE):
            mistakes.add((*at, name), f"{name!r} is {value:g}", "from 1/9 (not building) over 1 to 9 (building)")


def _number(one: Parameter) -> float:
    return float(one.value)
