"""The OpenAPI document and its viewer: what an operation takes and answers is said beside it, once.

The viewer is served from this host alone; its files are built into the interface under ``/assets/docs``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import MediaType, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    License,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType

from madang.api import parameters
from madang.api.file import serve
from madang.api.message import Answer
from madang.api.problem import MEDIA_TYPE, Call
from madang.api.rooms import rooms

_MADE: Final = "openapi"
"""Where the document is kept among the answers that do not change."""
_PROBLEM: Final = Schema(
    type=OpenAPIType.OBJECT,
    description="Problem details (RFC 9457)",
    properties={
        name: Schema(type=OpenAPIType.INTEGER if name == "status" else OpenAPIType.STRING)
        for name in ("type", "title", "status", "detail", "instance")
    },
)
_ENTITY: Final = Schema(type=OpenAPIType.OBJECT, description="An NGSI-LD entity")
_ANSWERS: Final = {
    200: "The answer.",
    201: "Created; `Location` says where.",
    202: "Taken in; what comes of it is told elsewhere.",
    204: "Done; there is nothing to add.",
    206: "A part of the answer; `Content-Range` says which times it has.",
    207: "Done in part: `success` and `errors` say for which.",
    400: "The request is not well formed, or its content is wrong.",
    401: "The key does not hold.",
    403: "Governance or a limit refuses.",
    404: "There is no such thing, or none that you may see.",
    406: "No representation that the Accept header allows.",
    409: "It exists already.",
    411: "The header Content-Length is missing.",
    413: "The body is too large.",
    415: "The body's media type is not read here.",
    429: "Too often; `retry_after_s` says when again.",
    422: "The operation is not supported on this thing.",
    503: "A part that the answer needs does not run now.",
}
_ALWAYS: Final = (400, 403, 404, 406, 503)
_WITH_BODY: Final = (411, 413, 415)


def documented(
    tag: str,
    *,
    query: Sequence[str] = (),
    answers: Sequence[int] = (200,),
    body: Any = None,
    example: Any = None,
    media: Sequence[str] = ("application/json",),
    named: bool = True,
) -> type[Operation]:
    """The documentation of an operation beside its docstring, whose first sentence becomes the summary.

    `tag` is its family; `query` its parameters; `answers` its good statuses; `body` the example of its body (None: no
    body), `example` that of its answer in the `media`; `named` says that it takes an @context, a tenant and a purpose.
    """

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.tags = [tag]
            summary = re.split(r"[:;.(]\s?", self.description or "")[0].strip()
            self.summary = summary
            self.operation_id = "-".join(re.findall(r"\w+", summary.lower()))
            own = parameters.path_parameters(self.parameters or [])
            self.parameters = [*own, *parameters.query_parameters(query), *(parameters.headers() if named else ())]
            problems = (
                *_ALWAYS,
                *(code for code in (409, 429) if code in answers),
                *(_WITH_BODY if body is not None else ()),
            )
            self.responses = {
                **{str(code): _answer(code, example, media) for code in answers},
                **{str(code): Reference(ref=f"#/components/responses/{code}") for code in problems},
            }
            if body is not None:
                self.request_body = RequestBody(content=_content(body, ("application/json", "application/ld+json")))

    return Documented


def _answer(code: int, example: Any, media: Sequence[str]) -> OpenAPIResponse:
    content = _content(example, media) if code in (200, 206, 207) else None
    return OpenAPIResponse(description=_ANSWERS[code], content=content)


def _problem(code: int) -> OpenAPIResponse:
    return OpenAPIResponse(description=_ANSWERS[code], content={MEDIA_TYPE: OpenAPIMediaType(schema=_PROBLEM)})


def _content(example: Any, media: Sequence[str]) -> dict[str, OpenAPIMediaType]:
    examples: Mapping[str, Example] | None = {"example": Example(value=example)} if example is not None else None
    schema = Schema(type=OpenAPIType.ARRAY, items=_ENTITY) if isinstance(example, list) else _ENTITY
    return {name: OpenAPIMediaType(schema=schema, examples=dict(examples) if examples else None) for name in media}


def config(version: str) -> OpenAPIConfig:
    """The document's head."""
    return OpenAPIConfig(
        title="Madang",
        version=version,
        summary="The API of a city: its data, its decisions, its state",
        description=(
            "NGSI-LD (ETSI GS CIM 009 v1.8.1) for the city's entities and their history, live changes as server-sent "
            "events, and every decision with its reasons. Errors are problem details (RFC 9457) that say what to do."
        ),
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path="/docs/of",
        components=Components(responses={str(code): _problem(code) for code in _ANSWERS if code >= 400}),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
    )


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def document(request: Call) -> Answer:
    """The OpenAPI document; made once, since that takes as long as hundreds of writes."""
    kept = rooms(request).kept
    if _MADE not in kept:
        kept[_MADE] = msgspec.json.encode(request.app.openapi_schema.to_schema())
    return serve(request, kept[_MADE], media="application/vnd.oai.openapi+json;version=3.1", headers={})


_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Madang API</title>
<link rel="stylesheet" href="/assets/docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="docs"></div>
<noscript>The operations are listed in <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/assets/docs/swagger-ui-bundle.js"></script>
<script src="/assets/docs/swagger-ui-standalone-preset.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START: Final = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
});
"""


@get("/docs", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
def viewer() -> str:
    """The viewer of the OpenAPI document."""
    return _PAGE


@get("/docs/start.js", include_in_schema=False, media_type="text/javascript", sync_to_thread=False)
def start() -> str:
    """Starts the viewer; a file of its own, so that the page needs no inline script."""
    return _START
