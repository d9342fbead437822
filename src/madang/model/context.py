"""The @context: from a user's names to the canonical short form and back (ETSI GS CIM 009 v1.8.1, 4.4 and 5.5.7).

The core @context is embedded and has absolute precedence. So a name of the core or of the default vocabulary is its own
short form, and a request without a user @context needs no mapping at all (`CORE`). Of a user's @context the term
definitions count (a string, or an object with ``@id``); scoped contexts are refused, as 5.5.7 asks; a user's ``@vocab``
is overridden by the core's, which comes last.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, cast

import msgspec

from madang.errors import BadRequestData

CORE_URL: Final = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"
_CORE_URL = re.compile(r"https?://uri\.etsi\.org/ngsi-ld/(v1/)?ngsi-ld-core-context(-v1\.[3-9](\.\d+)?)?\.jsonld")
_NAME = re.compile(r"[^\W\d_]\w*(?::[^\W\d_]\w*)?")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")
_MAX_TERMS = 20_000
_PREFIX_ENDS = tuple(":/?#[]@")

CORE_DOCUMENT: Final[Mapping[str, Any]] = msgspec.json.decode(
    files("madang.model.contexts").joinpath("core.json").read_bytes()
)


def is_core(url: str) -> bool:
    """Whether the URL names a version of the core @context; it is embedded and never fetched."""
    return bool(_CORE_URL.fullmatch(url))


def is_name(text: str) -> bool:
    """Whether the text may name a type or an attribute (4.6.2): letter, letters, digits, ``_``; a prefix; or an IRI."""
    return bool(_NAME.fullmatch(text) or _IRI.fullmatch(text))


def is_uri(text: object) -> bool:
    """Whether the value is an absolute URI or IRI, as identifiers have to be."""
    return isinstance(text, str) and bool(_IRI.fullmatch(text))


class Context:
    """One @context, resolved: `terms` maps a user's terms to IRIs. `source` is what an answer's Link or body states."""

    def __init__(self, terms: Mapping[str, str], *, source: Any = CORE_URL) -> None:
        self.source = source
        self._terms = terms
        self._expanded: dict[str, str] = {}
        self._compacted: dict[str, str] = {}
        self._inverse: dict[str, str] = {}
        # The shortest term wins, then the first by alphabet (JSON-LD 1.1 API, inverse context creation).
        for term in sorted(terms, key=lambda t: (len(t), t), reverse=True):
            self._inverse[terms[term]] = term
        self._prefixes = sorted(
            ((iri, term) for term, iri in terms.items() if iri.endswith(_PREFIX_ENDS)), key=lambda p: -len(p[0])
        )
        self.plain = not terms

    @property
    def terms(self) -> Mapping[str, str]:
        """The user's terms and the IRIs that they stand for."""
        return self._terms

    def expand(self, name: str) -> str:
        """The canonical short form of a user's name. Raises BadRequestData for a name with forbidden characters."""
        found = self._expanded.get(name)
        if found is None:
            found = self._expand(name)
            if len(self._expanded) < _MAX_TERMS:
                self._expanded[name] = found
        return found

    def compact(self, canonical: str) -> str:
        """The name that this context gives to a canonical short form; the full IRI where it gives none."""
        if self.plain:
            return canonical
        found = self._compacted.get(canonical)
        if found is None:
            found = self._compact(canonical)
            if len(self._compacted) < _MAX_TERMS:
                self._compacted[canonical] = found
        return found

    def _expand(self, name: str) -> str:
        if not is_name(name):
            raise BadRequestData(
                f"the name {name!r} is not allowed: a letter, then letters, digits or _ (or an IRI); see clause 4.6.2"
            )
        if name in _CORE_TERMS:
            return name
        iri = self._terms.get(name)
        if iri is None and ":" in name:
            prefix, rest = name.split(":", 1)
            iri = (self._terms.get(prefix) or _CORE_PREFIXES.get(prefix, prefix + ":")) + rest
        return name if iri is None else shorten(iri)

    def _compact(self, canonical: str) -> str:
        if canonical in _CORE_TERMS:
            return canonical
        iri = full(canonical)
        if iri in self._inverse:
            return self._inverse[iri]
        if ":" not in canonical:
            return canonical if canonical not in self._terms else iri
        for start, prefix in self._prefixes:
            if iri.startswith(start) and len(iri) > len(start) and _NAME.fullmatch(iri[len(start) :]):
                return f"{prefix}:{iri[len(start) :]}"
        return canonical


