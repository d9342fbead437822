"""The sheet of calculations: discount factors, each stream by year, its weight in both views, its present values, and
who gains how much of it."""

from collections.abc import Sequence

import msgspec
import numpy as np

from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Role
from madang.appraise.case.streams import role_of
from madang.appraise.case.workbook.grid import Grid, at, span
from madang.appraise.case.workbook.inputs import Places
from madang.appraise.discount import OFFSET
from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel
from madang.appraise.stream import STATE

YEARS = 8
"""The column of the first year; the columns before it are of the stream as a whole."""
_HEAD = ("stream", "amount a year", "growth", "sign", "economic weight", "financial weight", "left at the end", "")


class Worked(msgspec.Struct, kw_only=True):
    """Where the results of the calculations stand, without the sheet's name: ranges by year, and by stream."""

    sheet: str
    factors: dict[str, str] = {}
    nets: dict[str, str] = {}
    sides: dict[str, str] = {}
    roles: dict[Role, int] = {}
    present: str = ""
    cash: str = ""
    economic: str = ""
    tiers: str = ""
    members: list[str] = []
    incidence: dict[str, str] = {}


class Sheet:
    """The sheet while it is written: `row` is the next free one."""

    def __init__(self, grid: Grid, case: Case, places: Places, compiled: Kernel) -> None:
        self.grid, self.case, self.places, self.compiled = grid, case, places, compiled
        self.horizon = case.project.horizon
        self.count = len(case.project.streams)
        self.row = 0
        self.worked = Worked(sheet=grid.name)
        self.weights_at = self.streams_at = 0
        """The first stream's row: with its weights, before and after what is left of its assets."""

    def year(self, n: int, row: int) -> str:
        """The cell of year `n` in that row."""
        return at(row, YEARS + n)

    def years(self, row: int) -> str:
        """The cells of all years in that row."""
        return span((row, YEARS), (row, YEARS + self.horizon - 1))

    def column(self, col: int) -> str:
        """The cells of all streams in that column."""
        return span((self.streams_at, col), (self.streams_at + self.count - 1, col))


def write(grid: Grid, case: Case, places: Places, *, compiled: Kernel) -> Worked:
    """Fill the sheet; where its results stand."""
    sheet = Sheet(grid, case, places, compiled)
    _factors(sheet)
    _gross(sheet)
    _nets(sheet)
    _present(sheet)
    _incidence(sheet)
    _members(sheet)
    grid.freeze(2, 1)
    return sheet.worked


def _factors(sheet: Sheet) -> None:
    grid, horizon, project = sheet.grid, sheet.horizon, sheet.case.project
    grid.put(0, 0, "year, counted from 0", "head")
    grid.put(1, 0, "calendar year", "head")
    for n in range(horizon):
        grid.put(0, YEARS + n, n, "year")
        grid.formula(1, YEARS + n, f"{sheet.places.first_year}+{at(0, YEARS + n)}", project.first_year + n, "year")
    sheet.row = 2
    for view, schedule in (("economic", project.economic), ("financial", project.financial)):
        for name, offset in ((view, OFFSET[project.timing]), (f"{view} from the first year", 0.0)):
            grid.put(sheet.row, 0, f"discount factor, {name}")
            when = f"+{sheet.places.offset}" if name == view else ""
            for n in range(horizon):
                text = _factor(f"({at(0, YEARS + n)}{when})", sheet.places.bands[view])
                grid.formula(sheet.row, YEARS + n, text, schedule.factor(n + offset), "factor")
            sheet.worked.factors[name] = sheet.years(sheet.row)
            sheet.row += 1


def _factor(years: str, bands: Sequence[tuple[str, str]]) -> str:
    """What 1 in so many years is worth: each year at its own rate."""
    parts: list[str] = []
    before = "0"
    for rate, until in bands:
        parts.append(f"(1+{rate})^-MAX(0,MIN({years},{until})-{before})")
        before = until
    return "*".join(parts)


