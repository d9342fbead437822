"""The sheet of results: both views, tiers, incidence, scenarios, switching values, all as formulas; and what was drawn,
as the values that it is."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Role
from madang.appraise.case.scenarios import STANDARD, Scenario
from madang.appraise.case.workbook.calculations import YEARS, Worked
from madang.appraise.case.workbook.grid import Grid, Style, Value, at, span
from madang.appraise.case.workbook.inputs import Places
from madang.appraise.cashflow import Appraised

View = Literal["economic", "financial"]
_SCENARIOS = ("scenario", "capital cost", "benefits", "operation", "years late (0 or 1)", "ENPV", "EIRR")


NEWTON = 4
"""Steps after the first guess."""


class Shown(msgspec.Struct, kw_only=True):
    """Where the results stand that the checks compare, with the sheet's name; and what they came to."""

    cells: dict[str, tuple[str, float]] = {}
    incidence: str = ""
    tiers: str = ""


class Page:
    """The sheet while it is written."""

    def __init__(self, grid: Grid, case: Case, found: Answer, *, places: Places, worked: Worked) -> None:
        self.grid, self.case, self.found, self.places, self.worked = grid, case, found, places, worked
        self.horizon = case.project.horizon
        self.row = 0
        self.shown = Shown()

    def there(self, cells: str) -> str:
        """A range of the calculations, from here."""
        return f"{self.worked.sheet}!{cells}"


def write(grid: Grid, case: Case, found: Answer, *, places: Places, worked: Worked) -> Shown:
    """Fill the sheet."""
    page = Page(grid, case, found, places=places, worked=worked)
    grid.put(0, 0, found.title, "title")
    grid.put(1, 0, "DRAFT: " + "; ".join(found.draft) if found.draft else "", "note")
    page.row = 3
    _view(page, "economic", found.economic)
    _view(page, "financial", found.financial)
    _tiers(page)
    _incidence(page)
    _scenarios(page)
    _switching(page)
    _drawn(page)
    return page.shown


def _view(page: Page, view: View, told: Appraised) -> None:
    grid, worked = page.grid, page.worked
    grid.put(page.row, 0, f"{view} view", "head")
    net = page.there(worked.nets[view])
    factors = page.there(worked.factors[view])
    sides = {side: page.there(worked.sides[f"{view} {side}"]) for side in ("benefits", "costs")}
    rows: list[tuple[str, str, Value | None]] = [
        ("NPV", f"SUMPRODUCT({net}*{factors})", told.npv),
        ("present value of benefits", f"SUMPRODUCT({sides['benefits']}*{factors})", told.benefits),
        ("present value of costs", f"-SUMPRODUCT({sides['costs']}*{factors})", told.costs),
    ]
    page.row += 1
    top = page.row
    for title, text, value in rows:
        _line(page, f"{view} {title}", title, text, value)
    benefits, costs = at(top + 1, 1), at(top + 2, 1)
    _line(page, f"{view} BCR", "BCR", f'IF({costs}>0,{benefits}/{costs},"none")', told.bcr, "factor")
    _mirr(page, view, net, told)
    _payback(page, view, net, told.payback.simple)
    _rates(page, view, net, told.irr)
    page.row += 1


def _line(page: Page, key: str, title: str, text: str, value: Value | None, style: Style = "money") -> None:
    """A result with its title; one that is None is told as a word."""
    page.grid.put(page.row, 0, title)
    shown = "none" if value is None else value
    cell = page.grid.formula(page.row, 1, text, shown, style)
    if not isinstance(shown, str):
        page.shown.cells[key] = (cell, float(shown))
    page.row += 1


def _mirr(page: Page, view: View, net: str, told: Appraised) -> None:
    """What came in, carried to the last year, against what went out, brought to the first."""
    factors = page.there(page.worked.factors[f"{view} from the first year"])
    last = at(_row(factors), YEARS + page.horizon - 1, sheet=page.worked.sheet)
    gained, spent = (f"SUMPRODUCT(({net}{sign}0)*{net}*{factors})" for sign in (">", "<"))
    text = f'IF(OR({gained}=0,{spent}=0),"none",({gained}/-{spent}/{last})^(1/{page.horizon - 1})-1)'
    _line(page, f"{view} MIRR", "MIRR", text, told.mirr, "share")


def _row(cells: str) -> int:
    return int(cells.rpartition("$")[2]) - 1


