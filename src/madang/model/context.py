"""The @context: from a user's names to the canonical short form and back (ETSI GS CIM 009 v1.8.1, 4.4 and 5.5.7).

The core @context is embedded and has absolute precedence. So a name of the core or of the default vocabulary is its own
short form, and a request without a user @context needs no mapping at all (`CORE`).

Of a user's @context only the names count: which term stands for which IRI. Where it is a plain map of terms (a string,
or an object of ``@id`` and ``@type``), they are read here; where it is more, a JSON-LD library says what its terms mean
(`model/jsonld`). What would give NGSI-LD documents another shape is refused (5.5.7: scoped contexts; and ``@import``,
``@propagate``, ``@reverse``, ``@nest``) or has no effect (aliases of keywords; a user's ``@vocab`` outside of its own
definitions, since the core's comes last; ``@container`` and ``@language``, since values are written as NGSI-LD says).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, cast

import msgspec

from madang.errors import BadRequestData
from madang.model import jsonld

CORE_URL: Final = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"
_CORE_URL = re.compile(r"https?://uri\.etsi\.org/ngsi-ld/(v1/)?ngsi-ld-core-context(-v1\.[3-9](\.\d+)?)?\.jsonld")
_NAME = re.compile(r"[^\W\d_]\w*(?::[^\W\d_]\w*)?")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_TERMS = 20_000
_PREFIX_ENDS = tuple(":/?#[]@")
_PLAIN = frozenset(("@id", "@type"))

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
    """One @context, resolved: `terms` maps a user's terms to IRIs, `prefixes` are those of them that may be prefixes.

    `source` is what an answer's Link or body states; `has_core` says that it names the core @context itself.
    """

    def __init__(
        self,
        terms: Mapping[str, str],
        *,
        source: Any = CORE_URL,
        prefixes: Collection[str] | None = None,
        has_core: bool = False,
    ) -> None:
        self.source = source
        self.has_core = has_core
        self._terms = terms
        self._expanded: dict[str, str] = {}
        self._compacted: dict[str, str] = {}
        self._inverse: dict[str, str] = {}
        # The shortest term wins, then the first by alphabet (JSON-LD 1.1 API, inverse context creation).
        for term in sorted(terms, key=lambda t: (len(t), t), reverse=True):
            self._inverse[terms[term]] = term
        wanted = prefixes if prefixes is not None else [term for term, iri in terms.items() if _is_prefix(iri)]
        self._prefixes = {term: terms[term] for term in wanted}
        # By what they stand for, the best first: to compact a name, none of the others is looked at.
        self._starts: dict[str, list[str]] = {}
        for term in sorted(self._prefixes, key=lambda t: (len(t), t)):
            self._starts.setdefault(terms[term], []).append(term)
        self.plain = not terms

    @property
    def terms(self) -> Mapping[str, str]:
        """The user's terms and the IRIs that they stand for."""
        return self._terms

    @property
    def prefixes(self) -> Collection[str]:
        """Those of the terms that may be prefixes."""
        return self._prefixes.keys()

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
            start = None if rest.startswith("//") else _CORE_PREFIXES.get(prefix) or self._prefixes.get(prefix)
            iri = name if start is None else start + rest
        return name if iri is None else shorten(iri)

    def _compact(self, canonical: str) -> str:
        if canonical in _CORE_TERMS:
            return canonical
        iri = full(canonical)
        if iri in self._inverse:
            return self._inverse[iri]
        if ":" not in canonical:
            return canonical if canonical not in self._terms else iri
        # The shortest wins, then the first by alphabet; not one that is a term and so means something else.
        return min(self._short(iri), key=lambda one: (len(one), one), default=canonical)

    def _short(self, iri: str) -> Iterator[str]:
        """The best compact IRI of each namespace that the IRI is in."""
        for at in range(len(iri) - 1, 0, -1):
            rest = iri[at:]
            if iri[:at] in self._starts and _NAME.fullmatch(rest):
                names = (f"{prefix}:{rest}" for prefix in self._starts[iri[:at]])
                found = next((name for name in names if name not in self._terms), None)
                if found is not None:
                    yield found


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


