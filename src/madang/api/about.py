"""What a published dataset is and how it was made: ``/datasets/{dataset}/about``, as schema.org's JSON-LD."""

from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import LD, plain
from madang.api.arguments import Arguments
from madang.api.catalogue import address, shelf
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.publish import about

_EXAMPLE: Final = {"@context": about.VOCABULARY, "@type": "Dataset", "identifier": "air-quality", "name": "Air quality"}


@get(
    "/datasets/{dataset:str}/about",
    operation_class=documented("Open data", named=False, media=(LD,), example=_EXAMPLE),
)
async def about_dataset(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """Describe a dataset as schema.org does, with a trace of how it was made: its declaration, query, what was left
    out."""
    Arguments(request, ())
    here, found = rooms(request), shelf(request).one(dataset)
    body = about.described(found, here.city, address(request))
    return plain({**body, "trace": about.trace(found, here.policy.terms, address(request))}, media=LD)