def _payback(page: Page, view: View, net: str, simple: float | None) -> None:
    """Years until the running sum is not negative, for the first time; worked out to the right of the result."""
    grid, row, horizon = page.grid, page.row, page.horizon
    source = _row(net)
    values = _net(page, view)
    running = crossed = 0.0
    first = 8
    for n in range(horizon):
        cell = at(source, YEARS + n, sheet=page.worked.sheet)
        before = at(row, first + n - 1)
        running, crossed = running + values[n], running
        grid.formula(row, first + n, cell if n == 0 else f"{before}+{cell}", running, "money")
        if n:
            within = f'IF(AND({before}<0,{at(row, first + n)}>=0),{n - 1}-{before}/{cell},"")'
            shown: Value = n - 1 - crossed / values[n] if crossed < 0 <= running else ""
            grid.formula(row + 1, first + n, within, shown, "factor")
    grid.row(row, ("running sum",), "note", col=first - 1)
    grid.row(row + 1, ("paid back within",), "note", col=first - 1)
    times = span((row + 1, first + 1), (row + 1, first + horizon - 1))
    text = f'IF(COUNT({times})>0,MIN({times}),IF({at(row, first + horizon - 1)}<0,"never",0))'
    grid.put(row, 0, "payback, years after the first")
    cell = grid.formula(row, 1, text, "never" if simple is None else simple, "factor")
    if simple is not None:
        page.shown.cells[f"{view} payback"] = (cell, simple)
    page.row = row + 2


def _net(page: Page, view: View) -> list[float]:
    return [year.economic_net if view == "economic" else year.financial_net for year in page.found.years]


def _rates(page: Page, view: View, net: str, irr: Sequence[float]) -> None:
    """Each IRR: from the spreadsheet's own (of several, from the one that madang found, because that function knows
    one) by Newton's method, because that function stops early."""
    grid = page.grid
    if not irr:
        grid.row(page.row, ("IRR", "none: no rate above -100 % makes the NPV zero"))
        page.row += 1
    years = page.there(span((0, YEARS), (0, YEARS + page.horizon - 1)))
    for n, rate in enumerate(irr):
        row = page.row
        grid.put(row, 0, "IRR" if len(irr) == 1 else f"IRR {n + 1} of {len(irr)}: none of them ranks the project")
        if len(irr) == 1:
            grid.formula(row, 2, f"IRR({net},{rate!r})", rate, "share")
        else:
            grid.put(row, 2, rate, "share")
        for step in range(NEWTON):
            last = at(row, 2 + step)
            worth, slope = f"SUMPRODUCT({net}/(1+{last})^{years})", f"SUMPRODUCT({years}*{net}/(1+{last})^({years}+1))"
            grid.formula(row, 3 + step, f"{last}+{worth}/{slope}", rate, "share")
        page.shown.cells[f"{view} IRR {n + 1}"] = (grid.formula(row, 1, at(row, 2 + NEWTON), rate, "share"), rate)
        grid.put(row, 3 + NEWTON, "left: steps of Newton's method from the first", "note")
        page.row += 1


def _tiers(page: Page) -> None:
    grid, worked = page.grid, page.worked
    grid.row(page.row, ("what the ENPV rests on", "adds", "so far"), "head")
    top = page.row + 1
    for n, step in enumerate(page.found.tiers):
        row = top + n
        grid.put(row, 0, step.tier)
        text = f"SUMPRODUCT(({page.there(worked.tiers)}={at(row, 0)})*{page.there(worked.economic)})"
        grid.formula(row, 1, text, step.adds, "money")
        grid.formula(row, 2, f"SUM({at(top, 1)}:{at(row, 1)})", step.so_far, "money")
    page.row = top + len(page.found.tiers) + 1
    page.shown.tiers = at(page.row - 2, 2, sheet=grid.name)


def _incidence(page: Page) -> None:
    grid, places = page.grid, page.places
    grid.row(page.row, ("who gains and who pays", "net gain", "share of poor people"), "head")
    top = page.row + 1
    for n, (group, gain) in enumerate(page.found.incidence.items()):
        row = top + n
        grid.put(row, 0, group)
        grid.formula(row, 1, f"SUM({page.there(page.worked.incidence[group])})", gain, "money")
        grid.formula(row, 2, places.poor[group], page.case.project.poor.get(group, 0.0), "share")
    bottom = top + len(page.found.incidence) - 1
    gains, poor = span((top, 1), (bottom, 1)), span((top, 2), (bottom, 2))
    page.row = bottom + 1
    total = page.found.economic.npv
    _line(page, "sum of incidence", "sum", f"SUM({gains})", total)
    page.shown.incidence = at(page.row - 1, 1, sheet=grid.name)
    if page.found.poverty_impact is not None:
        text = f"SUMPRODUCT({gains}*{poor})/{at(page.row - 1, 1)}"
        _line(page, "poverty impact ratio", "poverty impact ratio", text, page.found.poverty_impact, "factor")
    page.row += 1


