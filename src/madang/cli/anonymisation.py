"""``anonymise``: a table of persons, made fit for release."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from madang.cli.options import told

_FILE = click.Path(path_type=Path)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


@click.command()
@click.argument("file", type=_FILE)
@click.option("--quasi", required=True, help="Columns that together could tell who a row is, parted by commas.")
@click.option("--sensitive", help="Columns that nobody may learn of a person.")
@click.option("--keep", help="Columns that go out as they are. What no option names is left out.")
@click.option("--k", default=5, show_default=True, help="Rows that share each label at least.")
@click.option("--l", default=1, show_default=True, help="Distinct sensitive values in each class at least.")
@click.option("--t", type=float, help="How far a class's sensitive values may be from the table's: above 0, at most 1.")
@click.option(
    "--hierarchies", type=_FILE, help="A folder of COLUMN.csv, as ARX writes them: labels become their nodes."
)
@click.option("--suppress", default=0.05, show_default=True, help="The share of rows that may be left out.")
@click.option("--out", type=_FILE, help="The file to write [standard output].")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON; the table is then written to --out alone.")
@told
def anonymise(file: Path, out: Path | None, hierarchies: Path | None, as_json: bool, **given: Any) -> None:
    """Make the persons in FILE, a CSV with a line of names, indistinguishable in groups, and report the risk left.

    The guarantee is worked out again from the output before it leaves; what does not keep it is not written.
    """
    from madang.app import anonymisation as files
    from madang.govern.anonymise import Wish

    quasi = _names(given["quasi"])
    trees = files.read_hierarchies(hierarchies, quasi) if hierarchies else {}
    wish = Wish(
        quasi,
        _names(given["sensitive"]),
        _names(given["keep"]),
        k=given["k"],
        l=given["l"],
        t=given["t"],
        suppressed=given["suppress"],
        hierarchies=trees,
    )
    outcome = files.anonymise(file, wish, out, None if out or as_json else sys.stdout)
    body = files.report(outcome, wish)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(body), indent=2).decode())
    else:
        click.echo(files.summary(body), err=True)
