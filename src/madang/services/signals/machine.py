"""Functions that become machine code when they are first needed: the compiler takes a second to load, and a process
that only reads the service's name need not wait for it."""

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

functions: list[Callable[..., Any]] = []
"""Those that `compiled` was put on, as they were written."""


def compiled(function: F) -> F:
    """The function, to be machine code once `load` is called."""
    functions.append(function)
    return function


@cache
def load() -> None:
    """Put machine code in place of the functions, where there is numba. It is kept on disk beside the source, or where
    the user's caches are; where nothing can be written each process makes it anew."""
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError:
        return
    for function in functions:
        try:
            made = numba.njit(cache=True, _nrt=False)(function)
        except RuntimeError:  # nowhere to keep it
            made = numba.njit(_nrt=False)(function)
        function.__globals__[function.__name__] = made
