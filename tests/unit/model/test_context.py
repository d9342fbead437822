"""Laws of the @context: expanding and compacting are inverse, the core comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData
from madang.model.context import CORE, CORE_URL, Context, context_of, full, is_core, is_name, is_uri, shorten

DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
words = st.from_regex(r"[a-zA-Z가-힣][a-zA-Z0-9_가-힣]{0,8}", fullmatch=True)
iris = st.builds(
    lambda host, rest: f"https://{host}.example/{rest}", st.from_regex(r"[a-z]{1,5}", fullmatch=True), words
)
terms = st.dictionaries(words, iris | words.map(lambda word: DEFAULT + word), max_size=6)
canonical = words | iris | st.sampled_from(["location", "description", "title", "status"])


@given(terms, canonical)
def test_expanding_what_was_compacted_gives_the_same(given_terms: dict[str, str], name: str) -> None:
    context = context_of([given_terms], source=given_terms)
    assert context.expand(context.compact(name)) == name


@given(terms)
def test_a_term_means_its_iri(given_terms: dict[str, str]) -> None:
    context = context_of([given_terms], source=None)
    for term, iri in given_terms.items():
        if CORE.expand(term) == shorten(full(term)) and full(term).startswith(DEFAULT):
            assert full(context.expand(term)) == iri


@given(canonical)
def test_the_short_form_and_the_whole_one_are_inverse(name: str) -> None:
    assert shorten(full(name)) == name


@given(canonical)
def test_the_core_needs_no_mapping(name: str) -> None:
    assert CORE.expand(name) == CORE.compact(name) == name


def test_names_of_the_core_and_of_the_default_vocabulary_are_bare() -> None:
    assert full("location") == "https://uri.etsi.org/ngsi-ld/location"
    assert full("description") == "http://purl.org/dc/terms/description"
    assert full("speed") == DEFAULT + "speed"
    assert shorten("https://uri.etsi.org/ngsi-ld/hasValue") == "value"
    assert CORE.expand("ngsi-ld:location") == "location"


def test_a_bare_name_that_the_context_gives_another_meaning_is_written_whole() -> None:
    context = context_of([{"speed": "https://x.org/v"}], source=None)
    assert context.compact("speed") == DEFAULT + "speed"
    assert context.compact("https://x.org/v") == "speed"


def test_prefixes_work_both_ways() -> None:
    context = context_of([{"schema": "https://schema.org/"}], source=None)
    assert context.expand("schema:name") == "https://schema.org/name"
    assert context.compact("https://schema.org/name") == "schema:name"


def test_a_later_document_overrides_an_earlier_one_and_the_core_all() -> None:
    context = context_of(
        [{"a": "https://x.org/1", "location": "https://x.org/2"}, {"a": "https://x.org/3"}], source=None
    )
    assert context.expand("a") == "https://x.org/3"
    assert context.expand("location") == "location"


@pytest.mark.parametrize("version", ["", "-v1.3", "-v1.5", "-v1.6", "-v1.7", "-v1.8", "-v1.9"])
def test_versions_of_the_core_are_known(version: str) -> None:
    assert is_core(f"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context{version}.jsonld")
    assert is_core(CORE_URL) and not is_core("https://example.org/ngsi-ld-core-context.jsonld")


@pytest.mark.parametrize("name", ["speed", "sp2_x", "속도", "fiware:speed", "https://x.org/a#b", "urn:x:y"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "1a", "a b", "a-b", "a.b", "a<b", "_a", "a'", "http://x y", "@type", "a;b"])
def test_no_names(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(BadRequestData):
        Context({}).expand(name)


@pytest.mark.parametrize(
    ("text", "yes"), [("urn:a:b", True), ("http://x/y?z=1", True), ("a", False), ("urn:", False), (5, False)]
)
def test_uris(text: object, yes: bool) -> None:
    assert is_uri(text) is yes


@pytest.mark.parametrize(
    "document",
    [{"a": {"@id": "x:y", "@context": {}}}, {"a": 5}, {"a": {"@id": 5}}, {"@import": "x"}, {"a": "b:c", "b": "a:d"}],
)
def test_refuses_a_context(document: dict[str, object]) -> None:
    with pytest.raises(BadRequestData):
        context_of([document], source=None)


def test_a_context_has_limits() -> None:
    with pytest.raises(BadRequestData, match="limit"):
        context_of([{f"t{n}": f"https://x.org/{n}" for n in range(20_001)}], source=None)
