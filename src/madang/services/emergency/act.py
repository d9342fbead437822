"""It commands nothing: what the signals show is their own service's to answer for, guards and all."""

from collections.abc import Sequence

from madang.model.service import Command, Guard, View

GUARDS: tuple[Guard, ...] = ()


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """There is nothing to undo: a corridor that is not renewed ends by itself."""
    return ()
