"""The services that this installation offers: the entry points of group ``madang.services``.

The built-in ones come by the same door as third parties'.
"""

from importlib.metadata import EntryPoint, entry_points

from madang.errors import BadRequestData
from madang.model.service import Service

GROUP = "madang.services"


def names() -> tuple[str, ...]:
    """The names of all services that can be loaded, sorted."""
    return tuple(sorted(_points()))


def load(name: str) -> Service:
    """The service of that name. Raises BadRequestData that lists those there are."""
    points = _points()
    if name not in points:
        raise BadRequestData(f"no service '{name}' is installed; there are: {', '.join(sorted(points)) or 'none'}")
    try:
        service = points[name].load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise BadRequestData(f"the service '{name}' ({points[name].value}) cannot be loaded: {error}") from error
    if not isinstance(service, Service):
        raise BadRequestData(f"the entry point '{name}' of {GROUP} ({points[name].value}) is not a Service")
    return service


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