def _gross(sheet: Sheet) -> None:
    """Each stream by year: first before what is left of its assets, then with it."""
    grid, horizon = sheet.grid, sheet.horizon
    grid.row(sheet.row + 1, _HEAD, "head")
    sheet.weights_at = sheet.row + 2
    sheet.streams_at = after = sheet.weights_at + sheet.count + 2
    grid.put(after - 1, 0, "with what is left of assets taken off the last year's cost", "head")
    for n, stream in enumerate(sheet.case.project.streams):
        row, place = sheet.weights_at + n, sheet.places.stream[n]
        whole = msgspec.structs.replace(stream, life=None).profile(horizon)
        _weights(sheet, n, row)
        start, runs = place["first year (0 is the first)"], place["years"]
        for year in range(horizon):
            t = at(0, YEARS + year)
            phase = f"INDEX({sheet.places.phasing[n]},1,MAX(1,{t}-{start}+1))"
            text = f"IF(AND({t}>={start},{t}<{start}+{runs}),{at(row, 1)}*{phase}*(1+{at(row, 2)})^{t},0)"
            grid.formula(row, YEARS + year, text, whole[year], "money")
            left = f"-{at(row, 6)}" if year == horizon - 1 else ""
            value = float(sheet.compiled.amounts[n, year])
            grid.formula(after + n, YEARS + year, f"{at(row, YEARS + year)}{left}", value, "money")
        grid.formula(after + n, 0, place["stream"], stream.name)
        life, years = place["life"], sheet.years(0)
        rest = f"({horizon - 1}-{years})/{life}"
        text = f"IF(N({life})=0,0,SUMPRODUCT({sheet.years(row)}*(1-{rest})*({rest}<1)))"
        grid.formula(row, 6, text, whole[-1] - float(sheet.compiled.amounts[n, -1]), "money")
    sheet.row = after + sheet.count


def _weights(sheet: Sheet, n: int, row: int) -> None:
    """The columns of a stream as a whole."""
    grid, stream, place = sheet.grid, sheet.case.project.streams[n], sheet.places.stream[n]
    drives = sheet.case.drives[n]
    amount = "*".join([place["times"], *(sheet.places.value[d] for d in drives)])
    growth = "*".join(f"(1+{cell})" for cell in [place["growth a year"], *(sheet.places.growth[d] for d in drives)])
    sign, entity = at(row, 3), sheet.places.entity
    grid.formula(row, 0, place["stream"], stream.name)
    grid.formula(row, 1, amount, stream.amount, "money")
    grid.formula(row, 2, f"{growth}-1", stream.growth, "factor")
    grid.formula(row, 3, f'IF({place["kind"]}="cost",-1,1)', stream.sign)
    society = f"{sign}*(1-{place['tax in the price']})*{place['shadow price factor']}"
    grid.formula(row, 4, f'IF({place["kind"]}="transfer",0,{society})', stream.economic, "factor")
    till = f"{sign}*IF({place['owner']}={entity},1,0)-IF({place['payer']}={entity},1,0)"
    value = stream.financial(sheet.case.project.entity)
    grid.formula(row, 5, f'IF({place["tier"]}="cash",{till},0)', value)


def _nets(sheet: Sheet) -> None:
    """Benefits, costs and net by year in the economic view; cash in the financial one; and what each role adds."""
    compiled, first = sheet.compiled, sheet.weights_at
    weights = {"economic": 4, "financial": 5}
    flows = {"economic": compiled.economic, "financial": compiled.financial}
    sheet.row += 1
    for view, col in weights.items():
        column = span((first, col), (first + sheet.count - 1, col))
        for side, sign in (("benefits", ">"), ("costs", "<")):
            kept = np.maximum(flows[view], 0) if side == "benefits" else np.minimum(flows[view], 0)
            text = f"SUMPRODUCT(({column}{sign}0)*{column}*{{column}})"
            sheet.worked.sides[f"{view} {side}"] = _by_year(sheet, f"{view} {side}", text, compiled.amounts.T @ kept)
        text = f"SUMPRODUCT({column}*{{column}})"
        sheet.worked.nets[view] = _by_year(sheet, f"{view} net", text, compiled.amounts.T @ flows[view])
    for role in Role:
        mine = np.array([role_of(stream) is role for stream in sheet.case.form.stream])
        roles = [place["role"] for place in sheet.places.stream]
        picked = f'({roles[0]}:{roles[-1].partition("!")[2]}="{role.value}")'
        column = span((first, 4), (first + sheet.count - 1, 4))
        sheet.worked.roles[role] = sheet.row
        values = compiled.amounts.T @ (compiled.economic * mine)
        _by_year(sheet, f"economic net, {role.value}", f"SUMPRODUCT({picked}*{column}*{{column}})", values)


