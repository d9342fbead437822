"""Functions that become machine code when they are first needed: the compiler takes a second to load, and a process
that only reads the service's name need not wait for it."""

import hashlib
import importlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

functions: list[Callable[..., Any]] = []
"""Those that `compiled` was put on, as they were written."""


_merged: set[Callable[..., Any]] = set()


def compiled(function: F) -> F:
    """The function, to be machine code once `load` is called."""
    functions.append(function)
    return function


def merged(function: F) -> F:
    """As `compiled`, and a part of whatever calls it: for one that is called for every second of every plan, and to
    which all the arrays would be handed each time."""
    _merged.add(function)
    return compiled(function)


@cache
def load() -> None:
    """Put machine code in place of the functions wherever their modules name them, where there is numba. It is kept on
    disk beside the source, or where the user's caches are; where nothing can be written each process makes it anew."""
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError:
        return
    made = {function: _made(numba, function) for function in functions}
    for names in {id(each.__globals__): each.__globals__ for each in functions}.values():
        for name, value in list(names.items()):
            if callable(value) and value in made:
                names[name] = made[value]


def _made(numba: Any, function: Callable[..., Any]) -> Any:
    options = {"_nrt": False, "forceinline": function in _merged}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to keep it
        return numba.njit(**options)(function)
    # numba asks whether the function's own file has changed; but the code of what it calls is within its own, too, and
    # so are the constants.
    made._cache._cache_file._source_stamp = _sources()
    return made


@cache
def _sources() -> str:
    """The digest of the files that have such functions and of those that have the types and constants they use."""
    named = [each for function in functions for each in (function, *function.__globals__.values())]
    modules = {sys.modules.get(getattr(each, "__module__", "")) for each in named}
    files = {Path(each.__file__) for each in modules if each is not None and each.__file__}
    rooms = {Path(function.__code__.co_filename).parent for function in functions}
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.parent in rooms):
        digest.update(file.read_bytes())
    return digest.hexdigest()
