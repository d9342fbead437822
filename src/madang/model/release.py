"""How a dataset is released: as which files, how often, and under which guarantee (a dataset's ``[release]``)."""

from typing import Final

import msgspec

from madang.model.statistic import Statistic

FORMATS: Final = ("csv", "geojson", "ndjson", "parquet")
"""What a release may be had as; ``parquet`` is GeoParquet where there are places."""


class Anonymity(msgspec.Struct, frozen=True, kw_only=True):
    """A row a person, made alike in groups (``govern/anonymise`` says what the words mean). What is not named is left
    out. A person with several entities has one row."""

    quasi: tuple[str, ...]
    sensitive: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    k: int = 5
    l: int = 1  # noqa: E741 the name of the guarantee
    t: float | None = None
    suppress: float = 0.05


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics with noise instead of rows. Each release spends `epsilon` (and `delta`), shared out evenly among the
    `statistics`; in all the time of `renew` (ISO 8601; none: for ever) no more than `budget` (and `budget_delta`) is
    spent. A person counts with at most `contributions` entities; a group of fewer than `minimum` is withheld."""

    epsilon: float
    budget: float
    statistics: tuple[Statistic, ...]
    delta: float = 0.0
    budget_delta: float = 0.0
    renew: str = ""
    contributions: int = 1
    minimum: int = 0


class Mobility(msgspec.Struct, frozen=True, kw_only=True):
    """Positions over time as flows between cells of `cell_m` and as how many were in each, by periods of `every` (ISO
    8601), within `box` (west, south, east, north; degrees). The positions are the past of the attribute `of`, of the
    last `window`. A person counts with at most `contributions` trips and as many visits; the rest is as in Privacy."""

    box: tuple[float, ...]
    epsilon: float
    budget: float
    of: str = "location"
    cell_m: float = 1000.0
    window: str = "P1D"
    every: str = "PT1H"
    stay: str = "PT10M"
    renew: str = ""
    contributions: int = 4
    minimum: int = 10


class ReleaseSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`every` is an ISO 8601 duration (none: when somebody asks), `keep` how long the files of older releases stay
    (none: for ever). With none of the guarantees what the public sees is released, as it is; with one of them the data
    of the whole dataset, read for `purpose`, and nothing leaves that does not keep it."""

    formats: tuple[str, ...] = ("csv", "ndjson")
    every: str = ""
    keep: str = ""
    purpose: str = "public-information"
    anonymity: Anonymity | None = None
    privacy: Privacy | None = None
    mobility: Mobility | None = None

    @property
    def guaranteed(self) -> bool:
        """It may be of data that the public does not see."""
        return not (self.anonymity is None and self.privacy is None and self.mobility is None)
