"""What a caller asks the hub for: which entities, which of their attributes, which part of the past, which page."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from madang.model.entity import Kind
from madang.model.query.tree import Condition, Path
from madang.model.time import Duration

AnyOfAll = tuple[tuple[str, ...], ...]
"""A disjunction of conjunctions: ``(("A", "B"), ("C",))`` is (A and B) or C. Empty: no restriction."""


class Georel(StrEnum):
    """Relations of the geo-query language (ETSI GS CIM 009 v1.8.1, 4.10)."""

    NEAR = "near"
    WITHIN = "within"
    CONTAINS = "contains"
    INTERSECTS = "intersects"
    EQUALS = "equals"
    DISJOINT = "disjoint"
    OVERLAPS = "overlaps"


class GeoFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The entity's GeoProperty `property` stands in `relation` to `geometry` (GeoJSON, WGS 84, longitude first).

    ``near`` has exactly one of `max_distance_m` and `min_distance_m` (metres); the others have neither.
    """

    relation: Georel
    geometry: Mapping[str, Any]
    property: str = "location"
    max_distance_m: float | None = None
    min_distance_m: float | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One key of `orderBy` (v1.9.1, 4.23): the value at `path`, or how far the GeoProperty there is from `origin`
    (GeoJSON). ``id``, ``type`` and the temporal members are paths of one name, too. `collation` names how texts are
    ordered (None: by code point)."""

    path: Path
    descending: bool = False
    origin: Mapping[str, Any] | None = None
    collation: str | None = None


MOST_SELECTORS = 256
"""Of a query: each entity that may match is held against all of them. One may have many ids."""


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """An EntitySelector (5.2.33): entities of these types that have one of the ids, or an id that the pattern is found
    in. An empty part does not restrict."""

    types: AnyOfAll = ()
    ids: tuple[str, ...] = ()
    id_pattern: str | None = None


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """Which members of an entity are in an answer (4.21): only `pick`, all but `omit`; and of the entities that its
    relationships lead to, by the relationship's name (`linked`)."""

    pick: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    linked: tuple[tuple[str, "Projection"], ...] = ()

    def of(self, name: str) -> "Projection":
        """What is in the answer of the entities that the relationship leads to."""
        return next((one for relation, one in self.linked if relation == name), EVERY_MEMBER)

    @property
    def depth(self) -> int:
        """Over how many relationships it reaches."""
        return 1 + max(one.depth for _, one in self.linked) if self.linked else 0


EVERY_MEMBER = Projection()
"""All of an entity."""


class EntityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query Entities (5.7.2). Every part restricts; an empty part does not.

    - `types`: type expression in disjunctive form (4.17); `scopes`: the same over scope patterns (4.19: ``/a/+``).
    - `ids`: any of these. `id_pattern`: a regular expression found anywhere in the id.
    - `selectors`: at least one of them selects the entity.
    - `attributes` (`attrs`): the entity has at least one of them, and only they are in the answer.
    - `pick`, `omit` (4.21): only, or all but, these members are in the answer; ``id`` and ``type`` are members too. An
      entity that has none of the picked attributes is not in the answer. `linked`: the same of linked entities.
    - `datasets`: only the instances with one of these datasetIds are in the answer (``@none``: those without).
    - `where`: the tree of `q`. `geo`: the geo-query.
    - `order`: the keys to sort by (``model/order`` says how values compare); then, or where there are none, by id.
    - `alive_at`: entities that expired by then are not there (expiresAt); None: all are.
    - `after`: only those whose id comes after this one: the next page, whatever was written since the last.
    - `limit` (0 only with `count`) and `offset`: the page; `count`: the caller wants the total as well.
    - `lean`: the caller has no use for attributes that the query does not pick; a store may leave them out.
    """

    types: AnyOfAll = ()
    ids: tuple[str, ...] = ()
    id_pattern: str | None = None
    attributes: tuple[str, ...] = ()
    pick: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    linked: tuple[tuple[str, Projection], ...] = ()
    selectors: tuple[Selector, ...] = ()
    datasets: tuple[str, ...] = ()
    where: Condition | None = None
    geo: GeoFilter | None = None
    scopes: AnyOfAll = ()
    order: tuple[Order, ...] = ()
    alive_at: datetime | None = None
    after: str = ""
    limit: int = 20
    offset: int = 0
    count: bool = False
    lean: bool = False


class Timerel(StrEnum):
    """Relations of the temporal query language (4.11)."""

    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"


class TemporalQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the past (v1.9.1, 4.11): `property` before `at` (exclusive), after `at` (inclusive), or from `at`
    (inclusive) to `end` (exclusive). `relation` None: all of it.

    `property` is ``observedAt``, ``createdAt``, ``modifiedAt`` or ``deletedAt``. A sample without it is in no range; of
    ``deletedAt`` it is never in the answer, range or not: only deletions have one. `last`: only that many newest
    samples of each attribute, whatever their datasetId; `first`: only that many oldest (not together with `last`).
    """

    relation: Timerel | None = None
    at: datetime | None = None
    end: datetime | None = None
    property: str = "observedAt"
    last: int | None = None
    first: int | None = None


class Method(StrEnum):
    """Aggregation methods (4.5.19)."""

    TOTAL_COUNT = "totalCount"
    DISTINCT_COUNT = "distinctCount"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    STDDEV = "stddev"
    SUMSQ = "sumsq"


class Aggregation(msgspec.Struct, frozen=True, kw_only=True):
    """Which aggregates of the past (4.5.19, 4.11): each of `methods` over each `period` (None: over the whole range).

    Periods follow each other from the start of the range, or, where it has none, from the first sample of the instance
    in it (our choice: the standard does not say). A period ends where the next begins, also the last one. The whole
    range is from its start, or the first sample, to its end, or the last sample.
    """

    methods: tuple[Method, ...]
    period: Duration | None = None


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """The aggregates of one instance (attribute and datasetId) of an entity: for each method the values in order of
    time, each with the start and the end of its period. Periods without a sample are left out; a method that has no
    value in any period, too. `kind` is that of the newest sample."""

    id: str
    name: str
    kind: Kind
    dataset_id: str | None
    values: Mapping[Method, tuple[tuple[Any, datetime, datetime], ...]]
