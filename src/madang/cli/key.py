"""``key``: who is known to a city's hub besides the public."""

from datetime import timedelta
from pathlib import Path

import click

from madang.cli.options import CITY, DATA, settings_of, told


@click.group()
def key() -> None:
    """Keys of machines and people: made, listed, revoked. A running hub heeds it within a second."""


@key.command()
@click.argument("city", type=CITY)
@click.option("--name", required=True, help="Who it is: small letters, digits and -.")
@click.option("--role", "roles", multiple=True, required=True, help="As datasets grant to; 'operator' is the house's.")
@click.option("--purpose", "purposes", multiple=True, help="What its holder reads for; the first is the default [any].")
@click.option("--country", default="", help="Where its holder reads, ISO 3166 [the city's own].")
@click.option("--subject", default="", help="The URI of the person that it is.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The client's certificate (PEM) by which it is known, instead of a text.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after so many days [never].")
@DATA
@told
def add(
    city: Path,
    name: str,
    roles: tuple[str, ...],
    purposes: tuple[str, ...],
    country: str,
    subject: str,
    days: int | None,
    certificate: Path | None,
    data: Path | None,
) -> None:
    """Make a key and print it, once: only its hash is kept.

    Give it along as the header  Authorization: Bearer KEY
    """
    from madang.app.keys import fingerprint
    from madang.clock import WallClock
    from madang.govern.key import make

    now = WallClock().now()
    ends = now + timedelta(days=days) if days else None
    shown = fingerprint(certificate) if certificate is not None else ""
    made, text = make(
        name,
        roles=roles,
        purposes=purposes,
        country=country.upper(),
        subject=subject,
        now=now,
        expires_at=ends,
        certificate=shown,
    )
    _file(city, data).add(made)
    click.echo(f"{made.id}: who shows the certificate {shown} is '{name}'" if shown else text)


@key.command("list")
@click.argument("city", type=CITY)
@DATA
@told
def list_(city: Path, data: Path | None) -> None:
    """List the keys: who, in which roles, for what, until when."""
    for one in _file(city, data).keys().values():
        ends = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "without end"
        what = f"{', '.join(one.roles)} for {', '.join(one.purposes) or 'any purpose'}"
        click.echo(f"{one.id}  {one.name}: {what}, {one.country or 'at home'}, {ends}")


@key.command()
@click.argument("city", type=CITY)
@click.argument("id")
@DATA
@told
def revoke(city: Path, id: str, data: Path | None) -> None:
    """Take a key back, by the id that `list` shows."""
    taken = _file(city, data).remove(id)
    click.echo(f"the key {id} of '{taken.name}' opens nothing any more")


def _file(city: Path, data: Path | None):
    from madang.app.keys import KeyFile
    from madang.city import read

    return KeyFile(settings_of(data=data).data / read(city).id)
