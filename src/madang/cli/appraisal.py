"""``appraise``: what a project is worth, and who pays for it; ``parameters``: the values it may rest on."""

from pathlib import Path
from typing import Any

import click
import msgspec

from madang.cli.options import DATA, STORE, settings_of, told

FILE = click.Path(path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")


class _OrFile(click.Group):
    """A group whose first word may be a project file instead of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["project", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_OrFile, subcommand_metavar="FILE.toml | COMMAND [ARGS]...")
def appraise() -> None:
    """What a project is worth and who pays: a project file, plain cash flows, or the debt behind them.

    \b
    madang appraise cities/ingolstadt/projects/signals.toml --out case
    writes the report, the summary for a council, the workbook and the figures.
    """


@appraise.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="Folder for the report, the summary (HTML and PDF), the workbook and the JSON.")
@click.option("--language", metavar="TAG", help="Of the report: en, de, hi, id, ko, th or vi [the city's first].")
@click.option("--draws", type=click.IntRange(100, 2_000_000), default=20_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same draws.")
@click.option("--method", type=click.Choice(["latin", "sobol"]), default="latin", show_default=True)
@click.option("--also", type=FILE, multiple=True, help="A file with further parameters, of your own country say.")
@JSON
@told
def project(file: Path, out: Path | None, language: str | None, as_json: bool, **given: Any) -> None:
    """NPV, every IRR, BCR and payback of FILE.toml for society and for who pays.

    Also who gains, scenarios and switching values, how likely a loss is, and what to pilot next. FILE.toml is one of a
    city's projects/*.toml; the word 'project' may be left out.
    """
    from rich.console import Console

    from madang.app.case import Kept, answered, kept
    from madang.appraise.case import told as words

    with Console(stderr=True).status("reading") as status:
        made = answered(file, heard=status.update, **given)
        status.update("writing")
        written = kept(made, out, language=language) if out is not None else Kept(files=())
    click.echo(msgspec.json.encode(made.answer).decode() if as_json else "\n".join(words.lines(made.answer)))
    for one in written.files:
        click.echo(f"written: {one}", err=True)
    for warning in written.warnings:
        click.echo(f"warning: {warning}", err=True)


@appraise.command()
@click.argument("file", type=FILE)
@click.option("--hub", metavar="URL", help="A hub that runs: http://127.0.0.1:8080.")
@click.option("--city", type=FILE, help="Or the folder of the city, whose data is read from --data.")
@DATA
@STORE
@click.option("--year", type=click.IntRange(1900, 2500), help="What is remembered counts as this year [its own].")
@click.option("--out", type=FILE, help="Folder for the report as HTML, PDF and JSON.")
@click.option("--language", metavar="TAG", help="Of the report [the city's first].")
@JSON
@told
def follow(
    file: Path,
    hub: str | None,
    city: Path | None,
    year: int | None,
    out: Path | None,
    language: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Planned against actual, year by year, after FILE.toml has opened: from the hub's history and from the books.

    The file says what is followed, in [[follow]] and [[actual]].
    """
    from madang.app import following
    from madang.appraise.case import told as words

    following.check_one(hub, city)
    reading = following.over_http(hub) if hub else following.from_data(city or Path(), settings_of(**given))
    found = following.followed(file, reading, year=year)
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(words.followed(found)))
    if out is not None:
        written = following.kept(found, file, out, language=language)
        for one in written.files:
            click.echo(f"written: {one}", err=True)
        for warning in written.warnings:
            click.echo(f"warning: {warning}", err=True)


@appraise.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--budget", type=click.FloatRange(0), help="What may be spent on building and renewing [no limit].")
@click.option("--draws", type=click.IntRange(100, 2_000_000), default=20_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--also", type=FILE, multiple=True, help="A file with further parameters, of your own country say.")
@JSON
@told
def compare(files: tuple[Path, ...], budget: float | None, as_json: bool, **given: Any) -> None:
    """Rank the projects in FILES and choose those that together bring most within the budget."""
    from rich.console import Console

    from madang.app.case import compared
    from madang.appraise.case import portfolio

    with Console(stderr=True).status("reading") as status:
        found = compared(files, budget=budget, heard=status.update, **given)
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(portfolio.lines(found)))


