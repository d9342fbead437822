"""``people``: who signs in to a city's pages."""

import secrets
import sys
from pathlib import Path
from typing import Any

import click

from madang.cli.options import CITY, DATA, settings_of, told

_ROLE = click.option("--role", "roles", multiple=True, required=True, help="As datasets grant to; 'operator' is one.")
_MADE = click.option("--generate", is_flag=True, help="Make a password and print it, instead of asking for one.")
_TOTP = click.option("--totp", is_flag=True, help="A second factor: print the secret for an app that makes codes.")


@click.group()
def people() -> None:
    """People who sign in with a password, or by a link: added, listed, revoked. A running hub heeds it within a
    second."""


@people.command()
@click.argument("city", type=CITY)
@click.option("--name", required=True, help="Who it is: small letters, digits and -.")
@_ROLE
@click.option("--purpose", "purposes", multiple=True, help="What they read for; the first is the default [any].")
@click.option("--country", default="", help="Where they read, ISO 3166 [the city's own].")
@click.option("--subject", default="", help="The URI of the person, where data may be about them.")
@_TOTP
@_MADE
@DATA
@told
def add(city: Path, name: str, totp: bool, generate: bool, data: Path | None, **given: Any) -> None:
    """Add a person. The password is asked for, or read as a line where no terminal is."""
    from madang.clock import WallClock
    from madang.govern.identity import Person
    from madang.govern.identity.password import hashed
    from madang.govern.identity.person import check_person
    from madang.govern.identity.totp import new_secret

    given["country"] = given["country"].upper()
    check_person(name, roles=given["roles"], purposes=given["purposes"], country=given["country"])
    secret = new_secret() if totp else ""
    password, now = _password(name, generate), WallClock().now()
    _place(city, data).people.add(
        Person(name=name, password=hashed(password), totp=secret, created_at=now, changed_at=now, **given)
    )
    click.echo(f"'{name}' may sign in now")
    _tell(city, name, password if generate else "", secret)


@people.command("list")
@click.argument("city", type=CITY)
@DATA
@told
def list_(city: Path, data: Path | None) -> None:
    """List the people: who, in which roles, for what, by what."""
    for one in _place(city, data).people.people().values():
        what = f"{', '.join(one.roles)} for {', '.join(one.purposes) or 'any purpose'}"
        click.echo(f"{one.name}: {what}, by password{' and code' if one.totp else ''}, since {one.changed_at:%Y-%m-%d}")


@people.command()
@click.argument("city", type=CITY)
@click.argument("name")
@DATA
@told
def revoke(city: Path, name: str, data: Path | None) -> None:
    """Take a person away, and end their sessions; 'operator' ends those of the operator's links."""
    from madang.govern.identity.person import OPERATOR

    place = _place(city, data)
    if name != OPERATOR:
        place.people.remove(name)
    ended = place.sessions.end_all(name, "house" if name == OPERATOR else "person")
    click.echo(f"'{name}' opens nothing any more; sessions that ended: {ended}")


@people.command()
@click.argument("city", type=CITY)
@click.argument("name")
@_TOTP
@_MADE
@DATA
@told
def reset(city: Path, name: str, totp: bool, generate: bool, data: Path | None) -> None:
    """Give a person another password, and perhaps another second factor; their sessions end."""
    import msgspec

    from madang.clock import WallClock
    from madang.govern.identity.password import hashed
    from madang.govern.identity.totp import new_secret

    place = _place(city, data)
    before = place.people.one(name)
    secret = new_secret() if totp else ""
    password = _password(name, generate)
    changed = {"password": hashed(password), "changed_at": WallClock().now()} | ({"totp": secret} if totp else {})
    place.people.replace(msgspec.structs.replace(before, **changed))
    click.echo(f"'{name}' has another password; their sessions ended")
    _tell(city, name, password if generate else "", secret)


@people.command()
@click.argument("city", type=CITY)
@click.option("--name", default="operator", help="Whom it signs in [the operator].")
@click.option("--port", type=click.IntRange(1, 65535), help="Where the hub listens [8080].")
@click.option("--host", help="The address that it listens on [127.0.0.1].")
@DATA
@told
def link(city: Path, name: str, **given: Any) -> None:
    """Print a link that signs in once, within 15 minutes."""
    from madang.app.people import new_link
    from madang.city import read

    click.echo(new_link(read(city).id, settings_of(**given), name))


def _place(city: Path, data: Path | None):
    from madang.app.people import Place
    from madang.city import read

    return Place(settings_of(data=data).data / read(city).id)


def _password(name: str, generate: bool) -> str:
    from madang.govern.identity.person import check_password

    if generate:
        return secrets.token_urlsafe(15)
    if sys.stdin.isatty():
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    check_password(password, name)
    return password


def _tell(city: Path, name: str, password: str, secret: str) -> None:
    from madang.city import read
    from madang.govern.identity.totp import address

    if password:
        click.echo(f"password: {password}")
    if secret:
        click.echo(f"for the app that makes codes: {address(secret, name, read(city).name['en'])}")
