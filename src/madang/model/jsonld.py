"""The terms of an @context that is more than a map of terms, by a JSON-LD library (PyLD).

Only the processing of contexts is asked of it, and it fetches nothing: every document is given to it. It is loaded with
the first @context that needs it, because that takes longer than the hub takes to start.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from madang.errors import BadRequestData


def terms(documents: Sequence[Mapping[str, Any]], *, base: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    """The absolute IRI of each term that the documents define, in order, over the `base` (a term map that holds
    before them); and which terms may be prefixes (JSON-LD 1.1 API, 4.1 and 4.2).

    Raises BadRequestData that says what the library found wrong.
    """
    library: Any
    contexts: Any
    import pyld.context_resolver as contexts  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]
    import pyld.jsonld as library  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    # A resolver of its own: the library's keeps every @context that it ever saw, whole.
    resolver = contexts.ContextResolver({}, _refuse)
    options = {
        "documentLoader": _refuse, "contextResolver": resolver, "processingMode": "json-ld-1.1", "base": ""
    }  # fmt: skip
    processor = library.JsonLdProcessor()
    try:
        initial = processor.process_context(None, None, options)
        active = processor.process_context(initial, {"@context": [base, *documents]}, options)
    except (library.JsonLdError, RecursionError, TypeError, ValueError, AttributeError) as error:
        raise BadRequestData(f"the @context is not valid JSON-LD: {_said(error)}") from error
    found: dict[str, str] = {}
    prefixes: set[str] = set()
    for term, definition in active["mappings"].items():
        if definition and isinstance(definition.get("@id"), str) and not definition["@id"].startswith("@"):
            found[term] = definition["@id"]
            if definition.get("_prefix"):
                prefixes.add(term)
    return found, frozenset(prefixes)


def _refuse(url: str, _: Any) -> Any:
    raise ValueError(f"it refers to {url[:200]}, which is not fetched here")


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its terms rest on each other too deeply"
    return str(error).split("\n")[0][:200] or type(error).__name__