@appraise.command()
@click.argument("file", type=FILE)
@click.option("--rate", required=True, metavar="R", help="Discount rate, 0.09 for 9 %; or 0.035:30,0.03:75,0.025.")
@click.option(
    "--timing",
    type=click.Choice(["start", "end", "mid"]),
    default="start",
    show_default=True,
    help="The first row is now (not discounted), at the end of the first year, or in its middle.",
)
@click.option("--finance-rate", metavar="R", help="For the MIRR: what costs are financed at [--rate].")
@click.option("--reinvest-rate", metavar="R", help="For the MIRR: what benefits are reinvested at [--rate].")
@click.option(
    "--nominal",
    is_flag=True,
    help="With rows by half, quarter or month: R is a nominal yearly rate, compounded each row.",
)
@click.option("--inflation", metavar="R", help="Where amounts and rates are of unlike prices; with --amounts.")
@click.option(
    "--amounts",
    type=click.Choice(["current", "constant"]),
    help="With --inflation: current prices (rates are real), or constant ones (rates are nominal).",
)
@JSON
@told
def cashflow(file: Path, rate: str, timing: Any, as_json: bool, **given: Any) -> None:
    """NPV, every IRR, MIRR, BCR, payback and switching values of FILE.csv: year,amount or year,benefit,cost.

    Costs are positive numbers; the years follow each other, a row with 0 where nothing is paid. Instead of year the
    first column may be half (2026-H1), quarter (2026-Q1), month (2026-01), or date (2026-01-31, any days, rising: the
    NPV and IRR are then what spreadsheets call XNPV and XIRR).
    """
    from madang.app.appraisal import text_of
    from madang.appraise import cashflow as room
    from madang.appraise import flows, statement

    table = flows.read(text_of(file), name=str(file))
    schedule, others, prices = _rates(table, rate, **given)
    found = room.appraise(table, schedule, timing=timing, prices=prices, **others)
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(statement.cashflow(found)))


def _rates(
    table: Any,
    rate: str,
    *,
    finance_rate: str | None,
    reinvest_rate: str | None,
    nominal: bool,
    inflation: str | None,
    amounts: Any,
) -> Any:
    """The discount rates, those of the MIRR, and what to do about prices. Raises AppraisalInvalid."""
    from madang.appraise import discount
    from madang.errors import AppraisalInvalid

    def read(text: str, option: str) -> discount.Schedule:
        found = discount.read(text, called=option)
        return discount.effective(found, table.per_year) if nominal else found

    if nominal and not table.per_year:
        raise AppraisalInvalid("--nominal: rows with dates have no period to compound in: leave it out")
    if (inflation is None) != (amounts is None):
        raise AppraisalInvalid("--inflation and --amounts go together: say both, or neither")
    schedule = read(rate, "--rate")
    others = {
        "finance": read(finance_rate or rate, "--finance-rate"),
        "reinvest": read(reinvest_rate or rate, "--reinvest-rate"),
    }
    if inflation is None:
        return schedule, others, None
    try:
        return schedule, others, discount.Prices(float(inflation), amounts)
    except ValueError:
        raise AppraisalInvalid(f"--inflation {inflation!r} is no number: 0.02 for 2 % a year") from None


@appraise.command()
@click.argument("file", type=FILE)
@JSON
@told
def finance(file: Path, as_json: bool) -> None:
    """Debt schedules, DSCR, LLCR, PLCR, WACC, grant elements and the least grant, tariff or tenor of FILE.toml."""
    from madang.app.appraisal import financed_of
    from madang.appraise import statement

    found = financed_of(file)
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(statement.finance(found)))


@click.command()
@click.option("--country", help="Only this country's: an ISO 3166 code, EU, or * for those of no country.")
@click.option("--also", type=FILE, multiple=True, help="A file with further parameters, of your own country say.")
@JSON
@told
def parameters(country: str | None, also: tuple[Path, ...], as_json: bool) -> None:
    """Values that others have set: unit, year, country, source, and whether somebody has read that source."""
    from madang.app.appraisal import book_of
    from madang.appraise import statement

    found = [one for one in book_of(also) if country is None or one.country.upper() == country.upper()]
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(statement.parameters(found)))
