"""``regimes``: what the laws ask, side by side, and whether data may cross."""

import sys

import click
import msgspec

from madang.cli.options import told


@click.group()
def regimes() -> None:
    """Data-protection laws as data: engineering data, not legal advice."""


@regimes.command()
@click.argument("one")
@click.argument("other")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def diff(one: str, other: str, as_json: bool) -> None:
    """Show two regimes side by side (KR, IN, EU, …): value, article and certainty of each requirement.

    Certainty: S the statute's text was read, H settled, M from memory, U unsure.
    """
    from rich.console import Console
    from rich.table import Column, Table

    from madang.app import regimes as matrix

    rows = matrix.difference(one, other)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
        return
    table = Table("", *(Column(code, overflow="fold") for code in rows[0]["cells"]), show_lines=True)
    for row in rows:
        mark = "≠" if row["differs"] else "="
        table.add_row(f"{row['requirement']} {mark}", *(matrix.shown(cell) for cell in row["cells"].values()))
    Console(markup=False).print(table)


@regimes.command("transfer")
@click.argument("origin")
@click.argument("to")
@click.option(
    "--category", default="personal", show_default=True, help="anonymised, pseudonymised, personal, health, …"
)
@click.option("--controller", default="public", show_default=True, help="public or private.")
@click.option("--basis", help="The mechanism it stands on; without one, those that would do are named.")
@told
def transfer(origin: str, to: str, category: str, controller: str, basis: str | None) -> None:
    """Ask whether data may go from ORIGIN to TO; the answer is JSON, and the exit code 1 when it is no."""
    from madang.app import regimes as matrix
    from madang.govern.regimes import can_transfer

    answer = can_transfer(matrix.matrix(), origin, to, category=category, controller=controller, basis=basis)
    click.echo(msgspec.json.format(msgspec.json.encode(answer._asdict())).decode())
    sys.exit(0 if answer.allowed else 1)


@regimes.command("breach")
@click.argument("codes", nargs=-1, required=True, metavar="REGIME...")
@click.option("--aware", required=True, help="When the organisation knew: 2026-03-01T07:30:00Z.")
@click.option("--at", help="When it occurred, if that is known.")
@click.option("--suspected", help="When there was reason to believe that it had.")
@click.option("--assessed", help="When it was assessed that it has to be told (Singapore's clock).")
@click.option("--told", "authority_told", help="When the authority was told (Malaysia's clock for people).")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def breach(codes: tuple[str, ...], as_json: bool, **given: str | None) -> None:
    """Tell by when a breach has to be told to whom, under each REGIME (KR, SG, EU, …), in each law's own clock.

    What is unsure says so: then the earliest reading counts. Engineering data, not legal advice.
    """
    from rich.console import Console
    from rich.table import Column, Table

    from madang.app import regimes as matrix
    from madang.govern.regimes import Incident, deadlines, regime_of
    from madang.model.time import parse

    moments = {name: parse(text, what=f"--{name}") for name, text in given.items() if text is not None}
    wanted = dict.fromkeys(map(regime_of, codes))
    found = deadlines(matrix.matrix(), [*wanted], Incident(**moments))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    table = Table(
        Column("due (UTC)", min_width=len("2026-03-01 07:00")),
        *(Column(name, overflow="fold") for name in ("", "whom", "if", "runs from", "article", "")),
        show_lines=True,
    )
    for one in found:
        due = one.due.strftime("%Y-%m-%d %H:%M") if one.due is not None else "without delay"
        sure = one.certainty if one.sure else f"{one.certainty}, unsure"
        table.add_row(due, one.regime, one.whom, one.threshold, one.begins, f"{one.article} [{sure}]", one.why)
    Console(markup=False).print(table)
