"""``verify``: a log or a receipt checked offline, with nothing but the public key."""

import sys
from pathlib import Path

import click
import msgspec

from madang.cli.options import told

FORGED = 1
"""The exit code where something does not fit; what cannot be read at all ends as other commands do."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--key", required=True, help="The public key: 64 hex digits, or a file with it (hex, PEM, /ledger/key).")
@click.option("--seen", multiple=True, type=_FILE, help="A head from earlier (/ledger/head) that the log must contain.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
@told
def verify(file: Path, key: str, seen: tuple[Path, ...], as_json: bool) -> None:
    """Check a log or a receipt of a city's ledger, offline.

    FILE is what /ledger/export gave (the whole log), or /ledger/proof (a receipt of one entry). Exit code 1 if it was
    changed, cut, reordered, or signed by another key.
    """
    from madang.account import check
    from madang.account.fault import LedgerError
    from madang.account.key import read_public

    public = read_public(Path(key).read_text("utf-8") if Path(key).is_file() else key)
    try:
        with file.open("rb") as lines:
            is_log = b'"format":"madang-ledger/' in lines.readline()
            lines.seek(0)
            heads = [check.read_head(each.read_bytes()) for each in seen]
            found = check.check_export(lines, public, heads) if is_log else check.check_receipt(lines.read(), public)
    except LedgerError as error:
        click.echo(f"madang: NOT what was signed: {error.detail}", err=True)
        sys.exit(FORGED)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        what = f"{found.entries} entries" if is_log else "the entry"
        head = found.head
        click.echo(
            f"verified: {what}, {found.bodies} with their text; the log had {head.size} at {head.at.isoformat()}"
        )
        click.echo(f"root {head.root}, signed by key {head.log}")
