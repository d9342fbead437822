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
    (GeoJSON). ``id``, ``type`` and the temporal members are paths of one name, too."""

    path: Path
    descending: bool = False
    origin: Mapping[str, Any] | None = None


class EntityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query Entities (5.7.2). Every part restricts; an empty part does not.

    - `types`: type expression in disjunctive form (4.17); `scopes`: the same over scope patterns (4.19: ``/a/+``).
    - `ids`: any of these. `id_pattern`: a regular expression found anywhere in the id.
    - `attributes` (`attrs`): the entity has at least one of them, and only they are in the answer.
    - `pick`, `omit` (4.21): only, or all but, these members are in the answer; ``id`` and ``type`` are members too. An
      entity that has none of the picked attributes is not in the answer.
    - `datasets`: only the instances with one of these datasetIds are in the answer (``@none``: those without).
    - `where`: the tree of `q`. `geo`: the geo-query.
    - `order`: the keys to sort by (``model/order`` says how values compare); then, or where there are none, by id.
    - `alive_at`: entities that expired by then are not there (expiresAt); None: all are.
    - `limit` (0 only with `count`) and `offset`: the page; `count`: the caller wants the total as well.
    """

    types: AnyOfAll = ()
    ids: tuple[str, ...] = ()
    id_pattern: str | None = None
    attributes: tuple[str, ...] = ()
    pick: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    where: Condition | None = None
    geo: GeoFilter | None = None
    scopes: AnyOfAll = ()
    order: tuple[Order, ...] = ()
    alive_at: datetime | None = None
    limit: int = 20
    offset: int = 0
    count: bool = False


class Timerel(StrEnum):
    """Relations of the temporal query language (4.11)."""

    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"


class TemporalQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the past (4.11): `property` before `at` (exclusive), after `at` (exclusive), or from `at`
    (inclusive) to `end` (exclusive).

    `relation` None: all of it. `last`: only that many newest instances of each attribute. Which ends are closed is our
    choice where the standard leaves it open: two neighbouring ranges then share no sample.
    """

    relation: Timerel | None = None
    at: datetime | None = None
    end: datetime | None = None
    property: str = "observedAt"
    last: int | None = None


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

    A period of calendar months begins with the range, like any other.
    """

    methods: tuple[Method, ...]
    period: Duration | None = None


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """The aggregates of one instance (attribute and datasetId) of an entity: for each method the values in order of
    time, each with the start and the end of its period. Periods without a sample are left out."""

    id: str
    name: str
    kind: Kind
    dataset_id: str | None
    values: Mapping[Method, tuple[tuple[Any, datetime, datetime], ...]]
