"""What commands share: options, our errors as lines, settings with what the command line says."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import msgspec

from madang import settings
from madang.errors import CityInvalid, MadangError
from madang.supervise import HOPELESS

P = ParamSpec("P")
R = TypeVar("R")

CITY = click.Path(path_type=Path)
DATA = click.option("--data", type=click.Path(path_type=Path), help="Where the city's state is kept [data].")
STORE = click.option(
    "--store", help="Keep it on a PostgreSQL server instead: postgresql://user@host/database. Passwords: MADANG_STORE."
)


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Show one of our errors as a line that says what to do, not as a trace."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MadangError as error:
            click.echo(line_of(error), err=True)
        sys.exit(HOPELESS)

    return run


def line_of(error: MadangError) -> str:
    """What people read of one of our errors; a city's mistakes have a line each, which says its file."""
    return error.detail if isinstance(error, CityInvalid) else f"madang: {error.title.lower()}: {error.detail}"


def together(*options: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Callable[[Callable[..., Any]], Any]:
    """Options that several commands share, as one decorator."""

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return give


def settings_of(**given: Any) -> settings.Settings:
    """The environment's settings with what the command line says."""
    known = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(settings.from_environment(), **known)


def speed_of(text: str | None) -> float | None:
    """Simulated seconds per second; 0 is as fast as it goes."""
    if text is None:
        return None
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 1000 or (speed == 0 and text != "max"):
        raise click.BadParameter(f"'{text}' is no speed: a number over 0 up to 1000, or 'max'", param_hint="--speed")
    return speed