def _by_year(sheet: Sheet, title: str, text: str, values: Floats) -> str:
    """A row with that formula for each year; ``{column}`` stands for the streams in that year."""
    sheet.grid.put(sheet.row, 0, title, "good")
    for n in range(sheet.horizon):
        made = text.replace("{column}", sheet.column(YEARS + n))
        sheet.grid.formula(sheet.row, YEARS + n, made, float(values[n]), "money")
    sheet.row += 1
    return sheet.years(sheet.row - 1)


def _present(sheet: Sheet) -> None:
    """The present value of each stream: as the owner has it, and as society has it."""
    grid, compiled = sheet.grid, sheet.compiled
    worth = compiled.amounts @ compiled.economic_factors
    first = sheet.weights_at
    sheet.row += 1
    grid.row(sheet.row, ("present values at the economic rate", "amount", "economic", "tier"), "head")
    top = sheet.row + 1
    for n, stream in enumerate(sheet.case.project.streams):
        row = top + n
        grid.put(row, 0, stream.name)
        text = f"SUMPRODUCT({sheet.years(sheet.streams_at + n)}*{sheet.worked.factors['economic']})"
        grid.formula(row, 1, text, float(worth[n]), "money")
        grid.formula(row, 2, f"{at(row, 1)}*{at(first + n, 4)}", float(worth[n] * compiled.economic[n]), "money")
        grid.formula(row, 3, sheet.places.stream[n]["tier"], stream.tier)
    bottom = top + sheet.count - 1
    sheet.worked.present = span((top, 1), (bottom, 1))
    sheet.worked.economic = span((top, 2), (bottom, 2))
    sheet.worked.tiers = span((top, 3), (bottom, 3))
    sheet.row = bottom + 2


def _incidence(sheet: Sheet) -> None:
    """Who gains how much of each stream: owner, payer, the state's tax, and the gap to the shadow price."""
    grid, compiled, first = sheet.grid, sheet.compiled, sheet.weights_at
    worth = compiled.amounts @ compiled.economic_factors
    top = sheet.row
    grid.put(top, 0, "who gains, present values", "head")
    present = sheet.worked.present.partition(":")[0]
    start = int(present.rpartition("$")[2]) - 1
    for m, group in enumerate(compiled.groups):
        grid.put(top, 1 + m, group, "head")
        name = at(top, 1 + m)
        for n, place in enumerate(sheet.places.stream):
            sign, tax, factor = at(first + n, 3), place["tax in the price"], place["shadow price factor"]
            owner, payer = f"IF({place['owner']}={name},1,0)", f"IF({place['payer']}={name},1,0)"
            state = f'IF({name}="{STATE}",{sign}*{tax},0)'
            gap = f"{sign}*(1-{tax})*({factor}-1)*{sheet.places.gap[n, group]}"
            share = f'IF({place["kind"]}="transfer",{owner}-{payer},{sign}*{owner}-{state}+{gap})'
            value = float(worth[n] * compiled.incidence[n, m])
            grid.put(top + 1 + n, 0, sheet.case.project.streams[n].name)
            grid.formula(top + 1 + n, 1 + m, f"{at(start + n, 1)}*{share}", value, "money")
        sheet.worked.incidence[group] = span((top + 1, 1 + m), (top + sheet.count, 1 + m))
    sheet.row = top + sheet.count + 2


def _members(sheet: Sheet) -> None:
    """Which input drives which stream: 1 where it does."""
    grid, top = sheet.grid, sheet.row
    grid.put(top, 0, "which input drives which stream", "head")
    for m, driver in enumerate(sheet.case.drivers):
        grid.put(top, 1 + m, driver.name, "head")
        for n, places in enumerate(sheet.case.drives):
            grid.put(top + 1 + n, 0, sheet.case.project.streams[n].name)
            grid.put(top + 1 + n, 1 + m, float(m in places))
        sheet.worked.members.append(span((top + 1, 1 + m), (top + sheet.count, 1 + m)))
