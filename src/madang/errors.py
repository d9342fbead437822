"""One tree of errors; each carries its HTTP status and its problem type.

The types are those of ETSI GS CIM 009 v1.8.1, table 6.3.2-1, where the standard has one. The translation into an HTTP
answer happens once, in ``api/problem.py``; nothing else turns an error into a status.
"""

from typing import Any, ClassVar

_ETSI = "https://uri.etsi.org/ngsi-ld/errors/"


class MadangError(Exception):
    """Something that went wrong and that its reader can act on: ``detail`` says what to do."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = _ETSI + "InternalError"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, **members: Any) -> None:
        """`members` become extension members of the problem details (RFC 9457, 3.2)."""
        super().__init__(detail)
        self.detail = detail
        self.members = members


class InvalidRequest(MadangError):
    """The request is not well formed: not JSON, a wrong media type, an unknown parameter."""

    status = 400
    type = _ETSI + "InvalidRequest"
    title = "Invalid request"


class BadRequestData(MadangError):
    """The request is well formed and its content is wrong."""

    status = 400
    type = _ETSI + "BadRequestData"
    title = "Bad request data"


class AlreadyExists(MadangError):
    """The thing to create is there already."""

    status = 409
    type = _ETSI + "AlreadyExists"
    title = "Already exists"


class Conflict(MadangError):
    """The hub holds, or has promised to another source, what a registration claims (5.9.2; no row in table 6.3.2-1)."""

    status = 409
    type = _ETSI + "Conflict"
    title = "Conflict"


class ResourceNotFound(MadangError):
    """No such thing, or none that the caller may see."""

    status = 404
    type = _ETSI + "ResourceNotFound"
    title = "Resource not found"


class OperationNotSupported(MadangError):
    """The operation is not supported on this thing."""

    status = 422
    type = _ETSI + "OperationNotSupported"
    title = "Operation not supported"


class TooComplexQuery(MadangError):
    """The query would cost more than a caller may ask for."""

    status = 403
    type = _ETSI + "TooComplexQuery"
    title = "Too complex query"


class TooManyResults(MadangError):
    """The answer would be larger than a caller may ask for."""

    status = 403
    type = _ETSI + "TooManyResults"
    title = "Too many results"


class LdContextNotAvailable(MadangError):
    """A JSON-LD context could not be had."""

    status = 503
    type = _ETSI + "LdContextNotAvailable"
    title = "JSON-LD context not available"


class NonexistentTenant(MadangError):
    """A read named a tenant that nothing was ever written to."""

    status = 404
    type = _ETSI + "NonexistentTenant"
    title = "Nonexistent tenant"


class PayloadTooLarge(MadangError):
    """The body is larger than the hub takes."""

    status = 413
    type = "about:blank"
    title = "Payload too large"


class Forbidden(MadangError):
    """Governance refuses: the detail says which rule and who could change it."""

    status = 403
    type = "about:blank"
    title = "Forbidden"


class Unauthorized(MadangError):
    """The identity that the request claims does not hold: a key that is unknown, revoked or has ended."""

    status = 401
    type = "about:blank"
    title = "Unauthorized"


class Unavailable(MadangError):
    """A part that the answer needs does not run now (the world, the store)."""

    status = 503
    type = "about:blank"
    title = "Unavailable"


class Undelivered(MadangError):
    """A notification did not reach its receiver; the detail says why."""

    status = 502
    type = "about:blank"
    title = "Undelivered"


class CityInvalid(MadangError):
    """A city folder with mistakes; ``members["findings"]`` lists them as file, line, message."""

    status = 422
    type = "about:blank"
    title = "City invalid"


class AppraisalInvalid(MadangError):
    """What is to be appraised has mistakes; the detail names each with its file, its line and what to do."""

    status = 422
    type = "about:blank"
    title = "Appraisal invalid"


class MissingExtra(MadangError):
    """An optional part is not installed; the detail names the extra that brings it."""

    status = 501
    type = "about:blank"
    title = "Missing extra"

    def __init__(self, extra: str, need: str) -> None:
        super().__init__(f"{need} needs the extra '{extra}': pip install 'madang[{extra}]', or uv sync --extra {extra}")