def _scenarios(page: Page) -> None:
    grid = page.grid
    grid.row(page.row, _SCENARIOS, "head")
    for scenario, told in zip(STANDARD, page.found.scenarios, strict=True):
        page.row += 1
        row = page.row
        grid.put(row, 0, scenario.name)
        grid.row(
            row, [scenario.scales.get(role, 1.0) for role in (Role.CAPEX, Role.BENEFIT, Role.OPERATION)], "input", col=1
        )
        grid.put(row, 4, scenario.delay, "input")
        _scenario_years(page, row, scenario)
        years = span((row, 8), (row, 8 + page.horizon - 1))
        cell = grid.formula(
            row, 5, f"SUMPRODUCT({years}*{page.there(page.worked.factors['economic'])})", told.enpv, "money"
        )
        page.shown.cells[f"ENPV, {scenario.name}"] = (cell, told.enpv)
        if len(told.eirr) == 1:
            grid.formula(row, 6, f"IRR({years},{told.eirr[0]!r})", told.eirr[0], "share")
        else:
            grid.put(row, 6, "several" if told.eirr else "none")
    page.row += 2


def _scenario_years(page: Page, row: int, scenario: Scenario) -> None:
    """The net economic amounts of the scenario by year, to the right of its results."""
    roles, years = page.worked.roles, _by_role(page)
    scales = {Role.CAPEX: 1, Role.BENEFIT: 2, Role.OPERATION: 3}
    for n in range(page.horizon):
        parts: list[str] = []
        value = 0.0
        for role in Role:
            now = at(roles[role], YEARS + n, sheet=page.worked.sheet)
            was = at(roles[role], YEARS + n - 1, sheet=page.worked.sheet) if n else "0"
            cell = f"IF({at(row, 4)}=1,{was},{now})" if role is Role.BENEFIT else now
            parts.append(f"{at(row, scales[role])}*{cell}" if role in scales else now)
            late = n - (scenario.delay if role is Role.BENEFIT else 0)
            value += scenario.scales.get(role, 1.0) * (years[role][late] if late >= 0 else 0.0)
        page.grid.formula(row, 8 + n, "+".join(parts), value, "money")


def _by_role(page: Page) -> dict[Role, list[float]]:
    return {role: page.found.by_role[role.value] for role in Role}


def _switching(page: Page) -> None:
    grid, worked = page.grid, page.worked
    total = page.shown.cells["economic NPV"][0]
    bars = {bar.name: bar for bar in page.found.inputs}
    grid.row(
        page.row, ("input", "its streams' ENPV", "switching value, %", "ENPV a fifth less", "a fifth more"), "head"
    )
    for driver, members in zip(page.case.drivers, worked.members, strict=True):
        bar = bars.get(driver.name)
        if bar is None:
            continue
        page.row += 1
        row, own = page.row, (bar.high - bar.low) / 0.4
        grid.put(row, 0, driver.name)
        grid.formula(row, 1, f"SUMPRODUCT({page.there(members)}*{page.there(worked.economic)})", own, "money")
        grid.formula(row, 2, f"-100*{total}/{at(row, 1)}", bar.switching or 0.0, "factor")
        grid.formula(row, 3, f"{total}-0.2*{at(row, 1)}", bar.low, "money")
        grid.formula(row, 4, f"{total}+0.2*{at(row, 1)}", bar.high, "money")
    page.row += 2


def _drawn(page: Page) -> None:
    found, grid = page.found.uncertainty, page.grid
    if found is None:
        return
    grid.put(page.row, 0, f"drawn {found.draws} times with seed {found.seed}: values, not recomputed here", "note")
    rows = (
        ("expected ENPV", found.expected),
        ("P(ENPV < 0)", found.p_loss),
        ("P(EIRR < least)", found.p_hurdle),
        *((f"ENPV, percentile {p}", value) for p, value in zip(found.percentiles, found.enpv_curve, strict=True)),
    )
    for title, value in rows:
        page.row += 1
        grid.put(page.row, 0, title)
        grid.put(page.row, 1, value, "share" if title.startswith("P(") else "money")