def context_of(documents: Sequence[Mapping[str, Any]], *, source: Any, has_core: bool = False) -> Context:
    """The context of term maps in order: a later one overrides an earlier, the core overrides all.

    Raises BadRequestData for what a user @context may not hold (5.5.7).
    """
    for document in documents:
        _check(document)
    if sum(map(len, documents)) > _MAX_TERMS:
        # Counted before they are read: a few large maps, listed again and again, would be read for minutes.
        raise BadRequestData(f"the @context has more than {_MAX_TERMS} terms in all its parts together")
    if any(map(needs_library, documents)):
        found, prefixes = jsonld.terms(documents, base={"@vocab": _VOCAB, **_CORE_PREFIXES})
    else:
        found, prefixes = _plain(documents)
    if len(found) > _MAX_TERMS:
        raise BadRequestData(f"the @context has {len(found)} terms; the limit is {_MAX_TERMS}")
    wrong = next((term for term, iri in found.items() if _CONTROL.search(iri)), None)
    if wrong is not None:
        raise BadRequestData(f"the @context's term {wrong[:80]!r} stands for an IRI with a control character")
    terms = {t: iri for t, iri in found.items() if t not in _CORE_TERMS and t not in _CORE_PREFIXES}
    if not terms:
        return CORE
    own = [term for term in prefixes if term in terms]
    return Context(terms, source=source, prefixes=own, has_core=has_core)


def needs_library(document: Mapping[str, Any]) -> bool:
    """The document is more than a map from terms to IRIs."""
    return any(
        name not in ("@version", "@protected") if name.startswith("@") else not _is_plain(definition)
        for name, definition in document.items()
    )


def _is_plain(definition: Any) -> bool:
    if isinstance(definition, dict):
        return cast(dict[str, Any], definition).keys() <= _PLAIN
    return definition is None or isinstance(definition, str)


def _check(document: Mapping[str, Any]) -> None:
    """Raises BadRequestData for what 5.5.7 forbids, and for what would change the shape of a document."""
    if len(document) > _MAX_TERMS:
        raise BadRequestData(f"the @context has {len(document)} terms; the limit is {_MAX_TERMS}")
    for name in ("@import", "@propagate"):
        if name in document:
            raise BadRequestData(f"the @context uses {name}, which an NGSI-LD @context may not")
    for term, given in document.items():
        if term.startswith("@"):
            continue
        definition: Any = cast(dict[str, Any], given) if isinstance(given, dict) else {"@id": given}
        if not isinstance(definition.get("@id", ""), str | None):
            raise BadRequestData(f"the @context's term {term[:80]!r} has to be an IRI, a string")
        if isinstance(given, dict):
            if "@context" in definition:
                raise BadRequestData(f"the @context's term {term[:80]!r} is scoped; that is not allowed (clause 5.5.7)")
            if "@reverse" in definition or "@nest" in definition:
                raise BadRequestData(f"the @context's term {term[:80]!r} is a reverse or nested one; NGSI-LD has none")


def _plain(documents: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """The absolute IRI of each term, and which terms may be prefixes."""
    found: dict[str, str] = {}
    simple: set[str] = set()
    for document in documents:
        simple = (simple - document.keys()) | {term for term, given in document.items() if isinstance(given, str)}
        definitions = {**found, **dict(_definitions(document))}
        for term in document.keys() & definitions.keys():
            found[term] = _resolve(definitions[term], definitions, simple)
    return found, [term for term in simple if _is_prefix(found.get(term, ""))]


def _is_prefix(iri: str) -> bool:
    """It ends like a namespace. Only such a term, defined by a bare string, is a prefix (JSON-LD 1.1 API, 4.2.2)."""
    return iri.endswith(_PREFIX_ENDS)


def _definitions(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for term, definition in document.items():
        if term.startswith("@"):
            continue
        iri: Any = definition
        if isinstance(definition, dict):
            iri = cast(dict[str, Any], definition).get("@id", term)
        if iri is None or (isinstance(iri, str) and iri.startswith("@")):
            continue
        yield term, iri


def _resolve(iri: str, definitions: Mapping[str, str], simple: Collection[str], depth: int = 0) -> str:
    """The absolute IRI behind a compact one; prefixes may rest on prefixes, not on themselves."""
    prefix, colon, rest = iri.partition(":")
    if not colon:
        known = definitions.get(iri)
        if known is None or known == iri:
            return _VOCAB + iri
        return _resolve(known, definitions, simple, _deeper(depth, iri))
    if rest.startswith("//"):
        return iri
    start = _CORE_PREFIXES.get(prefix)
    if start is None and prefix in simple and definitions.get(prefix, iri) != iri:
        start = _resolve(definitions[prefix], definitions, simple, _deeper(depth, iri))
        start = start if _is_prefix(start) else None
    return iri if start is None else start + rest


def _deeper(depth: int, iri: str) -> int:
    if depth > 16:
        raise BadRequestData(f"the @context's term {iri[:80]!r} is defined by itself")
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