def full(canonical: str) -> str:
    """The full IRI of a canonical short form."""
    if canonical in _CORE_TERMS:
        return _CORE_TERMS[canonical]
    return canonical if ":" in canonical else _VOCAB + canonical


def shorten(iri: str) -> str:
    """The canonical short form of a full IRI: the core's term, a bare name of the default vocabulary, else the IRI."""
    if iri in _CORE_INVERSE:
        return _CORE_INVERSE[iri]
    if iri.startswith(_VOCAB):
        rest = iri[len(_VOCAB) :]
        if rest not in _CORE_TERMS and _NAME.fullmatch(rest) and ":" not in rest:
            return rest
    return iri


def context_of(documents: list[Mapping[str, Any]], *, source: Any) -> Context:
    """The context of term maps in order: a later one overrides an earlier, the core overrides all.

    Raises BadRequestData for what a user @context may not hold (5.5.7).
    """
    definitions: dict[str, str] = {}
    for document in documents:
        for term, iri in _definitions(document):
            definitions[term] = iri
    if len(definitions) > _MAX_TERMS:
        raise BadRequestData(f"the @context has {len(definitions)} terms; the limit is {_MAX_TERMS}")
    terms = {term: _resolve(iri, definitions) for term, iri in definitions.items() if term not in _CORE_TERMS}
    return Context(terms, source=source) if terms else CORE


def _definitions(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for term, definition in document.items():
        if term.startswith("@"):
            if term in ("@import", "@propagate"):
                raise BadRequestData(f"the @context uses {term}, which an NGSI-LD @context may not")
            continue
        iri: Any = definition
        if isinstance(definition, dict):
            parts = cast(dict[str, Any], definition)
            if "@context" in parts:
                raise BadRequestData(f"the @context's term {term!r} is scoped; that is not allowed (clause 5.5.7)")
            iri = parts.get("@id", term)
        if iri is None or (isinstance(iri, str) and iri.startswith("@")):
            continue
        if not isinstance(iri, str):
            raise BadRequestData(f"the @context's term {term!r} has to be an IRI, a string")
        yield term, iri


def _resolve(iri: str, definitions: Mapping[str, str], depth: int = 0) -> str:
    """The absolute IRI behind a compact one; prefixes may rest on prefixes, not on themselves."""
    prefix, colon, rest = iri.partition(":")
    if not colon:
        known = definitions.get(iri)
        return _VOCAB + iri if known is None or known == iri else _resolve(known, definitions, _deeper(depth, iri))
    if rest.startswith("//") or prefix not in definitions or definitions[prefix] == iri:
        return _CORE_PREFIXES[prefix] + rest if prefix in _CORE_PREFIXES else iri
    return _resolve(definitions[prefix], definitions, _deeper(depth, iri)) + rest


def _deeper(depth: int, iri: str) -> int:
    if depth > 16:
        raise BadRequestData(f"the @context's term {iri!r} is defined by itself")
    return depth + 1


def _core() -> tuple[dict[str, str], dict[str, str]]:
    definitions = dict(_definitions(CORE_DOCUMENT["@context"]))
    prefixes = {name: definitions.pop(name) for name in ("ngsi-ld", "geojson")}
    return {
        t: prefixes[i.split(":")[0]] + i.split(":")[1] if not i.startswith("http") else i
        for t, i in definitions.items()
    }, prefixes


_VOCAB: Final[str] = CORE_DOCUMENT["@context"]["@vocab"]
_CORE_TERMS, _CORE_PREFIXES = _core()
_CORE_INVERSE = {iri: term for term, iri in _CORE_TERMS.items()}

CORE: Final = Context({})
"""The core @context alone: names are already canonical."""
