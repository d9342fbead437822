"""Names mean what a JSON-LD library says they mean: expanding and compacting against PyLD (JSON-LD 1.1 API)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from madang.errors import BadRequestData
from madang.model.context import CORE, CORE_DOCUMENT, Context, context_of, full

# A prefix that nobody defines has to look like a scheme, without underscore: `a_:b` is no IRI, and no name of ours.
schemes = st.from_regex(r"[a-z]{1,4}[A-Z0-9]?", fullmatch=True)
words = st.from_regex(r"[a-z]{1,4}[A-Z0-9_]?", fullmatch=True)
namespaces = st.sampled_from(["https://a.example/", "https://a.example/b#", "urn:a:", "https://c.example/v"])
iris = st.builds(str.__add__, namespaces, words)
plain = iris | namespaces | st.builds("{}:{}".format, words, words)
definitions = plain | st.builds(lambda iri: {"@id": iri}, plain) | st.builds(
    lambda iri, type: {"@id": iri, "@type": type}, iris, st.sampled_from(["@id", "@vocab", "DateTime", "@json"])
)  # fmt: skip
more = st.builds(
    lambda iri, extra: {"@id": iri, **extra},
    iris,
    st.sampled_from([{"@container": "@list"}, {"@container": "@set"}, {"@language": "ko"}, {"@prefix": True}]),
)
documents = st.lists(st.dictionaries(words, definitions, max_size=5), min_size=1, max_size=3)
rich = st.lists(
    st.dictionaries(words, definitions | more, max_size=5)
    | st.builds(lambda terms: {**terms, "@vocab": "https://v.example/"}, st.dictionaries(words, iris, max_size=3)),
    min_size=1,
    max_size=3,
)


def offline(url: str, _: Any) -> Any:
    raise AssertionError(f"{url} is asked for")


def library_expands(contexts: list[Any], name: str) -> str:
    """The IRI of a name as an attribute, by the library: the user's contexts, then the core's, which comes last."""
    document = {"@context": [*contexts, CORE_DOCUMENT["@context"]], name: {"value": 1}}
    expanded = jsonld.expand(document, {"documentLoader": offline})
    return next(key for key in expanded[0] if not key.startswith("@"))


def library_compacts(contexts: list[Any], iri: str) -> str:
    whole = {iri: [{"https://uri.etsi.org/ngsi-ld/hasValue": [{"@value": 1}]}]}
    found = jsonld.compact(whole, [*contexts, CORE_DOCUMENT["@context"]], {"documentLoader": offline})
    return next(key for key in found if not key.startswith("@"))


def ours(contexts: list[Any]) -> Context | None:
    try:
        return context_of(contexts, source=None)
    except BadRequestData:
        return None


@settings(max_examples=150, deadline=None)
@given(documents | rich, words | iris | st.builds("{}:{}".format, schemes, words))
def test_a_name_is_expanded_as_the_library_does(contexts: list[Any], name: str) -> None:
    context = ours(contexts)
    try:
        expected = library_expands(contexts, name)
    except (jsonld.JsonLdError, StopIteration):
        return
    assert context is not None
    assert full(context.expand(name)) == expected


@settings(max_examples=150, deadline=None)
@given(documents | rich, iris | words.map(lambda word: CORE_DOCUMENT["@context"]["@vocab"] + word))
def test_what_is_compacted_means_the_same_to_the_library(contexts: list[Any], iri: str) -> None:
    """The library may write it shorter; it is read back as the same name by both."""
    context = ours(contexts)
    if context is None:
        return
    name = context.compact(context.expand(iri))
    assert full(context.expand(name)) == iri
    try:
        assert library_expands(contexts, name) == iri
        theirs = library_compacts(contexts, iri)
    except (jsonld.JsonLdError, StopIteration):
        return
    assert full(context.expand(theirs)) == iri


@pytest.mark.parametrize(
    ("document", "name", "iri"),
    [
        ({"@vocab": "https://v.example/", "speed": {"@type": "@id"}}, "speed", "https://v.example/speed"),
        ({"tags": {"@id": "https://v.example/tags", "@container": "@set"}}, "tags", "https://v.example/tags"),
        ({"v": {"@id": "https://v.example/v", "@prefix": True}}, "v:x", "https://v.example/vx"),
        ({"v": "https://v.example/v"}, "v:x", "v:x"),
        ({"v": "https://v.example/"}, "v:x", "https://v.example/x"),
        ({"label": {"@id": "https://v.example/label", "@language": "ko"}}, "label", "https://v.example/label"),
        ({"@protected": True, "a": "https://v.example/a"}, "a", "https://v.example/a"),
        ({"@language": "ko", "a": "https://v.example/a"}, "a", "https://v.example/a"),
    ],
)
def test_contexts_that_are_more_than_maps(document: dict[str, Any], name: str, iri: str) -> None:
    context = context_of([document], source=document)
    assert full(context.expand(name)) == iri
    assert context.expand(context.compact(context.expand(name))) == context.expand(name)


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"@id": "b:x", "@container": "@set"}, "b": {"@id": "a:y", "@container": "@set"}},
        {"a": {"@id": "https://v.example/a", "@container": "@bag"}},
        {"a": {"@reverse": "https://v.example/a"}},
        {"a": {"@id": "https://v.example/a", "@nest": "b"}},
        {"@base": 5},
        {"@vocab": {}},
        {"@version": 2, "a": {"@id": "https://v.example/a", "@container": "@set"}},
        {"@unknown": {}, "@import": "https://v.example/x"},
        {f"t{n}": {"@id": f"t{n + 1}:x", "@prefix": True} for n in range(3000)},
    ],
)
def test_contexts_that_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(BadRequestData):
        context_of([document], source=None)


def test_aliases_of_keywords_have_no_effect() -> None:
    document = {"id": "@id", "type": "@type", "name": "@id", "list": {"@id": "@list", "@container": "@set"}}
    assert context_of([document], source=document) is CORE
